"""The station's plans, brought here in the background, so that a kiosk starts the day with them (decision 19).

A **round** asks page by page until there is no more; what a page brings is stored with its cursor, so a round that breaks off goes on
where it was, after a restart too. The first round, and one every `refresh_after`, asks for everything: what has not changed is then known
to be so and does not grow too old to swap. The others ask for what has changed.

A plan is as of the moment its page was asked for, by this kiosk's clock: the platform read it later, never earlier. Plans that the
platform has answered with since stay. At the end of a round those are forgotten that the last round over everything did not bring and that
had been too old to swap before it began: they are another station's now, and would count as holding a battery for ever.

When the next round is, and what becomes of one that fails, is `sync_loop`'s. Besides:

- A plan that breaks a rule is named in the log and what was cached of it stays.
- The platform does not know the cursor (another database): the round begins afresh.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kiosk.domain.errors import BadInput
from kiosk.domain.plan.service_plan import ToldPlans
from kiosk.shared.system import Clock
from kiosk.station.events import Announce, PlanRefreshed
from kiosk.station.ports import PlanFeed, Store, SyncPlace
from kiosk.station.services.sync_loop import CURSOR, SyncLoop, SyncPace

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncResult:
    """What a round brought: how many plans were stored, and those that break a rule, by id, with the reason."""

    plans: int
    unreadable: Mapping[str, str]


class PlanSync(SyncLoop):
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
        super().__init__("the station's plans", pace or SyncPace())
        self._feed, self._store, self._clock, self._announce = feed, store, clock, announce
        self._station_id, self._catch_up = station_id, catch_up

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

    async def run_round(self) -> str:
        return f"{(await self.sync()).plans} plans of the station brought here"

    def _begun(self) -> SyncPlace:
        return self.place_to_begin(self._store.sync_place(self._station_id), self._clock.now())

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
