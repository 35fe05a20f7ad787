"""Topics, and the table of actions: where each request goes, where its answers come from, and which signals say yes and no.

Both ends use it. A new action is one row here, its topics in `Topics`, and its document and its keys in `kiosk.wire.request_documents`.
"""

from dataclasses import dataclass, fields
from enum import StrEnum

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.domain.requests import (
    CompleteService,
    EquipmentCheckin,
    EquipmentCheckout,
    IdentifyCustomer,
    IdentifyOutgoingEquipment,
    IdentifyReturnedEquipment,
    ProcessPayment,
    ReportAttendantActivity,
    VerifyServiceQuota,
)
from kiosk.wire.checked import topic_id_fault

_SLOT = "{plan_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """One pattern for each kind of message; the defaults are the contract's, and the field's for its own (`payment_and_service`)."""

    complete_service: str = "call/uxi/attendant/plan/{plan_id}/complete_service"
    complete_service_response: str = "rtrn/abs/attendant/plan/{plan_id}/complete_service_response"
    equipment_checkin: str = "call/uxi/attendant/plan/{plan_id}/equipment_checkin"
    equipment_checkin_response: str = "rtrn/abs/attendant/plan/{plan_id}/equipment_checkin_response"
    equipment_checkout: str = "call/uxi/attendant/plan/{plan_id}/equipment_checkout"
    equipment_checkout_response: str = "rtrn/abs/attendant/plan/{plan_id}/equipment_checkout_response"
    process_payment: str = "call/uxi/attendant/plan/{plan_id}/process_payment"
    process_payment_response: str = "rtrn/abs/attendant/plan/{plan_id}/process_payment_response"
    activity_report: str = "call/uxi/attendant/plan/{plan_id}/activity_report"
    activity_report_response: str = "rtrn/abs/attendant/plan/{plan_id}/activity_report_response"
    verify_service_quota: str = "call/uxi/attendant/plan/{plan_id}/verify_service_quota"
    verify_service_quota_response: str = "rtrn/abs/attendant/plan/{plan_id}/verify_service_quota_response"
    identify_returned_equipment: str = "call/uxi/attendant/plan/{plan_id}/identify_returned_equipment"
    identify_returned_equipment_response: str = "rtrn/abs/attendant/plan/{plan_id}/identify_returned_equipment_response"
    identify_outgoing_equipment: str = "call/uxi/attendant/plan/{plan_id}/identify_outgoing_equipment"
    identify_outgoing_equipment_response: str = "rtrn/abs/attendant/plan/{plan_id}/identify_outgoing_equipment_response"
    payment_received: str = "event/abs/payment/plan/{plan_id}/payment_received"
    service_completed: str = "event/abs/service/plan/{plan_id}/service_completed"
    identify_customer: str = "emit/uxi/attendant/plan/{plan_id}/identify_customer"
    identify_customer_service: str = "echo/abs/service/plan/{plan_id}/identify_customer"
    identify_customer_attendant: str = "echo/abs/attendant/plan/{plan_id}/identify_customer"
    payment_and_service: str = "emit/uxi/attendant/plan/{plan_id}/payment_and_service"
    payment_and_service_attendant: str = "echo/abs/attendant/plan/{plan_id}/payment_and_service"
    payment_and_service_service: str = "echo/abs/service/plan/{plan_id}/payment_and_service"

    def __post_init__(self) -> None:
        for each in fields(self):
            check_pattern(f"topics.{each.name}", getattr(self, each.name))


def check_pattern(where: str, pattern: str) -> None:
    """Raises BadInput unless `pattern` holds `{plan_id}` once, as a whole level, and no wildcard."""
    if pattern.split("/").count(_SLOT) != 1 or pattern.count("{") != 1:
        raise BadInput(where, tr("must hold {placeholder} once, between slashes", placeholder=_SLOT))
    if any(each in pattern for each in "+#\0") or pattern.startswith("$") or not pattern.isprintable():
        raise BadInput(where, tr("must hold no wildcard and no control character"))


def topic_for(pattern: str, plan_id: str) -> str:
    """The topic of one plan. Raises BadInput for an id that would reach beyond its level."""
    fault = topic_id_fault(plan_id)
    if fault:
        raise BadInput("plan_id", fault)
    return pattern.replace(_SLOT, plan_id)


def filter_for_all(pattern: str) -> str:
    """The subscription to all plans, for the platform's side."""
    return pattern.replace(_SLOT, "+")


