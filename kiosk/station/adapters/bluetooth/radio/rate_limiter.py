"""How much listening may cost: so many advertisements a second in the long run, more in a burst.

Pure book-keeping, a token bucket. Some dozen devices never reach the limit. With hundreds of devices that advertise many times a second,
listening pauses between bursts; every device is received many times in a burst, so none is missed.
"""

import asyncio
from collections.abc import Callable

PER_SECOND = 400.0
BURST = 400.0


class RateLimiter:
    """`time` is the monotonic time in seconds of the loop that uses it."""

    def __init__(self, time: Callable[[], float], *, per_second: float = PER_SECOND, burst: float = BURST) -> None:
        self._time, self._per_second, self._burst = time, per_second, burst
        self._left, self._as_of = burst, time()
        self._exceeded = asyncio.Event()
        self._counted = 0

    def count(self) -> None:
        """One advertisement more."""
        self._counted += 1
        self._left -= 1
        if self._left <= 0:
            self._refill()
            if self._left <= 0:
                self._exceeded.set()

    @property
    def pause_seconds(self) -> float:
        """How long to pause before listening again: until the bucket is full; nothing while it is not empty."""
        self._refill()
        return 0.0 if self._left > 0 else (self._burst - self._left) / self._per_second

    async def until_exceeded(self, asked: asyncio.Event, deaf_seconds: float) -> None:
        """Until it is enough for now, or the event, or nothing came for so long."""
        while not asked.is_set() and not self._exceeded.is_set():
            before = self._counted
            await _either(asked, self._exceeded, deaf_seconds)
            if self._counted == before:
                return

    async def until_allowed(self, asked: asyncio.Event) -> None:
        """Until listening may go on, or the event."""
        pause = self.pause_seconds
        self._exceeded.clear()
        if pause:
            await _either(asked, asked, pause)

    def _refill(self) -> None:
        now = self._time()
        self._left = min(self._burst, self._left + (now - self._as_of) * self._per_second)
        self._as_of = now


async def _either(one: asyncio.Event, other: asyncio.Event, seconds: float) -> None:
    waits = {asyncio.ensure_future(event.wait()) for event in (one, other)}
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
