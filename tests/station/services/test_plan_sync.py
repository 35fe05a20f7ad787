"""The station's plans, brought here in the background (decision 19)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import pytest

from kiosk.domain.errors import BadInput, KioskError, LinkDown, StoreFailed
from kiosk.domain.plan.service_plan import ServicePlan, ToldPlans
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.events import PlanRefreshed
from kiosk.station.services.plan_sync import PlanSync
from kiosk.station.services.sync_loop import SyncPace
from tests.builders import plan_of, plan_with
from tests.station.services.conftest import Counter

STATION = "STATION_XYZ"
PACE = SyncPace(first=timedelta(0), every=timedelta(hours=1), spread=lambda: 0.0)


def page(*plans: ServicePlan, cursor: str = "end", more: bool = False, **facts: dict[str, str]) -> ToldPlans:
    return ToldPlans(plans=plans, cursor=cursor, more=more, unreadable=facts.get("unreadable", {}))


def named(plan_id: str) -> ServicePlan:
    return plan_of(id=plan_id)


def nothing() -> None:
    """Happens meanwhile."""


@dataclass
class ScriptedFeed:
    """PlanFeed: gives what it is told to, in order; `meanwhile` and `first` happen while a page is on its way."""

    pages: list[ToldPlans | KioskError] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    meanwhile: Callable[[], None] = nothing
    first: Callable[[], Awaitable[None]] | None = None
    seen: asyncio.Event = field(default_factory=asyncio.Event)

    async def changes(self, since: str) -> ToldPlans:
        self.asked.append(since)
        self.seen.set()
        self.meanwhile()
        if self.first is not None:
            await self.first()
        told = self.pages.pop(0) if self.pages else page(cursor=since or "end")
        if isinstance(told, KioskError):
            raise told
        return told


@dataclass
class Synced:
    """A counter whose plans are synced from a script."""

    counter: Counter
    feed: ScriptedFeed = field(default_factory=ScriptedFeed)

    def sync(self) -> PlanSync:
        """As after a restart: nothing is remembered but by the store."""
        counter = self.counter
        return PlanSync(
            self.feed, counter.store, counter.clock, counter.events.append, station_id=STATION, pace=PACE, catch_up=counter.outbox.catch_up
        )

    def cached(self) -> list[str]:
        return [each.plan.id for each in self.counter.store.plans()]


@pytest.fixture
def synced(counter: Counter) -> Synced:
    return Synced(counter)


async def test_a_round_brings_page_after_page_and_announces_each_plan(synced: Synced) -> None:
    synced.feed.pages = [page(named("plan-a"), named("plan-b"), cursor="1", more=True), page(named("plan-c"), cursor="2")]
    assert (await synced.sync().sync()).plans == 3
    assert synced.cached() == ["plan-a", "plan-b", "plan-c"]
    assert synced.feed.asked == ["", "1"]
    assert [each.plan_id for each in synced.counter.events if isinstance(each, PlanRefreshed)] == ["plan-a", "plan-b", "plan-c"]


async def test_the_next_round_goes_on_with_the_cursor_of_the_last(synced: Synced) -> None:
    synced.feed.pages = [page(named("plan-a"), cursor="1"), page(cursor="2")]
    await synced.sync().sync()
    await synced.sync().sync()
    assert synced.feed.asked == ["", "1"]


async def test_a_round_that_broke_off_goes_on_where_it_was(synced: Synced) -> None:
    synced.feed.pages = [page(named("plan-a"), cursor="1", more=True), LinkDown("no network")]
    with pytest.raises(LinkDown):
        await synced.sync().sync()
    synced.feed.pages = [page(named("plan-b"), cursor="2")]
    await synced.sync().sync()
    assert synced.feed.asked == ["", "1", "1"]
    assert synced.cached() == ["plan-a", "plan-b"]


async def test_a_page_that_cannot_be_stored_leaves_the_cursor_where_it_was(synced: Synced, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise StoreFailed("the disk is full")

    synced.feed.pages = [page(named("plan-a"), cursor="1", more=True)]
    monkeypatch.setattr("kiosk.station.adapters.store.plan_cache._facts", full)
    with pytest.raises(StoreFailed):
        await synced.sync().sync()
    assert synced.counter.store.sync_place(STATION) is None
    assert synced.cached() == []


async def test_a_plan_is_as_of_the_asking_and_not_of_the_arrival(synced: Synced) -> None:
    asked_at = synced.counter.clock.now()
    synced.feed.meanwhile = lambda: synced.counter.clock.pass_time(60)
    synced.feed.pages = [page(named("plan-a"))]
    await synced.sync().sync()
    assert [each.as_of for each in synced.counter.store.plans()] == [asked_at]


async def test_what_a_customers_code_has_brought_since_stays(synced: Synced) -> None:
    newer, older = plan_with(used_kwh="50"), plan_with(used_kwh="40")

    def identified() -> None:
        synced.counter.clock.pass_time(1)
        synced.counter.store.put_plan(newer, synced.counter.clock.now())

    synced.feed.meanwhile = identified
    synced.feed.pages = [page(older, named("plan-a"))]
    assert (await synced.sync().sync()).plans == 1
    cached = synced.counter.store.plan(newer.id)
    assert cached is not None
    assert cached.plan == newer


async def test_a_plan_from_the_future_of_a_clock_set_back_is_brought_anew(synced: Synced) -> None:
    synced.counter.store.put_plan(plan_with(used_kwh="40"), synced.counter.clock.now())
    synced.counter.clock.jump(-48 * 3600)
    synced.feed.pages = [page(plan_with(used_kwh="50"))]
    await synced.sync().sync()
    assert [each.plan for each in synced.counter.store.plans()] == [plan_with(used_kwh="50")]


async def test_a_synced_plan_serves_offline_less_what_is_pending(synced: Synced) -> None:
    counter = synced.counter
    await counter.swaps.complete(await counter.to_review())
    synced.feed.pages = [page(plan_of())]
    await synced.sync().sync()
    counter.teller.failure = LinkDown("no network")
    found = await counter.plans.find(counter.know())
    assert found.plan.swap_count.used == 7
    assert found.plan.current_asset == "BAT-67890"


async def test_a_swap_completed_while_its_page_was_on_its_way_goes_before_the_plan(synced: Synced) -> None:
    counter = synced.counter
    swap = await counter.to_review()
    done = await counter.swaps.complete(swap)
    entry = counter.store.outbox_entry(done.correlation_id)
    synced.feed.pages = [page(plan_of())]  # read before the swap was booked
    synced.feed.meanwhile = lambda: counter.channel.settle(entry.message)
    await synced.sync().sync()
    counter.outbox.catch_up()
    counter.teller.failure = LinkDown("no network")
    found = await counter.plans.find(counter.know())
    assert found.plan.swap_count.used == 7
    assert found.plan.current_asset == "BAT-67890"


async def test_a_booked_swap_in_the_page_is_not_taken_off_twice(synced: Synced) -> None:
    counter = synced.counter
    swap = await counter.to_review()
    done = await counter.swaps.complete(swap)
    counter.channel.settle(counter.store.outbox_entry(done.correlation_id).message)
    synced.feed.pages = [page(counter.swaps.booked(swap))]
    await synced.sync().sync()
    counter.teller.failure = LinkDown("no network")
    found = await counter.plans.find(counter.know())
    assert found.plan.swap_count.used == 7
    assert found.plan.electricity is not None
    assert found.plan.electricity.used == Decimal("370.1")


async def test_a_battery_that_came_back_while_the_page_was_on_its_way_is_in_nobodys_hands(synced: Synced) -> None:
    counter = synced.counter
    swap = await counter.to_review()

    async def completed() -> None:
        done = await counter.swaps.complete(swap)
        counter.channel.settle(counter.store.outbox_entry(done.correlation_id).message)
        counter.outbox.catch_up()

    synced.feed.first = completed
    synced.feed.pages = [page(plan_of())]
    await synced.sync().sync()
    assert counter.store.held_batteries(except_plan="nobody") == {"BAT-67890"}


async def test_a_plan_that_breaks_a_rule_is_named_and_the_others_come(synced: Synced) -> None:
    synced.feed.pages = [page(named("plan-a"), unreadable={"plan-b": "serviceStates is missing"})]
    done = await synced.sync().sync()
    assert dict(done.unreadable) == {"plan-b": "serviceStates is missing"}
    assert synced.cached() == ["plan-a"]


async def test_a_platform_that_does_not_know_the_cursor_is_asked_for_everything(synced: Synced) -> None:
    synced.feed.pages = [page(cursor="of-another-database")]
    await synced.sync().sync()
    synced.feed.pages = [BadInput("cursor", "is none of this platform's"), page(named("plan-a"), cursor="1")]
    await synced.sync().sync()
    assert synced.feed.asked == ["", "of-another-database", ""]
    assert synced.cached() == ["plan-a"]


async def test_an_unchanged_plan_does_not_grow_too_old(synced: Synced) -> None:
    counter = synced.counter
    for _half_a_day in range(4):
        synced.feed.pages = [page(plan_of(), cursor="1")]
        await synced.sync().sync()
        counter.clock.pass_time(12 * 3600)
    assert synced.feed.asked == ["", "", "", ""]
    counter.teller.failure = LinkDown("no network")
    await counter.plans.find(counter.know())


async def test_a_plan_that_is_another_stations_now_is_forgotten(synced: Synced) -> None:
    counter = synced.counter
    await counter.swaps.complete(await counter.to_review())  # pending: stays
    synced.feed.pages = [page(named("plan-a"), named("plan-gone"), cursor="1")]
    await synced.sync().sync()
    for _half_a_day in range(3):
        counter.clock.pass_time(12 * 3600 + 1)
        synced.feed.pages = [page(named("plan-a"), cursor="1")]
        await synced.sync().sync()
    assert synced.cached() == sorted([plan_of().id, "plan-a"])


async def test_without_a_link_it_waits_and_goes_on_when_the_link_is_back(synced: Synced) -> None:
    synced.feed.pages = [LinkDown("no network"), page(named("plan-a"))]
    sync = synced.sync()
    running = asyncio.create_task(sync.run())
    async with asyncio.timeout(10):
        await synced.feed.seen.wait()
        synced.feed.seen.clear()
        while not synced.cached():
            sync.handle_event(LinkChanged(connected=True, since=synced.counter.clock.now()))
            await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert synced.feed.asked == ["", ""]


async def test_nothing_foreseen_ends_it(synced: Synced, caplog: pytest.LogCaptureFixture) -> None:
    synced.feed.pages = [BadInput("/graphql", "is not understood"), StoreFailed("the disk is full")]
    running = asyncio.create_task(
        PlanSync(
            synced.feed,
            synced.counter.store,
            synced.counter.clock,
            synced.counter.events.append,
            station_id=STATION,
            pace=SyncPace(first=timedelta(0), every=timedelta(0)),
        ).run()
    )
    async with asyncio.timeout(10):
        while len(synced.feed.asked) < 3:
            synced.feed.seen.clear()
            await synced.feed.seen.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [each.levelname for each in caplog.records if each.levelname != "INFO"] == ["WARNING", "WARNING"]
