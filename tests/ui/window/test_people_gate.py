"""Who works here decides what is seen: sign-in, lock, hand-over, badges; what is open goes on below and is never lost."""

import pytest
from pytestqt.qtbot import QtBot

from kiosk.domain.swap.swap import Step
from tests.ui.pages.people.at_counter import CUSTOMER, enter_pin, lock, open_swap, person_words, said, type_pin
from tests.ui.pages.people.crew import BADGES, JOSEPH, LYDIA, PINS, SUP, WRONG, at_work, lock_out, new_person
from tests.ui.pages.people.states import sign_in_page
from tests.ui.window_counter import Window, World
from ui.pages.people.locked_page import LOCKED_HERE, LockedPage
from ui.pages.people.sign_in_page import BADGE_HERE, SignInPage, SignInView
from ui.window.people_gate import NOBODY_SIGNS_IN, SHUT

# -- without people


def test_without_people_nothing_asks_who_works_here(window: Window, world: World) -> None:
    window.wizard._tick()
    assert (window.wizard.gate.page, person_words(window), window.title) == (None, "", "Next customer")
    window.wizard.scan("SKB1.ABCDEFGHIJKLMNOPQRSTUVWXYZ")  # no secret: nobody's
    assert (window.frame.notice, window.title) == (NOBODY_SIGNS_IN, "Next customer")


# -- signing in


def test_where_people_are_known_somebody_signs_in_first(window: Window, world: World, qtbot: QtBot) -> None:
    at_work(world, window)
    assert (window.title, person_words(window)) == ("Who works here now?", "Nobody")
    sign_in_page(window).choose(LYDIA)
    type_pin(window, PINS[LYDIA][:2])
    assert (window.words("primary"), window.frame.bar.primary.isEnabled()) == ("Type 2 digits more", False)
    enter_pin(window, PINS[LYDIA][2:])
    qtbot.waitUntil(lambda: window.title == "Next customer")
    assert person_words(window) == "Lydia K."


def test_no_digit_of_a_pin_is_seen_or_read_out(window: Window, world: World) -> None:
    at_work(world, window)
    sign_in_page(window).choose(LYDIA)
    before = said(window)
    type_pin(window, PINS[LYDIA])
    assert said(window) == before.replace("0 digits typed", "4 digits typed").replace("Type 4 digits more", "Sign in")


def test_a_badge_alone_signs_an_attendant_in(window: Window, world: World, qtbot: QtBot) -> None:
    at_work(world, window)
    window.wizard.scan(BADGES[JOSEPH])
    qtbot.waitUntil(lambda: person_words(window) == "Joseph M.")
    assert window.wizard.gate.page is None


def test_a_supervisors_badge_asks_for_the_pin(window: Window, world: World, qtbot: QtBot) -> None:
    at_work(world, window)
    window.wizard.scan(BADGES[SUP])
    qtbot.waitUntil(lambda: window.title == "Type your PIN")
    assert window.words("primary") == "Type 6 digits more"
    enter_pin(window, PINS[SUP])
    qtbot.waitUntil(lambda: person_words(window) == "Miriam T.")


def test_a_badge_that_nobody_has_is_said(window: Window, world: World, qtbot: QtBot) -> None:
    at_work(world, window)
    window.wizard.scan("SKB1.ABCDEFGHIJKLMNOPQRSTUVWXYZ")  # no secret: nobody's
    qtbot.waitUntil(lambda: window.title == "This badge is not known here")
    assert isinstance(window.wizard.gate.page, SignInPage)


def test_a_customers_card_begins_nothing_before_somebody_has_signed_in(window: Window, world: World) -> None:
    at_work(world, window)
    window.wizard.scan(world.know())
    assert (window.frame.notice, window.title) == (BADGE_HERE, "Who works here now?")
    assert world.teller.asked == []
    window.wizard.open_overlay("outbox")
    assert (window.wizard.overlay, window.frame.notice) == (None, SHUT)


