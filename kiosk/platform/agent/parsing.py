"""Parses a message: what is requested, about which plan, under which correlation id.

What cannot be read is an `InvalidRequest` where it has a correlation id, so that it can be answered; else BadInput, and there is nobody to
answer. A payload longer than MAX_BYTES is not read at all.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from kiosk.domain.agent.specification_json import payment_of
from kiosk.domain.decimals import trimmed
from kiosk.domain.errors import BadCustomerCode, BadInput, KioskError, PaymentInvalid
from kiosk.domain.requests import CompleteService, IdentifyCustomer, ProcessPayment, Request
from kiosk.platform.agent.routes import Incoming, Route
from kiosk.platform.store.store_values import ReceiptKey, RequestFacts, RequestKey
from kiosk.wire.actions import FIELD_COMPLETION, ISSUE
from kiosk.wire.checked import MAX_ID_LENGTH, id_fault
from kiosk.wire.customer_codes import PREFIX, parse_customer_code
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.field_completions import completion_from_field
from kiosk.wire.identification import question_from_payload
from kiosk.wire.request_documents import request_from_json, request_to_json

MAX_BYTES = 65_536
_TYPED = "MANUAL_"
_NEEDS_AN_ID = frozenset({CompleteService.action, ProcessPayment.action, IdentifyCustomer.action, FIELD_COMPLETION})


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedRequest:
    """A request that was understood. `content` is the same for the same content, however it was written."""

    route: Route
    plan_id: str
    correlation_id: str
    request: Request
    content: bytes = b""

    @property
    def digest(self) -> str:
        """Of the content."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def payment(self) -> ProcessPayment | None:
        """The payment in the request, if one."""
        if isinstance(self.request, ProcessPayment):
            return self.request
        return payment_of(self.request) if isinstance(self.request, CompleteService) and self.request.payment_occurred else None

    @property
    def completes(self) -> bool:
        """Whether its swap was made already: all of it, or the payment of the older sequence, under the transaction's own id. Any other
        payment is a question, whether the receipt is paid."""
        request = self.request
        return isinstance(request, CompleteService) or (
            isinstance(request, ProcessPayment) and request.transaction_id == self.correlation_id
        )

    @property
    def owner(self) -> str:
        """The transaction that a payment pays: the one it names, else its own."""
        payment = self.payment
        return (payment.transaction_id if payment else "") or self.correlation_id

    @property
    def receipt(self) -> ReceiptKey | None:
        """The receipt in the request, normalised."""
        return None if self.payment is None else ReceiptKey.of(self.payment)

    def facts(self, at: datetime) -> RequestFacts:
        """The request as the store sees it. A payment is for the new battery of its transaction."""
        station, attendant = (getattr(self.request, name, "") for name in ("attendant_station", "attendant_id"))
        return RequestFacts(
            key=RequestKey(correlation_id=self.correlation_id, part=self.route.action.effect),
            plan_id=self.plan_id,
            action=self.route.action.name,
            digest=self.digest,
            request=self.content,
            receipt=self.receipt,
            at=at,
            pays_for=None if self.payment is None else RequestKey(correlation_id=self.owner, part=ISSUE),
            station_id=_id_or_empty(station),
            attendant_id=_id_or_empty(attendant),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidRequest:
    """A request that can be refused, but not understood."""

    route: Route
    plan_id: str
    correlation_id: str
    signal: str
    error: KioskError


def parse_request(route: Route, plan_id: str, incoming: Incoming) -> ParsedRequest | InvalidRequest:
    """The request in a message. Raises BadInput when there is nobody to answer."""
    body = loads(incoming.payload, most_bytes=MAX_BYTES)
    if not isinstance(body, dict):
        raise BadInput("JSON", "must be an object")
    correlation_id = _correlation_id(route, body, incoming)
    signal = route.action.failure
    try:
        if route.action.name == IdentifyCustomer.action:
            return _parse_identification(route, plan_id, incoming, correlation_id)
        return _parse_transaction(route, plan_id, body, correlation_id)
    except BadCustomerCode as error:
        problem: KioskError = error
        signal = "INVALID_QR_CODE"
    except (BadInput, PaymentInvalid) as error:
        problem = error
    return InvalidRequest(route=route, plan_id=plan_id, correlation_id=correlation_id, signal=signal, error=problem)


def _id_or_empty(text: str) -> str:
    """An id to look up by; what is too long for one is none."""
    return text if len(text) <= MAX_ID_LENGTH else ""


def _correlation_id(route: Route, body: dict[str, Any], incoming: Incoming) -> str:
    """The body's, else MQTT's; where a request may go without one it gets one, because its answer has to carry one."""
    found = body.get("correlation_id") or body.get("transaction_id") or (incoming.correlation_data or b"").decode("utf-8", "replace")
    if not found and route.action.name not in _NEEDS_AN_ID:
        return f"UNNAMED-{uuid.uuid4()}"
    fault = id_fault(found) if isinstance(found, str) else "must be text"
    if fault:
        raise BadInput("correlation_id", fault)
    return str(found)


def _parse_identification(route: Route, plan_id: str, incoming: Incoming, correlation_id: str) -> ParsedRequest:
    try:
        question = question_from_payload(plan_id, incoming.payload)
    except BadInput as error:
        if error.where != "data.qr_code_data":
            raise
        raise BadCustomerCode(f"it {error.reason}") from error
    text = question.qr_code_data
    typed = text.startswith(_TYPED)
    code = parse_customer_code(text.removeprefix(_TYPED) if typed else text.removeprefix(PREFIX), typed=typed)
    if code.plan_id != plan_id:
        raise BadCustomerCode("it is not of the plan in the topic")
    request = IdentifyCustomer(attendant_station=question.attendant_station)
    return ParsedRequest(route=route, plan_id=plan_id, correlation_id=correlation_id, request=request)


def _parse_transaction(route: Route, plan_id: str, body: dict[str, Any], correlation_id: str) -> ParsedRequest:
    if body.get("plan_id") not in (None, "", plan_id):
        raise BadInput("plan_id", "is not the one in the topic")
    request = completion_from_field(body) if route.action.name == FIELD_COMPLETION else _parse_document(route, body)
    content = {"plan_id": plan_id, **{name: _trim_number(value) for name, value in request_to_json(request).items()}}
    return ParsedRequest(route=route, plan_id=plan_id, correlation_id=correlation_id, request=request, content=dumps(content))


def _parse_document(route: Route, body: dict[str, Any]) -> Request:
    document = {"action": route.action.name, **body}
    if document["action"] != route.action.name:
        raise BadInput("action", f"must be {route.action.name} on this topic")
    return request_from_json(document)


def _trim_number(value: object) -> object:
    """15.00 and 15 are one number."""
    return trimmed(value) if isinstance(value, Decimal) else value
