"""The use cases of a swap on a real database (design, "the route of one swap")."""

import sqlite3
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.approval import Approval
from kiosk.domain.errors import (
    BatteryTaken,
    BatteryUnreachable,
    NotApproved,
    NotFound,
    PaymentRefused,
    PaymentUsed,
    ReturnedMore,
    StepImpossible,
    StoreFailed,
)
from kiosk.domain.swap.swap import Confirmation, Step, next_step
from kiosk.station.adapters.store.sql_store import open_store
from kiosk.station.events import OutboxChanged
from tests.builders import plan_of, plan_with, reading, remembering
from tests.station.services.conftest import Counter

SHORT: dict[str, Any] = {"used_kwh": "390", "quota_kwh": "400"}


async def test_a_completed_swap_is_stored_with_its_message(counter: Counter) -> None:
    done = await counter.swaps.complete(await counter.to_review())
    assert next_step(done) is Step.DONE
    (entry,) = counter.store.unsettled()
    assert entry.message.correlation_id == done.correlation_id
    assert b'"outgoing_kwh":30.4' in entry.message.payload


async def test_nothing_is_sent_before_complete(counter: Counter) -> None:
    await counter.to_review()
    assert counter.channel.sent == []
    assert counter.store.unsettled() == ()


async def test_completing_twice_books_once(counter: Counter) -> None:
    swap = await counter.to_review()
    done = await counter.swaps.complete(swap)
    counter.clock.pass_time(5)
    assert await counter.swaps.complete(swap) == done
    assert len(counter.store.history()) == 1


