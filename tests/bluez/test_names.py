"""Through BlueZ, which puts the name that a pack tells once it is connected in place of the one that it advertises (bluez.json, 1)."""

from dataclasses import replace

import pytest

from kiosk.station.adapters.bluetooth import build_scanner
from tests.bluez.desk import IMPATIENT, RadioDesk
from tests.bluez.thread import BluezThread
from tests.station.adapters.bluetooth.bench import Bound, StillClock, battery, bound
from tests.station.adapters.bluetooth.packs import recordings

GAP_NAME = "xiaoxiang BMS"


@pytest.fixture
def address(bluez: BluezThread) -> str:
    """A recorded pack that the fleet has named, and that calls itself as its maker does."""
    pack = replace(recordings()["JBD-D"].peripheral(), name="BAT-77777")
    bluez.room.add_devices(pack)
    bluez.faults.gap_names[pack.address] = GAP_NAME
    return pack.address


def test_the_second_reading_finds_the_battery_again_by_its_advertised_name(desk: RadioDesk, address: str) -> None:
    readings = [desk.read_now("BAT-77777") for _ in range(2)]
    assert [(each.battery_id, each.address) for each in readings] == [("BAT-77777", address)] * 2
    assert desk.bluez.room.find(address) is not None


def test_by_its_address_its_id_is_still_the_advertised_name(desk: RadioDesk, address: str) -> None:
    assert desk.read_now("BAT-77777").battery_id == "BAT-77777"
    assert desk.read_now(address).battery_id == "BAT-77777"


def test_what_is_bound_does_not_depend_on_any_name(bluez: BluezThread, address: str) -> None:
    bindings = Bound(bound("BAT-20417", address, "jbd"))
    desk = RadioDesk(bluez, build_scanner("bluetooth", clock=StillClock(), timeouts=IMPATIENT, bindings=bindings))
    assert [desk.read_now("BAT-20417").battery_id for _ in range(2)] == ["BAT-20417"] * 2
    again = RadioDesk(bluez, build_scanner("bluetooth", clock=StillClock(), timeouts=IMPATIENT, bindings=bindings))
    assert again.read_now("BAT-20417").battery_id == "BAT-20417"  # a new process, and BlueZ still knows the other name


def test_an_oves_battery_is_found_by_its_id_and_not_by_the_later_name(bluez: BluezThread) -> None:
    there = bluez.room.peripherals[0].address
    bluez.faults.gap_names[there] = "OVES"
    first = RadioDesk(bluez)
    assert [first.read_now("BAT-12345").address for _ in range(2)] == [there, there]
    scanner = build_scanner("bluetooth", clock=StillClock(), timeouts=IMPATIENT, stored_address=lambda _battery_id: there)
    assert RadioDesk(bluez, scanner).read_now("BAT-12345").battery_id == battery().asset_id
