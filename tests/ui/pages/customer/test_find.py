"""Finding a customer without a card, among the plans kept on this kiosk."""

import logging
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kiosk.domain.errors import KioskError, PlanUnavailable
from kiosk.domain.swap.swap import Step
from tests.builders import plan_of, plan_with
from tests.ui.faults import SCREENS, faults
from tests.ui.screens import widgets_of
from tests.ui.window_counter import Window, World, window_on
from ui.pages.customer.find import FindView
from ui.pages.customer.page import CustomerPage

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def keep(world: World) -> None:
    """Three plans are kept here."""
    named = {"plan-1": "Amina Wanjiru", "plan-2": "Ali Were", "plan-3": "Brian 100%"}
    for number, (plan_id, name) in enumerate(named.items(), 1):
        plan = replace(plan_with(holds=f"BAT-1234{number}"), id=plan_id, customer_id=f"CUST-00{number}", customer_name=name)
        world.teller.plans[plan.id] = plan
        world.store.put_plan(plan, world.clock.now())


def typed(window: Window, world: World, text: str) -> FindView:
    page = window.wizard.page_of(Step.CUSTOMER)
    assert isinstance(page, CustomerPage)
    QTest.keyClicks(window.frame, text)
    world.wait(world.kiosk.plans.kept_like(text, 1))  # what was asked before it is answered by then
    return page.typing_view


def shown(view: FindView) -> list[str]:
    return [row.words for row in view.rows if row.isVisibleTo(view)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("wanj", ["Amina W., CUST-001, BAT-12341"]),
        ("cust-002", ["Ali W., CUST-002, BAT-12342"]),
        ("12343", ["Brian 1., CUST-003, BAT-12343"]),
        ("100%", ["Brian 1., CUST-003, BAT-12343"]),
        ("CUST", ["Amina W., CUST-001, BAT-12341", "Ali W., CUST-002, BAT-12342"]),
        ("am", []),
        ("nairobi", []),
        ("c%1", []),
    ],
)
def test_the_customers_that_a_text_names_are_shown(window: Window, world: World, text: str, found: list[str]) -> None:
    keep(world)
    assert shown(typed(window, world, text)) == found


def test_who_is_chosen_is_looked_up_as_by_the_card(window: Window, world: World, qtbot: QtBot) -> None:
    keep(world)
    view = typed(window, world, "were")
    view.rows[0].click()
    qtbot.waitUntil(lambda: window.title == "Customer found")
    page = window.wizard.page_of(Step.CUSTOMER)
    assert isinstance(page, CustomerPage)
    assert page.found is not None
    assert page.found.swap.plan.id == "plan-2"


def test_what_cannot_be_read_shows_nobody_and_typing_goes_on(window: Window, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(world)
    view = typed(window, world, "wan")

    async def broken(_text: str, _most: int) -> tuple[object, ...]:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(world.kiosk.plans, "kept_like", broken)
    QTest.keyClicks(window.frame, "j")
    world.wait(world.kiosk.swaps.kept())
    assert (shown(view), view.value) == ([], "wanj")


@pytest.mark.parametrize("screen", SCREENS)
def test_two_customers_found_are_sound(world: World, screen: str) -> None:
    with window_on(world, widgets_of(screen)) as window:
        page = window.wizard.page_of(Step.CUSTOMER)
        assert isinstance(page, CustomerPage)
        page.start_typing("AMI")
        world.wait(world.kiosk.swaps.kept())
        page.typing_view.show_plans((plan_of(customer_name="Amina Wanjiru"), plan_of(customer_name="Aminata Wambui-Kariuki")))
        assert faults(window.frame, SCREENS[screen]) == []


@pytest.mark.parametrize("failure", [None, PlanUnavailable("AMINA WANJIRU")])
def test_a_name_that_was_typed_and_looked_up_is_in_no_log(
    window: Window, world: World, qtbot: QtBot, caplog: pytest.LogCaptureFixture, failure: KioskError | None
) -> None:
    keep(world)
    world.teller.failure = failure
    with caplog.at_level(logging.DEBUG):
        typed(window, world, "Amina Wanjiru")
        QTest.keyClick(window.frame, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: "shown" in caplog.text)
    assert "AMINA" not in caplog.text.upper()
    assert "Unknown" in caplog.text or "Unavailable" in caplog.text
