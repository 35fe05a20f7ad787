"""Passwords of packs: where they are needed, and nowhere else (decision 84)."""

import asyncio
import logging
from dataclasses import replace

import pytest

from kiosk.domain.errors import BadInput, KioskError, LinkDown, NotFound
from kiosk.station.services import bindings as bindings_module
from tests.fakes import SecretsInMemory
from tests.station.services.binding_station import SECRET, Bound, X, Y, wanted


async def test_a_secret_is_used_where_it_was_given_and_asked_for_elsewhere_once(bound: Bound) -> None:
    station = await bound.station()
    await station.bind(wanted(), SECRET)
    assert await station.secret_of("BAT-1") == SECRET
    await station.sync()
    bound.secrets = SecretsInMemory()
    other = await bound.station(station_id="STATION-2")
    await other.sync()
    assert [await other.secret_of("BAT-1") for _each in range(3)] == [SECRET] * 3
    assert bound.register.asked.count("secret of BAT-1") == 1


async def test_no_secret_is_asked_for_where_none_is_kept(bound: Bound) -> None:
    bound.register.put("BAT-1", wanted())
    station = await bound.station()
    await station.sync()
    assert await station.secret_of("BAT-1") == await station.secret_of("BAT-2") == ""
    assert not any(each.startswith("secret") for each in bound.register.asked)


@pytest.mark.parametrize("failure", [LinkDown("no network"), NotFound("secret of the battery", "BAT-1"), BadInput("path", "no")])
async def test_a_secret_that_cannot_be_had_is_none_and_said(bound: Bound, failure: KioskError, caplog: pytest.LogCaptureFixture) -> None:
    bound.register.put("BAT-1", replace(wanted(), has_secret=True))
    station = await bound.station()
    await station.sync()
    bound.register.down = failure
    assert await station.secret_of("BAT-1") == ""
    assert "the secret of BAT-1 cannot be had" in caplog.text


async def test_a_secret_has_a_deadline(bound: Bound, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(_battery_id: str) -> str:
        await asyncio.sleep(60)
        return SECRET

    bound.register.put("BAT-1", replace(wanted(), has_secret=True))
    station = await bound.station()
    await station.sync()
    monkeypatch.setattr(bindings_module, "SECRET_SECONDS", 0.05)
    monkeypatch.setattr(bound.register, "secret", silent)
    async with asyncio.timeout(2):
        assert await station.secret_of("BAT-1") == ""


async def test_a_secret_is_removed_with_its_binding_wherever_that_ends(bound: Bound) -> None:
    station = await bound.station()
    await station.bind(wanted("BAT-1", X), SECRET)
    await station.bind(wanted("BAT-2", Y), SECRET)
    await station.sync()
    await station.unbind("BAT-1", "SUP-007")
    assert set(bound.secrets.kept) == {"BAT-2"}
    bound.register.put("BAT-2", None)
    await station.sync()
    assert bound.secrets.kept == {}


async def test_a_pack_bound_anew_has_another_secret(bound: Bound) -> None:
    station = await bound.station()
    await station.bind(wanted("BAT-1", X), SECRET)
    bound.clock.pass_time(1)
    await station.bind(wanted("BAT-1", Y), replace=True, note="new board")
    assert await station.secret_of("BAT-1") == ""
    bound.clock.pass_time(1)
    await station.bind(wanted("BAT-1", Y), "another-secret")
    assert await station.secret_of("BAT-1") == "another-secret"


async def test_the_same_pack_keeps_its_secret_when_more_is_known_of_it(bound: Bound) -> None:
    station = await bound.station()
    await station.bind(wanted(), SECRET)
    bound.clock.pass_time(1)
    await station.bind(wanted(serial="S1"))
    assert await station.secret_of("BAT-1") == SECRET


async def test_a_secret_is_not_taken_where_it_could_be_read_on_its_way(bound: Bound) -> None:
    bound.register.keeps_secrets = False
    station = await bound.station()
    with pytest.raises(BadInput, match="https"):
        await station.bind(wanted(), SECRET)
    assert (await station.queued(), bound.secrets.kept) == ((), {})


async def test_a_secret_stands_in_no_log_no_list_and_no_table(bound: Bound, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    station = await bound.station()
    await station.bind(wanted(), SECRET)
    shown = repr((await station.bindings(), await station.queued(), station.binding_of("BAT-1"), bound.events, bound.secrets))
    await station.sync()
    bound.stores[0].close()
    assert SECRET not in shown + repr(await station.bindings()) + caplog.text
    assert all(SECRET.encode() not in file.read_bytes() for file in bound.folder.glob("STATION-1.sqlite*"))


async def test_a_pack_that_asks_for_a_password_can_be_read_before_it_is_bound(bound: Bound) -> None:
    station = await bound.station(alone=True)
    trial = wanted()
    with station.tried(trial, SECRET):
        assert station.binding_of("BAT-1") == station.binding_at(X) == trial
        assert await station.secret_of("BAT-1") == SECRET
    assert station.binding_of("BAT-1") is station.binding_at(X) is None
    assert await station.secret_of("BAT-1") == ""


async def test_a_large_table_is_loaded_in_turns_with_the_others(bound: Bound) -> None:
    station = await bound.station()
    bound.register.page = 3000
    for number in range(3000):
        bound.register.put(f"BAT-{number}", wanted(f"BAT-{number}", f"C8:47:8C:00:{number >> 8:02X}:{number & 255:02X}"))
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    await station.sync()
    counting = asyncio.create_task(count())
    await station.load()
    counting.cancel()
    assert len(await station.bindings()) == 3000
    assert turns >= 3
