"""What went out is remembered, and no more of it counts when it comes back (decision 28)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.agent.agent_result import AgentContext, AgentResult
from kiosk.domain.agent.service_agent import service_agent
from kiosk.domain.approval import Approval
from kiosk.domain.battery.battery import FitnessLimits
from kiosk.domain.errors import ReturnedMore
from kiosk.domain.money.money import Collectable
from kiosk.domain.plan.issued import Issued, ReturnedBattery, counted_kwh, issued_in, issued_with_less
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CompleteService, EquipmentCheckout
from kiosk.domain.swap.pending_swaps import plan_after_swap
from kiosk.domain.swap.swap import Step, completion, go_back, next_step, on_plan, with_new, with_returned
from kiosk.wire.plan_documents import read_plan
from kiosk.wire.stored_documents import plan_from_json, plan_to_json, swap_from_json, swap_to_json
from tests.builders import (
    NOON,
    RULES,
    kwh,
    plan_bytes,
    plan_of,
    plan_with,
    reading,
    remembering,
    swap_of,
    swap_with_batteries,
    switched,
    went_out,
)

HELD, NEXT = "BAT-12345", "BAT-67890"
CONTEXT = AgentContext(now=NOON)
SUPERVISOR = Approval(supervisor="SUP-7", reason="Charged at home")
ALL_COUNTED = Decimal("0.05")  # of one swap, by rounding to one decimal


def complete(
    plan: ServicePlan, back: str | Decimal | None, out: str | Decimal, returned: str | None = HELD, issued: str = NEXT
) -> AgentResult:
    request = CompleteService(
        incoming_battery_id=returned,
        incoming_kwh=None if back is None else Decimal(back),
        outgoing_battery_id=issued,
        outgoing_kwh=Decimal(out),
        attendant_id="ATT-001",
        attendant_station="STATION_XYZ",
        transaction_timestamp=NOON,
        correlation_id="TXN-1",
    )
    return service_agent(request, plan, CONTEXT)


def check_out(
    plan: ServicePlan, back: str | Decimal | None, out: str | Decimal, returned: str | None = HELD, issued: str = NEXT
) -> AgentResult:
    request = EquipmentCheckout(
        incoming_equipment_id=returned,
        incoming_kwh=None if back is None else Decimal(back),
        replacement_equipment_id=issued,
        outgoing_kwh=Decimal(out),
    )
    return service_agent(request, plan, CONTEXT)


# what is remembered


def test_a_completion_remembers_what_went_out() -> None:
    after = complete(plan_of(), "4.8", "30.4").plan
    at = "2025-01-15T10:30:00Z"
    assert after.agent_state == {"issued": {"battery_id": NEXT, "kwh": kwh("30.4"), "estimated": False, "at": at, "station": "STATION_XYZ"}}
    assert issued_in(after) == Issued(NEXT, kwh("30.4"), estimated=False, at=at, station="STATION_XYZ")
    assert read_plan(plan_bytes(after)).agent_state == after.agent_state
    assert plan_from_json(plan_to_json(after)).agent_state == after.agent_state


def test_a_checkout_remembers_it_without_a_station_that_it_does_not_name() -> None:
    after = check_out(plan_of(), "4.8", "30.4").plan
    assert issued_in(after) == Issued(NEXT, kwh("30.4"), estimated=False, at="2025-01-15T10:30:00Z", station="")


def test_what_was_noted_beside_it_stays() -> None:
    assert complete(plan_of(agent_state={"last_quota_check": {"status": "sufficient"}}), "4.8", "30.4").plan.agent_state.keys() == {
        "last_quota_check",
        "issued",
    }


def test_a_refused_completion_remembers_nothing() -> None:
    assert complete(plan_with(used_kwh="400"), "4.8", "30.4").plan.agent_state == {}


def test_without_tracking_the_battery_is_remembered_and_its_energy_is_not_known() -> None:
    plan = switched(plan_of(), electricity_tracking={"enabled": False})
    request = CompleteService(
        incoming_battery_id=HELD,
        outgoing_battery_id=NEXT,
        outgoing_kwh=None,
        attendant_id="",
        attendant_station="",
        transaction_timestamp=NOON,
        correlation_id="TXN-1",
    )
    issued = issued_in(service_agent(request, plan, CONTEXT).plan)
    assert issued is not None
    assert (issued.battery_id, issued.kwh, issued.station) == (NEXT, None, "")


@pytest.mark.parametrize(
    "kept",
    [
        None,
        1,
        "BAT-12345",
        [],
        {},
        {"battery_id": 1, "kwh": 1},
        {"battery_id": HELD},
        {"battery_id": HELD, "kwh": "29.1"},
        {"battery_id": HELD, "kwh": True},
        {"battery_id": HELD, "kwh": -1},
        {"battery_id": HELD, "kwh": Decimal("NaN")},
    ],
)
def test_what_cannot_be_read_bounds_nothing(kept: object) -> None:
    plan = plan_of(agent_state={"issued": kept})
    assert counted_kwh(plan, HELD, kwh("30.9")) == kwh("30.9")
    assert issued_with_less(plan, ReturnedBattery(battery_id=HELD, kwh=kwh("99")), FitnessLimits()) is None
    assert complete(plan, "4.8", "30.4").signals == ("SERVICE_COMPLETED_SUCCESS",)


@pytest.mark.parametrize("at", [None, 5, "", "yesterday", "2025-01-14T17:20:00"])
def test_a_time_that_cannot_be_read_is_none(at: object) -> None:
    issued = issued_in(plan_of(agent_state={"issued": {"battery_id": HELD, "kwh": 1, "at": at, "station": 7}}))
    assert issued is not None
    assert (issued.moment, issued.station) == (None, "")


# what is counted


def test_the_decisions_numbers() -> None:
    result = complete(remembering(), "30.9", "30.4")
    data = result.events[0]["service_data"]
    assert (data["incoming_kwh"], data["incoming_counted_kwh"], data["net_delivered_kwh"]) == (kwh("30.9"), kwh("29.1"), kwh("1.3"))
    receipt = result.metadata["receipt"]
    assert (receipt["incoming_counted_kwh"], receipt["electricity_delivered_kwh"]) == (kwh("29.1"), kwh("1.3"))
    assert str(result.metadata["quota_updates"][1]["used_after"]) == "345.8"


def test_a_checkouts_calculation_says_what_is_counted() -> None:
    assert check_out(remembering(), "30.9", "30.4").metadata["electricity_calculation"] == {
        "incoming_kwh": kwh("30.9"),
        "outgoing_kwh": kwh("30.4"),
        "net_delivered_kwh": kwh("1.3"),
        "incoming_counted_kwh": kwh("29.1"),
    }


@pytest.mark.parametrize("back", ["0", "4.8", "29.1"])
def test_no_more_than_went_out_counts_as_it_is_and_says_nothing(back: str) -> None:
    result, before = complete(remembering(), back, "30.4"), complete(plan_of(), back, "30.4")
    assert result.metadata == before.metadata
    assert "incoming_counted_kwh" not in result.metadata["receipt"]


@pytest.mark.parametrize("issued", [went_out("BAT-99"), went_out(HELD, None)])
def test_another_battery_and_one_of_unknown_energy_bound_nothing(issued: Issued) -> None:
    assert complete(remembering(issued=issued), "30.9", "30.4").metadata == complete(plan_of(), "30.9", "30.4").metadata


def test_the_cap_holds_where_charging_at_home_is_allowed() -> None:
    plan = switched(remembering(), electricity_tracking={"home_charging": True})
    assert complete(plan, "30.9", "30.4").events[0]["service_data"]["net_delivered_kwh"] == kwh("1.3")


def test_a_charge_in_percent_is_bounded_too() -> None:
    request = CompleteService(
        incoming_battery_id=HELD,
        incoming_soc_percent=Decimal(97),
        outgoing_battery_id=NEXT,
        outgoing_soc_percent=Decimal(95),
        outgoing_kwh=None,
        attendant_id="",
        attendant_station="",
        transaction_timestamp=NOON,
        correlation_id="TXN-1",
    )
    result = service_agent(request, remembering(), CONTEXT)
    assert result.events[0]["service_data"]["net_delivered_kwh"] == kwh("1.3")
    issued = issued_in(result.plan)
    assert issued is not None
    assert (issued.kwh, issued.estimated) == (kwh("30.4"), True)


def test_an_energy_that_cannot_be_is_still_refused() -> None:
    for each in ("1000", "-1"):
        assert complete(remembering(), each, "30.4").signals == ("SERVICE_COMPLETION_FAILED",)


# the stop at the counter


def returned(back: str, plan: ServicePlan | None = None, **facts: Any) -> Any:
    return with_returned(swap_of(plan or remembering()), reading(HELD, back, **facts), RULES)


@pytest.mark.parametrize(
    ("back", "facts", "issued"),
    [
        ("29.3", {"full_kwh": kwh("5")}, went_out()),  # 0.2 kWh
        ("29.74", {"full_kwh": kwh("32")}, went_out()),  # 2 % of what it can hold
        ("29.74", {}, went_out()),  # 2 % of what such a battery can hold
        ("29.74", {"full_kwh": kwh("5"), "estimated": True}, went_out()),  # 2 points of charge
        ("29.74", {"full_kwh": kwh("5")}, went_out(estimated=True)),
    ],
)
def test_the_stop_is_the_larger_of_three(back: str, facts: dict[str, Any], issued: Issued) -> None:
    plan = remembering(issued=issued)
    assert returned(back, plan, **facts).more_approved is None
    with pytest.raises(ReturnedMore) as stopped:
        returned(str(kwh(back) + kwh("0.001")), plan, **facts)
    assert (stopped.value.issued_kwh, stopped.value.station, stopped.value.estimated) == (kwh("29.1"), "STATION_XYZ", issued.estimated)
    assert stopped.value.issued_at == issued.moment


def test_the_least_that_stops_is_configured() -> None:
    rules = replace(RULES, limits=replace(RULES.limits, returned_more_kwh=Decimal(3)))
    assert with_returned(swap_of(remembering()), reading(HELD, "32.1", full_kwh=kwh("5")), rules).incoming is not None


@pytest.mark.parametrize(
    "plan",
    [
        switched(remembering(), electricity_tracking={"home_charging": True}),
        switched(remembering(), electricity_tracking={"enabled": False}),
        remembering(issued=went_out("BAT-99")),
        plan_of(),
    ],
)
def test_nothing_stops_where_charging_at_home_is_allowed_or_nothing_is_known(plan: ServicePlan) -> None:
    assert returned("60", plan).incoming is not None


def test_a_supervisor_lets_it_go_on_and_the_net_is_as_issued() -> None:
    swap = with_returned(swap_of(remembering()), reading(HELD, "30.9"), RULES, approval=SUPERVISOR)
    swap = with_new(swap, reading(NEXT, "30.4"), RULES)
    assert (swap.more_approved, swap.counted_kwh, swap.net_kwh) == (SUPERVISOR, kwh("29.1"), kwh("1.3"))
    assert swap_from_json(swap_to_json(swap)) == swap
    back = go_back(swap)
    assert back is not None
    begun = go_back(back)
    assert begun is not None
    assert (begun.incoming, begun.more_approved) == (None, None)


def test_an_approval_that_was_not_needed_is_not_kept() -> None:
    assert with_returned(swap_of(remembering()), reading(HELD, "4.8"), RULES, approval=SUPERVISOR).more_approved is None


def test_a_journal_without_an_approval_reads_as_before() -> None:
    swap = swap_with_batteries()
    assert "more_approved" not in swap_to_json(swap)
    assert swap_from_json(swap_to_json(swap)) == swap


def test_a_kept_swap_whose_plan_tells_now_what_went_out_is_read_again() -> None:
    kept = swap_with_batteries(incoming="30.9")
    moved = on_plan(kept, remembering(), NOON, RULES)
    assert (next_step(moved), moved.outgoing) == (Step.RETURNED, None)
    approved = replace(kept, more_approved=SUPERVISOR)
    assert on_plan(approved, remembering(), NOON, RULES).net_kwh == kwh("1.3")
    assert on_plan(swap_with_batteries(incoming="29.3"), remembering(), NOON, RULES).net_kwh == kwh("1.3")


# both ends, and any history

ENERGY = st.integers(0, 40_000).map(lambda watt_hours: Decimal(watt_hours).scaleb(-3))
SWAPS = st.lists(st.tuples(ENERGY, ENERGY, st.sampled_from(("BAT-A", "BAT-B", "BAT-C")), st.booleans()), max_size=12)


@settings(max_examples=150, deadline=timedelta(seconds=5))
@given(swaps=SWAPS, quota=st.integers(50, 400), used=st.integers(0, 50))
def test_no_swaps_raise_what_may_be_taken_above_what_was_bought_and_given_back(
    swaps: list[tuple[Decimal, Decimal, str, bool]], quota: int, used: int
) -> None:
    """First visit on: all that comes back went out before. Refused swaps change nothing."""
    plan = plan_with(holds=None, used_kwh=str(used), quota_kwh=str(quota), swaps_used=0, swaps=1000)
    went, taken, given_back, done = Decimal(0), Decimal(0), Decimal(0), 0
    for back, out, battery, older in swaps:
        held = plan.current_asset
        if battery == held:
            continue
        result = (check_out if older else complete)(plan, None if held is None else back, out, held, battery)
        if "QUOTA_EXHAUSTED" not in result.signals:
            given_back += Decimal(0) if held is None else min(back, went)
            went, taken, done, plan = out, taken + out, done + 1, result.plan
        assert plan.electricity is not None
        assert plan.electricity.quota == quota
        may_take = plan.electricity.remaining
        assert may_take <= quota - used + given_back - taken + ALL_COUNTED * done
        assert may_take <= quota
        assert taken <= quota - used + given_back + ALL_COUNTED * done


@settings(max_examples=150, deadline=timedelta(seconds=5))
@given(back=ENERGY, out=ENERGY, issued=st.none() | ENERGY, precision=st.integers(0, 3))
def test_counter_and_agent_agree_on_every_net_and_plan(back: Decimal, out: Decimal, issued: Decimal | None, precision: int) -> None:
    plan = plan_with(used_kwh="500", quota_kwh="1000")
    plan = plan if issued is None else remembering(plan, went_out(HELD)._replace(kwh=issued))
    states = plan.template.service_configurations
    rounded = tuple(replace(each, decimal_precision=precision) if each.unit == "kWh" else each for each in states)
    plan = replace(plan, template=replace(plan.template, service_configurations=rounded))
    swap = with_returned(swap_of(plan), reading(HELD, str(back)), RULES, approval=SUPERVISOR)
    swap = replace(swap, outgoing=reading(NEXT, str(out)))
    result = service_agent(completion(swap, NOON), plan, CONTEXT)
    assert result.events[0]["service_data"]["net_delivered_kwh"] == swap.net_kwh
    shown = plan_after_swap(plan, replace(swap, completed_at=NOON), Collectable())
    assert (shown.service_states, shown.agent_state) == (result.plan.service_states, result.plan.agent_state)


@settings(max_examples=100, deadline=timedelta(seconds=5))
@given(back=ENERGY, out=ENERGY)
def test_a_plan_that_remembers_nothing_counts_all_that_was_read(back: Decimal, out: Decimal) -> None:
    assert counted_kwh(plan_of(), HELD, back) is back
    swap = with_returned(swap_of(), reading(HELD, str(back)), RULES)
    assert swap.counted_kwh == back
    assert issued_with_less(plan_of(), ReturnedBattery(battery_id=HELD, kwh=back, full_kwh=out or None), FitnessLimits()) is None
