"""A battery that came back with more than it went out with: the platform never refuses the swap for it, and lists it (decision 28)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.agent.agent_result import AgentContext
from kiosk.domain.battery.battery import FitnessLimits
from kiosk.domain.plan.issued import Issued, issued_in
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CompleteService
from kiosk.platform.agent.decision import Decider
from kiosk.platform.agent.returned_energy import plan_by_readings, to_settle
from kiosk.platform.agent.wire_messages import Incoming, ParsedRequest, find_route
from kiosk.platform.store.open_items import UnsettledRequests, UnsettledRow
from kiosk.platform.store.store_values import OpenState, Snapshot
from kiosk.wire.exact_json import dumps, loads
from tests.builders import NOON, plan_with, remembering, switched, went_out
from tests.platform.agent_counter import OTHER_SWAP, PLAN, SWAP, Counter, completion, count, paid, used_kwh

COMPLETE, CHECKOUT = "complete_service", "equipment_checkout"
BACK = {"incoming_kwh": Decimal("30.9"), "outgoing_kwh": Decimal("30.4")}


def knows(counter: Counter, plan: ServicePlan) -> None:
    counter.store.put_plan(plan, NOON)


def listed(counter: Counter) -> tuple[UnsettledRow, ...]:
    return UnsettledRequests(counter.store).open()


def issued_there(counter: Counter) -> Issued | None:
    plan = counter.store.plan(PLAN)
    assert plan is not None
    return issued_in(plan)


def checkout(**changes: Any) -> dict[str, Any]:
    body = {"action": "EQUIPMENT_CHECKOUT", "replacement_equipment_id": "BAT-67890", "incoming_equipment_id": "BAT-12345"}
    return {**body, **BACK, "correlation_id": SWAP, **changes}


def test_the_first_swap_of_a_plan_that_remembers_nothing_is_booked_as_before(counter: Counter) -> None:
    answer = counter.ask(COMPLETE, completion(**BACK))
    assert answer["metadata"]["service_event"]["service_data"]["net_delivered_kwh"] == Decimal("-0.5")
    assert (str(used_kwh(counter.store)), listed(counter)) == ("344", ())
    issued = issued_there(counter)
    assert issued is not None
    assert (issued.battery_id, issued.kwh) == ("BAT-67890", Decimal("30.4"))


def test_the_own_calculation_is_booked_and_clearly_more_is_listed(counter: Counter) -> None:
    knows(counter, remembering())
    answer = counter.ask(COMPLETE, completion(**BACK))
    assert answer["metadata"]["receipt"]["incoming_counted_kwh"] == Decimal("29.1")
    assert str(used_kwh(counter.store)) == "345.8"
    (row,) = listed(counter)
    assert (row.state, row.correlation_id, row.plan_id, row.station_id, row.times) == (
        OpenState.RETURNED_MORE,
        SWAP,
        PLAN,
        "STATION_XYZ",
        1,
    )
    assert row.reason == (
        "BAT-12345 came back with 30.9 kWh. It went out with 29.1 kWh at STATION_XYZ on 2025-01-14T17:20:00Z, and no more is counted."
    )


def test_a_repeated_request_is_listed_once_and_a_settled_one_stays_settled(counter: Counter) -> None:
    knows(counter, remembering())
    counter.ask(COMPLETE, completion(**BACK))
    UnsettledRequests(counter.store).settle(listed(counter)[0].number, "charged at home", NOON)
    assert counter.ask(COMPLETE, completion(**BACK))["signals"][-1] == "IDEMPOTENT_OPERATION_DETECTED"
    assert listed(counter) == ()


@pytest.mark.parametrize("back", ["4.8", "29.1", "29.7"])
def test_no_more_than_readings_differ_by_is_not_listed(counter: Counter, back: str) -> None:
    knows(counter, remembering())
    counter.ask(COMPLETE, completion(**{**BACK, "incoming_kwh": Decimal(back)}))
    assert listed(counter) == ()


def test_where_charging_at_home_is_allowed_it_is_not_listed_and_not_credited(counter: Counter) -> None:
    knows(counter, switched(remembering(), electricity_tracking={"home_charging": True}))
    counter.ask(COMPLETE, completion(**BACK))
    assert (str(used_kwh(counter.store)), listed(counter)) == ("345.8", ())


def test_a_hundred_kilowatt_hours_come_back_as_what_went_out(counter: Counter) -> None:
    knows(counter, remembering(issued=went_out(energy="3.2")))
    counter.ask(COMPLETE, completion(incoming_kwh=Decimal(100), outgoing_kwh=Decimal("3.2")))
    assert str(used_kwh(counter.store)) == "344.5"


# what the customer was told


def test_a_swap_of_a_counter_that_knew_nothing_of_it_is_booked_by_its_readings_and_the_difference_listed(counter: Counter) -> None:
    knows(counter, remembering(plan_with(used_kwh="399.5")))  # 0.5 kWh are left: told 0.2, the own net is 1.3
    answer = counter.ask(COMPLETE, completion(incoming_kwh=Decimal("30.2"), outgoing_kwh=Decimal("30.4")))
    assert answer["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    assert str(used_kwh(counter.store)) == "399.7"
    (row,) = listed(counter)
    assert row.state is OpenState.BOOKED_LESS
    assert "The swap takes 1.3 kWh" in row.reason
    assert "0.2 kWh are booked, 1.1 kWh less." in row.reason
    assert "30.2 kWh" in row.reason
    issued = issued_there(counter)
    assert issued is not None
    assert issued.kwh == Decimal("30.4")


def test_nothing_is_given_back_above_what_went_out_even_then(counter: Counter) -> None:
    knows(counter, remembering(plan_with(used_kwh="400")))
    assert counter.ask(COMPLETE, completion(**BACK))["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    assert str(used_kwh(counter.store)) == "400"
    (row,) = listed(counter)
    assert "0 kWh are booked, 1.3 kWh less." in row.reason


def test_a_payment_over_what_the_readings_ask_is_taken(counter: Counter) -> None:
    knows(counter, remembering(plan_with(used_kwh="400")))
    answer = counter.ask(COMPLETE, paid("0.16", incoming_kwh=Decimal("30.2"), outgoing_kwh=Decimal("30.4")))
    assert answer["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    assert str(used_kwh(counter.store)) == "400.2"
    assert listed(counter)[0].state is OpenState.BOOKED_LESS


def test_what_is_refused_anyway_is_refused_for_its_own_reason(counter: Counter) -> None:
    knows(counter, remembering(plan_with(used_kwh="400")))
    answer = counter.ask(COMPLETE, completion(incoming_kwh=Decimal("29.2"), outgoing_kwh=Decimal("31.4")))
    assert "QUOTA_EXHAUSTED" in answer["signals"]
    assert [row.state for row in listed(counter)] == [OpenState.REFUSED]
    assert issued_there(counter) == went_out()


def test_a_checkout_is_booked_the_same_way(counter: Counter) -> None:
    knows(counter, remembering(plan_with(used_kwh="399.5")))
    answer = counter.ask(CHECKOUT, checkout(incoming_kwh=Decimal("30.2")))
    assert answer["signals"] == ["QUOTA_AVAILABLE", "EQUIPMENT_CHECKOUT_SUCCESS"]
    assert str(used_kwh(counter.store)) == "399.7"
    assert [row.state for row in listed(counter)] == [OpenState.BOOKED_LESS]


def test_two_completions_in_one_transaction_each_know_what_went_out(counter: Counter) -> None:
    second = completion(
        correlation_id=OTHER_SWAP,
        incoming_battery_id="BAT-67890",
        outgoing_battery_id="BAT-3",
        incoming_kwh=Decimal(40),
        outgoing_kwh=Decimal("30.4"),
    )
    topic = f"call/uxi/attendant/plan/{PLAN}/{COMPLETE}"
    together = tuple(Incoming(topic=topic, payload=dumps(each)) for each in (completion(), second))
    counter.handler.handle_all(together)
    assert str(used_kwh(counter.store)) == "370.1"  # the second: 30.4 out, 40 back as the 30.4 that went out
    assert [row.correlation_id for row in listed(counter)] == [OTHER_SWAP]


# the field's completion names no reading


def test_a_field_completion_leaves_unknown_how_much_went_out(counter: Counter) -> None:
    body = {
        "timestamp": "2025-01-15T10:30:00Z",
        "plan_id": PLAN,
        "correlation_id": SWAP,
        "actor": {"type": "attendant", "id": "ATT-001"},
        "data": {
            "action": "REPORT_PAYMENT_AND_SERVICE_COMPLETION",
            "attendant_station": "STATION_XYZ",
            "service_data": {"new_battery_id": "BAT-67890", "old_battery_id": "BAT-12345", "energy_transferred": Decimal("1.3")},
        },
    }
    counter.handle(Incoming(topic=f"emit/uxi/attendant/plan/{PLAN}/payment_and_service", payload=dumps(body)))
    issued = issued_there(counter)
    assert issued is not None
    assert (issued.battery_id, issued.kwh) == ("BAT-67890", None)
    assert loads(dumps({"kwh": issued.kwh})) == {"kwh": None}
    counter.ask(COMPLETE, completion(correlation_id=OTHER_SWAP, incoming_battery_id="BAT-67890", outgoing_battery_id="BAT-1", **BACK))
    assert (str(used_kwh(counter.store)), listed(counter)) == ("345.3", ())


# the page for people


def test_they_are_rows_of_the_table_that_is_there(counter: Counter, books: Path | str) -> None:
    knows(counter, remembering())
    counter.ask(COMPLETE, completion(**BACK))
    assert count(books, "refusals") == 1
    (row,) = listed(counter)
    assert row.as_json()["state"] == "returned_more"


@pytest.fixture
def requests() -> CompleteService:
    return CompleteService(
        incoming_battery_id="BAT-12345",
        outgoing_battery_id="BAT-67890",
        outgoing_kwh=Decimal("30.4"),
        incoming_kwh=Decimal("30.9"),
        attendant_id="",
        attendant_station="",
        transaction_timestamp=NOON,
        correlation_id=SWAP,
    )


def test_a_plan_that_bounds_nothing_is_told_as_it_is(requests: CompleteService) -> None:
    for plan in (plan_with(), remembering(issued=went_out("BAT-9")), remembering(issued=went_out(energy="30.9"))):
        assert plan_by_readings(requests, plan) is plan
        assert to_settle(requests, plan, plan, FitnessLimits()) == ()


ROUNDED = Decimal("0.05")  # of one swap, to one decimal
ENERGY = st.integers(0, 40_000).map(lambda watt_hours: Decimal(watt_hours).scaleb(-3))


@settings(max_examples=150, deadline=timedelta(seconds=5))
@given(back=ENERGY, out=ENERGY, issued=ENERGY)
def test_what_is_booked_by_readings_gives_nothing_back_beyond_what_went_out(back: Decimal, out: Decimal, issued: Decimal) -> None:
    plan = remembering(issued=went_out()._replace(kwh=issued))
    request = CompleteService(
        incoming_battery_id="BAT-12345",
        outgoing_battery_id="BAT-67890",
        outgoing_kwh=out,
        incoming_kwh=back,
        attendant_id="",
        attendant_station="",
        transaction_timestamp=NOON,
        correlation_id=SWAP,
    )
    told = plan_by_readings(request, plan)
    counted = issued_in(told)
    assert counted is not None
    assert counted.kwh is not None
    assert replace(told, agent_state=plan.agent_state) == plan
    assert counted.kwh >= issued  # no less is counted than in the own calculation
    assert told is plan or out - min(back, counted.kwh) >= 0


ROUTE, _PLAN_ID = find_route(f"call/uxi/attendant/plan/{PLAN}/{COMPLETE}") or pytest.fail("no route")


@settings(max_examples=100, deadline=timedelta(seconds=5))
@given(swaps=st.lists(st.tuples(ENERGY, ENERGY, st.sampled_from(("BAT-A", "BAT-B", "BAT-C"))), max_size=10), quota=st.integers(30, 150))
def test_what_may_be_taken_grows_above_what_was_bought_and_given_back_by_what_is_listed_alone(
    swaps: list[tuple[Decimal, Decimal, str]], quota: int
) -> None:
    """Swaps of counters that know nothing of what went out, one after the other."""
    plan = plan_with(holds=None, used_kwh="0", quota_kwh=str(quota), swaps_used=0, swaps=1000)
    went, taken, given_back, waits, done = Decimal(0), Decimal(0), Decimal(0), Decimal(0), 0
    for number, (back, out, battery) in enumerate(swaps):
        held = plan.current_asset
        if battery == held:
            continue
        request = CompleteService(
            incoming_battery_id=held,
            incoming_kwh=None if held is None else back,
            outgoing_battery_id=battery,
            outgoing_kwh=out,
            attendant_id="ATT-001",
            attendant_station="STATION_XYZ",
            transaction_timestamp=NOON,
            correlation_id=f"TXN-{number}",
        )
        parsed = ParsedRequest(route=ROUTE, plan_id=PLAN, correlation_id=request.correlation_id, request=request)
        decision = Decider(parsed=parsed, context=AgentContext(now=NOON)).decide(Snapshot(plan=plan))
        if decision.final:
            assert decision.plan is not None
            assert decision.service is not None
            own = out - (Decimal(0) if held is None else min(back, went))
            less = own - Decimal(str(decision.service.net_kwh))
            assert abs(less) <= ROUNDED or [each.state for each in decision.to_settle] == [OpenState.BOOKED_LESS]
            given_back += Decimal(0) if held is None else min(back, went)
            went, taken, waits, done, plan = out, taken + out, waits + max(less, Decimal(0)), done + 1, decision.plan
        elif held is not None:
            assert plan.electricity is not None
            assert max(out - back, Decimal(0)) + ROUNDED >= plan.electricity.remaining  # refused for what was read, never for the cap
        assert plan.electricity is not None
        assert plan.electricity.remaining <= quota + given_back - taken + waits + ROUNDED * done
