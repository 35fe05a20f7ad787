"""Which pack lies on the counter: the one that is clearly meant, read first, and bound only when a person says so (decision 84)."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from kiosk.domain.approval import Approval
from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.battery.binding import Binding
from kiosk.domain.errors import BadInput, BatteryUnreachable, BindingTaken, StepImpossible
from kiosk.station.adapters.store.sql_store import open_store
from kiosk.station.ports import Sighting
from kiosk.station.services import pack_on_counter
from kiosk.station.services.bindings import Bindings
from kiosk.station.services.pack_on_counter import PacksHeard, bind_read, clearly_nearest, find_pack, packs_heard, read_pack, wait_for_pack
from tests.builders import NOON, reading
from tests.fakes import FakeClock, FixedScanner, bindings_alone
from tests.station.services.binding_station import SECRET, Bound

NEAR = Sighting(address="C8:47:8C:00:10:01", name="xiaoxiang BMS", rssi=-50, protocol="jbd")
FAR = Sighting(address="C8:47:8C:00:10:02", name="xiaoxiang BMS", rssi=-58, protocol="jbd")
PHONE = Sighting(address="11:22:33:44:55:66", name="Phone", rssi=-20)
WANTED = Binding(battery_id="BAT-20450", address="", family="", bound_at=NOON, bound_by="ATT-001")


def of(rssi: int | None, address: str = NEAR.address) -> Sighting:
    return replace(NEAR, address=address, rssi=rssi)


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
    monkeypatch.setattr(pack_on_counter, "SURE_SECONDS", 0.1)
    monkeypatch.setattr(pack_on_counter, "_LOOK_SECONDS", 0.01)


def scanner_with(pack: Sighting, **told: object) -> Heard:
    known = reading("BAT-20450", "31.0", protocol="jbd", address=pack.address, **told)
    return Heard(readings={pack.address: known}, lists=[(pack,)])


# which one is meant


@pytest.mark.parametrize(
    ("others", "is_clear"),
    [
        ((), True),
        ((PHONE,), True),
        ((of(-58, "2"),), True),
        ((of(-57, "2"),), False),
        ((of(-80, "2"), of(-57, "3")), False),
        ((of(-80, "2"), of(-58, "3")), True),
        ((of(None, "2"),), False),
    ],
)
def test_the_nearest_is_clear_by_8_db_or_alone(others: tuple[Sighting, ...], is_clear: bool) -> None:  # noqa: FBT001  a table
    assert clearly_nearest((*others, NEAR)) == (NEAR if is_clear else None)


def test_one_alone_is_the_one_however_weak_it_is() -> None:
    assert clearly_nearest((of(None),)) == of(None)
    assert clearly_nearest((PHONE,)) is clearly_nearest(()) is None


async def test_a_named_pack_is_found_in_any_spelling_and_none_other_is_taken_for_it() -> None:
    scanner = Heard(lists=[(of(-90, "c8:47:8c:00:10:01"), of(-30, FAR.address))])
    found = await find_pack(scanner, NEAR.address, 1)
    assert found is not None
    assert found.rssi == -90
    assert await find_pack(scanner, "C8:47:8C:00:10:09", 0.1) is None


async def test_where_none_is_clearly_meant_all_are_named() -> None:
    with pytest.raises(StepImpossible, match=r"xiaoxiang BMS \(C8:47:8C:00:10:01, -50 dBm\).*8C:00:10:02, -51 dBm"):
        await find_pack(Heard(lists=[(NEAR, of(-51, FAR.address), PHONE)]), "", 0.1)
    with pytest.raises(StepImpossible, match="no battery is in range"):
        await find_pack(Heard(lists=[(PHONE,)]), "", 0.1)


async def test_a_pack_is_read_as_what_it_will_be_bound_as_with_its_password(bound: Bound) -> None:
    station = await bound.station(alone=True)
    passwords: list[str] = []

    class Asking(FixedScanner):
        async def read(self, battery_id: str, *arguments: object, **options: object) -> BatteryTelemetry:
            known = station.binding_at(battery_id)
            passwords.append(await station.secret_of(known.battery_id) if known else "")
            return reading("xiaoxiang BMS", serial="S1", protocol="jbd")

    read = await read_pack(station, Asking(), WANTED, NEAR, SECRET, on_phase=lambda _phase: None, timeout_seconds=1)
    assert passwords == [SECRET]
    found = read.bindable.binding
    assert (found.battery_id, found.address, found.family, found.serial) == ("BAT-20450", NEAR.address, "jbd", "S1")
    assert station.binding_at(NEAR.address) is None  # nothing is bound by reading


def test_the_pack_that_is_8_db_nearer_than_every_other_is_meant() -> None:
    assert packs_heard((PHONE, NEAR, FAR)) == PacksHeard(packs=(NEAR, FAR), meant=NEAR)


def test_of_two_that_are_about_as_near_none_is_meant() -> None:
    assert packs_heard((NEAR, replace(FAR, rssi=-55))).meant is None


def test_a_pack_that_a_person_has_rejected_is_not_meant_and_neither_is_a_farther_one() -> None:
    assert packs_heard((NEAR, FAR), refused=NEAR.address).meant is None
    assert packs_heard((FAR,), refused=NEAR.address).meant == FAR


def test_a_sticker_that_tells_an_address_means_that_pack_and_no_nearer_one() -> None:
    assert packs_heard((NEAR, FAR), FAR.address).meant == FAR
    assert packs_heard((NEAR,), FAR.address).meant is None


@pytest.mark.usefixtures("soon")
async def test_a_pack_is_meant_only_after_it_has_been_for_a_while() -> None:
    heard: list[PacksHeard] = []
    scanner = Heard(lists=[(FAR,), (NEAR, FAR)])
    assert await wait_for_pack(scanner, "", heard.append) == NEAR
    assert [each.meant for each in heard] == [FAR, NEAR]


@pytest.mark.usefixtures("soon")
async def test_a_radio_that_fails_ends_the_wait() -> None:
    scanner = Heard(lists=[(NEAR, replace(FAR, rssi=-50))], failure=BatteryUnreachable("", 0))
    with pytest.raises(BatteryUnreachable):
        await wait_for_pack(scanner, "", lambda _heard: None)


# reading and binding it


async def test_a_pack_that_was_read_is_not_bound_before_somebody_says_so(bindings: Bindings) -> None:
    read = await read_pack(bindings, scanner_with(NEAR, serial="118842"), WANTED, NEAR, on_phase=lambda _phase: None)
    assert await bindings.bindings() == ()
    bound = await bind_read(bindings, read)
    assert (bound.battery_id, bound.address, bound.family, bound.serial) == ("BAT-20450", NEAR.address, "jbd", "118842")
    assert await bindings.bindings() == (bound,)


async def test_while_it_is_read_the_reader_knows_it_under_the_stickers_id(bindings: Bindings) -> None:
    known: list[Binding | None] = []
    await read_pack(bindings, scanner_with(NEAR), WANTED, NEAR, on_phase=lambda _phase: known.append(bindings.binding_at(NEAR.address)))
    assert {each.battery_id for each in known if each is not None} == {"BAT-20450"}
    assert bindings.binding_at(NEAR.address) is None


async def test_a_pack_that_changes_its_address_is_refused_before_it_is_connected_to(bindings: Bindings) -> None:
    pack, phases = replace(NEAR, address="5C:47:8C:00:10:01", has_random_address=True), list[object]()
    with pytest.raises(BadInput):
        await read_pack(bindings, scanner_with(pack), WANTED, pack, on_phase=phases.append)
    assert phases == []


async def test_a_pack_that_does_not_answer_leaves_nothing_behind(bindings: Bindings) -> None:
    with pytest.raises(BatteryUnreachable):
        await read_pack(bindings, Heard(), WANTED, NEAR, on_phase=lambda _phase: None)
    assert bindings.binding_of("BAT-20450") is None


async def test_only_a_supervisor_ends_another_binding_and_the_record_says_who_and_why(bindings: Bindings) -> None:
    await bind_read(bindings, await read_pack(bindings, scanner_with(FAR), WANTED, FAR, on_phase=lambda _phase: None))
    read = await read_pack(bindings, scanner_with(NEAR), WANTED, NEAR, on_phase=lambda _phase: None)
    assert [each.address for each in read.bindable.standing] == [FAR.address]
    with pytest.raises(BindingTaken):
        await bind_read(bindings, read)
    bound = await bind_read(bindings, read, Approval(supervisor="SUP-007", reason="Electronics replaced"))
    change = (await bindings.queued())[-1].change
    assert (bound.address, change.by, change.note) == (NEAR.address, "SUP-007", "Electronics replaced")
    assert await bindings.bindings() == (bound,)
