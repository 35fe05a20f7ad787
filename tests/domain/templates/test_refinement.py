"""Which number of the version a difference raises (decision 23)."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.plan.fsm import MealyFSM, Transition
from kiosk.domain.plan.template import PaymentParameters, ServiceConfiguration, ServicePlanTemplate
from kiosk.domain.templates.refinement import differences, needed_bump
from kiosk.domain.templates.semantic_version import Bump
from tests.builders import ELECTRICITY, FLEET, plan_of
from tests.domain.templates.documents import ACTIONS, OLDER, TEMPLATE, with_agent, with_machine, with_service, with_services

EXTRA = ServiceConfiguration(service_id="svc-roadside-help", quota=Decimal(5))
COUNT = ServiceConfiguration(service_id="service-swap-count-kenya", quota=Decimal(5))


def bump(new: ServicePlanTemplate, old: ServicePlanTemplate = TEMPLATE) -> Bump:
    return needed_bump(differences(old, new))


def test_nothing_differs_from_itself() -> None:
    assert differences(TEMPLATE, TEMPLATE) == ()
    assert bump(TEMPLATE) is Bump.NONE


def test_the_same_number_written_otherwise_is_no_difference() -> None:
    assert bump(with_service(ELECTRICITY, quota=Decimal("400.00"))) is Bump.NONE


@pytest.mark.parametrize(
    "new",
    [
        replace(TEMPLATE, name="Weekly Freedom"),
        replace(TEMPLATE, description="For a week."),
        replace(TEMPLATE, contract_terms={"title": "Terms"}),
        with_service(FLEET, name="Batteries"),
        with_machine(id="fsm-bss-service-cycle-v2"),
    ],
)
def test_words_are_a_patch(new: ServicePlanTemplate) -> None:
    assert bump(new) is Bump.PATCH


def with_new_state(machine: MealyFSM) -> dict[str, Any]:
    beyond = Transition(state="PAUSED", input="RESUMED", next_state="BATTERY_ISSUED")
    return {"states": (*machine.states, "PAUSED"), "transitions": (*machine.transitions, beyond)}


@pytest.mark.parametrize(
    "new",
    [
        with_services(*TEMPLATE.service_configurations, EXTRA),
        with_machine(**with_new_state(TEMPLATE.service_cycle_fsm)),
        with_service("svc-swap-network-kenya", quota=Decimal(200_000_000)),
    ],
)
def test_an_addition_that_no_plan_can_notice_is_minor(new: ServicePlanTemplate) -> None:
    assert bump(new) is Bump.MINOR


def test_an_action_beside_the_others_is_minor_and_another_way_to_complete_is_major() -> None:
    listed, older = with_agent(available_actions=ACTIONS), with_agent(available_actions=OLDER)
    without = with_agent(available_actions=ACTIONS - {"IDENTIFY_CUSTOMER"})
    assert bump(listed, without) is Bump.MINOR
    assert bump(listed, older) is Bump.MAJOR
    assert bump(TEMPLATE, older) is Bump.MAJOR


def pausing(machine: MealyFSM) -> dict[str, Any]:
    changes = with_new_state(machine)
    way = Transition(state="BATTERY_ISSUED", input="PAUSE", next_state="PAUSED")
    return {**changes, "transitions": (*changes["transitions"], way)}


@pytest.mark.parametrize(
    "new",
    [
        replace(TEMPLATE, billing_currency="KES"),
        replace(TEMPLATE, country_code="UG"),
        replace(TEMPLATE, legal_jurisdiction="Kampala"),
        replace(TEMPLATE, contract_terms={"notice_days": 14}),
        with_services(*TEMPLATE.service_configurations[:2]),
        with_services(COUNT, *TEMPLATE.service_configurations),
        with_service(ELECTRICITY, quota=Decimal(500)),
        with_service(ELECTRICITY, quota=Decimal(300)),
        with_service(ELECTRICITY, unit_price=Decimal("0.7")),
        with_service(ELECTRICITY, unit_price=None),
        with_service(ELECTRICITY, decimal_precision=2),
        with_service(FLEET, unit_price=Decimal(1)),
        with_machine(**pausing(TEMPLATE.service_cycle_fsm)),
        with_machine(initial_state="WAIT_BATTERY_ISSUE"),
        with_machine(transitions=TEMPLATE.service_cycle_fsm.transitions[1:]),
        with_agent(available_actions=frozenset({"COMPLETE_SERVICE"})),
        with_agent(electricity_tracking=replace(TEMPLATE.agent_config.electricity_tracking, enabled=False)),
        with_agent(payment=PaymentParameters(receipt_patterns={"MOBILE_MONEY": "[A-Z0-9]{10}"})),
        with_agent(service_completion=replace(TEMPLATE.agent_config.service_completion, require_payment_confirmation=False)),
    ],
)
def test_everything_else_is_major(new: ServicePlanTemplate) -> None:
    assert bump(new) is Bump.MAJOR


def test_every_difference_is_said_once_and_in_words() -> None:
    new = replace(with_service(ELECTRICITY, quota=Decimal(500), unit_price=Decimal("0.90")), name="Other", billing_currency="KES")
    assert [each.what for each in differences(TEMPLATE, new)] == [
        "the name is worded anew",
        "billing_currency is KES, not USD",
        "quota of svc-electricity-fuel-kenya is 500, not 400",
        "unit_price of svc-electricity-fuel-kenya is 0.9, not 0.8",
    ]


CHANGES: tuple[Callable[[ServicePlanTemplate], ServicePlanTemplate], ...] = (
    lambda template: replace(template, name="N"),
    lambda template: replace(template, service_configurations=(*template.service_configurations, EXTRA)),
    lambda template: replace(template, billing_currency="KES"),
    lambda template: replace(
        template, service_configurations=tuple(replace(each, quota=each.quota + 1) for each in template.service_configurations)
    ),
)


@given(st.sets(st.sampled_from(CHANGES)))
def test_several_changes_need_the_greatest_of_their_bumps(chosen: set[Callable[[ServicePlanTemplate], ServicePlanTemplate]]) -> None:
    new = plan_of().template
    for change in sorted(chosen, key=CHANGES.index):
        new = change(new)
    assert bump(new) is max((bump(each(TEMPLATE)) for each in chosen), default=Bump.NONE)
