"""identify_customer: the envelope for both ends, the kiosk's question, and its reading of the answer (contract, MQTT).

The plan stands under `data.metadata.service_plan`; the field's form, `service_plan_data`, is understood too, also under `cached_result`. A
plan that breaks a rule, or another plan than was asked for, raises PlanInvalid; the platform's "no such plan" raises CustomerUnknown. An
answer that cannot be read at all, or that is not to our question, is `Unintelligible`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kiosk.domain.errors import BadInput, CustomerUnknown, LinkDown, PlanInvalid, StationRefused
from kiosk.domain.language import tr
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CustomerCode, IdentifyCustomer
from kiosk.domain.times import iso_utc
from kiosk.wire.actions import STATION_REFUSED
from kiosk.wire.checked import Id, Model, Text, checked
from kiosk.wire.completion_answers import Unintelligible, Verdict, mapping, read_answer
from kiosk.wire.customer_codes import PREFIX
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.field_plans import plan_from_field
from kiosk.wire.plan_documents import plan_from_document

UNKNOWN_CUSTOMER = frozenset({"SERVICE_PLAN_NOT_FOUND", "CUSTOMER_NOT_FOUND", "INVALID_QR_CODE", "INVALID_SUBSCRIPTION_ID"})


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifyQuestion:
    """What a kiosk asks; `qr_code_data` is the code with its prefix."""

    plan_id: str
    correlation_id: str
    qr_code_data: str
    attendant_station: str


class _IdentifyData(Model):
    action: Text
    qr_code_data: Text = ""
    attendant_station: Text = ""


class _IdentifyEnvelope(Model):
    plan_id: Text | None = None
    correlation_id: Id
    data: _IdentifyData


def envelope(plan_id: str, correlation_id: str, now: datetime, actor: tuple[str, str], data: dict[str, Any]) -> bytes:
    """`{timestamp, plan_id, correlation_id, actor {type, id}, data}`; `actor` is (type, id)."""
    return dumps(
        {
            "timestamp": iso_utc(now),
            "plan_id": plan_id,
            "correlation_id": correlation_id,
            "actor": {"type": actor[0], "id": actor[1]},
            "data": data,
        }
    )


def question_to_payload(code: CustomerCode, correlation_id: str, now: datetime, attendant_id: str, station_id: str) -> bytes:
    """The kiosk's question."""
    prefix = "MANUAL_" if code.typed else PREFIX
    return envelope(
        code.plan_id,
        correlation_id,
        now,
        ("attendant", attendant_id),
        {"action": "IDENTIFY_CUSTOMER", "qr_code_data": f"{prefix}{code.plan_id}", "attendant_station": station_id},
    )


def question_from_payload(plan_id: str, payload: bytes) -> IdentifyQuestion:
    """The platform's reading of it; `plan_id` is the one in the topic. Raises BadInput."""
    read = checked(_IdentifyEnvelope, loads(payload), BadInput)
    if read.data.action != "IDENTIFY_CUSTOMER":
        raise BadInput("data.action", tr("must be IDENTIFY_CUSTOMER"))
    if read.plan_id not in (None, "", plan_id):
        raise BadInput("plan_id", tr("is not the one in the topic"))
    return IdentifyQuestion(
        plan_id=plan_id,
        correlation_id=read.correlation_id,
        qr_code_data=read.data.qr_code_data,
        attendant_station=read.data.attendant_station,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifyAnswer:
    """What came back. `plan` raises when it is asked for what it does not hold."""

    plan_id: str
    verdict: Verdict
    metadata: dict[str, Any]

    @property
    def correlation_id(self) -> str:
        """Ours, without a suffix."""
        return self.verdict.correlation_id

    def plan(self) -> ServicePlan:
        """The plan as the platform tells it. Raises CustomerUnknown, PlanInvalid; StationRefused where it tells this station nothing;
        LinkDown when it has too much to do to tell it now."""
        if self.verdict.later:
            raise LinkDown(tr("it is asked too much at once"))
        if not STATION_REFUSED.isdisjoint(self.verdict.signals):
            raise StationRefused(self.verdict.reason)
        if self.verdict.succeeded is False:
            if UNKNOWN_CUSTOMER.isdisjoint(self.verdict.signals):
                raise PlanInvalid("identify_customer", tr("was refused: {reason}", reason=self.verdict.reason))
            raise CustomerUnknown(self.plan_id)
        plan = _plan_in(self.metadata)
        if plan.id != self.plan_id:
            raise PlanInvalid("id", tr("is not the plan that was asked for, {plan_id}", plan_id=self.plan_id))
        return plan


def identify_answer_from_payload(plan_id: str, payload: bytes) -> IdentifyAnswer | Unintelligible:
    """The kiosk's reading of the answer; `plan_id` is the one in the topic. Never raises."""
    read = read_answer(IdentifyCustomer.action, plan_id, payload)
    if isinstance(read, Unintelligible):
        return read
    document, verdict = read
    return IdentifyAnswer(
        plan_id=plan_id,
        verdict=verdict,
        metadata=mapping(mapping(document.get("data")).get("metadata")) or mapping(document.get("metadata")),
    )


def _plan_in(metadata: dict[str, Any]) -> ServicePlan:
    for place in (metadata, mapping(metadata.get("cached_result"))):
        if "service_plan" in place:
            return plan_from_document(place["service_plan"])
        field = place.get("service_plan_data")
        if isinstance(field, dict):
            return plan_from_document(field) if "service_plan_template" in field else plan_from_field(field, place)
    raise PlanInvalid("data.metadata.service_plan", tr("is missing"))
