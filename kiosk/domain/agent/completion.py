"""completeService: one action for a whole swap (specification, enhancement 2; decisions 7-10, 17).

Everything is checked first and every reason is named; only then are quotas, states, events and receipt made, all from the same
request, so that a repeated request gives the same result. A refusal changes nothing. Both events are in the answer whether they are
published or not: they are made for the history first.
"""

from dataclasses import replace
from decimal import Decimal

from kiosk.domain.agent.agent_result import AgentContext, AgentResult, refusal
from kiosk.domain.agent.energy import Energy, energy_of
from kiosk.domain.agent.specification_json import (
    Json,
    fsm_json,
    payment_of,
    payment_received_event,
    receipt_json,
    service_completed_event,
    update_json,
)
from kiosk.domain.battery.battery import check_issued, check_returned
from kiosk.domain.decimals import ZERO
from kiosk.domain.errors import BadInput, BatteryUnreadable, KioskError
from kiosk.domain.language import tr
from kiosk.domain.money.money import check_covers, check_receipt, payment_credit
from kiosk.domain.money.payments import check_shown
from kiosk.domain.plan.fsm import BATTERY_ISSUED, PAYMENT_RECEIVED, FsmInput
from kiosk.domain.plan.issued import Issued
from kiosk.domain.plan.quota import Credit, QuotaCheck, apply_updates, check_quota, quota_updates
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CompleteService, Exchange
from kiosk.domain.times import iso_utc

FAILED = "SERVICE_COMPLETION_FAILED"


def complete_service(request: CompleteService, plan: ServicePlan, context: AgentContext) -> AgentResult:
    """SERVICE_COMPLETED_SUCCESS with the plan after it, or SERVICE_COMPLETION_FAILED with every reason and the plan unchanged."""
    problems = _problems(request, plan)
    try:
        energy = check_energy(request, plan, context)
    except KioskError as error:
        return refusal(FAILED, plan, *problems, error, transaction_id=request.correlation_id)
    if problems:
        return refusal(FAILED, plan, *problems, transaction_id=request.correlation_id)
    quota = check_quota(plan, energy.net_kwh)
    try:
        credit = _credit(request, quota, plan, context)
    except KioskError as error:
        result = refusal(FAILED, plan, error, transaction_id=request.correlation_id)
        # a refusal for money names the exhausted quota as well, where that is why
        return replace(result, signals=(*result.signals, "QUOTA_EXHAUSTED")) if quota.exhausted else result
    return _complete(request, plan, energy, credit, context)


def _problems(request: CompleteService, plan: ServicePlan) -> list[KioskError]:
    found: list[KioskError] = []
    for check in (_check_standing, _check_returned, _check_issued):
        try:
            check(request, plan)
        except KioskError as error:
            found.append(error)
    return found


def _check_standing(_request: CompleteService, plan: ServicePlan) -> None:
    check_terms(plan)


def check_terms(plan: ServicePlan) -> None:
    """The states allow a swap and there is one currency (decisions 5, 15). Raises PlanBlocked, CurrencyConflict."""
    plan.check_standing()
    plan.billing_currency  # noqa: B018  raises CurrencyConflict


def _check_returned(request: CompleteService, plan: ServicePlan) -> None:
    check_returned(plan.current_asset, request.incoming_battery_id)


def _check_issued(request: CompleteService, _plan: ServicePlan) -> None:
    check_issued(request.incoming_battery_id, request.outgoing_battery_id)


def check_energy(request: Exchange, plan: ServicePlan, context: AgentContext) -> Energy:
    """The energy of the swap; where kWh is tracked each battery has one that can be. Raises BadInput, BatteryUnreadable."""
    energy, incoming_id = energy_of(request, plan), request.incoming_battery_id or ""
    if plan.tracks_energy:
        if energy.outgoing_kwh is None:
            raise BadInput("outgoing_kwh", tr("is missing"))
        if incoming_id and energy.incoming_kwh is None:
            raise BadInput("incoming_kwh", tr("is missing"))
    check_possible(incoming_id, energy.incoming_kwh, context)
    check_possible(request.outgoing_battery_id, energy.outgoing_kwh, context)
    return energy


def check_possible(battery_id: str, kwh: Decimal | None, context: AgentContext) -> None:
    """An energy that a battery can hold, or none at all. Raises BatteryUnreadable."""
    if kwh is not None and not (kwh.is_finite() and 0 <= kwh <= context.limits.most_kwh):
        raise BatteryUnreadable(battery_id, tr("{kwh} kWh cannot be", kwh=kwh))


def _credit(request: CompleteService, quota: QuotaCheck, plan: ServicePlan, context: AgentContext) -> Credit:
    """What the payment credits: nothing when the quota was sufficient. Raises when it is short and not paid (decision 9)."""
    amount = ZERO
    if request.payment_occurred:
        amount = request.payment_amount or ZERO
        check_receipt(amount, request.payment_receipt_id or "")
        if not context.receipt_known:
            check_shown(
                request.payment_receipt_id or "",
                request.payment_method or "",
                plan,
                (plan.template.agent_config.payment.receipt_patterns,),
                (request.incoming_battery_id, request.outgoing_battery_id, request.correlation_id),
            )
    if quota.exhausted:
        check_covers(quota, plan, amount, context.collectable)
    return payment_credit(quota, plan, amount, context.collectable)


def _complete(request: CompleteService, plan: ServicePlan, energy: Energy, credit: Credit, context: AgentContext) -> AgentResult:
    updates = quota_updates(plan, energy.net_kwh, credit)
    inputs: tuple[FsmInput, ...] = (BATTERY_ISSUED, PAYMENT_RECEIVED) if request.payment_occurred else (BATTERY_ISSUED,)
    at = iso_utc(request.transaction_timestamp)
    issued = Issued(request.outgoing_battery_id, energy.outgoing_kwh, energy.outgoing_estimated, at, request.attendant_station)
    after, ignored = apply_updates(plan, updates, issued).after(inputs)
    service_event = service_completed_event(request, plan, energy, updates, inputs, context.now)
    payment_event = payment_received_event(payment_of(request), plan, context.now) if request.payment_occurred else None
    metadata: Json = {
        "transaction_id": request.correlation_id,
        "quota_updates": [update_json(each, with_increment=False) for each in updates],
        "service_event": service_event,
        "payment_event": payment_event,
    }
    if plan.makes_receipts:
        metadata["receipt"] = receipt_json(request, after, energy, at)
    metadata["fsm_transitions"] = fsm_json(inputs)
    if ignored:
        metadata["ignored_fsm_inputs"] = fsm_json(ignored)
    events = (service_event,) if payment_event is None else (service_event, payment_event)
    return AgentResult(
        signals=("SERVICE_COMPLETED_SUCCESS",),
        plan=after,
        metadata=metadata,
        fsm_inputs=inputs,
        events=events if plan.publishes_events else (),
    )
