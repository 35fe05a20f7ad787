"""May this customer swap: the whole table of answers."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kiosk.domain.battery.battery import FitnessLimits
from kiosk.domain.plan.quota import QuotaCheck, check_quota
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.swap.verdict import Answer, Ground, verdict_of
from tests.builders import ELECTRICITY, FLEET, plan_of, plan_with, priced, switched, unpriced

LIMITS = FitnessLimits()  # at least 0.5 kWh is issued
SWAP_PRICED = priced(plan_with(swaps_used=10), FLEET, "150")


def unlimited(plan: ServicePlan) -> ServicePlan:
    return plan.with_states(*(replace(each, quota=Decimal(10**8)) for each in plan.service_states))


def tolerant(plan: ServicePlan) -> ServicePlan:
    config = plan.template.agent_config
    validation = replace(config.quota_validation, strict_mode=False, tolerance_kwh=Decimal(5))
    return replace(plan, template=replace(plan.template, agent_config=replace(config, quota_validation=validation)))


YES, NO, DOUBT = Answer.YES, Answer.NO, Answer.DOUBT
USED_UP = plan_with(used_kwh="400")
FIRST_USED_UP = plan_with(used_kwh="400", holds=None)
CASES = {
    "both quotas have something left": (plan_of(), None, YES, Ground.COVERED),
    "the last swap": (plan_with(swaps_used=9), None, YES, Ground.COVERED),
    "a first visit": (plan_with(holds=None), None, YES, Ground.COVERED),
    "unlimited, without a price": (unlimited(unpriced(plan_of())), None, YES, Ground.COVERED),
    "energy is not tracked": (switched(USED_UP, electricity_tracking={"enabled": False}), None, YES, Ground.COVERED),
    "no swap left, one has a price": (SWAP_PRICED, None, DOUBT, Ground.SWAPS_TO_PAY),
    "no swap left and no price": (unpriced(plan_with(swaps_used=10)), None, NO, Ground.SWAPS_USED_UP),
    "more swaps used than there were": (unpriced(plan_with(swaps_used=12)), None, NO, Ground.SWAPS_USED_UP),
    "part of a swap is none": (
        unpriced(plan_with().with_states(replace(plan_of().fleet, used=Decimal("9.5")))),
        None,
        NO,
        Ground.SWAPS_USED_UP,
    ),
    "a price without a currency cannot be paid": (
        replace(SWAP_PRICED, currency="", template=replace(SWAP_PRICED.template, billing_currency="")),
        None,
        NO,
        Ground.SWAPS_USED_UP,
    ),
    "a price of nothing is none": (priced(plan_with(swaps_used=10), FLEET, "0"), None, NO, Ground.SWAPS_USED_UP),
    "no energy left, it has a price": (USED_UP, None, DOUBT, Ground.ENERGY_TO_PAY),
    "less left than the least battery holds": (plan_with(used_kwh="399.6"), None, DOUBT, Ground.ENERGY_TO_PAY),
    "what came back makes up for it": (plan_with(used_kwh="399.6"), Decimal("4.8"), YES, Ground.COVERED),
    "no energy left and no price": (unpriced(USED_UP), None, DOUBT, Ground.ENERGY_LITTLE),
    "the same, and what came back holds enough": (unpriced(USED_UP), Decimal("4.8"), DOUBT, Ground.ENERGY_LITTLE),
    "the same, and what came back is empty": (unpriced(USED_UP), Decimal("0.2"), NO, Ground.ENERGY_USED_UP),
    "the same on a first visit": (unpriced(FIRST_USED_UP), None, NO, Ground.ENERGY_USED_UP),
    "a template that tolerates it": (tolerant(unpriced(USED_UP)), None, DOUBT, Ground.ENERGY_LITTLE),
    "tolerated on a first visit": (tolerant(unpriced(FIRST_USED_UP)), None, DOUBT, Ground.ENERGY_LITTLE),
    "tolerated once only": (tolerant(unpriced(plan_with(used_kwh="401", holds=None))), None, NO, Ground.ENERGY_USED_UP),
    "a no is said before a payment": (priced(plan_with(used_kwh="400", swaps_used=10), FLEET, None), None, NO, Ground.SWAPS_USED_UP),
    "a payment is said before a renewal": (replace(USED_UP, payment_state="RENEWAL_DUE"), None, DOUBT, Ground.ENERGY_TO_PAY),
    "renewal is due": (plan_of(payment_state="RENEWAL_DUE"), None, DOUBT, Ground.RENEWAL),
    "a state that is not known": (plan_of(service_state="ON_THE_MOON"), None, DOUBT, Ground.STATE_UNKNOWN),
}


@pytest.mark.parametrize("name", CASES)
def test_the_verdict(name: str) -> None:
    plan, returned, answer, ground = CASES[name]
    verdict = verdict_of(plan, LIMITS, returned)
    assert (verdict.answer, verdict.ground) == (answer, ground)


def least(plan: ServicePlan, returned: Decimal | None) -> QuotaCheck:
    """The check with the battery that asks the least of the plan."""
    return check_quota(plan, LIMITS.least_issue_kwh - (returned or Decimal(0)))


@pytest.mark.parametrize("name", CASES)
def test_a_no_is_a_quota_that_is_short_with_whatever_battery_and_a_yes_is_not(name: str) -> None:
    plan, returned, answer, _ground = CASES[name]
    if plan.tracks_energy and answer is not DOUBT:
        assert least(plan, returned).exhausted is (answer is NO)


def test_the_price_is_that_of_what_is_short() -> None:
    assert verdict_of(SWAP_PRICED, LIMITS).price == 150
    assert verdict_of(USED_UP, LIMITS).price == USED_UP.unit_price(next(e for e in USED_UP.service_states if e.service_id == ELECTRICITY))
    assert verdict_of(plan_of(), LIMITS).price is None


def test_no_green_beside_a_quota_that_is_used_up() -> None:
    for plan, returned, answer, _ground in CASES.values():
        energy = plan.electricity
        used_up = plan.swap_count.remaining < 1 or (energy is not None and energy.remaining <= 0)
        assert not (used_up and answer is YES), returned
