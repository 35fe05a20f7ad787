"""The journal: every step kept, a swap ended once."""

import logging
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from kiosk.domain.errors import NotFound, StoreFailed
from kiosk.station.ports import KeptSwap, OutboxState, Store
from tests.builders import NOON, reading
from tests.station.adapters.store.tables import beside, column, counts, read
from tests.station.adapters.store.values import begun_swap, ended_swap, later, make_payment, message_of


def test_a_step_comes_back_to_the_digit(store: Store) -> None:
    swap = replace(ended_swap(payment=make_payment()), completed_at=None, inspection="cracked case")
    store.save_swap(swap, later(3), "payment recorded")
    assert store.kept_swaps() == (KeptSwap(swap=swap, saved_at=later(3), set_aside=False),)


def test_the_last_step_is_the_one_that_counts(store: Store, database: Path) -> None:
    swap = begun_swap()
    further = replace(swap, incoming=reading())
    store.save_swap(swap, NOON, "identified")
    store.save_swap(further, later(1), "returned")
    assert [kept.swap for kept in store.kept_swaps()] == [further]
    assert read(database, "SELECT what, correlation_id FROM audit ORDER BY number") == [
        ("identified", swap.correlation_id),
        ("returned", swap.correlation_id),
    ]


def test_a_swap_set_aside_says_so_until_it_goes_on(store: Store) -> None:
    swap = begun_swap()
    store.save_swap(swap, NOON, "kept for later", set_aside=True)
    assert [kept.set_aside for kept in store.kept_swaps()] == [True]
    store.save_swap(swap, later(1), "resumed")
    assert [kept.set_aside for kept in store.kept_swaps()] == [False]


def test_kept_swaps_come_newest_first_though_the_clock_was_set_back(store: Store) -> None:
    first, second = begun_swap(), begun_swap()
    store.save_swap(first, NOON, "identified")
    store.save_swap(second, NOON - timedelta(days=400), "identified")
    assert [kept.swap for kept in store.kept_swaps()] == [second, first]


def test_times_come_back_in_utc_whatever_zone_they_were_told_in(store: Store) -> None:
    there = NOON.astimezone(timezone(timedelta(hours=3)))
    store.save_swap(begun_swap(), there, "identified")
    (kept,) = store.kept_swaps()
    assert kept.saved_at == NOON
    assert kept.saved_at.utcoffset() == timedelta(0)


def test_a_left_swap_is_offered_no_more_and_stays_with_its_reason(store: Store, database: Path) -> None:
    swap = begun_swap()
    store.save_swap(swap, NOON, "identified")
    store.leave_swap(swap.correlation_id, later(9), "the customer went away")
    assert store.kept_swaps() == ()
    assert read(database, "SELECT status, reason FROM swaps") == [("left", "the customer went away")]
    assert read(database, "SELECT what, detail FROM audit ORDER BY number")[-1] == ("left", "the customer went away")


def test_only_a_swap_in_progress_can_be_left(store: Store) -> None:
    swap = ended_swap()
    store.complete(swap, message_of(swap))
    for unknown in (swap.correlation_id, "TXN-NOBODY"):
        with pytest.raises(NotFound):
            store.leave_swap(unknown, NOON, "no reason")
    assert store.completed_swap(swap.correlation_id).swap == swap


@pytest.mark.parametrize("ending", ["completed", "left"])
def test_a_late_step_of_an_ended_swap_changes_nothing(store: Store, database: Path, ending: str) -> None:
    swap = ended_swap()
    store.save_swap(replace(swap, completed_at=None), NOON, "review")
    if ending == "completed":
        store.complete(swap, message_of(swap))
    else:
        store.leave_swap(swap.correlation_id, NOON, "no reason")
    before = read(database, "SELECT * FROM swaps")
    with pytest.raises(StoreFailed, match=ending):
        store.save_swap(replace(swap, completed_at=None), later(1), "went back")
    with pytest.raises(StoreFailed, match=ending):
        store.complete(replace(swap, completed_at=later(1)), message_of(swap))
    assert read(database, "SELECT * FROM swaps") == before


def test_a_completed_swap_is_swap_message_and_audit_entry(store: Store, database: Path) -> None:
    swap = ended_swap()
    store.save_swap(replace(swap, completed_at=None), NOON, "review")
    store.complete(swap, message_of(swap, b"\x00exact bytes\xff"))
    assert counts(database) == (1, 1, 1)
    assert store.kept_swaps() == ()
    (entry,) = store.unsettled()
    assert entry.message == message_of(swap, b"\x00exact bytes\xff")
    assert (entry.state, entry.created_at, entry.tries, entry.last_sent_at) == (OutboxState.UNSETTLED, swap.completed_at, 0, None)


def test_a_swap_can_complete_without_an_earlier_step(store: Store, database: Path) -> None:
    swap = ended_swap()
    store.complete(swap, message_of(swap))
    assert counts(database) == (1, 1, 1)


def test_the_same_correlation_id_completes_once(store: Store, database: Path) -> None:
    swap = ended_swap()
    store.complete(swap, message_of(swap))
    with pytest.raises(StoreFailed, match="completed already"):
        store.complete(swap, message_of(swap, b"other bytes"))
    assert counts(database) == (1, 1, 1)
    assert store.outbox_entry(swap.correlation_id).message == message_of(swap)


def test_a_completion_without_its_end_or_with_another_swaps_message_is_a_bug(store: Store, database: Path) -> None:
    swap, other = ended_swap(), ended_swap()
    with pytest.raises(ValueError, match="no end"):
        store.complete(replace(swap, completed_at=None), message_of(swap))
    with pytest.raises(ValueError, match="not of the swap"):
        store.complete(swap, message_of(other))
    assert counts(database) == (0, 0, 0)


def test_a_damaged_journal_is_logged_and_hides_no_other(store: Store, database: Path, caplog: pytest.LogCaptureFixture) -> None:
    sound, damaged = begun_swap(), begun_swap()
    store.save_swap(sound, NOON, "identified")
    store.save_swap(damaged, NOON, "identified")
    with beside(database) as connection:
        connection.execute("UPDATE swaps SET journal = '{\"half' WHERE correlation_id = ?", (damaged.correlation_id,))
    with caplog.at_level(logging.ERROR):
        assert [kept.swap for kept in store.kept_swaps()] == [sound]
    assert damaged.correlation_id in caplog.text
    assert column(database, "SELECT count(*) FROM swaps") == [2]
