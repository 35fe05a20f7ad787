"""The messages that come in and go out, without a broker, and the table of the requests that the platform answers.

A message is parsed: what is requested, about which plan, under which correlation id. What cannot be read is an `InvalidRequest` where it
has a correlation id, so that it can be answered; else BadInput, and there is nobody to answer. A payload longer than MAX_BYTES is not read
at all.

`Response` is what is published for a message. Its payload has `signals`, `metadata`, `fsmInputs`, `correlation_id`; for identify_customer
it is an envelope (contract).
"""

import hashlib
import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from kiosk.domain.agent.agent_result import AgentResult
from kiosk.domain.agent.specification_json import Json, payment_of
from kiosk.domain.decimals import trimmed
from kiosk.domain.errors import BadCustomerCode, BadInput, KioskError, PaymentInvalid, PaymentRefused
from kiosk.domain.messages import message_for
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CompleteService, IdentifyCustomer, ProcessPayment, Request
from kiosk.platform.outgoing_events import TOPICS
from kiosk.platform.store.store_values import EventToPublish, ReceiptKey, RequestFacts, RequestKey
from kiosk.wire.actions import ACTIONS, FIELD_COMPLETION, ISSUE, REPEATED, WireAction, filter_for_all, plan_id_of, topic_for
from kiosk.wire.checked import MAX_ID_LENGTH, id_fault
from kiosk.wire.customer_codes import PREFIX, parse_customer_code
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.field_completions import answer_to_field, completion_from_field
from kiosk.wire.identification import envelope, question_from_payload
from kiosk.wire.plan_documents import plan_to_document
from kiosk.wire.request_documents import request_from_json, request_to_json
from kiosk.wire.station_topics import ENROL_FILTER, own_answer_topic

