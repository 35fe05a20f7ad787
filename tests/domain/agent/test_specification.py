"""The specification's examples come out key for key, value for value."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kiosk.domain.agent.agent_result import AgentContext
from kiosk.domain.agent.service_agent import service_agent
from kiosk.domain.agent.specification_json import payment_received_event
from kiosk.domain.requests import ProcessPayment
from kiosk.wire.request_documents import request_from_json
from tests.builders import NOON, but_events, plan_of, plan_with, specified, switched

CONTEXT = AgentContext(now=NOON)


def test_a_checkout_with_enough_quota_answers_as_specified() -> None:
    result = service_agent(request_from_json(specified("checkout_request")), plan_of(), CONTEXT)
    assert result.response() == specified("checkout_sufficient")


def test_a_checkout_with_ten_kwh_left_answers_as_specified() -> None:
    plan = plan_with(used_kwh="390", quota_kwh="400")
    result = service_agent(request_from_json(specified("checkout_request")), plan, CONTEXT)
    assert result.response() == specified("checkout_exhausted")
    assert result.plan.service_states == plan.service_states


def test_a_completion_answers_as_specified() -> None:
    result = service_agent(request_from_json(specified("complete_service_request")), plan_of(), CONTEXT)
    assert but_events(result.response()) == specified("complete_service_response")


def test_identifying_the_returned_battery_answers_as_specified() -> None:
    telemetry = {
        "kwh_remaining": 4.8,
        "voltage": 51.2,
        "temperature_celsius": 25,
        "timestamp": "2025-01-15T10:15:00Z",
        "asset_id": "BAT-12345",
    }
    exact = {key: Decimal(str(value)) if isinstance(value, float) else value for key, value in telemetry.items()}
    request = request_from_json({"action": "IDENTIFY_RETURNED_EQUIPMENT", "equipment_id": "BAT-12345", "telemetry": exact})
    response = service_agent(request, plan_of(), CONTEXT).response()
    assert {key: response[key] for key in ("signals", "metadata")} == specified("identify_returned_response")
    assert response["fsmInputs"] == []


def test_the_payment_event_is_as_specified() -> None:
    payment = ProcessPayment(
        payment_amount=Decimal("15.00"),
        payment_receipt_id="PAY-78910",
        payment_method="MOBILE_MONEY",
        attendant_id="ATT-001",
        attendant_station="STATION_XYZ",
        correlation_id="att-payment-001",
        transaction_id="TXN-12345",
        payment_timestamp=datetime(2025, 1, 15, 10, 24, 30, tzinfo=UTC),
    )
    event = payment_received_event(payment, plan_of(), datetime(2025, 1, 15, 10, 25, tzinfo=UTC))
    assert event == specified("payment_received_event")


@pytest.mark.parametrize("published", [True, False])
def test_a_completion_tells_both_events_and_publishes_them_where_it_shall(published: bool) -> None:  # noqa: FBT001  a case
    plan = switched(plan_of(), service_completion={"event_publishing_enabled": published})
    result = service_agent(request_from_json(specified("complete_service_request")), plan, CONTEXT)
    told = (result.metadata["service_event"], result.metadata["payment_event"])
    assert [each["event_type"] for each in told] == ["SERVICE_COMPLETED", "PAYMENT_RECEIVED"]
    assert result.events == (told if published else ())


def test_a_completion_publishes_both_events_of_one_payment() -> None:
    result = service_agent(request_from_json(specified("complete_service_request")), plan_of(), CONTEXT)
    assert [event["event_type"] for event in result.events] == ["SERVICE_COMPLETED", "PAYMENT_RECEIVED"]
    assert result.events[1]["payment_data"]["odoo_receipt_id"] == "PAY-78910"


@pytest.mark.parametrize(("incoming", "outgoing", "net"), [("4.8", "30.4", "25.6"), ("0", "30.4", "30.4"), ("4.4", "30.1", "25.7")])
def test_net_energy_of_the_specifications_examples(incoming: str, outgoing: str, net: str) -> None:
    from kiosk.domain.plan.quota import calculate_electricity_usage

    assert calculate_electricity_usage(Decimal(incoming), Decimal(outgoing), 1) == Decimal(net)
