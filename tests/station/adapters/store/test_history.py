"""Completed swaps and their prints."""

import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.domain.errors import NotFound, StoreFailed
from kiosk.domain.swap.pending_swaps import Rejected
from kiosk.station.ports import CompletedSwap, OutboxState, Store
from tests.builders import NOON
from tests.station.adapters.store.tables import beside, column
from tests.station.adapters.store.values import begun_swap, ended_swap, later, make_payment, message_of


def test_history_is_newest_first_though_the_clock_was_set_back(store: Store) -> None:
    swaps = [ended_swap(completed_at=NOON - timedelta(days=days)) for days in (0, 300, 2)]
    for each in swaps:
        store.complete(each, message_of(each))
    assert [done.swap for done in store.history()] == swaps[::-1]
    assert [done.swap for done in store.history(2)] == swaps[:0:-1]


def test_a_swap_begun_first_and_completed_last_is_the_newest(store: Store) -> None:
    early, late = ended_swap(), ended_swap()
    store.save_swap(replace(early, completed_at=None), NOON, "review")
    store.complete(late, message_of(late))
    store.complete(early, message_of(early))
    assert [done.swap for done in store.history()] == [early, late]


def test_history_is_of_completed_swaps_only(store: Store) -> None:
    left = begun_swap()
    store.save_swap(begun_swap(), NOON, "identified")
    store.save_swap(left, NOON, "identified")
    store.leave_swap(left.correlation_id, NOON, "no reason")
    assert store.history() == ()
    for unfit in (left.correlation_id, "TXN-NOBODY"):
        with pytest.raises(NotFound):
            store.completed_swap(unfit)
        with pytest.raises(NotFound):
            store.count_copy(unfit, NOON)


def test_a_completed_swap_comes_back_whole_with_its_standing(store: Store) -> None:
    swap = ended_swap(payment=make_payment())
    store.complete(swap, message_of(swap))
    assert store.completed_swap(swap.correlation_id) == CompletedSwap(swap=swap, state=OutboxState.UNSETTLED)
    store.record_answer(
        Rejected(correlation_id=swap.correlation_id, plan_id=swap.plan.id, raw=b"{}", reason="no such battery", signals=()), later(1)
    )
    assert store.completed_swap(swap.correlation_id) == CompletedSwap(swap=swap, state=OutboxState.REFUSED, reason="no such battery")


def test_copies_are_counted_from_the_second_print(store: Store, database: Path) -> None:
    swap = ended_swap()
    store.complete(swap, message_of(swap))
    assert [store.count_copy(swap.correlation_id, later(each)) for each in range(3)] == [0, 1, 2]
    assert store.completed_swap(swap.correlation_id).copies == 2
    assert column(database, "SELECT detail FROM audit WHERE what = 'printed' ORDER BY number") == ["", "copy 1", "copy 2"]


def test_a_damaged_swap_is_logged_and_hides_no_other(store: Store, database: Path, caplog: pytest.LogCaptureFixture) -> None:
    sound, damaged = ended_swap(), ended_swap()
    for each in (sound, damaged):
        store.complete(each, message_of(each))
    with beside(database) as connection:
        connection.execute("UPDATE swaps SET journal = 'null' WHERE correlation_id = ?", (damaged.correlation_id,))
    with caplog.at_level(logging.ERROR):
        assert [done.swap for done in store.history()] == [sound]
    assert damaged.correlation_id in caplog.text
    with pytest.raises(StoreFailed, match="cannot be read"):
        store.completed_swap(damaged.correlation_id)


def test_an_audit_entry_stands_on_its_own(store: Store, database: Path) -> None:
    store.audit(later(1), "supervisor signed in", detail="SUP-1")
    with beside(database) as connection:
        found = connection.execute("SELECT at, what, correlation_id, detail FROM audit").fetchall()
    assert found == [("2025-01-15 10:30:01.000000", "supervisor signed in", "", "SUP-1")]
