"""Swaps at a counter with people: who is signed in does them, hands them over, and approves with the PIN (decision 29)."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput, NotApproved, NotFound, NotSignedIn, PaymentInvalid, PinWrong, ReturnedMore
from kiosk.domain.money.cash import MoneyAct
from kiosk.domain.people import BADGE_BYTES, badge_of
from kiosk.domain.swap.swap import Swap
from kiosk.station.adapters.store.sql_store import open_store
from kiosk.station.services.doubtful_readings import approve_doubts
from kiosk.wire.exact_json import loads
from tests.builders import plan_with, reading, remembering
from tests.station.services.conftest import Counter
from tests.station.services.people_station import ALI, ATT, OTHER, PINS, SUP, WRONG, Crew

USED = "399.9"
BADGE = badge_of(bytes(range(BADGE_BYTES)))


@pytest.fixture
async def staffed(crew: Crew) -> Counter:
    """A counter whose people are known; nobody is signed in."""
    people = await crew.with_people()
    return Counter(crew.stores[-1], clock=crew.clock, known=people)


async def test_nobody_signed_in_nothing_begins_and_nothing_goes_on(staffed: Counter) -> None:
    with pytest.raises(NotSignedIn):
        await staffed.swaps.identify(staffed.know())
    await staffed.people.sign_in(ATT, PINS[ATT])
    swap = await staffed.to_review()
    await staffed.people.sign_out()
    acts: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: staffed.swaps.complete(swap),
        lambda: staffed.swaps.back(swap),
        lambda: staffed.swaps.resume(swap.correlation_id),
        lambda: staffed.swaps.take_cash(swap, Decimal(5)),
        lambda: staffed.outbox.send_again(swap.correlation_id),
    )
    for act in acts:
        with pytest.raises(NotSignedIn):
            await act()
    assert staffed.channel.sent == []
    await staffed.swaps.keep(swap)
    assert [each.swap for each in await staffed.swaps.kept()] == [swap]


async def test_a_locked_counter_begins_and_completes_nothing_and_keeps_all(staffed: Counter) -> None:
    await staffed.people.sign_in(ATT, PINS[ATT])
    swap = await staffed.to_review()
    await staffed.people.lock()
    acts: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: staffed.swaps.complete(swap),
        lambda: staffed.swaps.identify(staffed.know()),
        lambda: staffed.swaps.resume(swap.correlation_id),
    )
    for act in acts:
        with pytest.raises(NotSignedIn):
            await act()
    await staffed.people.unlock(PINS[ATT])
    assert (await staffed.swaps.complete(swap)).attendant_id == ATT


async def test_who_is_signed_in_stands_on_the_wire_and_in_the_store(staffed: Counter) -> None:
    await staffed.people.sign_in(ATT, PINS[ATT])
    done = await staffed.swaps.complete(await staffed.to_review())
    assert done.attendant_id == ATT
    entry = await staffed.outbox.entry(done.correlation_id)
    assert loads(entry.message.payload)["attendant_id"] == ATT
    assert staffed.store.completed_swap(done.correlation_id).swap.attendant_id == ATT


async def test_a_swap_that_is_handed_over_is_the_receivers_and_that_is_recorded(staffed: Counter, crew: Crew) -> None:
    await staffed.people.sign_in(ATT, PINS[ATT])
    swap = await staffed.to_review()
    await staffed.people.lock()
    await staffed.people.hand_over(ALI, PINS[ALI])
    done = await staffed.swaps.complete(swap)
    assert done.attendant_id == ALI
    assert f"handed over to {ALI}: {ATT}" in crew.acts()
    entry = await staffed.outbox.entry(done.correlation_id)
    assert loads(entry.message.payload)["attendant_id"] == ALI


async def test_completed_twice_over_a_hand_over_it_is_booked_once(staffed: Counter) -> None:
    await staffed.people.sign_in(ATT, PINS[ATT])
    swap = await staffed.to_review()
    done = await staffed.swaps.complete(swap)
    await staffed.people.hand_over(ALI, PINS[ALI])
    assert await staffed.swaps.complete(swap) == done
    assert len(await staffed.outbox.entries()) == 1


async def test_a_battery_with_more_needs_a_supervisors_pin(staffed: Counter) -> None:
    await staffed.people.sign_in(ATT, PINS[ATT])
    swap = await staffed.swaps.identify(staffed.know(remembering()))
    full = reading("BAT-12345", "30.9")
    with pytest.raises(ReturnedMore):
        await staffed.swaps.accept_returned(swap, full)
    for supervisor, pin, error in (("SUP-7", "", PinWrong), (SUP, WRONG[6], PinWrong), ("SUP-007", PINS[SUP], NotFound)):
        with pytest.raises(error):
            await staffed.swaps.accept_more(swap, full, supervisor, "charged at home", pin=pin)
    changed = await staffed.swaps.accept_more(swap, full, SUP, "charged at home", pin=PINS[SUP])
    assert changed.more_approved is not None
    assert changed.more_approved.supervisor == SUP


async def test_readings_in_doubt_need_a_supervisors_pin(staffed: Counter) -> None:
    await staffed.people.sign_in(ATT, PINS[ATT])
    swap = await staffed.to_review()
    with pytest.raises(PinWrong):
        await approve_doubts(staffed.swaps, swap, SUP, "read twice")
    assert (await approve_doubts(staffed.swaps, swap, SUP, "read twice", PINS[SUP])).doubt_approved is not None


async def paid(staffed: Counter) -> Swap:
    swap = await staffed.to_review(plan_with(used_kwh=USED))
    return await staffed.swaps.take_payment(swap, staffed.swaps.still_due(swap), "MP1", "MOBILE_MONEY")


async def test_a_payment_is_vouched_for_and_given_back_by_another_one_alone(staffed: Counter) -> None:
    await staffed.people.sign_in(SUP, PINS[SUP])
    swap = await paid(staffed)
    with pytest.raises(NotApproved):
        await staffed.swaps.override_payment(swap, SUP, "the link is down", PINS[SUP])
    with pytest.raises(PinWrong):
        await staffed.swaps.override_payment(swap, OTHER, "the link is down", WRONG[6])
    vouched = await staffed.swaps.override_payment(swap, OTHER, "the link is down", PINS[OTHER])
    assert vouched.payment is not None
    with pytest.raises(NotApproved):
        await staffed.money_back.give_back(vouched, MoneyAct.REFUNDED, SUP, "no battery", PINS[SUP])
    entry = await staffed.money_back.give_back(vouched, MoneyAct.REFUNDED, OTHER, "no battery", PINS[OTHER])
    assert entry.approved_by == OTHER


async def test_a_refusal_is_resolved_by_a_supervisor_alone(staffed: Counter) -> None:
    await staffed.people.sign_in(ATT, PINS[ATT])
    done = await staffed.swaps.complete(await staffed.to_review())
    staffed.channel.refuse((await staffed.outbox.entry(done.correlation_id)).message)
    staffed.outbox.catch_up()
    for supervisor, pin, error in (("", "", NotFound), (SUP, WRONG[6], PinWrong)):
        with pytest.raises(error):
            await staffed.outbox.resolve(done.correlation_id, "told the office", supervisor, pin)
    with pytest.raises(BadInput):
        await staffed.outbox.resolve(done.correlation_id, BADGE, SUP, PINS[SUP])
    assert len(await staffed.outbox.entries()) == 1
    await staffed.outbox.resolve(done.correlation_id, "told the office", SUP, PINS[SUP])
    assert await staffed.outbox.entries() == ()


async def test_a_badge_is_no_battery_and_no_note_of_cash(staffed: Counter) -> None:
    await staffed.people.sign_in(ATT, PINS[ATT])
    swap = await staffed.to_review(plan_with(used_kwh=USED))
    with pytest.raises(BadInput) as caught:
        await staffed.swaps.read(swap, BADGE.lower(), lambda _phase: None)
    assert BADGE[5:] not in str(caught.value).upper()
    with pytest.raises(PaymentInvalid):
        await staffed.swaps.take_cash(swap, Decimal(5), note=BADGE)


async def test_a_restart_keeps_the_swap_for_whoever_signs_in(staffed: Counter, tmp_path: Path, crew: Crew) -> None:
    await staffed.people.sign_in(ATT, PINS[ATT])
    swap = await staffed.to_review()
    again = Counter(open_store(tmp_path / "kiosk.sqlite"), clock=crew.clock, known=crew.again())
    again.teller.plans[swap.plan.id] = swap.plan
    with pytest.raises(NotSignedIn):
        await again.swaps.resume(swap.correlation_id)
    await again.people.sign_in(ALI, PINS[ALI])
    assert (await again.swaps.resume(swap.correlation_id)).attendant_id == ALI
    again.store.close()
