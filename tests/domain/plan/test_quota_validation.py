"""Strict and tolerant quotas, and the question whether something is left (specification 003, verifyServiceQuota; decision 35)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.agent.agent_result import AgentContext, AgentResult
from kiosk.domain.agent.service_agent import service_agent
from kiosk.domain.money.money import Collectable, top_up
from kiosk.domain.plan.quota import check_quota
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.plan.template import QuotaValidation
from kiosk.domain.templates.compatibility import InUse, breaks_of
from kiosk.domain.templates.refinement import differences
from kiosk.domain.templates.semantic_version import Bump
from kiosk.wire.request_documents import request_from_json
from tests.builders import ELECTRICITY, FLEET, NOON, plan_of, plan_with, specified, swap_with_batteries, switched
from tests.domain.templates.documents import ACTIONS, TEMPLATE, with_agent

NETWORK = "svc-swap-network-kenya"
CONTEXT = AgentContext(now=NOON)


def tolerant(plan: ServicePlan, kwh: str = "1", *, strict: bool = False) -> ServicePlan:
    validation = QuotaValidation(strict_mode=strict, tolerance_kwh=Decimal(kwh))
    config = replace(plan.template.agent_config, quota_validation=validation)
    return replace(plan, template=replace(plan.template, agent_config=config))


def checkout(plan: ServicePlan) -> AgentResult:
    """The specification's check-out: 25.6 kWh."""
    return service_agent(request_from_json(specified("checkout_request")), plan, CONTEXT)


def verify(plan: ServicePlan, service_id: str = ELECTRICITY, quantity: Any = Decimal("25.6")) -> AgentResult:
    request = {"action": "VERIFY_SERVICE_QUOTA", "service_id": service_id, "quantity": quantity}
    return service_agent(request_from_json(request), plan, CONTEXT)


# ---------------------------------------------------------------- tolerance


def test_what_exceeds_by_the_tolerance_is_available_and_booked_beyond_the_quota() -> None:
    result = checkout(tolerant(plan_with(used_kwh="375.4")))
    assert result.signals == ("QUOTA_AVAILABLE", "EQUIPMENT_CHECKOUT_SUCCESS")
    assert result.metadata["quota_check"] == {
        "remaining_before": Decimal("24.6"),
        "net_required": Decimal("25.6"),
        "remaining_after": Decimal(-1),
        "tolerated_kwh": Decimal(1),
        "status": "sufficient",
    }
    assert result.plan.electricity is not None
    assert (result.plan.electricity.used, result.plan.electricity.quota) == (Decimal(401), Decimal(400))


def test_more_than_the_tolerance_is_exhausted_with_all_that_is_missing() -> None:
    result = checkout(tolerant(plan_with(used_kwh="375.5")))
    assert result.signals == ("QUOTA_EXHAUSTED",)
    assert result.metadata["quota_check"]["deficit_kwh"] == Decimal("1.1")


def test_what_was_exceeded_is_not_exceeded_again_and_is_part_of_the_next_top_up() -> None:
    exceeded = checkout(tolerant(plan_with(used_kwh="375.4"))).plan
    check = check_quota(exceeded, Decimal("0.1"))
    assert (check.exhausted, check.deficit_kwh) == (True, Decimal("1.1"))
    due = top_up(check, exceeded, Collectable())
    assert (due.amount_kwh, due.cost) == (Decimal("1.1"), Decimal("0.88"))


def test_energy_that_comes_back_is_available_beyond_the_quota_too() -> None:
    assert not check_quota(tolerant(plan_with(used_kwh="401")), Decimal(-2)).exhausted


@pytest.mark.parametrize(
    "plan",
    [plan_with(used_kwh="375.4"), tolerant(plan_with(used_kwh="375.4"), strict=True), tolerant(plan_with(used_kwh="375.4"), "0")],
    ids=["default", "strict", "no tolerance"],
)
def test_a_strict_quota_tolerates_nothing(plan: ServicePlan) -> None:
    assert check_quota(plan, Decimal("24.6")).exhausted is False
    assert check_quota(plan, Decimal("24.7")).deficit_kwh == Decimal("0.1")


def test_swaps_are_never_tolerated() -> None:
    assert check_quota(tolerant(plan_with(swaps_used=10), "100"), Decimal("25.6")).deficit_swaps == 1


def test_a_completion_within_the_tolerance_needs_no_payment_and_one_that_is_made_credits_nothing() -> None:
    paid = service_agent(request_from_json(specified("complete_service_request")), tolerant(plan_with(used_kwh="375.4")), CONTEXT)
    assert paid.signals == ("SERVICE_COMPLETED_SUCCESS",)
    assert paid.metadata["receipt"]["quotas_remaining"]["electricity_fuel"] == "-1 kWh of 400 kWh"


def test_the_swap_at_the_counter_goes_by_the_same_rule() -> None:
    quota = swap_with_batteries(tolerant(plan_with(used_kwh="375.4"))).quota
    assert quota is not None
    assert (quota.exhausted, quota.tolerated_kwh) == (False, Decimal(1))


