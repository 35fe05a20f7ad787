"""What proves a payment: a verifier's word about a receipt that is shown, and what the ERP system confirms by itself.

Verifiers decide whether a receipt was paid. The platform asks once for each receipt, outside any transaction.

The ERP system confirms that a payment was received: recorded once, published once (specification 4.2, trigger 1; decisions 9, 10).

A delivery is decided like a kiosk's request: one transaction locks the plan, looks up what is known of the receipt, records the payment,
takes PAYMENT_RECEIVED into the payment cycle and queues the event. The delivery's id is its key: the same bytes again do nothing and are
answered as the first time, other bytes under the same id are refused.

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
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from kiosk.domain.agent.specification_json import payment_received_event
from kiosk.domain.errors import CurrencyConflict, PaymentInvalid, PaymentRefused, PaymentUnconfirmed
from kiosk.domain.language import ENGLISH, in_language, tr
from kiosk.domain.money.cash import CASH, is_cash, number_in, series_of
from kiosk.domain.money.money import check_receipt
from kiosk.domain.plan.fsm import PAYMENT_RECEIVED
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import ProcessPayment
from kiosk.platform.outgoing_events import to_publish
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.store_values import (
    Decision,
    EventToPublish,
    Known,
    OwnedElsewhere,
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

MAX_METHOD_LENGTH = 64


class PaymentVerifier(Protocol):
    """Knows the payments, e.g. the ERP system. Has its own deadline."""

    def verify(self, payment: ProcessPayment, plan: ServicePlan) -> None:
        """Returns when it was paid. Raises PaymentRefused; PaymentUnconfirmed when it cannot be known now: the request then stays
        unanswered, and a later try may succeed."""


class AcceptWellFormed:
    """Takes every receipt that can be one (`check_form` has looked at it). For stations without an ERP system."""

    def verify(self, payment: ProcessPayment, plan: ServicePlan) -> None:
        """Every payment was paid."""


class ConfirmedOnly:
    """Takes what the ERP system has confirmed: those receipts are recorded, so one that is asked about here is not confirmed yet."""

    def verify(self, payment: ProcessPayment, plan: ServicePlan) -> None:
        """Raises PaymentUnconfirmed."""
        del plan
        raise PaymentUnconfirmed(payment.payment_receipt_id, 0.0)


def verify_payment(verifier: PaymentVerifier, payment: ProcessPayment, plan: ServicePlan, signer: str) -> None:
    """Asks the verifier; but no third party confirms cash (decision 31): where payments must be confirmed, cash is when an enrolled station
    signed it and its receipt is of that station's own series. Raises as `verify`."""
    if not (isinstance(verifier, ConfirmedOnly) and is_cash(payment.payment_method)):
        verifier.verify(payment, plan)
    elif not signer:
        raise PaymentRefused(payment.payment_receipt_id, tr("cash is taken here at enrolled stations only, and this one does not sign"))
    elif number_in(series_of(CASH, signer), payment.payment_receipt_id) is None:
        raise PaymentRefused(
            payment.payment_receipt_id, tr("it is no number of the cash receipts of the station {station}", station=signer)
        )


VERIFIERS: Mapping[str, Callable[[], PaymentVerifier]] = {"accept": AcceptWellFormed, "confirmed": ConfirmedOnly}
"""By the name of the policy: whether a receipt counts when it is shown, or only when the ERP system has confirmed it."""


@dataclass(slots=True)
class ScriptedPayments:
    """For training and tests: refuses or keeps silent for the receipt ids and plan ids named, and takes every other.

    `refused` maps an id to the reason; both may be changed while the platform runs.
    """

    refused: dict[str, str] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)

    def verify(self, payment: ProcessPayment, plan: ServicePlan) -> None:
        """Raises PaymentRefused, PaymentUnconfirmed as scripted."""
        for each in (payment.payment_receipt_id, plan.id):
            if each in self.silent:
                raise PaymentUnconfirmed(payment.payment_receipt_id, 0.0)
            if each in self.refused:
                raise PaymentRefused(payment.payment_receipt_id, self.refused[each])


