"""The packs that others recorded read as they were annotated."""

from decimal import Decimal

import pytest

from kiosk.domain.battery.battery import EnergyMethod, FitnessLimits, check_reading
from kiosk.domain.decimals import to_watt_hours
from tests.station.adapters.bluetooth.packs import read, recordings


@pytest.mark.parametrize("name", list(recordings()))
def test_a_recorded_pack_reads_as_annotated(name: str) -> None:
    recorded = recordings()[name]
    reading = read(recorded.peripheral())
    assert (reading.voltage, reading.charge_ah, reading.soc_percent) == (recorded.volts, recorded.amp_hours, recorded.soc)
    assert reading.kwh_remaining == to_watt_hours(recorded.watt_hours.scaleb(-3))
    assert (reading.protocol, reading.method, reading.estimated) == (recorded.protocol, EnergyMethod.CHARGE_X_VOLTAGE, False)
    assert reading.battery_id == name
    check_reading(reading, FitnessLimits())


SAID = {"JBD-B": ("full",), "JBD-C": ("one of its switches was switched off by software",)}
OFF = {"JK-24s_v10"}  # its capture has the byte of the discharge switch at 0


@pytest.mark.parametrize("name", list(recordings()))
def test_a_real_pack_has_no_fault_and_no_code_without_a_meaning(name: str) -> None:
    reading = read(recordings()[name].peripheral())
    assert (reading.faults, reading.states, reading.unknown_codes) == ((), SAID.get(name, ()), ())
    assert reading.output_on == (name not in OFF)
    assert reading.lowest_cell_volts is not None
    assert reading.cell_spread_volts is not None
    assert reading.cell_spread_volts < Decimal("0.12")


def test_all_eleven_are_there() -> None:
    assert len(recordings()) == 11
