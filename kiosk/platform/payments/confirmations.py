"""The ERP system's word that a payment was received: booked once, told once (specification 4.2, trigger 1; decisions 9, 10).

A delivery is one request of the desk's kind: the same transaction locks the plan, looks what is known of the receipt, books the payment,
takes PAYMENT_RECEIVED into the payment cycle and queues the event. The delivery's id is its key, so a replay does nothing.

- The payment is known, by a kiosk's PROCESS_PAYMENT or COMPLETE_SERVICE or by an earlier delivery: nothing is done twice. Where it was
  bound to no transaction and the delivery names one, it is bound now.
- It names a transaction: it pays that one only. It names none, or a swap of another plan: the first transaction of its plan that shows the
  receipt takes it. A reference that is no correlation id names none (`swap_named`); it is kept in the event.
- No such plan, another currency than the plan's, or against what is recorded of this receipt: nothing is booked on the plan; the money is
  kept as an unapplied payment for a person.
- It names a transaction that is completed already: it comes too late to credit anything, and is kept in the same way. One that is known
  and belongs to no transaction stays free for the next.
- Money in another currency is told, as an event that moves no state machine: the kiosk where the customer waits says it.
- More than was due: booked in full; what it credits is decided with the swap.

Raises StoreFailed when the database does not answer; the sender then sends again.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from kiosk.domain.agent.specification_json import Json, payment_received_event
from kiosk.domain.errors import CurrencyConflict
from kiosk.domain.money.receipt_ids import compared
from kiosk.domain.plan.fsm import PAYMENT_RECEIVED
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import ProcessPayment
from kiosk.platform.payments.verifiers import check_form
from kiosk.platform.rules import PlatformRules
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.store_values import (
    ISSUE,
    Asked,
    Books,
    Decision,
    EventToPublish,
    Key,
    ReceiptKey,
    Recorded,
    RecordedPayment,
    Unapplied,
)
from kiosk.wire.exact_json import dumps
from kiosk.wire.topics import topic_for

ACTION, PART = "PAYMENT_CONFIRMATION", "confirmation"


class Verdict(StrEnum):
    """What became of a delivery; those from PLAN_UNKNOWN on are kept as unapplied payments."""

    BOOKED = "BOOKED"
    KNOWN = "KNOWN"
    REPLAYED = "REPLAYED"
    PLAN_UNKNOWN = "PLAN_UNKNOWN"
    FOREIGN_CURRENCY = "FOREIGN_CURRENCY"
    CONTRADICTION = "CONTRADICTION"
    TOO_LATE = "TOO_LATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What was delivered. The payment's `transaction_id` is the transaction that it names, empty for none; its `correlation_id` is the
    reference as it came."""

    delivery_id: str
    plan_id: str
    currency: str
    payment: ProcessPayment
    content: bytes

    @property
    def receipt(self) -> ReceiptKey:
        """As compared."""
        return ReceiptKey(method=compared(self.payment.payment_method), receipt_id=compared(self.payment.payment_receipt_id))

    def without_transaction(self) -> "Confirmation":
        """The same, for the first transaction of its plan that shows the receipt."""
        return replace(self, payment=replace(self.payment, transaction_id=""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The verdict; `reason` is a phrase where nothing was booked on the plan."""

    verdict: Verdict
    reason: str = ""


class Confirmations:
    """Takes deliveries. Holds no state."""

    def __init__(self, store: PlatformStore, rules: PlatformRules) -> None:
        self._store, self._rules = store, rules

    def take(self, confirmation: Confirmation, now: datetime) -> Taken:
        """Book it, or find it known, or keep it. Raises PaymentInvalid for what can be no payment, StoreFailed."""
        check_form(confirmation.payment)
        verdicts: list[Taken] = []

        def decide(books: Books) -> Decision:
            taken, decision = _decided(confirmation, books, self._rules, now)
            verdicts.append(taken)
            return decision

        unknown = Taken(verdict=Verdict.PLAN_UNKNOWN, reason=f"there is no plan {confirmation.plan_id}")
        outcome = self._store.act(_asked(confirmation, now), decide, without_plan=_kept(confirmation, unknown, now))
        if isinstance(outcome, Recorded):
            return Taken(verdict=Verdict.REPLAYED, reason=f"the delivery {confirmation.delivery_id} was taken before")
        return verdicts[-1] if verdicts else unknown


def _asked(confirmation: Confirmation, now: datetime) -> Asked:
    named = confirmation.payment.transaction_id
    return Asked(
        key=Key(correlation_id=confirmation.delivery_id, part=PART),
        plan_id=confirmation.plan_id,
        action=ACTION,
        digest=hashlib.sha256(confirmation.content).hexdigest(),
        request=confirmation.content,
        receipt=confirmation.receipt,
        at=now,
        pays=Key(correlation_id=named, part=ISSUE) if named else None,
    )


def _decided(confirmation: Confirmation, books: Books, rules: PlatformRules, now: datetime) -> tuple[Taken, Decision]:
    if books.elsewhere:  # this plan's money, whatever it says
        confirmation, books = confirmation.without_transaction(), replace(books, too_late=False)
    fault = _currency_fault(confirmation, books) or _contradiction(confirmation, books) or _lateness(confirmation, books)
    if fault is not None:
        return fault, replace(_kept(confirmation, fault, now), events=_told_in_vain(confirmation, fault, books, rules, now))
    if books.receipt_paid is not None:
        known = Taken(verdict=Verdict.KNOWN)
        return known, Decision(response=_said(known), final=True, bound=() if books.too_late else _bound(confirmation, books.receipt_paid))
    booked = Taken(verdict=Verdict.BOOKED)
    return booked, _booked(confirmation, books, rules, now, _said(booked))


def _currency_fault(confirmation: Confirmation, books: Books) -> Taken | None:
    try:
        currency = books.plan.billing_currency
    except CurrencyConflict as error:
        return Taken(verdict=Verdict.FOREIGN_CURRENCY, reason=f"the plan is in {error.plan_currency} and in {error.template_currency}")
    if confirmation.currency == currency:
        return None
    return Taken(verdict=Verdict.FOREIGN_CURRENCY, reason=f"it is in {confirmation.currency} and the plan is paid in {currency}")


def _contradiction(confirmation: Confirmation, books: Books) -> Taken | None:
    paid, named = books.receipt_paid, confirmation.payment.transaction_id
    if paid is None:
        return None
    reason = ""
    if paid.plan_id != books.plan.id:
        reason = "it was recorded for another plan"
    elif paid.amount != confirmation.payment.payment_amount:
        reason = f"it was recorded with {paid.amount} {paid.currency}"
    elif named and paid.owner not in ("", named):
        reason = "it has paid another transaction"
    return Taken(verdict=Verdict.CONTRADICTION, reason=reason) if reason else None


def _lateness(confirmation: Confirmation, books: Books) -> Taken | None:
    """New money for a transaction that is done."""
    if books.receipt_paid is not None or not books.too_late:
        return None
    return Taken(verdict=Verdict.TOO_LATE, reason=f"{confirmation.payment.transaction_id} was completed without it")


def _bound(confirmation: Confirmation, paid: RecordedPayment) -> tuple[RecordedPayment, ...]:
    named = confirmation.payment.transaction_id
    return (replace(paid, owner=named),) if named and not paid.owner else ()


def _booked(confirmation: Confirmation, books: Books, rules: PlatformRules, now: datetime, response: bytes) -> Decision:
    payment, plan = confirmation.payment, books.plan
    event = payment_received_event(payment, plan, now)
    recorded = RecordedPayment(
        key=confirmation.receipt,
        owner=payment.transaction_id,
        plan_id=plan.id,
        amount=payment.payment_amount,
        currency=confirmation.currency,
        at=now,
        event=dumps(event).decode(),
    )
    after, _ignored = plan.after((PAYMENT_RECEIVED,))
    return Decision(
        response=response, final=True, plan=None if after is plan else after, payment=recorded, events=_told(event, plan, rules)
    )


def _told_in_vain(
    confirmation: Confirmation, fault: Taken, books: Books, rules: PlatformRules, now: datetime
) -> tuple[EventToPublish, ...]:
    """Money in another currency is told once, so that the kiosk where the customer waits can say what became of it. It moves no state
    machine, and its id is not that of the event which tells of the receipt once it is mended."""
    if fault.verdict is not Verdict.FOREIGN_CURRENCY or books.unapplied:
        return ()
    try:
        event = payment_received_event(confirmation.payment, books.plan, now)
    except CurrencyConflict:
        return ()
    data = {**event["payment_data"], "currency": confirmation.currency}
    told = {**event, "event_id": f"EVT-UNAPPLIED-{confirmation.payment.payment_receipt_id}", "payment_data": data, "fsm_inputs": []}
    return _told(told, books.plan, rules)


def _told(event: Json, plan: ServicePlan, rules: PlatformRules) -> tuple[EventToPublish, ...]:
    if not plan.template.agent_config.service_completion.event_publishing_enabled:
        return ()
    topic = topic_for(rules.topics.payment_received, plan.id)
    return (EventToPublish(event_id=event["event_id"], topic=topic, payload=dumps(event)),)


def _kept(confirmation: Confirmation, fault: Taken, now: datetime) -> Decision:
    payment = confirmation.payment
    kept = Unapplied(
        key=confirmation.receipt,
        plan_id=confirmation.plan_id,
        amount=payment.payment_amount,
        currency=confirmation.currency,
        reference=payment.correlation_id,
        kind=fault.verdict,
        reason=fault.reason,
        paid_at=payment.payment_timestamp or now,
    )
    return Decision(response=_said(fault), final=True, unapplied=(kept,))


def _said(taken: Taken) -> bytes:
    return dumps({"verdict": taken.verdict, "reason": taken.reason})