def check_form(payment: ProcessPayment) -> None:
    """Raises PaymentInvalid for an amount, a receipt id or a method that cannot be one."""
    check_receipt(payment.payment_amount, payment.payment_receipt_id)
    method = payment.payment_method
    if not method.strip() or len(method) > MAX_METHOD_LENGTH or not method.isprintable():
        raise PaymentInvalid("the method is empty, too long or not readable")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """The verdict; `reason` is a phrase where nothing was recorded on the plan."""

    verdict: DeliveryVerdict
    reason: str = ""


def take_delivery(store: PlatformStore, delivery: PaymentDelivery, now: datetime) -> DeliveryResult:
    """Record it, or find it known, or keep it. Raises PaymentInvalid for what can be no payment, StoreFailed."""

    def decide(known: Known) -> Decision:
        match known:
            case RecordedRequest():
                return Decision(response=_again(delivery, known), final=False)
            case OwnedElsewhere() | None:
                unknown = DeliveryResult(verdict=DeliveryVerdict.PLAN_UNKNOWN, reason=f"there is no plan {delivery.plan_id}")
                return _keep(delivery, unknown, now)
            case Snapshot():
                return _decide_on_plan(delivery, known, now)

    check_form(delivery.payment)
    with in_language(ENGLISH):  # what goes into the database
        return _result(store.decide(Work(facts=_facts(delivery, now), decide=decide)).response)


def taken_before(store: PlatformStore, delivery: PaymentDelivery, now: datetime) -> DeliveryResult | None:
    """What became of this very delivery when it came first; None where it did not. Changes nothing. Raises StoreFailed."""
    (known,) = store.look_up([_facts(delivery, now)])
    if not isinstance(known, RecordedRequest) or known.digest != _digest(delivery):
        return None
    return _result(_again(delivery, known))


def _again(delivery: PaymentDelivery, recorded: RecordedRequest) -> bytes:
    """The same bytes again: what was booked is known, what was not has the same reason as before. Other bytes under its id: REPLAYED."""
    if recorded.digest != _digest(delivery):
        reason = f"the delivery {delivery.delivery_id} was taken before with other content, which stands"
        return _response(DeliveryResult(verdict=DeliveryVerdict.REPLAYED, reason=reason))
    first = _result(recorded.response)
    return _response(replace(first, verdict=DeliveryVerdict.KNOWN) if first.verdict is DeliveryVerdict.BOOKED else first)


def _result(response: bytes) -> DeliveryResult:
    answer = loads(response)
    return DeliveryResult(verdict=DeliveryVerdict(answer["verdict"]), reason=answer["reason"])


def _digest(delivery: PaymentDelivery) -> str:
    return hashlib.sha256(delivery.content).hexdigest()


def _facts(delivery: PaymentDelivery, now: datetime) -> RequestFacts:
    paid_for = delivery.payment.transaction_id
    return RequestFacts(
        key=RequestKey(correlation_id=delivery.delivery_id, part=PART),
        plan_id=delivery.plan_id,
        action=ACTION,
        digest=_digest(delivery),
        request=delivery.content,
        receipt=delivery.receipt,
        at=now,
        pays_for=RequestKey(correlation_id=paid_for, part=ISSUE) if paid_for else None,
    )


