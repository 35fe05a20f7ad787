"""POST /api/v1/payments/confirmations: the ERP system says that a payment was received.

The body is signed with the shared secret: `X-Signature: sha256=<hex HMAC of the body>`; no bearer token is needed. 200 BOOKED or KNOWN.
The same bytes may come again, however late, as from a sender that has not heard the answer: nothing is done twice, and what was booked is
KNOWN. With every other status nothing is recorded: 401 the signature is wrong; 400 the body cannot be read; 409 DELIVERY_STALE (`sent_at`
is more than five minutes away), DELIVERY_REPLAYED (this `delivery_id` came before with another body), CONTRADICTION (this receipt is
recorded otherwise) or TOO_LATE (its transaction is completed already); 404 PLAN_UNKNOWN; 422 FOREIGN_CURRENCY, PaymentInvalid; 503 the
database is away, send again. What is CONTRADICTION, TOO_LATE, PLAN_UNKNOWN and FOREIGN_CURRENCY is kept for a person: the money is real.
"""

import asyncio
import hashlib
import hmac
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kiosk.domain.errors import BadInput, KioskError, PaymentUnapplied, StepImpossible
from kiosk.domain.language import tr
from kiosk.domain.messages import message_for
from kiosk.domain.money.money import MAX_AMOUNT, MAX_RECEIPT_ID_LENGTH, check_decimals
from kiosk.domain.money.payments import swap_named
from kiosk.domain.requests import ProcessPayment
from kiosk.platform.http.answers import answer, check_content_type, error_answer
from kiosk.platform.http.auth import ApiContext
from kiosk.platform.payment_proof import DeliveryResult, DeliveryVerdict, PaymentDelivery, take_delivery, taken_before
from kiosk.wire.checked import Id, Model, Moment, Number, Text, TopicId, checked, fault
from kiosk.wire.exact_json import loads
from kiosk.wire.template_documents import Currency

PATH = "/api/v1/payments/confirmations"
FRESH = timedelta(minutes=5)
_MAX_ID = MAX_RECEIPT_ID_LENGTH
_PUBLISHED = (DeliveryVerdict.BOOKED, DeliveryVerdict.FOREIGN_CURRENCY)  # with an event, for the kiosk where the customer waits
_STATUS = {
    DeliveryVerdict.REPLAYED: HTTPStatus.CONFLICT,
    DeliveryVerdict.CONTRADICTION: HTTPStatus.CONFLICT,
    DeliveryVerdict.TOO_LATE: HTTPStatus.CONFLICT,
    DeliveryVerdict.PLAN_UNKNOWN: HTTPStatus.NOT_FOUND,
    DeliveryVerdict.FOREIGN_CURRENCY: HTTPStatus.UNPROCESSABLE_ENTITY,
}


def _short(value: str) -> str:
    return value if len(value) <= _MAX_ID else fault(tr("is longer than {count} characters", count=_MAX_ID))


def _positive(value: Number) -> Number:
    return value if 0 < value <= MAX_AMOUNT else fault(tr("is not an amount"))


def _not_empty(value: str) -> str:
    return value or fault(tr("is empty"))


ShortId = Annotated[Id, AfterValidator(_short), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": _MAX_ID})]


class ConfirmationDocument(Model):
    """One payment. `delivery_id` names this delivery, `reference` the transaction that the payment is for; without one, or with one that is
    no correlation id of a swap, it is for the first that shows the receipt. `station` and `attendant` tell where it was taken.
    """

    delivery_id: ShortId
    sent_at: Moment
    plan_id: Annotated[TopicId, WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 128, "description": "without +, # and /"})]
    amount: Annotated[
        Number, AfterValidator(_positive), WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": int(MAX_AMOUNT)})
    ]
    currency: Annotated[Currency, AfterValidator(_not_empty), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"})]
    receipt_id: ShortId
    payment_method: ShortId
    payment_timestamp: Moment
    reference: Annotated[Id, WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 128})] | None = None
    station: Text | None = None
    attendant: Text | None = None

    def delivery(self, content: bytes) -> PaymentDelivery:
        """As the platform's value."""
        payment = ProcessPayment(
            payment_amount=self.amount,
            payment_receipt_id=self.receipt_id,
            payment_method=self.payment_method,
            attendant_id=self.attendant or "",
            attendant_station=self.station or "",
            correlation_id=self.reference or "",
            transaction_id=swap_named(self.reference or ""),
            payment_timestamp=self.payment_timestamp,
        )
        return PaymentDelivery(delivery_id=self.delivery_id, plan_id=self.plan_id, currency=self.currency, payment=payment, content=content)


def routes(context: ApiContext) -> list[BaseRoute]:
    """The callback."""

    async def confirm(request: Request) -> Response:
        body = await request.body()
        if not is_signed(body, request.headers.get("x-signature", ""), context.secrets.payment):
            return error_answer(401, "SIGNATURE_WRONG", tr("The signature is not that of this body."))
        check_content_type(request)
        document = checked(ConfirmationDocument, loads(body), BadInput)
        now = context.clock.now()
        if abs(now - document.sent_at) > FRESH:  # an old delivery may be a recorded one: it counts only where it was taken in time
            before = await asyncio.to_thread(taken_before, context.store, document.delivery(body), now)
            stale = StepImpossible(tr("the delivery was not sent now; its clock or ours is wrong"))
            return _answer(before, document) if before else _refuse(409, "DELIVERY_STALE", stale)
        check_decimals(document.amount, document.currency)
        result = await asyncio.to_thread(take_delivery, context.store, document.delivery(body), now)
        if result.verdict in _PUBLISHED:
            context.wake()
        return _answer(result, document)

    return [Route(PATH, confirm, methods=["POST"])]


def is_signed(body: bytes, signature: str, secret: bytes) -> bool:
    """Whether `signature` is `sha256=<hex HMAC of the body>`. Takes the same time for every wrong one."""
    expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.strip().lower().encode())


def _answer(result: DeliveryResult, document: ConfirmationDocument) -> Response:
    if result.verdict not in _STATUS:
        return answer({"verdict": result.verdict, "delivery_id": document.delivery_id, "receipt_id": document.receipt_id})
    if result.verdict is DeliveryVerdict.REPLAYED:
        return _refuse(409, "DELIVERY_REPLAYED", StepImpossible(result.reason))
    return _refuse(_STATUS[result.verdict], result.verdict, PaymentUnapplied(document.receipt_id, result.reason))


def _refuse(status: int, code: str, error: KioskError) -> Response:
    return error_answer(status, code, message_for(error).sentence)
