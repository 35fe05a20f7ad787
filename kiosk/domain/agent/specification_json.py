"""The specification's messages and receipt as plain dictionaries, key for key (enhancements 1, 2 and 4)."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from kiosk.domain.agent.energy import Energy
from kiosk.domain.decimals import ZERO, plain, trimmed
from kiosk.domain.plan.fsm import PAYMENT_RECEIVED, FsmInput
from kiosk.domain.plan.quota import QuotaCheck, QuotaUpdate
from kiosk.domain.plan.service_plan import ServicePlan, ServiceState
from kiosk.domain.requests import CompleteService, ProcessPayment
from kiosk.domain.times import iso_utc

Json = dict[str, Any]


def fsm_json(inputs: tuple[FsmInput, ...]) -> list[Json]:
    """`[{"cycle": ..., "input": ...}]`."""
    return [{"cycle": each.cycle, "input": each.input} for each in inputs]


def update_json(update: QuotaUpdate, *, with_increment: bool) -> Json:
    """One quota update; `quota_before` and `quota_after` only where a payment credited it (decision 9)."""
    entry: Json = {"service_id": update.service_id, "used_before": update.used_before, "used_after": update.used_after}
    if with_increment:
        entry["increment"] = update.increment
    if update.credited:
        entry |= {"quota_before": update.quota_before, "quota_after": update.quota_after}
    return entry


def quota_json(quota: QuotaCheck, plan: ServicePlan) -> Json:
    """The specification's `quota_check`; swaps appear in it where they are what is short (decision 7), `tolerated_kwh` where some are
    taken beyond what is left (decision 35)."""
    status = "exhausted" if quota.exhausted else "sufficient"
    check: Json = {}
    if quota.net_kwh is not None and plan.electricity is not None:
        left, net_kwh = quota.remaining_kwh, quota.net_kwh
        check = {"remaining_before": "unlimited" if left is None else left, "net_required": net_kwh}
        if quota.exhausted:
            check["deficit_kwh"] = quota.deficit_kwh
        else:
            check["remaining_after"] = "unlimited" if left is None else trimmed(left - max(net_kwh, -plan.electricity.used))
        if quota.tolerated_kwh:
            check["tolerated_kwh"] = quota.tolerated_kwh
    if quota.deficit_swaps:
        check |= {"remaining_swaps_before": quota.remaining_swaps, "deficit_swaps": quota.deficit_swaps}
    return {**check, "status": status}


def left_of(state: ServiceState, unit: str = "") -> str:
    """`3 of 10`, `29.9 kWh of 400 kWh`, or `unlimited` (decision 7)."""
    if state.unlimited:
        return "unlimited"
    suffix = f" {unit}" if unit else ""
    return f"{plain(state.remaining)}{suffix} of {plain(state.quota)}{suffix}"


def quotas_left(plan: ServicePlan) -> Json:
    """The receipt's `quotas_remaining`."""
    electricity = {} if plan.electricity is None else {"electricity_fuel": left_of(plan.electricity, "kWh")}
    return {"swap_count": left_of(plan.swap_count), **electricity}


def calculation_json(energy: Energy) -> Json:
    """The specification's `electricity_calculation`; a first visit returned 0 kWh (decision 4)."""
    return {
        "incoming_kwh": energy.incoming_kwh or ZERO,
        "outgoing_kwh": energy.outgoing_kwh,
        "net_delivered_kwh": energy.net_kwh,
        **counted_json(energy),
        **estimate_json(estimated=energy.estimated),
    }


def counted_json(energy: Energy) -> Json:
    """`incoming_counted_kwh` stands only where it is less than what was read (decision 28)."""
    return {} if energy.counted_kwh is energy.incoming_kwh else {"incoming_counted_kwh": energy.counted_kwh}


def estimate_json(*, estimated: bool) -> Json:
    """`estimated` stands only where it is true (decision 34)."""
    return {"estimated": True} if estimated else {}


