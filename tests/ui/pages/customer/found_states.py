"""The states of the page of a customer who was found, each shown in a window: what layout tests look at."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.swap.swap import Step
from kiosk.station.ports import ReadPhase
from kiosk.station.services.background_reads import Terms, _Kept
from kiosk.station.services.customer_lookup import FoundCustomer
from tests.builders import FLEET, plan_of, plan_with, priced, reading, swap_of, unpriced
from tests.ui.window_counter import Window
from ui.pages.customer.page import CustomerPage

FULL: dict[str, Any] = {"soc_percent": Decimal(15), "full_kwh": Decimal(32), "seconds": 6.2}


def show(
    window: Window, plan: ServicePlan, *, hours: int = 0, pending: int = 0, keeps_readings: bool = False, reads_now: str = ""
) -> CustomerPage:
    """The page with a customer who was found just now, with a plan of so many `hours` ago."""
    page, now = window.wizard.page_of(Step.CUSTOMER), window.context.now()
    assert isinstance(page, CustomerPage)
    plan = replace(plan, customer_name="Amina Wanjiru")
    window.context.kiosk.reads.reads_now = reads_now
    if not keeps_readings:
        window.context.kiosk.reads._kept = {}
    swap = replace(swap_of(plan), started_at=now, plan_as_of=now - timedelta(hours=hours))
    page._show_found(FoundCustomer(swap=swap, pending=pending))
    return page


def waited_for(window: Window) -> None:
    show(window, plan_of())


def near(window: Window) -> None:
    show(window, plan_of())._show_near(near=True)


def being_read(window: Window) -> None:
    window.context.kiosk.reads.phase = ReadPhase.CONNECTING
    show(window, plan_of(), reads_now="BAT-12345")


def was_read(**changes: Any) -> Callable[[Window], None]:
    def prepare(window: Window) -> None:
        plan, now = plan_of(), window.context.now()
        swap = swap_of(plan)
        kept = _Kept(Terms.of(swap), reading("BAT-12345", "4.8", timestamp=now, **(FULL | changes)), "")
        window.context.kiosk.reads._kept = {"BAT-12345": kept}
        show(window, plan, keeps_readings=True)

    return prepare


def first_visit(window: Window) -> None:
    show(window, plan_with(holds=None, used_kwh="0", swaps_used=0))


def no_swaps(window: Window) -> None:
    show(window, unpriced(plan_with(swaps_used=10)))


def no_swaps_first(window: Window) -> None:
    show(window, unpriced(plan_with(swaps_used=10, holds=None)), hours=3, pending=2)


def to_pay(window: Window) -> None:
    show(window, priced(plan_with(swaps_used=10), FLEET, "150"))


def energy_to_pay(window: Window) -> None:
    show(window, plan_with(used_kwh="400"))


def little_energy(window: Window) -> None:
    show(window, unpriced(plan_with(used_kwh="400")))


def offline(window: Window) -> None:
    show(window, plan_of(payment_state="RENEWAL_DUE"), hours=3, pending=2)


FOUND: dict[str, Callable[[Window], object]] = {
    "found, waited for": waited_for,
    "found, near": near,
    "found, being read": being_read,
    "found, read": was_read(),
    "found, hot": was_read(temperature_celsius=Decimal(68)),
    "found, first visit": first_visit,
    "found, no swaps": no_swaps,
    "found, no swaps, first visit": no_swaps_first,
    "found, to pay": to_pay,
    "found, energy to pay": energy_to_pay,
    "found, little energy": little_energy,
    "found, renewal, offline": offline,
}
