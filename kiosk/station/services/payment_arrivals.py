"""Payments that the platform announces by itself: which of them are meant for a swap, and what the swap is with them.

An event counts where it names the swap, or where it names no swap and was paid after this one began; one that says neither may still
confirm a receipt that is typed. Money in another currency is never counted: it is returned, to be shown. A receipt that this swap has,
that paid another swap here, or that can be no receipt is left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from kiosk.domain.errors import PaymentInvalid
from kiosk.domain.money.money import check_receipt
from kiosk.domain.money.payments import PaymentReceived, normalise_receipt_id
from kiosk.domain.swap.swap import Confirmation, Payment, Swap, receipt_in
from kiosk.station.ports import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """The swap after the look; the payments counted in this look, in their order; the events in another currency than the plan's."""

    swap: Swap
    counted: tuple[Payment, ...] = ()
    foreign: tuple[PaymentReceived, ...] = ()


def meant_for(event: PaymentReceived, swap: Swap) -> bool:
    """Whether an event is about this swap."""
    if event.plan_id != swap.plan.id or event.for_another(swap.correlation_id):
        return False
    return event.swap == swap.correlation_id or (event.paid_at is not None and event.paid_at >= swap.started_at)


def news_for(swap: Swap, events: Iterable[PaymentReceived]) -> tuple[PaymentReceived, ...]:
    """The events for this swap that can be receipts and are not recorded with it."""
    return tuple(event for event in events if meant_for(event, swap) and receipt_in(swap, event.receipt_id) is None and _possible(event))


def _possible(event: PaymentReceived) -> bool:
    try:
        check_receipt(event.amount, event.receipt_id)
    except PaymentInvalid:
        return False
    return True


def payments_of(swap: Swap, news: Sequence[PaymentReceived], store: Store, at: datetime) -> tuple[Payment, ...]:
    """What can be counted of the news, recorded at that time: in the plan's currency, and not used by another swap here.

    Raises StoreFailed, CurrencyConflict.
    """
    currency = swap.plan.billing_currency
    return tuple(
        Payment(
            amount=event.amount,
            currency=currency,
            receipt_id=normalise_receipt_id(event.receipt_id),
            method=event.method,
            recorded_at=at,
            confirmation=Confirmation.PLATFORM,
        )
        for event in news
        if event.currency == currency and not store.payment_used_at(event.method, event.receipt_id, except_swap=swap.correlation_id)
    )
