"""The field's form of a plan, understood too (facts from the field)."""

from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.errors import CustomerUnknown, PlanInvalid
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.wire.exact_json import dumps
from kiosk.wire.identification import IdentifyAnswer, identify_answer_from_payload
from tests.builders import specified

FIELD: dict[str, Any] = {
    "customer_id": "CUST-9",
    "service_plan_data": {
        "servicePlanId": "plan-9",
        "customerId": "CUST-9",
        "status": "ACTIVE",
        "serviceState": "BATTERY_ISSUED",
        "paymentState": "CURRENT",
        "templateId": "template-togo-1",
        "templateVersion": "1.0",
        "currency": "CFA",
        "serviceStates": [
            {"service_id": "service-battery-fleet-togo", "used": 3, "quota": 100000, "current_asset": "B0723025100049"},
            {"service_id": "service-energy-togo", "used": Decimal("12.35"), "quota": 50, "current_asset": None},
        ],
    },
    "service_bundle": {
        "bundleId": "b",
        "name": "Togo",
        "services": [{"serviceId": "service-energy-togo", "name": "Energy", "usageUnit": "kWh", "usageUnitPrice": 250}],
    },
    "common_terms": {"billingCurrency": "KES"},
}


def told(metadata: dict[str, Any], **data: Any) -> ServicePlan:
    body = {"plan_id": "plan-9", "correlation_id": "ASK-1", "data": {"success": True, "metadata": metadata, **data}}
    answer = identify_answer_from_payload("plan-9", dumps(body))
    assert isinstance(answer, IdentifyAnswer)
    return answer.plan()


def test_a_plan_in_the_fields_form_is_a_plan_with_the_bundles_price_and_its_own_currency() -> None:
    plan = told(FIELD)
    assert plan.electricity is not None
    assert (plan.electricity.used, plan.unit_price(plan.electricity), plan.billing_currency) == (Decimal("12.35"), Decimal(250), "XOF")
    assert plan.current_asset == "B0723025100049"
    assert plan.unit_price(plan.fleet) is None


@pytest.mark.parametrize("name", ["To\u00a0go\r", "\u202eTo go", "To\tgo", 7, ["To go"]])
def test_names_of_the_bundle_are_cleaned_and_refuse_nothing(name: object) -> None:
    service = {**FIELD["service_bundle"]["services"][0], "name": name, "usageUnit": "kWh\u00a0"}
    plan = told(FIELD | {"service_bundle": {"name": name, "services": [service]}})
    shown = {7: "7"}.get(name, "To go") if not isinstance(name, list) else ""  # type: ignore[call-overload]  # some are no numbers
    assert plan.template.service_configurations[1].name == shown
    assert plan.template.name == (shown or "template-togo-1")
    assert plan.unit_price(plan.electricity) == Decimal(250)  # type: ignore[arg-type]  # it is there


def test_a_cached_result_holds_the_same() -> None:
    assert told({"cached_result": FIELD}, signals=["IDEMPOTENT_OPERATION_DETECTED"]) == told(FIELD)


def test_the_fields_key_may_hold_the_contracts_document() -> None:
    document = {**specified("plan"), "id": "plan-9"}
    assert told({"service_plan_data": document}).template.billing_currency == "USD"


def test_what_a_swap_does_not_hang_on_may_be_absent_null_or_a_number() -> None:
    data = {**FIELD["service_plan_data"], "templateId": None, "templateVersion": Decimal("1.4"), "customerId": None}
    plan = told({**FIELD, "service_plan_data": data, "service_bundle": {"name": None, "services": None}, "common_terms": None})
    assert plan.electricity is not None
    assert (plan.template.id, plan.template.version, plan.customer_id) == ("unknown", "1.4", "CUST-9")
    assert plan.unit_price(plan.electricity) is None


@pytest.mark.parametrize("key", ["servicePlanId", "serviceState", "paymentState", "serviceStates"])
def test_without_what_a_swap_hangs_on_there_is_no_plan(key: str) -> None:
    data = {name: value for name, value in FIELD["service_plan_data"].items() if name != key}
    with pytest.raises(PlanInvalid, match=key):
        told({**FIELD, "service_plan_data": data})


@pytest.mark.parametrize("metadata", [{}, {"service_plan": None}, {"service_plan": 5}, {"service_plan_data": {}}, {"service_plan_data": 5}])
def test_an_answer_without_a_plan_is_no_plan(metadata: dict[str, Any]) -> None:
    with pytest.raises(PlanInvalid):
        told(metadata)


def test_the_plan_of_somebody_else_is_refused() -> None:
    with pytest.raises(PlanInvalid, match="is not the plan that was asked for"):
        told({"service_plan": specified("plan")})


def test_a_failure_signal_is_believed_before_any_plan() -> None:
    with pytest.raises(CustomerUnknown):
        told(FIELD, signals=["CUSTOMER_IDENTIFIED_SUCCESS", "CUSTOMER_NOT_FOUND"])
