"""A plan without COMPLETE_SERVICE at the counter: one step after the other, each resumable (decision 21)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kiosk.domain.errors import PlanInvalid
from kiosk.domain.swap.pending_swaps import Settled
from kiosk.domain.swap.swap import Swap
from kiosk.station.adapters.store.sql_store import open_store
from kiosk.station.events import Event, OutboxChanged, SwapAnswered
from kiosk.station.ports import OutboxState, OutgoingMessage
from kiosk.station.services.outbox import Outbox
from kiosk.wire.exact_json import loads
from tests.builders import plan_with, rolled_back
from tests.fakes import RecordingChannel
from tests.station.services.conftest import Counter
from tests.station.services.test_outbox import running, until

ORDINARY = ["EQUIPMENT_CHECKIN", "EQUIPMENT_CHECKOUT", "REPORT_ATTENDANT_ACTIVITY"]
ALL = ["EQUIPMENT_CHECKIN", "PROCESS_PAYMENT", "EQUIPMENT_CHECKOUT", "REPORT_ATTENDANT_ACTIVITY"]
NOT_AVAILABLE = "ACTION_NOT_AVAILABLE"


async def completed(counter: Counter) -> Swap:
    return await counter.swaps.complete(await counter.to_review(rolled_back()))


def sent(counter: Counter) -> list[str]:
    return [each.action for each in counter.channel.sent]


async def next_sent(counter: Counter) -> OutgoingMessage:
    """The message that leaves after those that have left."""
    before = len(counter.channel.sent)
    await until(lambda: len(counter.channel.sent) > before)
    return counter.channel.sent[-1]


@asynccontextmanager
async def at_step(counter: Counter, number: int) -> AsyncIterator[OutgoingMessage]:
    """The outbox at work, `number` steps answered, the next one sent."""
    async with running(counter):
        await until(lambda: len(counter.channel.sent) == 1)
        for each in range(number):
            counter.channel.settle(counter.channel.sent[each])
            await until(lambda each=each: len(counter.channel.sent) == each + 2)  # type: ignore[misc]  # bound now
        yield counter.channel.sent[-1]


def answers(counter: Counter) -> list[SwapAnswered]:
    return [each for each in counter.events if isinstance(each, SwapAnswered)]


async def test_a_step_leaves_when_the_one_before_is_answered(counter: Counter) -> None:
    await completed(counter)
    async with at_step(counter, 2) as last:
        assert sent(counter) == ORDINARY
        assert answers(counter) == []
        assert counter.store.outbox_counts().unsettled == 1
        counter.channel.settle(last)
        counter.outbox.catch_up()
    assert [each.settled for each in answers(counter)] == [True]
    assert counter.store.unsettled() == ()
    assert [each for each in counter.events if isinstance(each, OutboxChanged)][-1].unsettled == 0


async def test_a_paid_swap_sends_its_payment_before_the_check_out(counter: Counter) -> None:
    swap = await counter.to_review(rolled_back(plan_with(used_kwh="390")))
    swap = await counter.swaps.take_payment(swap, Decimal("12.48"), "MP4471", "MOBILE_MONEY")
    await counter.swaps.complete(await counter.swaps.confirm_payment(swap))
    async with at_step(counter, 3):
        assert sent(counter) == ALL
    payment = loads(counter.channel.sent[1].payload)
    assert (payment["payment_amount"], payment["payment_receipt_id"]) == (Decimal("12.48"), "MP4471")


async def test_all_steps_are_stored_before_the_first_leaves(counter: Counter) -> None:
    swap = await completed(counter)
    entry = counter.store.outbox_entry(swap.correlation_id)
    assert (entry.message.action, entry.steps_after, sent(counter)) == (ORDINARY[0], 2, [])


@pytest.mark.parametrize("number", [0, 1, 2])
async def test_a_kiosk_that_starts_again_goes_on_at_the_step_without_an_answer(counter: Counter, number: int) -> None:
    await completed(counter)
    async with at_step(counter, number) as unanswered:
        pass
    counter.channel.sent.clear()
    counter.outbox = Outbox(counter.store, counter.channel, counter.clock, counter.events.append)
    async with at_step(counter, 2 - number):
        assert counter.channel.sent[0] == unanswered
        assert sent(counter) == ORDINARY[number:]


@pytest.mark.parametrize("number", [0, 1, 2])
async def test_without_an_answer_the_same_step_goes_again(counter: Counter, number: int) -> None:
    await completed(counter)
    async with at_step(counter, number) as unanswered:
        counter.clock.pass_time(120)
        counter.outbox.wake()
        assert await next_sent(counter) == unanswered


async def test_answers_that_come_twice_or_to_steps_long_done_send_nothing_again(counter: Counter) -> None:
    await completed(counter)
    async with at_step(counter, 2):
        for each in counter.channel.sent[:2] * 2:
            counter.channel.settle(each)
            counter.channel.refuse(each)
        counter.outbox.wake()
        assert counter.store.unsettled()[0].message.action == ORDINARY[2]
        for _ in range(50):
            await asyncio.sleep(0)
        assert sent(counter) == ORDINARY


@pytest.mark.parametrize("number", [0, 1, 2])
async def test_a_refusal_stops_at_its_step_and_a_retry_goes_on_there(counter: Counter, number: int) -> None:
    swap = await completed(counter)
    async with at_step(counter, number) as unanswered:
        counter.channel.refuse(unanswered, "the plan has ended")
        counter.outbox.catch_up()
        (entry,) = await counter.outbox.entries()
        assert (entry.state, entry.message, entry.reason) == (OutboxState.REFUSED, unanswered, "the plan has ended")
        (word,) = answers(counter)
        assert word.reason.startswith("the plan has ended (at ")
        await counter.outbox.send_again(swap.correlation_id)
        assert await next_sent(counter) == unanswered
        for _ in ORDINARY[number + 1 :]:
            counter.channel.settle(counter.channel.sent[-1])
            await next_sent(counter)
        counter.channel.settle(counter.channel.sent[-1])
        counter.outbox.catch_up()
    assert counter.store.history()[0].state is OutboxState.SETTLED


async def test_the_next_swap_of_the_plan_waits_for_all_steps(counter: Counter) -> None:
    await completed(counter)
    plan = rolled_back(plan_with(holds="BAT-67890"))
    second = await counter.swaps.complete(await counter.to_review(plan, "BAT-67891"))
    async with at_step(counter, 3) as fourth:
        assert fourth.correlation_id == second.correlation_id
        assert sent(counter) == [*ORDINARY, ORDINARY[0]]


@pytest.mark.parametrize("refused_at", [None, 0, 1, 2])
async def test_two_processes_on_one_store_both_come_to_know_the_end(counter: Counter, tmp_path: Path, refused_at: int | None) -> None:
    """The window and the terminal send the same steps and hear the same answers; one stores each first."""
    done = await completed(counter)
    store, channel, heard = open_store(tmp_path / "kiosk.sqlite"), RecordingChannel(), list[Event]()
    terminal = Counter(store, clock=counter.clock, channel=channel, events=heard)
    async with running(counter), running(terminal):
        for number in range(3):
            await until(lambda number=number: {*sent(counter)} == {*sent(terminal)} == {*ORDINARY[: number + 1]})  # type: ignore[misc]
            step = next(each for each in channel.sent if each.action == ORDINARY[number])
            for each in (counter.channel, channel):
                each.refuse(step, "no") if number == refused_at else each.settle(step)
            for outbox in (counter.outbox, terminal.outbox):
                outbox.catch_up()
            if number == refused_at:
                break
    store.close()
    settled = refused_at is None
    assert [each.settled for each in answers(counter)] == [settled] == [each.settled for each in answers(terminal)]
    assert counter.store.outbox_entry(done.correlation_id).state is (OutboxState.SETTLED if settled else OutboxState.REFUSED)


async def test_a_late_refusal_of_what_another_process_has_settled_is_told_as_settled(counter: Counter, tmp_path: Path) -> None:
    await completed(counter)
    async with at_step(counter, 1) as second:
        store = open_store(tmp_path / "kiosk.sqlite")
        for each in ORDINARY[1:]:
            store.record_answer(
                Settled(correlation_id=second.correlation_id, plan_id=second.plan_id, raw=b"{}", action=each), counter.clock.now()
            )
        store.close()
        counter.channel.refuse(counter.channel.sent[0], "too late")
    assert [(each.settled, each.reason) for each in answers(counter)] == [(True, "")]


# ---------------------------------------------------------------- a plan that is rolled back after it was cached


async def test_a_plan_that_lost_complete_service_goes_on_by_the_older_sequence_under_the_same_id(counter: Counter) -> None:
    swap = await counter.swaps.complete(await counter.to_review())
    async with running(counter):
        await until(lambda: len(counter.channel.sent) == 1)
        counter.channel.refuse(counter.channel.sent[0], signal=NOT_AVAILABLE)
        for _ in ORDINARY:
            counter.channel.settle(await next_sent(counter))
        counter.outbox.catch_up()
    assert sent(counter) == ["COMPLETE_SERVICE", *ORDINARY]
    assert {each.correlation_id for each in counter.channel.sent} == {swap.correlation_id}
    assert [each.settled for each in answers(counter)] == [True]
    assert counter.store.outbox_counts().unsettled == 0


async def test_what_was_refused_for_that_goes_on_when_it_is_sent_again(counter: Counter) -> None:
    swap = await counter.swaps.complete(await counter.to_review())
    async with running(counter):
        await until(lambda: len(counter.channel.sent) == 1)
        counter.channel.refuse(counter.channel.sent[0])
        counter.outbox.catch_up()
        await counter.outbox.send_again(swap.correlation_id)
        counter.channel.refuse(await next_sent(counter), signal=NOT_AVAILABLE)
        assert (await next_sent(counter)).action == ORDINARY[0]


async def test_a_platform_that_takes_neither_way_leaves_a_refusal_that_says_so(counter: Counter) -> None:
    await counter.swaps.complete(await counter.to_review())
    async with running(counter):
        await until(lambda: len(counter.channel.sent) == 1)
        counter.channel.refuse(counter.channel.sent[0], signal=NOT_AVAILABLE)
        counter.channel.refuse(await next_sent(counter), "it is not among the plan's actions", NOT_AVAILABLE)
        counter.outbox.catch_up()
    (entry,) = counter.store.refused()
    assert (entry.message.action, entry.reason) == (ORDINARY[0], "it is not among the plan's actions")


# ---------------------------------------------------------------- what the counter shows


async def test_the_result_is_the_whole_swaps_whichever_way_it_is_sent(counter: Counter) -> None:
    result = counter.swaps.result(await completed(counter))
    assert result["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    assert result["metadata"]["receipt"]["electricity_delivered_kwh"] == Decimal("25.6")


async def test_the_plan_shown_counts_the_swap_until_its_check_out_is_in_the_plan_told(counter: Counter) -> None:
    plan = rolled_back()
    await completed(counter)
    async with at_step(counter, 2):
        after_checkout = rolled_back(plan_with(used_kwh="370.1", swaps_used=7, holds="BAT-67890"))
        for told in (plan, after_checkout):
            again = await counter.swaps.identify(counter.know(told))
            assert again.plan.service_states == after_checkout.service_states


async def test_a_plan_that_lists_neither_way_is_refused_at_the_start(counter: Counter) -> None:
    with pytest.raises(PlanInvalid, match="EQUIPMENT_CHECKOUT"):
        await counter.swaps.identify(counter.know(rolled_back(None, "EQUIPMENT_CHECKOUT")))


async def test_a_swap_begun_before_the_roll_back_is_completed_by_the_plan_as_it_is_when_it_is_taken_up(counter: Counter) -> None:
    swap = await counter.to_review()
    await counter.swaps.keep(swap)
    counter.know(rolled_back())
    await counter.swaps.complete(await counter.swaps.resume(swap.correlation_id))
    async with at_step(counter, 0) as first:
        assert replace(first, payload=b"") == replace(counter.store.unsettled()[0].message, payload=b"")
        assert first.action == ORDINARY[0]