async def test_a_swap_that_cannot_be_stored_is_not_complete(counter: Counter) -> None:
    swap = await counter.to_review()
    with sqlite3.connect(_file_of(counter), isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")  # another program holds the database for longer than we wait
        with pytest.raises(StoreFailed):
            await counter.swaps.complete(swap)
        other.execute("ROLLBACK")
    other.close()
    assert counter.store.unsettled() == ()
    assert next_step(await counter.swaps.complete(swap)) is Step.DONE


def _file_of(counter: Counter) -> str:
    return str(counter.store._engine.url.database)


async def test_an_interrupted_swap_is_offered_after_a_restart(counter: Counter) -> None:
    swap = await counter.to_review()
    again = open_store(Path(_file_of(counter)))
    (kept,) = again.kept_swaps()
    again.close()
    assert kept.swap == swap
    assert not kept.set_aside


async def test_a_kept_swap_goes_on_where_it_was(counter: Counter) -> None:
    swap = await counter.to_review()
    await counter.swaps.keep(swap)
    (kept,) = await counter.swaps.kept()
    assert kept.set_aside
    assert await counter.swaps.resume(swap.correlation_id) == swap
    assert not (await counter.swaps.kept())[0].set_aside


async def test_a_left_swap_is_not_offered_again(counter: Counter) -> None:
    swap = await counter.to_review()
    await counter.swaps.leave(swap, "the customer left")
    assert await counter.swaps.kept() == ()
    with pytest.raises(NotFound):
        await counter.swaps.resume(swap.correlation_id)


async def test_going_back_before_the_customer_ends_the_swap(counter: Counter) -> None:
    swap = await counter.swaps.identify(counter.know())
    assert await counter.swaps.back(swap) is None
    assert await counter.swaps.kept() == ()


async def test_going_back_is_journalled(counter: Counter) -> None:
    swap = await counter.to_review()
    earlier = await counter.swaps.back(swap)
    assert counter.store.kept_swaps()[0].swap == earlier


async def test_a_payment_is_recorded_confirmed_and_completed(counter: Counter) -> None:
    swap = await counter.to_review(plan_with(**SHORT))
    due = counter.swaps.due(swap)
    assert due.cost == Decimal("12.48")
    swap = await counter.swaps.take_payment(swap, due.cost, " mp4471 ", "MOBILE_MONEY")
    assert next_step(swap) is Step.PAYMENT
    swap = await counter.swaps.confirm_payment(swap)
    assert counter.payments.asked == ["MP4471"]
    done = await counter.swaps.complete(swap)
    assert done.payment is not None
    assert done.payment.confirmation is Confirmation.PLATFORM


async def test_a_receipt_pays_one_swap_only(counter: Counter) -> None:
    first = await counter.to_review(plan_with(**SHORT))
    await counter.swaps.take_payment(first, Decimal("12.48"), "MP4471", "MOBILE_MONEY")
    second = await counter.to_review(replace(plan_with(**SHORT, holds="BAT-2"), id="plan2"), "BAT-67891")
    with pytest.raises(PaymentUsed):
        await counter.swaps.take_payment(second, Decimal("12.48"), "mp4471", "MOBILE_MONEY")


async def test_a_refused_receipt_is_taken_off_and_another_may_pay(counter: Counter) -> None:
    swap = await counter.swaps.take_payment(await counter.to_review(plan_with(**SHORT)), Decimal("12.48"), "MP0", "CASH")
    counter.payments.failure = PaymentRefused("MP0", "never paid")
    with pytest.raises(PaymentRefused) as refused:
        await counter.swaps.confirm_payment(swap)
    swap = await counter.swaps.drop_payment(swap, refused.value)
    swap = await counter.swaps.take_payment(swap, Decimal("12.48"), "MP1", "CASH")
    assert swap.payment is not None


async def test_a_swap_with_a_payment_cannot_be_left(counter: Counter) -> None:
    swap = await counter.swaps.take_payment(await counter.to_review(plan_with(**SHORT)), Decimal("12.48"), "MP1", "CASH")
    with pytest.raises(StepImpossible):
        await counter.swaps.leave(swap, "changed his mind")


async def test_a_supervisor_may_vouch_for_a_receipt_and_it_is_recorded(counter: Counter) -> None:
    swap = await counter.swaps.take_payment(await counter.to_review(plan_with(**SHORT)), Decimal("12.48"), "MP1", "CASH")
    swap = await counter.swaps.override_payment(swap, "sup-7", "the link is down")
    assert next_step(swap) is Step.REVIEW
    assert counter.store.kept_swaps()[0].swap.payment == swap.payment
    assert swap.payment is not None
    assert swap.payment.confirmed_by == "SUP-7"


async def test_who_is_no_supervisor_here_vouches_for_nothing(counter: Counter) -> None:
    swap = await counter.swaps.take_payment(await counter.to_review(plan_with(**SHORT)), Decimal("12.48"), "MP1", "CASH")
    for supervisor, reason in (("ATT-001", "the link is down"), ("", "the link is down"), ("SUP-7", " "), ("SUP-7", "x" * 201)):
        with pytest.raises(NotApproved):
            await counter.swaps.override_payment(swap, supervisor, reason)
    counter.people.configured_supervisors = ()
    with pytest.raises(NotApproved):
        await counter.swaps.override_payment(swap, "SUP-7", "the link is down")


async def test_more_than_went_out_is_recorded_with_who_approved_it_and_why(counter: Counter) -> None:
    swap = await counter.swaps.identify(counter.know(remembering()))
    with pytest.raises(ReturnedMore):
        await counter.swaps.accept_returned(swap, reading(energy="30.9"))
    with pytest.raises(NotApproved):
        await counter.swaps.accept_more(swap, reading(energy="30.9"), "ATT-001", "Charged at home")
    swap = await counter.swaps.accept_more(swap, reading(energy="30.9"), "sup-7", " Charged  at home ")
    assert swap.more_approved == Approval(supervisor="SUP-7", reason="Charged at home")
    assert counter.store.kept_swaps()[0].swap == swap
    swap = await counter.swaps.complete(await counter.swaps.accept_new(swap, reading("BAT-67890", "30.4")))
    assert swap.net_kwh == Decimal("1.3")
    pending = (await counter.plans.find(counter.know(remembering()))).plan
    assert pending.electricity is not None
    assert (str(pending.electricity.used), pending.agent_state["issued"]["battery_id"]) == ("345.8", "BAT-67890")
    receipt = counter.swaps.result(swap)["metadata"]["receipt"]
    assert receipt["incoming_counted_kwh"] == Decimal("29.1")


async def test_a_battery_for_inspection_that_holds_more_needs_a_supervisor_too(counter: Counter) -> None:
    swap = await counter.swaps.identify(counter.know(remembering()))
    hot = reading(energy="30.9", temperature_celsius=Decimal(68))
    with pytest.raises(ReturnedMore):
        await counter.swaps.accept_returned(swap, hot, "too hot, 68 °C")
    swap = await counter.swaps.accept_more(swap, hot, "SUP-7", "Charged at home", "too hot, 68 °C")
    assert (swap.inspection, swap.more_approved is not None) == ("too hot, 68 °C", True)


async def test_another_customers_battery_is_not_issued(counter: Counter) -> None:
    counter.store.put_plan(replace(plan_of(), id="other", service_states=plan_with(holds="BAT-67890").service_states), counter.clock.now())
    swap = await counter.swaps.identify(counter.know(plan_with(holds=None)))
    with pytest.raises(BatteryTaken):
        await counter.swaps.accept_new(swap, reading("BAT-67890", "30.4"))


async def test_a_battery_issued_here_is_not_issued_again(counter: Counter) -> None:
    await counter.swaps.complete(await counter.to_review())
    swap = await counter.swaps.identify(counter.know(replace(plan_with(holds=None), id="second")))
    with pytest.raises(BatteryTaken):
        await counter.swaps.accept_new(swap, reading("BAT-67890", "30.4"))


async def test_a_battery_that_does_not_answer_leaves_the_swap_as_it_was(counter: Counter) -> None:
    swap = await counter.swaps.identify(counter.know())
    with pytest.raises(BatteryUnreachable):
        await counter.swaps.read(swap, "BAT-12345", lambda _phase: None)
    assert counter.store.kept_swaps()[0].swap == swap


async def test_a_completion_announces_what_waits(counter: Counter) -> None:
    await counter.swaps.complete(await counter.to_review())
    assert [event.unsettled for event in counter.events if isinstance(event, OutboxChanged)] == [1]


async def test_the_result_is_the_agents(counter: Counter) -> None:
    result = counter.swaps.result(await counter.to_review())
    assert result["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    assert result["metadata"]["receipt"]["quotas_remaining"] == {"swap_count": "3 of 10", "electricity_fuel": "29.9 kWh of 400 kWh"}


async def test_a_customer_who_has_paid_is_not_asked_to_pay_again(counter: Counter) -> None:
    paid = await counter.swaps.take_payment(await counter.to_review(plan_with(**SHORT)), Decimal("12.48"), "MP1", "CASH")
    await counter.swaps.keep(paid)
    again = await counter.swaps.identify(counter.know(plan_with(**SHORT)))
    assert (again.correlation_id, again.payment) == (paid.correlation_id, paid.payment)


async def test_a_customer_who_begins_anew_leaves_the_unpaid_swap_behind(counter: Counter) -> None:
    first = await counter.swaps.identify(counter.know())
    second = await counter.swaps.identify(counter.know())
    assert [kept.swap.correlation_id for kept in await counter.swaps.kept()] == [second.correlation_id]
    assert first.correlation_id != second.correlation_id


async def test_an_estimate_is_made_with_the_capacity_of_the_plan(counter: Counter) -> None:
    swap = await counter.swaps.identify(counter.know())
    counter.scanner.readings["BAT-12345"] = reading()
    await counter.swaps.read(swap, "BAT-12345", lambda _phase: None)
    assert counter.scanner.capacities == [Decimal(32)]
