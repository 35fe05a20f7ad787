"""The same batteries, good and bad, on both stages: bleak's BlueZ backend on a private D-Bus, and the backend in memory.

Every kind of battery that is simulated, the packs that others recorded, and each bad answer by its name: never a number from bad bytes,
never an error but our own, never a link left open.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from kiosk.domain.battery.battery import EMPTY, FULL, BatteryTelemetry, FitnessLimits, check_fit, check_reading
from kiosk.domain.decimals import to_watt_hours
from kiosk.domain.errors import BatteryDamaged, BatteryUnreachable, BatteryUnreadable, ReadingPrevented
from kiosk.station.adapters.bluetooth import Fault, RadioScanner, SimulatedBattery, SimulatedEnvironment, build_scanner
from kiosk.station.adapters.bluetooth.battery_protocol import Peripheral
from kiosk.station.adapters.bluetooth.protocol_registry import own_protocols
from kiosk.station.adapters.bluetooth.protocols import oves
from kiosk.station.adapters.bluetooth.radio import CLOSE_SECONDS
from tests.bluez.desk import AIR, IMPATIENT
from tests.station.adapters.bluetooth.bench import StillClock, battery
from tests.station.adapters.bluetooth.case_files import devices_of
from tests.station.adapters.bluetooth.cases import CAPTURED, device_of
from tests.station.adapters.bluetooth.packs import recordings

LIMITS = FitnessLimits()


@dataclass
class Stage:
    """A room and a scanner above it."""

    room: SimulatedEnvironment
    scanner: RadioScanner

    def read(self, battery_id: str = "BAT-12345", seconds: float = 8.0) -> BatteryTelemetry:
        """As the domain takes it; and no link is left."""

        async def run() -> BatteryTelemetry:
            await self.scanner.start()
            try:
                reading = await self.scanner.read(battery_id, lambda _: None, seconds)
            finally:
                await self.scanner.stop()
                for _ in range(100):  # the service beside us ends it a moment later
                    if not self.room.open_links:
                        break
                    await asyncio.sleep(0.01)
                assert not self.room.open_links
            check_reading(reading, LIMITS)
            return reading

        return asyncio.run(run())

    def put(self, *faults: Fault, protocol: str = "oves", kwh: str = "0.72", soc: str = "25") -> None:
        """BAT-12345, of this kind."""
        self.room.put(
            SimulatedBattery(
                asset_id="BAT-12345",
                protocol=protocol,
                kwh_remaining=Decimal(kwh),
                voltage=Decimal(72),
                soc_percent=Decimal(soc),
                rssi=-48,
                faults=frozenset(faults),
            )
        )

    def put_values(self, changes: Mapping[str, bytes], without: str = "") -> None:
        """An OVES battery with these bytes behind its characteristics."""
        self.room.remove("BAT-12345")
        good = SimulatedEnvironment([battery()]).peripherals[0]
        services = {
            service: {uuid: changes.get(uuid, raw) for uuid, raw in values.items() if uuid != without}
            for service, values in good.services.items()
        }
        self.room.add_devices(Peripheral(address="BB:00:00:00:00:01", name="OVES BATT 45AH BAT-12345", rssi=-50, services=services))


@pytest.fixture(params=["bluez", "memory"])
def stage(request: pytest.FixtureRequest) -> Stage:
    if request.param == "bluez":
        bluez = request.getfixturevalue("bluez")
        return Stage(bluez.room, build_scanner("bluetooth", clock=StillClock(), timeouts=IMPATIENT))
    room = SimulatedEnvironment([battery()], timings=AIR)
    return Stage(room, build_scanner("simulated", clock=StillClock(), batteries=room, timeouts=IMPATIENT))


# ---------------------------------------------------------------- good ones


@pytest.mark.parametrize("protocol", own_protocols())
def test_every_kind_of_battery_gives_its_kwh(stage: Stage, protocol: str) -> None:
    stage.put(protocol=protocol)
    reading = stage.read()
    assert (reading.battery_id, reading.kwh_remaining, reading.protocol) == ("BAT-12345", Decimal("0.72"), protocol)
    check_fit(reading, LIMITS)


@pytest.mark.parametrize("name", list(recordings()))
def test_a_recorded_pack_reads_as_annotated(stage: Stage, name: str) -> None:
    recorded = recordings()[name]
    stage.room.add_devices(recorded.peripheral())
    reading = stage.read(recorded.address, 20)
    assert (reading.voltage, reading.charge_ah, reading.soc_percent) == (recorded.volts, recorded.amp_hours, recorded.soc)
    assert reading.kwh_remaining == to_watt_hours(recorded.watt_hours.scaleb(-3))


# ---------------------------------------------------------------- full, empty, cells and outputs


@pytest.mark.parametrize(
    ("name", "faults", "states", "output"),
    [
        ("05", (), (FULL,), True),
        ("06", (), (EMPTY,), True),
        ("08", (), (EMPTY,), False),
        ("09", ("a cell at 0 V or not measured",), (), True),
        ("10", ("a cell at 0 V or not measured",), (), True),
        ("12", (), (), False),
        ("14", (), (), False),
        ("15", (), (), False),
    ],
)
def test_a_case_is_told_as_it_is(stage: Stage, name: str, faults: tuple[str, ...], states: tuple[str, ...], *, output: bool) -> None:
    (pack,) = devices_of(name)
    stage.room.add_devices(pack)
    reading = stage.read(pack.address, 20)
    assert (reading.faults, reading.states, reading.unknown_codes, reading.output_on) == (faults, states, (), output)


@pytest.mark.parametrize("number", CAPTURED)
def test_a_captured_stream_reads_as_annotated(stage: Stage, number: int) -> None:
    pack = device_of(number)
    stage.room.add_devices(pack)
    reading = stage.read(pack.address, 20)
    volts, amp_hours, soc, kwh, protocol = CAPTURED[number]
    assert (reading.voltage, reading.charge_ah, reading.soc_percent) == (Decimal(volts), Decimal(amp_hours), Decimal(soc))
    assert (reading.kwh_remaining, reading.protocol) == (Decimal(kwh), protocol)


# ---------------------------------------------------------------- bad answers


def test_firmware_that_is_too_old_is_told_so(stage: Stage) -> None:
    pack = device_of(24)
    stage.room.add_devices(pack)
    with pytest.raises(ReadingPrevented, match="its firmware is too old to be read"):
        stage.read(pack.address, 20)


@pytest.mark.parametrize("protocol", own_protocols())
def test_a_link_lost_every_time(stage: Stage, protocol: str) -> None:
    stage.put(Fault.DROPS_LINK, protocol=protocol)
    with pytest.raises(BatteryUnreachable, match="link_lost"):
        stage.read()


@pytest.mark.parametrize("protocol", own_protocols())
def test_a_silent_battery(stage: Stage, protocol: str) -> None:
    stage.put(Fault.SILENT, protocol=protocol)
    with pytest.raises(BatteryUnreachable) as silent:
        stage.read(seconds=1.0)
    assert silent.value.heard_others


@pytest.mark.parametrize("protocol", own_protocols())
def test_too_few_bytes_or_a_wrong_checksum(stage: Stage, protocol: str) -> None:
    stage.put(Fault.BAD_FRAME, protocol=protocol)
    with pytest.raises(BatteryUnreadable):
        stage.read(seconds=3)


def test_contradicting_values(stage: Stage) -> None:
    stage.put(Fault.CONTRADICTORY)
    with pytest.raises(BatteryUnreadable, match="does not agree"):
        stage.read()


@pytest.mark.parametrize("protocol", own_protocols())
def test_a_hot_battery_is_damaged(stage: Stage, protocol: str) -> None:
    stage.put(Fault.HOT, protocol=protocol)
    with pytest.raises(BatteryDamaged):
        check_fit(stage.read(), LIMITS)


def test_a_capacity_that_wrapped(stage: Stage) -> None:
    wrapped = {oves.RCAP: (90_000 - 65_536).to_bytes(2, "little"), oves.FCCP: (100_000 - 65_536).to_bytes(2, "little")}
    stage.put_values({**wrapped, oves.RSOC: (90).to_bytes(2, "little")})
    with pytest.raises(BatteryUnreadable, match="does not agree"):
        stage.read()


def test_zero_volts(stage: Stage) -> None:
    stage.put_values({oves.PCKV: bytes(4)})
    with pytest.raises(BatteryUnreadable):
        stage.read()


@pytest.mark.parametrize("length", [0, 1, 3, 5, 20])
def test_values_of_any_other_width(stage: Stage, length: int) -> None:
    stage.put_values({oves.PCKV: b"\x10" * length})
    with pytest.raises(BatteryUnreadable, match="bytes instead of 4"):
        stage.read()


def test_an_empty_id(stage: Stage) -> None:
    stage.put_values({oves.OPID: bytes(20), oves.PPID: b"<" * 20})
    with pytest.raises(BatteryUnreadable, match="no id of its own"):
        stage.read()


def test_the_second_id_serves_when_the_first_is_blank(stage: Stage) -> None:
    stage.put_values({oves.OPID: bytes(20), oves.PPID: b"BAT-12345<<<<<<<<<<<"})
    assert stage.read().battery_id == "BAT-12345"


@pytest.mark.parametrize("padded", [b"BAT-12345\0\0\0\0", b"<<BAT-12345>>\0", b"  BAT-12345  ", b"BAT-12345\0junk"])
def test_a_padded_id(stage: Stage, padded: bytes) -> None:
    stage.put_values({oves.OPID: padded})
    assert stage.read().battery_id == "BAT-12345"


@pytest.mark.parametrize("strange", [b"BAT\xff\xfe12345", b"\x01\x02\x03", "BÄT-12345".encode()])
def test_an_id_of_strange_bytes(stage: Stage, strange: bytes) -> None:
    stage.put_values({oves.OPID: strange})
    with pytest.raises(BatteryUnreadable, match="not text"):
        stage.read()


@pytest.mark.parametrize("piece", [b"AT\r\n", bytes(20), b"\xdd\x03\x00\xff" * 5])
def test_a_flood_ends_in_time_in_a_sentence(stage: Stage, piece: bytes) -> None:
    recorded = recordings()["JBD-D"]
    flood = [(recorded.notify, piece)] * 1000
    stage.room.add_devices(replace(recorded.peripheral(), on_write=lambda _uuid, _request: flood, on_subscribe=lambda _uuid: flood))
    began = time.monotonic()
    with pytest.raises(ReadingPrevented, match="cannot be understood"):
        stage.read(recorded.address, 2.5)
    assert time.monotonic() - began < 2.5 + CLOSE_SECONDS + 1


@pytest.mark.parametrize(("name", "late"), [("JBD-D", 1.3), ("DL-41", 2.2), ("JK-32s_v15", 0.9)])
def test_an_answer_after_its_time_is_the_recorded_one_or_a_sentence(stage: Stage, name: str, late: float) -> None:
    recorded = recordings()[name]
    stage.room.add_devices(replace(recorded.peripheral(), read_seconds=late))
    try:
        reading = stage.read(recorded.address, 3)
    except (BatteryUnreachable, ReadingPrevented):
        return
    assert (reading.voltage, reading.charge_ah) == (recorded.volts, recorded.amp_hours)


@pytest.mark.parametrize("protocol", ["jbd", "jk", "daly"])
@pytest.mark.parametrize("exchanges", [0, 1])
def test_a_pack_that_vanishes_at_a_question_is_a_lost_link(stage: Stage, protocol: str, exchanges: int) -> None:
    stage.put(protocol=protocol)
    (pack,) = [each for each in stage.room.peripherals if each.name == "BAT-12345"]
    stage.room.remove("BAT-12345")
    stage.room.add_devices(replace(pack, reads_before_drop=exchanges))
    with pytest.raises(BatteryUnreachable, match="link_lost"):
        stage.read()


# ---------------------------------------------------------------- firmware that moved a value


def moved(stage: Stage, uuid: str, description: str) -> None:
    """The battery, with one value at another characteristic of the vendor, which has a description."""
    good = SimulatedEnvironment([battery()]).peripherals[0]
    elsewhere = f"9b0740f1{uuid[8:]}"
    services = {
        service: {elsewhere if each == uuid else each: raw for each, raw in values.items()} for service, values in good.services.items()
    }
    stage.room.remove("BAT-12345")
    name, others = "OVES BATT 45AH BAT-12345", {oves.RSOC: "rsoc, %, 0"}
    stage.room.add_devices(
        Peripheral(address="BB:00:00:00:00:02", name=name, services=services, descriptions={**others, elsewhere: description})
    )


@pytest.mark.parametrize(("uuid", "description"), [(oves.RCAP, "rcap, Ah, 0"), (oves.PCKV, "Pack voltage (pckv) mV")])
def test_a_value_that_firmware_moved_is_found_by_its_name(stage: Stage, uuid: str, description: str) -> None:
    moved(stage, uuid, description)
    assert stage.read().kwh_remaining == Decimal("0.8")


def test_a_value_that_cannot_be_found_is_never_guessed(stage: Stage) -> None:
    moved(stage, oves.PCKV, "spare")
    with pytest.raises(BatteryUnreadable, match="voltage"):
        stage.read()


def test_a_value_in_another_service_is_found_by_its_uuid(stage: Stage) -> None:
    good = SimulatedEnvironment([battery()]).peripherals[0]
    together = {uuid: raw for values in good.services.values() for uuid, raw in values.items()}
    stage.room.remove("BAT-12345")
    stage.room.add_devices(Peripheral(address="BB:00:00:00:00:03", name="OVES BATT 45AH BAT-12345", services={oves.ATT: together}))
    assert stage.read().kwh_remaining == Decimal("0.8")
