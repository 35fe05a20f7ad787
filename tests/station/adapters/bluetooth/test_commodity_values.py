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


@pytest.mark.parametrize("celsius", [6280.4, 2550.0, 215.0, -273.1])
def test_a_sensor_that_is_not_there_is_not_the_hottest_one(celsius: float) -> None:
    reading = read(ANY | {"temp_values": [TempSensor(celsius), TempSensor(31.5)]})
    assert (reading.temperature_celsius, reading.faults) == (Decimal("31.5"), ("a temperature sensor is broken",))
    switch_only = read(ANY | {"temp_values": [TempSensor(31.5), TempSensor(celsius, TempSensor.T.MOSFET)]})
    assert (switch_only.temperature_celsius, switch_only.faults) == (Decimal("31.5"), ())


@pytest.mark.parametrize(
    ("told", "states", "unknown"),
    [
        ({}, (), ()),
        ({"problem": True}, ("the BMS reports a problem that it does not name",), ()),
        ({"problem_code": 0x22}, (), ("0x22",)),
        ({"problem_code": 0x22, "problem": True}, (), ("0x22",)),
        ({"problem_code": 0}, (), ()),
    ],
)
def test_problems_of_a_family_without_a_table_are_told_and_bar_nothing(
    told: dict[str, Any], states: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    reading = read(ANY | told, "vatrer")
    assert (reading.faults, reading.states, reading.unknown_codes) == ((), states, unknown)


def test_a_cell_that_humsienk_calls_disconnected_is_a_fault() -> None:
    assert read(ANY | {"problem": True, "problem_code": 0}, "humsienk").faults == ("a cell is not connected",)


@pytest.mark.parametrize(
    ("told", "dead"),
    [
        ({"cell_voltages": [3.2] * 16, "cell_count": 16}, False),
        ({"cell_voltages": [3.2] * 15, "cell_count": 16}, True),
        ({"cell_voltages": [3.2] * 15 + [0.0], "cell_count": 16}, True),
        ({"cell_voltages": [3.2] * 16}, False),
        ({"cell_voltages": [], "cell_count": 16}, True),
        ({"packs": [{"cell_voltages": [3.2] * 16, "cell_count": 16}, {"cell_voltages": [3.2] * 15, "cell_count": 16}]}, True),
        ({"packs": [{"cell_voltages": [3.2] * 16, "cell_count": 16}] * 2}, False),
    ],
)
def test_fewer_cells_than_there_are_is_a_fault(told: dict[str, Any], *, dead: bool) -> None:
    assert ("a cell at 0 V or not measured" in read(ANY | told, "seplos").faults) == dead


def test_lowest_cell_and_spread_are_told_and_packs_are_not_compared_with_each_other() -> None:
    reading = read(ANY | {"packs": [{"cell_voltages": [3.2, 3.25]}, {"cell_voltages": [3.4, 3.41]}]}, "seplos")
    assert (reading.lowest_cell_volts, reading.cell_spread_volts) == (Decimal("3.2"), Decimal("0.05"))
    assert (read(ANY).lowest_cell_volts, read(ANY).cell_spread_volts) == (None, None)


@pytest.mark.parametrize(("told", "output"), [({}, None), ({"dischrg_mosfet": True}, True), ({"dischrg_mosfet": False}, False)])
def test_the_output_is_what_the_discharge_switch_says(told: dict[str, Any], *, output: bool | None) -> None:
    assert read(ANY | told).output_on is output


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
    "cell_count",
    "dischrg_mosfet",
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
