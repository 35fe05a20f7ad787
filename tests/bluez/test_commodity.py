"""Commodity batteries through bleak's own BlueZ backend and aiobmsble: the recorded packs, and simulated ones."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kiosk.domain.battery.battery import EnergyMethod
from kiosk.domain.decimals import to_watt_hours
from kiosk.domain.errors import BatteryUnreachable, BatteryUnreadable
from kiosk.station.adapters.bluetooth import Fault, SimulatedBattery, build_scanner
from tests.bluez.desk import IMPATIENT, RadioDesk
from tests.bluez.thread import BluezThread
from tests.station.adapters.bluetooth.bench import StillClock
from tests.station.adapters.bluetooth.packs import recordings

QUICK_TO_GIVE_UP = replace(IMPATIENT, answer=0.15)


@pytest.fixture
def desk(bluez: BluezThread) -> RadioDesk:
    """One that does not wait two seconds for a Daly pack to ignore the newer protocol."""
    return RadioDesk(bluez, build_scanner("bluetooth", clock=StillClock(), timeouts=QUICK_TO_GIVE_UP))


def put(desk: RadioDesk, protocol: str, *faults: Fault) -> None:
    desk.bluez.room.put(
        SimulatedBattery(
            asset_id="BAT-55555", protocol=protocol, kwh_remaining=Decimal("0.896"), voltage=Decimal("51.2"), faults=frozenset(faults)
        )
    )


@pytest.mark.parametrize("name", list(recordings()))
def test_a_recorded_pack_reads_as_annotated(desk: RadioDesk, name: str) -> None:
    recorded = recordings()[name]
    desk.bluez.room.add_devices(recorded.peripheral())
    reading = desk.read_now(name)
    assert (reading.voltage, reading.charge_ah, reading.soc_percent) == (recorded.volts, recorded.amp_hours, recorded.soc)
    assert reading.kwh_remaining == to_watt_hours(recorded.watt_hours.scaleb(-3))
    assert (reading.protocol, reading.method) == (recorded.protocol, EnergyMethod.CHARGE_X_VOLTAGE)


@pytest.mark.parametrize("protocol", ["jbd", "jk", "daly"])
def test_a_simulated_pack_reads_as_it_is_stated(desk: RadioDesk, protocol: str) -> None:
    put(desk, protocol)
    assert desk.read_now("BAT-55555").kwh_remaining == Decimal("0.896")


@pytest.mark.parametrize("protocol", ["jbd", "jk", "daly"])
def test_a_wrong_checksum_is_unreadable(desk: RadioDesk, protocol: str) -> None:
    put(desk, protocol, Fault.BAD_FRAME)
    with pytest.raises(BatteryUnreadable, match="cannot be understood"):
        desk.read_now("BAT-55555", 2)


@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.DROPS_LINK])
def test_silence_and_a_lost_link_are_unreachable_and_leave_nothing_open(desk: RadioDesk, fault: Fault) -> None:
    put(desk, "jbd", fault)
    with pytest.raises(BatteryUnreachable):
        desk.read_now("BAT-55555", 2)
