"""A battery that came back with more than it went out with, on a real kiosk in a training environment (decision 28)."""

from pytestqt.qtbot import QtBot

from kiosk.domain.approval import Approval
from kiosk.domain.language import in_language
from kiosk.domain.swap.swap import Step
from kiosk.shared.translations import PSEUDO, translations_of
from kiosk.training.scenarios import PRACTICE_SUPERVISOR
from tests.ui.page_counter import PATIENCE, Counter
from tests.ui.pages.battery.test_pages import at_returned, returned
from ui.pages.battery.views import BatteryViewKind
from ui.widgets.frame import BACKSPACE


def test_a_supervisor_lets_a_battery_that_holds_more_than_before_go_on(counter: Counter, qtbot: QtBot) -> None:
    page = at_returned(counter, qtbot, "more_energy", BatteryViewKind.MORE)
    assert counter.frame.state is not None
    assert counter.frame.state.title == f"{page.expected} holds more than before"
    counter.press("primary")
    assert (page.view, counter.words("primary")) == (BatteryViewKind.APPROVAL, "Type the id first")
    assert page.handle_scan("BAT-20417") == "Type the id of the supervisor now."
    for each in "att-9":
        page.type_character(each)
    counter.press("primary")
    refused = "ATT-9 is no supervisor of this station"
    qtbot.waitUntil(lambda: counter.frame.state is not None and counter.frame.state.title == refused, timeout=PATIENCE)
    for _ in "att-9":
        page.type_character(BACKSPACE)
    for each in PRACTICE_SUPERVISOR.lower():
        page.type_character(each)
    counter.press("primary")
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.READ, timeout=PATIENCE)
    kept = counter.world.wait(counter.world.kiosk.swaps.kept())[0].swap
    assert kept.more_approved == Approval(supervisor=PRACTICE_SUPERVISOR, reason="Charged at home")
    counter.press("primary")
    assert counter.step is Step.NEW


def test_a_battery_that_holds_more_is_read_again_or_given_back(counter: Counter, qtbot: QtBot) -> None:
    page = at_returned(counter, qtbot, "more_energy", BatteryViewKind.MORE)
    counter.press("primary")
    counter.press("back")
    assert page.view is BatteryViewKind.MORE
    counter.press("other")
    assert counter.words("other") == "Stop reading"
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.MORE, timeout=PATIENCE)
    page.more.give_back.click()
    qtbot.waitUntil(lambda: counter.step is Step.CUSTOMER, timeout=PATIENCE)


def test_without_supervisors_it_is_read_again_or_given_back_and_nothing_else(counter: Counter, qtbot: QtBot) -> None:
    people = counter.world.kiosk.people
    known, people.configured_supervisors = people.supervisors, ()
    try:
        page = at_returned(counter, qtbot, "more_energy", BatteryViewKind.MORE)
        assert (counter.words("primary"), counter.words("other")) == ("Read again", "Give it back")
        assert not page.more.give_back.isVisible()
        counter.press("primary")
        assert page.view is BatteryViewKind.READING
        qtbot.waitUntil(lambda: page.view is BatteryViewKind.MORE, timeout=PATIENCE)
        counter.press("other")
        qtbot.waitUntil(lambda: counter.step is Step.CUSTOMER, timeout=PATIENCE)
    finally:
        people.configured_supervisors = known


def test_another_language_shows_the_same_battery_again(counter: Counter, qtbot: QtBot) -> None:
    page = at_returned(counter, qtbot, "more_energy", BatteryViewKind.MORE)
    counter.press("primary")
    with in_language(translations_of(PSEUDO)):
        counter.wizard.show_language()
        fresh = returned(counter)
        assert fresh is not page
        assert fresh.view is BatteryViewKind.MORE
    counter.wizard.show_language()
