"""Swaps and plans as the store keeps them: exact, whole, and readable by a later release.

State machines are written in full, so that what was stored does not change with what is shipped. What cannot be read back raises
PlanInvalid or BadInput. A template is written and read once while it is in use: plans of one template share the text and the value.
"""

from collections import OrderedDict
from dataclasses import asdict
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator

from kiosk.domain.approval import Approval
from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.plan.template import ServicePlanTemplate
from kiosk.domain.swap.swap import Confirmation, Payment, Swap
from kiosk.domain.times import iso_utc
from kiosk.wire.checked import Moment, Number, checked, fault, model_of, read_as
from kiosk.wire.exact_json import Raw, loads, text
from kiosk.wire.plan_documents import plan_from_document, plan_without_template
from kiosk.wire.telemetry_documents import TelemetryDocument, telemetry_to_document, to_telemetry
from kiosk.wire.template_documents import template_to_document

_MAX_TEMPLATES = 16
_MAX_PLANS = 64


def _confirmation(value: str) -> Confirmation:
    try:
        return Confirmation(value)
    except ValueError:
        fault(tr("is unknown: {confirmation}", confirmation=value))


# a payment recorded for a swap
StoredPayment = Annotated[
    Payment,
    read_as(
        Payment,
        amount=Number,
        currency=str,
        receipt_id=str,
        method=str,
        recorded_at=Moment,
        confirmation=Annotated[str, AfterValidator(_confirmation)],
        confirmed_by=str,
    ),
]


# who approved a swap that the rules stop, and why
StoredApproval = Annotated[Approval, read_as(Approval, supervisor=str, reason=str)]


def _stored_reading(read: TelemetryDocument) -> BatteryTelemetry:
    return to_telemetry(read, "")


Reading = Annotated[TelemetryDocument, AfterValidator(_stored_reading)]
SwapDocument = model_of(
    Swap,
    correlation_id=str,
    plan=Annotated[dict[str, Any], AfterValidator(plan_from_document)],
    plan_as_of=Moment,
    started_at=Moment,
    attendant_id=str,
    station_id=str,
    incoming=Reading | None,
    outgoing=Reading | None,
    payment=StoredPayment | None,
    parts=Annotated[list[StoredPayment], AfterValidator(tuple)],  # absent in journals of older releases
    inspection=str,
    more_approved=StoredApproval | None,  # absent in journals of older releases
    doubt_approved=StoredApproval | None,  # absent in journals of older releases
    clock_moved=int,  # absent where the clock was not set
    completed_at=Moment | None,
)


_TEXTS: OrderedDict[int, tuple[ServicePlanTemplate, Raw]] = OrderedDict()


def _text_of(template: ServicePlanTemplate) -> Raw:
    """The JSON of a template in use, kept by identity: a template never changes and compares slowly."""
    found = _TEXTS.get(id(template))
    if found is None:
        found = (template, Raw(text(template_to_document(template, whole=True))))
        _TEXTS[id(template)] = found
        if len(_TEXTS) > _MAX_TEMPLATES:
            _TEXTS.popitem(last=False)
    return found[1]


def plan_to_json(plan: ServicePlan) -> str:
    """A plan as text, for the plan cache."""
    return text({**plan_without_template(plan), "service_plan_template": _text_of(plan.template)})


@lru_cache(maxsize=_MAX_PLANS)
def plan_from_json(stored: str) -> ServicePlan:
    """A plan from the plan cache; equal to the one that was stored. Raises PlanInvalid, BadInput."""
    return plan_from_document(loads(stored))


def swap_to_json(swap: Swap) -> str:
    """A swap as text, for the journal."""
    return text(
        {
            "correlation_id": swap.correlation_id,
            "plan": Raw(plan_to_json(swap.plan)),
            "plan_as_of": iso_utc(swap.plan_as_of),
            "started_at": iso_utc(swap.started_at),
            "attendant_id": swap.attendant_id,
            "station_id": swap.station_id,
            "incoming": _reading(swap.incoming),
            "outgoing": _reading(swap.outgoing),
            "payment": None if swap.payment is None else _payment(swap.payment),
            "parts": [_payment(each) for each in swap.parts],
            "inspection": swap.inspection,
            **({} if swap.more_approved is None else {"more_approved": asdict(swap.more_approved)}),
            **({} if swap.doubt_approved is None else {"doubt_approved": asdict(swap.doubt_approved)}),
            **({"clock_moved": swap.clock_moved} if swap.clock_moved else {}),
            "completed_at": None if swap.completed_at is None else iso_utc(swap.completed_at),
        }
    )


def swap_from_json(stored: str) -> Swap:
    """A swap from the journal; equal to the one that was stored. Raises PlanInvalid, BadInput."""
    return Swap(**dict(checked(SwapDocument, loads(stored), BadInput)))


def _reading(reading: BatteryTelemetry | None) -> dict[str, Any] | None:
    return None if reading is None else telemetry_to_document(reading)


def _payment(payment: Payment) -> dict[str, Any]:
    return {**asdict(payment), "recorded_at": iso_utc(payment.recorded_at), "confirmation": payment.confirmation.value}
