"""What is brought here from the platform round after round, in the background: when the next round is, and what becomes of one that fails.

- The platform cannot be reached: tried again after RETRY, or soon after the link comes back, not by all stations at once.
- A full disk, a question that is not understood: named in the log, tried again the next time. Nothing that is here is lost.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.domain.errors import KioskError, LinkDown
from kiosk.domain.messages import message_for
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.events import Event
from kiosk.station.ports import SyncPlace

log = logging.getLogger(__name__)
RETRY = timedelta(seconds=60)
SOON = timedelta(seconds=20)
CURSOR = "cursor"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPace:
    """The `first` round when the kiosk's start is over, then one `every` so often; over everything when the last such began
    `refresh_after` ago; a plan is too old to swap after `too_old`. `spread`, from 0 to 1, keeps stations from asking all at once.
    """

    first: timedelta = timedelta(seconds=2)
    every: timedelta = timedelta(minutes=15)
    refresh_after: timedelta = timedelta(hours=12)
    too_old: timedelta = timedelta(hours=24)
    spread: Callable[[], float] = random.random


class SyncLoop:
    """The base of what is synced; `what` names it in the log. A child says what a round is."""

    def __init__(self, what: str, pace: SyncPace) -> None:
        self._what, self._pace = what, pace
        self._wake = asyncio.Event()
        self._now = False
        self._down = ""

    async def run_round(self) -> str:
        """One round; what it brought, for the log, "" for nothing to tell. Raises KioskError."""
        raise NotImplementedError

    async def run(self) -> None:
        """Until cancelled. Nothing foreseen ends it."""
        await self._pause(self._pace.first)
        while True:
            await self._pause(await self._try_round() * (1 - 0.25 * self._pace.spread()))

    def handle_event(self, event: Event) -> None:
        """A link that is back: what could not be reached is tried again soon."""
        if self._down and isinstance(event, LinkChanged) and event.connected:
            self._wake.set()

    def wake_up(self) -> None:
        """The next round is now: a person waits for it."""
        self._now = True
        self._wake.set()

    def place_to_begin(self, reached: SyncPlace | None, now: datetime) -> SyncPlace:
        """Where the last round stopped; at the beginning where there was none, or where the last over everything is too long ago."""
        if reached is None or abs(now - reached.fresh_at) >= self._pace.refresh_after:
            return SyncPlace(cursor="", fresh_at=now)
        return reached

    async def _try_round(self) -> timedelta:
        """One round, and the pause after it."""
        try:
            brought = await self.run_round()
        except LinkDown as error:
            if error.reason != self._down:
                log.info("%s cannot be asked for: %s", self._what, error.reason)
            self._down = error.reason
            return min(RETRY, self._pace.every)
        except KioskError as error:
            log.warning("%s could not be brought here: %s", self._what, message_for(error).sentence)
            return self._pace.every
        self._down = ""
        if brought:
            log.info("%s", brought)
        return self._pace.every

    async def _pause(self, length: timedelta) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(length.total_seconds()):
                await self._wake.wait()
            if not self._now:
                await asyncio.sleep((SOON * self._pace.spread()).total_seconds())
        self._now = False
        self._wake.clear()
