"""Readings through bleak's own API from simulated batteries: every fault by name, and which of several batteries is meant."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.battery.battery import FitnessLimits, check_fit, check_reading
from kiosk.domain.errors import BatteryDamaged, BatteryUnreachable, BatteryUnreadable
from kiosk.station.adapters.bluetooth import Fault, SimulatedBattery, Timeouts
from kiosk.station.adapters.bluetooth.battery_protocol import Peripheral
from kiosk.station.ports import ReadPhase
from tests.station.adapters.bluetooth.bench import NOW, QUICK, battery, bench, phone

LOOKING, CONNECTING, READING = ReadPhase.LOOKING, ReadPhase.CONNECTING, ReadPhase.READING


def test_a_battery_is_read_by_its_id() -> None:
    desk = bench(battery(), battery("BAT-67890", kwh="3.1", soc="97"))
    reading = desk.read_now("BAT-12345")
    assert (reading.battery_id, reading.kwh_remaining, reading.timestamp) == ("BAT-12345", Decimal("0.8"), NOW)
    assert (reading.protocol, reading.rssi) == ("oves", -48)
    assert reading.seconds is not None
    assert 0 < reading.seconds < 2
    assert desk.phases == [LOOKING, CONNECTING, READING]
    assert not desk.room.open_links


@pytest.mark.parametrize("asked", ["bat-12345", " BAT-12345 ", "<<BAT-12345>>\0", "12345", "-12345"])
def test_an_id_is_compared_after_normalising_and_its_tail_is_enough(asked: str) -> None:
    assert bench(battery(), battery("BAT-67890")).read_now(asked).battery_id == "BAT-12345"


def test_a_battery_is_read_by_the_address_of_its_sighting() -> None:
    desk = bench(battery(), battery("BAT-67890"))
    address = desk.room.peripherals[1].address
    assert desk.read_now(address).battery_id == "BAT-67890"
    assert desk.read_now(address.lower()).battery_id == "BAT-67890"


def test_nothing_to_look_for_is_refused_at_once() -> None:
    for nothing in ("", "  ", "<>\0"):
        with pytest.raises(BatteryUnreadable, match="no battery id was given"):
            bench(battery()).read_now(nothing)


# ---------------------------------------------------------------- the faults of the contract


def test_unreachable_ends_at_the_deadline_and_tells_whether_others_were_heard() -> None:
    with pytest.raises(BatteryUnreachable) as alone:
        bench(battery("BAT-12345", Fault.UNREACHABLE)).read_now("BAT-12345", 0.1)
    with pytest.raises(BatteryUnreachable) as among_others:
        bench(battery("BAT-12345", Fault.UNREACHABLE), battery("BAT-67890")).read_now("BAT-12345", 0.1)
    assert (alone.value.heard_others, among_others.value.heard_others) == (False, True)
    assert (alone.value.seconds, alone.value.battery_id, alone.value.fault) == (0.1, "BAT-12345", None)


def test_slow_is_read_in_the_end() -> None:
    reading = bench(battery("BAT-12345", Fault.SLOW)).read_now("BAT-12345")
    assert reading.kwh_remaining == Decimal("0.8")
    assert reading.seconds is not None
    assert reading.seconds >= QUICK.slow_connect


def test_slow_beyond_the_deadline_is_unreachable() -> None:
    desk = bench(battery("BAT-12345", Fault.SLOW))
    with pytest.raises(BatteryUnreachable):
        desk.read_now("BAT-12345", 0.15)
    assert not desk.room.open_links


def test_drops_link_is_tried_twice_and_then_unreachable() -> None:
    desk = bench(battery("BAT-12345", Fault.DROPS_LINK))
    with pytest.raises(BatteryUnreachable, match="link_lost"):
        desk.read_now("BAT-12345")
    assert desk.phases == [LOOKING, CONNECTING, READING, CONNECTING, READING]
    assert not desk.room.open_links


def test_a_link_lost_once_is_mended_by_the_second_try() -> None:
    desk = bench()
    desk.room.put(_healing(1, Fault.DROPS_LINK))
    assert desk.read_now("BAT-12345").kwh_remaining == Decimal("0.8")


def test_silent_ends_at_the_deadline() -> None:
    desk = bench(battery("BAT-12345", Fault.SILENT))
    with pytest.raises(BatteryUnreachable) as silent:
        desk.read_now("BAT-12345", 0.2)
    assert silent.value.heard_others
    assert desk.phases == [LOOKING, CONNECTING, READING]
    assert not desk.room.open_links


def test_bad_frame_is_unreadable_and_can_be_read_again() -> None:
    desk = bench()
    desk.room.put(_healing(1, Fault.BAD_FRAME))
    with pytest.raises(BatteryUnreadable, match="pckv has 2 bytes instead of 4"):
        desk.read_now("BAT-12345")
    assert not desk.room.open_links
    assert desk.read_now("BAT-12345").kwh_remaining == Decimal("0.8")


@pytest.mark.parametrize(("kwh", "soc", "told"), [("0.8", "25", 75), ("2.4", "75", 25)])
def test_contradictory_is_a_bad_reading(kwh: str, soc: str, told: int) -> None:
    reading = bench(battery("BAT-12345", Fault.CONTRADICTORY, kwh=kwh, soc=soc)).read_now("BAT-12345")
    assert reading.soc_percent == told
    with pytest.raises(BatteryUnreadable, match="does not agree"):
        check_reading(reading, FitnessLimits())


def test_hot_is_a_damaged_battery() -> None:
    reading = bench(battery("BAT-12345", Fault.HOT)).read_now("BAT-12345")
    check_reading(reading, FitnessLimits())
    with pytest.raises(BatteryDamaged) as damaged:
        check_fit(reading, FitnessLimits())
    assert damaged.value.reasons == ("too hot, 68 °C",)


def test_wrong_id_gives_the_reading_of_the_battery_that_is_there() -> None:
    assert bench(battery("BAT-12345", Fault.WRONG_ID)).read_now("BAT-12345").battery_id == "BAT-23456"
    assert bench(battery("BATTERY", Fault.WRONG_ID)).read_now("BATTERY").battery_id == "BATTERY-OTHER"


def test_same_tail_is_decided_by_the_own_id_and_not_by_the_signal() -> None:
    desk = bench(battery("BAT-12345", Fault.SAME_TAIL))
    reading = desk.read_now("BAT-12345")
    assert (reading.battery_id, reading.kwh_remaining) == ("BAT-12345", Decimal("0.8"))
    assert desk.phases.count(CONNECTING) == 2  # the nearer one was tried first


def test_faults_can_be_changed_between_two_readings() -> None:
    desk = bench(battery("BAT-12345", Fault.SILENT, Fault.HOT))
    with pytest.raises(BatteryUnreachable):
        desk.read_now("BAT-12345", 0.1)
    desk.room.set_faults("BAT-12345")
    assert desk.read_now("BAT-12345").temperature_celsius == 25


def _healing(links: int, *faults: Fault) -> SimulatedBattery:
    return replace(battery("BAT-12345", *faults), heals_after_links=links)


# ---------------------------------------------------------------- which battery


def test_a_tail_that_two_batteries_share_is_not_guessed() -> None:
    with pytest.raises(BatteryUnreadable, match="2 batteries in range end in 12345"):
        bench(battery("BAT-12345", Fault.SAME_TAIL)).read_now("12345")


def test_a_shared_tail_means_the_battery_that_is_clearly_nearer() -> None:
    desk = bench(battery("A-12345", rssi=-80), battery("B-12345", rssi=-50, kwh="0.4"))
    assert desk.read_now("12345").battery_id == "B-12345"


def test_a_wrong_id_is_told_although_the_deadline_comes_first() -> None:
    desk = bench(battery("BAT-12345", Fault.WRONG_ID), timeouts=Timeouts(gather=0.02, look_again=10))
    assert desk.read_now("BAT-12345", 0.3).battery_id == "BAT-23456"


def test_a_battery_heard_late_is_still_found_behind_a_wrong_one() -> None:
    async def scenario() -> str:
        desk = bench(battery("TWIN-12345"), timeouts=Timeouts(gather=0.0, look_again=1.0))
        reading = asyncio.create_task(desk.read("BAT-12345"))
        await desk.until(LOOKING, times=2)
        desk.room.put(battery("BAT-12345"))
        return (await reading).battery_id

    assert asyncio.run(scenario()) == "BAT-12345"


def test_a_silent_twin_leaves_time_for_the_right_one() -> None:
    desk = bench(battery("TWIN-12345", Fault.SILENT, rssi=-40), battery("BAT-12345", rssi=-60))
    assert desk.read_now("BAT-12345", 0.6).battery_id == "BAT-12345"


def test_a_failed_candidate_counts_more_than_a_wrong_one() -> None:
    desk = bench(battery("TWIN-12345", rssi=-40), battery("BAT-12345", Fault.BAD_FRAME, rssi=-60))
    with pytest.raises(BatteryUnreadable, match="pckv"):
        desk.read_now("BAT-12345")


def test_a_device_that_is_no_battery_is_told_as_such() -> None:
    desk = bench()
    desk.room.add_devices(phone(12345))
    with pytest.raises(BatteryUnreadable, match="not a kind of battery"):
        desk.read_now("012345")


# ---------------------------------------------------------------- the adapter


@pytest.mark.parametrize("fault", [AdapterFault.NO_ADAPTER, AdapterFault.SWITCHED_OFF])
def test_an_adapter_that_does_not_work_is_said_at_once(fault: AdapterFault) -> None:
    desk = bench(battery())
    desk.room.adapter_fault = fault
    with pytest.raises(BatteryUnreachable) as refused:
        desk.read_now("BAT-12345", 60)
    assert (refused.value.fault, refused.value.heard_others) == (fault, False)
    desk.room.adapter_fault = None
    assert desk.read_now("BAT-12345").battery_id == "BAT-12345"


def test_the_deadline_holds_while_waiting_for_the_radio() -> None:
    async def scenario() -> tuple[float, str]:
        desk = bench(battery("BAT-12345", Fault.SILENT), battery("BAT-67890"))
        loop = asyncio.get_running_loop()
        first = asyncio.create_task(desk.read("BAT-12345", 0.5))
        await desk.until(READING)
        started = loop.time()
        with pytest.raises(BatteryUnreachable):
            await desk.read("BAT-67890", 0.1)
        waited = loop.time() - started
        with pytest.raises(BatteryUnreachable):
            await first
        return waited, (await desk.read("BAT-67890")).battery_id

    waited, read_id = asyncio.run(scenario())
    assert 0.1 <= waited < 0.4
    assert read_id == "BAT-67890"


@pytest.mark.parametrize("phase", [LOOKING, CONNECTING, READING])
def test_cancelling_in_any_phase_leaves_nothing_open(phase: ReadPhase) -> None:
    fault = {LOOKING: Fault.UNREACHABLE, CONNECTING: Fault.SLOW, READING: Fault.SILENT}[phase]

    async def scenario() -> None:
        desk = bench(battery("BAT-12345", fault))
        reading = asyncio.create_task(desk.read("BAT-12345"))
        await desk.until(phase)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert not desk.room.open_links
        desk.room.set_faults("BAT-12345")
        assert (await desk.read("BAT-12345")).battery_id == "BAT-12345"
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(scenario())


def test_a_page_that_fails_while_told_a_phase_leaves_no_link() -> None:
    desk = bench(battery())

    def fail(phase: ReadPhase) -> None:
        if phase is READING:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(desk.scanner.read("BAT-12345", fail, 1))
    assert not desk.room.open_links


def test_a_hundred_readings_in_a_row_leave_no_link() -> None:
    async def scenario() -> None:
        desk = bench(battery(), timeouts=Timeouts(gather=0.0))
        for _ in range(100):
            assert (await desk.read("BAT-12345")).kwh_remaining == Decimal("0.8")
            assert not desk.room.open_links
        await desk.scanner.stop()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(scenario())


def test_readings_at_the_same_time_take_turns() -> None:
    async def scenario() -> list[str]:
        desk = bench(battery(), battery("BAT-67890"), battery("BAT-77777"))
        readings = await asyncio.gather(*(desk.read(asked) for asked in ("BAT-12345", "BAT-67890", "BAT-77777")))
        return [reading.battery_id for reading in readings]

    assert asyncio.run(scenario()) == ["BAT-12345", "BAT-67890", "BAT-77777"]


def test_a_battery_is_found_among_two_hundred_devices() -> None:
    desk = bench(battery())
    desk.room.add_devices(*(phone(number) for number in range(200)))
    assert desk.read_now("BAT-12345").battery_id == "BAT-12345"


def test_values_cut_short_are_unreadable_and_leave_no_link() -> None:
    desk = bench()
    good = bench(battery()).room.peripherals[0]
    for cut in range(4):
        services = {service: {uuid: raw[:cut] for uuid, raw in values.items()} for service, values in good.services.items()}
        desk.room.add_devices(Peripheral(address=f"BB:{cut}", name=f"OVES 90000{cut}", services=services))
        with pytest.raises(BatteryUnreadable):
            desk.read_now(f"90000{cut}")
        assert not desk.room.open_links
