"""Which pack wears which sticker, between stations and a really served platform, over TCP and on disk (decision 84)."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kiosk.bootstrap import bindings_of, platform_client_of
from kiosk.domain.battery.binding import Binding
from kiosk.platform.store.open_items import BindingConflicts
from kiosk.platform.store.repository import PlatformStore
from kiosk.settings import Settings
from kiosk.shared.system import SystemClock
from kiosk.station.adapters.store.sql_store import open_store
from kiosk.station.events import BindingsChanged, Event
from kiosk.station.services.bindings import Bindings
from tests.brokers import free_port
from tests.builders import NOON
from tests.cli.terminal import Terminal
from tests.end_to_end.http_side import http_on, with_http
from tests.end_to_end.world import counter, settings_in
from tests.platform.http.site import station_token

X, Y = "C8:47:8C:00:10:01", "C8:47:8C:00:10:02"
SECRET = "s3cret-of-a-pack"  # noqa: S105  no secret


def wanted(battery_id: str = "BAT-1", address: str = X) -> Binding:
    return Binding(battery_id=battery_id, address=address, family="jk", serial="S1", bound_by="SUP-007", bound_at=NOON)


@asynccontextmanager
async def station(settings: Settings) -> AsyncIterator[tuple[Bindings, list[Event]]]:
    """A station's table of batteries, as from its start to its stop."""
    events: list[Event] = []
    client, store = platform_client_of(settings), open_store(settings.database_url)
    bindings = bindings_of(settings, client, store, SystemClock(), events.append)
    await bindings.prepare()
    try:
        yield bindings, events
    finally:
        assert client is not None
        await client.close()
        store.close()


async def pairs(bindings: Bindings) -> dict[str, str]:
    return {each.battery_id: each.address for each in await bindings.bindings()}


def settings_of(tmp_path: Path, name: str, url: str, token: Path) -> Settings:
    own = token.with_name(f"{name}.token")
    own.write_text(station_token(name))
    return with_http(settings_in(tmp_path / name, free_port(), station=name), url, own)


