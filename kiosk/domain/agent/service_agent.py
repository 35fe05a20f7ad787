"""service_agent: one function for every action of the specification (decision 25). Kiosk and platform both call it.

An outcome that the specification names as a signal is a value in the result; a business refusal is a signal with its reasons
and leaves the plan as it was, and so does a plan that no swap could be made with. Nothing is raised.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from kiosk.domain.agent.agent_result import AgentContext, AgentResult, refusal
from kiosk.domain.agent.completion import check_energy, check_possible, check_terms, complete_service
from kiosk.domain.agent.energy import kwh_of
from kiosk.domain.agent.specification_json import (
    Json,
    calculation_json,
    estimate_json,
    fsm_json,
    payment_received_event,
    quota_json,
    update_json,
)
from kiosk.domain.battery.battery import (
    BatteryTelemetry,
    check_enough,
    check_fit,
    check_issuable,
    check_issued,
    check_reading,
    check_returned,
)
from kiosk.domain.battery.plausibility import doubts_of
from kiosk.domain.decimals import round_half_up, trimmed
from kiosk.domain.errors import (
    BadInput,
    BatteryError,
    BatteryUnreadable,
    CurrencyConflict,
    KioskError,
    PaymentInvalid,
    PlanInvalid,
    StepImpossible,
    WrongBattery,
)
from kiosk.domain.language import tr
from kiosk.domain.messages import message_for
from kiosk.domain.money.money import check_receipt, top_up
from kiosk.domain.money.payments import check_shown
from kiosk.domain.plan.fsm import BATTERY_ISSUED, BATTERY_RETURNED, PAYMENT_RECEIVED, QUOTA_EXHAUSTED, FsmInput
from kiosk.domain.plan.issued import Issued
from kiosk.domain.plan.quota import QuotaCheck, apply_updates, check_quota, check_service, quota_updates
from kiosk.domain.plan.service_plan import ServicePlan, ServiceState
from kiosk.domain.requests import (
    CompleteService,
    EquipmentCheckin,
    EquipmentCheckout,
    IdentifyCustomer,
    IdentifyOutgoingEquipment,
    IdentifyReturnedEquipment,
    ProcessPayment,
    ReportAttendantActivity,
    Request,
    VerifyServiceQuota,
)
from kiosk.domain.times import iso_utc


def service_agent(request: Request, service_plan: ServicePlan, context: AgentContext) -> AgentResult:
    """One action on one plan; the result carries the plan after it."""
    if not service_plan.template.agent_config.allows(request.action):
        return refusal(
            "ACTION_NOT_AVAILABLE", service_plan, StepImpossible(tr("{action} is not among the plan's actions", action=request.action))
        )
    try:
        return _ACTIONS[type(request)](request, service_plan, context)
    except (PlanInvalid, CurrencyConflict) as error:
        return refusal("PLAN_INVALID", service_plan, error)


def _identify_customer(_request: IdentifyCustomer, plan: ServicePlan, _context: AgentContext) -> AgentResult:
    metadata: Json = {
        "customer_id": plan.customer_id,
        "plan_id": plan.id,
        "template_id": plan.template.id,
        "template_version": plan.template.version,
        "service_state": plan.service_state,
        "payment_state": plan.payment_state,
        "currency": plan.billing_currency,
        "first_visit": plan.first_visit,
        "services": [
            {"service_id": each.service_id, "used": each.used, "quota": each.quota, "current_asset": each.current_asset}
            for each in plan.service_states
        ],
        "may_swap": True,
    }
    try:
        plan.check_standing()
    except KioskError as error:
        metadata |= {"may_swap": False, "reason": message_for(error).sentence}
    if plan.unknown_states:
        metadata["warnings"] = [tr("The state {state} is not known to the template.", state=state) for state in plan.unknown_states]
    return AgentResult(signals=("CUSTOMER_IDENTIFIED_SUCCESS",), plan=plan, metadata=metadata)


def _identify_returned(request: IdentifyReturnedEquipment, plan: ServicePlan, context: AgentContext) -> AgentResult:
    signal = "EQUIPMENT_DOES_NOT_BELONG_TO_USER"
    try:
        reading = _reading(request.equipment_id, request.telemetry, plan, context)
        check_returned(plan.current_asset, request.equipment_id)
        if reading is not None:
            check_fit(reading, context.limits)
    except WrongBattery as error:
        return refusal(signal, plan, error, equipment_id=request.equipment_id, ownership_verified=False)
    except BatteryError as error:
        return refusal("EQUIPMENT_UNFIT", plan, error, equipment_id=request.equipment_id)
    facts = {**_energy_facts(reading), **_verification(reading, request.attendant_station, context)}
    metadata = {"equipment_id": request.equipment_id, "ownership_verified": True, **facts}
    return AgentResult(signals=("EQUIPMENT_BELONGS_TO_USER",), plan=plan, metadata=metadata)


def _identify_outgoing(request: IdentifyOutgoingEquipment, plan: ServicePlan, context: AgentContext) -> AgentResult:
    try:
        reading = _reading(request.equipment_id, request.telemetry, plan, context)
        check_issued(plan.current_asset, request.equipment_id)
        if reading is not None:
            check_issuable(reading, context.limits)
            check_enough(reading, context.limits)
    except BatteryError as error:
        return refusal("EQUIPMENT_NOT_AVAILABLE", plan, error, equipment_id=request.equipment_id)
    facts = {**_energy_facts(reading), **_verification(reading, request.attendant_station, context)}
    metadata = {"equipment_id": request.equipment_id, **facts}
    return AgentResult(signals=("EQUIPMENT_AVAILABLE",), plan=plan, metadata=metadata)


def _reading(equipment_id: str, telemetry: BatteryTelemetry | None, plan: ServicePlan, context: AgentContext) -> BatteryTelemetry | None:
    """The reading that belongs to this equipment; required where kWh is tracked."""
    if telemetry is None or (plan.tracks_energy and telemetry.kwh_remaining is None):
        if plan.tracks_energy:
            raise BatteryUnreadable(equipment_id, tr("it gave no energy reading"))
        return telemetry
    check_reading(telemetry, context.limits)
    check_returned(equipment_id, telemetry.battery_id)
    return telemetry


def _energy_facts(reading: BatteryTelemetry | None) -> Json:
    if reading is None:
        return {}
    facts: Json = {"kwh_remaining": reading.kwh_remaining, "read_timestamp": iso_utc(reading.timestamp)}
    if reading.voltage is not None:
        facts["battery_voltage"] = reading.voltage
    if reading.temperature_celsius is not None:
        facts["battery_temperature"] = reading.temperature_celsius
    if reading.estimated:
        facts["estimated"] = True
    return facts


def _verification(reading: BatteryTelemetry | None, station_id: str, context: AgentContext) -> Json:
    """The last reading known, where it and this one cannot both be true, and the first rule that they break (`plausible`). It refuses
    nothing. Where the asking station is unknown, it may be the one that made the last reading."""
    last = context.last_reading
    if reading is None or last is None:
        return {}
    doubts = doubts_of(reading, last, context.limits, station_id or last.station_id)
    if not doubts:
        return {}
    before = last.reading
    earlier = {"last_kwh": before.kwh_remaining, "at": iso_utc(before.timestamp), "station": last.station_id or None}
    return {"verification": {**earlier, "doubt": doubts[0].kind.value}}


def _checkin(request: EquipmentCheckin, plan: ServicePlan, context: AgentContext) -> AgentResult:
    try:
        plan.check_standing()
        check_returned(plan.current_asset, request.equipment_id)
        kwh = kwh_of(plan, request.equipment_id, request.incoming_kwh, request.incoming_soc_percent)
        check_possible(request.equipment_id, kwh, context)
    except KioskError as error:
        return refusal("EQUIPMENT_CHECKIN_FAILED", plan, error, incoming_battery_id=request.equipment_id)
    estimate = estimate_json(estimated=kwh != request.incoming_kwh)
    metadata: Json = {"incoming_battery_id": request.equipment_id, "incoming_kwh": kwh, **estimate}
    return _result_after(("EQUIPMENT_CHECKIN_SUCCESS",), plan, metadata, BATTERY_RETURNED)


def _checkout(request: EquipmentCheckout, plan: ServicePlan, context: AgentContext) -> AgentResult:
    incoming, outgoing = request.incoming_equipment_id, request.replacement_equipment_id
    try:
        check_terms(plan)
        check_returned(plan.current_asset, incoming)
        check_issued(incoming, outgoing)
        energy = check_energy(request, plan, context)
    except KioskError as error:
        return refusal("EQUIPMENT_CHECKOUT_FAILED", plan, error, outgoing_battery_id=outgoing, incoming_battery_id=incoming)
    quota = check_quota(plan, energy.net_kwh)
    metadata: Json = {"outgoing_battery_id": outgoing, "incoming_battery_id": incoming}
    if energy.net_kwh is not None:
        metadata["electricity_calculation"] = calculation_json(energy)
    if quota.exhausted:
        return _exhausted_result(quota, plan, metadata, context)
    updates = quota_updates(plan, energy.net_kwh)
    metadata["quota_check"] = quota_json(quota, plan)
    metadata["quota_updates"] = [update_json(each, with_increment=True) for each in updates]
    signals = ("QUOTA_AVAILABLE", "EQUIPMENT_CHECKOUT_SUCCESS")
    issued = Issued(outgoing, energy.outgoing_kwh, energy.outgoing_estimated, iso_utc(context.now), "")  # this request names no station
    return _result_after(signals, apply_updates(plan, updates, issued), metadata, BATTERY_ISSUED)


def _exhausted_result(quota: QuotaCheck, plan: ServicePlan, metadata: Json, context: AgentContext) -> AgentResult:
    metadata["quota_check"] = quota_json(quota, plan)
    try:
        due = top_up(quota, plan, context.collectable)
    except KioskError as error:
        metadata["reason"] = message_for(error).sentence
    else:
        required: Json = {"amount_kwh": due.amount_kwh} if plan.electricity else {}
        if due.amount_swaps:
            required["amount_swaps"] = due.amount_swaps
        metadata["topup_required"] = {**required, f"estimated_cost_{due.currency.lower()}": due.cost}
    return _result_after(("QUOTA_EXHAUSTED",), plan, metadata, QUOTA_EXHAUSTED)


def _process_payment(request: ProcessPayment, plan: ServicePlan, context: AgentContext) -> AgentResult:
    """A receipt is taken note of; what it credits is decided when the swap is completed (decision 9)."""
    try:
        check_receipt(request.payment_amount, request.payment_receipt_id)
        if not context.receipt_known:
            others = (request.transaction_id, request.correlation_id)
            patterns = (plan.template.agent_config.payment.receipt_patterns,)
            check_shown(request.payment_receipt_id, request.payment_method, plan, patterns, others)
    except PaymentInvalid as error:
        return refusal("PAYMENT_FAILED", plan, error, transaction_id=request.transaction_id or request.correlation_id)
    metadata: Json = {
        "transaction_id": request.transaction_id or request.correlation_id,
        "payment": {
            "amount": request.payment_amount,
            "currency": plan.billing_currency,
            "receipt_id": request.payment_receipt_id,
            "method": request.payment_method,
        },
    }
    events = (payment_received_event(request, plan, context.now),) if plan.publishes_events else ()
    return _result_after(("PAYMENT_PROCESSED_SUCCESS",), plan, metadata, PAYMENT_RECEIVED, events)


def _verify_quota(request: VerifyServiceQuota, plan: ServicePlan, context: AgentContext) -> AgentResult:
    """Books nothing; the plan's `agent_state` takes note of the check (decision 35)."""
    try:
        service, quantity = _find_quantity(request, plan)
    except BadInput as error:
        return refusal("VALIDATION_FAILED", plan, error, service_id=request.service_id)
    quota = check_service(plan, service, quantity)
    check = quota_json(quota, plan)
    if quota.net_kwh is None:
        check = {"remaining_swaps_before": "unlimited" if quota.remaining_swaps is None else quota.remaining_swaps, **check}
    question: Json = {"service_id": service.service_id, "quantity": quantity}
    strict = {"strict_mode": plan.template.agent_config.quota_validation.strict_mode}
    noted = {**plan.agent_state, "last_quota_check": {**question, "at": iso_utc(context.now), **strict, **check}}
    signal = "QUOTA_EXHAUSTED" if quota.exhausted else "QUOTA_AVAILABLE"
    return AgentResult(signals=(signal,), plan=replace(plan, agent_state=noted), metadata={**question, "quota_check": check, **strict})


