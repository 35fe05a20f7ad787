"""The station's plans, brought here in the background, so that a kiosk starts the day with them (decision 19).

A **round** asks page by page until there is no more; what a page brings is stored with its cursor, so a round that breaks off goes on
where it was, after a restart too. The first round, and one every `refresh_after`, asks for everything: what has not changed is then known
to be so and does not grow too old to swap. The others ask for what has changed.

A plan is as of the moment its page was asked for, by this kiosk's clock: the platform read it later, never earlier. Plans that the
platform has answered with since stay. At the end of a round those are forgotten that the last round over everything did not bring and that
had been too old to swap before it began: they are another station's now, and would count as holding a battery for ever.

What happens on each kind of failure:

- The platform cannot be reached: tried again after RETRY, or soon after the link comes back, not by all stations at once.
- A full disk, a question that is not understood: named in the log, tried again the next time. Nothing that was cached is lost.
- A plan that breaks a rule is named in the log and what was cached of it stays.
- The platform does not know the cursor (another database): the round begins afresh.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from kiosk.domain.errors import BadInput, KioskError, LinkDown
from kiosk.domain.messages import message_for
from kiosk.domain.plan.service_plan import ToldPlans
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.shared.system import Clock
from kiosk.station.events import Announce, Event, PlanRefreshed
from kiosk.station.ports import PlanFeed, Store, SyncPlace

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


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncResult:
    """What a round brought: how many plans were stored, and those that break a rule, by id, with the reason."""

    plans: int
    unreadable: Mapping[str, str]


class PlanSync:
    """Runs on the I/O thread as one task. `catch_up` has the store hold every answer that has come, before it is asked what is pending."""

    def __init__(
        self,
        feed: PlanFeed,
        store: Store,
        clock: Clock,
        announce: Announce,
        *,
        station_id: str,
        pace: SyncPace | None = None,
        catch_up: Callable[[], None] = lambda: None,
    ) -> None:
        self._feed, self._store, self._clock, self._announce = feed, store, clock, announce
        self._station_id, self._pace, self._catch_up = station_id, pace or SyncPace(), catch_up
        self._wake = asyncio.Event()
        self._down = ""

    async def run(self) -> None:
        """Until cancelled. Nothing foreseen ends it."""
        await self._pause(self._pace.first)
        while True:
            await self._pause(await self._try_round() * (1 - 0.25 * self._pace.spread()))

    def handle_event(self, event: Event) -> None:
        """A link that is back: what could not be reached is tried again now."""
        if self._down and isinstance(event, LinkChanged) and event.connected:
            self._wake.set()

    async def sync(self) -> SyncResult:
        """One round, from where the last one stopped. Raises LinkDown, BadInput, NotFound, StoreFailed; what was stored stays."""
        place = self._begun()
        try:
            return await self._round(place)
        except BadInput as error:
            if error.where != CURSOR or not place.cursor:
                raise
            log.warning("the platform does not know the cursor of the last sync: all plans are asked for")
            return await self._round(self._fresh())

    async def _try_round(self) -> timedelta:
        """One round, and the pause after it."""
        try:
            done = await self.sync()
        except LinkDown as error:
            if error.reason != self._down:
                log.info("the station's plans cannot be asked for: %s", error.reason)
            self._down = error.reason
            return min(RETRY, self._pace.every)
        except KioskError as error:
            log.warning("the station's plans could not be brought here: %s", message_for(error).sentence)
            return self._pace.every
        self._down = ""
        log.info("%s plans of the station brought here", done.plans)
        return self._pace.every

    async def _pause(self, length: timedelta) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(length.total_seconds()):
                await self._wake.wait()
            await asyncio.sleep((SOON * self._pace.spread()).total_seconds())
        self._wake.clear()

    def _begun(self) -> SyncPlace:
        place = self._store.sync_place(self._station_id)
        if place is None or abs(self._clock.now() - place.fresh_at) >= self._pace.refresh_after:
            return self._fresh()
        return place

    def _fresh(self) -> SyncPlace:
        return SyncPlace(cursor="", fresh_at=self._clock.now())

    async def _round(self, place: SyncPlace) -> SyncResult:
        stored, unreadable = 0, dict[str, str]()
        while True:
            page, place, count = await self._page(place)
            stored += count
            unreadable |= page.unreadable
            for plan_id, reason in page.unreadable.items():
                log.warning("the platform's plan %s cannot be used: %s", plan_id, reason)
            if not page.more:
                break
        if gone := self._store.forget_plans(place.fresh_at - self._pace.too_old):
            log.info("%s plans are no longer this station's", gone)
        return SyncResult(plans=stored, unreadable=unreadable)

    async def _page(self, place: SyncPlace) -> tuple[ToldPlans, SyncPlace, int]:
        self._catch_up()
        asked, asked_at = self._store.progress(), self._clock.now()
        page = await self._feed.changes(place.cursor)
        following = SyncPlace(cursor=page.cursor, fresh_at=place.fresh_at)
        stored = self._store.put_told(page.plans, asked, asked_at, self._clock.now(), self._station_id, following)
        for plan_id in stored:
            self._announce(PlanRefreshed(plan_id=plan_id))
        return page, following, len(stored)
