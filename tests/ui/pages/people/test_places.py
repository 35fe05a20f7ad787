"""A supervisor's PIN at the pages themselves: a refused completion, and a battery that came back with more."""

from decimal import Decimal

import pytest
from pytestqt.qtbot import QtBot

from kiosk.station.ports import OutboxState
from tests.builders import plan_with, reading, remembering
from tests.ui.pages.overlays.test_outbox_page import open_list, refused, state_of
from tests.ui.pages.people.crew import BADGES, JOSEPH, PINS, SUP, TECH, WRONG, at_work
from tests.ui.window_counter import Window, World
from ui.pages.battery.returned_page import ReturnedPage
from ui.pages.battery.views import BatteryViewKind
from ui.pages.page_context import Page

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def type_pin(page: Page, pin: str) -> None:
    for digit in pin:
        page.type_character(digit)


def test_a_refused_completion_is_resolved_with_a_supervisors_pin_only(window: Window, world: World, qtbot: QtBot) -> None:
    people = at_work(world, window, JOSEPH)
    correlation_id = refused(world)
    page = open_list(window, world)
    page.other()
    for letter in "SETTLED":
        page.type_character(letter)
    page.primary()
    assert page.approving
    window.wizard.scan(BADGES[SUP])
    type_pin(page, WRONG[6])
    page.primary()
    qtbot.waitUntil(lambda: page.approval.pin.dots.wrong)
    assert state_of(world, correlation_id) is OutboxState.REFUSED
    type_pin(page, PINS[SUP])
    page.primary()
    qtbot.waitUntil(lambda: not page.completions)
    assert state_of(world, correlation_id) is OutboxState.RESOLVED
    assert people.signed_in is not None
    assert people.signed_in.id == JOSEPH, "who approves does not take over"


def test_a_battery_that_holds_more_goes_on_with_a_name_and_its_pin(window: Window, world: World, qtbot: QtBot) -> None:
    at_work(world, window, JOSEPH)
    page = ReturnedPage(window.context)
    qtbot.addWidget(page)
    went_on: list[object] = []
    page.advanced.connect(went_on.append)
    world.scanner.readings["BAT-12345"] = reading("BAT-12345", "30.9", full_kwh=Decimal(32))
    page.enter(world.begun(remembering(plan_with())))
    qtbot.waitUntil(lambda: page.view is BatteryViewKind.MORE)
    page.primary()
    page.approval._choose(TECH)
    type_pin(page, PINS[TECH])
    page.primary()
    qtbot.waitUntil(lambda: page.accepted is not None)
    assert page.accepted is not None
    assert page.accepted.more_approved is not None
    assert (page.accepted.more_approved.supervisor, page.accepted.more_approved.reason) == (TECH, "Charged at home")
