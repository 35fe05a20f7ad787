"""The specification's requests, by `action`, to and from the domain's values.

Reading raises BadInput with the key and the reason. Keys beyond the specification's are kept out. COMPLETE_SERVICE is written flat with the
specification's keys and nothing more: `incoming_*` are null on a first visit (decision 4), `payment_*` stand only where something was paid,
`*_soc_percent` only where they are known (decision 34).
The same request gives the same bytes.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.decimals import to_watt_hours
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
    Request,
    VerifyServiceQuota,
)
from kiosk.domain.times import iso_utc
from kiosk.wire.checked import Energy, Id, LongShown, Model, Moment, Number, Text, TextOrNone, checked, model_of
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.telemetry_documents import TelemetryDocument, telemetry_to_document, to_telemetry

_DOCUMENTS: dict[type[Request], type[Model]] = {
    IdentifyCustomer: model_of(IdentifyCustomer, attendant_station=Text),
    **{
        each: model_of(each, equipment_id=Text, telemetry=TelemetryDocument | None, attendant_station=Text)
        for each in (IdentifyReturnedEquipment, IdentifyOutgoingEquipment)
    },
    EquipmentCheckin: model_of(
        EquipmentCheckin, equipment_id=Text, incoming_kwh=Energy | None, incoming_soc_percent=Number | None, correlation_id=Text
    ),
    EquipmentCheckout: model_of(
        EquipmentCheckout,
        replacement_equipment_id=Text,
        incoming_equipment_id=TextOrNone,
        incoming_kwh=Energy | None,
        outgoing_kwh=Energy | None,
        incoming_soc_percent=Number | None,
        outgoing_soc_percent=Number | None,
        correlation_id=Text,
    ),
    ProcessPayment: model_of(
        ProcessPayment,
        payment_amount=Number,
        payment_receipt_id=Id,
        payment_method=Id,
        attendant_id=Text,
        attendant_station=Text,
        correlation_id=Text,
        transaction_id=Text,
        payment_timestamp=Moment | None,
    ),
    ReportAttendantActivity: model_of(
        ReportAttendantActivity, attendant_id=Text, attendant_station=Text, activity=LongShown, correlation_id=Text
    ),
    CompleteService: model_of(
        CompleteService,
        outgoing_battery_id=Text,
        outgoing_kwh=(Energy | None, None),
        payment_occurred=(bool, ...),
        attendant_id=Text,
        attendant_station=Text,
        transaction_timestamp=Moment,
        correlation_id=Id,
        incoming_battery_id=TextOrNone,
        incoming_kwh=Energy | None,
        incoming_soc_percent=Number | None,
        outgoing_soc_percent=Number | None,
        payment_amount=Number | None,
        payment_receipt_id=Text | None,
        payment_method=Text | None,
    ),
    VerifyServiceQuota: model_of(VerifyServiceQuota, service_id=Id, quantity=Number, correlation_id=Text, attendant_station=Text),
}
_KINDS = {each.action: each for each in _DOCUMENTS}
ACTIONS = tuple(_KINDS)


def read_request(data: bytes | str) -> Request:
    """A request as text. Raises BadInput."""
    return request_from_json(loads(data))


def request_from_json(value: object) -> Request:
    """A request as parsed by `exact_json.loads`. Raises BadInput."""
    if not isinstance(value, dict):
        raise BadInput("request", tr("must be an object"))
    action = value.get("action")
    if action is None:
        raise BadInput("action", tr("is missing"))
    kind = _KINDS.get(action) if isinstance(action, str) else None
    if kind is None:
        raise BadInput("action", tr("is none of {actions}", actions=", ".join(ACTIONS)))
    facts = dict(checked(_DOCUMENTS[kind], value, BadInput))
    if facts.get("telemetry") is not None:
        facts["telemetry"] = _reading(facts["telemetry"], facts["equipment_id"])
    return kind(**facts)


def _reading(read: TelemetryDocument, equipment_id: str) -> BatteryTelemetry:
    """A request is where a reading enters the program: whole watt hours from here on (decision 11)."""
    reading = to_telemetry(read, equipment_id)
    kwh = reading.kwh_remaining
    return reading if kwh is None else replace(reading, kwh_remaining=to_watt_hours(kwh))


def write_request(request: Request) -> bytes:
    """The bytes of a request; the same request always gives the same bytes (decision 16)."""
    return dumps(request_to_json(request))


_PAYMENT = ("payment_amount", "payment_receipt_id", "payment_method")
_KEYS: dict[type[Request], tuple[str, ...]] = {  # in the order in which they are written; with "?" only where there is something to say
    IdentifyCustomer: ("attendant_station",),
    IdentifyReturnedEquipment: ("equipment_id", "telemetry", "attendant_station?"),
    IdentifyOutgoingEquipment: ("equipment_id", "telemetry", "attendant_station?"),
    EquipmentCheckin: ("equipment_id", "incoming_kwh", "incoming_soc_percent?", "correlation_id?"),
    EquipmentCheckout: (
        "replacement_equipment_id",
        "incoming_equipment_id",
        "incoming_kwh",
        "outgoing_kwh",
        "incoming_soc_percent?",
        "outgoing_soc_percent?",
        "correlation_id?",
    ),
    ProcessPayment: (*_PAYMENT, "attendant_id?", "attendant_station?", "correlation_id?", "transaction_id?", "payment_timestamp?"),
    ReportAttendantActivity: ("attendant_id", "attendant_station", "activity", "correlation_id"),
    CompleteService: (
        "incoming_battery_id",
        "incoming_kwh",
        "outgoing_battery_id",
        "outgoing_kwh",
        "incoming_soc_percent?",
        "outgoing_soc_percent?",
        "payment_occurred",
        *_PAYMENT,
        "attendant_id",
        "attendant_station",
        "transaction_timestamp",
        "correlation_id",
    ),
    VerifyServiceQuota: ("service_id", "quantity", "correlation_id?", "attendant_station?"),
}


def request_to_json(request: Request) -> dict[str, Any]:
    """The specification's flat object."""
    unpaid = isinstance(request, CompleteService) and not request.payment_occurred
    document: dict[str, Any] = {"action": request.action}
    for key in _KEYS[type(request)]:
        name = key.removesuffix("?")
        value = getattr(request, name)
        if not (unpaid and name in _PAYMENT) and (name == key or value not in {None, ""}):
            document[name] = _written(value)
    return document


def _written(value: object) -> object:
    if isinstance(value, datetime):
        return iso_utc(value)
    return telemetry_to_document(value) if isinstance(value, BatteryTelemetry) else value
