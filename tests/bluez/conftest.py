"""A private D-Bus with a Bluetooth service for every test that asks for one."""

from collections.abc import Iterator

import pytest

from kiosk.station.adapters.bluetooth import SimulatedEnvironment
from tests.bluez.bus import private_bus
from tests.bluez.desk import AIR, RadioDesk
from tests.bluez.thread import BluezThread
from tests.station.adapters.bluetooth.bench import battery


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a bus that is the system's as far as this process can tell."""
    with private_bus() as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        yield address


@pytest.fixture
def bluez(bus: str) -> Iterator[BluezThread]:
    """A Bluetooth service with one adapter and the battery of the contract's example in range."""
    with BluezThread(bus, SimulatedEnvironment([battery()], timings=AIR)) as service:
        yield service


@pytest.fixture
def desk(bluez: BluezThread) -> RadioDesk:
    """A scanner on it."""
    return RadioDesk(bluez)
