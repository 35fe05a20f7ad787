"""Readings in doubt: who may let them stand, what is kept of it, and that a battery can be read again, paid or not."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kiosk.domain.approval import Approval
from kiosk.domain.errors import NotApproved, PaymentTooSmall
from kiosk.domain.swap.swap import Step, next_step
from kiosk.station.services.doubtful_readings import approve_doubts, read_anew, standing_doubts
from tests.builders import plan_with, reading
from tests.station.services.conftest import Counter


async def test_a_supervisor_lets_them_stand_and_it_is_kept_with_the_swap(counter: Counter) -> None:
    swap = await counter.to_review()
    for supervisor, reason in (("ATT-001", "sure"), ("", "sure"), ("SUP-7", " ")):
        with pytest.raises(NotApproved):
            await approve_doubts(counter.swaps, swap, supervisor, reason)
    swap = await approve_doubts(counter.swaps, swap, "sup-7", "Sticker is right")
    assert swap.doubt_approved == Approval(supervisor="SUP-7", reason="Sticker is right")
    assert counter.store.kept_swaps()[0].swap == swap
    done = await counter.swaps.complete(swap)
    assert counter.store.completed_swap(done.correlation_id).swap.doubt_approved == swap.doubt_approved


async def test_at_a_station_without_supervisors_the_attendant_decides_and_says_why(counter: Counter) -> None:
    counter.people.configured_supervisors = ()
    swap = await counter.to_review()
    with pytest.raises(NotApproved):
        await approve_doubts(counter.swaps, swap, "", " ")
    swap = await approve_doubts(counter.swaps, swap, "", "A clock was wrong")
    assert swap.doubt_approved == Approval(supervisor="ATT-001", reason="A clock was wrong")


async def test_what_is_approved_or_cannot_be_known_is_not_in_doubt(counter: Counter) -> None:
    swap = await counter.to_review()
    assert await standing_doubts(None, swap) == ()
    assert await standing_doubts(None, await approve_doubts(counter.swaps, swap, "SUP-7", "sure")) == ()


async def test_another_reading_is_not_approved_by_what_was_approved_before(counter: Counter) -> None:
    swap = await approve_doubts(counter.swaps, await counter.to_review(), "SUP-7", "sure")
    again = await counter.swaps.accept_new(replace(swap, outgoing=None), reading("BAT-67890", "30.1"))
    assert again.doubt_approved is None


async def test_the_new_battery_is_read_again_alone_the_returned_one_with_what_came_after_it(counter: Counter) -> None:
    swap = await counter.to_review()
    new = await read_anew(counter.swaps, swap, "BAT-67890")
    assert (new.incoming, new.outgoing, next_step(new)) == (swap.incoming, None, Step.NEW)
    returned = await read_anew(counter.swaps, swap, "BAT-12345")
    assert (returned.incoming, returned.outgoing, next_step(returned)) == (None, None, Step.RETURNED)
    assert counter.store.kept_swaps()[0].swap == returned


async def test_after_a_payment_a_battery_can_be_read_again_and_the_payment_stays(counter: Counter) -> None:
    swap = await counter.swaps.take_payment(await counter.to_review(plan_with(used_kwh="390")), Decimal("12.48"), "MP1", "CASH")
    swap = await counter.swaps.confirm_payment(swap)
    again = await read_anew(counter.swaps, swap, "BAT-67890")
    assert (again.payment, next_step(again)) == (swap.payment, Step.NEW)
    with pytest.raises(PaymentTooSmall):
        await counter.swaps.accept_new(again, reading("BAT-67890", "31.4"))
    assert next_step(await counter.swaps.accept_new(again, reading("BAT-67890", "30.4"))) is Step.REVIEW
