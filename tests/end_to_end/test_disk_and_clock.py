"""A disk that is full or read-only at the moment of completing, and a clock that jumps."""

import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from kiosk.bootstrap import build, parts
from kiosk.domain.errors import PlanTooOld, StoreFailed
from kiosk.domain.swap.swap import Step, next_step
from kiosk.shared.system import SystemClock
from kiosk.station.adapters.store.sql_store import SqlStore
from kiosk.station.services.kiosk import Kiosk
from tests.brokers import Mosquitto
from tests.end_to_end.world import NEW, booked, counter, plan_named, settings_in
from tests.platform.agent_counter import count
from tests.platform.kiosks import platform_with
from tests.stores import store_of

DAY = timedelta(days=1)


@contextmanager
def read_only(kiosk: Kiosk) -> Iterator[None]:
    """Every connection of the kiosk's store refuses to write meanwhile."""
    assert isinstance(store_of(kiosk), SqlStore)
    engine = store_of(kiosk)._engine

    def set_up(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA query_only = ON").close()

    event.listen(engine, "connect", set_up)
    engine.dispose()
    yield
    event.remove(engine, "connect", set_up)
    engine.dispose()


@contextmanager
def full(_kiosk: Kiosk) -> Iterator[None]:
    """No file of this process can grow meanwhile, as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("trouble", [read_only, full])
async def test_a_disk_that_fails_at_complete_refuses_the_swap_before_anything_is_handed_over(
    mosquitto: Mosquitto, folder: Path, books: Path, trouble: Callable[[Kiosk], AbstractContextManager[None]]
) -> None:
    plan = plan_named("disk")
    async with platform_with(mosquitto, books, plan), counter(settings_in(folder, mosquitto)) as shop:
        swap = await shop.with_batteries(plan.id)
        with trouble(shop.kiosk):
            for _again in range(2):
                with pytest.raises(StoreFailed):
                    await shop.kiosk.swaps.complete(swap)
        assert store_of(shop.kiosk).unsettled() == ()
        assert store_of(shop.kiosk).history() == ()
        resumed = await shop.kiosk.swaps.resume(swap.correlation_id)
        assert (resumed.plan, next_step(resumed)) == (plan, Step.REVIEW)  # asked and answered: nothing was sent before
        assert count(books, "service_events") == 0
        done = await shop.kiosk.swaps.complete(swap)
        await shop.settled(done)
    assert booked(books, plan.id)[2] == NEW
    assert count(books, "service_events") == 1


async def test_an_answer_that_the_disk_does_not_take_is_asked_for_again(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    plan = plan_named("answer")
    async with platform_with(mosquitto, books, plan), counter(settings_in(folder, mosquitto)) as shop:
        swap = await shop.with_batteries(plan.id)
        done = await shop.kiosk.swaps.complete(swap)
        with read_only(shop.kiosk):
            await shop.answer(done)
            assert shop.state(done) == "unsettled"
        shop.heard.heard.clear()
        await shop.settled(done)
    assert count(books, "service_events") == 1


class JumpingClock(SystemClock):
    """The machine's clock, set wrong by `off`; monotonic time goes on as it should."""

    off = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.off


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> JumpingClock:
    found = JumpingClock()
    for module in (build, parts):
        monkeypatch.setattr(module, "SystemClock", lambda: found)
    return found


@pytest.mark.parametrize("jump", [400 * DAY, -400 * DAY], ids=["forwards", "backwards"])
async def test_a_clock_that_jumps_in_mid_swap_loses_nothing(
    mosquitto: Mosquitto, folder: Path, books: Path, clock: JumpingClock, jump: timedelta
) -> None:
    plan = plan_named("jump")
    async with platform_with(mosquitto, books, plan) as service, counter(settings_in(folder, mosquitto)) as shop:
        swap = await shop.with_batteries(plan.id)
        service.silent = True
        clock.off = jump
        done = await shop.kiosk.swaps.complete(swap)
        clock.off = -jump
        service.silent = False
        await shop.settled(done)
        assert (await shop.kiosk.receipts.make(done.correlation_id)).receipt.timestamp == done.completed_at
        (row,) = store_of(shop.kiosk).history()
        assert row.swap.completed_at == done.completed_at
    assert count(books, "service_events") == 1


@pytest.mark.parametrize("jump", [2 * DAY, -2 * DAY], ids=["forwards", "backwards"])
async def test_a_cached_plan_is_not_younger_for_a_clock_that_was_set(
    own_mosquitto: Callable[..., Mosquitto], folder: Path, books: Path, clock: JumpingClock, jump: timedelta
) -> None:
    broker, plan = own_mosquitto(), plan_named("old")
    async with platform_with(broker, books, plan), counter(settings_in(folder, broker, answer_seconds=0.5)) as shop:
        await shop.identify(plan.id)
        broker.kill()
        await shop.link(up=False)
        assert (await shop.identify(plan.id)).plan == plan
        clock.off = jump
        with pytest.raises(PlanTooOld):
            await shop.identify(plan.id)