ACTOR = ("system", "abs")
MAX_BYTES = 65_536
_TYPED = "MANUAL_"
_NEEDS_AN_ID = frozenset({CompleteService.action, ProcessPayment.action, IdentifyCustomer.action, FIELD_COMPLETION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A message as it came, at a monotonic time; response topic, correlation data and user properties are MQTT 5's."""

    topic: str
    payload: bytes
    response_topic: str | None = None
    correlation_data: bytes | None = None
    user_properties: tuple[tuple[str, str], ...] = ()
    at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message to publish, QoS 0, not retained."""

    topic: str
    payload: bytes
    correlation_data: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An action with the patterns of its topics: those of its answers, the usual one first."""

    action: WireAction
    pattern: str
    answer_patterns: tuple[str, ...]

    @property
    def verb(self) -> str:
        """The last level of its topic."""
        return self.pattern.rsplit("/", 1)[-1]


ROUTES = tuple(Route(action=each, pattern=each.request_pattern(TOPICS), answer_patterns=each.answer_patterns(TOPICS)) for each in ACTIONS)
"""What the platform answers, with its topics."""
FILTERS = (*(filter_for_all(each.pattern) for each in ROUTES), ENROL_FILTER)
"""What the platform subscribes to."""


def find_route(topic: str) -> tuple[Route, str] | None:
    """The route and the plan id of a topic; None when it is none of ours or its plan id cannot be one."""
    for route in ROUTES:
        plan_id = plan_id_of(route.pattern, topic)
        if plan_id is not None:
            return route, plan_id
    return None


def answer_topic(route: Route, plan_id: str, requested: str | None, asker: str = "") -> str:
    """Where the answer goes: the response topic of MQTT 5 where it is the contract's for this verb and plan, or of this verb under the
    prefix of who asks; else the contract's. Any other would let one client publish as the platform on any topic, or pass an answer off as
    one to another verb or to another station. `asker` is "" where nobody is proven.
    """
    usual, *others = (topic_for(each, plan_id) for each in route.answer_patterns)
    own = [own_answer_topic(asker, route.verb)] if asker else []
    return requested if requested and requested in (*others, *own) else usual


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedRequest:
    """A request that was understood. `content` is the same for the same content, however it was written: 15.00 and 15 are one number.
    `signer` is the station that signed it, "" for none."""

    route: Route
    plan_id: str
    correlation_id: str
    request: Request
    content: bytes = b""
    signer: str = ""

    @property
    def station(self) -> str:
        """The station that the body names, "" for none."""
        return str(getattr(self.request, "attendant_station", ""))

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
        names = (getattr(self.request, name, "") for name in ("attendant_station", "attendant_id"))
        station, attendant = (each if len(each) <= MAX_ID_LENGTH else "" for each in names)  # what is too long to look up by is none
        return RequestFacts(
            key=RequestKey(correlation_id=self.correlation_id, part=self.route.action.effect),
            plan_id=self.plan_id,
            action=self.route.action.name,
            digest=self.digest,
            request=self.content,
            receipt=self.receipt,
            at=at,
            pays_for=None if self.payment is None else RequestKey(correlation_id=self.owner, part=ISSUE),
            station_id=self.signer or station,
            attendant_id=attendant,
            signer=self.signer,
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
    try:
        if route.action.name == IdentifyCustomer.action:
            return _parse_identification(route, plan_id, incoming, correlation_id)
        return _parse_transaction(route, plan_id, body, correlation_id)
    except (BadCustomerCode, BadInput, PaymentInvalid) as error:
        signal = "INVALID_QR_CODE" if isinstance(error, BadCustomerCode) else route.action.failure
        return InvalidRequest(route=route, plan_id=plan_id, correlation_id=correlation_id, signal=signal, error=error)


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
    if parse_customer_code(text.removeprefix(_TYPED if typed else PREFIX), typed=typed).plan_id != plan_id:
        raise BadCustomerCode("it is not of the plan in the topic")
    request = IdentifyCustomer(attendant_station=question.attendant_station)
    return ParsedRequest(route=route, plan_id=plan_id, correlation_id=correlation_id, request=request)


def _parse_transaction(route: Route, plan_id: str, body: dict[str, Any], correlation_id: str) -> ParsedRequest:
    if body.get("plan_id") not in (None, "", plan_id):
        raise BadInput("plan_id", "is not the one in the topic")
    request = completion_from_field(body) if route.action.name == FIELD_COMPLETION else _parse_document(route, body)
    facts = request_to_json(request).items()
    content = {"plan_id": plan_id, **{name: trimmed(value) if isinstance(value, Decimal) else value for name, value in facts}}
    return ParsedRequest(route=route, plan_id=plan_id, correlation_id=correlation_id, request=request, content=dumps(content))


def _parse_document(route: Route, body: dict[str, Any]) -> Request:
    document = {"action": route.action.name, **body}
    if document["action"] != route.action.name:
        raise BadInput("action", f"must be {route.action.name} on this topic")
    return request_from_json(document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What to publish: the answer, None for silence, and to which action; then the events, which are stored and wait to be published."""

    answer: Outgoing | None = None
    events: tuple[EventToPublish, ...] = ()
    action: str = ""


def response_to(result: AgentResult, correlation_id: str) -> bytes:
    """The answer to a request; the correlation id at top level too (decision 18)."""
    return dumps({**result.response(), "correlation_id": correlation_id})


def refusal(route: Route, correlation_id: str, *errors: KioskError, signals: tuple[str, ...] = ()) -> bytes:
    """A refusal with its failure signal, `signals` beside it, and every reason."""
    reasons = [{"code": type(each).__name__, "message": _sentence_of(each)} for each in errors]
    metadata = {"transaction_id": correlation_id, "passed": False, "reason": reasons[0]["message"], "reasons": reasons}
    return dumps(
        {
            "signals": [*dict.fromkeys((route.action.failure, *signals))],
            "metadata": metadata,
            "fsmInputs": [],
            "correlation_id": correlation_id,
        }
    )


def reason_of(response: bytes) -> str:
    """Why an answer refuses; its signals where it names no reason."""
    document: Json = loads(response)
    return str(document["metadata"].get("reason") or ", ".join(document["signals"]))


def _sentence_of(error: KioskError) -> str:
    """What the platform says; for a refused payment the verifier's own words, which the kiosk puts into its sentence."""
    return error.reason if isinstance(error, PaymentRefused) else message_for(error).sentence


def with_failure_signal(result: AgentResult, route: Route) -> AgentResult:
    """A refusal of the agent always carries the step's failure signal."""
    if result.metadata.get("passed") is not False or route.action.failure in result.signals:
        return result
    return replace(result, signals=(route.action.failure, *result.signals), events=())


def repetition(response: bytes) -> bytes:
    """The stored answer, and that it was given before (decision 17)."""
    document: Json = loads(response)
    return dumps({**document, "signals": [*document["signals"], REPEATED]})


def identification(result: AgentResult, plan: ServicePlan, correlation_id: str, now: datetime) -> bytes:
    """The answer to identify_customer, with the plan document under `data.metadata.service_plan` unless the agent refused."""
    success = "CUSTOMER_IDENTIFIED_SUCCESS" in result.signals
    shown = {"service_plan": plan_to_document(plan)} if success else {}
    metadata = {**result.metadata, "correlation_id": correlation_id, **shown}
    data = {"action": IdentifyCustomer.action, "success": success, "signals": list(result.signals), "metadata": metadata}
    return envelope(plan.id, correlation_id, now, ACTOR, data)


def identification_refusal(plan_id: str, correlation_id: str, now: datetime, signal: str, error: KioskError) -> bytes:
    """A refusal of identify_customer."""
    metadata = {"correlation_id": correlation_id, "reason": message_for(error).sentence}
    data = {"action": IdentifyCustomer.action, "success": False, "signals": [signal], "metadata": metadata}
    return envelope(plan_id, correlation_id, now, ACTOR, data)


def invalid(request: InvalidRequest, now: datetime) -> bytes:
    """A refusal of what could not be understood."""
    if request.route.action.name == IdentifyCustomer.action:
        return identification_refusal(request.plan_id, request.correlation_id, now, request.signal, request.error)
    return refusal(request.route, request.correlation_id, request.error, signals=(request.signal,))


def respond(
    request: ParsedRequest | InvalidRequest,
    incoming: Incoming,
    payload: bytes,
    now: datetime,
    events: tuple[EventToPublish, ...] = (),
    asker: str = "",
) -> Response:
    """The response with its topic, which may be one of `asker`'s own. The field's completion is answered in the field's envelope; what is
    stored is the flat answer."""
    route = request.route
    if route.action.name == FIELD_COMPLETION:
        paid = isinstance(request, ParsedRequest) and request.payment is not None
        payload = answer_to_field(request.plan_id, loads(payload), now, ACTOR, paid=paid)
    topic = answer_topic(route, request.plan_id, incoming.response_topic, asker)
    answer = Outgoing(topic=topic, payload=payload, correlation_data=incoming.correlation_data)
    return Response(answer=answer, events=events, action=route.action.name)
