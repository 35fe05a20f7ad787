"""The two ways to complete a swap: COMPLETE_SERVICE, or the older sequence where the template does not list it (decision 21).

The sequence is check-in (not on a first visit), payment (if one was made), check-out, report. Decision 21 names the payment after the
check-out; it goes before, because the platform issues no battery on an exhausted quota until the payment has come. Every step carries the
swap's correlation id, and at the platform check-out and COMPLETE_SERVICE are the same part of it: one of them is done, once.
"""

from dataclasses import replace
from datetime import datetime

from kiosk.domain.agent.agent_result import AgentContext, AgentResult
from kiosk.domain.agent.service_agent import service_agent
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import (
    CompleteService,
    CompletionRequest,
    CompletionStep,
    EquipmentCheckin,
    EquipmentCheckout,
    ProcessPayment,
    ReportAttendantActivity,
)
from kiosk.domain.swap.swap import Swap, completion


def completion_requests(swap: Swap, now: datetime) -> tuple[CompletionRequest, ...]:
    """What is sent to complete this swap, in order. Raises StepImpossible before the review."""
    return (completion(swap, now),) if swap.plan.completes_at_once else older_steps(swap, now)


def older_steps(swap: Swap, now: datetime) -> tuple[CompletionStep, ...]:
    """The older sequence for this swap, whatever its plan lists. Raises StepImpossible before the review."""
    whole = completion(swap, now)
    checkout = EquipmentCheckout(
        replacement_equipment_id=whole.outgoing_battery_id,
        incoming_equipment_id=whole.incoming_battery_id,
        incoming_kwh=whole.incoming_kwh,
        outgoing_kwh=whole.outgoing_kwh,
        correlation_id=swap.correlation_id,
    )
    return (
        *_checkin(whole),
        *_payment(swap),
        checkout,
        ReportAttendantActivity(attendant_id=swap.attendant_id, attendant_station=swap.station_id, correlation_id=swap.correlation_id),
    )


def _checkin(whole: CompleteService) -> tuple[EquipmentCheckin, ...]:
    if whole.incoming_battery_id is None:
        return ()
    return (EquipmentCheckin(equipment_id=whole.incoming_battery_id, incoming_kwh=whole.incoming_kwh, correlation_id=whole.correlation_id),)


def _payment(swap: Swap) -> tuple[ProcessPayment, ...]:
    """Of several receipts the sum, with the last one's id and method, as in COMPLETE_SERVICE: parts that the platform reported by
    itself belong to no swap until the kiosk names it."""
    paid = swap.payment
    if paid is None:
        return ()
    return (
        ProcessPayment(
            payment_amount=swap.amount_paid,
            payment_receipt_id=paid.receipt_id,
            payment_method=paid.method,
            attendant_id=swap.attendant_id,
            attendant_station=swap.station_id,
            correlation_id=swap.correlation_id,
            transaction_id=swap.correlation_id,
            payment_timestamp=paid.recorded_at,
        ),
    )


def work_out(whole: CompleteService, plan: ServicePlan, context: AgentContext) -> AgentResult:
    """What a swap does to its plan, whichever way it is sent: the agent's answer as if it came by COMPLETE_SERVICE."""
    if plan.completes_at_once:
        return service_agent(whole, plan, context)
    able = replace(plan, template=replace(plan.template, agent_config=replace(plan.template.agent_config, available_actions=None)))
    result = service_agent(whole, able, context)
    return replace(result, plan=replace(result.plan, template=plan.template))