def test_a_wrong_pin_says_how_many_tries_are_left_and_too_many_show_a_clock(window: Window, world: World, qtbot: QtBot) -> None:
    at_work(world, window)
    page = sign_in_page(window)
    page.choose(LYDIA)
    enter_pin(window, WRONG[4])
    qtbot.waitUntil(lambda: page.pin.said.text() == "The PIN is wrong. 4 tries are left.")
    assert page.pin.dots.wrong
    for _ in range(4):
        qtbot.waitUntil(lambda: not page.acting)
        enter_pin(window, WRONG[4])
    qtbot.waitUntil(lambda: page.pin.waits)
    assert (window.title, window.words("primary"), window.words("other")) == ("Too many wrong PINs", "Wait 2:00", "Someone else")
    world.clock.pass_time(73)
    page.pin._tick()
    assert window.words("primary") == "Wait 0:47"
    type_pin(window, PINS[LYDIA])
    assert not page.pin.is_ready
    world.clock.pass_time(48)
    page.pin._tick()
    enter_pin(window, PINS[LYDIA])
    qtbot.waitUntil(lambda: person_words(window) == "Lydia K.")


def test_who_is_locked_out_keeps_nobody_else_out(window: Window, world: World, qtbot: QtBot) -> None:
    at_work(world, window)
    lock_out(world, LYDIA)
    sign_in_page(window).choose(LYDIA)
    assert window.words("primary").startswith("Wait")
    window.press("other")
    sign_in_page(window).choose(JOSEPH)
    enter_pin(window, PINS[JOSEPH])
    qtbot.waitUntil(lambda: person_words(window) == "Joseph M.")


def test_a_pin_that_others_know_is_changed_before_anything_else(window: Window, world: World, qtbot: QtBot) -> None:
    person = new_person(world)
    at_work(world, window)
    page = sign_in_page(window)
    page.choose(person.id)
    enter_pin(window, "5827")
    qtbot.waitUntil(lambda: page.view is SignInView.NEW)
    enter_pin(window, "1234")
    assert page.view is SignInView.AGAIN
    enter_pin(window, "1234")
    qtbot.waitUntil(lambda: window.title.startswith("This PIN is easy to guess"))
    enter_pin(window, "7391")
    enter_pin(window, "7392")
    assert window.title == "These were two PINs. Choose one."
    enter_pin(window, "7391")
    enter_pin(window, "7391")
    qtbot.waitUntil(lambda: person_words(window) == "Nadia W.")


def test_digits_that_nobody_goes_on_with_are_forgotten(window: Window, world: World) -> None:
    at_work(world, window)
    page = sign_in_page(window)
    page.choose(LYDIA)
    type_pin(window, "407")
    assert page.pin._forget.isActive()
    page.pin._forget.timeout.emit()
    assert page.pin.dots.missing == 4


def test_a_badge_that_comes_key_by_key_is_no_pin(window: Window, world: World) -> None:
    at_work(world, window)
    page = sign_in_page(window)
    page.choose(LYDIA)
    type_pin(window, "SKB1.4071")
    assert page.pin.dots.missing == 4
    world.clock.pass_time(1.5)
    type_pin(window, "4")
    assert page.pin.dots.missing == 3


# -- the lock


def test_the_lock_hides_the_customer_from_eyes_and_screen_readers_and_discards_nothing(window: Window, world: World, qtbot: QtBot) -> None:
    open_swap(world, window)
    swap = window.wizard.swap
    lock(world, window, qtbot)
    assert not [word for word in CUSTOMER if word in said(window)]
    assert not window.wizard.page_of(Step.REVIEW).isVisible()
    assert "A swap is open" in said(window)
    enter_pin(window, PINS[JOSEPH])
    qtbot.waitUntil(lambda: window.wizard.gate.page is None)
    assert (window.wizard.swap, window.wizard.page) == (swap, window.wizard.page_of(Step.REVIEW))
    assert window.wizard.page is not None
    assert window.wizard.page.isVisible()


def test_a_scan_on_the_locked_page_is_a_badge_or_nothing(window: Window, world: World, qtbot: QtBot) -> None:
    open_swap(world, window)
    lock(world, window, qtbot)
    for code in (world.know(), "BAT-67890", "MP4471KENYA", '{"plan_id": "x"}', "4071"):
        window.wizard.scan(code)
        assert window.frame.notice == LOCKED_HERE
        assert isinstance(window.wizard.gate.page, LockedPage)
    window.wizard.scan(BADGES[JOSEPH])
    qtbot.waitUntil(lambda: window.wizard.gate.page is None)
    assert window.frame.notice == ""


