"""What a running contract relies on (decision 23), and plans that are moved by the same rules."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.plan.service_plan import ServicePlan, ServiceState, first_plan
from kiosk.domain.plan.template import ServiceConfiguration, ServicePlanTemplate
from kiosk.domain.templates.compatibility import CannotMove, InUse, Moved, breaks_of, contract_breaks, migrate
from tests.builders import ELECTRICITY, FLEET, plan_of, plan_with
from tests.domain.templates.documents import ACTIONS, OLDER, PLAN, TEMPLATE, with_agent, with_machine, with_service, with_services

NETWORK = "svc-swap-network-kenya"
TRACKING = TEMPLATE.agent_config.electricity_tracking


def services_but(service_id: str) -> ServicePlanTemplate:
    return with_services(*(each for each in TEMPLATE.service_configurations if each.service_id != service_id))


@pytest.mark.parametrize(
    ("new", "reasons"),
    [
        (services_but(NETWORK), (f"the service {NETWORK} is gone",)),
        (with_service(ELECTRICITY, quota=Decimal(300)), (f"the quota of {ELECTRICITY} falls from 400 to 300",)),
        (with_service(NETWORK, quota=Decimal(50)), (f"the quota of {NETWORK} falls from unlimited to 50",)),
        (with_service(ELECTRICITY, unit_price=None), (f"{ELECTRICITY} has no price any more, so nobody could top it up",)),
        (replace(TEMPLATE, billing_currency="KES"), ("the currency is KES, not USD",)),
        (replace(TEMPLATE, country_code="UG"), ("the country is UG, not KE",)),
        (replace(TEMPLATE, legal_jurisdiction="Kampala"), ("the jurisdiction is Kampala, not Nairobi County, Kenya",)),
        (with_agent(available_actions=ACTIONS - {"PROCESS_PAYMENT"}), ("the action PROCESS_PAYMENT is gone",)),
        (
            with_agent(available_actions=OLDER - {"EQUIPMENT_CHECKIN"}),
            ("the action EQUIPMENT_CHECKIN is gone", "the action COMPLETE_SERVICE is gone"),
        ),
        (
            with_services(ServiceConfiguration(service_id="service-swap-count-x", quota=Decimal(9)), *TEMPLATE.service_configurations),
            (f"swaps are counted by service-swap-count-x, not {FLEET}",),
        ),
        (
            with_services(ServiceConfiguration(service_id="svc-other", quota=Decimal(9), unit="kWh"), *TEMPLATE.service_configurations),
            (f"energy is counted by svc-other, not {ELECTRICITY}",),
        ),
    ],
)
def test_what_breaks_a_running_contract_is_said(new: ServicePlanTemplate, reasons: tuple[str, ...]) -> None:
    assert breaks_of(new, InUse.by(plan_of())) == reasons


@pytest.mark.parametrize(
    "new",
    [
        TEMPLATE,
        replace(TEMPLATE, name="Other words"),
        with_service(ELECTRICITY, quota=Decimal(500)),
        with_service(ELECTRICITY, unit_price=Decimal("1.20")),
        with_service(ELECTRICITY, quota=Decimal(100_000_000)),
        with_service(NETWORK, quota=Decimal(100_000)),
        with_services(*TEMPLATE.service_configurations, ServiceConfiguration(service_id="svc-roadside-help", quota=Decimal(1))),
        with_agent(available_actions=None),
    ],
)
def test_what_a_contract_can_live_with_breaks_nothing(new: ServicePlanTemplate) -> None:
    assert breaks_of(new, InUse.by(plan_of())) == ()


def test_the_rollbacks_of_decision_21_break_no_contract() -> None:
    assert breaks_of(with_agent(electricity_tracking=replace(TRACKING, enabled=False)), InUse.by(plan_of())) == ()
    assert breaks_of(with_agent(available_actions=OLDER), InUse.by(plan_of())) == ()


def test_electricity_may_join_a_contract_that_counted_swaps_only() -> None:
    plan = first_plan(services_but(ELECTRICITY), "plan", "customer")
    assert breaks_of(TEMPLATE, InUse.by(plan)) == ()


def test_a_state_that_a_plan_is_in_must_exist_and_lead_on() -> None:
    machine = TEMPLATE.service_cycle_fsm
    issued = [each for each in machine.transitions if "BATTERY_ISSUED" in (each.state, each.next_state)]
    without = with_machine(
        states=tuple(each for each in machine.states if each != "BATTERY_ISSUED"),
        transitions=tuple(each for each in machine.transitions if each not in issued),
    )
    stuck = with_machine(transitions=tuple(each for each in machine.transitions if each.state != "BATTERY_ISSUED"))
    assert breaks_of(without, InUse.by(plan_of())) == ("the service cycle has no state BATTERY_ISSUED",)
    assert breaks_of(stuck, InUse.by(plan_of())) == ("the service cycle has no way on from BATTERY_ISSUED",)
    assert breaks_of(without, InUse.by(plan_of(service_state="BATTERY_RETURNED"))) == ()


def test_a_plans_own_currency_is_the_one_that_counts() -> None:
    assert breaks_of(TEMPLATE, InUse.by(plan_of(currency="KES"))) == ("the currency is USD, not KES",)


def test_all_reasons_are_named_at_once_with_the_plans_they_concern() -> None:
    new = replace(with_service(ELECTRICITY, quota=Decimal(300)), billing_currency="KES", legal_jurisdiction="Kampala")
    many = replace(InUse.by(plan_of()), plans=41)
    one = InUse.by(plan_of(payment_state="RENEWAL_DUE"))
    assert contract_breaks(new, (many, one)) == (
        "the currency is KES, not USD (42 running plans)",
        "the jurisdiction is Kampala, not Nairobi County, Kenya (42 running plans)",
        f"the quota of {ELECTRICITY} falls from 400 to 300 (42 running plans)",
    )
    assert contract_breaks(new, ()) == ()


# ---------------------------------------------------------------- moving


def moved(plan: ServicePlan, target: ServicePlanTemplate) -> ServicePlan:
    found = migrate(plan, target)
    assert isinstance(found, Moved)
    return found.plan


def test_a_moved_plan_keeps_what_was_used_and_its_battery_and_gets_the_new_quota() -> None:
    target = replace(with_service(ELECTRICITY, quota=Decimal(500)), version="3.0.0")
    plan = moved(plan_of(), target)
    assert plan.template == target
    assert plan.electricity == ServiceState(service_id=ELECTRICITY, used=Decimal("344.5"), quota=Decimal(500))
    assert plan.fleet == plan_of().fleet
    assert (plan.service_state, plan.payment_state, plan.customer_id) == ("BATTERY_ISSUED", "CURRENT", "CUST-001")


def test_what_was_topped_up_is_not_lost() -> None:
    target = replace(with_service(ELECTRICITY, quota=Decimal(500)), version="3.0.0")
    plan = moved(plan_with(used_kwh="412.4", quota_kwh="418.8"), target)
    assert plan.electricity == ServiceState(service_id=ELECTRICITY, used=Decimal("412.4"), quota=Decimal("518.8"))


def test_a_service_that_is_new_begins_at_nothing_used() -> None:
    extra = ServiceConfiguration(service_id="svc-roadside-help", quota=Decimal(5))
    plan = moved(plan_of(), replace(with_services(*TEMPLATE.service_configurations, extra), version="2.1.0"))
    assert plan.service_states[-1] == ServiceState(service_id="svc-roadside-help", used=Decimal(0), quota=Decimal(5))


def test_the_changes_of_a_plan_are_said() -> None:
    target = replace(with_service(ELECTRICITY, quota=Decimal(500), unit_price=Decimal(1)), version="3.0.0")
    found = migrate(plan_of(), target)
    assert isinstance(found, Moved)
    assert found.changes == (f"the quota of {ELECTRICITY} becomes 500, used stays 344.5", f"unit_price of {ELECTRICITY} is 1, not 0.8")


def test_a_plan_that_cannot_be_moved_says_every_reason() -> None:
    target = replace(services_but(NETWORK), billing_currency="KES", version="3.0.0")
    assert migrate(plan_of(), target) == CannotMove(reasons=("the currency is KES, not USD", f"the service {NETWORK} is gone"))


QUOTAS = st.decimals(0, 200_000, places=1)
STATES = st.sampled_from(TEMPLATE.service_cycle_fsm.states)


@st.composite
def some_plan(draw: st.DrawFn) -> ServicePlan:
    fleet = ServiceState(service_id=FLEET, used=Decimal(6), quota=Decimal(10), current_asset=draw(st.sampled_from((None, "BAT-1"))))
    electricity = ServiceState(service_id=ELECTRICITY, used=draw(QUOTAS), quota=draw(QUOTAS))
    return replace(PLAN.with_states(fleet, electricity), service_state=draw(STATES))


@st.composite
def some_target(draw: st.DrawFn) -> ServicePlanTemplate:
    """Another version, that may lack what a plan relies on."""
    price, gone = draw(st.sampled_from((None, Decimal("0.8"), Decimal(2)))), draw(st.sampled_from((None, NETWORK, ELECTRICITY)))
    services = with_service(ELECTRICITY, quota=draw(QUOTAS), unit_price=price).service_configurations
    actions = draw(st.sampled_from((None, ACTIONS, OLDER, frozenset({"COMPLETE_SERVICE"}))))
    trap = draw(st.sampled_from((None, "BATTERY_RETURNED")))
    transitions = tuple(each for each in TEMPLATE.service_cycle_fsm.transitions if each.state != trap)
    return replace(
        with_services(*(each for each in services if each.service_id != gone)),
        version="3.0.0",
        agent_config=with_agent(available_actions=actions).agent_config,
        service_cycle_fsm=with_machine(transitions=transitions).service_cycle_fsm,
    )


PLANS, TARGETS = some_plan(), some_target()


@given(st.lists(PLANS, min_size=1, max_size=4), TARGETS)
def test_a_refinement_that_breaks_no_contract_can_take_over_every_plan(plans: list[ServicePlan], target: ServicePlanTemplate) -> None:
    broken = bool(contract_breaks(target, [InUse.by(each) for each in plans]))
    assert broken == any(isinstance(migrate(each, target), CannotMove) for each in plans)


@given(PLANS, TARGETS)
def test_a_moved_plan_loses_nothing(plan: ServicePlan, target: ServicePlanTemplate) -> None:
    found = migrate(plan, target)
    if isinstance(found, CannotMove):
        assert found.reasons
        return
    after = {each.service_id: each for each in found.plan.service_states}
    for before in plan.service_states:
        now = after[before.service_id]
        assert now.used == before.used
        assert now.quota >= before.quota or now.unlimited
        assert now.current_asset == before.current_asset
    assert found.plan.current_asset == plan.current_asset
    assert isinstance(migrate(found.plan, target), Moved)


@given(PLANS, TARGETS)
def test_moving_twice_is_moving_once(plan: ServicePlan, target: ServicePlanTemplate) -> None:
    first = migrate(plan, target)
    if isinstance(first, Moved):
        assert migrate(first.plan, target) == Moved(plan=first.plan, changes=())
