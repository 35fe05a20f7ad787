"""The outbox with a heap to deliver, and with answers that are not for it (decisions 17, 18)."""

from dataclasses import replace

from kiosk.station.events import SwapAnswered
from kiosk.station.ports import OutboxState
from kiosk.station.services.outbox import MAX_IN_FLIGHT
from tests.station.adapters.store.values import ended_swap, make_plan, message_of
from tests.station.services.conftest import Counter
from tests.station.services.test_outbox import running, until

HEAP = 3 * MAX_IN_FLIGHT


def heap_up(counter: Counter) -> None:
    """Completions of as many plans, from a long time offline."""
    for number in range(HEAP):
        swap = ended_swap(plan=make_plan(f"plan-{number}"), issued=f"BAT-{number}")
        counter.store.complete(swap, message_of(swap))


def tries_of(counter: Counter) -> int:
    return sum(entry.tries for entry in counter.store.unsettled())


def words(counter: Counter) -> list[SwapAnswered]:
    return [event for event in counter.events if isinstance(event, SwapAnswered)]


async def test_a_heap_leaves_in_small_lots(counter: Counter) -> None:
    heap_up(counter)
    async with running(counter):
        await until(lambda: len(counter.channel.sent) >= MAX_IN_FLIGHT)
        assert len(counter.channel.sent) == MAX_IN_FLIGHT
        for message in counter.channel.sent[:5]:
            counter.channel.settle(message)
        await until(lambda: len(counter.channel.sent) == MAX_IN_FLIGHT + 5)


async def test_a_heap_is_delivered_to_the_last(counter: Counter) -> None:
    heap_up(counter)
    async with running(counter):
        for number in range(HEAP):
            await until(lambda number=number: len(counter.channel.sent) > number)  # type: ignore[misc]  # bound now
            counter.channel.settle(counter.channel.sent[number])
    assert counter.store.unsettled() == ()
    assert len(counter.channel.sent) == HEAP


async def test_what_is_never_answered_gives_its_place_away(counter: Counter) -> None:
    heap_up(counter)
    async with running(counter):
        for lots in (1, 2, 3):
            await until(lambda lots=lots: tries_of(counter) == lots * MAX_IN_FLIGHT)  # type: ignore[misc]  # bound now
            counter.clock.pass_time(3.01)
            counter.outbox.wake()
    assert len({message.correlation_id for message in counter.channel.sent[:HEAP]}) == HEAP


async def test_an_answer_for_another_plan_is_not_announced(counter: Counter) -> None:
    await counter.swaps.complete(await counter.to_review())
    async with running(counter):
        await until(lambda: bool(counter.channel.sent))
        counter.channel.settle(replace(counter.channel.sent[0], plan_id="somebody-elses"))
    assert words(counter) == []


async def test_a_refusal_after_settlement_is_not_announced(counter: Counter) -> None:
    done = await counter.swaps.complete(await counter.to_review())
    async with running(counter):
        await until(lambda: bool(counter.channel.sent))
        counter.channel.settle(counter.channel.sent[0])
        counter.channel.refuse(counter.channel.sent[0])
    assert words(counter) == [SwapAnswered(correlation_id=done.correlation_id, settled=True)]


async def test_an_answer_that_comes_long_after_the_question_is_announced(counter: Counter) -> None:
    done = await counter.swaps.complete(await counter.to_review())
    counter.channel.settle(counter.store.outbox_entry(done.correlation_id).message)  # asked before a restart
    assert words(counter) == [SwapAnswered(correlation_id=done.correlation_id, settled=True)]
    assert counter.store.history()[0].state is OutboxState.SETTLED


async def test_the_tries_of_an_outbox_that_ends_are_noted(counter: Counter) -> None:
    done = await counter.swaps.complete(await counter.to_review())
    async with running(counter):
        await until(lambda: bool(counter.channel.sent))
    assert counter.store.outbox_entry(done.correlation_id).tries == 1


async def test_an_answer_to_what_was_settled_meanwhile_leaves_nothing_behind(counter: Counter) -> None:
    await counter.swaps.complete(await counter.to_review())
    (entry,) = counter.store.unsettled()
    async with running(counter):
        await until(lambda: bool(counter.channel.sent))
        counter.channel.settle(entry.message)
        await counter.outbox._send(entry)  # its turn came although the answer was there
        counter.channel.settle(entry.message)
    assert (counter.outbox._due, counter.outbox._tries, counter.outbox._in_flight) == ({}, {}, {})
