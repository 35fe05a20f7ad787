"""Telemetry on a real store, with a platform that does as it is told."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from kiosk.domain.battery.battery import BatteryTelemetry, FitnessLimits
from kiosk.domain.battery.plausibility import DoubtKind, KnownReading
from kiosk.domain.errors import BadInput, KioskError, LinkDown, NotFound, StoreFailed
from kiosk.domain.swap.swap import Swap
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.adapters.store import reading_queue
from kiosk.station.adapters.store.sql_store import SqlStore
from kiosk.station.services.outbox import RetryPolicy
from kiosk.station.services.telemetry import REST_SECONDS, Telemetry
from kiosk.wire.exact_json import loads
from tests.builders import NOON, reading, swap_of
from tests.fakes import FakeClock
from tests.station.adapters.mqtt.parties import Ears
from tests.station.services.conftest import Counter

HERE, THERE = "STATION-14", "STATION-9"
BACK = LinkChanged(connected=True, since=NOON)


@dataclass
class RecordingReadings:
    """ReadingChannel: takes reports or raises what it is told to; refuses the batteries in `refused`; knows the readings in `known`."""

    failure: KioskError | None = None
    refused: dict[str, str] = field(default_factory=dict)
    takes_batches: bool = True
    known: dict[str, KnownReading] = field(default_factory=dict)
    heard: Ears[tuple[str, int]] = field(default_factory=Ears)
    stuck: asyncio.Event | None = None

    async def report(self, battery_id: str, documents: Sequence[str]) -> tuple[str, ...]:
        self.heard((battery_id, len(documents)))
        if self.failure is not None:
            raise self.failure
        if len(documents) > 1 and not self.takes_batches:
            raise BadInput("readings", "no batches here")
        if len(documents) == 1 and battery_id in self.refused:
            raise BadInput("reading", self.refused[battery_id])
        for each in documents:
            assert loads(each)["asset_id"] == battery_id
        return tuple(self.refused.get(battery_id, "") for _ in documents)

    async def latest(self, battery_id: str, timeout_seconds: float) -> KnownReading | None:
        if self.stuck is not None:
            await self.stuck.wait()
        if self.failure is not None:
            raise self.failure
        return self.known.get(battery_id)


@dataclass
class Bench:
    """Telemetry and what it stands on."""

    store: SqlStore
    channel: RecordingReadings = field(default_factory=RecordingReadings)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        policy = RetryPolicy(first_seconds=5, most_seconds=300, spread=lambda: 0.0)
        self.telemetry = Telemetry(self.store, self.channel, self.clock, station_id=HERE, limits=FitnessLimits(), policy=policy)

    def made(self, battery_id: str = "BAT-12345", minutes: float = 5, energy: str = "4.8", swap: Swap | None = None) -> BatteryTelemetry:
        """A reading made here, `minutes` after a swap of noon began."""
        read = reading(battery_id, energy, timestamp=NOON + timedelta(minutes=minutes))
        self.telemetry.note(read, swap)
        return read

    def told(self, minutes: float, energy: str, station: str = THERE) -> None:
        """The platform's last reading of the battery of these tests."""
        known = reading("BAT-12345", energy, timestamp=NOON + timedelta(minutes=minutes))
        self.channel.known["BAT-12345"] = KnownReading(reading=known, station_id=station)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.get_running_loop().create_task(self.telemetry.run())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    @property
    def waiting(self) -> list[str]:
        return [each.battery_id for each in self.store.readings_to_report(1000)]

    async def doubted(self, swap: Swap, incoming: BatteryTelemetry) -> list[DoubtKind]:
        """What is doubted of a swap with this reading."""
        return [each.kind for each in await self.telemetry.doubts(replace(swap, incoming=incoming))]


@pytest.fixture
def bench(counter: Counter) -> Bench:
    return Bench(counter.store)


# ---------------------------------------------------------------- reporting


