"""The outbox: unsettled until answered, refused until resolved, settled for good (decisions 16, 17, 20)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.domain.errors import NotFound
from kiosk.domain.swap.pending_swaps import Answer, Rejected, Settled
from kiosk.domain.swap.swap import Swap
from kiosk.station.events import OutboxChanged
from kiosk.station.ports import OutboxState, Store
from tests.builders import NOON
from tests.station.adapters.store.tables import column, read
from tests.station.adapters.store.values import ended_swap, later, make_plan, message_of


@pytest.fixture
def swap(store: Store) -> Swap:
    """A completed swap, not answered yet."""
    swap = ended_swap()
    store.complete(swap, message_of(swap))
    return swap


def settled(swap: Swap, *, plan_id: str = "") -> Answer:
    """The platform has booked it."""
    return Settled(correlation_id=swap.correlation_id, plan_id=plan_id or swap.plan.id, raw=b'{"signals":["SERVICE_COMPLETED_SUCCESS"]}')


def rejected(swap: Swap, *, plan_id: str = "") -> Answer:
    """The platform has refused it."""
    return Rejected(
        correlation_id=swap.correlation_id,
        plan_id=plan_id or swap.plan.id,
        raw=b'{"signals":["SERVICE_COMPLETION_FAILED"]}',
        reason="the plan has ended",
        signals=("SERVICE_COMPLETION_FAILED",),
    )


def state(store: Store, swap: Swap) -> OutboxState:
    return store.outbox_entry(swap.correlation_id).state


def test_completions_wait_in_the_order_they_were_stored_though_the_clock_was_set_back(store: Store) -> None:
    swaps = [ended_swap(completed_at=later(seconds)) for seconds in (0, -86400, 30)]
    for each in swaps:
        store.complete(each, message_of(each))
    assert [entry.message.correlation_id for entry in store.unsettled()] == [each.correlation_id for each in swaps]


def test_each_sending_is_counted(store: Store, swap: Swap) -> None:
    store.record_sent([(swap.correlation_id, later(1)), (swap.correlation_id, later(20))])
    entry = store.outbox_entry(swap.correlation_id)
    assert (entry.tries, entry.last_sent_at, entry.state) == (2, later(20), OutboxState.UNSETTLED)


def test_an_answer_settles_and_its_bytes_are_kept(store: Store, swap: Swap, database: Path) -> None:
    assert store.record_answer(settled(swap), later(2)) is OutboxState.SETTLED
    assert state(store, swap) is OutboxState.SETTLED
    assert store.unsettled() == ()
    assert read(database, "SELECT answer FROM outbox_steps") == [(b'{"signals":["SERVICE_COMPLETED_SUCCESS"]}',)]
    assert column(database, "SELECT what FROM audit ORDER BY number")[-1] == "settled"


def test_a_refusal_keeps_its_reason_and_is_sent_no_more(store: Store, swap: Swap) -> None:
    assert store.record_answer(rejected(swap), later(2)) is OutboxState.REFUSED
    (entry,) = store.refused()
    assert (entry.state, entry.reason) == (OutboxState.REFUSED, "the plan has ended")
    assert store.unsettled() == ()


@pytest.mark.parametrize("answer", [settled, rejected])
def test_the_same_answer_twice_changes_nothing_the_second_time(
    store: Store, swap: Swap, database: Path, answer: Callable[[Swap], Answer]
) -> None:
    told = answer(swap)
    assert store.record_answer(told, later(2)) is not None
    before = read(database, "SELECT * FROM outbox"), read(database, "SELECT * FROM audit")
    assert store.record_answer(told, later(3)) is None
    assert (read(database, "SELECT * FROM outbox"), read(database, "SELECT * FROM audit")) == before


def test_a_refusal_after_settlement_changes_nothing(store: Store, swap: Swap) -> None:
    store.record_answer(settled(swap), later(2))
    assert store.record_answer(rejected(swap), later(3)) is None
    assert state(store, swap) is OutboxState.SETTLED


def test_a_settlement_after_a_refusal_settles(store: Store, swap: Swap) -> None:
    store.record_answer(rejected(swap), later(2))
    assert store.record_answer(settled(swap), later(3)) is OutboxState.SETTLED
    assert (state(store, swap), store.outbox_entry(swap.correlation_id).reason) == (OutboxState.SETTLED, "")
    assert store.refused() == ()


@pytest.mark.parametrize("late_days", [1, 400])
def test_a_late_answer_settles_all_the_same(store: Store, swap: Swap, late_days: int) -> None:
    assert store.record_answer(settled(swap), later(late_days * 86400)) is OutboxState.SETTLED


def test_an_answer_for_another_plan_or_an_unknown_swap_changes_nothing(store: Store, swap: Swap) -> None:
    assert store.record_answer(settled(swap, plan_id="plan-2"), NOON) is None
    assert store.record_answer(rejected(swap, plan_id="plan-2"), NOON) is None
    assert store.record_answer(settled(ended_swap()), NOON) is None
    assert state(store, swap) is OutboxState.UNSETTLED


def test_a_refused_completion_is_sent_again_with_the_same_bytes(store: Store, swap: Swap) -> None:
    store.record_answer(rejected(swap), later(2))
    store.retry(swap.correlation_id, later(3))
    (entry,) = store.unsettled()
    assert (entry.message, entry.reason) == (message_of(swap), "")
    assert store.record_answer(rejected(swap), later(4)) is OutboxState.REFUSED


def test_a_person_resolves_a_refused_completion_with_a_note(store: Store, swap: Swap, database: Path) -> None:
    store.record_answer(rejected(swap), later(2))
    store.resolve(swap.correlation_id, "booked by hand in the office", later(3))
    entry = store.outbox_entry(swap.correlation_id)
    assert (entry.state, entry.note, entry.reason) == (OutboxState.RESOLVED, "booked by hand in the office", "the plan has ended")
    assert store.refused() == ()
    assert read(database, "SELECT what, detail FROM audit ORDER BY number")[-1] == ("resolved", "booked by hand in the office")


def test_a_resolved_completion_settles_when_the_platform_says_so_and_keeps_its_note(store: Store, swap: Swap) -> None:
    store.record_answer(rejected(swap), later(2))
    store.resolve(swap.correlation_id, "booked by hand", later(3))
    assert store.record_answer(rejected(swap), later(4)) is None
    assert store.record_answer(settled(swap), later(5)) is OutboxState.SETTLED
    entry = store.outbox_entry(swap.correlation_id)
    assert (entry.state, entry.note) == (OutboxState.SETTLED, "booked by hand")


def test_only_a_refused_completion_is_retried_or_resolved(store: Store, swap: Swap) -> None:
    for unfit in (swap.correlation_id, "TXN-NOBODY"):
        with pytest.raises(NotFound):
            store.retry(unfit, NOON)
        with pytest.raises(NotFound):
            store.resolve(unfit, "note", NOON)
    assert state(store, swap) is OutboxState.UNSETTLED


def test_an_unknown_completion_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        store.outbox_entry("TXN-NOBODY")


def test_what_is_pending_of_a_plan_is_what_the_platform_has_not_booked(store: Store) -> None:
    plan = make_plan("plan-7")
    booked, refused, waiting, resolved = (ended_swap(plan=plan) for _ in range(4))
    for each in (booked, refused, waiting, resolved, ended_swap(plan=make_plan("plan-8"))):
        store.complete(each, message_of(each))
    store.record_answer(settled(booked), NOON)
    store.record_answer(rejected(refused), NOON)
    store.record_answer(rejected(resolved), NOON)
    store.resolve(resolved.correlation_id, "done", NOON)
    assert store.pending_completions("plan-7") == (refused, waiting)


def test_of_each_plan_the_oldest_is_to_send_and_what_was_sent_least_comes_first(store: Store) -> None:
    first, second, third = (make_plan(f"plan-{number}") for number in (1, 2, 3))
    swaps = [ended_swap(plan=plan) for plan in (first, first, second, third)]
    for each in swaps:
        store.complete(each, message_of(each))
    store.record_sent([(swaps[0].correlation_id, later(1))])
    expected = [swaps[2].correlation_id, swaps[3].correlation_id, swaps[0].correlation_id]
    assert [entry.message.correlation_id for entry in store.to_send(10)] == expected
    assert [entry.message.correlation_id for entry in store.to_send(1)] == expected[:1]


def test_what_waits_is_counted_with_the_age_of_the_oldest(store: Store) -> None:
    assert store.outbox_counts() == OutboxChanged(unsettled=0, oldest=None, refused=0)
    swaps = [ended_swap(completed_at=later(seconds)) for seconds in (0, 10, 20)]
    for each in swaps:
        store.complete(each, message_of(each))
    store.record_answer(rejected(swaps[0]), NOON)
    assert store.outbox_counts() == OutboxChanged(unsettled=2, oldest=later(10), refused=1)
