"""Workers that want the same at the same time, requests that share a transaction, and a database that goes away: one booking each."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, text

from kiosk.domain.errors import StoreFailed
from kiosk.platform.agent.decision import Decider
from kiosk.platform.agent.request_handler import BatchResult
from kiosk.platform.agent.wire_messages import Incoming
from kiosk.platform.store.repository import OrphanWatch
from kiosk.platform.store.retry import retry
from kiosk.platform.store.store_values import Decision, Known
from kiosk.shared.sql import engine
from kiosk.wire.exact_json import dumps, loads
from tests.builders import NOON, plan_of, plan_with
from tests.platform.agent_counter import (
    OTHER_SWAP,
    PLAN,
    SWAP,
    Counter,
    Where,
    answer_in,
    completion,
    count,
    open_counter,
    paid,
    payment,
    rows,
)
from tests.postgres import Postgres

COMPLETE, PAY = "complete_service", "process_payment"
REPEATED = "IDEMPOTENT_OPERATION_DETECTED"
DONE = "SERVICE_COMPLETED_SUCCESS"
OTHER_PLAN = "another-plan"


@pytest.fixture
def two(books: Where) -> Iterator[tuple[Counter, Counter]]:
    """Two workers with connections of their own on one database."""
    with ExitStack() as stack:
        first, second = (stack.enter_context(open_counter(books)) for _each in range(2))
        first.store.insert_plan(plan_of(id=OTHER_PLAN), NOON)
        yield first, second


def at_once[T](*calls: Callable[[], T]) -> list[T]:
    """All in threads of their own, begun together."""
    begin = threading.Barrier(len(calls))

    def call(each: Callable[[], T]) -> T:
        begin.wait(10)
        return each()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


def incoming(body: dict[str, Any], plan_id: str = PLAN, step: str = COMPLETE) -> Incoming:
    return Incoming(topic=f"call/uxi/attendant/plan/{plan_id}/{step}", payload=dumps(body))


def identification(plan_id: str) -> Incoming:
    facts = {"action": "IDENTIFY_CUSTOMER", "qr_code_data": plan_id, "attendant_station": "STATION_XYZ"}
    body = {"timestamp": "2025-01-15T10:30:00Z", "plan_id": plan_id, "correlation_id": "TXN-ask", "actor": {}, "data": facts}
    return Incoming(topic=f"emit/uxi/attendant/plan/{plan_id}/identify_customer", payload=dumps(body))


def signals(handled: BatchResult) -> list[list[str]]:
    return [list(answer_in(each)["signals"]) for each in handled.responses]


def test_two_workers_that_get_the_same_swap_book_it_once(two: tuple[Counter, Counter], books: Where) -> None:
    first, second = two
    answers = at_once(lambda: first.ask(COMPLETE, completion()), lambda: second.ask(COMPLETE, completion()))
    assert sorted(REPEATED in each["signals"] for each in answers) == [False, True]
    assert (count(books, "service_events"), count(books, "outgoing_events")) == (1, 1)


def test_two_swaps_of_one_battery_at_two_workers_are_one_swap_and_one_refusal(two: tuple[Counter, Counter], books: Where) -> None:
    first, second = two
    other = completion(correlation_id=OTHER_SWAP, outgoing_battery_id="BAT-3", attendant_station="STATION_ABC")
    answers = at_once(lambda: first.ask(COMPLETE, completion()), lambda: second.ask(COMPLETE, other))
    assert sorted(each["signals"][0] == DONE for each in answers) == [False, True]
    assert rows(books, "SELECT count(*) FROM platform_service_events") == [(1,)]
    assert rows(books, "SELECT plan_id, times FROM platform_refusals") == [(PLAN, 1)]


def test_payments_of_one_plan_at_two_workers_are_all_booked(two: tuple[Counter, Counter], books: Where) -> None:
    def pay(number: int) -> dict[str, Any]:
        return two[number % 2].ask(PAY, payment(receipt_id=f"PAY-{number}", correlation_id=f"TXN-{number}"))

    answers = at_once(*(lambda number=number: pay(number) for number in range(8)))
    assert [each["signals"] for each in answers] == [["PAYMENT_PROCESSED_SUCCESS"]] * 8
    assert count(books, "payment_events") == count(books, "outgoing_events") == 8


def test_one_receipt_shown_for_two_plans_at_two_workers_pays_one(two: tuple[Counter, Counter], books: Where) -> None:
    for each in (PLAN, OTHER_PLAN):
        two[0].store.put_plan(plan_of(id=each, service_states=plan_with(used_kwh="390").service_states), NOON)
    other = paid(correlation_id=OTHER_SWAP)
    answers = at_once(lambda: two[0].ask(COMPLETE, paid()), lambda: two[1].ask(COMPLETE, other, OTHER_PLAN))
    assert sorted(each["signals"][0] for each in answers) == [DONE, "SERVICE_COMPLETION_FAILED"]
    assert (count(books, "payment_events"), count(books, "service_events")) == (1, 1)


def test_batches_that_hold_the_same_plans_in_another_order_wait_for_each_other_and_not_for_ever(
    two: tuple[Counter, Counter], books: Where
) -> None:
    plans = [f"plan-{number}" for number in range(6)]
    for each in plans:
        two[0].store.insert_plan(plan_of(id=each), NOON)

    def handle(worker: Counter, order: list[str]) -> BatchResult:
        return worker.handler.handle_all([incoming(completion(correlation_id=f"TXN-{each}"), each) for each in order])

    handled = at_once(lambda: handle(two[0], plans), lambda: handle(two[1], plans[::-1]))
    assert sorted(REPEATED in each for one in handled for each in signals(one)) == [False] * 6 + [True] * 6
    assert count(books, "service_events") == 6


# ------------------------------------------------------------ one transaction for many


def test_requests_that_share_a_transaction_see_each_other(counter: Counter, books: Where) -> None:
    swap = completion()
    then = completion(correlation_id=OTHER_SWAP, incoming_battery_id="BAT-67890", outgoing_battery_id="BAT-3", outgoing_kwh=5)
    handled = counter.handler.handle_all([incoming(swap), incoming(swap), incoming(then), incoming({**swap, "outgoing_kwh": 31})])
    assert signals(handled) == [[DONE], [DONE, REPEATED], [DONE], ["SERVICE_COMPLETION_FAILED"]]
    assert [len(each.events) for each in handled.responses] == [1, 0, 1, 0]
    assert all(event.number for each in handled.responses for event in each.events)
    assert rows(books, "SELECT version, current_asset, station_id FROM platform_plans") == [(2, "BAT-3", "STATION_XYZ")]
    assert rows(books, "SELECT correlation_id FROM platform_service_events ORDER BY number") == [(SWAP,), (OTHER_SWAP,)]


def test_a_receipt_shown_twice_in_one_transaction_pays_once(counter: Counter, books: Where) -> None:
    asked = [incoming(payment(correlation_id=each), step=PAY) for each in (SWAP, OTHER_SWAP)]
    assert [each[0] for each in signals(counter.handler.handle_all(asked))] == ["PAYMENT_PROCESSED_SUCCESS", "PAYMENT_FAILED"]
    assert count(books, "payment_events") == 1


@pytest.mark.parametrize("document", ["{}", '{"id": 1'])
def test_a_stored_plan_that_cannot_be_read_leaves_those_beside_it_answered(counter: Counter, books: Where, document: str) -> None:
    counter.store.insert_plan(plan_of(id="spoilt"), NOON)
    with counter.store.writing() as connection:
        connection.execute(text("UPDATE platform_plans SET document = :document WHERE plan_id = 'spoilt'"), {"document": document})
    asked = [
        incoming(paid(correlation_id="TXN-spoilt"), "spoilt"),
        incoming(completion(), PLAN),
        identification("spoilt"),
        identification(PLAN),
        incoming(payment(correlation_id="TXN-other"), PLAN, PAY),
    ]
    replies = counter.handler.handle_all(asked).responses
    assert [each.answer is not None for each in replies] == [False, True, False, True, True]
    assert (count(books, "service_events"), count(books, "payment_events")) == (1, 1)


def test_a_bug_in_one_request_leaves_those_beside_it_answered(
    counter: Counter, books: Where, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    decide = Decider.decide

    def decide_with_a_bug(decider: Decider, known: Known) -> Decision:
        if decider.parsed.plan_id == OTHER_PLAN:
            raise RuntimeError("a bug")
        return decide(decider, known)

    monkeypatch.setattr(Decider, "decide", decide_with_a_bug)
    counter.store.insert_plan(plan_of(id=OTHER_PLAN), NOON)
    bad = incoming(completion(correlation_id=OTHER_SWAP), OTHER_PLAN)
    handled = counter.handler.handle_all([bad, incoming(completion()), Incoming(topic="call/nobody", payload=b"")])
    assert [each.answer is None for each in handled.responses] == [True, False, True]
    assert len(handled.responses[1].events) == 1
    assert "was not handled" in caplog.text
    assert count(books, "transactions") == 1


def test_a_refusal_is_kept_until_the_same_id_is_booked(counter: Counter, books: Where) -> None:
    refused = incoming(completion(incoming_battery_id="BAT-9"))
    for _each in range(2):
        counter.handler.handle_all([refused, refused])
    ((times, station, attendant, reason),) = rows(books, "SELECT times, station_id, attendant_id, reason FROM platform_refusals")
    assert (times, station, attendant) == (4, "STATION_XYZ", "ATT-001")
    assert "BAT-9" in reason
    counter.ask(COMPLETE, completion())
    assert count(books, "refusals") == 0


def test_a_swap_on_an_unknown_plan_is_among_the_refusals(counter: Counter, books: Where) -> None:
    counter.ask(COMPLETE, completion(), "no-such-plan")
    ((plan, reason),) = rows(books, "SELECT plan_id, reason FROM platform_refusals")
    assert plan == "no-such-plan"
    assert reason


# ------------------------------------------------------------ events of others


def test_events_of_a_worker_that_is_gone_are_adopted_at_the_second_look_by_one(two: tuple[Counter, Counter], books: Where) -> None:
    dead, first = two
    dead.ask(COMPLETE, completion())
    with open_counter(books) as second:
        stores = (first.store, second.store)
        watches = [OrphanWatch(each) for each in stores]
        for each in watches:
            each.look()
        assert [each.to_publish() for each in stores] == [(), ()]
        for each in watches:
            each.look()
        (event,) = [event for each in stores for event in each.to_publish()]
    assert event.event_id == f"EVT-SVC-{SWAP}"


def test_events_that_move_on_are_no_orphans(two: tuple[Counter, Counter]) -> None:
    busy, other = two
    watch = OrphanWatch(other.store)
    for number in range(3):
        reply = busy.send(PAY, payment(receipt_id=f"PAY-{number}", correlation_id=f"TXN-{number}"))
        watch.look()
        busy.store.record_published([each.number for each in reply.events], NOON)
    assert other.store.to_publish() == ()


# ------------------------------------------------------------ a database that goes away


def test_a_deadlock_is_begun_again(postgres: Postgres) -> None:
    with open_counter(postgres.database()) as counter:
        counter.store.insert_plan(plan_of(id=OTHER_PLAN), NOON)
        both = threading.Barrier(2)

        def lock(order: tuple[str, str]) -> Callable[[], int]:
            tries: list[int] = []

            def work(connection: Connection) -> int:
                tries.append(1)
                for number, each in enumerate(order):
                    connection.execute(text("SELECT 1 FROM platform_plans WHERE plan_id = :plan FOR UPDATE"), {"plan": each})
                    if number == 0 and len(tries) == 1:
                        both.wait(10)
                return len(tries)

            return lambda: retry(counter.store, work)

        tries = at_once(lock((PLAN, OTHER_PLAN)), lock((OTHER_PLAN, PLAN)))
        assert max(tries) > 1  # both came through, and at least one had to begin again; which, and how often, is the server's choice


def test_a_plan_that_another_worker_holds_on_to_is_given_up_and_later_booked(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(engine._LIMITS, "lock_timeout", "500ms")
    url = postgres.database()
    name = url.split("/")[3].split("?")[0]
    with open_counter(url) as counter:
        with psycopg.connect(postgres.conninfo(name)) as hanging:
            hanging.execute("SELECT 1 FROM platform_plans FOR UPDATE")
            assert counter.send(COMPLETE, completion()).answer is None
        assert counter.ask(COMPLETE, completion())["signals"] == [DONE]


def test_a_database_that_comes_back_is_used_again(own_postgres: Postgres) -> None:
    with open_counter(own_postgres.database()) as counter:
        own_postgres.kill()
        assert counter.send(COMPLETE, completion()).answer is None
        with pytest.raises(StoreFailed):
            counter.store.plan(PLAN)
        own_postgres.start()
        assert counter.ask(COMPLETE, completion())["signals"] == [DONE]
        own_postgres.kill()
        own_postgres.start()  # while nobody asked: the connections are stale
        again = counter.send(COMPLETE, completion())
        assert again.answer is not None
        assert loads(again.answer.payload)["signals"] == [DONE, REPEATED]
