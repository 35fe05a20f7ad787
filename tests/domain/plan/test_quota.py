"""Decisions 2 to 9: net energy, quotas, top-up and what a payment buys."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.decimals import plain, round_half_up, to_watt_hours
from kiosk.domain.errors import CurrencyConflict, PaymentInvalid, PaymentTooSmall, PlanInvalid, PriceMissing, RenewalNeeded
from kiosk.domain.money.money import Collectable, check_covers, check_decimals, check_receipt, credit_for, top_up
from kiosk.domain.plan.quota import apply_updates, calculate_electricity_usage, check_quota, quota_updates
from kiosk.domain.plan.service_plan import ServicePlan, ServiceState
from tests.builders import ELECTRICITY, FLEET, plan_of, plan_with, went_out

WATT_HOURS = st.integers(0, 100_000).map(lambda wh: Decimal(wh).scaleb(-3))
MINOR = Collectable()


def test_halves_round_towards_positive_infinity() -> None:
    assert round_half_up(Decimal("2.25"), 1) == Decimal("2.3")
    assert round_half_up(Decimal("-2.25"), 1) == Decimal("-2.2")


@given(incoming=WATT_HOURS, outgoing=WATT_HOURS, places=st.integers(0, 3))
def test_net_energy_is_exact_against_fractions(incoming: Decimal, outgoing: Decimal, places: int) -> None:
    exact = Fraction(outgoing) - Fraction(incoming)
    expected = Fraction(floor(exact * 10**places + Fraction(1, 2)), 10**places)
    assert Fraction(calculate_electricity_usage(incoming, outgoing, places)) == expected


def test_a_first_visit_owes_the_whole_outgoing_charge() -> None:
    assert calculate_electricity_usage(None, Decimal("30.4"), 1) == Decimal("30.4")


def test_exactly_what_is_left_is_enough() -> None:
    net = calculate_electricity_usage(Decimal("4.4"), Decimal("30.1"), 1)
    assert not check_quota(plan_with(used_kwh="374.3", quota_kwh="400"), net).exhausted


def test_a_tenth_of_a_kwh_too_little_is_exhausted() -> None:
    check = check_quota(plan_with(used_kwh="374.4", quota_kwh="400"), Decimal("25.7"))
    assert (check.exhausted, check.deficit_kwh) == (True, Decimal("0.1"))


def test_a_swap_needs_a_swap_left_as_well() -> None:
    check = check_quota(plan_with(swaps_used=10), Decimal("25.6"))
    assert (check.exhausted, check.deficit_kwh, check.deficit_swaps) == (True, Decimal(0), Decimal(1))


def test_an_unlimited_quota_is_always_available() -> None:
    check = check_quota(plan_with(used_kwh="99999999", quota_kwh="100000"), Decimal(30))
    assert not check.exhausted
    assert check.remaining_kwh is None


def test_a_fuller_returned_battery_gives_energy_back_and_owes_nothing() -> None:
    plan = plan_with(used_kwh="399", quota_kwh="400")
    assert not check_quota(plan, Decimal("-3.2")).exhausted
    assert quota_updates(plan, Decimal("-3.2"))[1].used_after == Decimal("395.8")


def test_energy_given_back_never_makes_used_negative() -> None:
    assert quota_updates(plan_with(used_kwh="2"), Decimal("-3.2"))[1].used_after == 0


def test_a_swap_leaves_the_network_service_alone() -> None:
    plan = plan_of()
    after = apply_updates(plan, quota_updates(plan, Decimal("25.6")), went_out("bat-67890\0"))
    assert [state.used for state in after.service_states] == [7, Decimal("370.1"), 0]
    assert after.current_asset == "BAT-67890"


def test_without_electricity_tracking_only_swaps_count() -> None:
    plan = plan_of()
    config = plan.template.agent_config
    off = replace(config, electricity_tracking=replace(config.electricity_tracking, enabled=False))
    plan = replace(plan, template=replace(plan.template, agent_config=off))
    assert [update.service_id for update in quota_updates(plan, None)] == [FLEET]
    assert not check_quota(plan, None).exhausted


def test_missing_energy_costs_its_price_as_specified() -> None:
    plan = plan_with(used_kwh="390", quota_kwh="400")
    due = top_up(check_quota(plan, Decimal("25.6")), plan, MINOR)
    assert (due.amount_kwh, due.cost, due.currency) == (Decimal("15.6"), Decimal("12.48"), "USD")


def test_an_amount_is_rounded_up_to_whole_units_where_so_configured() -> None:
    plan = plan_with(used_kwh="390", quota_kwh="400")
    assert top_up(check_quota(plan, Decimal("25.6")), plan, Collectable(units={"USD": Decimal(1)})).cost == 13


def _without_prices(plan: ServicePlan) -> ServicePlan:
    bare = tuple(replace(each, unit_price=None) for each in plan.template.service_configurations)
    return replace(plan, template=replace(plan.template, service_configurations=bare))


def test_a_missing_price_stops_the_swap() -> None:
    plan = _without_prices(plan_with(used_kwh="390"))
    with pytest.raises(PriceMissing) as stopped:
        top_up(check_quota(plan, Decimal("25.6")), plan, MINOR)
    assert stopped.value.deficit_kwh == Decimal("15.6")


def test_no_swaps_left_and_no_price_for_one_needs_a_renewal() -> None:
    plan = plan_with(swaps_used=10)
    with pytest.raises(RenewalNeeded):
        top_up(check_quota(plan, Decimal(1)), plan, MINOR)


def test_two_currencies_stop_the_swap() -> None:
    with pytest.raises(CurrencyConflict):
        _ = plan_of(currency="KES").billing_currency


def test_a_plan_without_a_battery_service_is_invalid() -> None:
    plan = plan_of(service_states=(ServiceState(service_id=ELECTRICITY, used=Decimal(0), quota=Decimal(1)),))
    with pytest.raises(PlanInvalid):
        _ = plan.fleet


def test_a_payment_credits_what_it_buys() -> None:
    plan = plan_with(used_kwh="390", quota_kwh="400")
    due = check_covers(check_quota(plan, Decimal("25.6")), plan, Decimal("15.00"), MINOR)
    assert credit_for(due, Decimal("15.00"), 1).kwh == Decimal("18.8")


def test_a_payment_below_the_price_says_what_is_missing() -> None:
    plan = plan_with(used_kwh="390", quota_kwh="400")
    with pytest.raises(PaymentTooSmall) as refused:
        check_covers(check_quota(plan, Decimal("25.6")), plan, Decimal(10), MINOR)
    assert refused.value.missing == Decimal("2.48")


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "Infinity", "10000001"])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(PaymentInvalid):
        check_receipt(Decimal(amount), "PAY-1")


@pytest.mark.parametrize("receipt_id", ["", "   ", "A" * 65, "MP\0"])
def test_what_is_no_receipt_id_is_refused(receipt_id: str) -> None:
    with pytest.raises(PaymentInvalid):
        check_receipt(Decimal(1), receipt_id)


@pytest.mark.parametrize(("amount", "currency"), [("5.001", "USD"), ("10.5", "XOF"), ("0.0001", "KWD"), ("9999999.999", "KES")])
def test_an_amount_has_no_more_decimals_than_its_currency(amount: str, currency: str) -> None:
    with pytest.raises(PaymentInvalid, match=currency):
        check_decimals(Decimal(amount), currency)


@pytest.mark.parametrize(("amount", "currency"), [("5.0100", "USD"), ("1E+2", "XOF"), ("10.0", "XOF"), ("0.001", "KWD"), ("0.001", "")])
def test_an_amount_may_have_the_decimals_of_its_currency(amount: str, currency: str) -> None:
    check_decimals(Decimal(amount), currency)


@given(
    used=st.integers(0, 400_000).map(lambda wh: Decimal(wh).scaleb(-3)),
    net=st.integers(-300, 1000).map(lambda tenth: Decimal(tenth).scaleb(-1)),
    price=st.integers(1, 9_999).map(lambda cents: Decimal(cents).scaleb(-3)),
)
def test_what_is_due_always_buys_what_is_missing(used: Decimal, net: Decimal, price: Decimal) -> None:
    plan = plan_with(used_kwh=str(used))
    priced = tuple(replace(each, unit_price=price) for each in plan.template.service_configurations)
    plan = replace(plan, template=replace(plan.template, service_configurations=priced))
    quota = check_quota(plan, net)
    if not quota.exhausted:
        assert net <= plan.electricity.remaining or net <= 0  # type: ignore[union-attr]  # the plan has electricity
        return
    due = top_up(quota, plan, MINOR)
    updates = quota_updates(plan, net, credit_for(due, due.cost, 1))
    assert updates[1].used_after <= updates[1].quota_after


def test_a_reading_is_rounded_once_to_watt_hours() -> None:
    assert to_watt_hours(Decimal("4.80049")) == Decimal("4.8")
    assert plain(to_watt_hours(Decimal("30.4005"))) == "30.401"


@pytest.mark.parametrize(("number", "shown"), [("10.0", "10"), ("1E+2", "100"), ("0.50", "0.5"), ("0", "0"), ("-3.20", "-3.2")])
def test_numbers_are_plain(number: str, shown: str) -> None:
    assert plain(Decimal(number)) == shown
