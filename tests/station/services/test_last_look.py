"""Swaps that the world has overtaken: kept ones taken up again, and the last look before the swap counts (decisions 12, 13, 19)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.errors import (
    BatteryTaken,
    CustomerUnknown,
    LinkDown,
    PaymentTooSmall,
    PlanBlocked,
    PlanInvalid,
    PlanTooOld,
    StepImpossible,
    StoreFailed,
)
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.swap.swap import Step, Swap, next_step
from tests.builders import plan_of, plan_with, reading
from tests.station.services.conftest import Counter

SHORT: dict[str, Any] = {"used_kwh": "390", "quota_kwh": "400"}


async def kept(counter: Counter, plan: ServicePlan | None = None) -> Swap:
    """A swap at its review, set aside."""
    swap = await counter.to_review(plan)
    await counter.swaps.keep(swap)
    return swap


async def paid_and_kept(counter: Counter) -> Swap:
    """A swap whose 15.6 missing kWh are paid with 12.48, set aside."""
    swap = await counter.to_review(plan_with(**SHORT))
    swap = await counter.swaps.take_payment(swap, Decimal("12.48"), "PAY-1", "CASH")
    swap = await counter.swaps.confirm_payment(swap)
    await counter.swaps.keep(swap)
    return swap


async def test_one_plan_is_not_swapped_twice_from_one_battery(counter: Counter) -> None:
    first = await counter.to_review()
    await counter.swaps.complete(await counter.to_review(new_id="BAT-777"))
    with pytest.raises(StepImpossible):
        await counter.swaps.complete(first)
    assert len(counter.store.unsettled()) == 1


async def test_one_battery_is_not_issued_twice(counter: Counter) -> None:
    first = await counter.to_review()
    await counter.swaps.complete(await counter.to_review(replace(plan_with(holds="BAT-9"), id="other")))
    with pytest.raises(BatteryTaken):
        await counter.swaps.complete(first)
    assert len(counter.store.unsettled()) == 1


async def test_what_the_agent_would_refuse_is_not_completed(counter: Counter) -> None:
    swap = await counter.to_review(plan_with(**SHORT))
    swap = await counter.swaps.take_payment(swap, Decimal("12.48"), "PAY-1", "CASH")
    swap = await counter.swaps.confirm_payment(swap)
    assert swap.payment is not None
    with pytest.raises(StepImpossible):
        await counter.swaps.complete(replace(swap, payment=replace(swap.payment, amount=Decimal(1))))
    assert counter.store.unsettled() == ()


async def test_another_swap_under_the_same_id_is_not_stored_over_the_first(counter: Counter) -> None:
    swap = await counter.to_review()
    await counter.swaps.complete(swap)
    with pytest.raises((StepImpossible, StoreFailed)):
        await counter.swaps.complete(replace(swap, outgoing=reading("BAT-555", "30.4")))
    (stored,) = counter.store.history()
    assert stored.swap.outgoing == swap.outgoing


async def test_a_plan_that_the_kiosk_could_not_complete_is_refused_at_the_start(counter: Counter) -> None:
    plan = plan_of()
    older = replace(plan.template.agent_config, available_actions=frozenset({"EQUIPMENT_CHECKIN", "EQUIPMENT_CHECKOUT"}))
    with pytest.raises(PlanInvalid):
        await counter.swaps.identify(counter.know(replace(plan, template=replace(plan.template, agent_config=older))))


async def test_a_kept_swap_goes_on_with_the_plan_as_it_is_now(counter: Counter) -> None:
    swap = await kept(counter)
    counter.know(plan_with(**SHORT))
    resumed = await counter.swaps.resume(swap.correlation_id)
    assert next_step(resumed) is Step.PAYMENT
    assert counter.swaps.due(resumed).cost == Decimal("12.48")


async def test_a_kept_swap_is_refused_when_its_plan_is_too_old_and_stays_kept(counter: Counter) -> None:
    swap = await kept(counter)
    counter.teller.failure = LinkDown("no network")
    counter.clock.pass_time(25 * 3600)
    with pytest.raises(PlanTooOld):
        await counter.swaps.resume(swap.correlation_id)
    assert [each.swap for each in await counter.swaps.kept()] == [swap]


@pytest.mark.parametrize("reason", [CustomerUnknown, PlanBlocked])
async def test_a_kept_swap_whose_plan_has_ended_is_refused_and_stays_kept(counter: Counter, reason: type[Exception]) -> None:
    swap = await kept(counter)
    if reason is PlanBlocked:
        counter.know(plan_of(service_state="COMPLETE"))
    else:
        counter.teller.plans.clear()
    with pytest.raises(reason):
        await counter.swaps.resume(swap.correlation_id)
    assert len(await counter.swaps.kept()) == 1


async def test_a_kept_swap_of_a_customer_who_swapped_meanwhile_begins_with_the_battery_he_has_now(counter: Counter) -> None:
    swap = await kept(counter)
    await counter.swaps.complete(await counter.to_review(new_id="BAT-777"))
    resumed = await counter.swaps.resume(swap.correlation_id)
    assert next_step(resumed) is Step.RETURNED
    assert resumed.plan.current_asset == "BAT-777"


async def test_a_kept_swap_whose_new_battery_was_issued_meanwhile_chooses_another(counter: Counter) -> None:
    swap = await kept(counter)
    await counter.swaps.complete(await counter.to_review(replace(plan_with(holds="BAT-9"), id="other")))
    resumed = await counter.swaps.resume(swap.correlation_id)
    assert next_step(resumed) is Step.NEW
    assert resumed.incoming == swap.incoming


async def test_a_new_battery_read_long_ago_is_read_again(counter: Counter) -> None:
    swap = await kept(counter)
    counter.clock.pass_time(timedelta(hours=2).total_seconds())
    resumed = await counter.swaps.resume(swap.correlation_id)
    assert next_step(resumed) is Step.NEW


async def test_a_paid_swap_keeps_its_payment_whatever_has_to_be_done_again(counter: Counter) -> None:
    swap = await paid_and_kept(counter)
    other = replace(plan_with(holds="BAT-9"), id="other")
    await counter.swaps.complete(await counter.to_review(other))
    counter.know(plan_with(**SHORT))
    resumed = await counter.swaps.resume(swap.correlation_id)
    assert next_step(resumed) is Step.NEW
    assert resumed.payment == swap.payment
    done = await counter.swaps.complete(await counter.swaps.accept_new(resumed, reading("BAT-5", "30.4")))
    assert done.payment == swap.payment


async def test_a_paid_swap_takes_no_battery_that_the_payment_does_not_cover(counter: Counter) -> None:
    swap = await paid_and_kept(counter)
    await counter.swaps.complete(await counter.to_review(replace(plan_with(holds="BAT-9"), id="other")))
    resumed = await counter.swaps.resume(swap.correlation_id)
    with pytest.raises(PaymentTooSmall):
        await counter.swaps.accept_new(resumed, reading("BAT-5", "31.4"))
    assert next_step(await counter.swaps.accept_new(resumed, reading("BAT-6", "29.4"))) is Step.REVIEW


async def test_a_paid_swap_on_a_plan_that_is_shorter_now_chooses_a_smaller_battery(counter: Counter) -> None:
    swap = await paid_and_kept(counter)
    counter.know(plan_with(used_kwh="395", quota_kwh="400"))
    resumed = await counter.swaps.resume(swap.correlation_id)
    assert next_step(resumed) is Step.NEW


async def test_a_payment_confirmed_there_and_not_here_is_confirmed_after_a_restart(counter: Counter) -> None:
    swap = await counter.to_review(plan_with(**SHORT))
    swap = await counter.swaps.take_payment(swap, Decimal("12.48"), "PAY-1", "CASH")
    resumed = await counter.swaps.resume(swap.correlation_id)
    assert next_step(resumed) is Step.PAYMENT
    assert next_step(await counter.swaps.confirm_payment(resumed)) is Step.REVIEW
    assert counter.payments.asked == ["PAY-1"]