def test_another_tolerance_is_another_major_version_and_breaks_no_contract() -> None:
    new = with_agent(quota_validation=QuotaValidation(strict_mode=False, tolerance_kwh=Decimal(2)))
    assert [(each.bump, each.what) for each in differences(TEMPLATE, new)] == [
        (Bump.MAJOR, "quota_validation.strict_mode is off, not on"),
        (Bump.MAJOR, "quota_validation.tolerance_kwh is 2, not 0"),
    ]
    assert breaks_of(new, InUse.by(plan_of())) == ()


# ---------------------------------------------------------------- the question


def test_enough_energy_is_answered_with_the_checkouts_check_and_books_nothing() -> None:
    result = verify(plan_of())
    expected = {"service_id": ELECTRICITY, "quantity": Decimal("25.6"), "strict_mode": True}
    check = specified("checkout_sufficient")["metadata"]["quota_check"]
    assert result.response() == {"signals": ["QUOTA_AVAILABLE"], "metadata": {**expected, "quota_check": check}, "fsmInputs": []}
    assert result.events == ()
    noted = {"last_quota_check": {**expected, **check, "at": "2025-01-15T10:30:00Z"}}
    assert result.plan == replace(plan_of(), agent_state=noted)


def test_too_little_energy_is_answered_with_the_checkouts_check() -> None:
    result = verify(plan_with(used_kwh="390"))
    assert result.signals == ("QUOTA_EXHAUSTED",)
    assert result.metadata["quota_check"] == specified("checkout_exhausted")["metadata"]["quota_check"]
    assert result.plan.agent_state["last_quota_check"]["status"] == "exhausted"
    assert result.plan.service_state == plan_of().service_state


def test_a_tolerant_plan_says_so() -> None:
    result = verify(tolerant(plan_with(used_kwh="375.4")))
    assert (result.signals, result.metadata["strict_mode"]) == (("QUOTA_AVAILABLE",), False)
    assert result.metadata["quota_check"]["tolerated_kwh"] == 1


def test_only_the_service_that_is_asked_about_counts() -> None:
    assert verify(plan_with(swaps_used=10)).signals == ("QUOTA_AVAILABLE",)
    assert verify(plan_with(used_kwh="400"), FLEET, 4).signals == ("QUOTA_AVAILABLE",)


def test_swaps_are_asked_about_by_their_number() -> None:
    assert verify(plan_of(), FLEET, 4).metadata["quota_check"] == {"remaining_swaps_before": 4, "status": "sufficient"}
    short = verify(plan_of(), FLEET, 5)
    assert short.signals == ("QUOTA_EXHAUSTED",)
    assert short.metadata["quota_check"] == {"remaining_swaps_before": 4, "deficit_swaps": 1, "status": "exhausted"}


def test_what_is_unlimited_is_never_short_nor_a_number() -> None:
    assert verify(plan_of(), NETWORK, 10**9).metadata["quota_check"] == {"remaining_swaps_before": "unlimited", "status": "sufficient"}
    unlimited = verify(plan_with(quota_kwh="100000000")).metadata["quota_check"]
    assert (unlimited["remaining_before"], unlimited["remaining_after"]) == ("unlimited", "unlimited")


def test_energy_that_is_not_tracked_is_never_short() -> None:
    plan = switched(plan_with(used_kwh="400"), electricity_tracking={"enabled": False})
    assert verify(plan).metadata["quota_check"] == {"status": "sufficient"}


def test_the_energy_is_rounded_like_a_net() -> None:
    assert verify(plan_with(used_kwh="374.4"), quantity=Decimal("25.649")).signals == ("QUOTA_AVAILABLE",)
    assert verify(plan_with(used_kwh="374.4"), quantity=Decimal("25.65")).signals == ("QUOTA_EXHAUSTED",)


@pytest.mark.parametrize(
    ("service_id", "quantity", "reason"),
    [
        ("svc-other", 1, "names no service of this plan"),
        (ELECTRICITY, 0, "more than 0"),
        (ELECTRICITY, Decimal("-0.1"), "more than 0"),
        (FLEET, Decimal("0.4"), "more decimals"),
    ],
)
def test_a_question_that_cannot_be_one_is_refused_and_noted_nowhere(service_id: str, quantity: Any, reason: str) -> None:
    result = verify(plan_of(), service_id, quantity)
    assert result.signals == ("VALIDATION_FAILED",)
    assert reason in result.metadata["reason"]
    assert result.plan == plan_of()


def test_what_the_agent_noted_before_stays() -> None:
    again = verify(verify(plan_of(agent_state={"other": 1})).plan, quantity=1).plan
    assert again.agent_state["other"] == 1
    assert again.agent_state["last_quota_check"]["quantity"] == 1


def test_the_note_outlives_a_swap() -> None:
    noted = verify(plan_of()).plan
    after = checkout(noted).plan.agent_state
    assert {name: each for name, each in after.items() if name != "issued"} == noted.agent_state


def test_the_question_may_be_asked_on_plans_whose_list_is_older_than_it() -> None:
    older = with_agent(available_actions=ACTIONS - {"VERIFY_SERVICE_QUOTA"})
    assert verify(replace(plan_of(), template=older)).signals == ("QUOTA_AVAILABLE",)
    assert breaks_of(older, InUse.by(plan_of())) == ()
