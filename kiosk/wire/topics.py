"""Topics: configurable patterns with one `{plan_id}`, and plan ids in and out of them (contract, MQTT; `[topics]`).

A pattern that could reach other plans (a wildcard, no `{plan_id}`, two, or one that is not a whole level) raises BadInput where it is read.
A plan id that could (`+`, `#`, `/`, control characters) never gets into a topic: BadInput again; ids are checked where they enter.
"""

from dataclasses import dataclass, fields

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.wire.ids import topic_id_fault

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
    levels = pattern.split("/")
    if levels.count(_SLOT) != 1 or pattern.count("{") != 1:
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