async def test_readings_leave_oldest_first_each_batterys_together(bench: Bench) -> None:
    for battery_id in ("BAT-2", "BAT-1", "BAT-2"):
        bench.made(battery_id)
    async with bench.running():
        assert await bench.channel.heard.until(count=2) == [("BAT-2", 2), ("BAT-1", 1)]
    assert bench.waiting == []


async def test_a_fresh_reading_is_reported_at_once(bench: Bench) -> None:
    async with bench.running():
        for each in range(3):
            bench.made(f"BAT-{each}")
            await bench.channel.heard.until(count=each + 1)


@pytest.mark.parametrize("failure", [LinkDown("no network"), NotFound("document of the platform", "/api")])
async def test_without_a_platform_readings_wait_and_are_tried_later(bench: Bench, failure: KioskError) -> None:
    bench.channel.failure = failure
    bench.made("BAT-1")
    bench.made("BAT-2")
    async with bench.running():
        await bench.channel.heard.until()
        assert bench.waiting == ["BAT-1", "BAT-2"]
        bench.made("BAT-3")  # a reading made meanwhile does not make it try again
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert len(bench.channel.heard.heard) == 1
        bench.channel.failure = None
        bench.telemetry.handle_event(BACK)  # but a link that is back does
        await bench.channel.heard.until(count=4)
    assert bench.waiting == []


async def test_the_waits_grow_from_try_to_try(bench: Bench) -> None:
    bench.channel.failure = LinkDown("no network")
    bench.made()
    waits = []
    for _ in range(4):
        waits.append(await bench.telemetry._report_due())
        bench.clock.pass_time(waits[-1])
    assert waits == [5, 10, 20, 40]


