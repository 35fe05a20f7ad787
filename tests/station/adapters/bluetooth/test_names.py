"""Names from the air: the first one counts, whatever a name holds it is safe to show, and a crowd costs little."""

import asyncio
import logging
import sys
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from kiosk.domain.errors import BatteryError
from kiosk.station.adapters.bluetooth import device_table
from kiosk.station.adapters.bluetooth.device_table import MAX_DEVICES, MAX_NAME, DeviceTable, FleetFilter
from kiosk.station.adapters.bluetooth.target import MAX_KEPT, Namesakes
from kiosk.station.ports import Sighting
from tests.station.adapters.bluetooth.bench import Bound, bench, bound
from tests.station.adapters.bluetooth.jumping import run_jumping
from tests.station.adapters.bluetooth.test_alike import oves, pack

A = "C8:47:8C:00:10:00"
HOSTILE = {
    "248 bytes": "B" * 248,
    "control": "BAT\x00\x1b[2J\r\n-1\x07",
    "right to left": "\u202e54321-TAB\u2066",
    "invisible": "BAT\u200b-\u200d12\ufeff345",
    "combining": "B" + "\u0301" * 240,
    "percent and braces": "%s%n{battery_id}{0}%(name)s",
    "markup": "<b>BAT</b><img src=x>",
    "nothing but spaces": " \u00a0\u2003 ",
    "emoji": "\U0001f50b" * 60,
}


def hear(table: DeviceTable, address: str, name: str, rssi: int = -60, **told: Any) -> None:
    data = AdvertisementData(name or None, told.get("makers", {}), {}, told.get("services", []), None, rssi, ())
    table.note(BLEDevice(address, name or None, None), data)


# ---------------------------------------------------------------- the first name counts


def test_the_name_that_a_pack_had_when_it_was_connected_to_is_kept() -> None:
    names = Namesakes()
    table = DeviceTable(lambda: 0.0, namesakes=names)
    hear(table, A, "BAT-12345")
    names.keep_name(A, "BAT-12345")
    hear(table, A, "xiaoxiang BMS")
    hear(DeviceTable(lambda: 0.0, namesakes=names), A, "xiaoxiang BMS")
    assert [each.name for each in table.sightings()] == ["BAT-12345"]


def test_before_it_was_ever_connected_to_a_pack_may_be_renamed() -> None:
    table = DeviceTable(lambda: 0.0)
    hear(table, A, "JBD-012345")
    hear(table, A, "BAT-12345")
    assert [each.name for each in table.sightings()] == ["BAT-12345"]


def test_a_name_is_kept_though_an_advertisement_carries_none() -> None:
    table = DeviceTable(lambda: 0.0)
    hear(table, A, "BAT-12345")
    hear(table, A, "")
    assert [each.name for each in table.sightings()] == ["BAT-12345"]


@pytest.mark.parametrize("asked", ["BAT-12345", A])
def test_a_pack_that_is_called_otherwise_after_a_reading_is_found_again(asked: str) -> None:
    desk = bench()
    desk.room.add_devices(pack(0, -60, name="BAT-12345"))
    assert run_jumping(desk.read("BAT-12345", 10)).battery_id == "BAT-12345"
    desk.room.peripherals = (pack(0, -60, name="xiaoxiang BMS"),)
    assert run_jumping(desk.read(asked, 10)).battery_id == "BAT-12345"


def test_an_oves_battery_is_found_by_its_id_whatever_it_is_called_after_a_restart() -> None:
    made = oves(0, -60, "0.8")
    desk = bench(stored_address=lambda _battery_id: made.address)
    desk.room.add_devices(replace(made, name="OVES"))
    assert run_jumping(desk.read("BAT-12345", 10)).battery_id == "BAT-12345"


def test_what_is_kept_of_names_is_bounded() -> None:
    names = Namesakes()
    for number in range(MAX_KEPT + 10):
        names.keep_name(str(number), "BAT-1")
        names.note_read(f"BAT-{number}", A)
    assert [names.name_of(str(number), "new") for number in (0, MAX_KEPT)] == ["new", "BAT-1"]
    assert [names.address_of(f"BAT-{number}") for number in (0, MAX_KEPT)] == ["", A]


# ---------------------------------------------------------------- hostile names


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_is_shown_on_one_line_in_few_characters(name: str) -> None:
    table = DeviceTable(lambda: 0.0)
    hear(table, A, name)
    (shown,) = table.sightings()
    assert len(shown.name) <= MAX_NAME
    assert shown.name.isprintable()


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_reads_as_a_battery_or_a_sentence_and_logs_one_line(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    desk = bench()
    desk.room.add_devices(replace(pack(0, -60), name=name))
    reading = run_jumping(desk.read(A, 10))
    assert reading.battery_id.isprintable()
    assert len(reading.battery_id) <= MAX_NAME
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("kiosk")]
    assert ours
    assert all("\x1b" not in line and "\u202e" not in line and len(line) < 2000 for line in ours)


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_to_ask_for_a_hostile_name_is_a_sentence_at_most(name: str) -> None:
    desk = bench()
    desk.room.add_devices(replace(pack(0, -60), name=name), pack(1, -60))
    try:
        assert run_jumping(desk.read(name, 3)).address
    except BatteryError as error:
        assert str(error)  # noqa: PT017 - either of the two is right