def test_another_attendants_badge_takes_a_locked_swap_over(window: Window, world: World, qtbot: QtBot) -> None:
    open_swap(world, window)
    swap = window.wizard.swap
    lock(world, window, qtbot)
    window.wizard.scan(BADGES[LYDIA])
    qtbot.waitUntil(lambda: person_words(window) == "Lydia K.")
    assert window.wizard.swap == swap


def test_a_supervisor_takes_a_locked_swap_over_by_pin(window: Window, world: World, qtbot: QtBot) -> None:
    open_swap(world, window)
    swap = window.wizard.swap
    lock(world, window, qtbot)
    window.press("other")
    assert window.title == "Who takes over?"
    window.press("back")
    assert window.title == "Locked"
    window.press("other")
    sign_in_page(window).choose(SUP)
    enter_pin(window, PINS[SUP])
    qtbot.waitUntil(lambda: person_words(window) == "Miriam T.")
    assert window.wizard.swap == swap


def test_what_the_pages_below_say_is_said_after_unlocking(window: Window, world: World, qtbot: QtBot) -> None:
    open_swap(world, window)
    lock(world, window, qtbot)
    window.wizard.gate.say("attention", "Amina paid")
    assert "Amina" not in said(window)
    enter_pin(window, PINS[JOSEPH])
    qtbot.waitUntil(lambda: window.frame.notice == "Amina paid")


def auto_lock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.kiosk.people, "_lock_seconds", 180.0)


def leave_alone(window: Window, world: World, seconds: float) -> None:
    """So long, looked at as a window does, and as the service does."""
    for _ in range(int(seconds)):
        world.clock.pass_time(1)
        window.wizard._tick()
    world.wait(world.kiosk.people.lock_if_idle())
    window.wizard._tick()


def test_after_three_minutes_without_a_touch_the_counter_locks_and_the_swap_stays_open(
    window: Window, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    auto_lock(world, monkeypatch)
    open_swap(world, window)
    swap = window.wizard.swap
    leave_alone(window, world, 175)
    assert window.wizard.gate.page is None
    leave_alone(window, world, 10)
    assert isinstance(window.wizard.gate.page, LockedPage)
    leave_alone(window, world, 600)
    assert window.wizard.swap == swap, "put away below the lock"


def test_a_touch_begins_the_time_anew(window: Window, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    auto_lock(world, monkeypatch)
    open_swap(world, window)
    leave_alone(window, world, 170)
    window.wizard.idle.touch()
    leave_alone(window, world, 170)
    assert window.wizard.gate.page is None


def test_what_is_at_work_is_never_locked(window: Window, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reading, a payment, a commit: each says that it works."""
    auto_lock(world, monkeypatch)
    open_swap(world, window)
    page = window.wizard.page
    assert page is not None
    page.acting = True
    leave_alone(window, world, 600)
    assert window.wizard.gate.page is None
    world.wait(world.kiosk.people.lock())
    window.wizard._tick()
    assert window.wizard.gate.page is None, "covered at work"
    page.acting = False
    window.wizard._tick()
    assert isinstance(window.wizard.gate.page, LockedPage)


def test_a_work_that_ends_below_the_lock_is_seen_after_it(window: Window, world: World, qtbot: QtBot) -> None:
    open_swap(world, window)
    lock(world, window, qtbot)
    page = window.wizard.page
    assert page is not None
    page.advanced.emit(None)
    assert isinstance(window.wizard.gate.page, LockedPage)
    assert window.title == "Locked"


def test_another_language_shows_the_locked_page_again(window: Window, world: World, qtbot: QtBot) -> None:
    open_swap(world, window)
    lock(world, window, qtbot)
    window.wizard.show_language()
    assert window.title == "Locked"
    assert not [word for word in CUSTOMER if word in said(window)]
    enter_pin(window, PINS[JOSEPH])
    qtbot.waitUntil(lambda: window.wizard.gate.page is None)
