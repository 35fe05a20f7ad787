"""Cash that the kiosk numbers (decision 31), and money that goes back by a numbered act (decision 38)."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from kiosk.domain.errors import LinkDown, NotApproved, PaymentRefused, PaymentTooSmall, PaymentUnconfirmed, PaymentUsed, StepImpossible
from kiosk.domain.money.cash import MoneyAct
from kiosk.domain.swap.swap import Confirmation, Step, Swap, next_step
from tests.builders import plan_of, plan_with, reading
from tests.station.services.conftest import Counter
from tests.station.services.test_swaps import SHORT

FIRST, SECOND, THIRD = (f"CASH-STATION_XYZ-{number:06d}" for number in (1, 2, 3))


async def at_payment(counter: Counter) -> Swap:
    """A swap that owes 12.48 USD."""
    return await counter.to_review(plan_with(**SHORT))


async def paid(counter: Counter) -> Swap:
    """The same, paid in cash and confirmed."""
    swap = await counter.swaps.take_cash(await at_payment(counter), Decimal(20))
    return swap if swap.paid else await counter.swaps.confirm_payment(swap)


async def test_change_is_never_part_of_the_amount(counter: Counter) -> None:
    swap = await counter.swaps.take_cash(await at_payment(counter), Decimal(20), note="book 12")
    assert swap.payment is not None
    assert (swap.payment.amount, swap.payment.receipt_id, swap.payment.method) == (Decimal("12.48"), FIRST, "CASH")
    (entry,) = counter.store.money_entries(swap.correlation_id)
    assert (entry.number, entry.act, entry.amount) == (FIRST, MoneyAct.RECEIVED, Decimal("12.48"))
    assert (entry.given, entry.note) == (Decimal(20), "book 12")


async def test_cash_that_is_refused_here_uses_no_number(counter: Counter) -> None:
    swap = await at_payment(counter)
    with pytest.raises(PaymentTooSmall):
        await counter.swaps.take_cash(swap, Decimal(5))
    assert counter.store.money_book() == ()
    again = await counter.swaps.take_cash(swap, Decimal("12.48"))
    assert again.payment is not None
    assert again.payment.receipt_id == FIRST


async def test_parts_in_cash_have_a_number_each(counter: Counter) -> None:
    swap = await counter.swaps.confirm_payment(await counter.swaps.take_cash(await at_payment(counter), Decimal(5), part=True))
    swap = await counter.swaps.confirm_payment(await counter.swaps.take_cash(swap, Decimal(10), part=True))
    assert [(each.receipt_id, each.amount) for each in swap.payments] == [(FIRST, Decimal(5)), (SECOND, Decimal("7.48"))]
    assert swap.paid


async def test_a_refused_cash_receipt_is_cancelled_by_a_number(counter: Counter) -> None:
    swap = await counter.swaps.take_cash(await at_payment(counter), Decimal(20))
    swap = await counter.swaps.drop_payment(swap, PaymentRefused(FIRST, "not signed"))
    newest, received = counter.store.money_book()
    assert (newest.number, newest.act, newest.about, newest.amount) == (SECOND, MoneyAct.CANCELLED, FIRST, received.amount)
    again = await counter.swaps.take_cash(swap, Decimal(20))
    assert again.payment is not None
    assert again.payment.receipt_id == THIRD
    assert len(counter.store.money_book()) == 3


async def test_a_number_that_the_platform_knows_already_begins_a_new_series(counter: Counter) -> None:
    swap = await counter.swaps.take_cash(await at_payment(counter), Decimal(20))
    swap = await counter.swaps.drop_payment(swap, PaymentUsed("CASH", FIRST))
    again = await counter.swaps.take_cash(swap, Decimal(20))
    assert again.payment is not None
    assert again.payment.receipt_id == "CASH-STATION_XYZ-R1-000001"


async def test_the_next_number_is_above_the_highest_that_the_platform_knows(counter: Counter) -> None:
    counter.store.number_cash_above("STATION_XYZ", 41, counter.clock.now())
    counter.store.number_cash_above("STATION_XYZ", 7, counter.clock.now())
    swap = await counter.swaps.take_cash(await at_payment(counter), Decimal(20))
    assert swap.payment is not None
    assert swap.payment.receipt_id == "CASH-STATION_XYZ-000042"


async def test_a_new_series_begins_above_what_was_typed_in_its_form(counter: Counter) -> None:
    await counter.swaps.take_payment(await at_payment(counter), Decimal("12.48"), "CASH-STATION_XYZ-000007", "CASH")
    swap = await counter.swaps.take_cash(await counter.to_review(replace(plan_with(**SHORT), id="other-plan"), "BAT-67891"), Decimal(20))
    assert swap.payment is not None
    assert swap.payment.receipt_id == "CASH-STATION_XYZ-000008"


# -- money back


async def test_cash_out_of_the_drawer_ends_the_swap_and_its_receipts_stay_used(counter: Counter) -> None:
    swap = await paid(counter)
    entry = await counter.money_back.give_back(swap, MoneyAct.REFUNDED, "sup-7", "No battery is fit")
    assert (entry.number, entry.amount, entry.about) == (SECOND, Decimal("12.48"), FIRST)
    assert (entry.approved_by, entry.note) == ("SUP-7", "No battery is fit")
    assert await counter.swaps.kept() == ()
    assert counter.store.payment_used_at("CASH", FIRST, except_swap="another") is not None
    with pytest.raises(PaymentUsed):
        await counter.swaps.take_payment(await at_payment(counter), Decimal("12.48"), FIRST, "CASH")


async def test_the_plans_credit_is_what_the_next_visit_goes_on_with(counter: Counter) -> None:
    swap = await paid(counter)
    entry = await counter.money_back.give_back(swap, MoneyAct.CREDITED, "SUP-7", "Customer comes back")
    assert entry.number == "BACK-STATION_XYZ-000001"
    again = await counter.swaps.identify(counter.know(plan_with(**SHORT)))
    assert (again.correlation_id, again.amount_paid, again.outgoing) == (swap.correlation_id, Decimal("12.48"), None)
    again = await counter.swaps.accept_returned(again, reading(again.plan.current_asset or ""))
    again = await counter.swaps.accept_new(again, reading("BAT-67890", "30.4"))
    assert next_step(again) is Step.REVIEW


async def test_a_credit_that_the_platform_knows_can_be_topped_up_for_a_dearer_battery(counter: Counter) -> None:
    await counter.money_back.give_back(await paid(counter), MoneyAct.CREDITED, "SUP-7", "later")
    again = await counter.swaps.identify(counter.know(plan_with(**SHORT)))
    again = await counter.swaps.accept_returned(again, reading(again.plan.current_asset or ""))
    again = await counter.swaps.accept_new(again, reading("BAT-67890", "31.4"))
    assert (next_step(again), counter.swaps.still_due(again)) == (Step.PAYMENT, Decimal("0.80"))


async def test_what_stays_at_the_desk_is_told_the_platform(counter: Counter) -> None:
    counter.payments.failure = LinkDown("no link")
    swap = await counter.swaps.take_payment(await at_payment(counter), Decimal("12.48"), "MP1", "MOBILE_MONEY")
    entry = await counter.money_back.give_back(swap, MoneyAct.AT_DESK, "SUP-7", "customer left")
    assert entry.number == "BACK-STATION_XYZ-000001"
    await asyncio.sleep(0)
    await counter.money_back.tell_desk()
    assert [each.correlation_id for each in counter.store.untold_money()] == [swap.correlation_id]
    counter.payments.failure = None
    await counter.money_back.tell_desk()
    assert counter.store.untold_money() == ()
    asked = len(counter.payments.asked)
    await counter.money_back.tell_desk()
    assert len(counter.payments.asked) == asked
    assert await counter.swaps.kept() == ()


async def test_what_is_not_confirmed_is_given_out_by_nobody(counter: Counter) -> None:
    counter.payments.failure = PaymentUnconfirmed("MP1", 20)
    swap = await counter.swaps.take_payment(await at_payment(counter), Decimal(5), "MP1", "MOBILE_MONEY", part=True)
    assert swap.payment is not None
    assert swap.payment.confirmation is Confirmation.WAITING
    assert counter.money_back.ways(swap) == (MoneyAct.AT_DESK,)
    with pytest.raises(StepImpossible):
        await counter.money_back.give_back(swap, MoneyAct.REFUNDED, "SUP-7", "why not")


@pytest.mark.parametrize(("who", "why"), [("ATT-001", "reason"), ("SUP-7", "  "), ("", "reason")])
async def test_money_goes_back_with_a_supervisor_and_a_reason_alone(counter: Counter, who: str, why: str) -> None:
    swap = await paid(counter)
    with pytest.raises(NotApproved):
        await counter.money_back.give_back(swap, MoneyAct.REFUNDED, who, why)
    assert [each.act for each in counter.store.money_book()] == [MoneyAct.RECEIVED]
    assert len(await counter.money_back.paid()) == 1


async def test_a_swap_without_a_payment_gives_nothing_back(counter: Counter) -> None:
    swap = await counter.to_review(plan_of())
    assert counter.money_back.ways(swap) == ()
