"""The agent's refusals: a signal, every reason, and the plan as it was (decisions 5, 9, 11, 12, 21)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.agent.agent_result import AgentContext, AgentResult
from kiosk.domain.agent.service_agent import service_agent
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.wire.request_documents import request_from_json
from tests.builders import NOON, plan_of, specified, swap_with_batteries

CONTEXT = AgentContext(now=NOON)
PAYMENT = {"action": "PROCESS_PAYMENT", "payment_amount": 15, "payment_receipt_id": "PAY-1", "payment_method": "CASH"}


def ask(request: dict[str, Any], plan: ServicePlan | None = None) -> AgentResult:
    return service_agent(request_from_json(request), plan or plan_of(), CONTEXT)


def code_of(result: AgentResult) -> str:
    return str(result.metadata["reasons"][0]["code"])


@pytest.mark.parametrize("amount", [0, -5, Decimal(10) ** 9])
def test_a_payment_that_cannot_be_one_is_refused(amount: Decimal) -> None:
    result = ask({**PAYMENT, "payment_amount": amount})
    assert (result.signals, code_of(result)) == (("PAYMENT_FAILED",), "PaymentInvalid")
    assert result.fsm_inputs == ()


@pytest.mark.parametrize("energy", [Decimal("-4.8"), Decimal(1000)])
def test_a_returned_battery_with_an_energy_that_cannot_be_is_not_checked_in(energy: Decimal) -> None:
    result = ask({"action": "EQUIPMENT_CHECKIN", "equipment_id": "BAT-12345", "incoming_kwh": energy})
    assert (result.signals, code_of(result)) == (("EQUIPMENT_CHECKIN_FAILED",), "BatteryUnreadable")


def test_a_battery_below_the_least_to_issue_is_not_available() -> None:
    telemetry = {"asset_id": "BAT-67890", "kwh_remaining": Decimal("0.4"), "timestamp": "2025-01-15T10:15:00Z"}
    result = ask({"action": "IDENTIFY_OUTGOING_EQUIPMENT", "equipment_id": "BAT-67890", "telemetry": telemetry})
    assert (result.signals, code_of(result)) == (("EQUIPMENT_NOT_AVAILABLE",), "BatteryTooLow")


def test_a_battery_whose_output_is_off_belongs_to_its_user_and_is_not_available() -> None:
    told = {"kwh_remaining": Decimal(4), "timestamp": "2025-01-15T10:15:00Z", "output_on": False}
    returned = ask({"action": "IDENTIFY_RETURNED_EQUIPMENT", "equipment_id": "BAT-12345", "telemetry": {"asset_id": "BAT-12345", **told}})
    assert returned.signals == ("EQUIPMENT_BELONGS_TO_USER",)
    outgoing = ask({"action": "IDENTIFY_OUTGOING_EQUIPMENT", "equipment_id": "BAT-67890", "telemetry": {"asset_id": "BAT-67890", **told}})
    assert (outgoing.signals, code_of(outgoing)) == (("EQUIPMENT_NOT_AVAILABLE",), "BatteryNotIssuable")


@pytest.mark.parametrize("request_name", ["checkout_request", "complete_service_request"])
def test_two_currencies_stop_a_swap_that_costs_nothing_too(request_name: str) -> None:
    result = ask(specified(request_name), plan_of(currency="KES"))
    assert code_of(result) == "CurrencyConflict"
    assert result.plan == plan_of(currency="KES")


def test_where_kwh_is_not_tracked_a_swap_has_no_net_energy() -> None:
    plan = plan_of()
    tracking = replace(plan.template.agent_config.electricity_tracking, enabled=False)
    config = replace(plan.template.agent_config, electricity_tracking=tracking)
    swap = swap_with_batteries(replace(plan, template=replace(plan.template, agent_config=config)))
    assert swap.net_kwh is None
    assert swap.quota is not None
    assert not swap.quota.exhausted
