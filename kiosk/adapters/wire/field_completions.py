"""A completion in the field's words: REPORT_PAYMENT_AND_SERVICE_COMPLETION in the field's envelope (facts from the field).

What leaves differs from COMPLETE_SERVICE: the energy is told as the net alone, never below 0; the returned battery's key is absent on a
first visit; a payment names the service that it tops up. The same swap and request always give the same bytes.
"""

from typing import Any

from kiosk.adapters.wire.identify import envelope
from kiosk.domain.numbers import ZERO
from kiosk.domain.plan import ServicePlan, ServiceState
from kiosk.domain.requests import CompleteService
from kiosk.domain.swap import Swap

ACTION = "REPORT_PAYMENT_AND_SERVICE_COMPLETION"


def completion_to_field(swap: Swap, request: CompleteService) -> bytes:
    """The envelope that completes `swap` as `request` does; its time is the transaction's."""
    data: dict[str, Any] = {"action": ACTION, "attendant_station": request.attendant_station, "service_data": _service(swap, request)}
    if request.payment_occurred:
        data["payment_data"] = _payment(swap, request)
    actor = ("attendant", request.attendant_id)
    return envelope(swap.plan.id, request.correlation_id, request.transaction_timestamp, actor, data)


def _service(swap: Swap, request: CompleteService) -> dict[str, Any]:
    """`energy_transferred` in kWh, the rounded net (decisions 2, 3); `service_duration` in whole seconds since the swap began."""
    returned = {"old_battery_id": request.incoming_battery_id} if request.incoming_battery_id else {}
    took = request.transaction_timestamp - swap.started_at
    return {
        **returned,
        "new_battery_id": request.outgoing_battery_id,
        "energy_transferred": max(swap.net_kwh or ZERO, ZERO),
        "service_duration": max(int(took.total_seconds()), 0),  # a clock set back in between makes it negative
    }


def _payment(swap: Swap, request: CompleteService) -> dict[str, Any]:
    return {
        "service_id": _topped_up(swap).service_id,
        "payment_amount": request.payment_amount,
        "payment_reference": request.payment_receipt_id,
        "payment_method": request.payment_method,
        "payment_type": _kind(swap.plan),
    }


def _topped_up(swap: Swap) -> ServiceState:
    """The service that the money is for; one can be named. Where kWh and swaps are short, it is the electricity."""
    electricity, quota = swap.plan.electricity, swap.quota
    only_swaps = quota is not None and quota.deficit_swaps > 0 and quota.deficit_kwh == 0
    return swap.plan.swap_count if electricity is None or only_swaps else electricity


def _kind(plan: ServicePlan) -> str:
    """A plan that waits for its deposit is paid the deposit, every other one is topped up."""
    return "DEPOSIT" if plan.payment_state == "DEPOSIT_DUE" else "TOP_UP"
