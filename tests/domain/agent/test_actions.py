"""Each action of the agent by itself: its signal, its metadata, its state machine's input, and the plan after it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.agent.agent_result import AgentContext, AgentResult
from kiosk.domain.agent.service_agent import service_agent
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.wire.request_documents import request_from_json
from tests.builders import NOON, plan_of, plan_with, switched

CONTEXT = AgentContext(now=NOON)
RETURNED = {"action": "IDENTIFY_RETURNED_EQUIPMENT", "equipment_id": "BAT-12345"}
OUTGOING = {"action": "IDENTIFY_OUTGOING_EQUIPMENT", "equipment_id": "BAT-67890"}
CHECKIN = {"action": "EQUIPMENT_CHECKIN", "equipment_id": "BAT-12345", "incoming_kwh": Decimal("4.8")}
CHECKOUT = {
    "action": "EQUIPMENT_CHECKOUT",
    "replacement_equipment_id": "BAT-67890",
    "incoming_equipment_id": "BAT-12345",
    "incoming_kwh": Decimal("4.8"),
    "outgoing_kwh": Decimal("30.4"),
}
PAYMENT = {
    "action": "PROCESS_PAYMENT",
    "payment_amount": Decimal("12.48"),
    "payment_receipt_id": "PAY-1",
    "payment_method": "MOBILE_MONEY",
    "correlation_id": "att-1",
    "transaction_id": "TXN-1",
}


def ask(request: dict[str, Any], plan: ServicePlan | None = None, context: AgentContext = CONTEXT) -> AgentResult:
    return service_agent(request_from_json(request), plan or plan_of(), context)


def telemetry(battery_id: str = "BAT-12345", energy: str | None = "4.8", **changes: Any) -> dict[str, Any]:
    kwh = None if energy is None else Decimal(energy)
    return {"asset_id": battery_id, "kwh_remaining": kwh, "timestamp": "2025-01-15T10:15:00Z", **changes}


# ---------------------------------------------------------------- the customer


def test_an_identified_customer_may_swap_and_is_told_of_every_service() -> None:
    result = ask({"action": "IDENTIFY_CUSTOMER"})
    assert result.signals == ("CUSTOMER_IDENTIFIED_SUCCESS",)
    assert (result.metadata["may_swap"], result.metadata["first_visit"], result.plan) == (True, False, plan_of())
    assert [each["used"] for each in result.metadata["services"]][:2] == [6, Decimal("344.5")]


def test_a_customer_whose_state_stops_a_swap_is_told_why() -> None:
    metadata = ask({"action": "IDENTIFY_CUSTOMER"}, plan_of(payment_state="DEPOSIT_DUE")).metadata
    assert metadata["may_swap"] is False
    assert "deposit" in metadata["reason"].lower()


def test_a_state_that_the_template_does_not_know_is_a_warning() -> None:
    metadata = ask({"action": "IDENTIFY_CUSTOMER"}, plan_of(service_state="ELSEWHERE")).metadata
    assert metadata["warnings"] == ["The state ELSEWHERE is not known to the template."]


# ---------------------------------------------------------------- batteries


def test_a_battery_of_the_customer_is_told_with_its_facts() -> None:
    reading = telemetry(voltage=Decimal("51.2"), temperature_celsius=25)
    metadata = ask({**RETURNED, "telemetry": reading}).metadata
    assert metadata["ownership_verified"] is True
    assert (metadata["kwh_remaining"], metadata["battery_voltage"], metadata["battery_temperature"]) == (
        Decimal("4.8"),
        Decimal("51.2"),
        25,
    )
    assert metadata["read_timestamp"] == "2025-01-15T10:15:00Z"


def test_another_customers_battery_is_refused() -> None:
    result = ask({**RETURNED, "equipment_id": "BAT-9", "telemetry": telemetry("BAT-9")})
    assert result.signals == ("EQUIPMENT_DOES_NOT_BELONG_TO_USER",)
    assert result.metadata["ownership_verified"] is False


@pytest.mark.parametrize("request_", [RETURNED, OUTGOING], ids=["returned", "outgoing"])
@pytest.mark.parametrize("reading", [None, telemetry(energy=None)], ids=["no reading", "a reading without energy"])
def test_where_energy_is_tracked_a_battery_without_it_is_refused(request_: dict[str, Any], reading: dict[str, Any] | None) -> None:
    result = ask({**request_, **({"telemetry": {**reading, "asset_id": request_["equipment_id"]}} if reading else {})})
    assert result.signals in (("EQUIPMENT_UNFIT",), ("EQUIPMENT_NOT_AVAILABLE",))
    assert result.metadata["reasons"][0]["code"] == "BatteryUnreadable"


@pytest.mark.parametrize("request_", [RETURNED, OUTGOING], ids=["returned", "outgoing"])
def test_where_energy_is_not_tracked_no_reading_is_needed(request_: dict[str, Any]) -> None:
    result = ask(request_, switched(plan_of(), electricity_tracking={"enabled": False}))
    assert result.signals in (("EQUIPMENT_BELONGS_TO_USER",), ("EQUIPMENT_AVAILABLE",))
    assert "kwh_remaining" not in result.metadata


@pytest.mark.parametrize(
    ("request_", "reading", "signal"),
    [(RETURNED, telemetry("BAT-9"), "EQUIPMENT_DOES_NOT_BELONG_TO_USER"), (OUTGOING, telemetry("BAT-9", "30"), "EQUIPMENT_NOT_AVAILABLE")],
    ids=["returned", "outgoing"],
)
def test_the_reading_of_another_battery_proves_nothing(request_: dict[str, Any], reading: dict[str, Any], signal: str) -> None:
    result = ask({**request_, "telemetry": reading})
    assert (result.signals, result.metadata["reasons"][0]["code"]) == ((signal,), "WrongBattery")


def test_the_battery_that_the_customer_has_is_not_issued_to_him() -> None:
    result = ask({**OUTGOING, "equipment_id": "bat-12345", "telemetry": telemetry("BAT-12345", "30")})
    assert result.metadata["reasons"][0]["code"] == "SameBattery"


# ---------------------------------------------------------------- the older steps


def test_a_checked_in_battery_moves_the_service_cycle() -> None:
    result = ask(CHECKIN)
    assert result.signals == ("EQUIPMENT_CHECKIN_SUCCESS",)
    assert (result.metadata["incoming_kwh"], [each.input for each in result.fsm_inputs]) == (Decimal("4.8"), ["BATTERY_RETURNED"])


def test_an_input_that_the_state_has_no_way_for_is_named_as_ignored() -> None:
    result = ask(CHECKIN, plan_of(service_state="BATTERY_RETURNED"))
    assert result.metadata["ignored_fsm_inputs"] == [{"cycle": "service_cycle", "input": "BATTERY_RETURNED"}]
    assert result.plan.service_state == "BATTERY_RETURNED"


def test_an_exhausted_quota_says_what_must_be_paid() -> None:
    result = ask(CHECKOUT, plan_with(used_kwh="390", quota_kwh="400"))
    assert result.signals == ("QUOTA_EXHAUSTED",)
    assert result.metadata["topup_required"] == {"amount_kwh": Decimal("15.6"), "estimated_cost_usd": Decimal("12.48")}


def test_swaps_that_are_used_up_and_have_no_price_need_a_new_plan() -> None:
    metadata = ask(CHECKOUT, plan_with(swaps_used=10)).metadata
    assert "topup_required" not in metadata
    assert "renew" in metadata["reason"].lower()


def test_a_price_that_is_missing_is_the_reason_why_nothing_can_be_paid() -> None:
    plan = plan_with(used_kwh="390", quota_kwh="400")
    services = tuple(replace(each, unit_price=None) for each in plan.template.service_configurations)
    metadata = ask(CHECKOUT, replace(plan, template=replace(plan.template, service_configurations=services))).metadata
    assert "topup_required" not in metadata
    assert "price" in metadata["reason"].lower()


def test_a_payment_is_noted_and_its_event_is_published() -> None:
    result = ask(PAYMENT)
    assert result.signals == ("PAYMENT_PROCESSED_SUCCESS",)
    assert result.metadata["payment"] == {"amount": Decimal("12.48"), "currency": "USD", "receipt_id": "PAY-1", "method": "MOBILE_MONEY"}
    assert [(each["event_type"], each["payment_data"]["odoo_receipt_id"]) for each in result.events] == [("PAYMENT_RECEIVED", "PAY-1")]


def test_where_events_are_switched_off_a_payment_publishes_none() -> None:
    result = ask(PAYMENT, switched(plan_of(), service_completion={"event_publishing_enabled": False}))
    assert (result.signals, result.events) == (("PAYMENT_PROCESSED_SUCCESS",), ())


@pytest.mark.parametrize("receipt_id", ["TXN-1", "att-1", "BAT-12345"])
def test_a_code_that_is_known_as_something_else_is_no_receipt(receipt_id: str) -> None:
    result = ask({**PAYMENT, "payment_receipt_id": receipt_id})
    assert (result.signals, result.fsm_inputs) == (("PAYMENT_FAILED",), ())


def test_a_receipt_that_was_looked_at_before_is_not_looked_at_again() -> None:
    result = ask({**PAYMENT, "payment_receipt_id": "BAT-12345"}, context=replace(CONTEXT, receipt_known=True))
    assert result.signals == ("PAYMENT_PROCESSED_SUCCESS",)


def test_a_reported_activity_changes_nothing() -> None:
    result = ask({"action": "REPORT_ATTENDANT_ACTIVITY", "attendant_id": "ATT-001", "attendant_station": "STATION_XYZ"})
    assert (result.signals, result.plan, result.fsm_inputs) == (("ATTENDANT_ACTIVITY_REPORTED",), plan_of(), ())
    assert (result.metadata["attendant_id"], result.metadata["reported_at"]) == ("ATT-001", "2025-01-15T10:30:00Z")


@pytest.mark.parametrize("action", ["IDENTIFY_CUSTOMER", "PROCESS_PAYMENT"])
def test_an_action_that_the_template_does_not_list_is_not_available(action: str) -> None:
    plan = plan_of()
    config = replace(plan.template.agent_config, available_actions=frozenset({"COMPLETE_SERVICE"}))
    result = ask({**PAYMENT, "action": action}, replace(plan, template=replace(plan.template, agent_config=config)))
    assert (result.signals, result.plan.service_states) == (("ACTION_NOT_AVAILABLE",), plan.service_states)
