"""Readings over a real bluetoothd and kernel: the simulated batteries' bytes cross HCI, L2CAP, ATT and D-Bus before they are decoded."""

import asyncio
from contextlib import aclosing
from decimal import Decimal

import pytest

from kiosk.domain.battery.battery import FitnessLimits, check_reading
from kiosk.domain.errors import BatteryUnreachable, BatteryUnreadable
from kiosk.station.adapters.bluetooth import Fault
from kiosk.station.adapters.bluetooth.battery_protocol import Peripheral
from kiosk.station.adapters.bluetooth.radio import CLOSE_SECONDS
from kiosk.station.ports import ReadPhase, Sighting
from tests.real_bluez.bluez import Bluez, connected
from tests.real_bluez.counter import LEFT_SECONDS, Air, Desk, battery

LOOKING, CONNECTING, READING = ReadPhase.LOOKING, ReadPhase.CONNECTING, ReadPhase.READING
PHONE = Peripheral(address="C0:00:00:00:00:01", name="Phone 012345", rssi=-40)
COUNTER_SECONDS = 10  # soc_telemetry_timeout_seconds, decision 11


async def test_a_scan_finds_the_batteries_and_tells_the_nearest_first(air: Air, desk: Desk) -> None:
    await air.put(battery("BAT-11111", rssi=-75), battery("BAT-22222", rssi=-50))
    await air.add(PHONE)
    found: tuple[Sighting, ...] = ()
    async with asyncio.timeout(30), aclosing(desk.scanner.sightings()) as lists:
        while len(found) < 3 or not all(sighting.name and sighting.rssi for sighting in found):
            found = await anext(lists)
    assert [sighting.name for sighting in found] == ["OVES BATT 30AH -22222", "OVES BATT 30AH -11111", PHONE.name]
    assert [(sighting.rssi, sighting.protocol) for sighting in found] == [(-50, "oves"), (-75, "oves"), (-40, "")]


async def test_a_battery_is_read_to_the_watt_hour(air: Air, desk: Desk) -> None:
    await air.put(battery(kwh="1.234"), battery("BAT-67890", kwh="2.1"))
    reading = await desk.read("BAT-12345")
    assert (reading.battery_id, reading.kwh_remaining, reading.voltage) == ("BAT-12345", Decimal("1.234"), Decimal("71.2"))
    assert (reading.temperature_celsius, reading.protocol, reading.rssi) == (Decimal(25), "oves", -48)
    check_reading(reading, FitnessLimits())
    assert desk.phases == [LOOKING, CONNECTING, READING]


async def test_the_tail_of_an_id_or_the_address_of_a_sighting_is_enough(air: Air, desk: Desk) -> None:
    await air.put(battery(), battery("BAT-67890", kwh="2.1"))
    reading = await desk.read("67890")
    assert (reading.battery_id, reading.kwh_remaining) == ("BAT-67890", Decimal("2.1"))
    async with aclosing(desk.scanner.sightings()) as lists:
        found = await anext(lists)
        while not found:
            found = await anext(lists)
    assert (await desk.read(found[0].address)).battery_id.endswith(found[0].name[-5:])


async def test_two_batteries_are_read_one_after_the_other_and_then_the_first_again(air: Air, desk: Desk) -> None:
    await air.put(battery(), battery("BAT-67890", kwh="2.1"))
    read = [(await desk.read(asked)).kwh_remaining for asked in ("BAT-12345", "BAT-67890", "BAT-12345")]
    assert read == [Decimal("0.8"), Decimal("2.1"), Decimal("0.8")]


async def test_a_battery_read_again_tells_what_it_holds_now(air: Air, desk: Desk) -> None:
    await air.put(battery(kwh="0.8"))
    assert (await desk.read("BAT-12345")).kwh_remaining == Decimal("0.8")
    await air.put(battery(kwh="0.7"))
    assert (await desk.read("BAT-12345")).kwh_remaining == Decimal("0.7")


async def test_a_wrong_id_inside_is_told(air: Air, desk: Desk) -> None:
    await air.put(battery("BAT-12345", Fault.WRONG_ID))
    assert (await desk.read("BAT-12345")).battery_id == "BAT-23456"


async def test_of_two_with_the_same_tail_the_own_id_decides(air: Air, desk: Desk) -> None:
    await air.put(battery("BAT-12345", Fault.SAME_TAIL))
    reading = await desk.read("BAT-12345")
    assert (reading.battery_id, reading.kwh_remaining) == ("BAT-12345", Decimal("0.8"))
    assert desk.phases.count(CONNECTING) == 2  # the nearer one was tried first


