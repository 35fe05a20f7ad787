"""Handing over and signing out, badges on other pages, and who may leave the window."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.builders import reading
from tests.ui.pages.people.at_counter import enter_pin, lock, open_swap, person_words, said
from tests.ui.pages.people.crew import BADGES, JOSEPH, LYDIA, PINS, SUP, TECH, at_work, crew_of
from tests.ui.pages.people.states import locked_page, sign_in_page
from tests.ui.window_counter import Window, World
from ui.pages.overlays.hand_over_page import OPEN_SWAP, HandOverPage
from ui.pages.people.sign_in_page import SignInPage
from ui.widgets.status_line import PERSON
from ui.window.people_gate import BADGE_ELSEWHERE

# -- handing over, signing out, badges elsewhere


def test_who_works_here_is_a_target_that_hands_over_with_the_swap_open(window: Window, world: World, qtbot: QtBot) -> None:
    open_swap(world, window)
    swap, button = window.wizard.swap, window.frame.status_line._person
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    page = window.wizard.overlay
    assert isinstance(page, HandOverPage)
    assert "Open swap, step 5 of 6" in said(window)
    window.wizard.scan(BADGES[LYDIA])
    qtbot.waitUntil(lambda: person_words(window) == "Lydia K.")
    assert (window.wizard.swap, window.wizard.overlay) == (swap, None)


def test_handing_over_by_pin_goes_over_the_page_of_names(window: Window, world: World, qtbot: QtBot) -> None:
    open_swap(world, window)
    window.wizard.open_overlay(PERSON)
    window.press("other")
    sign_in_page(window).choose(LYDIA)
    enter_pin(window, PINS[LYDIA])
    qtbot.waitUntil(lambda: person_words(window) == "Lydia K.")


def test_nobody_signs_out_over_an_open_swap(window: Window, world: World, qtbot: QtBot) -> None:
    open_swap(world, window)
    window.wizard.open_overlay(PERSON)
    page = window.wizard.overlay
    assert isinstance(page, HandOverPage)
    page._sign_out()
    assert window.title == OPEN_SWAP
    window.wizard.show_swap(None)
    page.enter(None)
    page._sign_out()
    qtbot.waitUntil(lambda: window.title == "Who works here now?")


@pytest.mark.parametrize("place", ["customer", "review", "link"])
def test_a_badge_on_any_other_page_is_looked_up_nowhere(window: Window, world: World, qtbot: QtBot, place: str) -> None:
    at_work(world, window, JOSEPH)
    if place == "review":
        window.wizard.show_swap(world.to_review())
    elif place == "link":
        window.wizard.open_overlay("link")
    asked, title = list(world.teller.asked), window.title
    for code in (BADGES[LYDIA], BADGES[LYDIA].lower(), f"x{BADGES[LYDIA]}", BADGES[LYDIA][:20]):
        window.wizard.scan(code)
        assert window.frame.notice == BADGE_ELSEWHERE
        assert BADGES[LYDIA][5:] not in said(window).upper()
    window.wizard.scan("SQB&:ABCDEF", BADGES[LYDIA])  # the same on a keyboard of another language
    assert window.frame.notice == BADGE_ELSEWHERE
    assert (world.teller.asked, window.title, person_words(window)) == (asked, title, "Joseph M.")


def test_people_who_come_to_be_known_are_asked_for_when_nothing_is_at_work(window: Window, world: World, qtbot: QtBot) -> None:
    world.scanner.readings["BAT-12345"] = reading()
    page = window.wizard.page
    assert page is not None
    page.acting = True
    crew_of(world)
    window.wizard._tick()
    assert window.wizard.gate.page is None
    page.acting = False
    window.wizard._tick()
    assert isinstance(window.wizard.gate.page, SignInPage)


@pytest.mark.parametrize(("person_id", "may"), [(JOSEPH, False), (SUP, False), (TECH, True)])
def test_only_a_technician_may_leave_the_window(window: Window, world: World, person_id: str, may: bool) -> None:  # noqa: FBT001  a row
    assert window.wizard.gate.may_leave
    at_work(world, window, person_id)
    assert window.wizard.gate.may_leave is may


def test_a_locked_technician_may_not_leave_it(window: Window, world: World, qtbot: QtBot) -> None:
    at_work(world, window, TECH)
    lock(world, window, qtbot)
    assert not window.wizard.gate.may_leave
    assert locked_page(window).isVisible()
