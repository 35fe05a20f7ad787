"""Readings from the simulated radio to a really served platform, and back to the review."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kiosk.bootstrap import build_training
from kiosk.domain.battery.plausibility import DoubtKind, KnownReading
from kiosk.domain.errors import BadInput
from kiosk.station.adapters.http.client import HttpTelemetry, PlatformAddress, PlatformClient
from kiosk.station.adapters.store.sql_store import SqlStore
from kiosk.station.services.outbox import RetryPolicy
from kiosk.wire.telemetry_documents import reading_text
from tests.brokers import Mosquitto
from tests.builders import reading
from tests.end_to_end.http_side import http_on, with_http
from tests.end_to_end.world import NEW, RETURNED, Shop, counter, plan_named, settings_in
from tests.platform.agent_counter import rows
from tests.platform.http.site import TOKEN
from tests.platform.kiosks import platform_with
from tests.station.adapters.mqtt.parties import Ears
from tests.stores import store_of


@pytest.fixture
def token(tmp_path: Path) -> Path:
    """An admin's: these tests report what other stations read, too."""
    file = tmp_path / "token"
    file.write_text(TOKEN)
    return file


@asynccontextmanager
async def readings_at(url: str, token: Path) -> AsyncIterator[HttpTelemetry]:
    """Another station's way to the platform."""
    client = PlatformClient(PlatformAddress(url=url, token_file=token))
    yield HttpTelemetry(client)
    await client.close()


def reports_of(shop: Shop) -> Ears[tuple[int, str]]:
    """What this kiosk notes of its reports, from now on."""
    store, ears = store_of(shop.kiosk), Ears[tuple[int, str]]()
    assert isinstance(store, SqlStore)
    record = store.record_reports

    def heard(reports: Sequence[tuple[int, str]]) -> None:
        record(reports)
        for each in reports:
            ears(each)

    store.record_reports = heard  # type: ignore[method-assign]  # it does what it did, and tells
    return ears


def known(battery_id: str, energy: str, minutes_ago: float, station: str = "STATION-9") -> KnownReading:
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    return KnownReading(reading=reading(battery_id, energy, timestamp=at), station_id=station)


async def test_both_readings_of_a_swap_come_to_the_platform_once(mosquitto: Mosquitto, folder: Path, books: Path, token: Path) -> None:
    plan = plan_named("readings")
    async with http_on(books) as url, platform_with(mosquitto, books, plan):
        async with counter(with_http(settings_in(folder, mosquitto), url, token)) as shop:
            reports = reports_of(shop)
            swap = await shop.with_batteries(plan.id)
            await reports.until(count=2)
        async with readings_at(url, token) as readings:
            found = [await readings.latest(each, 5) for each in (RETURNED, NEW)]
    assert [each.station_id for each in found if each] == ["STATION_XYZ", "STATION_XYZ"]
    assert [each.reading.kwh_remaining for each in found if each] == [Decimal("0.8"), Decimal("4.4")]
    assert swap.incoming is not None
    assert found[0] is not None
    assert found[0].reading.timestamp == swap.incoming.timestamp
    assert rows(books, "SELECT count(*) FROM platform_telemetry") == [(2,)]


async def test_offline_nothing_waits_for_it_and_later_all_arrive(mosquitto: Mosquitto, folder: Path, books: Path, token: Path) -> None:
    plan = plan_named("offline-readings")
    async with http_on(books) as url:
        address = url.removeprefix("http://")  # and now it is gone
    async with platform_with(mosquitto, books, plan), counter(with_http(settings_in(folder, mosquitto), url, token)) as shop:
        assert shop.kiosk.telemetry is not None
        shop.kiosk.telemetry._policy = RetryPolicy(first_seconds=0.1, most_seconds=0.2)
        reports = reports_of(shop)
        swap = await shop.with_batteries(plan.id)
        assert await shop.kiosk.telemetry.doubts(swap) == ()
        await shop.settled(await shop.kiosk.swaps.complete(swap))
        async with http_on(books, address):
            await reports.until(count=2)
    assert rows(books, "SELECT asset_id FROM platform_telemetry ORDER BY read_at") == [(RETURNED,), (NEW,)]


