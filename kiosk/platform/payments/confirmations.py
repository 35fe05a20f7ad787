"""The ERP system confirms that a payment was received: recorded once, published once (specification 4.2, trigger 1; decisions 9, 10).

A delivery is decided like a kiosk's request: one transaction locks the plan, looks up what is known of the receipt, records the payment,
takes PAYMENT_RECEIVED into the payment cycle and queues the event. The delivery's id is its key, so a replay does nothing.

- The payment is known, by a kiosk's PROCESS_PAYMENT or COMPLETE_SERVICE or by an earlier delivery: nothing is done twice. Where it
  belonged to no transaction and the delivery names one, it belongs to that one now.
- It names a transaction: it pays that one only. It names none, or a swap of another plan: the first transaction of its plan that shows the
  receipt takes it. A reference that is no correlation id names none (`swap_named`); it is kept in the event.
- No such plan, another currency than the plan's, or against what is recorded of this receipt: nothing is recorded on the plan; the money is
  kept as an unapplied payment for a person.
- It names a transaction that is completed already: it comes too late to credit anything, and is kept in the same way. One that is known
  and belongs to no transaction stays free for the next.
- Money in another currency is published, as an event that moves no state machine: the kiosk where the customer waits says it.
- More than was due: recorded in full; what it credits is decided with the swap.

Raises StoreFailed when the database does not answer; the sender then sends again.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from kiosk.domain.agent.specification_json import payment_received_event
from kiosk.domain.errors import CurrencyConflict
from kiosk.domain.language import ENGLISH, in_language
from kiosk.domain.plan.fsm import PAYMENT_RECEIVED
from kiosk.domain.requests import ProcessPayment
from kiosk.platform.outgoing_events import to_publish
from kiosk.platform.payments.verifiers import check_form
from kiosk.platform.rules import PlatformRules
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.store_values import (
    Decision,
    EventToPublish,
    Known,
    ReceiptKey,
    RecordedPayment,
    RecordedRequest,
    RequestFacts,
    RequestKey,
    Snapshot,
    Unapplied,
    Work,
)
from kiosk.wire.actions import ISSUE
from kiosk.wire.exact_json import dumps, loads

ACTION, PART = "PAYMENT_CONFIRMATION", "confirmation"


class DeliveryVerdict(StrEnum):
    """What became of a delivery; those from PLAN_UNKNOWN on are kept as unapplied payments."""

    BOOKED = "BOOKED"
    KNOWN = "KNOWN"
    REPLAYED = "REPLAYED"
    PLAN_UNKNOWN = "PLAN_UNKNOWN"
    FOREIGN_CURRENCY = "FOREIGN_CURRENCY"
    CONTRADICTION = "CONTRADICTION"
    TOO_LATE = "TOO_LATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDelivery:
    """What was delivered. The payment's `transaction_id` is the transaction that it names, empty for none; its `correlation_id` is the
    reference as it came."""

    delivery_id: str
    plan_id: str
    currency: str
    payment: ProcessPayment
    content: bytes

    @property
    def receipt(self) -> ReceiptKey:
        """Its receipt, normalised."""
        return ReceiptKey.of(self.payment)

    def without_transaction(self) -> "PaymentDelivery":
        """The same, for the first transaction of its plan that shows the receipt."""
        return replace(self, payment=replace(self.payment, transaction_id=""))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """The verdict; `reason` is a phrase where nothing was recorded on the plan."""

    verdict: DeliveryVerdict
    reason: str = ""


class Confirmations:
    """Takes deliveries. Holds no state."""

    def __init__(self, store: PlatformStore, rules: PlatformRules) -> None:
        self._store, self._rules = store, rules

    def take(self, delivery: PaymentDelivery, now: datetime) -> DeliveryResult:
        """Record it, or find it known, or keep it. Raises PaymentInvalid for what can be no payment, StoreFailed."""
        check_form(delivery.payment)
        with in_language(ENGLISH):  # what goes into the database
            decision = self._store.decide(Work(facts=_facts(delivery, now), decide=lambda known: self._decide(delivery, known, now)))
        answer = loads(decision.response)
        return DeliveryResult(verdict=DeliveryVerdict(answer["verdict"]), reason=answer["reason"])

    def _decide(self, delivery: PaymentDelivery, known: Known, now: datetime) -> Decision:
        match known:
            case RecordedRequest():
                replayed = DeliveryResult(verdict=DeliveryVerdict.REPLAYED, reason=f"the delivery {delivery.delivery_id} was taken before")
                return Decision(response=_response(replayed), final=False)
            case None:
                unknown = DeliveryResult(verdict=DeliveryVerdict.PLAN_UNKNOWN, reason=f"there is no plan {delivery.plan_id}")
                return _keep(delivery, unknown, now)
            case Snapshot():
                return _decide_on_plan(delivery, known, self._rules, now)


def _facts(delivery: PaymentDelivery, now: datetime) -> RequestFacts:
    paid_for = delivery.payment.transaction_id
    return RequestFacts(
        key=RequestKey(correlation_id=delivery.delivery_id, part=PART),
        plan_id=delivery.plan_id,
        action=ACTION,
        digest=hashlib.sha256(delivery.content).hexdigest(),
        request=delivery.content,
        receipt=delivery.receipt,
        at=now,
        pays_for=RequestKey(correlation_id=paid_for, part=ISSUE) if paid_for else None,
    )


def _decide_on_plan(delivery: PaymentDelivery, snapshot: Snapshot, rules: PlatformRules, now: datetime) -> Decision:
    if snapshot.of_other_plan:  # this plan's money, whatever it says
        delivery, snapshot = delivery.without_transaction(), replace(snapshot, too_late=False)
    fault = _currency_fault(delivery, snapshot) or _contradiction(delivery, snapshot) or _lateness(delivery, snapshot)
    if fault is not None:
        return replace(_keep(delivery, fault, now), events=_foreign_currency_event(delivery, fault, snapshot, rules, now))
    if snapshot.receipt_paid is None:
        return _record(delivery, snapshot, rules, now)
    known = DeliveryResult(verdict=DeliveryVerdict.KNOWN)
    assigned = () if snapshot.too_late else _assign(delivery, snapshot.receipt_paid)
    return Decision(response=_response(known), final=True, assigned=assigned)


def _currency_fault(delivery: PaymentDelivery, snapshot: Snapshot) -> DeliveryResult | None:
    try:
        currency = snapshot.plan.billing_currency
    except CurrencyConflict as error:
        return DeliveryResult(
            verdict=DeliveryVerdict.FOREIGN_CURRENCY, reason=f"the plan is in {error.plan_currency} and in {error.template_currency}"
        )
    if delivery.currency == currency:
        return None
    return DeliveryResult(
        verdict=DeliveryVerdict.FOREIGN_CURRENCY, reason=f"it is in {delivery.currency} and the plan is paid in {currency}"
    )


def _contradiction(delivery: PaymentDelivery, snapshot: Snapshot) -> DeliveryResult | None:
    paid, transaction = snapshot.receipt_paid, delivery.payment.transaction_id
    if paid is None:
        return None
    reason = ""
    if paid.plan_id != snapshot.plan.id:
        reason = "it was recorded for another plan"
    elif paid.amount != delivery.payment.payment_amount:
        reason = f"it was recorded with {paid.amount} {paid.currency}"
    elif transaction and paid.owner not in ("", transaction):
        reason = "it has paid another transaction"
    return DeliveryResult(verdict=DeliveryVerdict.CONTRADICTION, reason=reason) if reason else None


def _lateness(delivery: PaymentDelivery, snapshot: Snapshot) -> DeliveryResult | None:
    """New money for a transaction that is done."""
    if snapshot.receipt_paid is not None or not snapshot.too_late:
        return None
    return DeliveryResult(verdict=DeliveryVerdict.TOO_LATE, reason=f"{delivery.payment.transaction_id} was completed without it")


def _assign(delivery: PaymentDelivery, paid: RecordedPayment) -> tuple[RecordedPayment, ...]:
    transaction = delivery.payment.transaction_id
    return (replace(paid, owner=transaction),) if transaction and not paid.owner else ()


def _record(delivery: PaymentDelivery, snapshot: Snapshot, rules: PlatformRules, now: datetime) -> Decision:
    payment, plan = delivery.payment, snapshot.plan
    event = payment_received_event(payment, plan, now)
    recorded = RecordedPayment(
        key=delivery.receipt,
        owner=payment.transaction_id,
        plan_id=plan.id,
        amount=payment.payment_amount,
        currency=delivery.currency,
        at=now,
        event=dumps(event).decode(),
    )
    after, _ignored = plan.after((PAYMENT_RECEIVED,))
    changed = None if after is plan else after
    response = _response(DeliveryResult(verdict=DeliveryVerdict.BOOKED))
    return Decision(response=response, final=True, plan=changed, payment=recorded, events=to_publish(event, plan, rules.topics))


def _foreign_currency_event(
    delivery: PaymentDelivery, fault: DeliveryResult, snapshot: Snapshot, rules: PlatformRules, now: datetime
) -> tuple[EventToPublish, ...]:
    """Money in another currency is published once, so that the kiosk where the customer waits can say what became of it. It moves no state
    machine, and its id is not that of the event which is published for the receipt once the currency is corrected."""
    if fault.verdict is not DeliveryVerdict.FOREIGN_CURRENCY or snapshot.unapplied:
        return ()
    try:
        event = payment_received_event(delivery.payment, snapshot.plan, now)
    except CurrencyConflict:
        return ()
    data = {**event["payment_data"], "currency": delivery.currency}
    changed = {**event, "event_id": f"EVT-UNAPPLIED-{delivery.payment.payment_receipt_id}", "payment_data": data, "fsm_inputs": []}
    return to_publish(changed, snapshot.plan, rules.topics)


def _keep(delivery: PaymentDelivery, fault: DeliveryResult, now: datetime) -> Decision:
    payment = delivery.payment
    kept = Unapplied(
        key=delivery.receipt,
        plan_id=delivery.plan_id,
        amount=payment.payment_amount,
        currency=delivery.currency,
        reference=payment.correlation_id,
        kind=fault.verdict,
        reason=fault.reason,
        paid_at=payment.payment_timestamp or now,
    )
    return Decision(response=_response(fault), final=True, unapplied=(kept,))


def _response(result: DeliveryResult) -> bytes:
    return dumps({"verdict": result.verdict, "reason": result.reason})
