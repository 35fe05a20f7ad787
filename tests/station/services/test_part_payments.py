"""Several receipts that pay one swap together, and payments that the platform tells of by itself (decisions 9, 10, 22)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.errors import LinkDown, PartNeedsLink, PaymentRefused, PaymentTooSmall, PaymentUsed, StepImpossible
from kiosk.domain.money.payments import PaymentReceived
from kiosk.domain.plan.quota import Credit
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.swap.receipt import PaidPart
from kiosk.domain.swap.swap import Confirmation, Step, Swap, next_step
from kiosk.station.adapters.printing import FolderArchive
from kiosk.station.adapters.store.sql_store import open_store
from kiosk.station.ports import CompletedSwap, OutboxState
from kiosk.station.services.receipts import Receipts
from kiosk.wire.exact_json import loads
from tests.builders import plan_with, reading
from tests.fakes import BlankPaper
from tests.station.services.conftest import Counter

SHORT: dict[str, Any] = {"used_kwh": "390", "quota_kwh": "400"}  # 12.48 USD are due


async def short(counter: Counter, plan: ServicePlan | None = None) -> Swap:
    return await counter.to_review(plan or plan_with(**SHORT))


async def part(counter: Counter, swap: Swap, amount: str, receipt_id: str) -> Swap:
    taken = await counter.swaps.take_payment(swap, Decimal(amount), receipt_id, "MOBILE_MONEY", part=True)
    return await counter.swaps.confirm_payment(taken)


def told(counter: Counter, swap: Swap, amount: str = "12.48", receipt_id: str = "MP1", **changes: Any) -> PaymentReceived:
    """The platform tells of a payment for this swap."""
    event = PaymentReceived(
        plan_id=swap.plan.id,
        receipt_id=receipt_id,
        method="MOBILE_MONEY",
        amount=Decimal(amount),
        currency="USD",
        transaction_id=swap.correlation_id,
        paid_at=counter.clock.now(),
    )
    counter.payments.told.append(replace(event, **changes))
    return counter.payments.told[-1]


def ids(swap: Swap) -> list[str]:
    return [each.receipt_id for each in swap.payments]


async def test_parts_add_up_and_the_completion_carries_the_sum_and_the_last_receipt(counter: Counter) -> None:
    swap = await part(counter, await short(counter), "5", "MP1")
    assert (next_step(swap), counter.swaps.still_due(swap)) == (Step.PAYMENT, Decimal("7.48"))
    swap = await part(counter, swap, "3", "MP2")
    swap = await part(counter, swap, "4.48", "MP3")
    assert next_step(swap) is Step.REVIEW
    await counter.swaps.complete(swap)
    (entry,) = counter.store.unsettled()
    request = loads(entry.message.payload)
    assert {name: value for name, value in request.items() if name.startswith("payment")} == {
        "payment_occurred": True,
        "payment_amount": Decimal("12.48"),
        "payment_receipt_id": "MP3",
        "payment_method": "MOBILE_MONEY",
    }
    assert set(request) == set(loads((await one_payment(counter)).payload))


async def one_payment(counter: Counter) -> Any:
    """The message of a swap that was paid at once: a payment in parts adds no key to it."""
    plan = replace(plan_with(**SHORT, holds="BAT-2"), id="plan2")
    swap = await counter.to_review(plan, "BAT-67891")
    swap = await counter.swaps.confirm_payment(await counter.swaps.take_payment(swap, Decimal("12.48"), "MP9", "CASH"))
    await counter.swaps.complete(swap)
    return next(each.message for each in counter.store.unsettled() if each.message.plan_id == "plan2")


async def test_a_part_that_is_not_asked_for_is_too_small(counter: Counter) -> None:
    with pytest.raises(PaymentTooSmall):
        await counter.swaps.take_payment(await short(counter), Decimal(5), "MP1", "CASH")


async def test_a_part_waits_for_the_platforms_word_where_a_whole_payment_does_not(counter: Counter) -> None:
    plan = plan_with(**SHORT)
    completion = replace(plan.template.agent_config.service_completion, require_payment_confirmation=False)
    plan = replace(plan, template=replace(plan.template, agent_config=replace(plan.template.agent_config, service_completion=completion)))
    swap = await short(counter, plan)
    assert (await counter.swaps.take_payment(swap, Decimal("12.48"), "MP1", "CASH")).paid
    first = await counter.swaps.take_payment(swap, Decimal(5), "MP1", "CASH", part=True)
    assert not first.paid
    first = await counter.swaps.confirm_payment(first)
    rest = await counter.swaps.take_payment(first, Decimal("7.48"), "MP2", "CASH")
    assert rest.payment is not None
    assert rest.payment.confirmation is Confirmation.WAITING


async def test_without_a_link_a_part_says_that_it_needs_one_and_waits(counter: Counter) -> None:
    swap = await counter.swaps.take_payment(await short(counter), Decimal(5), "MP1", "CASH", part=True)
    counter.payments.failure = LinkDown("no network")
    with pytest.raises(PartNeedsLink):
        await counter.swaps.confirm_payment(swap)
    counter.payments.failure = None
    assert ids(await counter.swaps.confirm_payment(swap)) == ["MP1"]


async def test_nobody_vouches_for_a_part(counter: Counter) -> None:
    swap = await counter.swaps.take_payment(await short(counter), Decimal(5), "MP1", "CASH", part=True)
    with pytest.raises(StepImpossible):
        await counter.swaps.override_payment(swap, "SUP-7", "the link is down")
    swap = await counter.swaps.confirm_payment(swap)
    rest = await counter.swaps.take_payment(swap, Decimal("7.48"), "MP2", "CASH", part=True)
    with pytest.raises(StepImpossible):
        await counter.swaps.override_payment(rest, "SUP-7", "the link is down")


async def test_a_refused_part_leaves_the_others(counter: Counter) -> None:
    swap = await part(counter, await short(counter), "5", "MP1")
    swap = await counter.swaps.take_payment(swap, Decimal(3), "MP2", "CASH", part=True)
    swap = await counter.swaps.drop_payment(swap, PaymentRefused("MP2", "never paid"))
    assert (ids(swap), swap.amount_paid, next_step(swap)) == (["MP1"], Decimal(5), Step.PAYMENT)


async def test_a_swap_with_a_part_can_only_be_kept(counter: Counter) -> None:
    swap = await part(counter, await short(counter), "5", "MP1")
    with pytest.raises(StepImpossible):
        await counter.swaps.leave(swap, "changed his mind")
    with pytest.raises(StepImpossible):
        await counter.swaps.back(swap)
    await counter.swaps.keep(swap)


async def test_parts_survive_a_restart(counter: Counter) -> None:
    swap = await part(counter, await short(counter), "5", "MP1")
    again = open_store(Path(str(counter.store._engine.url.database)))
    (kept,) = again.kept_swaps()
    again.close()
    assert kept.swap == swap
    assert await counter.swaps.resume(swap.correlation_id) == swap
    assert await counter.swaps.identify(counter.know(plan_with(**SHORT))) == swap


async def test_after_a_while_the_new_battery_is_read_again_and_a_smaller_one_may_be_covered(counter: Counter) -> None:
    swap = await part(counter, await short(counter), "8", "MP1")
    counter.clock.pass_time(2 * 3600)
    swap = await counter.swaps.resume(swap.correlation_id)
    assert (next_step(swap), ids(swap)) == (Step.NEW, ["MP1"])
    swap = await counter.swaps.accept_new(swap, reading("BAT-67890", "24.8"))  # 10 kWh are missing: 8.00 USD
    assert (next_step(swap), swap.paid) == (Step.REVIEW, True)
    assert counter.swaps.credit(swap) == Credit(kwh=Decimal("10.0"))


async def test_a_plan_that_was_topped_up_elsewhere_needs_no_rest(counter: Counter) -> None:
    swap = await part(counter, await short(counter), "5", "MP1")
    counter.know(plan_with(used_kwh="390", quota_kwh="500"))
    swap = await counter.swaps.resume(swap.correlation_id)
    assert next_step(swap) is Step.REVIEW
    assert (await counter.swaps.complete(swap)).amount_paid == Decimal(5)


async def test_a_receipt_counts_once_in_its_swap_and_in_no_other(counter: Counter) -> None:
    swap = await part(counter, await short(counter), "5", "MP1")
    with pytest.raises(PaymentUsed) as here:
        await counter.swaps.take_payment(swap, Decimal("7.48"), " mp1 ", "CASH", part=True)
    assert here.value.here
    other = await counter.to_review(replace(plan_with(**SHORT, holds="BAT-2"), id="plan2"), "BAT-67891")
    swap = await part(counter, swap, "7.48", "MP2")
    for receipt in ("MP1", "MP2"):
        with pytest.raises(PaymentUsed) as elsewhere:
            await counter.swaps.take_payment(other, Decimal("12.48"), receipt, "MOBILE_MONEY")
        assert not elsewhere.value.here


async def test_the_receipt_lists_each_payment(counter: Counter, tmp_path: Path) -> None:
    swap = await part(counter, await part(counter, await short(counter), "5", "MP1"), "10", "MP2")
    done = await counter.swaps.complete(swap)
    swaps, archive = counter.swaps, FolderArchive(tmp_path)
    receipts = Receipts(counter.store, BlankPaper(), archive, counter.clock, swaps.station, swaps.rules.collectable, training=False)
    paid = receipts.receipt(CompletedSwap(swap=done, state=OutboxState.UNSETTLED)).paid
    assert paid is not None
    assert (paid.amount, paid.receipt_id, paid.bought_kwh) == (Decimal(15), "MP2", Decimal("18.8"))
    assert paid.parts == (
        PaidPart(amount=Decimal(5), receipt_id="MP1", method="MOBILE_MONEY"),
        PaidPart(amount=Decimal(10), receipt_id="MP2", method="MOBILE_MONEY"),
    )


# -- what the platform tells by itself


async def test_what_has_arrived_is_recorded_as_confirmed_and_asks_nobody(counter: Counter) -> None:
    swap = await short(counter)
    told(counter, swap)
    arrival = await counter.swaps.take_arrived(swap)
    assert (next_step(arrival.swap), ids(arrival.swap), counter.payments.asked) == (Step.REVIEW, ["MP1"], [])
    assert counter.store.kept_swaps()[0].swap == arrival.swap
    assert (await counter.swaps.complete(arrival.swap)).payment == arrival.counted[0]


async def test_all_that_has_arrived_is_counted_be_it_more_than_is_due(counter: Counter) -> None:
    swap = await short(counter)
    told(counter, swap, "12.48", "MP1")
    told(counter, swap, "2.52", "MP2")
    swap = (await counter.swaps.take_arrived(swap)).swap
    assert (ids(swap), swap.amount_paid) == (["MP1", "MP2"], Decimal(15))
    assert counter.swaps.beyond(swap, Decimal(0)) == Credit(kwh=Decimal("3.2"))


async def test_a_look_again_counts_nothing_twice(counter: Counter) -> None:
    swap = await short(counter)
    told(counter, swap, "5")
    swap = (await counter.swaps.take_arrived(swap)).swap
    arrival = await counter.swaps.take_arrived(swap)
    assert (arrival.swap, arrival.counted) == (swap, ())


@pytest.mark.parametrize(
    "changes",
    [
        {"transaction_id": "TXN-01JHMN5Z000000000000000009"},
        {"transaction_id": " txn-01jhmn5z000000000000000009"},
        {"transaction_id": "", "paid_at": None},
        {"transaction_id": "SO-17", "paid_at": None},
        {"plan_id": "another"},
        {"amount": Decimal(0)},
        {"receipt_id": "x" * 65},
    ],
)
async def test_what_is_not_meant_for_this_swap_or_is_no_receipt_is_passed_over(counter: Counter, changes: dict[str, Any]) -> None:
    swap = await short(counter)
    told(counter, swap, **changes)
    arrival = await counter.swaps.take_arrived(swap)
    assert (arrival.swap, arrival.counted, arrival.foreign) == (swap, (), ())


@pytest.mark.parametrize("transaction_id", ["", "SO-17", "SO/2026/00017", "TXN-2026/17", "for TXN-01JHMN5Z000000000000000009"])
async def test_a_payment_that_names_no_swap_counts_when_it_was_made_after_this_one_began(counter: Counter, transaction_id: str) -> None:
    swap = await short(counter)
    told(counter, swap, "5", "OLD", transaction_id=transaction_id, paid_at=swap.started_at - timedelta(seconds=1))
    told(counter, swap, "5", "NEW", transaction_id=transaction_id, paid_at=swap.started_at)
    assert ids((await counter.swaps.take_arrived(swap)).swap) == ["NEW"]


@pytest.mark.parametrize("write", [str.lower, " {} ".format])
async def test_a_payment_that_names_this_swap_counts_however_it_is_written(counter: Counter, write: Callable[[str], str]) -> None:
    swap = await short(counter)
    told(counter, swap, transaction_id=write(swap.correlation_id), paid_at=None)
    assert ids((await counter.swaps.take_arrived(swap)).swap) == ["MP1"]


async def test_money_in_another_currency_is_given_back_and_never_counted(counter: Counter) -> None:
    swap = await short(counter)
    event = told(counter, swap, "500", currency="KES")
    arrival = await counter.swaps.take_arrived(swap)
    assert (arrival.swap, arrival.counted, arrival.foreign) == (swap, (), (event,))


async def test_a_receipt_that_paid_another_swap_here_is_passed_over(counter: Counter) -> None:
    first = await short(counter)
    await counter.swaps.take_payment(first, Decimal("12.48"), "MP1", "MOBILE_MONEY")
    second = await counter.to_review(replace(plan_with(**SHORT, holds="BAT-2"), id="plan2"), "BAT-67891")
    told(counter, second)
    assert (await counter.swaps.take_arrived(second)).counted == ()


async def test_while_a_receipt_waits_for_its_word_nothing_else_is_recorded(counter: Counter) -> None:
    swap = await counter.swaps.take_payment(await short(counter), Decimal("12.48"), "MP1", "CASH")
    told(counter, swap, receipt_id="MP2")
    assert (await counter.swaps.take_arrived(swap)).swap == swap


async def test_where_nothing_is_due_nothing_is_taken(counter: Counter) -> None:
    swap = await counter.to_review()
    told(counter, swap)
    assert (await counter.swaps.take_arrived(swap)).swap == swap
