"""The times of a swap's steps where the wall clock is set between them (case 18)."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from kiosk.domain.swap.swap import Swap
from kiosk.domain.times import iso_utc
from kiosk.station.adapters.store.tables import audit
from kiosk.station.services.step_times import StepTimes
from kiosk.wire.stored_documents import swap_from_json, swap_to_json
from tests.builders import reading, swap_of
from tests.fakes import FakeClock
from tests.station.services.conftest import Counter

TWO_DAYS = 2 * 86400


async def with_both(counter: Counter) -> Swap:
    """A swap with both batteries, read now."""
    swap = await counter.swaps.identify(counter.know())
    returned = reading("BAT-12345", timestamp=counter.clock.now())
    swap = await counter.swaps.accept_returned(swap, returned)
    counter.clock.pass_time(30)
    return await counter.swaps.accept_new(swap, reading("BAT-67890", "30.4", timestamp=counter.clock.now()))


def entries(counter: Counter) -> list[tuple[datetime, str]]:
    return [(row.at, row.what) for row in counter.store.rows(select(audit.c.at, audit.c.what).order_by(audit.c.number))]


async def test_a_clock_set_back_books_once_and_never_before_its_own_readings(counter: Counter) -> None:
    swap = await with_both(counter)
    assert swap.outgoing is not None
    read_at = swap.outgoing.timestamp
    counter.clock.pass_time(20)
    counter.clock.jump(-TWO_DAYS)
    done = await counter.swaps.complete(swap)
    assert done.completed_at is not None
    assert done.completed_at == read_at + timedelta(seconds=20)
    assert done.clock_moved == -TWO_DAYS
    stored = counter.store.completed_swap(swap.correlation_id).swap
    assert (stored.completed_at, stored.clock_moved) == (done.completed_at, -TWO_DAYS)
    sent = json.loads(counter.store.outbox_entry(swap.correlation_id).message.payload)
    assert iso_utc(done.completed_at) in json.dumps(sent)
    assert (done.completed_at, f"clock moved by -{TWO_DAYS} s") in entries(counter)


async def test_a_completion_that_is_tried_again_after_the_clock_was_set_is_the_stored_one(counter: Counter) -> None:
    swap = await with_both(counter)
    counter.clock.jump(-TWO_DAYS)
    done = await counter.swaps.complete(swap)
    assert await counter.swaps.complete(swap) == done
    assert [what for _, what in entries(counter)].count(f"clock moved by -{TWO_DAYS} s") == 1


async def test_the_steps_of_a_swap_stay_in_their_order_in_the_audit_trail(counter: Counter) -> None:
    swap = await with_both(counter)
    counter.clock.jump(-TWO_DAYS)
    swap = await counter.swaps.take_payment(swap, Decimal(1), "MP1", "CASH")
    assert swap.payment is not None
    assert swap.outgoing is not None
    assert swap.payment.recorded_at >= swap.outgoing.timestamp
    if not swap.paid:
        swap = await counter.swaps.confirm_payment(swap)
    counter.clock.pass_time(5)
    await counter.swaps.complete(swap)
    times = [at for at, _ in entries(counter)]
    assert times == sorted(times)


async def test_a_clock_set_right_forwards_is_believed_and_noted(counter: Counter) -> None:
    swap = await with_both(counter)
    counter.clock.jump(3600)
    done = await counter.swaps.complete(swap)
    assert (done.completed_at, done.clock_moved) == (counter.clock.now(), 3600)


async def test_a_small_correction_is_no_news_and_still_keeps_the_order(counter: Counter) -> None:
    swap = await with_both(counter)
    assert swap.outgoing is not None
    counter.clock.jump(-59)
    done = await counter.swaps.complete(swap)
    assert (done.completed_at, done.clock_moved) == (swap.outgoing.timestamp, 0)


@pytest.mark.parametrize(("jumps", "moved"), [((-120, 0), -120), ((-120, 300), 180), ((0, 0), 0)])
def test_what_the_clock_was_set_by_is_added_up(jumps: tuple[int, int], moved: int) -> None:
    clock = FakeClock()
    times, swap = StepTimes(clock), swap_of()
    swap, first, _ = times.step(swap)
    for jump in jumps:
        clock.pass_time(10)
        clock.jump(jump)
        swap, later, _ = times.step(swap)
        assert later >= first
        first = later
    assert swap.clock_moved == moved


def test_after_a_restart_a_step_is_not_dated_before_the_readings_in_the_journal() -> None:
    clock = FakeClock()
    swap = swap_of()
    clock.wall = swap.started_at - timedelta(days=1)
    assert StepTimes(clock).at(swap) == swap.started_at


def test_the_mark_is_kept_in_the_journal_and_is_absent_where_there_is_none() -> None:
    swap = swap_of()
    assert "clock_moved" not in swap_to_json(swap)
    assert swap_from_json(swap_to_json(replace(swap, clock_moved=-120))).clock_moved == -120