def plan_id_of(pattern: str, topic: str) -> str | None:
    """The plan id in `topic`, or None when the topic is not of this pattern."""
    before, after = pattern.split(_SLOT)
    if not (topic.startswith(before) and topic.endswith(after)) or len(topic) <= len(before) + len(after):
        return None
    plan_id = topic[len(before) : len(topic) - len(after)]
    return None if topic_id_fault(plan_id) else plan_id


# the completion in the field's words, which is no action of the specification (facts from the field)
FIELD_COMPLETION = "REPORT_PAYMENT_AND_SERVICE_COMPLETION"

# what an action does of a transaction, as the platform stores it: the new battery goes out, the returned one comes in, and so on
ISSUE, RETURN, PAYMENT, REPORT, QUOTA = "issue", "return", "payment", "report", "quota"

REPEATED = "IDEMPOTENT_OPERATION_DETECTED"
TOO_MUCH = "RATE_LIMIT_EXCEEDED"
CLOCK_DIFFERS = "CLOCK_DIFFERS"  # judges nothing: signed again with the time that it tells, the same request is taken
IDENTIFIED = "CUSTOMER_IDENTIFIED_SUCCESS"
COMPLETED = "SERVICE_COMPLETED_SUCCESS"
INVALID = "VALIDATION_FAILED"
COMPLETION_FAILED = "SERVICE_COMPLETION_FAILED"

# why a platform does not take what a station sent (decisions 26, 27)
CLOCK_DIFFERS = "CLOCK_DIFFERS"  # no refusal: sign again by the platform's time
STATION_REVOKED = "STATION_REVOKED"
TRANSACTION_OWNED = "TRANSACTION_OWNED"  # another station began it
STATION_REFUSED = frozenset({"STATION_UNSIGNED", "STATION_UNKNOWN", "SIGNATURE_INVALID", "STATION_MISMATCH", STATION_REVOKED})
"""Nothing of this station is taken, whatever it is about."""
NOT_JUDGED = frozenset({TOO_MUCH, CLOCK_DIFFERS})
"""What is to be sent again, because the platform has said neither yes nor no to it."""


class StationRefusal(StrEnum):
    """Why a request is refused for who sent it (decisions 26, 27): beside the failure signal of what was asked."""

    UNSIGNED = "STATION_UNSIGNED"
    UNKNOWN = "STATION_UNKNOWN"
    INVALID = "SIGNATURE_INVALID"
    MISMATCH = "STATION_MISMATCH"  # the body's station is not the signer
    REVOKED = "STATION_REVOKED"
    OWNED = "TRANSACTION_OWNED"  # another station began it


@dataclass(frozen=True, slots=True, kw_only=True)
class WireAction:
    """One kind of request.

    `topic`, `answer_topic` and `other_answer_topic` are names of patterns in `Topics`; the last is a second topic that an answer may be
    asked to be on, or empty. The platform says yes with `success` and no with `failure`; a station that asks takes `accepted` as yes,
    beside REPEATED, and never asks where `accepted` is empty. REPEATED without any other signal is a yes where `repeat_alone` (the field's
    way). `effect` is what the action does of a transaction, each once; empty where it
    changes nothing. COMPLETE_SERVICE, the field's completion and EQUIPMENT_CHECKOUT all issue the battery: one correlation id does one of
    them, once. A `question` is answered anew each time and records nothing; what its answer notes in the plan is kept.
    """

    name: str
    topic: str
    answer_topic: str
    success: str
    failure: str = INVALID
    accepted: frozenset[str] = frozenset()
    effect: str = ""
    question: bool = False
    other_answer_topic: str = ""
    repeat_alone: bool = False

    @property
    def verb(self) -> str:
        """What its own topics end in (contract, "Additions of the second round")."""
        return self.topic

    def request_pattern(self, topics: Topics) -> str:
        """The pattern that the request is published on."""
        return str(getattr(topics, self.topic))

    def answer_patterns(self, topics: Topics) -> tuple[str, ...]:
        """The patterns of its answers, the usual one first."""
        return tuple(str(getattr(topics, name)) for name in (self.answer_topic, self.other_answer_topic) if name)


_ACCEPTED_COMPLETIONS = frozenset({COMPLETED, "SERVICE_COMPLETED"})

