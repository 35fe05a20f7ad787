"""Readings through bleak's own BlueZ backend: what is good, and every fault of a battery and of its link."""

import asyncio
from contextlib import suppress
from decimal import Decimal

import pytest

from kiosk.domain.errors import BatteryUnreachable, BatteryUnreadable
from kiosk.station.adapters.bluetooth import Fault
from kiosk.station.adapters.bluetooth.battery_protocol import Peripheral
from kiosk.station.ports import ReadPhase
from tests.bluez.desk import RadioDesk
from tests.station.adapters.bluetooth.bench import battery, phone

LOOKING, CONNECTING, READING = ReadPhase.LOOKING, ReadPhase.CONNECTING, ReadPhase.READING


def test_a_battery_is_read_by_its_id(desk: RadioDesk) -> None:
    reading = desk.read_now()
    assert (reading.battery_id, reading.kwh_remaining, reading.protocol, reading.rssi) == ("BAT-12345", Decimal("0.8"), "oves", -48)
    assert desk.phases == [LOOKING, CONNECTING, READING]


def test_six_characteristics_are_read_and_not_one_more(desk: RadioDesk) -> None:
    desk.read_now()
    assert desk.bluez.calls.count("ReadValue") == 6


def test_the_trace_tells_what_a_reading_was_busy_with(desk: RadioDesk) -> None:
    desk.read_now()
    assert [each.phase for each in desk.trace.phases] == [LOOKING, CONNECTING, READING]
    assert sum(each.seconds for each in desk.trace.phases) == pytest.approx(desk.trace.seconds, abs=0.02)
    assert (desk.trace.outcome, desk.trace.battery_id, desk.trace.rssi, desk.trace.retries) == ("read", "BAT-12345", -48, 0)


def test_the_own_id_decides_between_equal_tails(desk: RadioDesk) -> None:
    desk.bluez.room.set_faults("BAT-12345", Fault.SAME_TAIL)
    assert desk.read_now().battery_id == "BAT-12345"
    with pytest.raises(BatteryUnreadable, match="2 batteries in range end in 12345"):
        desk.read_now("12345")


# ---------------------------------------------------------------- a link that does not hold


@pytest.mark.parametrize("fault", ["refused_connects", "aborted_connects", "lost_while_resolving"])
def test_a_link_that_fails_once_while_it_is_made_is_made_again(desk: RadioDesk, fault: str) -> None:
    setattr(desk.bluez.faults, fault, 1)
    assert desk.read_now().kwh_remaining == Decimal("0.8")


@pytest.mark.parametrize("fault", ["refused_connects", "lost_while_resolving"])
def test_a_link_that_fails_twice_is_told(desk: RadioDesk, fault: str) -> None:
    setattr(desk.bluez.faults, fault, 2)
    with pytest.raises(BatteryUnreachable, match="link_lost"):
        desk.read_now()
    assert desk.trace.outcome == "the link was lost"


def test_a_link_lost_while_reading_is_made_again(desk: RadioDesk) -> None:
    desk.bluez.faults.every_nth_link_lost = 1
    desk.at[READING] = lambda: setattr(desk.bluez.faults, "every_nth_link_lost", None)
    assert desk.read_now().kwh_remaining == Decimal("0.8")
    assert desk.trace.retries == 1


def test_a_link_lost_every_time_is_tried_twice_only(desk: RadioDesk) -> None:
    desk.bluez.room.set_faults("BAT-12345", Fault.DROPS_LINK)
    with pytest.raises(BatteryUnreachable, match="link_lost"):
        desk.read_now()
    assert desk.phases == [LOOKING, CONNECTING, READING, CONNECTING, READING]


def test_a_silent_battery_ends_at_the_deadline(desk: RadioDesk) -> None:
    desk.bluez.room.set_faults("BAT-12345", Fault.SILENT)
    with pytest.raises(BatteryUnreachable) as silent:
        desk.read_now(seconds=0.8)
    assert (silent.value.fault, silent.value.heard_others) == (None, True)


