"""Every exception of the table in words, and links that are hard to close."""

import asyncio
from pathlib import Path

import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.errors import BadInput, BatteryUnreachable, BatteryUnreadable
from kiosk.station.adapters.bluetooth import RadioScanner, SimulatedEnvironment, build_scanner
from kiosk.station.adapters.bluetooth.device_table import SearchSettings
from kiosk.station.adapters.bluetooth.radio import Backends, Radio
from kiosk.station.adapters.bluetooth.radio_errors import RADIO_ERRORS, ServiceMute, explain, is_lost_link
from kiosk.station.adapters.bluetooth.simulated.bleak_backend import MemoryClient, memory_backends
from tests.station.adapters.bluetooth.bench import IMPATIENT, QUICK, StillClock, battery, bench

_SERVICE = "org.freedesktop.DBus.Error.ServiceUnknown"


@pytest.mark.parametrize(
    ("error", "fault", "again"),
    [
        (FileNotFoundError("/run/dbus/system_bus_socket"), AdapterFault.NO_SERVICE, False),
        (EOFError(), AdapterFault.NO_SERVICE, False),
        (BleakDBusError(_SERVICE, ["The name org.bluez was not provided"]), AdapterFault.NO_SERVICE, False),
        (BleakDBusError("org.freedesktop.DBus.Error.Spawn.ChildExited", []), AdapterFault.NO_SERVICE, False),
        (BleakDBusError("org.freedesktop.systemd1.NoSuchUnit", []), AdapterFault.NO_SERVICE, False),
        (BleakDBusError("org.bluez.Error.NotReady", ["Resource Not Ready"]), AdapterFault.SWITCHED_OFF, False),
        (BleakDBusError("org.bluez.Error.InProgress", []), AdapterFault.STUCK, False),
        (BleakDBusError("org.bluez.Error.Failed", ["Not connected"]), AdapterFault.LINK_LOST, True),
        (BleakGATTProtocolError(0x0E), AdapterFault.LINK_LOST, True),
        (BleakError("device 'dev_1' not found"), AdapterFault.LINK_LOST, True),
        (BleakDeviceNotFoundError("1"), AdapterFault.LINK_LOST, True),
        (TimeoutError(), None, False),
    ],
)
def test_each_failure_has_its_fault(error: Exception, fault: AdapterFault | None, again: bool) -> None:  # noqa: FBT001  pytest passes it
    said = explain(error, battery_id="B1", seconds=10, heard_others=False)
    assert isinstance(error, RADIO_ERRORS)
    assert isinstance(said, BatteryUnreachable)
    assert (said.fault, is_lost_link(error)) == (fault, again)


@pytest.mark.parametrize("why", list(BleakBluetoothNotAvailableReason))
def test_every_state_of_the_adapter_has_words(why: BleakBluetoothNotAvailableReason) -> None:
    said = explain(BleakBluetoothNotAvailableError("", why), battery_id="", seconds=10, heard_others=False)
    assert isinstance(said, BatteryUnreachable)
    assert said.fault not in (None, AdapterFault.LINK_LOST)


@pytest.mark.parametrize("error", [FileNotFoundError(), ServiceMute(), BleakDBusError("org.freedesktop.DBus.Error.AccessDenied", [])])
def test_a_fault_of_the_service_is_told_as_one(error: Exception) -> None:
    said = explain(error, battery_id="", seconds=10, heard_others=False)
    assert isinstance(said, BatteryUnreachable)
    assert said.fault in (AdapterFault.NO_SERVICE, AdapterFault.SERVICE_SILENT, AdapterFault.NOT_ALLOWED)


def test_a_missing_characteristic_is_an_unknown_kind_of_battery() -> None:
    said = explain(BleakCharacteristicNotFoundError("9b07"), battery_id="B1", seconds=10, heard_others=True)
    assert isinstance(said, BatteryUnreadable)


def test_a_second_cancelling_does_not_keep_a_link_open() -> None:
    async def scenario() -> None:
        room = SimulatedEnvironment([battery()], timings=QUICK)
        opened, closing, may_close = asyncio.Event(), asyncio.Event(), asyncio.Event()

        class SlowToClose(MemoryClient):
            environment = room

            async def disconnect(self) -> None:
                closing.set()
                await may_close.wait()
                await super().disconnect()

        radio = Radio(Backends(memory_backends(room).scanner, SlowToClose))
        linked = asyncio.create_task(_hold_link(radio, opened))
        await opened.wait()
        linked.cancel()
        await closing.wait()
        linked.cancel()
        await asyncio.wait({linked})
        assert room.open_links
        may_close.set()
        await radio.settle()
        assert not room.open_links

    asyncio.run(scenario())


async def _hold_link(radio: Radio, opened: asyncio.Event) -> None:
    heard = asyncio.get_running_loop().create_future()
    async with radio.listening(lambda device, _: None if heard.done() else heard.set_result(device)):
        device = await heard
    async with radio.for_reading(), radio.link(device, 1):
        opened.set()
        await asyncio.Event().wait()


def test_a_closing_that_fails_does_not_spoil_the_reading() -> None:
    async def scenario() -> str:
        room = SimulatedEnvironment([battery()], timings=QUICK)

        class GoneAlready(MemoryClient):
            environment = room

            async def disconnect(self) -> None:
                await super().disconnect()
                raise BleakError("Not connected")

        settings = SearchSettings(clock=StillClock(), timeouts=IMPATIENT)
        scanner = RadioScanner(lambda: Radio(Backends(memory_backends(room).scanner, GoneAlready)), settings)
        return (await scanner.read("BAT-12345", lambda _: None, 1)).battery_id

    assert asyncio.run(scenario()) == "BAT-12345"


def test_a_battery_connected_elsewhere_is_unreachable() -> None:
    desk = bench(battery())
    desk.room.open_link(desk.room.peripherals[0].address)
    with pytest.raises(BatteryUnreachable):
        desk.read_now("BAT-12345", 0.1)


def test_a_file_of_simulated_batteries_does_not_go_with_a_real_radio() -> None:
    with pytest.raises(BadInput, match="simulated"):
        build_scanner("bluetooth", clock=StillClock(), batteries=Path("batteries.json"))


def test_the_real_radio_says_what_is_missing_where_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'none'}")
    scanner = build_scanner("bluetooth", clock=StillClock())

    async def scenario() -> None:
        await scanner.start()
        await scanner.read("BAT-12345", lambda _: None, 5)

    with pytest.raises(BatteryUnreachable, match="no_service"):
        asyncio.run(scenario())