ACTIONS = (
    WireAction(
        name=IdentifyCustomer.action,
        topic="identify_customer",
        answer_topic="identify_customer_service",
        other_answer_topic="identify_customer_attendant",
        success=IDENTIFIED,
        accepted=frozenset({IDENTIFIED}),
        repeat_alone=True,
    ),
    WireAction(
        name=IdentifyReturnedEquipment.action,
        topic="identify_returned_equipment",
        answer_topic="identify_returned_equipment_response",
        success="EQUIPMENT_BELONGS_TO_USER",
    ),
    WireAction(
        name=IdentifyOutgoingEquipment.action,
        topic="identify_outgoing_equipment",
        answer_topic="identify_outgoing_equipment_response",
        success="EQUIPMENT_AVAILABLE",
    ),
    WireAction(
        name=CompleteService.action,
        topic="complete_service",
        answer_topic="complete_service_response",
        success=COMPLETED,
        failure=COMPLETION_FAILED,
        accepted=_ACCEPTED_COMPLETIONS,
        effect=ISSUE,
    ),
    WireAction(
        name=FIELD_COMPLETION,
        topic="payment_and_service",
        answer_topic="payment_and_service_attendant",
        other_answer_topic="payment_and_service_service",
        success=COMPLETED,
        failure=COMPLETION_FAILED,
        # facts from the field
        accepted=_ACCEPTED_COMPLETIONS | {"PAYMENT_AND_SERVICE_COMPLETED", "ASSET_RETURNED", "ASSET_ALLOCATED"},
        effect=ISSUE,
        repeat_alone=True,
    ),
    WireAction(
        name=EquipmentCheckin.action,
        topic="equipment_checkin",
        answer_topic="equipment_checkin_response",
        success="EQUIPMENT_CHECKIN_SUCCESS",
        failure="EQUIPMENT_CHECKIN_FAILED",
        accepted=frozenset({"EQUIPMENT_CHECKIN_SUCCESS"}),
        effect=RETURN,
    ),
    WireAction(
        name=EquipmentCheckout.action,
        topic="equipment_checkout",
        answer_topic="equipment_checkout_response",
        success="EQUIPMENT_CHECKOUT_SUCCESS",
        failure="EQUIPMENT_CHECKOUT_FAILED",
        accepted=frozenset({"EQUIPMENT_CHECKOUT_SUCCESS"}),
        effect=ISSUE,
    ),
    WireAction(
        name=ProcessPayment.action,
        topic="process_payment",
        answer_topic="process_payment_response",
        success="PAYMENT_PROCESSED_SUCCESS",
        failure="PAYMENT_FAILED",
        accepted=frozenset({"PAYMENT_PROCESSED_SUCCESS", "PAYMENT_RECEIVED"}),
        effect=PAYMENT,
    ),
    WireAction(
        name=ReportAttendantActivity.action,
        topic="activity_report",
        answer_topic="activity_report_response",
        success="ATTENDANT_ACTIVITY_REPORTED",
        accepted=frozenset({"ATTENDANT_ACTIVITY_REPORTED"}),
        effect=REPORT,
    ),
    WireAction(
        name=VerifyServiceQuota.action,
        topic="verify_service_quota",
        answer_topic="verify_service_quota_response",
        success="QUOTA_AVAILABLE",
        accepted=frozenset({"QUOTA_AVAILABLE"}),
        effect=QUOTA,
        question=True,
    ),
)
BY_NAME = {each.name: each for each in ACTIONS}

# the signals that say no, whatever was asked
FAILURES = frozenset(each.failure for each in ACTIONS) | {
    *StationRefusal,
    "BATTERY_MISMATCH",
    "ASSET_VALIDATION_FAILED",
    "SECURITY_ALERT",
    *NOT_JUDGED,
    *STATION_REFUSED,
    TRANSACTION_OWNED,
    "SERVICE_REJECTED",
    "QUOTA_EXHAUSTED",
    "TOPUP_REQUIRED",
    "ACTION_NOT_AVAILABLE",
    "SERVICE_PLAN_NOT_FOUND",
    "CUSTOMER_NOT_FOUND",
    "INVALID_QR_CODE",
    "INVALID_SUBSCRIPTION_ID",
}
# what says yes to a station, by the action that it asked; each beside REPEATED
SUCCESSES = {each.name: each.accepted for each in ACTIONS if each.accepted}
