"""What the review says of a swap that is ready to complete: pure, from domain values."""

from dataclasses import replace

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.errors import StepImpossible
from kiosk.domain.language import mark, tr, tr_count
from kiosk.domain.money.money import TopUp
from kiosk.domain.plan.quota import QuotaUpdate
from kiosk.domain.swap.swap import Confirmation, Swap
from ui.pages.formatting import amount_words, battery_view, kwh_words, money_words, net_estimated, net_words, quota_change, swaps_words
from ui.pages.review.views import PaidFacts, ReviewFacts
from ui.widgets import BatteryView

RETURNED, NEW = (mark("Returned"), mark("Returned, estimate")), (mark("New"), mark("New, estimate"))  # measured, estimated
CONFIRMED = {
    Confirmation.PLATFORM: mark("{receipt} confirmed"),
    Confirmation.SUPERVISOR: mark("{receipt} approved by a supervisor"),
    Confirmation.NOT_NEEDED: mark("{receipt} recorded"),
    Confirmation.WAITING: mark("{receipt} not confirmed"),
}


def review_facts(swap: Swap, updates: tuple[QuotaUpdate, ...], due: TopUp | None) -> ReviewFacts:
    """All that the review shows; `due` is what had to be bought, None where the plan covers the swap. Raises StepImpossible."""
    if swap.outgoing is None:
        raise StepImpossible("the new battery is not read")
    incoming = swap.incoming
    returned = _card(incoming, RETURNED, swap.inspection) if incoming else None
    return ReviewFacts(
        returned=returned,
        new=_card(swap.outgoing, NEW),
        net=kwh_words(swap.net_kwh) if swap.net_kwh is not None else "",
        net_words=net_words(swap) if swap.net_kwh is not None else tr("Electricity is not counted in this plan"),
        estimated=net_estimated(swap),
        quotas=tuple(quota_change(swap.plan, update) for update in updates),
        pay=_pay(swap, due),
    )


def _card(reading: BatteryTelemetry, names: tuple[str, str], inspection: str = "") -> BatteryView:
    """A small card; that its energy is an estimate stands beside its name, where there is room for it."""
    name = tr(names[reading.estimated])
    return replace(battery_view(reading, name, inspection=inspection, checked=True), estimated=False)


def _pay(swap: Swap, due: TopUp | None) -> PaidFacts:
    payment = swap.payment
    if payment is None:
        return PaidFacts(number=tr("Nothing"), state=(tr("The plan covers it"), "ok"))
    several = tr_count(
        "{count} payment, last {receipt} confirmed",
        "{count} payments, last {receipt} confirmed",
        len(swap.payments),
        receipt=payment.receipt_id,
    )
    receipt = tr(CONFIRMED[payment.confirmation], receipt=payment.receipt_id)
    return PaidFacts(
        number=amount_words(swap.amount_paid, payment.currency),
        currency=payment.currency,
        lines=_missing(due) if due is not None else (tr("The plan covers it"),),
        state=(several if swap.parts else receipt, "ok"),
    )


def _missing(due: TopUp) -> tuple[str, ...]:
    """What ran out, how much was missing, and its rate: a line for each of the two quotas that was short."""
    parts = ((swaps_words(due.amount_swaps), due.price_swap), (f"{kwh_words(due.amount_kwh)} kWh", due.price_kwh))
    return tuple(
        tr("{missing} missing × {price}", missing=missing, price=money_words(price, due.currency))
        for missing, price in parts
        if price is not None
    )