async def test_what_cannot_both_be_true_is_told_before_the_swap_is_completed(
    mosquitto: Mosquitto, folder: Path, books: Path, token: Path
) -> None:
    plan = plan_named("doubted")
    async with http_on(books) as url, platform_with(mosquitto, books, plan):
        async with readings_at(url, token) as readings:
            await readings.report(NEW, [reading_text(known(NEW, "0.6", minutes_ago=2))])
        async with counter(with_http(settings_in(folder, mosquitto), url, token)) as shop:
            swap = await shop.with_batteries(plan.id)
            assert shop.kiosk.telemetry is not None
            (doubt,) = await shop.kiosk.telemetry.doubts(swap)
            assert (doubt.kind, doubt.now, doubt.before.station_id) == (DoubtKind.CHARGED, swap.outgoing, "STATION-9")
            assert doubt.before.reading.kwh_remaining == Decimal("0.6")
            await shop.settled(await shop.kiosk.swaps.complete(swap))  # a warning, no refusal


async def test_a_kiosk_killed_between_sending_and_noting_reports_once(folder: Path, books: Path, token: Path, mosquitto: Mosquitto) -> None:
    async with http_on(books) as url:
        arguments = ("-m", "tests.end_to_end.dying_reporter", str(folder), url, str(token))
        process = await asyncio.create_subprocess_exec(sys.executable, *arguments)
        async with asyncio.timeout(60):
            assert await process.wait() == -signal.SIGKILL
        assert rows(books, "SELECT count(*) FROM platform_telemetry") == [(1,)]
        async with counter(with_http(settings_in(folder, mosquitto), url, token)) as shop:
            reports, asked = reports_of(shop), (folder / "kiosk.sqlite", "SELECT state, reason FROM readings")
            if rows(*asked) == [("queued", "")]:  # else it was quicker than we
                await reports.until()
            (state,) = rows(*asked)
    assert state == ("reported", "")
    assert rows(books, "SELECT count(*) FROM platform_telemetry") == [(1,)]


async def test_one_bad_reading_of_a_batch_is_told_and_holds_up_no_other(books: Path, token: Path) -> None:
    async with http_on(books) as url, readings_at(url, token) as readings:
        documents = [reading_text(known("BAT-1", energy, minutes)) for energy, minutes in (("4.8", 5), ("4.8", -60), ("4.7", 4))]
        first, second, third = await readings.report("BAT-1", documents)
        with pytest.raises(BadInput, match="in the future"):
            await readings.report("BAT-1", documents[1:2])
    assert (first, third) == ("", "")
    assert "in the future" in second


@pytest.mark.parametrize("battery_id", ["A/B", "BAT 1", "BÄT-ä1", "100%", "A?B#C", "..A"])
async def test_any_id_finds_its_own_readings(books: Path, token: Path, battery_id: str) -> None:
    async with http_on(books) as url, readings_at(url, token) as readings:
        read = known(battery_id, "4.8", 5)
        assert await readings.report(battery_id, [reading_text(read)]) == ("",)
        found = await readings.latest(battery_id, 5)
    assert found is not None
    assert (found.reading.battery_id, found.reading.kwh_remaining) == (battery_id.upper(), read.reading.kwh_remaining)


async def test_an_id_that_means_something_in_an_address_is_not_sent(token: Path) -> None:
    async with readings_at("http://127.0.0.1:9", token) as readings:
        with pytest.raises(BadInput):
            await readings.report("..", ["{}"])


async def test_without_an_address_nothing_is_queued(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    plan = plan_named("no-address")
    async with platform_with(mosquitto, books, plan), counter(settings_in(folder, mosquitto)) as shop:
        await shop.with_batteries(plan.id)
        assert shop.kiosk.telemetry is None
    assert rows(folder / "kiosk.sqlite", "SELECT count(*) FROM readings") == [(0,)]


async def test_practice_is_never_reported(mosquitto: Mosquitto, folder: Path, token: Path) -> None:
    settings: Any = with_http(settings_in(folder, mosquitto), "http://127.0.0.1:9", token)
    kiosk = build_training(settings, lambda _: None)
    assert kiosk.telemetry is None
    await kiosk.stop()