async def test_a_refused_reading_is_set_aside_with_its_reason(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.channel.refused["BAT-1"] = "its timestamp lies in the future"
    for battery_id in ("BAT-1", "BAT-2"):
        bench.made(battery_id)
    assert await bench.telemetry._report_due() == REST_SECONDS
    assert bench.waiting == []
    assert "its timestamp lies in the future" in caplog.text


async def test_a_platform_that_takes_no_batches_gets_them_one_by_one(bench: Bench) -> None:
    bench.channel.takes_batches = False
    for minutes in (1, 2, 3):
        bench.made("BAT-1", minutes)
    assert await bench.telemetry._report_due() == REST_SECONDS
    assert [count for _, count in bench.channel.heard.heard] == [3, 1, 1, 1]
    assert bench.waiting == []


async def test_what_arrived_before_the_link_broke_is_not_sent_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for battery_id in ("BAT-1", "BAT-2"):
        bench.made(battery_id)
    report = bench.channel.report

    async def first_only(battery_id: str, documents: Sequence[str]) -> tuple[str, ...]:
        if battery_id == "BAT-2":
            raise LinkDown("no network")
        return await report(battery_id, documents)

    monkeypatch.setattr(bench.channel, "report", first_only)
    assert await bench.telemetry._report_due() == 5
    assert bench.waiting == ["BAT-2"]


async def test_a_long_time_offline_is_caught_up_with_in_batches(bench: Bench) -> None:
    for each in range(120):
        bench.made("BAT-1", each)
    assert await bench.telemetry._report_due() == REST_SECONDS
    assert [count for _, count in bench.channel.heard.heard] == [50, 50, 20]


# ------------------------------------------------------- what stops no swap


async def test_a_full_disk_stops_nobody(bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def full(_read: KnownReading) -> int:
        raise StoreFailed("the disk is full")

    monkeypatch.setattr(bench.store, "queue_reading", full)
    bench.made()
    assert "the disk is full" in caplog.text


async def test_a_reading_without_an_id_stops_nobody(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.made(" ")
    assert "is empty" in caplog.text
    assert bench.waiting == []


async def test_a_full_queue_forgets_the_oldest_and_says_so(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reading_queue, "MAX_READINGS", 2)
    for each in range(3):
        bench.made(f"BAT-{each}")
    assert bench.waiting == ["BAT-1", "BAT-2"]
    assert "forgotten unreported" in caplog.text


async def test_every_reading_of_a_swap_is_queued_refused_ones_too(counter: Counter) -> None:
    bench = Bench(counter.store)
    counter.swaps._telemetry = bench.telemetry
    counter.scanner.readings["BAT-12345"] = reading("BAT-12345", voltage=None, faults=("cell 3 low",))
    swap = await counter.swaps.identify(counter.know())
    await counter.swaps.read(swap, "BAT-12345", lambda _: None)
    assert bench.waiting == ["BAT-12345"]


# ---------------------------------------------------------------- comparing


async def test_what_cannot_both_be_true_is_doubted_and_kept_in_the_audit_trail(bench: Bench) -> None:
    swap = swap_of()
    bench.told(0, "0.8")
    read = bench.made(minutes=5, energy="4.4", swap=swap)
    assert await bench.doubted(swap, read) == [DoubtKind.CHARGED]
    with bench.store.reading() as connection:
        kept = connection.exec_driver_sql("SELECT what, correlation_id, detail FROM audit").all()
    assert kept == [("reading doubted: charged", swap.correlation_id, "BAT-12345")]


async def test_what_agrees_with_the_last_reading_is_not_doubted(bench: Bench) -> None:
    swap = swap_of()
    bench.told(-60, "4.4")
    assert await bench.doubted(swap, bench.made(energy="0.8", swap=swap)) == []


async def test_a_battery_nobody_knows_is_not_doubted(bench: Bench) -> None:
    swap = swap_of()
    assert await bench.doubted(swap, bench.made(swap=swap)) == []


async def test_offline_this_stations_own_earlier_reading_counts(bench: Bench) -> None:
    bench.made(minutes=-5, energy="0.8")
    bench.channel.failure = LinkDown("no network")
    swap = swap_of()
    assert await bench.doubted(swap, bench.made(minutes=1, energy="4.4", swap=swap)) == [DoubtKind.CHARGED]


async def test_the_later_of_both_last_readings_counts(bench: Bench) -> None:
    bench.made(minutes=-600, energy="4.4")
    bench.told(-2, "0.8")
    swap = swap_of()
    assert await bench.doubted(swap, bench.made(minutes=1, energy="4.4", swap=swap)) == [DoubtKind.CHARGED]


async def test_reading_again_is_compared_with_what_was_known_before(bench: Bench) -> None:
    """Else a wrong reading would vouch for the same wrong reading."""
    swap = swap_of()
    bench.told(-2, "0.8")
    first = bench.made(minutes=1, energy="4.4", swap=swap)
    assert await bench.doubted(swap, first) == [DoubtKind.CHARGED]
    bench.told(1, "4.4", HERE)  # the first reading has been reported meanwhile
    second = bench.made(minutes=2, energy="4.4", swap=swap)
    assert await bench.doubted(swap, second) == [DoubtKind.CHARGED]


async def test_after_a_restart_this_stations_earlier_readings_are_still_known(bench: Bench) -> None:
    bench.made(minutes=-5, energy="0.8")
    swap = swap_of()
    read = bench.made(minutes=1, energy="4.4", swap=swap)
    await bench.telemetry.doubts(swap)
    assert await Bench(bench.store).doubted(swap, read) == [DoubtKind.CHARGED]


async def test_a_reading_is_not_reported_before_the_last_one_was_looked_up(bench: Bench) -> None:
    bench.channel.stuck = asyncio.Event()
    swap = swap_of()
    async with bench.running():
        bench.made(swap=swap)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert bench.channel.heard.heard == []
        bench.channel.stuck.set()
        await bench.channel.heard.until()


async def test_ending_in_the_middle_of_a_look_up_leaves_nothing_behind(bench: Bench) -> None:
    bench.channel.stuck = asyncio.Event()
    async with bench.running():
        bench.made(swap=swap_of())
        await asyncio.sleep(0)
    assert bench.telemetry._looking == set()
    assert bench.waiting == ["BAT-12345"]
