"""Batteries that say they are one: none of them is guessed, however near it is, and none stands in for another that failed."""

import asyncio
from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.errors import BatteriesAlike, BatteryError, BatteryUnreachable, BatteryUnreadable
from kiosk.domain.messages import Remedy, message_for
from kiosk.station.adapters.bluetooth import Fault, SimulatedBattery, Timeouts
from kiosk.station.adapters.bluetooth.battery_protocol import Peripheral
from kiosk.station.adapters.bluetooth.simulated.simulated_battery import peripherals_of
from kiosk.station.adapters.bluetooth.target import MAX_NAMES, SECONDS, Namesakes
from tests.station.adapters.bluetooth.battery_cases import case
from tests.station.adapters.bluetooth.bench import IMPATIENT, QUICK, Bench, battery, bench, phone
from tests.station.adapters.bluetooth.jumping import run_jumping

NAME = "JK-B2A24S"


def jk(name: str, rssi: int, kwh: str = "0.896") -> SimulatedBattery:
    return SimulatedBattery(asset_id=name, protocol="jk", kwh_remaining=Decimal(kwh), voltage=Decimal("51.2"), rssi=rssi)


def pack(number: int, rssi: int, kwh: str = "0.896", *faults: Fault, name: str = NAME) -> Peripheral:
    """A commodity pack as its maker ships it: its name is the model's."""
    made = replace(jk(name, rssi, kwh), faults=frozenset(faults))
    return replace(peripherals_of(made, QUICK)[0], address=f"C8:47:8C:00:10:{number:02X}")


def oves(number: int, rssi: int, kwh: str, *faults: Fault, asset_id: str = "BAT-12345") -> Peripheral:
    """An OVES battery, or what says that it is one, at an address of its own."""
    made = battery(asset_id, *faults, rssi=rssi, kwh=kwh, soc=None)
    return replace(peripherals_of(made, QUICK)[0], address=f"AA:47:8C:00:20:{number:02X}")


def room(*devices: Peripheral) -> Bench:
    desk = bench()
    desk.room.add_devices(*devices)
    return desk


def read(desk: Bench, asked: str) -> BatteryTelemetry:
    return run_jumping(desk.read(asked, 10))


def refused(desk: Bench, asked: str) -> BatteryError:
    with pytest.raises(BatteryError) as refusal:
        read(desk, asked)
    assert not desk.room.open_links
    return refusal.value


# ---------------------------------------------------------------- packs that have a name only


@pytest.mark.parametrize("asked", [NAME, "jk-b2a24s", "2A24S", "B2A24S"])
@pytest.mark.parametrize("nearest", [(-60, -61), (-61, -60), (-45, -75), (-75, -45)])
def test_of_two_packs_with_one_name_none_is_read(asked: str, nearest: tuple[int, int]) -> None:
    desk = room(pack(0, nearest[0], "0.154"), pack(1, nearest[1], "1.485"))
    error = refused(desk, asked)
    assert isinstance(error, BatteriesAlike)
    assert (error.battery_id, error.count, len(desk.phases)) == (NAME, 2, 1)  # nothing was connected to


def test_of_ten_packs_with_one_name_none_is_read() -> None:
    error = refused(room(*(pack(i, -50 - i) for i in range(10))), NAME)
    assert message_for(error).what == "10 batteries say they are JK-B2A24S"


@pytest.mark.parametrize("name", ["01-two-alike-1dB", "02-ten-alike", "03-alike-nearest-silent"])
def test_of_the_packs_of_a_case_none_is_guessed_also_when_they_are_listened_for_again(name: str) -> None:
    asked = case(name)
    desk = room(*asked.devices)
    for _ in range(2):
        error = refused(desk, asked.asked)
        assert isinstance(error, BatteriesAlike)
        assert error.count == len(asked.devices)


