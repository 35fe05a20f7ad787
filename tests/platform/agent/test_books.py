"""Five hundred swaps of two kiosks with repeated sends: the books are the sum of what was delivered, to the digit."""

import asyncio
import random
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from kiosk.domain.plan.service_plan import ServicePlan
from tests.brokers import Mosquitto, run
from tests.builders import NOON, plan_of, plan_with
from tests.platform.agent_counter import Where, completion, count, open_counter, rows
from tests.platform.kiosks import FakeKiosk, kiosk_on, platform_on

SWAPS, PLANS, COUNTERS = 500, 6, 4
START = Decimal(20_000)


def net_of(body: dict[str, Any], went_out: Decimal | None) -> Fraction:
    """Outgoing less incoming, which is no more than went out, half up to one decimal, reckoned apart from the product."""
    back = body["incoming_kwh"] if went_out is None else min(body["incoming_kwh"], went_out)
    return Fraction(floor((Fraction(body["outgoing_kwh"]) - Fraction(back)) * 10 + Fraction(1, 2)), 10)


def plans() -> list[ServicePlan]:
    """Plans that cannot run dry or below nothing in this test."""
    states = plan_with(used_kwh=str(START), quota_kwh="90000", swaps_used=0, swaps=90_000).service_states
    return [plan_of(id=f"books-{number}", service_states=states) for number in range(PLANS)]


class Station:
    """One kiosk that swaps on any plan, one swap a plan at a time, and sends some requests twice."""

    def __init__(
        self, kiosk: FakeKiosk, dice: random.Random, held: dict[str, str], free: dict[str, asyncio.Lock], went_out: dict[str, Decimal]
    ) -> None:
        self.kiosk, self.dice, self.held, self.free = kiosk, dice, held, free
        self.went_out = went_out  # by battery: each goes out once
        self.done: list[tuple[str, Fraction]] = []  # the net of each swap

    async def swap(self, number: int) -> None:
        plan_id = self.dice.choice(list(self.held))
        async with self.free[plan_id]:
            body = completion(
                correlation_id=f"TXN-{number:026d}",
                incoming_battery_id=self.held[plan_id],
                outgoing_battery_id=f"BAT-{number}",
                incoming_kwh=self.energy(0, 5),
                outgoing_kwh=self.energy(1, 35),
            )
            await self.kiosk.call(plan_id, "complete_service", body, times=self.dice.choice((1, 1, 2, 3)))
            if self.dice.random() < 0.2:
                await self.kiosk.call(plan_id, "complete_service", body)
            self.done.append((plan_id, net_of(body, self.went_out.get(self.held[plan_id]))))
            self.held[plan_id] = f"BAT-{number}"
            self.went_out[f"BAT-{number}"] = body["outgoing_kwh"]

    def energy(self, least: int, most: int) -> Decimal:
        """Whole watt hours between two kWh."""
        return Decimal(self.dice.randrange(least * 1000, most * 1000)).scaleb(-3)

    async def work(self, numbers: range) -> None:
        for number in numbers:
            await self.swap(number)


def test_the_books_add_up_after_500_swaps_with_repeated_sends(mosquitto: Mosquitto, books: Where) -> None:
    held = {plan.id: "BAT-12345" for plan in plans()}

    async def swap() -> list[tuple[str, Fraction]]:
        went_out: dict[str, Decimal] = {}
        free = {plan_id: asyncio.Lock() for plan_id in held}
        async with platform_on(mosquitto, books, "books-0") as platform, kiosk_on(mosquitto) as first, kiosk_on(mosquitto) as second:
            for plan in plans():
                platform._store.put_plan(plan, NOON)
            stations = [Station(kiosk, random.Random(seed), held, free, went_out) for seed, kiosk in enumerate((first, second))]
            async with asyncio.TaskGroup() as counters:
                for counter in range(COUNTERS):
                    counters.create_task(stations[counter % 2].work(range(counter, SWAPS, COUNTERS)))
            return [*stations[0].done, *stations[1].done]

    done = run(swap(), 110)
    assert len(done) == SWAPS
    assert (count(books, "transactions"), count(books, "service_events"), count(books, "outgoing_events")) == (SWAPS, SWAPS, SWAPS)
    check(books, done, held)


def check(books: Where, done: list[tuple[str, Fraction]], held: dict[str, str]) -> None:
    """The plans against the requests, and the history against the plans."""
    history = rows(books, "SELECT plan_id, net_kwh FROM platform_service_events")
    with open_counter(books) as counter:
        for plan_id, battery in held.items():
            plan = counter.store.plan(plan_id)
            assert plan is not None
            assert plan.electricity is not None
            used = Fraction(plan.electricity.used)
            assert used == Fraction(START) + sum(net for each, net in done if each == plan_id)
            assert used == Fraction(START) + sum(Fraction(net) for each, net in history if each == plan_id)
            assert plan.swap_count.used == sum(each == plan_id for each, _net in done)
            assert plan.current_asset == battery
