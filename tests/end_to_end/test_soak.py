"""Sixty swaps over five plans while answers are lost at random and messages come twice: the books agree to the watt hour.

Every other plan is completed by the older sequence (decision 21).
"""

import asyncio
import random
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kiosk.domain.errors import ReturnedMore
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.swap.swap import Swap
from kiosk.platform.agent.mqtt_service import PlatformService
from kiosk.platform.agent.wire_messages import Outgoing
from kiosk.station.services.outbox import RetryPolicy
from kiosk.wire.customer_codes import parse_customer_code
from tests.brokers import Mosquitto
from tests.builders import plan_with, reading, rolled_back
from tests.end_to_end.world import Shop, booked, counter, plan_named, settings_in
from tests.platform.agent_counter import rows
from tests.platform.kiosks import link_to, platform_with
from tests.station.adapters.mqtt.parties import linked
from tests.stores import store_of

SWAPS, PLANS, SEED = 60, 5, 20261121
LOST, SILENT, TWICE = 0.3, 0.15, 0.3
USED, QUOTA = Decimal(5000), Decimal(99999)


def energy(dice: random.Random) -> Decimal:
    """From 0.6 kWh to 32 kWh, to the watt hour."""
    return Decimal(dice.randrange(600, 32_000)).scaleb(-3)


async def one_swap(shop: Shop, plan_id: str, number: int, dice: random.Random) -> Swap:
    """The readings are made up here: the radio is tested elsewhere, and takes its time."""
    swaps = shop.kiosk.swaps
    swap = await swaps.identify(parse_customer_code(plan_id))
    if not swap.plan.first_visit:
        back = reading(swap.plan.current_asset or "", str(energy(dice)))
        try:
            swap = await swaps.accept_returned(swap, back)
        except ReturnedMore:  # a supervisor lets it go on, and no more than went out is counted
            swap = await swaps.accept_more(swap, back, "SUP-1", "Charged at home")
    return await swaps.complete(await swaps.accept_new(swap, reading(f"BAT-{40000 + number}", str(energy(dice)))))


async def all_settled(shop: Shop) -> None:
    async with asyncio.timeout(60):
        while store_of(shop.kiosk).unsettled():
            told = len(shop.heard.heard)
            await shop.heard.until(count=told + 1)


async def test_sixty_swaps_with_lost_and_repeated_messages_are_booked_once_each(
    mosquitto: Mosquitto, folder: Path, books: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(SEED)
    base = plan_with(used_kwh=str(USED), quota_kwh=str(QUOTA), swaps_used=0, swaps=1000)
    bases = [base if n % 2 else rolled_back(base) for n in range(PLANS)]
    plans = [plan_named("soak", _holding(each, None if n == 0 else f"BAT-{30000 + n}")) for n, each in enumerate(bases)]
    publish = PlatformService._publish_answer

    def publish_or_lose(service: PlatformService, answer: Outgoing) -> None:
        if dice.random() >= LOST:
            publish(service, answer)

    monkeypatch.setattr(PlatformService, "_publish_answer", publish_or_lose)
    done: list[Swap] = []
    settings = settings_in(folder, mosquitto, answer_seconds=0.2)
    async with platform_with(mosquitto, books, *plans) as service, counter(settings) as shop, linked(link_to(mosquitto, "echo")) as echo:
        shop.kiosk.people.configured_supervisors = ("SUP-1",)
        shop.kiosk.outbox._policy = RetryPolicy(first_seconds=0.05, most_seconds=0.2)
        for plan in plans:
            store_of(shop.kiosk).put_plan(plan, shop.kiosk.swaps._clock.now())
        for number in range(SWAPS):
            service.silent = dice.random() < SILENT
            done.append(await one_swap(shop, dice.choice(plans).id, number, dice))
            entry = store_of(shop.kiosk).outbox_entry(dice.choice(done).correlation_id)
            if entry.tries and dice.random() < TWICE:
                echo.publish(entry.message.topic, entry.message.payload)
        service.silent = False
        await all_settled(shop)
        history = store_of(shop.kiosk).history(1000)
    assert {(row.state.value, row.reason) for row in history} == {("settled", "")}
    assert {row.swap.correlation_id for row in history} == {swap.correlation_id for swap in done}
    issued = "event_type IN ('SERVICE_COMPLETED', 'EQUIPMENT_CHECKOUT')"
    events = rows(books, f"SELECT correlation_id FROM platform_service_events WHERE {issued}")  # noqa: S608  our own words
    assert Counter(events) == Counter((swap.correlation_id,) for swap in done)
    assert len(done) == SWAPS
    assert any(swap.more_approved for swap in done)
    for plan in plans:
        mine = [swap for swap in done if swap.plan.id == plan.id]
        nets = sum((swap.net_kwh for swap in mine if swap.net_kwh is not None), Decimal(0))
        last = mine[-1].outgoing if mine else None
        assert booked(books, plan.id) == (Decimal(len(mine)), USED + nets, last.battery_id if last else plan.current_asset)


def _holding(plan: ServicePlan, battery_id: str | None) -> ServicePlan:
    return plan.with_states(replace(plan.fleet, current_asset=battery_id))
