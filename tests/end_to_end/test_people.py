"""Who may sign in, from the platform's terminal to stations: over a really served platform, on disk, and offline (decision 29)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kiosk.bootstrap import people_of, people_sync_of, platform_client_of
from kiosk.cli import main
from kiosk.domain.errors import LinkDown, NotFound, PinWrong
from kiosk.domain.people import Act
from kiosk.platform.store.people_register import PeopleRegister
from kiosk.platform.store.repository import PlatformStore
from kiosk.settings import PlatformSettings, Settings
from kiosk.shared.pins import Seal, pepper_in
from kiosk.shared.system import SystemClock
from kiosk.station.adapters.store.sql_store import open_store
from kiosk.station.services.people import People
from kiosk.station.services.people_sync import PeopleSync
from tests.brokers import free_port
from tests.end_to_end.http_side import http_on, with_http
from tests.end_to_end.world import settings_in
from tests.platform.http.site import station_token


@asynccontextmanager
async def station(settings: Settings) -> AsyncIterator[tuple[People, PeopleSync]]:
    """A station's people, as from its start to its stop."""
    client, store = platform_client_of(settings), open_store(settings.database_url)
    people = people_of(settings, store, SystemClock())
    sync = people_sync_of(settings, client, store, people, SystemClock())
    assert client is not None
    assert sync is not None
    try:
        yield people, sync
    finally:
        await client.close()
        store.close()


class Desk:
    """The platform's terminal."""

    def __init__(self, books: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.books, self.pepper, self._capsys = books, folder / "platform-pepper", capsys

    def run(self, *arguments: str) -> str:
        assert main(["platform", "people", *arguments, "--database", f"sqlite:///{self.books}"]) == 0
        return self._capsys.readouterr().out.strip()

    def pin(self, person_id: str) -> str:
        return self.run("pin", person_id, "--pepper-file", str(self.pepper))

    @property
    def seal(self) -> Seal:
        return Seal(pepper_in(self.pepper))


@pytest.fixture
def desk(books: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    PlatformStore(books).close()
    return Desk(books, tmp_path, capsys)


def settings_of(tmp_path: Path, name: str, url: str) -> Settings:
    """A station with its own token."""
    token = tmp_path / f"{name}.token"
    token.write_text(station_token(name))
    token.chmod(0o600)
    return with_http(settings_in(tmp_path / name, free_port(), station=name), url, token)


async def test_from_the_platforms_list_to_a_sign_in_without_a_link(tmp_path: Path, books: Path, desk: Desk) -> None:
    desk.run("add", "ATT-1", "--name", "Amina", "--role", "attendant", "--station", "STATION-1")
    desk.run("add", "SUP-1", "--name", "Sam", "--role", "supervisor", "--station", "STATION-1", "STATION-2")
    first_pins, badge = {each: desk.pin(each) for each in ("ATT-1", "SUP-1")}, desk.run("badge", "ATT-1")
    async with http_on(books, seal=desk.seal) as url:
        settings = {name: settings_of(tmp_path, name, url) for name in ("STATION-1", "STATION-2")}
        for each in settings.values():
            async with station(each) as (_, sync):
                await sync.sync()
    async with station(settings["STATION-1"]) as (people, sync):
        with pytest.raises(LinkDown):
            await sync.sync()
        assert (await people.sign_in("ATT-1", first_pins["ATT-1"])).must_change_pin
        await people.change_pin("ATT-1", first_pins["ATT-1"], "4071")
        await people.change_pin("SUP-1", first_pins["SUP-1"], "940271")
        assert (await people.sign_in_by_badge(badge)).name == "Amina"
        assert (await people.approve("SUP-1", "940271", "the link is down", Act.PAYMENT)).supervisor == "SUP-1"
    async with station(settings["STATION-2"]) as (people, _):
        assert [each.id for each in people.people()] == ["SUP-1"]
        with pytest.raises(NotFound):
            await people.sign_in("ATT-1", "4071")
        with pytest.raises(PinWrong):  # what is changed at one station counts there alone
            await people.sign_in("SUP-1", "940271")
        assert (await people.sign_in("SUP-1", first_pins["SUP-1"])).must_change_pin


async def test_a_revoked_station_and_a_removed_person_are_known_after_the_next_round(tmp_path: Path, books: Path, desk: Desk) -> None:
    for person_id, stations in (("SUP-1", ("STATION-1", "STATION-2")), ("SUP-2", ("STATION-2",))):
        desk.run("add", person_id, "--name", person_id, "--role", "supervisor", "--station", *stations)
    pins = {each: desk.pin(each) for each in ("SUP-1", "SUP-2")}
    async with http_on(books, seal=desk.seal) as url, station(settings_of(tmp_path, "STATION-2", url)) as (people, sync):
        await sync.sync()
        await people.change_pin("SUP-1", pins["SUP-1"], "940271")
        await people.change_pin("SUP-2", pins["SUP-2"], "718305")
        await people.sign_in("SUP-2", "718305")
        store = PlatformStore(books)
        assert PeopleRegister(store).mark_pins("STATION-1", SystemClock().now(), "terminal:test") == 1
        store.close()
        desk.run("remove", "SUP-2")
        await sync.sync()
        assert people.signed_in is None
        assert (await people.sign_in("SUP-1", "940271")).must_change_pin
        with pytest.raises(NotFound):
            await people.sign_in("SUP-2", "718305")


async def test_the_list_is_not_asked_for_where_it_could_be_read(tmp_path: Path, token: Path) -> None:
    settings = settings_in(tmp_path / "STATION-1", free_port(), station="STATION-1")
    settings = settings.model_copy(update={"platform": PlatformSettings(url="http://192.0.2.1", token_file=token, timeout_seconds=1)})
    async with station(settings) as (_, sync):
        with pytest.raises(LinkDown) as caught:
            await sync.sync()
    assert "is not https" in caught.value.reason
