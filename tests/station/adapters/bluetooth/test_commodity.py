"""Simulated JBD, JK and Daly batteries, read by the whole scanner: what is stated is what is read, and every fault by name."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk.domain.battery.battery import (
    EMPTY,
    FULL,
    BatteryTelemetry,
    EnergyMethod,
    FitnessLimits,
    check_fit,
    check_issuable,
    check_reading,
)
from kiosk.domain.errors import BatteryDamaged, BatteryNotIssuable, BatteryUnreachable, BatteryUnreadable
from kiosk.station.adapters.bluetooth import Fault, SimulatedBattery, SimulatedTimings
from kiosk.station.adapters.bluetooth.protocols import daly
from kiosk.station.adapters.bluetooth.simulated.simulated_battery import carried_below, peripherals_of
from tests.station.adapters.bluetooth.bench import QUICK, Bench, bench
from tests.station.adapters.bluetooth.jumping import run_jumping
from tests.station.adapters.bluetooth.packs import read

PROTOCOLS = ["jbd", "jk", "daly"]


def pack(
    protocol: str, asset_id: str = "BAT-12345", *faults: Fault, kwh: str = "0.896", volts: str = "51.2", soc: str | None = None
) -> SimulatedBattery:
    """A pack of 17.5 Ah unless told otherwise."""
    charge = None if soc is None else Decimal(soc)
    return SimulatedBattery(
        asset_id=asset_id,
        protocol=protocol,
        kwh_remaining=Decimal(kwh),
        voltage=Decimal(volts),
        soc_percent=charge,
        faults=frozenset(faults),
    )


def read_from(desk: Bench, asked: str = "BAT-12345", seconds: float = 10.0) -> BatteryTelemetry:
    reading = run_jumping(desk.read(asked, seconds))
    assert not desk.room.open_links
    return reading


# ---------------------------------------------------------------- what is stated is what is read


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_pack_reads_as_it_is_stated(protocol: str) -> None:
    reading = read_from(bench(replace(pack(protocol, soc="39"), temperature_celsius=Decimal(31), rssi=-48)))
    assert (reading.battery_id, reading.protocol, reading.rssi) == ("BAT-12345", protocol, -48)
    assert (reading.kwh_remaining, reading.voltage, reading.charge_ah) == (Decimal("0.896"), Decimal("51.2"), Decimal("17.5"))
    assert (reading.soc_percent, reading.temperature_celsius) == (Decimal(39), Decimal(31))
    assert not reading.faults
    assert (reading.method, reading.estimated) == (EnergyMethod.CHARGE_X_VOLTAGE, False)
    check_reading(reading, FitnessLimits())
    check_fit(reading, FitnessLimits())


@pytest.mark.parametrize("protocol", ["jbd", "jk"])
def test_the_specifications_battery_is_carried(protocol: str) -> None:
    reading = read_from(bench(pack(protocol, kwh="30.4"), pack(protocol, "BAT-67890", kwh="4.8")))
    assert (reading.kwh_remaining, reading.charge_ah, reading.soc_percent) == (Decimal("30.4"), Decimal("593.75"), Decimal(99))
    assert reading.full_kwh == Decimal("30.72")


@settings(max_examples=40)
@given(st.integers(0, 26_000), st.integers(400, 1_000), st.sampled_from(["jbd", "jk"]))
@example(24_001, 400, "jk")  # more than the largest usual pack
def test_every_watt_hour_at_every_tenth_of_a_volt_reads_back_exactly(watt_hours: int, decivolts: int, protocol: str) -> None:
    stated = pack(protocol, kwh=str(Decimal(watt_hours).scaleb(-3)), volts=str(Decimal(decivolts).scaleb(-1)))
    reading = read(peripherals_of(stated, QUICK)[0])
    assert (reading.kwh_remaining, reading.voltage) == (stated.kwh_remaining, stated.voltage)
    check_reading(reading, FitnessLimits())


@settings(max_examples=40)
@given(st.integers(0, 60_000), st.integers(400, 1_000))
def test_what_a_daly_pack_can_carry_reads_back_exactly(watt_hours: int, decivolts: int) -> None:
    kwh = carried_below(Decimal(watt_hours).scaleb(-3), decivolts * 100, daly.PROTOCOL.simulated.resolution)
    assert read(peripherals_of(pack("daly", kwh=str(kwh), volts=str(Decimal(decivolts).scaleb(-1))), QUICK)[0]).kwh_remaining == kwh


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("celsius", [-20, 0, 60])
def test_cold_and_warm_packs_tell_so(protocol: str, celsius: int) -> None:
    assert read_from(bench(replace(pack(protocol), temperature_celsius=Decimal(celsius)))).temperature_celsius == celsius


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_empty_pack_is_no_fault(protocol: str) -> None:
    reading = read_from(bench(pack(protocol, kwh="0", soc="0")))
    assert (reading.kwh_remaining, reading.soc_percent) == (Decimal(0), Decimal(0))
    assert not reading.faults
    check_reading(reading, FitnessLimits())


# ---------------------------------------------------------------- the faults


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_bad_frame_is_unreadable(protocol: str) -> None:
    with pytest.raises(BatteryUnreadable, match="cannot be understood"):
        read_from(bench(pack(protocol, "BAT-12345", Fault.BAD_FRAME)))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_silent_ends_within_the_deadline_as_unreachable(protocol: str) -> None:
    with pytest.raises(BatteryUnreachable) as silent:
        read_from(bench(pack(protocol, "BAT-12345", Fault.SILENT)))
    assert (silent.value.fault, silent.value.heard_others) == (None, True)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_drops_link_is_tried_twice_and_then_unreachable(protocol: str) -> None:
    desk = bench(pack(protocol, "BAT-12345", Fault.DROPS_LINK))
    with pytest.raises(BatteryUnreachable, match="link_lost"):
        read_from(desk)
    assert [phase.value for phase in desk.phases].count("reading") == 2


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_link_lost_once_is_mended_by_the_second_try(protocol: str) -> None:
    desk = bench(replace(pack(protocol, "BAT-12345", Fault.DROPS_LINK), heals_after_links=1))
    assert read_from(desk).kwh_remaining == Decimal("0.896")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_slow_is_read_in_the_end(protocol: str) -> None:
    reading = read_from(bench(pack(protocol, "BAT-12345", Fault.SLOW), timings=SimulatedTimings()))
    assert reading.kwh_remaining == Decimal("0.896")
    assert reading.seconds is not None
    assert 4 < reading.seconds < 8


@pytest.mark.parametrize("protocol", ["jbd", "jk"])
@pytest.mark.parametrize("soc", ["20", "60", "90"])
def test_contradictory_is_a_bad_reading(protocol: str, soc: str) -> None:
    reading = read_from(bench(pack(protocol, "BAT-12345", Fault.CONTRADICTORY, soc=soc)))
    with pytest.raises(BatteryUnreadable, match="does not agree"):
        check_reading(reading, FitnessLimits())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_hot_is_a_damaged_battery(protocol: str) -> None:
    with pytest.raises(BatteryDamaged) as damaged:
        check_fit(read_from(bench(pack(protocol, "BAT-12345", Fault.HOT))), FitnessLimits())
    assert damaged.value.reasons == ("too hot, 68 °C",)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_dead_cell_and_broken_sensor_are_a_damaged_battery(protocol: str) -> None:
    reading = read_from(bench(pack(protocol, "BAT-12345", Fault.DEAD_CELL, Fault.BROKEN_SENSOR)))
    assert (reading.kwh_remaining, reading.lowest_cell_volts, reading.temperature_celsius) == (Decimal("0.896"), Decimal(0), None)
    with pytest.raises(BatteryDamaged) as damaged:
        check_fit(reading, FitnessLimits())
    assert damaged.value.reasons == ("a cell at 0 V or not measured", "a temperature sensor is broken")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_output_off_and_unequal_cells_are_taken_back_and_not_issued(protocol: str) -> None:
    reading = read_from(bench(pack(protocol, "BAT-12345", Fault.OUTPUT_OFF, Fault.UNEQUAL_CELLS)))
    check_fit(reading, FitnessLimits())
    with pytest.raises(BatteryNotIssuable) as refused:
        check_issuable(reading, FitnessLimits())
    assert refused.value.reasons == ("its output is switched off", "its cells differ by 0.4 V, 0.3 V is the most")


@pytest.mark.parametrize(
    ("protocol", "code", "faults", "states", "unknown"),
    [
        ("jbd", 0x0405, ("short circuit",), (FULL,), ()),
        ("jbd", 0x8000, (), (), ("0x8000",)),
        ("jk", 1 << 17 | 1 << 11, ("its discharge switch is broken",), (EMPTY,), ()),
        ("daly", 1 << 49 | 1 << 26 | 1 << 7, ("a temperature sensor is broken",), (FULL,), ("0x80",)),
    ],
)
def test_a_problem_code_goes_through_the_bytes(
    protocol: str, code: int, faults: tuple[str, ...], states: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    reading = read_from(bench(replace(pack(protocol), problem_code=code)))
    assert (reading.faults, reading.states, reading.unknown_codes) == (faults, states, unknown)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_same_tail_is_decided_by_the_whole_name(protocol: str) -> None:
    assert read_from(bench(pack(protocol, "BAT-12345", Fault.SAME_TAIL))).battery_id == "BAT-12345"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_unreachable_is_unreachable(protocol: str) -> None:
    with pytest.raises(BatteryUnreachable):
        read_from(bench(pack(protocol, "BAT-12345", Fault.UNREACHABLE)))
