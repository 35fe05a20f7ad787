"""A completion in the field's words: REPORT_PAYMENT_AND_SERVICE_COMPLETION in the field's envelope, both ends (facts from the field).

What leaves differs from COMPLETE_SERVICE: the energy is the net alone, never below 0; the returned battery's key is absent on a
first visit; a payment names the service that it tops up. The same swap and request always give the same bytes.

Who reads it knows no readings: the net is read as if the returned battery were empty. What cannot be read raises BadInput.
"""

from datetime import datetime
from typing import Any, Literal

from kiosk.domain.decimals import ZERO
from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.domain.plan.service_plan import ServiceState
from kiosk.domain.requests import CompleteService
from kiosk.domain.swap.swap import Swap
from kiosk.wire.actions import COMPLETED, FIELD_COMPLETION
from kiosk.wire.checked import Energy, Id, Model, Moment, Number, Text, checked
from kiosk.wire.identification import envelope


def completion_to_field(swap: Swap, request: CompleteService) -> bytes:
    """The envelope that completes `swap` as `request` does; its time is the transaction's."""
    data: dict[str, Any] = {
        "action": FIELD_COMPLETION,
        "attendant_station": request.attendant_station,
        "service_data": _service(swap, request),
    }
    if request.payment_occurred:
        data["payment_data"] = _payment(swap, request)
    return envelope(swap.plan.id, request.correlation_id, request.transaction_timestamp, ("attendant", request.attendant_id), data)


def _service(swap: Swap, request: CompleteService) -> dict[str, Any]:
    """`energy_transferred` in kWh, the rounded net (decisions 2, 3); `service_duration` in whole seconds since the swap began."""
    returned = {"old_battery_id": request.incoming_battery_id} if request.incoming_battery_id else {}
    return {
        **returned,
        "new_battery_id": request.outgoing_battery_id,
        "energy_transferred": max(swap.net_kwh or ZERO, ZERO),
        # a clock set back in between makes it negative
        "service_duration": max(int((request.transaction_timestamp - swap.started_at).total_seconds()), 0),
    }


def _payment(swap: Swap, request: CompleteService) -> dict[str, Any]:
    return {
        "service_id": _topped_up(swap).service_id,
        "payment_amount": request.payment_amount,
        "payment_reference": request.payment_receipt_id,
        "payment_method": request.payment_method,
        # a plan that waits for its deposit is paid the deposit, every other one is topped up
        "payment_type": "DEPOSIT" if swap.plan.payment_state == "DEPOSIT_DUE" else "TOP_UP",
    }


def _topped_up(swap: Swap) -> ServiceState:
    """The service that the money is for; one can be named. Where kWh and swaps are short, it is the electricity."""
    electricity, quota = swap.plan.electricity, swap.quota
    only_swaps = quota is not None and quota.deficit_swaps > 0 and quota.deficit_kwh == 0
    return swap.plan.swap_count if electricity is None or only_swaps else electricity


# ---------------------------------------------------------------- the other end


class _ServiceDocument(Model):
    new_battery_id: Text
    energy_transferred: Energy
    old_battery_id: Text | None = None


class _PaymentDocument(Model):
    payment_amount: Number
    payment_reference: Id
    payment_method: Id
    payment_type: Literal["TOP_UP", "DEPOSIT"] = "TOP_UP"


class _CompletionData(Model):
    action: Text
    attendant_station: Text
    service_data: _ServiceDocument
    payment_data: _PaymentDocument | None = None


class _ActorDocument(Model):
    id: Text


class _CompletionEnvelope(Model):
    timestamp: Moment
    correlation_id: Id
    actor: _ActorDocument
    data: _CompletionData


def completion_from_field(body: object) -> CompleteService:
    """The swap in a field envelope. Raises BadInput, also for a deposit, which is no swap's."""
    read = checked(_CompletionEnvelope, body, BadInput)
    service, payment = read.data.service_data, read.data.payment_data
    if read.data.action != FIELD_COMPLETION:
        raise BadInput("data.action", tr("must be {action} on this topic", action=FIELD_COMPLETION))
    if payment is not None and payment.payment_type == "DEPOSIT":
        raise BadInput("data.payment_data.payment_type", tr("is DEPOSIT, which is not paid with a swap here"))
    return CompleteService(
        incoming_battery_id=service.old_battery_id or None,
        incoming_kwh=ZERO if service.old_battery_id else None,
        outgoing_battery_id=service.new_battery_id,
        outgoing_kwh=service.energy_transferred,
        payment_occurred=payment is not None,
        payment_amount=payment.payment_amount if payment else None,
        payment_receipt_id=payment.payment_reference if payment else None,
        payment_method=payment.payment_method if payment else None,
        attendant_id=read.actor.id,
        attendant_station=read.data.attendant_station,
        transaction_timestamp=read.timestamp,
        correlation_id=read.correlation_id,
    )


def answer_to_field(plan_id: str, document: dict[str, Any], now: datetime, actor: tuple[str, str], *, paid: bool) -> bytes:
    """The platform's flat answer to a completion, `document`, in the field's envelope and with the field's signals."""
    success = COMPLETED in document["signals"]
    signals = [
        ("PAYMENT_AND_SERVICE_COMPLETED" if paid else "SERVICE_COMPLETED") if each == COMPLETED else each for each in document["signals"]
    ]
    return envelope(
        plan_id, document["correlation_id"], now, actor, {"success": success, "signals": signals, "metadata": document["metadata"]}
    )
