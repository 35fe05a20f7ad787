"""The outbox: until it is answered, in order within a plan, and never twice (decisions 16, 17, 20)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from kiosk.station.events import OutboxChanged, SwapAnswered
from kiosk.station.ports import OutboxState
from kiosk.station.services.outbox import RetryPolicy
from tests.builders import plan_of, plan_with
from tests.station.services.conftest import Counter


@asynccontextmanager
async def running(counter: Counter) -> AsyncIterator[None]:
    """The outbox at work."""
    task = asyncio.create_task(counter.outbox.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(true: Callable[[], bool]) -> None:
    """Let the loop turn until something is true; the test's time-out is the deadline."""
    while not true():
        await asyncio.sleep(0)


async def test_a_stored_completion_is_sent_byte_for_byte(counter: Counter) -> None:
    await counter.swaps.complete(await counter.to_review())
    (entry,) = counter.store.unsettled()
    async with running(counter):
        await until(lambda: bool(counter.channel.sent))
    assert counter.channel.sent == [entry.message]


async def test_an_answer_does_not_wait_for_the_note_of_the_sending(counter: Counter) -> None:
    swap = await counter.swaps.complete(await counter.to_review())
    async with running(counter):
        await until(lambda: bool(counter.channel.sent))
        assert counter.store.outbox_entry(swap.correlation_id).tries == 0
        await until(lambda: counter.store.outbox_entry(swap.correlation_id).tries == 1)


async def test_without_an_answer_the_same_bytes_go_again(counter: Counter) -> None:
    await counter.swaps.complete(await counter.to_review())
    async with running(counter):
        for tries in (1, 2, 3):
            await until(lambda tries=tries: len(counter.channel.sent) == tries)  # type: ignore[misc]  # bound now
            counter.clock.pass_time(120)
            counter.outbox.wake()
        await until(lambda: counter.store.unsettled()[0].tries >= 3)
    assert len({message.payload for message in counter.channel.sent}) == 1


async def test_nothing_is_sent_again_before_its_time(counter: Counter) -> None:
    await counter.swaps.complete(await counter.to_review())
    async with running(counter):
        await until(lambda: len(counter.channel.sent) == 1)
        counter.clock.pass_time(1)
        counter.outbox.wake()
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(counter.channel.sent) == 1


async def test_an_answer_settles(counter: Counter) -> None:
    done = await counter.swaps.complete(await counter.to_review())
    async with running(counter):
        await until(lambda: bool(counter.channel.sent))
        counter.channel.settle(counter.channel.sent[0])
    assert counter.store.unsettled() == ()
    assert SwapAnswered(correlation_id=done.correlation_id, settled=True) in counter.events
    assert [event for event in counter.events if isinstance(event, OutboxChanged)][-1].unsettled == 0


async def test_an_answer_that_comes_twice_changes_nothing_more(counter: Counter) -> None:
    await counter.swaps.complete(await counter.to_review())
    async with running(counter):
        await until(lambda: bool(counter.channel.sent))
        counter.channel.settle(counter.channel.sent[0])
        counter.channel.settle(counter.channel.sent[0])
        counter.channel.refuse(counter.channel.sent[0])
    assert counter.store.history()[0].state is OutboxState.SETTLED


async def test_a_refusal_stays_until_a_person_resolves_it(counter: Counter) -> None:
    done = await counter.swaps.complete(await counter.to_review())
    async with running(counter):
        await until(lambda: bool(counter.channel.sent))
        counter.channel.refuse(counter.channel.sent[0], "the battery is another customer's")
    (entry,) = counter.store.refused()
    assert entry.reason == "the battery is another customer's"
    counter.store.resolve(done.correlation_id, "mended on the platform", counter.clock.now())
    assert counter.store.refused() == ()


async def test_a_refusal_holds_up_no_other_plan(counter: Counter) -> None:
    await counter.swaps.complete(await counter.to_review())
    other = replace(plan_with(holds="BAT-2"), id="plan2")
    await counter.swaps.complete(await counter.to_review(other, "BAT-67891"))
    async with running(counter):
        await until(lambda: len(counter.channel.sent) == 2)
        counter.channel.refuse(counter.channel.sent[0])
        counter.channel.settle(counter.channel.sent[1])
    assert [each.state for each in counter.store.history()] == [OutboxState.SETTLED, OutboxState.REFUSED]