def test_a_slow_battery_is_read_in_the_end(desk: RadioDesk) -> None:
    desk.bluez.room.set_faults("BAT-12345", Fault.SLOW)
    assert desk.read_now().kwh_remaining == Decimal("0.8")


def test_too_few_bytes_are_no_reading(desk: RadioDesk) -> None:
    desk.bluez.room.set_faults("BAT-12345", Fault.BAD_FRAME)
    with pytest.raises(BatteryUnreadable, match="pckv has 2 bytes instead of 4"):
        desk.read_now()


def test_another_service_is_no_battery(desk: RadioDesk) -> None:
    other = {"0000180f-0000-1000-8000-00805f9b34fb": {"00002a19-0000-1000-8000-00805f9b34fb": b"\x40"}}
    desk.bluez.room.add_devices(Peripheral(address="AA:00:00:00:00:01", name="OVES BATT 45AH 900001", services=other))
    with pytest.raises(BatteryUnreadable, match="not the kind of battery that it advertises"):
        desk.read_now("900001")


def test_a_device_that_takes_no_connection_does_not_hold_up_the_battery_with_the_same_tail(desk: RadioDesk) -> None:
    desk.bluez.room.add_devices(phone(12345, rssi=-30))
    desk.bluez.room.put(battery("OV-012345", rssi=-60))
    assert desk.read_now("OV-012345").battery_id == "OV-012345"


# ---------------------------------------------------------------- a hundred in a row


def test_a_hundred_readings_with_every_fifth_link_lost_leak_nothing_and_are_good(desk: RadioDesk) -> None:
    async def scenario() -> int:
        good = 0
        desk.bluez.faults.every_nth_link_lost = 5
        await desk.scanner.start()
        for _ in range(100):
            with suppress(BatteryUnreachable):
                good += (await desk.read()).kwh_remaining == Decimal("0.8")
            await desk.scanner.stop()  # a link that served is closed behind its reading
            assert not desk.bluez.room.open_links
        await desk.scanner.stop()
        await desk.bluez.nothing_open()
        return good

    assert asyncio.run(scenario()) >= 99
    assert desk.bluez.do(lambda service: service._links) >= 120


# ---------------------------------------------------------------- broken off


@pytest.mark.parametrize("phase", [LOOKING, CONNECTING, READING])
def test_cancelling_in_any_phase_leaves_nothing_open(desk: RadioDesk, phase: ReadPhase) -> None:
    fault = {LOOKING: Fault.UNREACHABLE, CONNECTING: Fault.SLOW, READING: Fault.SILENT}[phase]

    async def scenario() -> None:
        await desk.scanner.start()
        desk.bluez.room.set_faults("BAT-12345", fault)
        reached = asyncio.Event()
        desk.at[phase] = reached.set
        reading = asyncio.create_task(desk.read())
        async with asyncio.timeout(5):
            await reached.wait()
            await asyncio.sleep(0)  # the phase itself begins after it was announced
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await desk.bluez.nothing_open()
        assert desk.trace.outcome == "broken off"
        desk.bluez.room.set_faults("BAT-12345")
        assert (await desk.read()).battery_id == "BAT-12345"
        await desk.scanner.stop()
        await desk.bluez.nothing_open()

    asyncio.run(scenario())


def test_cancelling_at_any_moment_leaves_nothing_open(desk: RadioDesk) -> None:
    async def scenario() -> None:
        await desk.scanner.start()
        for moment in range(40):
            reading = asyncio.create_task(desk.read())
            await asyncio.wait({reading}, timeout=moment * 0.003)
            reading.cancel()
            await asyncio.wait({reading})
            await desk.bluez.nothing_open()
        assert (await desk.read()).battery_id == "BAT-12345"
        await desk.scanner.stop()

    asyncio.run(scenario())
