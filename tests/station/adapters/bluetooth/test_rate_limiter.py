"""How much listening may cost."""

import asyncio
from dataclasses import dataclass

from kiosk.station.adapters.bluetooth.radio import RateLimiter


@dataclass
class Hand:
    """A time moved by hand."""

    at: float = 0.0

    def __call__(self) -> float:
        return self.at


def limiter(hand: Hand) -> RateLimiter:
    return RateLimiter(hand, per_second=100, burst=50)


def count(each: RateLimiter, times: int) -> None:
    for _ in range(times):
        each.count()


def test_an_ordinary_room_never_touches_it() -> None:
    hand = Hand()
    each = limiter(hand)
    for _ in range(1000):
        hand.at += 0.011
        each.count()
    assert each.pause_seconds == 0


def test_a_flood_earns_a_pause_as_long_as_what_was_heard_costs() -> None:
    each = limiter(Hand())
    count(each, 49)
    assert each.pause_seconds == 0
    count(each, 1)
    assert each.pause_seconds == 0.5
    count(each, 50)  # what was still on its way counts too
    assert each.pause_seconds == 1.0


def test_it_is_exceeded_by_a_flood_and_allows_after_the_pause() -> None:
    async def scenario() -> float:
        loop = asyncio.get_running_loop()
        each, asked = RateLimiter(loop.time, per_second=1000, burst=50), asyncio.Event()
        count(each, 60)
        began = loop.time()
        await each.until_exceeded(asked, 5)
        await each.until_allowed(asked)
        return loop.time() - began

    assert 0.04 < asyncio.run(scenario()) < 1


def test_who_asks_need_not_wait() -> None:
    async def scenario() -> None:
        each, asked = RateLimiter(asyncio.get_running_loop().time, per_second=0.001, burst=1), asyncio.Event()
        asked.set()
        async with asyncio.timeout(1):
            await each.until_exceeded(asked, 60)
            count(each, 5)
            await each.until_allowed(asked)

    asyncio.run(scenario())


def test_silence_ends_the_wait() -> None:
    async def scenario() -> None:
        each = RateLimiter(asyncio.get_running_loop().time)
        async with asyncio.timeout(1):
            await each.until_exceeded(asyncio.Event(), 0.01)

    asyncio.run(scenario())
