"""The plan cache, and who holds which battery (decisions 12, 19)."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from kiosk.domain.battery.binding import Binding, BindingChange, ToldBindings
from kiosk.domain.battery.plausibility import KnownReading
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.swap.pending_swaps import Rejected, Settled
from kiosk.domain.swap.swap import Swap
from kiosk.station.adapters.store.sql_store import SqlStore
from kiosk.station.ports import CachedPlan, Store, SyncPlace
from tests.builders import NOON, reading
from tests.station.adapters.store.tables import beside
from tests.station.adapters.store.values import begun_swap, ended_swap, later, make_plan, message_of


def test_a_plan_comes_back_as_it_was_told_with_its_time(store: Store) -> None:
    plan = make_plan()
    store.put_plan(plan, later(1))
    assert store.plan(plan.id) == CachedPlan(plan=plan, as_of=later(1))
    assert store.plan("plan-unknown") is None


def test_the_latest_telling_counts_though_the_clock_was_set_back(store: Store) -> None:
    store.put_plan(make_plan(asset="BAT-1"), NOON)
    told = make_plan(asset="BAT-2")
    store.put_plan(told, NOON - timedelta(days=3))
    assert store.plan(told.id) == CachedPlan(plan=told, as_of=NOON - timedelta(days=3))


def test_plans_are_listed_by_id(store: Store) -> None:
    for plan_id in ("plan-b", "plan-c", "plan-a"):
        store.put_plan(make_plan(plan_id), NOON)
    assert [cached.plan.id for cached in store.plans()] == ["plan-a", "plan-b", "plan-c"]


def test_a_damaged_plan_is_logged_and_hides_no_other(store: Store, database: Path, caplog: pytest.LogCaptureFixture) -> None:
    store.put_plan(make_plan("plan-a"), NOON)
    store.put_plan(make_plan("plan-b"), NOON)
    with beside(database) as connection:
        connection.execute("UPDATE plans SET document = '[]' WHERE plan_id = 'plan-a'")
    with caplog.at_level(logging.ERROR):
        assert [cached.plan.id for cached in store.plans()] == ["plan-b"]
    assert "plan-a" in caplog.text


@pytest.mark.parametrize("code", ["plan-a", "PLAN-A", " plan-a ", "BAT-1", "bat-1", "CUST-7"])
def test_codes_of_plans_customers_and_batteries_are_known(store: Store, code: str) -> None:
    store.put_plan(replace(make_plan("plan-a", asset="BAT-1"), customer_id="cust-7"), NOON)
    assert store.knows_code(code)


@pytest.mark.parametrize("code", ["plan", "plan_a", "%", "QGH7X2K9LM", "", "cust-", 'cust-7"'])
def test_other_codes_are_not_known(store: Store, code: str) -> None:
    store.put_plan(replace(make_plan("plan-a", asset="BAT-1"), customer_id="cust-7"), NOON)
    assert not store.knows_code(code)


def test_a_battery_that_was_swapped_here_is_known(store: Store) -> None:
    swapped(store, make_plan(asset="BAT-1"), "BAT-1", "BAT-2")
    assert store.knows_code("bat-2")


@pytest.mark.parametrize("code", ["BAT-9", "bat-9", "C8:47:8C:00:10:01", "BAT-8", "BAT-7", "TXN-1", "txn-1"])
def test_codes_of_bindings_readings_and_swaps_are_known(store: Store, code: str) -> None:
    bound = Binding(
        battery_id="BAT-9",
        address="C8:47:8C:00:10:01",
        family="jk",
        serial="",
        has_secret=False,
        bound_by="SUP-7",
        bound_at=NOON,
        station_id="STATION_XYZ",
    )
    assert isinstance(store, SqlStore)
    store.put_bindings(ToldBindings(bindings=(bound,), unbound=(), cursor="1", more=False), SyncPlace(cursor="1", fresh_at=NOON))
    store.queue_bindings(
        (BindingChange(change_id="CHG-1", battery_id="BAT-8", binding=replace(bound, battery_id="BAT-8"), by="SUP-7", at=NOON),)
    )
    store.queue_reading(KnownReading(reading=reading("BAT-7"), station_id="STATION_XYZ"))
    store.save_swap(begun_swap("TXN-1"), NOON, "begun")
    assert store.knows_code(code)


# ---------------------------------------------------------------- who holds which battery


def swapped(store: Store, plan: ServicePlan, returned: str | None, issued: str) -> Swap:
    """A swap of this plan, completed here."""
    swap = ended_swap(plan=plan, returned=returned, issued=issued)
    store.complete(swap, message_of(swap))
    return swap


def settle(store: Store, swap: Swap) -> None:
    assert store.record_answer(Settled(correlation_id=swap.correlation_id, plan_id=swap.plan.id, raw=b"{}"), NOON)


def refuse(store: Store, swap: Swap) -> None:
    refusal = Rejected(correlation_id=swap.correlation_id, plan_id=swap.plan.id, raw=b"{}", reason="no", signals=())
    assert store.record_answer(refusal, NOON)


def held(store: Store) -> set[str]:
    """What a stranger to all plans may not be given."""
    return set(store.held_batteries(except_plan="stranger"))


def test_other_customers_batteries_are_held_and_the_own_one_is_not(store: Store) -> None:
    store.put_plan(make_plan("plan-1", "BAT-1"), NOON)
    store.put_plan(make_plan("plan-2", " <bat-2> "), NOON)
    store.put_plan(make_plan("plan-3", None), NOON)
    assert store.held_batteries(except_plan="plan-1") == {"BAT-2"}
    assert held(store) == {"BAT-1", "BAT-2"}


@pytest.mark.parametrize("answered", [None, settle, refuse])
def test_a_swap_here_moves_the_battery_before_the_platform_tells_the_plan_again(
    store: Store, answered: Callable[[Store, Swap], None] | None
) -> None:
    plan = make_plan("plan-1", "BAT-1")
    store.put_plan(plan, NOON)
    swap = swapped(store, plan, "BAT-1", "bat-9")
    if answered is not None:
        answered(store, swap)
    assert held(store) == {"BAT-9"}


def test_a_plan_told_before_the_platform_booked_the_swap_does_not_bring_the_old_battery_back(store: Store) -> None:
    plan = make_plan("plan-1", "BAT-1")
    store.put_plan(plan, NOON)
    swap = swapped(store, plan, "BAT-1", "BAT-9")
    store.put_plan(plan, later(60))
    assert held(store) == {"BAT-9"}
    settle(store, swap)
    assert held(store) == {"BAT-9"}


def test_a_plan_told_after_the_swap_was_booked_counts(store: Store) -> None:
    plan = make_plan("plan-1", "BAT-1")
    settle(store, swapped(store, plan, "BAT-1", "BAT-9"))
    store.put_plan(make_plan("plan-1", "BAT-ELSEWHERE"), later(60))
    assert held(store) == {"BAT-ELSEWHERE"}


def test_a_refused_swap_has_still_moved_the_battery(store: Store) -> None:
    plan = make_plan("plan-1", "BAT-1")
    refuse(store, swapped(store, plan, "BAT-1", "BAT-9"))
    store.put_plan(plan, later(60))
    assert held(store) == {"BAT-9"}


def test_a_battery_returned_here_by_another_customer_is_free_whatever_an_old_plan_says(store: Store) -> None:
    store.put_plan(make_plan("plan-1", "BAT-1"), NOON)
    other = make_plan("plan-2", "BAT-1")
    store.put_plan(other, NOON)
    swapped(store, other, "BAT-1", "BAT-9")
    assert held(store) == {"BAT-9"}


def test_a_returned_battery_issued_again_is_held_again(store: Store) -> None:
    first, second = make_plan("plan-1", "BAT-1"), make_plan("plan-2", "BAT-2")
    for plan in (first, second):
        store.put_plan(plan, NOON)
    swapped(store, first, "BAT-1", "BAT-9")
    swapped(store, second, "BAT-2", "BAT-1")
    assert held(store) == {"BAT-9", "BAT-1"}
    swapped(store, second, "BAT-1", "BAT-2")
    assert held(store) == {"BAT-9", "BAT-2"}


def test_the_battery_of_a_first_visit_is_held(store: Store) -> None:
    plan = make_plan("plan-1", None)
    store.put_plan(plan, NOON)
    swapped(store, plan, None, "BAT-9")
    assert held(store) == {"BAT-9"}


def test_batteries_are_looked_up_by_index(sql_store: SqlStore, database: Path) -> None:
    """However long the history, each plan costs a few look-ups in an index, never a walk through all completions."""
    sent: list[tuple[str, tuple[str, ...]]] = []
    event.listen(sql_store._engine, "before_cursor_execute", lambda _c, _k, sql, values, *_: sent.append((sql, values)))
    sql_store.held_batteries(except_plan="plan-1")
    sql, values = next(each for each in sent if each[0].startswith("SELECT"))
    with beside(database) as connection:
        steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    assert [step for step in steps if step.startswith("SCAN")] == ["SCAN plans"]