@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.BAD_FRAME, Fault.DROPS_LINK])
def test_a_pack_of_no_known_kind_that_fails_is_not_replaced_by_another_of_its_name(fault: Fault) -> None:
    unknown: dict[str, Any] = {"manufacturer_data": {}, "advertised": ()}
    first, second = pack(0, -45, "1.485", fault, name="BAT-12345"), pack(1, -75, "0.154", name="BAT-12345")
    assert isinstance(refused(room(replace(first, **unknown), replace(second, **unknown)), "BAT-12345"), BatteriesAlike)


@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.BAD_FRAME, Fault.DROPS_LINK])
def test_a_pack_that_fails_is_not_replaced_by_another_of_its_name(fault: Fault) -> None:
    assert isinstance(refused(room(pack(0, -45, "1.485", fault), pack(1, -75, "0.154")), NAME), BatteriesAlike)


def test_a_name_with_a_word_before_the_id_says_the_same_battery() -> None:
    desk = room(pack(0, -45, name="HUB7 BAT-12345"), pack(1, -75, name="BAT-12345"))
    assert refused(desk, "BAT-12345").battery_id == "BAT-12345"  # type: ignore[attr-defined]  # every BatteryError here has one


@pytest.mark.parametrize("number", [0, 1])
def test_by_its_address_exactly_that_pack_is_read(number: int) -> None:
    desk = room(pack(0, -45, "0.154"), pack(1, -75, "1.485"))
    reading = read(desk, f"c8:47:8c:00:10:0{number}")
    assert (reading.battery_id, reading.kwh_remaining) == (NAME, (Decimal("0.154"), Decimal("1.485"))[number].quantize(Decimal("0.001")))


def test_a_pack_that_fails_by_its_address_is_not_replaced() -> None:
    desk = room(pack(0, -45, "1.485", Fault.SILENT), pack(1, -75), replace(pack(2, -50), name="C8:47:8C:00:10:00"))
    assert isinstance(refused(desk, "C8:47:8C:00:10:00"), BatteryUnreachable)


def test_a_name_that_one_pack_bears_is_read_beside_others() -> None:
    desk = room(pack(0, -60, name="BAT-12345"), pack(1, -40), pack(2, -41), pack(3, -42, name="BAT-67890"))
    assert read(desk, "BAT-12345").battery_id == "BAT-12345"


def test_a_pack_that_fell_silent_a_moment_ago_still_bears_the_name() -> None:
    async def scenario() -> BatteryTelemetry:
        desk = room(pack(1, -61))
        desk.room.put(jk(NAME, -60))
        async with aclosing(desk.scanner.sightings()) as lists:
            while len(await anext(lists)) < 2:
                pass
        desk.room.remove(NAME)
        with pytest.raises(BatteriesAlike):
            await desk.read(NAME, 10)
        await asyncio.sleep(SECONDS + 1)
        return await desk.read(NAME, 10)

    assert run_jumping(scenario()).battery_id == NAME


def test_a_pack_that_advertises_once_a_second_is_heard_in_time() -> None:
    async def scenario() -> BatteryTelemetry:
        desk = bench(timeouts=Timeouts())
        desk.room.add_devices(pack(0, -60))
        reading = asyncio.create_task(desk.read(NAME, 10))
        await asyncio.sleep(1)
        desk.room.add_devices(pack(1, -61))
        return await reading

    with pytest.raises(BatteriesAlike):
        run_jumping(scenario())


def test_the_memory_of_names_is_bounded() -> None:
    names = Namesakes()
    for number in range(2 * MAX_NAMES):
        names.note(f"C8:{number}", NAME, float(number))
    assert len(list(names.lately(0.0))) == MAX_NAMES
    assert dict(names.lately(2 * MAX_NAMES + SECONDS - 1)) == {f"C8:{2 * MAX_NAMES - 1}": NAME}


# ---------------------------------------------------------------- batteries that have an id inside


@pytest.mark.parametrize("signals", [(-60, -40), (-40, -60), (-60, -61)])
@pytest.mark.parametrize("asked", ["BAT-12345", "12345"])
def test_an_id_that_two_batteries_say_is_never_the_louder_one(signals: tuple[int, int], asked: str) -> None:
    error = refused(room(oves(0, signals[0], "0.8"), oves(1, signals[1], "3.1")), asked)
    assert isinstance(error, BatteriesAlike)
    assert (error.battery_id, error.count) == ("BAT-12345", 2)


