"""The list of what is in range: ranked, calm, at most three times a second, and never in the way of a reading."""

import asyncio
import sys
from contextlib import aclosing
from itertools import pairwise
from subprocess import run

import pytest
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.errors import BatteryUnreachable
from kiosk.station.adapters.bluetooth import Fault, Timeouts
from kiosk.station.adapters.bluetooth.device_table import DeviceTable
from kiosk.station.ports import Sighting
from tests.station.adapters.bluetooth.bench import IMPATIENT, Bench, battery, bench, phone


async def first_lists(desk: Bench, count: int) -> list[tuple[float, tuple[Sighting, ...]]]:
    loop, lists = asyncio.get_running_loop(), list[tuple[float, tuple[Sighting, ...]]]()
    async with asyncio.timeout(5), aclosing(desk.scanner.sightings()) as sightings:
        async for found in sightings:
            lists.append((loop.time(), found))
            if len(lists) == count:
                break
            desk.room.add_devices(phone(1000 + len(lists)))  # something new, so that there is something to tell
    return lists


def test_batteries_stand_first_and_the_nearest_of_them_on_top() -> None:
    desk = bench(battery("BAT-1", rssi=-70), battery("BAT-2", rssi=-50), battery("BAT-3", Fault.UNREACHABLE))
    desk.room.add_devices(phone(1, rssi=-30))
    ((_, found),) = asyncio.run(first_lists(desk, 1))
    assert [sighting.name for sighting in found] == ["OVES BATT 45AH BAT-2", "OVES BATT 45AH BAT-1", "Phone 000001"]
    assert [(sighting.rssi, sighting.protocol) for sighting in found] == [(-50, "oves"), (-70, "oves"), (-30, "")]


def test_an_empty_room_is_told_once() -> None:
    assert [found for _, found in asyncio.run(first_lists(bench(), 1))] == [()]


def test_an_unchanged_room_is_told_no_second_time() -> None:
    async def scenario() -> None:
        async with aclosing(bench(battery()).scanner.sightings()) as sightings:
            assert len(await anext(sightings)) == 1
            async with asyncio.timeout(IMPATIENT.update * 5):
                await anext(sightings)

    with pytest.raises(TimeoutError):
        asyncio.run(scenario())


def test_three_lists_a_second_at_most() -> None:
    assert Timeouts().update >= 1 / 3


def test_a_flood_of_two_hundred_devices_is_told_no_more_often() -> None:
    desk = bench(battery())
    desk.room.add_devices(*(phone(number) for number in range(200)))
    lists = asyncio.run(first_lists(desk, 4))
    assert all(later - earlier >= IMPATIENT.update * 0.9 for (earlier, _), (later, _) in pairwise(lists))
    assert [len(found) for _, found in lists[:1]] == [201]
    assert lists[0][1][0].name.startswith("OVES")


def test_a_reading_goes_first_while_the_list_is_open() -> None:
    async def scenario() -> None:
        desk = bench(battery(), battery("BAT-67890"))
        async with aclosing(desk.scanner.sightings()) as sightings:
            await anext(sightings)  # from here on nobody asks for the next list
            assert (await desk.read("BAT-12345")).battery_id == "BAT-12345"
            assert (await desk.read("BAT-67890")).battery_id == "BAT-67890"
            desk.room.put(battery("BAT-77777", rssi=-20))
            found = await anext(sightings)
            while len(found) < 3:
                found = await anext(sightings)
            assert found[0].name.endswith("77777")

    asyncio.run(scenario())


def test_closing_or_cancelling_the_list_stops_listening() -> None:
    async def scenario() -> None:
        desk = bench(battery())
        sightings = desk.scanner.sightings()
        await anext(sightings)
        waiting = asyncio.create_task(sightings.__anext__())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert (await desk.read("BAT-12345")).battery_id == "BAT-12345"

    asyncio.run(scenario())


def test_the_list_says_when_the_adapter_does_not_work() -> None:
    desk = bench(battery())
    desk.room.adapter_fault = AdapterFault.SWITCHED_OFF
    with pytest.raises(BatteryUnreachable, match="switched_off"):
        asyncio.run(first_lists(desk, 1))


# ---------------------------------------------------------------- the device table


class Receiver:
    """A device table whose time is moved by hand."""

    def __init__(self) -> None:
        self.time = 0.0
        self.devices = DeviceTable(lambda: self.time)

    def hear(self, address: str, rssi: int, name: str | None = None) -> None:
        self.devices.note(BLEDevice(address, name, None), AdvertisementData(name or None, {}, {}, [], None, rssi, ()))

    def order(self) -> list[str]:
        return [heard.address for heard in self.devices.rank()]


def test_neighbours_do_not_change_places_for_a_small_difference() -> None:
    receiver = Receiver()
    receiver.hear("A", -60)
    receiver.hear("B", -61)
    assert receiver.order() == ["A", "B"]
    for _ in range(20):
        receiver.hear("B", -58)
    assert receiver.order() == ["A", "B"]
    for _ in range(20):
        receiver.hear("B", -50)
    assert receiver.order() == ["B", "A"]


def test_one_strong_advertisement_moves_nothing() -> None:
    receiver = Receiver()
    receiver.hear("A", -50)
    receiver.hear("B", -60)
    receiver.hear("B", -40)
    assert receiver.order() == ["A", "B"]


@pytest.mark.parametrize("not_told", [-127, 127])
def test_a_strength_that_was_not_told_does_not_enter_the_average(not_told: int) -> None:
    receiver = Receiver()
    receiver.hear("A", not_told)
    assert receiver.devices.sightings()[0].rssi is None
    receiver.hear("A", -60)
    receiver.hear("A", not_told)
    assert receiver.devices.sightings()[0].rssi == -60


def test_a_name_once_heard_is_kept() -> None:
    receiver = Receiver()
    receiver.hear("A", -60, "OVES BATT 001094")
    receiver.hear("A", -60)
    assert receiver.devices.sightings()[0].name == "OVES BATT 001094"


def test_a_device_that_falls_silent_leaves_the_list() -> None:
    receiver = Receiver()
    receiver.hear("A", -60)
    receiver.time = 5
    receiver.hear("B", -60)
    assert receiver.order() == ["A", "B"]
    receiver.time = 12
    assert receiver.order() == ["B"]


def test_building_a_scanner_does_not_import_bleak() -> None:
    code = "import sys, kiosk.station.adapters.bluetooth as s; s.build_scanner('simulated', clock=None); sys.exit('bleak' in sys.modules)"
    assert run([sys.executable, "-c", code], timeout=30, check=False).returncode == 0


@pytest.mark.parametrize(
    ("details", "is_random"),
    [
        ({"path": "/org/bluez/hci0/dev_1", "props": {"AddressType": "random"}}, True),
        ({"path": "/org/bluez/hci0/dev_1", "props": {"AddressType": "public"}}, False),
        ({"path": "/org/bluez/hci0/dev_1", "props": {}}, False),
        ({}, False),
        (None, False),
    ],
)
def test_a_random_address_is_told_where_the_system_knows_it(details: object, is_random: bool) -> None:  # noqa: FBT001  a table
    table = DeviceTable(lambda: 0.0)
    handle = BLEDevice("58:47:8C:00:10:01", "JK-B2A24S", details)
    table.note(handle, AdvertisementData("JK-B2A24S", {}, {}, [], None, -50, ()))
    assert [each.has_random_address for each in table.sightings()] == [is_random]
