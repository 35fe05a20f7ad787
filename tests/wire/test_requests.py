"""The specification's requests in and out, and what is wrong with those that cannot be read."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.errors import BadInput
from kiosk.domain.requests import CompleteService, EquipmentCheckout, IdentifyReturnedEquipment
from kiosk.wire.exact_json import loads
from kiosk.wire.request_documents import ACTIONS, request_from_json, request_to_json, write_request
from tests.builders import specified

TELEMETRY = {
    "asset_id": "BAT-12345",
    "kwh_remaining": Decimal("4.8"),
    "voltage": Decimal("51.2"),
    "temperature_celsius": 25,
    "timestamp": "2025-01-15T10:15:00Z",
}
REQUESTS: dict[str, dict[str, Any]] = {
    "IDENTIFY_CUSTOMER": {"attendant_station": "STATION_XYZ"},
    "IDENTIFY_RETURNED_EQUIPMENT": {"equipment_id": "BAT-12345", "telemetry": TELEMETRY},
    "IDENTIFY_OUTGOING_EQUIPMENT": {"equipment_id": "BAT-67890", "telemetry": None},
    "EQUIPMENT_CHECKIN": {"equipment_id": "BAT-12345", "incoming_kwh": Decimal("4.8")},
    "EQUIPMENT_CHECKOUT": {"replacement_equipment_id": "BAT-67890", "incoming_equipment_id": None, "outgoing_kwh": Decimal("30.4")},
    "PROCESS_PAYMENT": {"payment_amount": Decimal("15.00"), "payment_receipt_id": "PAY-1", "payment_method": "CASH"},
    "REPORT_ATTENDANT_ACTIVITY": {"attendant_id": "ATT-001", "attendant_station": "STATION_XYZ"},
    "VERIFY_SERVICE_QUOTA": {"service_id": "svc-electricity-fuel-kenya", "quantity": Decimal("25.6")},
    "COMPLETE_SERVICE": {key: value for key, value in specified("complete_service_request").items() if key != "action"},
}


def request(action: str, **changes: Any) -> dict[str, Any]:
    return {"action": action, **REQUESTS[action], **changes}


def test_every_action_has_its_request() -> None:
    assert set(ACTIONS) == set(REQUESTS)


@pytest.mark.parametrize("action", REQUESTS)
def test_a_request_written_and_read_is_the_same(action: str) -> None:
    read = request_from_json(request(action, colour="blue"))
    assert request_from_json(loads(write_request(read))) == read
    assert write_request(read) == write_request(request_from_json(request_to_json(read)))
    assert "colour" not in request_to_json(read)


def test_the_specifications_completion_is_written_as_it_was_read() -> None:
    assert request_to_json(request_from_json(specified("complete_service_request"))) == specified("complete_service_request")


def test_the_specifications_checkout_is_read() -> None:
    read = request_from_json(specified("checkout_request"))
    assert isinstance(read, EquipmentCheckout)
    assert (read.incoming_kwh, read.outgoing_kwh) == (Decimal("4.8"), Decimal("30.4"))


def first_visit() -> CompleteService:
    return CompleteService(
        outgoing_battery_id="BAT-67890",
        outgoing_kwh=Decimal("30.4"),
        attendant_id="ATT-001",
        attendant_station="STATION_XYZ",
        transaction_timestamp=datetime(2025, 1, 15, 10, 30, 0, 250_000, UTC),
        correlation_id="TXN-01JHMN5Z000000000000000001",
    )


def test_a_first_visit_is_null_on_the_wire_and_nothing_paid_is_nothing_written() -> None:
    assert write_request(first_visit()) == (
        b'{"action":"COMPLETE_SERVICE","incoming_battery_id":null,"incoming_kwh":null,"outgoing_battery_id":"BAT-67890","outgoing_kwh":30.4,'
        b'"payment_occurred":false,"attendant_id":"ATT-001","attendant_station":"STATION_XYZ",'
        b'"transaction_timestamp":"2025-01-15T10:30:00.250000Z","correlation_id":"TXN-01JHMN5Z000000000000000001"}'
    )


@pytest.mark.parametrize(
    ("action", "charges"),
    [
        ("EQUIPMENT_CHECKIN", {"incoming_soc_percent": 15}),
        ("EQUIPMENT_CHECKOUT", {"incoming_soc_percent": 15, "outgoing_soc_percent": Decimal("95.5")}),
        ("COMPLETE_SERVICE", {"incoming_soc_percent": 15, "outgoing_soc_percent": Decimal("95.5")}),
    ],
)
def test_a_charge_is_written_where_it_is_told_and_nowhere_else(action: str, charges: dict[str, Any]) -> None:
    bare = write_request(request_from_json(request(action)))
    told = request_from_json(request(action, **charges))
    assert charges.items() <= request_to_json(told).items()
    assert request_from_json(loads(write_request(told))) == told
    assert write_request(request_from_json(request(action, **dict.fromkeys(charges)))) == bare
    assert b"soc_percent" not in bare


def test_a_reading_is_rounded_once_to_watt_hours_where_it_enters() -> None:
    read = request_from_json(request("EQUIPMENT_CHECKOUT", outgoing_kwh=Decimal("30.40050"), incoming_kwh=Decimal("4.8000")))
    assert isinstance(read, EquipmentCheckout)
    assert (str(read.outgoing_kwh), str(read.incoming_kwh)) == ("30.401", "4.8")


def test_telemetry_may_leave_the_name_to_the_request_and_its_time_is_utc() -> None:
    telemetry = {"kwh_remaining": 4, "timestamp": "2025-01-15T13:15:00+03:00", "extra": 1}
    read = request_from_json(request("IDENTIFY_RETURNED_EQUIPMENT", telemetry=telemetry))
    assert isinstance(read, IdentifyReturnedEquipment)
    assert read.telemetry is not None
    assert (read.telemetry.battery_id, read.telemetry.timestamp) == ("BAT-12345", datetime(2025, 1, 15, 10, 15, tzinfo=UTC))


FAULTS: list[tuple[Any, str, str]] = [
    ([], "request", "must be an object"),
    ({}, "action", "is missing"),
    ({"action": "DANCE"}, "action", "is none of"),
    ({"action": ["COMPLETE_SERVICE"]}, "action", "is none of"),
    (request("COMPLETE_SERVICE", outgoing_kwh="30.4"), "outgoing_kwh", "must be a number"),
    (request("EQUIPMENT_CHECKOUT", outgoing_soc_percent="95"), "outgoing_soc_percent", "must be a number"),
    (request("COMPLETE_SERVICE", payment_occurred="yes"), "payment_occurred", "must be true or false"),
    (request("COMPLETE_SERVICE", payment_amount=None), "payment_occurred", "a payment needs"),
    (request("COMPLETE_SERVICE", correlation_id=""), "correlation_id", "is empty"),
    (request("COMPLETE_SERVICE", transaction_timestamp="2025-01-15T10:30:00"), "transaction_timestamp", "has no time zone"),
    (request("COMPLETE_SERVICE", transaction_timestamp="yesterday"), "transaction_timestamp", "must be a time"),
    (request("COMPLETE_SERVICE", transaction_timestamp="0001-01-01T00:00:00+23:59"), "transaction_timestamp", "out of range"),
    (request("COMPLETE_SERVICE", transaction_timestamp=5), "transaction_timestamp", "must be a time"),
    (request("COMPLETE_SERVICE", outgoing_kwh=float("inf")), "outgoing_kwh", "is not a finite number"),
    (request("IDENTIFY_RETURNED_EQUIPMENT", telemetry={"kwh_remaining": 4}), "telemetry.timestamp", "is missing"),
    (request("IDENTIFY_RETURNED_EQUIPMENT", telemetry=4), "telemetry", "must be an object"),
    (request("VERIFY_SERVICE_QUOTA", quantity=None), "quantity", "must be a number"),
    (request("VERIFY_SERVICE_QUOTA", service_id=""), "service_id", "is empty"),
    (request("PROCESS_PAYMENT", payment_receipt_id="x" * 129), "payment_receipt_id", "is longer than"),
]


@pytest.mark.parametrize(("document", "where", "reason"), FAULTS, ids=[f"{each[1]} {each[2]}" for each in FAULTS])
def test_a_fault_in_a_request_names_its_key_and_its_reason(document: Any, where: str, reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        request_from_json(document)
    assert caught.value.where == where
    assert reason in caught.value.reason