def _find_quantity(request: VerifyServiceQuota, plan: ServicePlan) -> tuple[ServiceState, Decimal]:
    """The service, and how much of it: kWh rounded like the net of a swap (decision 2).

    Raises BadInput for a service that the plan does not have, and for what can be no quantity of it.
    """
    service = next((each for each in plan.service_states if each.service_id == request.service_id), None)
    if service is None:
        raise BadInput("service_id", tr("names no service of this plan"))
    if request.quantity <= 0:
        raise BadInput("quantity", tr("must be more than 0"))
    quantity = trimmed(round_half_up(request.quantity, plan.precision(service)))
    if quantity != request.quantity and not plan.is_electricity(service):
        raise BadInput("quantity", tr("has more decimals than this service is counted in"))
    return service, quantity


def _report(request: ReportAttendantActivity, plan: ServicePlan, context: AgentContext) -> AgentResult:
    metadata: Json = {
        "attendant_id": request.attendant_id,
        "attendant_station": request.attendant_station,
        "activity": request.activity,
        "reported_at": iso_utc(context.now),
    }
    return AgentResult(signals=("ATTENDANT_ACTIVITY_REPORTED",), plan=plan, metadata=metadata)


def _result_after(
    signals: tuple[str, ...], plan: ServicePlan, metadata: Json, fsm_input: FsmInput, events: tuple[Json, ...] = ()
) -> AgentResult:
    """The result with its FSM input taken; an input that the state has no transition for is named as ignored (decision 14)."""
    stepped, ignored = plan.after((fsm_input,))
    if ignored:
        metadata = {**metadata, "ignored_fsm_inputs": fsm_json(ignored)}
    return AgentResult(signals=signals, plan=stepped, metadata=metadata, fsm_inputs=(fsm_input,), events=events)


_ACTIONS: dict[type, Callable[[Any, ServicePlan, AgentContext], AgentResult]] = {
    IdentifyCustomer: _identify_customer,
    IdentifyReturnedEquipment: _identify_returned,
    IdentifyOutgoingEquipment: _identify_outgoing,
    EquipmentCheckin: _checkin,
    EquipmentCheckout: _checkout,
    ProcessPayment: _process_payment,
    ReportAttendantActivity: _report,
    CompleteService: complete_service,
    VerifyServiceQuota: _verify_quota,
}
