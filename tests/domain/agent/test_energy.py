"""A state of charge in place of a reading (specification 1.3 and its first visit; decision 34)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.agent.agent_result import AgentContext, AgentResult
from kiosk.domain.agent.service_agent import service_agent
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.plan.template import ElectricityTracking
from kiosk.wire.request_documents import request_from_json
from tests.builders import NOON, plan_of, plan_with, specified
from tests.domain.templates.documents import with_agent

CONTEXT = AgentContext(now=NOON)
CHECKIN = {"action": "EQUIPMENT_CHECKIN", "equipment_id": "BAT-12345"}
CHECKOUT = {key: value for key, value in specified("checkout_request").items() if not key.endswith("_kwh")}
COMPLETE = {key: value for key, value in specified("complete_service_request").items() if not key.endswith("_kwh")}
COMPLETE["outgoing_kwh"] = None


def ask(request: dict[str, Any], plan: ServicePlan | None = None) -> AgentResult:
    return service_agent(request_from_json(request), plan or plan_of(), CONTEXT)


def test_the_specifications_first_visit_is_95_percent_of_32_kwh() -> None:
    result = ask(specified("checkout_first_visit"), plan_with(holds=None))
    assert result.signals == ("QUOTA_AVAILABLE", "EQUIPMENT_CHECKOUT_SUCCESS")
    assert result.metadata["electricity_calculation"] == {
        "incoming_kwh": 0,
        "outgoing_kwh": Decimal("30.4"),
        "net_delivered_kwh": Decimal("30.4"),
        "estimated": True,
    }


def test_both_batteries_may_be_told_by_their_charge() -> None:
    calculated = ask({**CHECKOUT, "incoming_soc_percent": 15, "outgoing_soc_percent": 95}).metadata["electricity_calculation"]
    assert (calculated["incoming_kwh"], calculated["net_delivered_kwh"]) == (Decimal("4.8"), Decimal("25.6"))


def test_the_capacity_is_the_templates_and_the_energy_whole_watt_hours() -> None:
    tracking = ElectricityTracking(default_battery_capacity_kwh=Decimal("2.1111"))
    plan = replace(plan_with(holds=None), template=with_agent(electricity_tracking=tracking))
    calculated = ask({**specified("checkout_first_visit"), "outgoing_soc_percent": Decimal("33.3")}, plan).metadata
    assert calculated["electricity_calculation"]["outgoing_kwh"] == Decimal("0.703")


def test_where_both_are_told_the_kwh_count_and_nothing_is_estimated() -> None:
    told = {"incoming_soc_percent": 50, "outgoing_soc_percent": 50}
    assert ask({**specified("checkout_request"), **told}).response() == specified("checkout_sufficient")


def test_one_estimate_makes_the_swap_an_estimate() -> None:
    calculated = ask({**CHECKOUT, "incoming_kwh": Decimal("4.8"), "outgoing_soc_percent": 95}).metadata["electricity_calculation"]
    assert (calculated["net_delivered_kwh"], calculated["estimated"]) == (Decimal("25.6"), True)


def test_an_estimated_checkin_says_so() -> None:
    assert ask({**CHECKIN, "incoming_soc_percent": 15}).metadata == {
        "incoming_battery_id": "BAT-12345",
        "incoming_kwh": Decimal("4.8"),
        "estimated": True,
    }
    assert "estimated" not in ask({**CHECKIN, "incoming_kwh": Decimal("4.8"), "incoming_soc_percent": 15}).metadata


def test_an_estimated_completion_says_so_in_event_and_receipt_and_books_the_same() -> None:
    result = ask({**COMPLETE, "incoming_soc_percent": 15, "outgoing_soc_percent": 95})
    measured = ask(specified("complete_service_request"))
    assert result.plan == replace(measured.plan, agent_state={"issued": {**measured.plan.agent_state["issued"], "estimated": True}})
    assert result.metadata["receipt"] == {**measured.metadata["receipt"], "estimated": True}
    assert result.events[0]["service_data"] == {**measured.events[0]["service_data"], "estimated": True}


@pytest.mark.parametrize("percent", [Decimal("-0.1"), Decimal("100.1"), 1000])
@pytest.mark.parametrize("name", ["incoming_soc_percent", "outgoing_soc_percent"])
@pytest.mark.parametrize("request_name", ["checkout_request", "complete_service_request"])
def test_a_charge_that_cannot_be_is_refused_also_beside_kwh(request_name: str, name: str, percent: Decimal) -> None:
    result = ask({**specified(request_name), name: percent})
    assert result.plan == plan_of()
    assert [each["code"] for each in result.metadata["reasons"]] == ["BatteryUnreadable"]
    assert f"a charge of {percent} % cannot be" in result.metadata["reason"]


def test_a_charge_that_cannot_be_is_not_checked_in() -> None:
    result = ask({**CHECKIN, "incoming_soc_percent": 101})
    assert result.signals == ("EQUIPMENT_CHECKIN_FAILED",)
    assert "a charge of 101 % cannot be" in result.metadata["reason"]


@pytest.mark.parametrize("percent", [0, 100])
def test_an_empty_and_a_full_battery_can_be(percent: int) -> None:
    assert ask({**CHECKIN, "incoming_soc_percent": percent}).metadata["incoming_kwh"] == Decimal(32) * percent / 100


def test_neither_kwh_nor_charge_of_a_battery_is_refused() -> None:
    assert "outgoing_kwh" in ask({**CHECKOUT, "incoming_soc_percent": 15}).metadata["reason"]
    assert "incoming_kwh" in ask({**CHECKOUT, "outgoing_soc_percent": 95}).metadata["reason"]
