"""The wizard: which page is seen, and who gets a press, a key, a scan, an announcement, a failure."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kiosk.domain.errors import BatteryDamaged, PrinterUnavailable
from kiosk.domain.swap.swap import Step, Swap
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.events import HealthChanged
from kiosk.station.health import Health, HealthPart, HealthState
from tests.builders import plan_with
from tests.ui.window_counter import StepPage, Window, World
from ui.widgets import Label
from ui.window.wizard import BATTERY_HERE, FAULT

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def page_at(window: Window, step: Step) -> StepPage:
    page = window.wizard.page_of(step)
    assert isinstance(page, StepPage)
    return page


def test_the_page_follows_the_swap(window: Window, world: World) -> None:
    swap = world.begun()
    window.wizard.show_swap(swap)
    assert window.title == "returned"
    window.wizard.show_swap(world.to_review())
    assert window.title == "review"
    window.wizard.show_swap(None)
    assert window.title == "Next customer"


def test_a_page_that_has_its_fact_brings_the_next_one(window: Window, world: World) -> None:
    window.wizard.show_swap(world.begun())
    page_at(window, Step.RETURNED).advanced.emit(world.to_review())
    assert window.title == "review"
    assert page_at(window, Step.RETURNED).came == ["enter", "leave"]


def test_a_page_that_was_left_moves_nobody_any_more(window: Window, world: World) -> None:
    window.wizard.show_swap(world.begun())
    window.wizard.show_swap(None)
    page_at(window, Step.RETURNED).advanced.emit(world.to_review())
    assert window.title == "Next customer"


def test_results_of_a_left_page_are_dropped(window: Window, world: World, qtbot: QtBot) -> None:
    window.wizard.show_swap(world.begun())
    landed: list[object] = []
    page_at(window, Step.RETURNED).run(world.kiosk.swaps.kept(), landed.append)
    window.wizard.show_swap(None)
    world.wait(world.kiosk.swaps.kept())
    assert landed == []


def test_the_second_press_of_back_does_nothing_while_the_first_is_worked_on(window: Window, world: World, qtbot: QtBot) -> None:
    window.wizard.show_swap(world.begun())
    window.press("back")
    assert window.title == "Customer found"
    window.press("back")
    window.press("primary")
    window.press("back")
    qtbot.waitUntil(lambda: window.title == "Next customer")
    assert "primary" not in page_at(window, Step.RETURNED).came
    assert world.wait(world.kiosk.swaps.kept()) == ()


def test_enter_goes_on_and_escape_goes_back(window: Window, world: World, qtbot: QtBot) -> None:
    window.wizard.show_swap(world.begun())
    QTest.keyClick(window.frame, Qt.Key.Key_Return)
    assert page_at(window, Step.RETURNED).came[-1] == "primary"
    QTest.keyClick(window.frame, Qt.Key.Key_Escape)
    assert window.title == "Customer found"


def test_keys_go_to_the_page_that_is_seen(window: Window, world: World) -> None:
    window.wizard.show_swap(world.begun())
    QTest.keyClick(window.frame, Qt.Key.Key_7)
    assert page_at(window, Step.RETURNED).came[-1] == "typed 7"


def test_the_name_stands_at_the_right_from_the_second_step_on(window: Window, world: World) -> None:
    window.wizard.show_swap(world.begun())
    assert window.frame.state is not None
    assert window.frame.state.customer == "Amina W."


def test_a_first_visit_shows_the_return_as_not_needed(window: Window, world: World) -> None:
    window.wizard.show_swap(world.begun(plan_with(holds=None)))
    assert window.title == "new"
    assert window.frame.state is not None
    assert window.frame.state.skipped == {Step.RETURNED}


def test_payment_is_shown_as_not_needed_from_the_review_on(window: Window, world: World) -> None:
    window.wizard.show_swap(world.begun())
    assert window.frame.state is not None
    assert window.frame.state.skipped == set()
    window.wizard.show_swap(world.to_review())
    assert window.frame.state.skipped == {Step.PAYMENT}


# -- scans


def test_a_scan_that_the_page_takes_sounds_accepted(window: Window, world: World) -> None:
    window.wizard.show_swap(world.begun())
    window.wizard.scan("BAT-12345")
    assert page_at(window, Step.RETURNED).came[-1] == "scanned BAT-12345"
    assert window.sounds == ["accepted"]
    assert window.frame.notice == ""


def test_a_scan_out_of_place_is_a_sentence_and_changes_nothing(window: Window, world: World) -> None:
    window.wizard.show_swap(world.begun())
    window.wizard.scan("CUST-001")
    assert window.frame.notice == "Scan the battery now."
    assert window.sounds == ["refused"]
    assert window.title == "returned"


def test_the_sentence_goes_with_the_next_press(window: Window, world: World) -> None:
    window.wizard.show_swap(world.begun())
    window.wizard.scan("CUST-001")
    window.press("other")
    assert window.frame.notice == ""


def test_the_next_customers_scan_leaves_done(window: Window, world: World, qtbot: QtBot) -> None:
    window.wizard.show_swap(world.completed())
    assert window.title == "done"
    window.wizard.scan(world.know(replace(plan_with(), id="plan-2", customer_name="Brian Otieno")))
    qtbot.waitUntil(lambda: window.title == "Customer found")


def test_a_battery_scanned_on_done_stays_there(window: Window, world: World) -> None:
    window.wizard.show_swap(world.completed())
    window.wizard.scan("BAT-12345")
    assert (window.title, window.frame.notice) == ("done", BATTERY_HERE)


# -- what happens


def test_announcements_reach_the_status_line_and_the_page(window: Window, world: World, qtbot: QtBot) -> None:
    world.bridge.announce(LinkChanged(connected=False, since=world.clock.now() - timedelta(minutes=12), reason="no network"))
    qtbot.waitUntil(lambda: window.frame.status_line.items()[0].words == "Offline 12 min")


def test_ages_in_the_status_line_grow_with_the_clock(window: Window, world: World, qtbot: QtBot) -> None:
    world.bridge.announce(LinkChanged(connected=False, since=world.clock.now()))
    qtbot.waitUntil(lambda: window.frame.status_line.items()[0].words == "Offline 0 s")
    world.clock.pass_time(180)
    qtbot.waitUntil(lambda: window.frame.status_line.items()[0].words == "Offline 3 min")


def test_a_refusal_that_no_page_asked_for_is_shown_by_its_message(window: Window, world: World) -> None:
    window.wizard.show_failure(BatteryDamaged("BAT-1", ("too hot, 68 °C",)))
    assert window.frame.notice == "BAT-1 is not fit for use. It reports: too hot, 68 °C."
    assert window.sounds == ["refused"]


def test_a_failure_without_a_handler_comes_from_the_io_thread(window: Window, world: World, qtbot: QtBot) -> None:
    async def refuse() -> None:
        raise PrinterUnavailable("paper out")

    world.bridge.run(refuse(), lambda _none: None)
    qtbot.waitUntil(lambda: window.frame.notice.startswith("The receipt is not printed"))


def test_a_fault_of_the_program_is_logged_and_said_plainly(window: Window, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        window.wizard.show_failure(ZeroDivisionError("division by zero"))
    assert window.frame.notice == FAULT
    assert "division by zero" in caplog.text


# -- the pages behind the status line


def test_a_status_item_opens_its_page_and_gives_the_swap_back(window: Window, world: World) -> None:
    swap: Swap = world.begun()
    window.wizard.show_swap(swap)
    window.frame.status.emit("link")
    assert window.title == "Link to the platform"
    assert window.frame.state is not None
    assert window.frame.state.step == 1
    window.press("primary")
    assert window.title == "returned"
    assert page_at(window, Step.RETURNED).came == ["enter"]  # it was never left


def test_the_item_pressed_again_closes_its_page(window: Window) -> None:
    window.frame.status.emit("printer")
    window.frame.status.emit("printer")
    assert window.title == "Next customer"


def test_the_swap_goes_on_behind_an_open_page(window: Window, world: World) -> None:
    window.wizard.show_swap(world.begun())
    window.frame.status.emit("scanner")
    page_at(window, Step.RETURNED).advanced.emit(world.to_review())
    assert window.title == "Battery reader"
    window.wizard.close_overlay()
    assert window.title == "review"


def test_a_page_behind_the_line_changes_with_what_is_announced(window: Window, world: World, qtbot: QtBot) -> None:
    window.frame.status.emit("printer")
    out = Health(state=HealthState.WRONG, what="the paper is out", short="Paper out")
    world.bridge.announce(HealthChanged(part=HealthPart.PRINTER, health=out))
    qtbot.waitUntil(lambda: window.frame.status_line.items()[3].words == "Paper out")
    assert window.wizard.overlay is not None
    assert "The printer does not print" in [label.text() for label in window.wizard.overlay.findChildren(Label)]
