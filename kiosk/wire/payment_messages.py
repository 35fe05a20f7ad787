"""PAYMENT_RECEIVED events and the answers to PROCESS_PAYMENT, as the kiosk reads them (specification 4.1; decisions 10, 22).

What cannot be read is `Unintelligible`; a payment is then not confirmed, which is no refusal.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from kiosk.domain.errors import BadInput
from kiosk.domain.money.payments import PaymentReceived
from kiosk.domain.requests import ProcessPayment
from kiosk.wire.actions import STATION_REFUSED, TRANSACTION_OWNED
from kiosk.wire.checked import Amount, Id, Model, Moment, Text, checked
from kiosk.wire.completion_answers import Unintelligible, mapping, other_plan, read_answer
from kiosk.wire.exact_json import loads
from kiosk.wire.template_documents import Currency

_USED = frozenset({"PAYMENT_ALREADY_USED", "PAYMENT_USED", "PAYMENT_RECEIPT_USED"})


def _moment_or_none(value: object) -> datetime | None:
    """A time that cannot be read is taken as unknown: the receipt is paid all the same."""
    try:
        return _MOMENT.validate_python(value)
    except ValidationError:
        return None


_MOMENT = TypeAdapter(Moment)
_ToldMoment = Annotated[datetime | None, BeforeValidator(_moment_or_none)]


class _PaymentData(Model):
    amount: Amount
    currency: Currency
    payment_method: Text
    odoo_receipt_id: Id
    payment_timestamp: _ToldMoment = None


class _ContextDocument(Model):
    transaction_id: Text | None = None


class _EventDocument(Model):
    event_type: Text
    timestamp: _ToldMoment = None
    payment_data: _PaymentData
    service_context: _ContextDocument = Field(default_factory=_ContextDocument)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAnswer:
    """What the platform says to PROCESS_PAYMENT. `used` tells a receipt that paid before from one that is no payment; `owned` and
    `station_refused` say nothing of the receipt."""

    correlation_id: str
    confirmed: bool
    used: bool = False
    owned: bool = False
    station_refused: bool = False
    reason: str = ""


def payment_event_from_payload(plan_id: str, payload: bytes) -> PaymentReceived | Unintelligible:
    """A PAYMENT_RECEIVED event; `plan_id` is the one in the topic. Never raises."""
    try:
        document = loads(payload)
        read = checked(_EventDocument, document, BadInput)
    except BadInput as error:
        return Unintelligible(reason=f"{error.where} {error.reason}")
    if read.event_type != "PAYMENT_RECEIVED":
        return Unintelligible(reason=f"is no PAYMENT_RECEIVED but {read.event_type}")
    other = other_plan(document, plan_id)
    if other:
        return Unintelligible(reason=f"is for another plan, {other}")
    paid = read.payment_data
    return PaymentReceived(
        plan_id=plan_id,
        receipt_id=paid.odoo_receipt_id,
        method=paid.payment_method,
        amount=paid.amount,
        currency=paid.currency,
        transaction_id=read.service_context.transaction_id or "",
        paid_at=paid.payment_timestamp or read.timestamp,
    )


def payment_answer_from_payload(plan_id: str, payload: bytes) -> PaymentAnswer | Unintelligible:
    """The answer to PROCESS_PAYMENT; `plan_id` is the one in the topic. Never raises."""
    read = read_answer(ProcessPayment.action, plan_id, payload)
    if isinstance(read, Unintelligible):
        return read
    document, verdict = read
    used = not _USED.isdisjoint(verdict.signals) or "PaymentUsed" in _codes(document)
    if not used and verdict.succeeded is None:
        return Unintelligible(reason="says neither that it is paid nor that it is refused")
    confirmed = bool(verdict.succeeded) and not used
    return PaymentAnswer(
        correlation_id=verdict.correlation_id,
        confirmed=confirmed,
        used=used,
        owned=TRANSACTION_OWNED in verdict.signals,
        station_refused=not STATION_REFUSED.isdisjoint(verdict.signals),
        reason="" if confirmed else verdict.reason,
    )


def _codes(document: dict[str, object]) -> set[str]:
    """The codes of `metadata.reasons`, which the reference platform names beside its sentence."""
    reasons = mapping(document.get("metadata")).get("reasons")
    return {str(mapping(each).get("code")) for each in reasons} if isinstance(reasons, list) else set()
