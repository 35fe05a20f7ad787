"""A plan without COMPLETE_SERVICE, completed step by step against the reference platform: the books add up exactly (decision 21)."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.platform.agent.mqtt_service import PlatformService
from kiosk.platform.agent.wire_messages import Outgoing
from kiosk.shared.system import SystemClock
from kiosk.station.events import SwapAnswered
from kiosk.station.ports import OutboxState
from tests.brokers import Mosquitto
from tests.builders import plan_with, rolled_back
from tests.end_to_end.test_failures import dying_kiosk
from tests.end_to_end.world import NEW, WAIT_SECONDS, Shop, booked, counter, plan_named, settings_in
from tests.platform.agent_counter import count, rows
from tests.platform.kiosks import kiosk_on, platform_with
from tests.stores import store_of

STEPS = ["EQUIPMENT_CHECKIN", "EQUIPMENT_CHECKOUT", "REPORT_ATTENDANT_ACTIVITY"]
PAID_STEPS = ["EQUIPMENT_CHECKIN", "PROCESS_PAYMENT", "EQUIPMENT_CHECKOUT", "REPORT_ATTENDANT_ACTIVITY"]


def older_plan(name: str, plan: ServicePlan | None = None) -> ServicePlan:
    return plan_named(name, rolled_back(plan))


def done_at(books: Path, correlation_id: str) -> list[str]:
    """What the platform did under this id, in order."""
    query = f"SELECT action FROM platform_transactions WHERE correlation_id = '{correlation_id}' ORDER BY number"  # noqa: S608  our own id
    return [action for (action,) in rows(books, query)]


async def test_an_ordinary_swap_is_checked_in_and_out_and_reported(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    plan = older_plan("older")
    async with platform_with(mosquitto, books, plan), counter(settings_in(folder, mosquitto)) as shop:
        done = await shop.kiosk.swaps.complete(await shop.with_batteries(plan.id))
        await shop.settled(done)
        assert shop.waiting.unsettled == 0
    assert booked(books, plan.id) == (Decimal(7), Decimal("348.1"), NEW)
    assert done_at(books, done.correlation_id) == STEPS


async def test_a_first_visit_checks_nothing_in(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    plan = older_plan("first", plan_with(holds=None, used_kwh="0", swaps_used=0))
    async with platform_with(mosquitto, books, plan), counter(settings_in(folder, mosquitto)) as shop:
        done = await shop.kiosk.swaps.complete(await shop.with_batteries(plan.id))
        await shop.settled(done)
    assert booked(books, plan.id) == (Decimal(1), Decimal("4.4"), NEW)
    assert done_at(books, done.correlation_id) == STEPS[1:]


async def test_an_exhausted_plan_is_paid_before_the_battery_is_issued(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    plan = older_plan("short", plan_with(used_kwh="398"))
    async with kiosk_on(mosquitto) as ears, platform_with(mosquitto, books, plan), counter(settings_in(folder, mosquitto)) as shop:
        swap = await shop.kiosk.swaps.confirm_payment(await shop.pay(await shop.with_batteries(plan.id)))
        done = await shop.kiosk.swaps.complete(swap)
        await shop.settled(done)
        await ears.until(lambda: ears.events(plan.id))
    assert booked(books, plan.id) == (Decimal(7), Decimal("401.6"), NEW)
    assert done_at(books, done.correlation_id) == PAID_STEPS
    assert count(books, "payment_events") == 1
    assert [event["event_type"] for event in ears.events(plan.id)] == ["PAYMENT_RECEIVED"]


async def test_a_plan_paid_in_parts_is_credited_with_their_sum(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    plan = older_plan("parts", plan_with(used_kwh="398"))
    async with platform_with(mosquitto, books, plan), counter(settings_in(folder, mosquitto)) as shop:
        swaps = shop.kiosk.swaps
        swap = await shop.with_batteries(plan.id)
        for amount, receipt_id in (("0.50", "MP1"), ("0.78", "MP2")):
            swap = await swaps.confirm_payment(await swaps.take_payment(swap, Decimal(amount), receipt_id, "MOBILE_MONEY", part=True))
        done = await swaps.complete(swap)
        await shop.settled(done)
    assert booked(books, plan.id) == (Decimal(7), Decimal("401.6"), NEW)
    assert done_at(books, done.correlation_id) == PAID_STEPS
    assert rows(books, "SELECT receipt_id, amount FROM platform_payment_events ORDER BY number") == [("MP1", "0.50"), ("MP2", "0.78")]


MOMENTS = ["complete", *(f"{moment}-{number}" for number in (1, 2, 3, 4) for moment in ("heard", "stored"))]


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_kiosk_killed_at_any_step_goes_on_there_and_the_books_add_up(
    mosquitto: Mosquitto, folder: Path, books: Path, moment: str
) -> None:
    plan = older_plan("dying", plan_with(used_kwh="398"))
    async with platform_with(mosquitto, books, plan), dying_kiosk(folder, mosquitto, plan.id, moment) as correlation_id:
        assert len(done_at(books, correlation_id)) <= int(moment[-1]) if moment != "complete" else not done_at(books, correlation_id)
        async with counter(settings_in(folder, mosquitto)) as shop:
            await settled(shop, correlation_id)
    assert booked(books, plan.id) == (Decimal(7), Decimal("401.6"), NEW)
    assert done_at(books, correlation_id) == PAID_STEPS
    assert count(books, "payment_events") == 1


@pytest.mark.parametrize("number", [1, 2, 3])
async def test_a_platform_that_dies_between_steps_is_asked_for_the_step_that_is_not_answered(
    mosquitto: Mosquitto, folder: Path, books: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends after `number` commits, the last of them unanswered; another process takes its books over."""
    plan = older_plan("between")
    publish = PlatformService._publish_answer
    gone = asyncio.Event()

    def answer_or_end(service: PlatformService, answer: Outgoing) -> None:
        if "identify" in answer.topic or len(done_at(books, swap.correlation_id)) < number:  # a step may be asked for twice
            publish(service, answer)
        else:
            service.silent = True
            gone.set()

    async with counter(settings_in(folder, mosquitto)) as shop:
        async with platform_with(mosquitto, books, plan), asyncio.timeout(WAIT_SECONDS):
            swap = await shop.with_batteries(plan.id)
            with monkeypatch.context() as patched:
                patched.setattr(PlatformService, "_publish_answer", answer_or_end)
                done = await shop.kiosk.swaps.complete(swap)
                await gone.wait()
        assert done_at(books, done.correlation_id) == STEPS[:number]
        assert shop.state(done) == "unsettled"
        assert store_of(shop.kiosk).outbox_entry(done.correlation_id).message.action == STEPS[number - 1]
        async with platform_with(mosquitto, books):
            await shop.settled(done)
    assert booked(books, plan.id) == (Decimal(7), Decimal("348.1"), NEW)
    assert done_at(books, done.correlation_id) == STEPS