async def test_a_slow_battery_is_read_in_the_end(air: Air, desk: Desk) -> None:
    await air.put(battery("BAT-12345", Fault.SLOW))
    assert (await desk.read("BAT-12345")).kwh_remaining == Decimal("0.8")


async def test_a_silent_battery_is_unreachable_within_its_deadline(air: Air, desk: Desk) -> None:
    await air.put(battery("BAT-12345", Fault.SILENT))
    loop = asyncio.get_running_loop()
    started = loop.time()
    with pytest.raises(BatteryUnreachable) as silent:
        await desk.read("BAT-12345", COUNTER_SECONDS)
    assert loop.time() - started < COUNTER_SECONDS + CLOSE_SECONDS + 1
    assert (silent.value.fault, silent.value.heard_others) == (None, True)
    assert desk.phases == [LOOKING, CONNECTING, READING]


async def test_a_battery_out_of_range_is_unreachable_and_the_others_were_heard(air: Air, desk: Desk) -> None:
    await air.put(battery("BAT-12345", Fault.UNREACHABLE), battery("BAT-67890"))
    with pytest.raises(BatteryUnreachable) as absent:
        await desk.read("BAT-12345", 5)
    assert (absent.value.fault, absent.value.heard_others) == (None, True)


async def test_an_empty_room_is_told_as_one(air: Air, desk: Desk) -> None:
    with pytest.raises(BatteryUnreachable) as absent:
        await desk.read("BAT-12345", 3)
    assert (absent.value.fault, absent.value.heard_others) == (None, False)


async def test_a_link_lost_in_mid_read_is_mended_by_the_second_try(air: Air, desk: Desk) -> None:
    await air.put(battery("BAT-12345", Fault.DROPS_LINK, heals=1))
    assert (await desk.read("BAT-12345")).kwh_remaining == Decimal("0.8")
    assert desk.phases == [LOOKING, CONNECTING, READING, CONNECTING, READING]


async def test_a_link_lost_twice_is_said(air: Air, desk: Desk) -> None:
    await air.put(battery("BAT-12345", Fault.DROPS_LINK))
    with pytest.raises(BatteryUnreachable, match="link_lost"):
        await desk.read("BAT-12345")
    assert desk.phases == [LOOKING, CONNECTING, READING, CONNECTING, READING]


async def test_too_few_bytes_are_unreadable_and_can_be_read_again(air: Air, desk: Desk) -> None:
    await air.put(battery("BAT-12345", Fault.BAD_FRAME, heals=1))
    with pytest.raises(BatteryUnreadable, match="pckv has 2 bytes instead of 4"):
        await desk.read("BAT-12345")
    assert (await desk.read("BAT-12345")).kwh_remaining == Decimal("0.8")


async def test_something_else_with_the_same_tail_is_no_battery(air: Air, desk: Desk) -> None:
    await air.add(PHONE)
    with pytest.raises(BatteryUnreadable, match="not a kind of battery"):
        await desk.read("012345")


@pytest.mark.parametrize("protocol", ["jbd", "jk", "daly"])
async def test_a_commodity_battery_is_asked_and_notifies_what_it_holds(air: Air, desk: Desk, protocol: str) -> None:
    await air.put(battery("BAT-55555", kwh="0.712", protocol=protocol))
    reading = await desk.read("BAT-55555")
    assert (reading.battery_id, reading.kwh_remaining, reading.protocol) == ("BAT-55555", Decimal("0.712"), protocol)


@pytest.mark.parametrize(("phase", "fault"), [(LOOKING, Fault.UNREACHABLE), (CONNECTING, Fault.SLOW), (READING, Fault.SILENT)])
async def test_cancelling_in_any_phase_leaves_the_battery_free(air: Air, desk: Desk, phase: ReadPhase, fault: Fault) -> None:
    await air.put(battery("BAT-12345", fault))
    reading = asyncio.create_task(desk.read("BAT-12345"))
    await desk.until(phase)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await air.put(battery())
    assert (await desk.read("BAT-12345")).kwh_remaining == Decimal("0.8")


async def test_ten_readings_in_a_row_leave_no_link(air: Air, bluez: Bluez, desk: Desk) -> None:
    await air.put(battery())
    for _ in range(10):
        assert (await desk.read("BAT-12345", COUNTER_SECONDS)).kwh_remaining == Decimal("0.8")
        await bluez.until(lambda objects: not connected(objects), LEFT_SECONDS)
        assert not await air.open_links()
