"""The agent's switches in the window: energy that is not counted is shown nowhere, and a plan without receipts gets none (decision 21)."""

import re
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.swap.swap import Step, Swap
from tests.builders import plan_with, reading, rolled_back, switched
from tests.ui.screens import frame_in, widgets_of
from tests.ui.window_counter import Window, World
from ui.devices.sounds import Sounds
from ui.pages.done import DonePage, PrintState
from ui.pages.page_context import PageContext
from ui.widgets import Facts, Label
from ui.window.behind_the_line import STATUS_PAGES
from ui.window.wizard import PAGES, SwapWizard

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
NOT_COUNTED = switched(plan_with(used_kwh="399.9"), electricity_tracking={"enabled": False})
WITHOUT_RECEIPTS = switched(plan_with(), service_completion={"receipt_generation_enabled": False})


@pytest.fixture
def counter(world: World, qtbot: QtBot) -> Iterator[Window]:
    """Every real page of a swap."""
    widgets = widgets_of()
    frame = frame_in(widgets, qtbot)
    context = PageContext(
        widgets=widgets,
        bridge=world.bridge,
        kiosk=world.kiosk,
        sounds=Sounds(0.0, frame),
        now=world.clock.now,
        monotonic=world.clock.monotonic,
        zone=UTC,
        payment_methods=("CASH",),
    )
    wizard = SwapWizard(frame, context, PAGES, STATUS_PAGES)
    wizard.start()
    frame.show()
    yield Window(frame=frame, wizard=wizard, context=context)
    wizard.stop()


def seen(counter: Window) -> str:
    """All words of the page that is shown, drawn ones too."""
    page = counter.wizard.page
    assert page is not None
    drawn = [facts.accessibleName() for facts in page.findChildren(Facts) if facts.isVisible()]
    return "\n".join([*(label.text() for label in page.findChildren(Label) if label.isVisible()), *drawn])


def offered_again(counter: Window) -> bool:
    """Whether the page offers one more print."""
    page = counter.wizard.page
    assert page is not None
    return any(each.isVisible() and each.accessibleName().startswith("Print again") for each in page.findChildren(QPushButton))


def without_energy(world: World, plan: ServicePlan) -> Swap:
    swap = world.wait(world.kiosk.swaps.accept_returned(world.begun(plan), reading("BAT-12345", None)))
    return world.wait(world.kiosk.swaps.accept_new(swap, reading("BAT-67890", None)))


def completed(counter: Window, world: World, swap: Swap) -> DonePage:
    counter.wizard.show_swap(swap)
    counter.press("primary")
    world.qtbot.waitUntil(lambda: isinstance(counter.wizard.page, DonePage))
    page = counter.wizard.page
    assert isinstance(page, DonePage)
    return page


@pytest.mark.parametrize("plan", [NOT_COUNTED, rolled_back(NOT_COUNTED)], ids=["at once", "older sequence"])
def test_energy_that_is_not_counted_is_never_shown_as_nothing(counter: Window, world: World, plan: ServicePlan) -> None:
    swap = world.begun(plan)
    counter.wizard.show_swap(swap)
    pages = [seen(counter)]
    swap = without_energy(world, plan)
    counter.wizard.show_swap(swap)
    pages.append(seen(counter))
    assert "Electricity is not counted in this plan" in pages[-1]
    completed(counter, world, swap)
    pages.append(seen(counter))
    for words in pages:
        assert not re.search(r"\b0(\.0+)?\s*kWh", words)
        assert "Electricity left" not in words
        assert "399.9" not in words


def test_a_plan_without_receipts_says_so_and_nothing_is_made_or_printed(counter: Window, world: World, tmp_path: Path) -> None:
    page = completed(counter, world, world.to_review(WITHOUT_RECEIPTS))
    assert page.printing.state is PrintState.NO_RECEIPT
    assert "This plan gets no receipt" in seen(counter)
    assert "Service receipt" not in seen(counter)
    assert not offered_again(counter)
    counter.press("primary")
    world.qtbot.waitUntil(lambda: type(counter.wizard.page) is PAGES[Step.CUSTOMER])
    world.qtbot.waitUntil(lambda: "Last swap" in seen(counter))
    assert not offered_again(counter)
    assert world.printer.printed == []
    assert not list(tmp_path.glob("receipts/*"))


def test_a_plan_with_receipts_is_printed_as_ever(counter: Window, world: World) -> None:
    page = completed(counter, world, world.to_review(plan_with()))
    world.qtbot.waitUntil(lambda: bool(world.printer.printed))
    assert "Service receipt" in seen(counter)
    world.qtbot.waitUntil(lambda: offered_again(counter))
    assert page.printing.state is not PrintState.NO_RECEIPT
