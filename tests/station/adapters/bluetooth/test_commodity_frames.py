"""The packs that others recorded read as they were annotated."""

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


def test_all_eleven_are_there() -> None:
    assert len(recordings()) == 11
