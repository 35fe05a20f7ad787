"""What the review says of a swap that is ready to complete: pure, from domain values."""

from dataclasses import replace

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.errors import StepImpossible
from kiosk.domain.money.money import TopUp
from kiosk.domain.plan.quota import QuotaUpdate
from kiosk.domain.swap.swap import Confirmation, Swap
from ui.pages.formatting import (
    TIMES,
    amount_words,
    battery_view,
    count_words,
    kwh_words,
    money_words,
    net_estimated,
    net_words,
    quota_change,
)
from ui.pages.review.views import PaidFacts, ReviewFacts
from ui.widgets import BatteryView

VOUCHED = {
    Confirmation.PLATFORM: "confirmed",
    Confirmation.SUPERVISOR: "vouched for",
    Confirmation.NOT_NEEDED: "recorded",
    Confirmation.WAITING: "not confirmed",
}
NOT_COUNTED = "Electricity is not counted in this plan"


def review_facts(swap: Swap, updates: tuple[QuotaUpdate, ...], due: TopUp | None) -> ReviewFacts:
    """All that the review shows; `due` is what had to be bought, None where the plan covers the swap. Raises StepImpossible."""
    if swap.outgoing is None:
        raise StepImpossible("the new battery is not read")
    incoming = swap.incoming
    returned = _card(incoming, "Returned", swap.inspection) if incoming else None
    return ReviewFacts(
        returned=returned,
        new=_card(swap.outgoing, "New"),
        net=kwh_words(swap.net_kwh) if swap.net_kwh is not None else "",
        net_words=net_words(swap) if swap.net_kwh is not None else NOT_COUNTED,
        estimated=net_estimated(swap),
        quotas=tuple(quota_change(swap.plan, update) for update in updates),
        pay=_pay(swap, due),
    )


def _card(reading: BatteryTelemetry, name: str, inspection: str = "") -> BatteryView:
    """A small card; that its energy is an estimate stands beside its name, where there is room for it."""
    view = battery_view(reading, name, inspection=inspection, checked=True)
    return replace(view, name=f"{name}, estimate", estimated=False) if reading.estimated else view


def _pay(swap: Swap, due: TopUp | None) -> PaidFacts:
    payment = swap.payment
    if payment is None:
        return PaidFacts(number="Nothing", state=("The plan covers it", "ok"))
    receipt = f"{payment.receipt_id} {VOUCHED[payment.confirmation]}"
    return PaidFacts(
        number=amount_words(swap.amount_paid, payment.currency),
        currency=payment.currency,
        lines=_missing(due) if due is not None else ("The plan covers it",),
        state=(f"{len(swap.payments)} payments, last {receipt}" if swap.parts else receipt, "ok"),
    )


def _missing(due: TopUp) -> tuple[str, ...]:
    """What ran out, how much was missing, and its rate: a line for each of the two quotas that was short."""
    kwh = () if due.price_kwh is None else (f"{kwh_words(due.amount_kwh)} kWh missing {TIMES} {money_words(due.price_kwh, due.currency)}",)
    count = count_words(due.amount_swaps)
    swaps = () if due.price_swap is None else (f"{count} swap missing {TIMES} {money_words(due.price_swap, due.currency)}",)
    return (*swaps, *kwh)
