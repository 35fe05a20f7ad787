"""From aiobmsble's floats to a reading: exact, by which method, and never another exception than our own."""

from decimal import Decimal
from typing import Any, cast

import pytest
from aiobmsble import BMSSample, TempSensor
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.battery.battery import BatteryTelemetry, EnergyMethod
from kiosk.domain.errors import BatteryUnreadable
from kiosk.station.adapters.bluetooth.battery_protocol import REFUSE_ESTIMATES, EstimatePolicy
from kiosk.station.adapters.bluetooth.commodity import telemetry
from kiosk.station.adapters.bluetooth.protocol_registry import load_kinds
from tests.station.adapters.bluetooth.bench import NOW

ALLOWED = EstimatePolicy(allowed=True)
ANY: dict[str, Any] = {"voltage": 51.2, "cycle_charge": 17.5}


def read(values: dict[str, Any], protocol: str = "jk", estimates: EstimatePolicy = REFUSE_ESTIMATES) -> BatteryTelemetry:
    return telemetry(cast("BMSSample", values), load_kinds()[protocol], battery_id="B1", read_at=NOW, estimates=estimates)


def test_energy_that_is_reported_is_taken_as_it_is() -> None:
    reading = read({"voltage": 13.3, "cycle_capacity": 1024, "battery_level": 80}, "dometic")
    assert (reading.kwh_remaining, reading.method, reading.estimated) == (Decimal("1.024"), EnergyMethod.REPORTED, False)


def test_charge_times_voltage_is_exact() -> None:
    reading = read({"voltage": 13.7, "cycle_charge": 279.98})
    assert (reading.kwh_remaining, reading.charge_ah, reading.method) == (
        Decimal("3.836"),
        Decimal("279.98"),
        EnergyMethod.CHARGE_X_VOLTAGE,
    )


def test_the_noise_of_floats_goes_no_further() -> None:
    packs = [{"voltage": 51.2, "cycle_charge": 0.1}, {"voltage": 51.2, "cycle_charge": 0.2}]
    assert read({"packs": packs}, "seplos").charge_ah == Decimal("0.3")


@pytest.mark.parametrize("protocol", ["jk", "felicity"])
def test_a_percentage_is_refused_unless_it_is_allowed(protocol: str) -> None:
    told = {"voltage": 50.0, "battery_level": 40, "design_capacity": 100} | ({"cycle_charge": 40.0} if protocol == "felicity" else {})
    with pytest.raises(BatteryUnreadable, match="only a state of charge"):
        read(told, protocol)
    reading = read(told, protocol, ALLOWED)
    assert (reading.kwh_remaining, reading.method, reading.estimated) == (Decimal(2), EnergyMethod.SOC_ESTIMATE, True)


def test_a_percentage_of_nothing_known_takes_the_configured_capacity() -> None:
    told = {"voltage": 50.0, "battery_level": 40}
    assert read(told, estimates=EstimatePolicy(allowed=True, design_kwh=Decimal(32))).kwh_remaining == Decimal("12.8")
    with pytest.raises(BatteryUnreadable, match="only a state of charge"):
        read(told, estimates=ALLOWED)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, "does not tell its voltage"),
        ({"voltage": 51.2}, "does not tell how much it holds"),
        (ANY | {"voltage": float("nan")}, "its voltage cannot be"),
        (ANY | {"cycle_charge": float("inf")}, "its cycle charge cannot be"),
        (ANY | {"cycle_charge": 1e300}, "its cycle charge cannot be"),
        (ANY | {"battery_level": True}, "its battery level cannot be"),
        (ANY | {"design_capacity": "100"}, "make no sense|its design capacity cannot be"),
        (ANY | {"cell_voltages": [None]}, "make no sense|its cell voltage cannot be"),
    ],
)
def test_values_that_cannot_be_are_refused(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(BatteryUnreadable, match=reason):
        read(values)


def test_the_hottest_sensor_in_the_pack_counts_and_the_switches_do_not() -> None:
    sensors = [TempSensor(31.5), TempSensor(28.0, TempSensor.T.CELL), TempSensor(70.0, TempSensor.T.MOSFET)]
    assert read(ANY | {"temp_values": sensors}).temperature_celsius == Decimal("31.5")
    assert read(ANY | {"temp_values": sensors[2:]}).temperature_celsius == Decimal(70)
    assert read(ANY).temperature_celsius is None


@pytest.mark.parametrize(
    ("told", "faults"),
    [
        ({}, ()),
        ({"problem": True}, ("the BMS reports a problem",)),
        ({"problem_code": 0x22}, ("BMS problem 0x22",)),
        ({"problem_code": 0}, ()),
    ],
)
def test_problems_of_other_families_are_told_as_they_are(told: dict[str, Any], faults: tuple[str, ...]) -> None:
    assert read(ANY | told).faults == faults


NUMBERS = st.none() | st.integers() | st.floats() | st.booleans() | st.text(max_size=3)
KEYS = [
    "voltage",
    "cycle_charge",
    "cycle_capacity",
    "battery_level",
    "design_capacity",
    "problem_code",
    "problem",
    "temperature",
    "current",
]


@settings(max_examples=200)
@given(
    st.dictionaries(st.sampled_from(KEYS), NUMBERS),
    st.lists(st.floats() | st.integers(0, 5), max_size=4),
    st.sampled_from(["jbd", "jk", "dometic", "felicity"]),
)
def test_any_values_give_a_reading_or_an_error_of_ours(values: dict[str, Any], cells: list[float], protocol: str) -> None:
    try:
        reading = read(values | {"cell_voltages": cells, "temp_values": [TempSensor(cell) for cell in cells]}, protocol, ALLOWED)
    except BatteryUnreadable:
        return
    assert reading.kwh_remaining is not None
    assert reading.kwh_remaining.is_finite()


@pytest.mark.parametrize("told", [{"voltage": 50.0}, {"voltage": 50.0, "battery_level": 40, "design_capacity": 100}])
def test_where_energy_is_not_needed_a_pack_that_does_not_tell_it_is_read(told: dict[str, Any]) -> None:
    reading = read(told, estimates=EstimatePolicy(needed=False))
    assert (reading.kwh_remaining, reading.method, reading.estimated, reading.voltage) == (None, None, False, Decimal(50))