async def test_what_is_bound_offline_at_one_station_is_known_at_the_other(tmp_path: Path, books: Path, token: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    first, second = (settings_of(tmp_path, each, f"http://{address}", token) for each in ("STATION-1", "STATION-2"))
    async with station(first) as (here, _):
        await here.bind(wanted())
    async with http_on(books, address), station(first) as (here, _), station(second) as (there, _):
        assert await pairs(here) == {"BAT-1": X}  # after a restart, before the platform was asked
        await here.sync()
        await there.sync()
        found = there.binding_at(X)
        assert found == here.binding_at(X)
        assert found is not None
        assert (found.battery_id, found.serial, found.station_id) == ("BAT-1", "S1", "STATION-1")
        await here.unbind("BAT-1", "SUP-007")
        await here.sync()
        await there.sync()
        assert await pairs(there) == {}


async def test_two_stations_that_bind_one_sticker_at_once(tmp_path: Path, books: Path, token: Path) -> None:
    async with http_on(books) as url:
        stations = [settings_of(tmp_path, each, url, token) for each in ("STATION-1", "STATION-2")]
        async with station(stations[0]) as (one, _), station(stations[1]) as (two, _):
            await one.bind(wanted("BAT-1", X))
            await two.bind(wanted("BAT-1", Y))
            await asyncio.gather(one.sync(), two.sync())
            await asyncio.gather(one.sync(), two.sync())
            assert await pairs(one) == await pairs(two)
            refused = [each for bindings in (one, two) for each in await bindings.queued()]
            assert [("BAT-1 cannot be bound to" in each.refused, each.change.station_id != "") for each in refused] == [(True, True)]
        async with station(stations[0]) as (one, heard), station(stations[1]) as (two, also_heard):  # nothing is lost by a restart
            told = [[each for each in events if isinstance(each, BindingsChanged)][-1] for events in (heard, also_heard)]
            assert sorted((each.bound, each.waiting, each.refused) for each in told) == [(1, 0, 0), (1, 0, 1)]
    store = PlatformStore(books)
    assert len(BindingConflicts(store).open()) == 1
    store.close()


async def test_a_secret_reaches_the_station_that_reads_that_battery_and_no_log(
    tmp_path: Path, books: Path, token: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with http_on(books) as url:
        first, second = (settings_of(tmp_path, each, url, token) for each in ("STATION-1", "STATION-2"))
        async with station(first) as (here, _), station(second) as (there, _):
            await here.bind(wanted("BAT-1", X), SECRET)
            await here.bind(wanted("BAT-2", Y), "another-secret")
            await here.sync()
            await there.sync()
            assert await there.secret_of("BAT-1") == SECRET
            kept = list((second.data / "battery-secrets").iterdir())
            assert [each.stat().st_mode & 0o777 for each in kept] == [0o600]  # the other's was not asked for
            await here.unbind("BAT-1", "SUP-007")
            await here.sync()
            await there.sync()
            assert list((second.data / "battery-secrets").iterdir()) == []
            assert await there.secret_of("BAT-1") == ""
    assert SECRET not in caplog.text
    assert "another-secret" not in caplog.text


async def test_a_running_counter_sends_what_it_bound_and_brings_what_others_did(tmp_path: Path, books: Path, token: Path) -> None:
    async with http_on(books) as url:
        other = settings_of(tmp_path, "STATION-2", url, token)
        async with station(other) as (there, _):
            await there.bind(wanted("BAT-2", Y))
            await there.sync()
        async with counter(settings_of(tmp_path, "STATION-1", url, token)) as shop:
            await shop.heard.until(lambda event: isinstance(event, BindingsChanged) and event.bound == 1)
            await shop.kiosk.bindings.bind(wanted("BAT-1", X))
            await shop.heard.until(lambda event: event == BindingsChanged(bound=2, waiting=0, refused=0))
        async with station(other) as (there, _):
            await there.sync()
            assert await pairs(there) == {"BAT-1": X, "BAT-2": Y}


async def test_the_terminal_tells_the_platform_and_what_it_refuses(tmp_path: Path, books: Path, token: Path) -> None:
    terminal = Terminal(tmp_path / "terminal", {"SWAP_KIOSK_PLATFORM__TOKEN_FILE": str(token)})
    terminal.folder.mkdir()
    terminal.configure()
    async with http_on(books) as url:
        async with station(settings_of(tmp_path, "STATION-2", url, token)) as (there, _):
            await there.bind(wanted("BAT-1", X))
            await there.sync()
        terminal.environment["SWAP_KIOSK_PLATFORM__URL"] = url

        async def run(*arguments: str) -> tuple[int, str, str]:
            ran = await asyncio.to_thread(terminal.run, "battery", *arguments)
            return ran.code, ran.out, ran.err

        code, _, said = await run("bind", "BAT-1", "--address", Y, "--seconds", "1", "--yes")
        assert (code, "waits for a supervisor" in said, f"BAT-1 ({X})" in said) == (1, True, True)
        ran = await asyncio.to_thread(terminal.run, "battery", "bindings", "--json")
        assert [(each["address"], each["state"]) for each in ran.json] == [(X, "bound"), (Y, "refused")]
        doctor = await asyncio.to_thread(terminal.run, "doctor", "--json")
        (found,) = [each for each in doctor.json if each["name"] == "batteries"]
        assert (found["ok"], "BAT-1" in found["what"]) == (False, True)
        assert (await run("bind", "BAT-2", "--address", Y, "--seconds", "1", "--yes"))[0] == 0
        assert (await run("bind", "BAT-1", "--address", X, "--seconds", "1", "--yes"))[0] == 0  # what stands is right
        ran = await asyncio.to_thread(terminal.run, "battery", "bindings", "--json")
    assert [(each["asset_id"], each["address"], each["state"]) for each in ran.json] == [("BAT-1", X, "bound"), ("BAT-2", Y, "bound")]
