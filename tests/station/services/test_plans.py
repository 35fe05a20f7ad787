"""The plan cache (decision 19)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from kiosk.domain.errors import BadCustomerCode, CustomerUnknown, LinkDown, PlanTooOld, PlanUnavailable
from kiosk.domain.keyboard import KeyboardState
from kiosk.domain.messages import message_for
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CustomerCode
from tests.builders import plan_of
from tests.station.services.conftest import Counter


async def test_a_fresh_plan_is_kept_for_later(counter: Counter) -> None:
    found = await counter.plans.find(counter.know())
    assert found.as_of == counter.clock.now()
    assert counter.store.plan(plan_of().id) is not None


async def test_without_an_answer_the_cached_plan_serves_and_says_its_age(counter: Counter) -> None:
    code = counter.know()
    first = await counter.plans.find(code)
    counter.teller.failure = LinkDown("no answer")
    counter.clock.pass_time(3600)
    found = await counter.plans.find(code)
    assert (found.plan, counter.clock.now() - found.as_of) == (first.plan, timedelta(hours=1))


async def test_a_plan_older_than_the_limit_is_refused(counter: Counter) -> None:
    code = counter.know()
    await counter.plans.find(code)
    counter.teller.failure = LinkDown("no answer")
    counter.clock.pass_time(24 * 3600 + 1)
    with pytest.raises(PlanTooOld):
        await counter.plans.find(code)


async def test_a_clock_set_back_makes_no_plan_young(counter: Counter) -> None:
    code = counter.know()
    await counter.plans.find(code)
    counter.teller.failure = LinkDown("no answer")
    counter.clock.jump(-25 * 3600)
    with pytest.raises(PlanTooOld):
        await counter.plans.find(code)


async def test_an_unknown_plan_offline_is_said_so(counter: Counter) -> None:
    code = counter.know()
    counter.teller.failure = LinkDown("no answer")
    with pytest.raises(PlanUnavailable):
        await counter.plans.find(code)


async def test_the_platforms_no_stands_although_a_plan_is_cached(counter: Counter) -> None:
    code = counter.know()
    await counter.plans.find(code)
    counter.teller.plans.clear()
    with pytest.raises(CustomerUnknown):
        await counter.plans.find(code)


async def test_the_plan_shown_is_less_what_is_not_settled(counter: Counter) -> None:
    await counter.swaps.complete(await counter.to_review())
    found = await counter.plans.find(counter.know())
    assert found.plan.swap_count.used == 7
    assert found.plan.electricity is not None
    assert found.plan.electricity.used == Decimal("370.1")
    assert found.plan.current_asset == "BAT-67890"


async def test_what_the_platform_has_booked_is_not_taken_off_twice(counter: Counter) -> None:
    swap = await counter.to_review()
    await counter.swaps.complete(swap)
    found = await counter.plans.find(counter.know(counter.swaps.booked(swap)))  # booked there, the answer was lost
    assert found.plan.swap_count.used == 7


async def test_two_swaps_in_a_row_offline_both_count(counter: Counter) -> None:
    first = await counter.to_review()
    await counter.swaps.complete(first)
    await counter.swaps.complete(await counter.to_review(new_id="BAT-67891"))
    found = await counter.plans.find(counter.know())
    assert found.plan.swap_count.used == 8
    assert found.plan.current_asset == "BAT-67891"
    half = await counter.plans.find(counter.know(counter.swaps.booked(first)))  # the platform knows the first one only
    assert half.plan.swap_count.used == 8


async def test_a_plan_cached_before_a_settled_swap_is_less_that_swap(counter: Counter) -> None:
    done = await counter.swaps.complete(await counter.to_review())
    counter.channel.settle(counter.store.outbox_entry(done.correlation_id).message)
    counter.teller.failure = LinkDown("no network")
    found = await counter.plans.find(counter.know())
    assert found.plan.current_asset == "BAT-67890"
    assert found.plan.swap_count.used == 7
    second = await counter.swaps.complete(await counter.to_review(new_id="BAT-67891"))
    assert second.incoming is not None
    assert second.incoming.battery_id == "BAT-67890"
    assert (await counter.plans.find(counter.know())).plan.swap_count.used == 8


async def test_a_swap_answered_while_the_platform_is_asked_has_it_asked_again(counter: Counter) -> None:
    swap = await counter.to_review()
    done = await counter.swaps.complete(swap)
    before, after = counter.know(), counter.swaps.booked(swap)
    tell, asked = counter.teller.identify, []

    async def settle_meanwhile(code: CustomerCode, timeout_seconds: float) -> ServicePlan:
        told = await tell(code, timeout_seconds)
        asked.append(code)
        counter.know(after)
        counter.channel.settle(counter.store.outbox_entry(done.correlation_id).message)
        return told

    counter.teller.identify = settle_meanwhile  # type: ignore[method-assign]  # the answer crosses the question
    found = await counter.plans.find(before)
    assert len(asked) == 2
    assert found.plan.swap_count.used == 7
    assert found.plan.current_asset == "BAT-67890"


async def test_a_code_typed_in_capitals_finds_a_plan_in_small_letters(counter: Counter) -> None:
    plan = counter.know().plan_id
    found = await counter.plans.find(CustomerCode(text=plan.upper(), plan_id=plan.upper(), typed=True))
    assert found.plan.id == plan


async def test_a_scanned_code_is_taken_as_it_is(counter: Counter) -> None:
    plan = counter.know().plan_id
    with pytest.raises(CustomerUnknown):
        await counter.plans.find(CustomerCode(text=plan.upper(), plan_id=plan.upper()))


async def test_an_unknown_typed_code_is_named_as_it_was_typed(counter: Counter) -> None:
    with pytest.raises(CustomerUnknown) as refused:
        await counter.plans.find(CustomerCode(text="NOBODY", plan_id="NOBODY", typed=True))
    assert refused.value.code == "NOBODY"


CAPS = KeyboardState(caps_lock=True)


def read_twice(typed: str, by_place: str) -> CustomerCode:
    return CustomerCode(text=typed, plan_id=typed, other_id=by_place, keyboard=CAPS)


async def test_a_code_that_caps_lock_has_changed_is_found_by_its_keys(counter: Counter) -> None:
    counter.know(plan_of(id="PLAN-1"))
    assert (await counter.plans.find(read_twice("plan-1", "PLAN-1"))).plan.id == "PLAN-1"
    counter.teller.failure = LinkDown("no answer")
    assert (await counter.plans.find(read_twice("plan-1", "PLAN-1"))).plan.id == "PLAN-1"


async def test_a_code_that_is_no_plan_either_way_names_the_keyboard(counter: Counter) -> None:
    with pytest.raises(CustomerUnknown) as refused:
        await counter.plans.find(read_twice("plan-1", "PLAN-1"))
    assert (refused.value.code, message_for(refused.value).why) == ("plan-1", "Caps Lock is on.")


async def test_a_code_that_is_a_plan_both_ways_finds_nobody(counter: Counter) -> None:
    for plan_id in ("plan-1", "PLAN-1"):
        counter.know(plan_of(id=plan_id))
        await counter.plans.find(CustomerCode(text=plan_id, plan_id=plan_id))
    with pytest.raises(BadCustomerCode, match="two ways"):
        await counter.plans.find(read_twice("plan-1", "PLAN-1"))
