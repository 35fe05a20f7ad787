"""Batteries that have no id but the name they advertise: which name is which battery, and what this station expects."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import aiobmsble
import pytest
from aiobmsble.utils import load_bms_plugins

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.errors import BatteryUnreadable
from kiosk.station.adapters.bluetooth import FleetFilter, SimulatedBattery, build_scanner
from kiosk.station.adapters.bluetooth.battery_protocol import Advertisement
from kiosk.station.adapters.bluetooth.protocol_registry import commodity_names, find_kind, protocol_name
from kiosk.station.adapters.bluetooth.target import Target
from kiosk.station.ports import Sighting
from tests.station.adapters.bluetooth.bench import IMPATIENT, NOW, Bench, StillClock, battery, bench, phone
from tests.station.adapters.bluetooth.jumping import run_jumping
from tests.station.adapters.bluetooth.packs import recordings


def named(name: str, protocol: str = "jbd", rssi: int = -60) -> SimulatedBattery:
    return SimulatedBattery(asset_id=name, protocol=protocol, kwh_remaining=Decimal("0.896"), voltage=Decimal("51.2"), rssi=rssi)


def read_id(desk: Bench, asked: str) -> str:
    return run_jumping(desk.read(asked, 10)).battery_id


@pytest.mark.parametrize(
    ("name", "asked", "read_as"),
    [
        ("BAT-12345", "BAT-12345", "BAT-12345"),
        ("bat-12345", "BAT-12345", "bat-12345"),  # compared after normalising, told as it is
        ("BAT-12345", "-12345", "BAT-12345"),  # the end of the id is enough to find it, and the name is the id
        ("HUB7 BAT-12345", "BAT-12345", "BAT-12345"),
        ("JBD-012345", "BO723025012345", "BO723025012345"),
        ("JK 012345", "BO723025012345", "BO723025012345"),
        ("012345", "BO723025012345", "BO723025012345"),
        ("JBD-012345", "012345", "JBD-012345"),
        ("JBD-012345", "JBD-012345", "JBD-012345"),
    ],
)
def test_a_name_says_which_battery_it_is(name: str, asked: str, read_as: str) -> None:
    assert read_id(bench(named(name)), asked) == read_as


@pytest.mark.parametrize(("name", "asked"), [("TWIN-12345", "BAT-12345"), ("B-123456", "A-123456"), ("XBAT-12345", "BAT-12345")])
def test_another_battery_with_the_same_tail_keeps_its_own_name(name: str, asked: str) -> None:
    assert read_id(bench(named(name)), asked) == name


def test_a_tail_that_two_names_share_is_not_guessed() -> None:
    with pytest.raises(BatteryUnreadable, match="2 batteries in range end in"):
        read_id(bench(named("JBD-012345"), named("JK-012345", "jk")), "BO723025012345")


def test_an_oves_battery_is_never_renamed() -> None:
    assert read_id(bench(battery("TWIN-012345")), "BO723025012345") == "TWIN-012345"


def test_a_nameless_pack_goes_by_its_address() -> None:
    desk = bench()
    pack = replace(recordings()["JBD-D"].peripheral(), name="")
    desk.room.add_devices(pack)
    assert read_id(desk, pack.address) == pack.address


def test_an_id_that_was_asked_for_is_written_as_it_is_compared() -> None:
    reading = BatteryTelemetry(battery_id="JBD-012345", kwh_remaining=None, timestamp=NOW, protocol="jbd")
    assert Target.parse(" <bo723025012345> ").with_asked_id(reading).battery_id == "BO723025012345"


# ---------------------------------------------------------------- what is expected


def expecting(fleet_filter: FleetFilter, *batteries: SimulatedBattery) -> Bench:
    desk = bench(*batteries)
    return Bench(
        desk.room, build_scanner("simulated", clock=StillClock(), batteries=desk.room, timeouts=IMPATIENT, fleet_filter=fleet_filter)
    )


def sightings(desk: Bench) -> tuple[Sighting, ...]:
    async def first() -> tuple[Sighting, ...]:
        async with aclosing(desk.scanner.sightings()) as lists:
            found = await anext(lists)
            while len(found) < len(desk.room.peripherals):
                found = await anext(lists)
            return found

    return run_jumping(asyncio.wait_for(first(), 5))


def test_the_kind_is_told_before_anything_is_read() -> None:
    desk = bench(named("A", "jbd", -50), named("B", "jk", -60), named("C", "daly", -70), battery("D", rssi=-80))
    desk.room.add_devices(phone(1, rssi=-30))
    assert [(seen.protocol, seen.rssi) for seen in sightings(desk)] == [("jbd", -50), ("jk", -60), ("daly", -70), ("oves", -80), ("", -30)]


def test_the_own_fleet_stands_first_and_nobody_is_hidden() -> None:
    desk = expecting(FleetFilter(fleet_names=("bat-",)), named("OTHER-1", rssi=-40), named("BAT-1", rssi=-80), named("BAT-2", rssi=-60))
    desk.room.add_devices(phone(1, rssi=-30))
    assert [seen.name for seen in sightings(desk)] == ["BAT-2", "BAT-1", "OTHER-1", "Phone 000001"]


def test_a_kind_that_is_not_allowed_is_no_battery_here() -> None:
    desk = expecting(FleetFilter(protocols=("jk",)), named("BAT-12345"), battery("BAT-67890"), named("BAT-00001", "jk"))
    assert {seen.name[-5:]: seen.protocol for seen in sightings(desk)} == {"12345": "", "67890": "", "00001": "jk"}
    assert read_id(desk, "BAT-00001") == "BAT-00001"


@pytest.mark.parametrize(("asked", "reason"), [("BAT-12345", "not a kind of battery known here"), ("BAT-67890", "are not used here")])
def test_a_kind_that_is_not_allowed_is_not_read(asked: str, reason: str) -> None:
    with pytest.raises(BatteryUnreadable, match=reason):
        read_id(expecting(FleetFilter(protocols=("jk",)), named("BAT-12345"), battery("BAT-67890")), asked)


# ---------------------------------------------------------------- the library's kinds


def test_the_names_of_the_kinds_are_those_of_the_library() -> None:
    assert {protocol_name(module.__name__): module.BMS for module in load_bms_plugins()}.keys() - {"dummy"} == set(commodity_names())
    assert len(commodity_names()) == 52


def test_every_advertisement_that_the_library_knows_is_recognised() -> None:
    heard = list(kinds_and_advertisements())
    assert len(heard) > 150
    assert all(find_kind(told) == kind for kind, told in heard)
    assert {kind for kind, _ in heard if kind} == set(commodity_names())


def kinds_and_advertisements() -> Iterator[tuple[str, Advertisement]]:
    """What the library's own data say: the kind ("" for what is no battery), and the advertisement."""
    for file in sorted((Path(aiobmsble.__file__).parent / "test_data").glob("*.json")):
        for entry in json.loads(file.read_text("utf-8")):
            told = entry["advertisement"]
            makers = {int(maker): bytes.fromhex(data) for maker, data in told.get("manufacturer_data", {}).items()}
            services = {uuid: bytes.fromhex(data) for uuid, data in told.get("service_data", {}).items()}
            name, kind = told.get("local_name") or "", protocol_name(entry.get("type", ""))
            yield (
                kind if kind in commodity_names() else "",
                Advertisement(
                    name=name,
                    address=told.get("platform_data", ["AA:BB:CC:00:00:00"])[0],
                    service_uuids=tuple(told.get("service_uuids", [])),
                    manufacturer_data=makers,
                    service_data=services,
                ),
            )
