"""The platform's answers as bytes: `signals`, `metadata`, `fsmInputs`, `correlation_id`; for identify_customer an envelope (contract)."""

from datetime import datetime
from typing import Any

from kiosk.domain.agent.agent_result import AgentResult
from kiosk.domain.agent.specification_json import Json
from kiosk.domain.errors import KioskError, PaymentRefused
from kiosk.domain.messages import message_for
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import IdentifyCustomer
from kiosk.platform.agent.routes import Step
from kiosk.wire.actions import REPEATED
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.field_completions import answer_to_field
from kiosk.wire.identification import envelope
from kiosk.wire.plan_documents import plan_to_document

ACTOR = ("system", "abs")


def flat(result: AgentResult, correlation_id: str) -> bytes:
    """The answer to a call; the correlation id at top level too (decision 18)."""
    return dumps({**result.response(), "correlation_id": correlation_id})


def refusal(step: Step, correlation_id: str, *errors: KioskError, signals: tuple[str, ...] = ()) -> bytes:
    """A refusal with its failure signal, `signals` beside it, and every reason."""
    reasons = [{"code": type(each).__name__, "message": _sentence(each)} for each in errors]
    metadata = {"transaction_id": correlation_id, "passed": False, "reason": reasons[0]["message"], "reasons": reasons}
    all_signals = list(dict.fromkeys((step.failure, *signals)))
    return dumps({"signals": all_signals, "metadata": metadata, "fsmInputs": [], "correlation_id": correlation_id})


def reason_in(response: bytes) -> str:
    """Why an answer refuses; its signals where it names no reason."""
    document: Json = loads(response)
    return str(document["metadata"].get("reason") or ", ".join(document["signals"]))


def _sentence(error: KioskError) -> str:
    """What the platform says; for a refused payment the verifier's own words, which the kiosk puts into its sentence."""
    return error.reason if isinstance(error, PaymentRefused) else message_for(error).sentence


def named(result: AgentResult, step: Step) -> AgentResult:
    """A refusal of the agent always carries the step's failure signal."""
    if result.metadata.get("passed") is not False or step.failure in result.signals:
        return result
    signals = (step.failure, *result.signals)
    return AgentResult(signals=signals, plan=result.plan, metadata=result.metadata, fsm_inputs=result.fsm_inputs)


def repeated(response: bytes) -> bytes:
    """The stored answer, and that it was given before (decision 17)."""
    document: Json = loads(response)
    return dumps({**document, "signals": [*document["signals"], REPEATED]})


def in_field_words(plan_id: str, response: bytes, now: datetime, *, paid: bool) -> bytes:
    """An answer to the field's completion; it is kept like every other, and put into the field's envelope when it leaves."""
    return answer_to_field(plan_id, loads(response), now, ACTOR, paid=paid)


def identified(result: AgentResult, plan: ServicePlan, correlation_id: str, now: datetime) -> bytes:
    """The answer to identify_customer, with the plan document under `data.metadata.service_plan` unless the agent refused."""
    success = "CUSTOMER_IDENTIFIED_SUCCESS" in result.signals
    metadata: dict[str, Any] = {**result.metadata, "correlation_id": correlation_id}
    if success:
        metadata["service_plan"] = plan_to_document(plan)
    data = {"action": IdentifyCustomer.action, "success": success, "signals": list(result.signals), "metadata": metadata}
    return envelope(plan.id, correlation_id, now, ACTOR, data)


def not_identified(plan_id: str, correlation_id: str, now: datetime, signal: str, error: KioskError) -> bytes:
    """A refusal of identify_customer."""
    metadata = {"correlation_id": correlation_id, "reason": message_for(error).sentence}
    data = {"action": IdentifyCustomer.action, "success": False, "signals": [signal], "metadata": metadata}
    return envelope(plan_id, correlation_id, now, ACTOR, data)