async def test_a_plan_rolled_back_after_it_was_cached_goes_on_by_the_older_sequence(
    mosquitto: Mosquitto, folder: Path, books: Path
) -> None:
    plan = plan_named("rolled", plan_with(used_kwh="398"))
    async with platform_with(mosquitto, books, plan) as service, counter(settings_in(folder, mosquitto)) as shop:
        swap = await shop.kiosk.swaps.confirm_payment(await shop.pay(await shop.with_batteries(plan.id)))
        told = service._store.plan(plan.id)
        assert told is not None
        service._store.put_plan(rolled_back(told), SystemClock().now())
        done = await shop.kiosk.swaps.complete(swap)
        await shop.settled(done)
    assert booked(books, plan.id) == (Decimal(7), Decimal("401.6"), NEW)
    assert done_at(books, done.correlation_id) == PAID_STEPS


async def test_a_completion_booked_before_the_plan_was_rolled_back_is_answered_again_and_nothing_more_is_done(
    mosquitto: Mosquitto, folder: Path, books: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_named("late")
    lost = asyncio.Event()
    async with platform_with(mosquitto, books, plan) as service, counter(settings_in(folder, mosquitto)) as shop:
        swap = await shop.with_batteries(plan.id)
        with monkeypatch.context() as patched:
            patched.setattr(PlatformService, "_publish_answer", lambda _self, _answer: lost.set())
            done = await shop.kiosk.swaps.complete(swap)
            async with asyncio.timeout(WAIT_SECONDS):
                await lost.wait()
            told = service._store.plan(plan.id)
            assert told is not None
            service._store.put_plan(rolled_back(told), SystemClock().now())
        await shop.settled(done)
    assert booked(books, plan.id) == (Decimal(7), Decimal("348.1"), NEW)
    assert done_at(books, done.correlation_id) == ["COMPLETE_SERVICE"]


async def test_a_refused_step_says_which_and_goes_on_when_the_plan_was_mended(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    plan = older_plan("refused")
    async with platform_with(mosquitto, books, plan) as service, counter(settings_in(folder, mosquitto)) as shop:
        swap = await shop.with_batteries(plan.id)
        service._store.put_plan(replace(plan, service_state="BATTERY_LOST"), SystemClock().now())
        done = await shop.kiosk.swaps.complete(swap)
        answer = await shop.answer(done)
        assert not answer.settled
        assert "taking back the returned battery" in answer.reason
        assert (shop.state(done), shop.waiting.refused) == ("refused", 1)
        service._store.put_plan(plan, SystemClock().now())
        shop.heard.heard.clear()
        await shop.kiosk.outbox.send_again(done.correlation_id)
        await shop.settled(done)
    assert booked(books, plan.id) == (Decimal(7), Decimal("348.1"), NEW)


async def settled(shop: Shop, correlation_id: str) -> None:
    """Until a completion of an earlier run is settled, whether its last answer is heard now or was before."""
    async with asyncio.timeout(WAIT_SECONDS):
        while store_of(shop.kiosk).outbox_entry(correlation_id).state is not OutboxState.SETTLED:
            await shop.heard.until(lambda event: isinstance(event, SwapAnswered) and event.correlation_id == correlation_id)
            shop.kiosk.outbox.catch_up()