def test_the_same_id_behind_another_name_is_seen_too() -> None:
    fake = replace(oves(1, -40, "3.1"), name="OVES HOME -12345")
    assert isinstance(refused(room(oves(0, -60, "0.8"), fake), "BAT-12345"), BatteriesAlike)


def test_the_same_id_from_a_pack_of_another_kind_is_seen_too() -> None:
    desk = room(oves(0, -60, "0.8"), pack(1, -40, name="BAT-12345"))
    assert isinstance(refused(desk, "BAT-12345"), BatteriesAlike)


def test_another_battery_with_the_same_tail_is_no_twin() -> None:
    desk = room(oves(0, -60, "0.8"), oves(1, -40, "3.1", asset_id="TWIN-12345"))
    assert read(desk, "BAT-12345").kwh_remaining == Decimal("0.8")


def test_what_does_not_answer_beside_the_battery_costs_seconds_and_no_more() -> None:
    desk = room(oves(0, -40, "0.8"), replace(phone(12345, -60), name="Phone -12345", silent=True))
    reading = read(desk, "BAT-12345")
    assert (reading.battery_id, reading.rssi) == ("BAT-12345", -40)
    assert reading.seconds is not None
    assert reading.seconds < IMPATIENT.other + 1
    assert desk.scanner.last_reads()[0].rssi == -40


def test_one_that_is_heard_a_second_later_is_waited_for_where_it_was_heard_before() -> None:
    async def scenario() -> BatteryTelemetry:
        desk = bench(timeouts=Timeouts())
        desk.room.add_devices(oves(0, -60, "0.8"), oves(1, -40, "3.1"))
        async with aclosing(desk.scanner.sightings()) as lists:
            while len(await anext(lists)) < 2:
                pass
        desk.room.peripherals = (oves(1, -40, "3.1"),)
        reading = asyncio.create_task(desk.read("BAT-12345", 10))
        await asyncio.sleep(1)
        desk.room.peripherals = (oves(0, -60, "0.8"), oves(1, -40, "3.1"))
        return await reading

    with pytest.raises(BatteriesAlike):
        run_jumping(scenario())


def test_the_device_that_a_battery_was_last_is_waited_for() -> None:
    async def scenario() -> BatteryTelemetry:
        desk = bench(timeouts=Timeouts(), stored_address=lambda _battery_id: oves(0, -60, "0.8").address)
        desk.room.peripherals = (oves(1, -40, "3.1"),)
        reading = asyncio.create_task(desk.read("BAT-12345", 10))
        await asyncio.sleep(1)
        desk.room.peripherals = (oves(0, -60, "0.8"), oves(1, -40, "3.1"))
        return await reading

    with pytest.raises(BatteriesAlike):
        run_jumping(scenario())


def test_two_packs_whose_name_is_twelve_digits_are_alike_too() -> None:
    desk = room(pack(0, -45, "1.485", Fault.SILENT, name="202301012345"), pack(1, -75, "0.154", name="202301012345"))
    assert isinstance(refused(desk, "202301012345"), BatteriesAlike)


def test_by_its_address_one_of_two_with_one_id_is_read() -> None:
    desk = room(oves(0, -60, "0.8"), oves(1, -40, "3.1"))
    assert read(desk, "AA:47:8C:00:20:00").kwh_remaining == Decimal("0.8")


def test_a_stop_for_twins_says_what_to_do() -> None:
    message = message_for(BatteriesAlike.of("BAT-12345", 2))
    assert message.what == "Two batteries say they are BAT-12345"
    assert message.steps[0] == "Move the others away, and read again."
    assert message.remedies == (Remedy.CHOOSE_ANOTHER, Remedy.READ_AGAIN)
    assert "put it aside" not in " ".join(_words(message.steps))
    assert isinstance(BatteriesAlike.of("BAT-12345", 2), BatteryUnreadable)


def _words(steps: Iterable[str]) -> list[str]:
    return [step.lower() for step in steps]
