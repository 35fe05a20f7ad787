"""identify_customer on the platform (contract, customer codes and MQTT)."""

import json

import pytest

from kiosk.domain.plan.template import ServicePlanTemplate
from kiosk.wire.plan_documents import plan_from_document
from tests.builders import NOON, plan_of
from tests.platform.agent_counter import PLAN, Counter, with_config


@pytest.mark.parametrize(
    "code", [PLAN, f"QR_CUSTOMER_{PLAN}", f"MANUAL_{PLAN}", f"MANUAL_QR_CUSTOMER_{PLAN}", json.dumps({"subscription": {"code": PLAN}})]
)
def test_a_code_scanned_or_typed_gets_the_plan_document(counter: Counter, code: str) -> None:
    answer = counter.identify(code)
    assert (answer["plan_id"], answer["correlation_id"], answer["data"]["success"]) == (PLAN, "TXN-ask", True)
    assert answer["data"]["signals"] == ["CUSTOMER_IDENTIFIED_SUCCESS"]
    assert plan_from_document(answer["data"]["metadata"]["service_plan"]) == plan_of()


def test_a_plan_that_may_not_swap_is_identified_and_says_why(counter: Counter) -> None:
    counter.store.put_plan(plan_of(service_state="BATTERY_LOST"), NOON)
    metadata = counter.identify(PLAN)["data"]["metadata"]
    assert metadata["may_swap"] is False
    assert metadata["reason"]


def test_an_unknown_plan_is_named(counter: Counter) -> None:
    data = counter.identify("no-such-plan", "no-such-plan")["data"]
    assert (data["success"], data["signals"]) == (False, ["SERVICE_PLAN_NOT_FOUND"])
    assert "no-such-plan" in data["metadata"]["reason"]


@pytest.mark.parametrize("code", ["", "MANUAL_", "a+b", "x" * 2000, "{}", "another-plan", "\0"])
def test_a_code_that_is_none_of_this_plan_is_refused(counter: Counter, code: str) -> None:
    data = counter.identify(code)["data"]
    assert (data["success"], data["signals"]) == (False, ["INVALID_QR_CODE"])


def test_another_action_in_the_envelope_is_refused(counter: Counter) -> None:
    assert counter.identify(PLAN, action="COMPLETE_SERVICE")["data"]["signals"] == ["VALIDATION_FAILED"]


def test_a_plan_without_the_action_is_not_told(counter: Counter) -> None:
    counter.store.put_plan(with_config(available_actions=frozenset({"COMPLETE_SERVICE"})), NOON)
    data = counter.identify(PLAN)["data"]
    assert (data["success"], data["signals"]) == (False, ["ACTION_NOT_AVAILABLE"])
    assert "service_plan" not in data["metadata"]


def test_the_plan_keeps_its_own_template_through_the_database(counter: Counter) -> None:
    stored = counter.store.plan(PLAN)
    assert stored is not None
    assert isinstance(stored.template, ServicePlanTemplate)
    assert stored == plan_of()
