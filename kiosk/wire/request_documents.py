"""The specification's requests, by `action`, to and from the domain's values.

Reading raises BadInput with the key and the reason. Keys beyond the specification's are kept out. COMPLETE_SERVICE is written flat with the
specification's keys and nothing more: `incoming_*` are null on a first visit (decision 4), `payment_*` stand only where something was paid,
`*_soc_percent` only where they are known (decision 34).
The same request gives the same bytes.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.decimals import to_watt_hours
from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.domain.requests import (
    CompleteService,
    EquipmentCheckin,
    EquipmentCheckout,
    Exchange,
    IdentifyCustomer,
    IdentifyOutgoingEquipment,
    IdentifyReturnedEquipment,
    ProcessPayment,
    ReportAttendantActivity,
    Request,
    VerifyServiceQuota,
)
from kiosk.domain.times import iso_utc
from kiosk.wire.checked import Energy, Id, Model, Moment, Number, Text, checked, omitting_none
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.telemetry_documents import TelemetryDocument, telemetry_to_document, to_telemetry

_NoneIfEmpty = Annotated[Text | None, AfterValidator(lambda text: text or None)]


class _Document(Model):
    """The keys of one request; `kind` is the domain's value that is made of them."""

    kind: ClassVar[type]

    def request(self) -> Request:
        """The domain's value. Raises BadInput for a payment without its facts."""
        made: Request = self.kind(**self.facts())
        return made

    def facts(self) -> dict[str, Any]:
        """The fields of the value."""
        return dict(self)


class IdentifyCustomerDocument(_Document):
    """IDENTIFY_CUSTOMER."""

    kind = IdentifyCustomer
    attendant_station: Text = ""


class _EquipmentDocument(_Document):
    equipment_id: Text
    telemetry: TelemetryDocument | None = None
    attendant_station: Text = ""

    def facts(self) -> dict[str, Any]:
        return {**dict(self), "telemetry": None if self.telemetry is None else self._reading(self.telemetry)}

    def _reading(self, read: TelemetryDocument) -> BatteryTelemetry:
        """A request is where a reading enters the program: whole watt hours from here on (decision 11)."""
        reading = to_telemetry(read, self.equipment_id)
        kwh = reading.kwh_remaining
        return reading if kwh is None else replace(reading, kwh_remaining=to_watt_hours(kwh))


class IdentifyReturnedDocument(_EquipmentDocument):
    """IDENTIFY_RETURNED_EQUIPMENT."""

    kind = IdentifyReturnedEquipment


class IdentifyOutgoingDocument(_EquipmentDocument):
    """IDENTIFY_OUTGOING_EQUIPMENT."""

    kind = IdentifyOutgoingEquipment


class CheckinDocument(_Document):
    """EQUIPMENT_CHECKIN."""

    kind = EquipmentCheckin
    equipment_id: Text
    incoming_kwh: Energy | None = None
    incoming_soc_percent: Number | None = None
    correlation_id: Text = ""


class CheckoutDocument(_Document):
    """EQUIPMENT_CHECKOUT."""

    kind = EquipmentCheckout
    replacement_equipment_id: Text
    incoming_equipment_id: _NoneIfEmpty = None
    incoming_kwh: Energy | None = None
    outgoing_kwh: Energy | None = None
    incoming_soc_percent: Number | None = None
    outgoing_soc_percent: Number | None = None
    correlation_id: Text = ""


class PaymentDocument(_Document):
    """PROCESS_PAYMENT."""

    kind = ProcessPayment
    payment_amount: Number
    payment_receipt_id: Id
    payment_method: Id
    attendant_id: Text = ""
    attendant_station: Text = ""
    correlation_id: Text = ""
    transaction_id: Text = ""
    payment_timestamp: Moment | None = None


class ActivityDocument(_Document):
    """REPORT_ATTENDANT_ACTIVITY."""

    kind = ReportAttendantActivity
    attendant_id: Text
    attendant_station: Text
    activity: Text = "BATTERY_SWAP"
    correlation_id: Text = ""


class CompleteDocument(_Document):
    """COMPLETE_SERVICE."""

    kind = CompleteService
    outgoing_battery_id: Text
    outgoing_kwh: Energy | None = None
    payment_occurred: bool
    attendant_id: Text
    attendant_station: Text
    transaction_timestamp: Moment
    correlation_id: Id
    incoming_battery_id: _NoneIfEmpty = None
    incoming_kwh: Energy | None = None
    incoming_soc_percent: Number | None = None
    outgoing_soc_percent: Number | None = None
    payment_amount: Number | None = None
    payment_receipt_id: Text | None = None
    payment_method: Text | None = None


class VerifyQuotaDocument(_Document):
    """VERIFY_SERVICE_QUOTA."""

    kind = VerifyServiceQuota
    service_id: Id
    quantity: Number
    correlation_id: Text = ""