def receipt_json(request: CompleteService, after: ServicePlan, energy: Energy, at: str) -> Json:
    """The specification's receipt for a swap completed `at`; `after` is the plan after it. `payment` is None when nothing was paid."""
    payment = {"amount": request.payment_amount, "receipt_id": request.payment_receipt_id, "method": request.payment_method}
    return {
        "transaction_id": request.correlation_id,
        "timestamp": at,
        "customer_id": after.customer_id,
        "batteries_swapped": {"returned": request.incoming_battery_id, "issued": request.outgoing_battery_id},
        "electricity_delivered_kwh": None if energy.net_kwh is None else trimmed(energy.net_kwh),
        **counted_json(energy),
        **estimate_json(estimated=energy.estimated),
        "payment": payment if request.payment_occurred else None,
        "quotas_remaining": quotas_left(after),
    }


def service_completed_event(
    request: CompleteService,
    plan: ServicePlan,
    energy: Energy,
    updates: tuple[QuotaUpdate, ...],
    inputs: tuple[FsmInput, ...],
    now: datetime,
) -> Json:
    """SERVICE_COMPLETED, by analogy to PAYMENT_RECEIVED (contract, MQTT)."""
    return {
        "event_type": "SERVICE_COMPLETED",
        "event_id": f"EVT-SVC-{request.correlation_id}",
        "timestamp": iso_utc(now),
        "plan_id": plan.id,
        "customer_id": plan.customer_id,
        "service_data": {
            "incoming_battery_id": request.incoming_battery_id,
            "incoming_kwh": energy.incoming_kwh,
            "outgoing_battery_id": request.outgoing_battery_id,
            "outgoing_kwh": energy.outgoing_kwh,
            "net_delivered_kwh": None if energy.net_kwh is None else trimmed(energy.net_kwh),
            **counted_json(energy),
            **estimate_json(estimated=energy.estimated),
            "quota_updates": [update_json(each, with_increment=True) for each in updates],
        },
        "service_context": {
            "transaction_id": request.correlation_id,
            "attendant_id": request.attendant_id,
            "attendant_station": request.attendant_station,
            "correlation_id": request.correlation_id,
        },
        "fsm_inputs": fsm_json(inputs),
    }


def payment_of(request: CompleteService) -> ProcessPayment:
    """The payment inside a completion, as a request of its own."""
    return ProcessPayment(
        payment_amount=request.payment_amount or Decimal(0),
        payment_receipt_id=request.payment_receipt_id or "",
        payment_method=request.payment_method or "",
        attendant_id=request.attendant_id,
        attendant_station=request.attendant_station,
        correlation_id=request.correlation_id,
        transaction_id=request.correlation_id,
        payment_timestamp=request.transaction_timestamp,
    )


def payment_received_event(payment: ProcessPayment, plan: ServicePlan, now: datetime) -> Json:
    """PAYMENT_RECEIVED (specification 4.1). The event id follows from the receipt, so both triggers make the same one."""
    return {
        "event_type": "PAYMENT_RECEIVED",
        "event_id": f"EVT-{payment.payment_receipt_id}",
        "timestamp": iso_utc(now),
        "plan_id": plan.id,
        "customer_id": plan.customer_id,
        "payment_data": {
            "amount": payment.payment_amount,
            "currency": plan.billing_currency,
            "payment_method": payment.payment_method,
            "odoo_receipt_id": payment.payment_receipt_id,
            "service_description": "Battery Swap + Electricity Top-up" if plan.electricity else "Battery Swap",
            "merchant_station": payment.attendant_station,
            "payment_timestamp": iso_utc(payment.payment_timestamp or now),
        },
        "service_context": {
            "transaction_id": payment.transaction_id or payment.correlation_id,
            "attendant_id": payment.attendant_id,
            "correlation_id": payment.correlation_id,
        },
        "fsm_inputs": fsm_json((PAYMENT_RECEIVED,)),
    }