def _decide_on_plan(delivery: PaymentDelivery, snapshot: Snapshot, now: datetime) -> Decision:
    if snapshot.of_other_plan:  # this plan's money, whatever it says: for the first transaction of its plan that shows the receipt
        delivery, snapshot = replace(delivery, payment=replace(delivery.payment, transaction_id="")), replace(snapshot, too_late=False)
    paid = snapshot.receipt_paid
    faults = {
        DeliveryVerdict.FOREIGN_CURRENCY: _currency_fault(delivery, snapshot),
        DeliveryVerdict.CONTRADICTION: _contradiction(delivery.payment, paid, snapshot) if paid else "",
        DeliveryVerdict.TOO_LATE: "" if paid or not snapshot.too_late else f"{delivery.payment.transaction_id} was completed without it",
    }
    for verdict, reason in faults.items():
        if reason:
            kept = _keep(delivery, DeliveryResult(verdict=verdict, reason=reason), now)
            return replace(kept, events=_foreign_currency_event(delivery, verdict, snapshot, now))
    if paid is None:
        return _record(delivery, snapshot, now)
    assigned = () if snapshot.too_late else _assign(delivery, paid)
    return Decision(response=_response(DeliveryResult(verdict=DeliveryVerdict.KNOWN)), final=True, assigned=assigned)


def _currency_fault(delivery: PaymentDelivery, snapshot: Snapshot) -> str:
    """Why it is not the plan's currency, "" where it is."""
    try:
        currency = snapshot.plan.billing_currency
    except CurrencyConflict as error:
        return f"the plan is in {error.plan_currency} and in {error.template_currency}"
    return "" if delivery.currency == currency else f"it is in {delivery.currency} and the plan is paid in {currency}"


def _contradiction(payment: ProcessPayment, paid: RecordedPayment, snapshot: Snapshot) -> str:
    """How it differs from what is recorded of its receipt, "" where it does not."""
    if paid.plan_id != snapshot.plan.id:
        return "it was recorded for another plan"
    if paid.amount != payment.payment_amount:
        return f"it was recorded with {paid.amount} {paid.currency}"
    return "it has paid another transaction" if payment.transaction_id and paid.owner not in ("", payment.transaction_id) else ""


def _assign(delivery: PaymentDelivery, paid: RecordedPayment) -> tuple[RecordedPayment, ...]:
    transaction = delivery.payment.transaction_id
    return (replace(paid, owner=transaction),) if transaction and not paid.owner else ()


def _record(delivery: PaymentDelivery, snapshot: Snapshot, now: datetime) -> Decision:
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
    return Decision(
        response=_response(DeliveryResult(verdict=DeliveryVerdict.BOOKED)),
        final=True,
        plan=None if after is plan else after,
        payment=recorded,
        events=to_publish(event, plan, snapshot.listening),
    )


def _foreign_currency_event(
    delivery: PaymentDelivery, verdict: DeliveryVerdict, snapshot: Snapshot, now: datetime
) -> tuple[EventToPublish, ...]:
    """Money in another currency is published once, so that the kiosk where the customer waits can say what became of it. It moves no state
    machine, and its id is not that of the event which is published for the receipt once the currency is corrected."""
    if verdict is not DeliveryVerdict.FOREIGN_CURRENCY or snapshot.unapplied:
        return ()
    try:
        event = payment_received_event(delivery.payment, snapshot.plan, now)
    except CurrencyConflict:
        return ()
    changed = {
        "event_id": f"EVT-UNAPPLIED-{delivery.payment.payment_receipt_id}",
        "payment_data": {**event["payment_data"], "currency": delivery.currency},
        "fsm_inputs": [],
    }
    return to_publish({**event, **changed}, snapshot.plan, snapshot.listening)


def _keep(delivery: PaymentDelivery, fault: DeliveryResult, now: datetime) -> Decision:
    payment = delivery.payment
    unapplied = Unapplied(
        key=delivery.receipt,
        plan_id=delivery.plan_id,
        amount=payment.payment_amount,
        currency=delivery.currency,
        reference=payment.correlation_id,
        kind=fault.verdict,
        reason=fault.reason,
        paid_at=payment.payment_timestamp or now,
    )
    return Decision(response=_response(fault), final=True, unapplied=(unapplied,))


def _response(result: DeliveryResult) -> bytes:
    return dumps({"verdict": result.verdict, "reason": result.reason})
