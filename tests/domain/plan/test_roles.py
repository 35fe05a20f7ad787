"""Which service does what, by its id alone (decision 6)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kiosk.domain.errors import PlanInvalid
from kiosk.domain.plan.quota import apply_updates, quota_updates
from kiosk.domain.plan.service_plan import ServicePlan, ServiceState
from tests.builders import plan_of, went_out
from tests.domain.templates.documents import with_services


def plan_of_services(*service_ids: str) -> ServicePlan:
    """A plan with these services, whose template says nothing about them."""
    states = tuple(ServiceState(service_id=each, used=Decimal(0), quota=Decimal(400)) for each in service_ids)
    return replace(plan_of(), service_states=states, template=with_services())


@pytest.mark.parametrize("prefix", ["svc-electricity", "service-energy", "service-electricity"])
@pytest.mark.parametrize("suffix", ["", "-", "-fuel", "-fuel-kenya"])
def test_an_electricity_id_is_its_prefix_alone_or_with_a_suffix(prefix: str, suffix: str) -> None:
    electricity = plan_of_services("svc-battery-fleet", prefix + suffix).electricity
    assert electricity is not None
    assert electricity.service_id == prefix + suffix


@pytest.mark.parametrize("fleet", ["svc-battery-fleet", "service-battery-fleet", "svc-battery-fleet-kenya", "service-battery-fleet-togo"])
def test_a_fleet_id_is_its_prefix_alone_or_with_a_suffix(fleet: str) -> None:
    assert plan_of_services("svc-electricity-fuel", fleet).fleet.service_id == fleet


@pytest.mark.parametrize("count", ["service-swap-count", "svc-swap-count", "service-swap-count-x", "svc-swap-count-x"])
def test_a_swap_count_id_is_its_prefix_alone_or_with_a_suffix(count: str) -> None:
    assert plan_of_services("svc-battery-fleet", count).swap_count.service_id == count


@pytest.mark.parametrize("network", ["svc-swap-network", "service-swap-network", "svc-swap-network-kenya"])
def test_a_network_service_counts_no_swaps(network: str) -> None:
    assert plan_of_services(network, "svc-battery-fleet").swap_count.service_id == "svc-battery-fleet"


@pytest.mark.parametrize("other", ["svc-battery-fleets", "svc-battery", "my-svc-battery-fleet", "svc-battery-fleet_kenya", ""])
def test_an_id_that_only_resembles_a_prefix_has_no_role(other: str) -> None:
    with pytest.raises(PlanInvalid):
        plan_of_services(other).fleet  # noqa: B018  the question is what is tested


def test_the_specifications_quota_update_with_bare_ids() -> None:
    plan = plan_of_services("svc-battery-fleet", "svc-electricity-fuel").with_states(
        ServiceState(service_id="svc-battery-fleet", used=Decimal(6), quota=Decimal(10))
    )
    after = apply_updates(plan, quota_updates(plan, Decimal("25.6")), went_out("BAT-67890"))
    assert [(each.used, each.quota) for each in after.service_states] == [(Decimal(7), Decimal(10)), (Decimal("25.6"), Decimal(400))]


def test_roles_are_right_for_any_number_of_different_services() -> None:
    template = plan_of().template
    ids = [(f"svc-battery-fleet-{number}", f"svc-swap-count-{number}") for number in range(200)]
    for _ in range(2):
        assert [(each.fleet, each.swap_count) for each in map(template.roles, ids)] == ids
