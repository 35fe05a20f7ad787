"""The two ways to complete a swap: COMPLETE_SERVICE, or the older sequence where the template does not list it (decision 21).

The sequence is check-in (not on a first visit), payment (if one was made), check-out, report. Decision 21 names the payment after the
check-out; it goes before, because the platform refuses to issue a battery on an exhausted quota until the payment has come.
Every step carries the swap's correlation id; its part "issue" at the platform is the check-out or COMPLETE_SERVICE, one of them, once.
"""

from dataclasses import replace

from kiosk.domain.agent import service_agent
from kiosk.domain.errors import PlanInvalid
from kiosk.domain.plan import ServicePlan
from kiosk.domain.requests import (
    CompleteService,
    CompletionStep,
    EquipmentCheckin,
    EquipmentCheckout,
    ProcessPayment,
    ReportAttendantActivity,
)  # fmt: skip
from kiosk.domain.result import AgentContext, AgentResult

OLDER = (EquipmentCheckin.action, ProcessPayment.action, EquipmentCheckout.action, ReportAttendantActivity.action)


def completes_at_once(plan: ServicePlan) -> bool:
    """Whether one COMPLETE_SERVICE completes a swap of this plan."""
    return plan.template.agent_config.allows(CompleteService.action)


def check_completable(plan: ServicePlan) -> None:
    """Raises PlanInvalid, naming what is missing, where neither way is listed. Asked before anything is handed over: the platform would
    refuse the swap when the customer has left. Whether a payment will be needed is not known then, so its action must be there too."""
    if completes_at_once(plan):
        return
    needed = [each for each in OLDER if not (plan.first_visit and each == EquipmentCheckin.action)]
    missing = [each for each in needed if not plan.template.agent_config.allows(each)]
    if missing:
        reason = f"has neither {CompleteService.action} nor all of the older steps; missing: {', '.join(missing)}"
        raise PlanInvalid("agent_config.available_actions", reason)


def older_sequence(whole: CompleteService, payment: ProcessPayment | None) -> tuple[CompletionStep, ...]:
    """The steps that do what `whole` does, in the order they are sent; `payment` is the receipt that was taken, if any."""
    steps: list[CompletionStep] = []
    if whole.incoming_battery_id is not None:
        steps.append(
            EquipmentCheckin(
                equipment_id=whole.incoming_battery_id, incoming_kwh=whole.incoming_kwh, correlation_id=whole.correlation_id
            )
        )  # fmt: skip
    if payment is not None:
        steps.append(payment)
    steps.append(
        EquipmentCheckout(
            replacement_equipment_id=whole.outgoing_battery_id, incoming_equipment_id=whole.incoming_battery_id,
            incoming_kwh=whole.incoming_kwh, outgoing_kwh=whole.outgoing_kwh, correlation_id=whole.correlation_id,
        )
    )  # fmt: skip
    steps.append(
        ReportAttendantActivity(
            attendant_id=whole.attendant_id, attendant_station=whole.attendant_station, correlation_id=whole.correlation_id
        )
    )  # fmt: skip
    return tuple(steps)


def worked_out(whole: CompleteService, plan: ServicePlan, context: AgentContext) -> AgentResult:
    """What the whole swap does to the plan, whichever way it is sent: the agent's answer as if it came by COMPLETE_SERVICE."""
    if completes_at_once(plan):
        return service_agent(whole, plan, context)
    config = replace(plan.template.agent_config, available_actions=None)
    able = replace(plan, template=replace(plan.template, agent_config=config))
    result = service_agent(whole, able, context)
    return replace(result, plan=replace(result.plan, template=plan.template))
