"""Batteries that are bound: the pack at the address, and no other, is the battery, whatever it is called."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from decimal import Decimal

import pytest

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.errors import AnotherPack, BatteriesAlike, BatteryError, BatteryUnbound, BatteryUnreachable, BatteryUnreadable
from kiosk.domain.messages import Remedy, message_for
from kiosk.station.adapters.bluetooth import Fault, FleetFilter, protocol_registry
from kiosk.station.adapters.bluetooth.battery_protocol import Peripheral, uuid_of
from kiosk.station.adapters.bluetooth.commodity_decoder import serial_of
from kiosk.station.adapters.bluetooth.families import TRIED
from kiosk.station.ports import KnownBatteries
from tests.station.adapters.bluetooth.battery_cases import case
from tests.station.adapters.bluetooth.bench import Bench, Bound, bench, bound, phone
from tests.station.adapters.bluetooth.jumping import run_jumping
from tests.station.adapters.bluetooth.packs import recordings
from tests.station.adapters.bluetooth.test_alike import NAME, oves, pack, read, refused

A, B = "C8:47:8C:00:10:00", "C8:47:8C:00:10:01"
SPELLINGS = [B, B.lower(), B.replace(":", "-"), B.replace(":", ""), B.replace(":", "").lower(), f" {B} ", B.replace(":", ".")]


def room(bindings: KnownBatteries | None, *devices: Peripheral, fleet_filter: FleetFilter | None = None) -> Bench:
    desk = bench(bindings=bindings, fleet_filter=fleet_filter or FleetFilter())
    desk.room.add_devices(*devices)
    return desk


# ---------------------------------------------------------------- by address


@pytest.mark.parametrize("number", range(10))
def test_of_ten_packs_with_one_name_exactly_the_bound_one_is_read(number: int) -> None:
    packs = case("02-ten-alike").devices
    bindings = Bound(*(bound(f"BAT-{12340 + place}", each.address) for place, each in enumerate(packs)))
    reading = read(room(bindings, *packs), f"BAT-{12340 + number}")
    assert (reading.battery_id, reading.address) == (f"BAT-{12340 + number}", packs[number].address)


def test_the_bound_pack_is_read_though_another_of_its_name_is_nearer() -> None:
    weak, strong = case("01-two-alike-1dB").devices
    reading = read(room(Bound(bound("BAT-12345", A)), weak, strong), "BAT-12345")
    assert (reading.battery_id, reading.kwh_remaining) == ("BAT-12345", Decimal("0.154"))


def test_a_pack_that_is_bound_while_it_is_in_range_is_read_by_its_binding_at_once() -> None:
    bindings = Bound()
    desk = room(bindings, pack(0, -40))

    async def scenario() -> tuple[list[str], BatteryTelemetry, list[str]]:
        async with aclosing(desk.scanner.sightings()) as lists:
            before = [each.battery_id for each in await anext(lists) or await anext(lists)]
            desk.room.peripherals = ()  # no advertisement comes any more
            bindings.bindings.append(bound("BAT-12345", A))
            after = [each.battery_id for each in await anext(lists)]
            desk.room.peripherals = (pack(0, -40),)
            return before, await desk.read("BAT-12345", 10), after

    before, reading, after = run_jumping(scenario())
    assert (before, after) == ([""], ["BAT-12345"])
    assert (reading.battery_id, reading.address) == ("BAT-12345", A)


def test_a_bound_pack_that_is_silent_is_not_replaced_by_another_of_its_name() -> None:
    error = refused(room(Bound(bound("BAT-12345", A)), *case("03-alike-nearest-silent").devices), "BAT-12345")
    assert isinstance(error, BatteryUnreachable)
    assert not isinstance(error, BatteryUnbound)


def test_a_bound_pack_that_is_not_there_is_not_replaced_by_one_with_its_id_as_name() -> None:
    error = refused(room(Bound(bound("BAT-12345", A)), pack(1, -40, name="BAT-12345")), "BAT-12345")
    assert isinstance(error, BatteryUnreachable)


def test_beside_bound_packs_the_one_that_is_not_bound_bears_the_name_alone() -> None:
    desk = room(Bound(bound("BAT-12345", A)), pack(0, -40), pack(1, -60, "0.512"))
    assert read(desk, NAME).kwh_remaining == Decimal("0.512")


@pytest.mark.parametrize("asked", ["12345", "BAT-12345", "-12345", A, "c8478c001000"])
def test_the_reading_bears_the_id_on_the_sticker(asked: str) -> None:
    assert read(room(Bound(bound("BAT-12345", A)), pack(0, -60), pack(1, -50)), asked).battery_id == "BAT-12345"


def test_a_bound_pack_is_not_another_battery_with_the_same_tail() -> None:
    desk = room(Bound(bound("TWIN-12345", A)), pack(0, -40, name="BAT-12345"), pack(1, -60, name="BAT-12345"))
    assert read(desk, "BAT-12345").address == B


# ---------------------------------------------------------------- kind and secret


def test_the_kind_of_a_bound_pack_is_the_bound_one() -> None:
    (renamed,) = case("19-jbd-named-oves").devices
    desk = room(Bound(bound("BAT-12345", renamed.address, "jbd")), replace(renamed, advertised=()))
    reading = read(desk, "BAT-12345")
    assert (reading.battery_id, reading.protocol, reading.kwh_remaining) == ("BAT-12345", "jbd", Decimal("0.896"))


def test_a_bound_pack_of_another_kind_than_the_bound_one_is_not_guessed() -> None:
    desk = room(Bound(bound("BAT-12345", A, "oves")), pack(0, -60))
    assert isinstance(refused(desk, "BAT-12345"), BatteryUnreadable)


def test_a_kind_that_is_not_used_here_is_not_read_though_it_is_bound() -> None:
    desk = room(Bound(bound("BAT-12345", A)), pack(0, -60), fleet_filter=FleetFilter(protocols=("oves",)))
    assert isinstance(refused(desk, "BAT-12345"), BatteryUnreadable)


@pytest.mark.parametrize("right", [True, False])
def test_the_secret_of_a_bound_pack_is_asked_for_and_told_to_it(right: bool) -> None:  # noqa: FBT001 - pytest calls it
    bindings = Bound(
        bound("BAT-12345", "A4:C1:37:00:20:01", "jbd", has_secret=True), secrets={"BAT-12345": "abc123" if right else "wrong1"}
    )
    desk = room(bindings, locked_jbd(b"abc123"))
    if right:
        assert read(desk, "BAT-12345").kwh_remaining == Decimal("0.896")
    else:
        assert isinstance(refused(desk, "BAT-12345"), BatteryError)
    assert set(bindings.asked) == {"BAT-12345"}


def locked_jbd(secret: bytes) -> Peripheral:
    """The pack of a case behind a password: until it is told, nothing is answered."""
    (open_pack,) = case("18-jbd-renamed").devices
    notify, unlocked = uuid_of(0xFF01), list[bool]()

    def on_write(uuid: str, data: bytes) -> Sequence[tuple[str, bytes]]:
        if data[:3] == b"\xff\xaa\x15":
            wrong = data[4:-1] != secret
            unlocked.append(not wrong)
            body = bytes((0x15, 0x01, wrong))
            return [(notify, b"\xff\xaa" + body + bytes((sum(body) & 0xFF,)))]
        assert open_pack.on_write is not None
        return open_pack.on_write(uuid, data) if any(unlocked) else []

    return replace(open_pack, address="A4:C1:37:00:20:01", on_write=on_write)


def test_a_pack_without_a_secret_costs_no_question() -> None:
    bindings = Bound(bound("BAT-12345", A))
    read(room(bindings, pack(0, -60)), "BAT-12345")
    assert bindings.asked == []


# ---------------------------------------------------------------- serial


def test_another_serial_at_the_address_is_a_stop() -> None:
    recorded = next(each for each in recordings().values() if each.protocol == "jk" and serial_at(each.peripheral()))
    serial = serial_at(recorded.peripheral())
    right = room(Bound(bound("BAT-12345", recorded.address, serial=serial.lower())), recorded.peripheral())
    assert (read(right, "BAT-12345").battery_id, read(right, "BAT-12345").serial) == ("BAT-12345", serial)
    error = refused(room(Bound(bound("BAT-12345", recorded.address, serial="7654321")), recorded.peripheral()), "BAT-12345")
    assert isinstance(error, AnotherPack)
    assert (error.found, error.bound) == (serial, "7654321")


def serial_at(device: Peripheral) -> str:
    return read(room(None, device), device.address).serial


def test_a_stop_for_another_pack_says_what_to_do() -> None:
    message = message_for(AnotherPack.of("BAT-12345", found="1", bound="2"))
    assert message.what == "Another pack answers for BAT-12345"
    assert message.steps[-1].endswith("Bind it again.")
    assert message.remedies[0] is Remedy.CHOOSE_ANOTHER


def test_an_oves_battery_that_tells_another_id_than_the_bound_one_is_a_stop() -> None:
    there = oves(0, -60, "0.8", asset_id="118842")
    assert read(room(Bound(bound("BAT-20450", there.address, "oves", "118842")), there), "BAT-20450").battery_id == "BAT-20450"
    assert isinstance(refused(room(Bound(bound("BAT-20450", there.address, "oves", "118843")), there), "BAT-20450"), AnotherPack)


@pytest.mark.parametrize(("told", "serial"), [("00000000", ""), ("", ""), ("  ", ""), ("A123\x00\u202e", "A123"), ("3052120", "3052120")])
def test_a_serial_that_no_maker_set_is_none(told: str, serial: str) -> None:
    assert serial_of(told) == serial


# ---------------------------------------------------------------- who says that it is the bound battery


@pytest.mark.parametrize("name", ["BAT-12345", "bat-12345", "HUB7 BAT-12345", "BAT-12345\u202e"])
@pytest.mark.parametrize("fake", [pack(5, -30), replace(phone(1, -30), silent=True)])
def test_a_device_that_says_it_is_a_battery_bound_elsewhere_is_a_stop(name: str, fake: Peripheral) -> None:
    error = refused(room(Bound(bound("BAT-12345", A)), pack(0, -60), replace(fake, name=name)), "BAT-12345")
    assert isinstance(error, BatteriesAlike)
    assert message_for(error).what == "Two batteries say they are BAT-12345"


def test_a_bound_pack_may_be_called_as_another_battery_and_is_its_own() -> None:
    desk = room(
        Bound(bound("BAT-12345", A), bound("BAT-67890", B)), pack(0, -60, name="BAT-67890"), pack(1, -60, "0.512", name="BAT-12345")
    )
    assert (read(desk, "BAT-67890").kwh_remaining, read(desk, "BAT-12345").kwh_remaining) == (Decimal("0.512"), Decimal("0.896"))


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_an_address_is_understood_in_any_spelling(spelled: str) -> None:
    assert read(room(None, pack(0, -40), pack(1, -60, "0.512")), spelled).kwh_remaining == Decimal("0.512")


def test_twelve_digits_may_be_an_id_as_well() -> None:
    assert read(room(None, pack(0, -40), pack(1, -60, name="202301012345")), "202301012345").battery_id == "202301012345"


def test_by_its_address_a_pack_has_its_name_though_that_comes_later() -> None:
    desk = bench()
    nameless = replace(pack(0, -60, name="BAT-12345"), name="")
    desk.room.add_devices(nameless)

    async def scenario() -> BatteryTelemetry:
        reading = asyncio.create_task(desk.read(A, 10))
        await asyncio.sleep(0.01)
        desk.room.add_devices(pack(0, -60, name="BAT-12345"))
        return await reading

    assert run_jumping(scenario()).battery_id == "BAT-12345"


# ---------------------------------------------------------------- not bound


def test_a_sticker_that_is_bound_to_nothing_is_said_as_such_where_packs_have_only_a_model_name() -> None:
    error = refused(room(None, pack(0, -60), pack(1, -61)), "BAT-20450")
    assert isinstance(error, BatteryUnbound)
    assert (error.battery_id, error.packs) == ("BAT-20450", 2)
    assert message_for(error).what == "BAT-20450 is not bound to a pack yet"
    assert "Bind its sticker" in message_for(error).steps[0]


@pytest.mark.parametrize("devices", [[], [pack(0, -60, name="BAT-67890")], [oves(0, -60, "0.8", asset_id="BAT-67890")], [phone(1)]])
def test_a_battery_that_is_away_is_away_where_names_are_ids(devices: list[Peripheral]) -> None:
    error = refused(room(None, *devices), "BAT-12345")
    assert isinstance(error, BatteryUnreachable)
    assert not isinstance(error, BatteryUnbound)


# ---------------------------------------------------------------- where a battery was read last


def test_a_battery_that_is_silent_where_it_was_read_last_is_not_replaced_by_one_that_says_its_id() -> None:
    desk = room(None, oves(0, -60, "0.8"))
    assert read(desk, "BAT-12345").address == oves(0, -60, "0.8").address
    desk.room.peripherals = (oves(0, -60, "0.8", Fault.SILENT), oves(1, -40, "4.4"))
    assert isinstance(refused(desk, "BAT-12345"), BatteriesAlike)


def test_the_same_after_a_restart_by_the_stored_reading() -> None:
    desk = bench(stored_address=lambda battery_id: oves(0, -60, "0.8").address if battery_id == "BAT-12345" else "")
    desk.room.peripherals = (oves(0, -60, "0.8", Fault.SILENT), oves(1, -40, "4.4"))
    assert isinstance(refused(desk, "BAT-12345"), BatteriesAlike)


def test_the_place_of_another_battery_now_is_no_claim() -> None:
    desk = room(None, oves(0, -60, "0.8"))
    read(desk, "BAT-12345")
    desk.room.peripherals = (oves(0, -60, "0.8", asset_id="TWIN-12345"), oves(1, -40, "3.1"))
    assert read(desk, "BAT-12345").kwh_remaining == Decimal("3.1")


def test_every_family_that_is_tried_is_one_that_is_known() -> None:
    assert set(TRIED) <= set(protocol_registry.protocol_names())
