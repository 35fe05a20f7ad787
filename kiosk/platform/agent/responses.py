"""The platform's answers: `Response` is what is published for a message.

Its payload has `signals`, `metadata`, `fsmInputs`, `correlation_id`; for identify_customer it is an envelope (contract).
"""

from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.domain.agent.agent_result import AgentResult
from kiosk.domain.agent.specification_json import Json
from kiosk.domain.errors import KioskError, PaymentRefused
from kiosk.domain.messages import message_for
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import IdentifyCustomer
from kiosk.platform.agent.parsing import Incoming, InvalidRequest, Outgoing, ParsedRequest, Route, answer_topic
from kiosk.platform.store.store_values import EventToPublish
from kiosk.wire.actions import FIELD_COMPLETION, REPEATED
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.field_completions import answer_to_field
from kiosk.wire.identification import envelope
from kiosk.wire.plan_documents import plan_to_document

ACTOR = ("system", "abs")


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
    request: ParsedRequest | InvalidRequest, incoming: Incoming, payload: bytes, now: datetime, events: tuple[EventToPublish, ...] = ()
) -> Response:
    """The response with its topic. The field's completion is answered in the field's envelope; what is stored is the flat answer."""
    route = request.route
    if route.action.name == FIELD_COMPLETION:
        paid = isinstance(request, ParsedRequest) and request.payment is not None
        payload = answer_to_field(request.plan_id, loads(payload), now, ACTOR, paid=paid)
    answer = Outgoing(
        topic=answer_topic(route, request.plan_id, incoming.response_topic), payload=payload, correlation_data=incoming.correlation_data
    )
    return Response(answer=answer, events=events, action=route.action.name)