_DOCUMENTS: dict[str, type[_Document]] = {
    each.kind.action: each
    for each in (
        IdentifyCustomerDocument,
        IdentifyReturnedDocument,
        IdentifyOutgoingDocument,
        CheckinDocument,
        CheckoutDocument,
        PaymentDocument,
        ActivityDocument,
        CompleteDocument,
        VerifyQuotaDocument,
    )
}
ACTIONS = tuple(_DOCUMENTS)


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
    document = _DOCUMENTS.get(action) if isinstance(action, str) else None
    if document is None:
        raise BadInput("action", tr("is none of {actions}", actions=", ".join(ACTIONS)))
    return checked(document, value, BadInput).request()


def write_request(request: Request) -> bytes:
    """The bytes of a request; the same request always gives the same bytes (decision 16)."""
    return dumps(request_to_json(request))


def request_to_json(request: Request) -> dict[str, Any]:
    """The specification's flat object."""
    return {"action": request.action, **_WRITERS[type(request)](request)}


def _identify(request: IdentifyCustomer) -> dict[str, Any]:
    return {"attendant_station": request.attendant_station}


def _equipment(request: IdentifyReturnedEquipment | IdentifyOutgoingEquipment) -> dict[str, Any]:
    reading = request.telemetry
    asked_at = {"attendant_station": request.attendant_station} if request.attendant_station else {}
    return {"equipment_id": request.equipment_id, "telemetry": None if reading is None else telemetry_to_document(reading), **asked_at}


def _checkin(request: EquipmentCheckin) -> dict[str, Any]:
    return {
        "equipment_id": request.equipment_id,
        "incoming_kwh": request.incoming_kwh,
        **omitting_none({"incoming_soc_percent": request.incoming_soc_percent}),
        **_transaction(request.correlation_id),
    }


def _checkout(request: EquipmentCheckout) -> dict[str, Any]:
    return {
        "replacement_equipment_id": request.replacement_equipment_id,
        "incoming_equipment_id": request.incoming_equipment_id,
        "incoming_kwh": request.incoming_kwh,
        "outgoing_kwh": request.outgoing_kwh,
        **_charges(request),
        **_transaction(request.correlation_id),
    }


def _charges(request: Exchange) -> dict[str, Any]:
    """States of charge stand only where they are known, so that a request without them has the bytes that it always had (decision 34)."""
    return omitting_none({"incoming_soc_percent": request.incoming_soc_percent, "outgoing_soc_percent": request.outgoing_soc_percent})


def _transaction(correlation_id: str) -> dict[str, Any]:
    """The specification's check-in and check-out carry no id; a kiosk's do, because MQTT 3.1.1 has no other place for it."""
    return {"correlation_id": correlation_id} if correlation_id else {}


def _payment(request: ProcessPayment) -> dict[str, Any]:
    moment = request.payment_timestamp
    return omitting_none(
        {
            "payment_amount": request.payment_amount,
            "payment_receipt_id": request.payment_receipt_id,
            "payment_method": request.payment_method,
            "attendant_id": request.attendant_id or None,
            "attendant_station": request.attendant_station or None,
            "correlation_id": request.correlation_id or None,
            "transaction_id": request.transaction_id or None,
            "payment_timestamp": None if moment is None else iso_utc(moment),
        }
    )


def _activity(request: ReportAttendantActivity) -> dict[str, Any]:
    return {
        "attendant_id": request.attendant_id,
        "attendant_station": request.attendant_station,
        "activity": request.activity,
        "correlation_id": request.correlation_id,
    }


def _complete(request: CompleteService) -> dict[str, Any]:
    paid = {
        "payment_amount": request.payment_amount,
        "payment_receipt_id": request.payment_receipt_id,
        "payment_method": request.payment_method,
    }
    return {
        "incoming_battery_id": request.incoming_battery_id,
        "incoming_kwh": request.incoming_kwh,
        "outgoing_battery_id": request.outgoing_battery_id,
        "outgoing_kwh": request.outgoing_kwh,
        **_charges(request),
        "payment_occurred": request.payment_occurred,
        **(paid if request.payment_occurred else {}),
        "attendant_id": request.attendant_id,
        "attendant_station": request.attendant_station,
        "transaction_timestamp": iso_utc(request.transaction_timestamp),
        "correlation_id": request.correlation_id,
    }


def _verify(request: VerifyServiceQuota) -> dict[str, Any]:
    return {"service_id": request.service_id, "quantity": request.quantity, **_transaction(request.correlation_id)}


_WRITERS: dict[type, Callable[[Any], dict[str, Any]]] = {
    IdentifyCustomer: _identify,
    IdentifyReturnedEquipment: _equipment,
    IdentifyOutgoingEquipment: _equipment,
    EquipmentCheckin: _checkin,
    EquipmentCheckout: _checkout,
    ProcessPayment: _payment,
    ReportAttendantActivity: _activity,
    CompleteService: _complete,
    VerifyServiceQuota: _verify,
}
