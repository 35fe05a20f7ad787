"""Which pack is bound to a sticker: the one that is clearly meant, read first, and bound only when a person says so."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from kiosk.domain.battery.binding import Binding, Sticker
from kiosk.domain.errors import BadInput, BatteryUnreachable, BindingTaken
from kiosk.station.adapters.store.sql_store import open_store
from kiosk.station.ports import Sighting
from kiosk.station.services import pack_to_bind
from kiosk.station.services.bindings import Bindings
from kiosk.station.services.pack_to_bind import PacksHeard, bind_read, packs_heard, read_pack, wait_for_pack
from tests.builders import NOON, reading
from tests.fakes import FakeClock, FixedScanner, bindings_alone

NEAR = Sighting(address="C8:47:8C:00:10:01", name="xiaoxiang BMS", rssi=-48, protocol="jbd")
FAR = Sighting(address="C8:47:8C:00:10:02", name="xiaoxiang BMS", rssi=-56, protocol="jbd")
PHONE = Sighting(address="D1:00:00:00:00:01", name="Phone", rssi=-20)
NO_STICKER = Sticker()
WANTED = Binding(battery_id="BAT-20450", address="", family="", bound_at=NOON, bound_by="ATT-001")


@dataclass
class Heard(FixedScanner):
    """Hears these lists, one after the other, and then nothing new; or fails."""

    lists: list[tuple[Sighting, ...]] = field(default_factory=list)
    failure: BatteryUnreachable | None = None

    async def sightings(self) -> AsyncIterator[tuple[Sighting, ...]]:
        for each in self.lists:
            yield each
            await asyncio.sleep(0.02)
        if self.failure is not None:
            raise self.failure
        await asyncio.Event().wait()


@pytest.fixture
def bindings(tmp_path: Path) -> Iterator[Bindings]:
    store = open_store(tmp_path / "kiosk.sqlite")
    yield bindings_alone(store, FakeClock())
    store.close()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack_to_bind, "SURE_SECONDS", 0.1)
    monkeypatch.setattr(pack_to_bind, "_LOOK_SECONDS", 0.01)


def scanner_with(pack: Sighting, **told: object) -> Heard:
    known = reading("BAT-20450", "31.0", protocol="jbd", address=pack.address, **told)
    return Heard(readings={pack.address: known}, lists=[(pack,)])


# which one is meant


def test_the_pack_that_is_8_db_nearer_than_every_other_is_meant() -> None:
    assert packs_heard((PHONE, NEAR, FAR), NO_STICKER) == PacksHeard(packs=(NEAR, FAR), meant=NEAR)


def test_of_two_that_are_about_as_near_none_is_meant() -> None:
    assert packs_heard((NEAR, replace(FAR, rssi=-55)), NO_STICKER).meant is None


def test_a_pack_that_a_person_has_rejected_is_not_meant_and_neither_is_a_farther_one() -> None:
    assert packs_heard((NEAR, FAR), NO_STICKER, refused=NEAR.address).meant is None
    assert packs_heard((FAR,), NO_STICKER, refused=NEAR.address).meant == FAR


def test_a_sticker_that_tells_an_address_means_that_pack_and_no_nearer_one() -> None:
    assert packs_heard((NEAR, FAR), Sticker(battery_id="BAT-1", address=FAR.address)).meant == FAR
    assert packs_heard((NEAR,), Sticker(battery_id="BAT-1", address=FAR.address)).meant is None


@pytest.mark.usefixtures("soon")
async def test_a_pack_is_meant_only_after_it_has_been_for_a_while() -> None:
    heard: list[PacksHeard] = []
    scanner = Heard(lists=[(FAR,), (NEAR, FAR)])
    assert await wait_for_pack(scanner, NO_STICKER, heard.append) == NEAR
    assert [each.meant for each in heard] == [FAR, NEAR]


@pytest.mark.usefixtures("soon")
async def test_a_radio_that_fails_ends_the_wait() -> None:
    scanner = Heard(lists=[(NEAR, replace(FAR, rssi=-50))], failure=BatteryUnreachable("", 0))
    with pytest.raises(BatteryUnreachable):
        await wait_for_pack(scanner, NO_STICKER, lambda _heard: None)


# reading and binding it


async def test_a_pack_that_was_read_is_not_bound_before_somebody_says_so(bindings: Bindings) -> None:
    read = await read_pack(scanner_with(NEAR, serial="118842"), bindings, WANTED, NEAR, lambda _phase: None)
    assert await bindings.bindings() == ()
    bound = await bind_read(bindings, read)
    assert (bound.battery_id, bound.address, bound.family, bound.serial) == ("BAT-20450", NEAR.address, "jbd", "118842")
    assert await bindings.bindings() == (bound,)


async def test_while_it_is_read_the_reader_knows_it_under_the_stickers_id(bindings: Bindings) -> None:
    known: list[Binding | None] = []
    await read_pack(scanner_with(NEAR), bindings, WANTED, NEAR, lambda _phase: known.append(bindings.binding_at(NEAR.address)))
    assert {each.battery_id for each in known if each is not None} == {"BAT-20450"}
    assert bindings.binding_at(NEAR.address) is None


async def test_a_pack_that_changes_its_address_is_refused_before_it_is_connected_to(bindings: Bindings) -> None:
    pack, phases = replace(NEAR, address="5C:47:8C:00:10:01", has_random_address=True), list[object]()
    with pytest.raises(BadInput):
        await read_pack(scanner_with(pack), bindings, WANTED, pack, phases.append)
    assert phases == []


async def test_a_pack_that_does_not_answer_leaves_nothing_behind(bindings: Bindings) -> None:
    with pytest.raises(BatteryUnreachable):
        await read_pack(Heard(), bindings, WANTED, NEAR, lambda _phase: None)
    assert bindings.binding_of("BAT-20450") is None


async def test_only_a_supervisor_ends_another_binding_and_the_record_says_who_and_why(bindings: Bindings) -> None:
    await bind_read(bindings, await read_pack(scanner_with(FAR), bindings, WANTED, FAR, lambda _phase: None))
    read = await read_pack(scanner_with(NEAR), bindings, WANTED, NEAR, lambda _phase: None)
    assert [each.address for each in read.bindable.standing] == [FAR.address]
    with pytest.raises(BindingTaken):
        await bind_read(bindings, read)
    bound = await bind_read(bindings, read, supervisor="SUP-007", reason="Electronics replaced")
    change = (await bindings.queued())[-1].change
    assert (bound.address, change.by, change.note) == (NEAR.address, "SUP-007", "Electronics replaced")
    assert await bindings.bindings() == (bound,)
