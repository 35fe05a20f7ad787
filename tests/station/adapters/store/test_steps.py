"""A completion of several steps: one entry, gone through step by step, resumable at each (decision 21)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Barrier

import pytest

from kiosk.domain.swap.pending_swaps import Rejected, Settled
from kiosk.domain.swap.swap import Swap
from kiosk.shared.sql.engine import Database, make_engine
from kiosk.station.adapters.store.migrations import revisions
from kiosk.station.adapters.store.sql_store import open_store
from kiosk.station.ports import OutboxState, OutgoingMessage, Store
from kiosk.wire.stored_documents import swap_to_json
from tests.builders import NOON
from tests.postgres import Postgres
from tests.station.adapters.store.tables import beside, column, counts, read
from tests.station.adapters.store.values import ended_swap, later, message_of

CHECKIN, CHECKOUT, REPORT = STEPS = ("EQUIPMENT_CHECKIN", "EQUIPMENT_CHECKOUT", "REPORT_ATTENDANT_ACTIVITY")
UNSETTLED, SETTLED, REFUSED, RESOLVED = OutboxState
ROUNDS = 20


def messages_of(swap: Swap, *actions: str) -> list[OutgoingMessage]:
    return [replace(message_of(swap), topic=f"call/{each}", payload=each.encode(), action=each) for each in actions or STEPS]


def done(swap: Swap, action: str) -> Settled:
    return Settled(correlation_id=swap.correlation_id, plan_id=swap.plan.id, raw=b"yes", action=action)


def refused(swap: Swap, action: str) -> Rejected:
    return Rejected(
        correlation_id=swap.correlation_id, plan_id=swap.plan.id, raw=b"no", reason="the plan has ended", signals=(), action=action
    )


@pytest.fixture
def swap(store: Store) -> Swap:
    """A swap whose completion has three steps."""
    swap = ended_swap()
    store.complete(swap, *messages_of(swap))
    return swap


def waiting(store: Store, swap: Swap) -> tuple[str, OutboxState, int]:
    """The step that waits, where the completion stands, and how many steps follow."""
    entry = store.outbox_entry(swap.correlation_id)
    assert entry.message in [*messages_of(swap), message_of(swap)]
    return entry.message.action, entry.state, entry.steps_after


def test_each_success_moves_on_by_one_step_and_the_last_settles(store: Store, swap: Swap) -> None:
    assert waiting(store, swap) == (CHECKIN, UNSETTLED, 2)
    assert store.record_answer(done(swap, CHECKIN), NOON) is UNSETTLED
    assert waiting(store, swap) == (CHECKOUT, UNSETTLED, 1)
    assert [each.message.action for each in store.to_send(9)] == [CHECKOUT]
    assert store.record_answer(done(swap, CHECKOUT), NOON) is UNSETTLED
    assert store.record_answer(done(swap, REPORT), NOON) is SETTLED
    assert waiting(store, swap) == (REPORT, SETTLED, 0)
    assert store.to_send(9) == ()


def test_a_swap_of_several_steps_is_one_entry_everywhere(store: Store, swap: Swap, database: Path) -> None:
    assert len(store.unsettled()) == len(store.history()) == len(store.pending_completions(swap.plan.id)) == 1
    assert store.outbox_counts().unsettled == 1
    store.record_answer(done(swap, CHECKIN), NOON)
    assert store.outbox_counts().unsettled == 1
    assert counts(database) == (1, 1, 1)


def test_each_steps_bytes_and_answer_are_kept(store: Store, swap: Swap, database: Path) -> None:
    store.record_answer(done(swap, CHECKIN), later(1))
    store.record_answer(refused(swap, CHECKOUT), later(2))
    rows = read(database, "SELECT action, payload, answer, closed_at IS NOT NULL FROM outbox_steps ORDER BY position")
    assert rows == [(CHECKIN, CHECKIN.encode(), b"yes", 1), (CHECKOUT, CHECKOUT.encode(), b"no", 0), (REPORT, REPORT.encode(), None, 0)]
    assert column(database, "SELECT what FROM audit ORDER BY number") == ["completed", "step done", "refused"]


@pytest.mark.parametrize("action", [CHECKOUT, REPORT])
def test_an_answer_to_a_step_that_is_not_sent_yet_changes_nothing(store: Store, swap: Swap, action: str) -> None:
    assert store.record_answer(done(swap, action), NOON) is None
    assert store.record_answer(refused(swap, action), NOON) is None
    assert waiting(store, swap) == (CHECKIN, UNSETTLED, 2)


def test_an_answer_to_a_step_that_is_done_changes_nothing(store: Store, swap: Swap) -> None:
    store.record_answer(done(swap, CHECKIN), NOON)
    assert store.record_answer(done(swap, CHECKIN), NOON) is None
    assert store.record_answer(refused(swap, CHECKIN), NOON) is None
    assert waiting(store, swap) == (CHECKOUT, UNSETTLED, 1)


def test_a_refusal_stops_the_sequence_and_a_retry_goes_on_at_that_step(store: Store, swap: Swap) -> None:
    store.record_answer(done(swap, CHECKIN), NOON)
    assert store.record_answer(refused(swap, CHECKOUT), NOON) is REFUSED
    assert waiting(store, swap) == (CHECKOUT, REFUSED, 1)
    assert store.to_send(9) == ()
    store.retry(swap.correlation_id, later(1))
    assert waiting(store, swap) == (CHECKOUT, UNSETTLED, 1)


def test_a_success_after_the_refusal_of_a_step_goes_on(store: Store, swap: Swap) -> None:
    store.record_answer(refused(swap, CHECKIN), NOON)
    assert store.record_answer(done(swap, CHECKIN), NOON) is UNSETTLED
    entry = store.outbox_entry(swap.correlation_id)
    assert (entry.message.action, entry.reason) == (CHECKOUT, "")


def test_what_a_person_has_resolved_goes_on_by_itself_no_more(store: Store, swap: Swap) -> None:
    store.record_answer(refused(swap, CHECKIN), NOON)
    store.resolve(swap.correlation_id, "booked by hand", NOON)
    assert store.record_answer(done(swap, CHECKIN), NOON) is None
    assert waiting(store, swap) == (CHECKIN, RESOLVED, 2)


def rolled_back_swap(store: Store) -> Swap:
    """COMPLETE_SERVICE was refused and the older steps stand in its place."""
    swap = ended_swap()
    store.complete(swap, message_of(swap))
    assert store.record_answer(refused(swap, "COMPLETE_SERVICE"), NOON, messages_of(swap)) is UNSETTLED
    return swap


def test_steps_instead_of_a_refused_one_are_stored_with_the_refusal(store: Store, database: Path) -> None:
    swap = rolled_back_swap(store)
    assert waiting(store, swap) == (CHECKIN, UNSETTLED, 2)
    assert read(database, "SELECT what, detail FROM audit")[-1] == ("goes on by the older sequence", "the plan has ended")
    assert store.record_answer(refused(swap, "COMPLETE_SERVICE"), NOON, messages_of(swap)) is None, "another process had the same answer"
    assert column(database, "SELECT count(*) FROM outbox_steps") == [4]


@pytest.mark.parametrize("so_far", [0, 1, 2])
def test_the_platforms_late_word_that_all_is_booked_settles_whatever_step_waits(store: Store, so_far: int) -> None:
    swap = rolled_back_swap(store)
    for action in STEPS[:so_far]:
        store.record_answer(done(swap, action), NOON)
    assert store.record_answer(done(swap, "COMPLETE_SERVICE"), NOON) is SETTLED
    assert store.to_send(9) == ()


def test_of_a_plan_the_next_completion_waits_for_all_steps_of_the_one_before(store: Store, swap: Swap) -> None:
    second = ended_swap()
    store.complete(second, message_of(second))
    for action in STEPS:
        assert [each.message.action for each in store.to_send(9)] == [action]
        store.record_answer(done(swap, action), NOON)
    assert [each.message for each in store.to_send(9)] == [message_of(second)]


def test_the_steps_are_gone_through_on_postgresql_as_well(postgres: Postgres) -> None:
    store = open_store(postgres.database())
    swap = rolled_back_swap(store)
    for action in STEPS[:2]:
        assert [each.message.action for each in store.to_send(9)] == [action]
        store.record_sent([(swap.correlation_id, NOON)])
        assert store.record_answer(done(swap, action), NOON) is UNSETTLED
    assert store.record_answer(refused(swap, REPORT), NOON) is REFUSED
    store.retry(swap.correlation_id, NOON)
    assert store.record_answer(done(swap, REPORT), NOON) is SETTLED
    assert [(each.swap, each.state) for each in store.history()] == [(swap, SETTLED)]
    store.close()


def test_two_processes_that_hear_the_same_refusal_replace_it_once_on_postgresql(postgres: Postgres) -> None:
    url = postgres.database()
    stores = open_store(url), open_store(url)
    with ThreadPoolExecutor(2) as pool:
        for _round in range(ROUNDS):
            swap, together = ended_swap(), Barrier(2)
            stores[0].complete(swap, message_of(swap))

            def hear(store: Store, swap: Swap = swap, together: Barrier = together) -> OutboxState | None:
                together.wait(10)
                return store.record_answer(refused(swap, message_of(swap).action), NOON, messages_of(swap))

            assert {*pool.map(hear, stores)} == {UNSETTLED, None}
            assert waiting(stores[0], swap) == (CHECKIN, UNSETTLED, 2)
    for each in stores:
        each.close()


# ---------------------------------------------------------------- databases of before


def insert_as_before(database: Path, swap: Swap, state: str, answered_at: datetime | None) -> None:
    """A completion as the schema of before held it: its message in the outbox."""
    message, at = message_of(swap), NOON.strftime("%Y-%m-%d %H:%M:%S.%f")
    with beside(database) as connection:
        connection.execute(
            "INSERT INTO swaps (correlation_id, status, saved_at, journal) VALUES (?, 'completed', ?, ?)",
            (swap.correlation_id, at, str(swap_to_json(swap))),
        )
        connection.execute(
            "INSERT INTO outbox (correlation_id, plan_id, topic, payload, outgoing_battery_id, state, created_at, answer, answered_at)"
            " VALUES (?, ?, ?, ?, 'BAT-67890', ?, ?, ?, ?)",
            (
                swap.correlation_id,
                swap.plan.id,
                message.topic,
                message.payload,
                state,
                at,
                b"answer" if answered_at else None,
                at if answered_at else None,
            ),
        )


def test_completions_of_before_go_on_where_they_stood_with_the_same_bytes(database: Path) -> None:
    old = Database(make_engine(database))
    with old.writing() as connection:
        revisions().migrate(connection, "0002")
    old.close()
    swaps = {state: ended_swap() for state in OutboxState}
    for state, swap in swaps.items():
        insert_as_before(database, swap, state.value, None if state is UNSETTLED else NOON)
    store = open_store(database)
    for state, swap in swaps.items():
        entry = store.outbox_entry(swap.correlation_id)
        assert (entry.message, entry.state, entry.steps_after) == (message_of(swap), state, 0)
        assert store.completed_swap(swap.correlation_id).swap == swap
    assert [each.message for each in store.to_send(9)] == [message_of(swaps[UNSETTLED])]
    store.retry(swaps[REFUSED].correlation_id, NOON)
    for state in (UNSETTLED, REFUSED, RESOLVED):
        assert store.record_answer(done(swaps[state], "COMPLETE_SERVICE"), NOON) is SETTLED
    assert store.record_answer(done(swaps[SETTLED], "COMPLETE_SERVICE"), NOON) is None
    store.close()