async def test_within_a_plan_the_second_waits_for_the_firsts_answer(counter: Counter) -> None:
    await counter.swaps.complete(await counter.to_review())
    await counter.swaps.complete(await counter.to_review(new_id="BAT-67891"))
    async with running(counter):
        await until(lambda: len(counter.channel.sent) == 1)
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(counter.channel.sent) == 1
        counter.channel.settle(counter.channel.sent[0])
        await until(lambda: len(counter.channel.sent) == 2)


async def test_a_link_that_is_down_is_waited_for(counter: Counter) -> None:
    counter.channel.down = True
    await counter.swaps.complete(await counter.to_review())
    async with running(counter):
        for _ in range(50):
            await asyncio.sleep(0)
        counter.channel.down = False
        counter.outbox.wake(afresh=True)
        await until(lambda: len(counter.channel.sent) == 1)


async def test_a_clock_that_jumps_changes_no_wait(counter: Counter) -> None:
    await counter.swaps.complete(await counter.to_review())
    async with running(counter):
        await until(lambda: len(counter.channel.sent) == 1)
        counter.clock.jump(-86_400)
        counter.clock.steady += 3.1
        counter.outbox.wake()
        await until(lambda: len(counter.channel.sent) == 2)


async def test_an_answer_for_another_plan_settles_nothing(counter: Counter) -> None:
    await counter.swaps.complete(await counter.to_review())
    async with running(counter):
        await until(lambda: bool(counter.channel.sent))
        counter.channel.settle(replace(counter.channel.sent[0], plan_id="somebody-elses"))
    assert len(counter.store.unsettled()) == 1


async def test_the_plan_after_settlement_is_the_platforms(counter: Counter) -> None:
    swap = await counter.to_review()
    await counter.swaps.complete(swap)
    async with running(counter):
        await until(lambda: bool(counter.channel.sent))
        counter.channel.settle(counter.channel.sent[0])
    found = await counter.plans.find(counter.know(plan_of()))
    assert found.plan == plan_of()


@pytest.mark.parametrize(("tries", "seconds"), [(1, 3), (2, 6), (3, 12), (6, 60), (400, 60)])
def test_waits_double_up_to_a_minute(tries: int, seconds: float) -> None:
    assert RetryPolicy(first_seconds=3, most_seconds=60, spread=lambda: 0.0).wait(tries) == seconds


def test_waits_are_scattered() -> None:
    assert RetryPolicy(first_seconds=4, most_seconds=60, spread=lambda: 1.0).wait(1) == 3


async def test_an_answer_is_announced_first_and_stored_before_anybody_asks_what_is_pending(counter: Counter) -> None:
    done = await counter.swaps.complete(await counter.to_review())
    async with running(counter):
        await until(lambda: bool(counter.channel.sent))
        counter.channel.settle(counter.channel.sent[0])
        assert SwapAnswered(correlation_id=done.correlation_id, settled=True) in counter.events
        assert len(counter.store.unsettled()) == 1
        counter.outbox.catch_up()
        assert counter.store.unsettled() == ()
        await until(lambda: any(isinstance(event, OutboxChanged) and not event.unsettled for event in counter.events))


async def test_answers_are_stored_in_the_order_they_came(counter: Counter) -> None:
    await counter.swaps.complete(await counter.to_review())
    async with running(counter):
        await until(lambda: bool(counter.channel.sent))
        counter.channel.refuse(counter.channel.sent[0], "the plan is closed")
        counter.channel.settle(counter.channel.sent[0])
    assert counter.store.history()[0].state is OutboxState.SETTLED


async def test_a_station_that_was_taken_out_of_service_keeps_its_swaps_and_says_so(counter: Counter) -> None:
    """Decision 26: a person books them; until then nothing is refused, lost or booked here."""
    done = await counter.swaps.complete(await counter.to_review())
    before = counter.store.outbox_entry(done.correlation_id).message
    async with running(counter):
        for tries in (1, 2):
            await until(lambda tries=tries: len(counter.channel.sent) == tries)  # type: ignore[misc]  # bound now
            counter.channel.refuse(counter.channel.sent[-1], "this station was revoked", "STATION_REVOKED")
            entry = counter.store.outbox_entry(done.correlation_id)
            assert (entry.state, entry.message) == (OutboxState.UNSETTLED, before)
            assert entry.reason == "the platform has taken this counter out of service"
            counter.clock.pass_time(120)
            counter.outbox.wake()
        await until(lambda: len(counter.channel.sent) == 3)
        assert not any(isinstance(event, SwapAnswered) for event in counter.events)
        counter.channel.settle(counter.channel.sent[-1])
    assert counter.store.outbox_entry(done.correlation_id).state is OutboxState.SETTLED
    assert counter.store.outbox_entry(done.correlation_id).reason == ""