def test_a_name_with_signs_that_are_not_seen_is_the_name_without_them() -> None:
    desk = bench()
    desk.room.add_devices(pack(0, -60, name="BAT-12345"), replace(pack(1, -40), name="BAT\u200b-12345"))
    with pytest.raises(BatteryError, match="say they are"):
        run_jumping(desk.read("BAT-12345", 10))


# ---------------------------------------------------------------- what is bound, in the list


def test_the_list_says_what_is_bound_and_who_says_that_it_is() -> None:
    bindings = Bound(bound("BAT-12345", A))
    table = DeviceTable(lambda: 0.0, bindings=bindings)
    hear(table, A, "JK-B2A24S", -60)
    hear(table, "C8:47:8C:00:10:01", "JK-B2A24S", -61)
    hear(table, "C8:47:8C:00:10:02", "HUB7 BAT-12345", -62)
    found = {each.address[-2:]: (each.battery_id, each.says, each.protocol) for each in table.sightings()}
    assert found == {"00": ("BAT-12345", "", "jk"), "01": ("", "", ""), "02": ("", "BAT-12345", "")}
    bindings.bindings.clear()
    hear(table, A, "JK-B2A24S", -60)
    assert table.sightings()[0].battery_id == ""


def test_the_age_of_a_sighting_makes_no_other_one_of_it() -> None:
    now = 0.0
    table = DeviceTable(lambda: now)
    hear(table, A, "BAT-12345")
    before = table.sightings()
    now = 3.0
    assert (table.sightings() == before, table.sightings()[0].heard_seconds_ago) == (True, 3.0)


# ---------------------------------------------------------------- a crowd


def crowd(table: DeviceTable, count: int, rssi: int = -40) -> None:
    for number in range(count):
        hear(table, f"AA:00:00:{number >> 16:02X}:{number >> 8 & 255:02X}:{number & 255:02X}", f"Phone {number}", rssi - number % 40)


def test_of_ten_thousand_devices_the_nearest_stay_and_every_battery() -> None:
    table = DeviceTable(lambda: 0.0, FleetFilter(fleet_names=("BAT-",)), bindings=Bound(bound("BAT-2", "C8:00:00:00:00:02")))
    hear(table, "C8:00:00:00:00:01", "BAT-1", -99)
    hear(table, "C8:00:00:00:00:02", "any", -99)
    hear(table, "C8:00:00:00:00:03", "OVES BATT 45AH -12345", -99)
    crowd(table, 10_000)
    found = table.sightings()
    assert len(found) == MAX_DEVICES
    assert {each.address[-1] for each in found[:3]} == {"1", "2", "3"}
    assert min(each.rssi or 0 for each in found[3:]) == -41  # 250 are at -40


def test_what_is_looked_for_stays_though_it_is_unknown_and_far() -> None:
    table = DeviceTable(lambda: 0.0)
    table.is_wanted = lambda _address, name: name == "BAT-1"
    hear(table, "C8:00:00:00:00:01", "BAT-1", -99)
    crowd(table, 5_000)
    assert "C8:00:00:00:00:01" in table


def test_the_work_for_a_crowd_grows_with_its_size_and_not_faster() -> None:
    assert steps(2_000) < 2.5 * steps(1_000)


@pytest.mark.parametrize("count", [1_000, 10_000])
def test_no_advertisement_and_no_list_of_a_crowd_costs_more_than_a_bounded_number_of_steps(count: int) -> None:
    table = DeviceTable(lambda: 0.0)
    crowd(table, count)
    assert steps_of(lambda: hear(table, A, "one more")) < 20_000
    assert steps_of(table.sightings) < 20_000


def steps(count: int) -> int:
    table = DeviceTable(lambda: 0.0)
    return steps_of(lambda: crowd(table, count))


def steps_of(work: Any) -> int:
    """How many functions of the device table were called: time would be the machine's."""
    counted = 0

    def note(frame: Any, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event == "call" and frame.f_code.co_filename == device_table.__file__

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted


def test_a_battery_is_read_in_a_crowd() -> None:
    async def scenario() -> tuple[str, tuple[Sighting, ...]]:
        desk = bench()
        desk.room.add_devices(*(replace(pack(0, -30), address=f"AA:{n}", name=f"Phone {n}", advertised=()) for n in range(1500)))
        desk.room.add_devices(replace(pack(0, -95, name="BAT-12345"), manufacturer_data={}, advertised=()))
        reading = await desk.read("BAT-12345", 10)
        async with aclosing(desk.scanner.sightings()) as lists:
            return reading.battery_id, await anext(lists)

    battery_id, found = asyncio.run(scenario())
    assert (battery_id, len(found)) == ("BAT-12345", MAX_DEVICES)
