"""What the simulated radio receives: batteries, other devices, and the state of the adapter.

Batteries may be changed while the program runs, from any thread: in training one comes back with less energy, or a fault is gone at the
second try. A link that is open keeps the bytes it began with.
"""

import threading
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.errors import BatteryUnreachable, NotFound
from kiosk.station.adapters.bluetooth.peripheral import Peripheral
from kiosk.station.adapters.bluetooth.simulated.simulated_battery import Fault, SimulatedBattery, SimulatedTimings, peripherals_of


class AdapterState(StrEnum):
    """Whether the simulated adapter works."""

    READY = "ready"
    MISSING = "missing"
    OFF = "off"


_FAULTS = {AdapterState.MISSING: AdapterFault.NO_ADAPTER, AdapterState.OFF: AdapterFault.SWITCHED_OFF}


class SimulatedEnvironment:
    """The batteries and devices in range of one simulated adapter."""

    def __init__(self, batteries: Iterable[SimulatedBattery] = (), *, timings: SimulatedTimings | None = None) -> None:
        self.timings = timings or SimulatedTimings()
        self._changing = threading.RLock()
        self.adapter = AdapterState.READY
        self._batteries = {normalise_id(battery.asset_id): battery for battery in batteries}
        self._devices: tuple[Peripheral, ...] = ()
        self._links: dict[str, int] = {}
        self._open: frozenset[str] = frozenset()
        self._peripherals = self._all_peripherals()

    def check(self) -> bool:
        """True when the adapter works. Raises BatteryUnreachable."""
        if self.adapter is not AdapterState.READY:
            raise BatteryUnreachable("", 0, fault=_FAULTS[self.adapter])
        return True

    @property
    def batteries(self) -> tuple[SimulatedBattery, ...]:
        return tuple(self._batteries.values())

    @property
    def open_links(self) -> frozenset[str]:
        """Addresses connected to at this moment."""
        return self._open

    def put(self, battery: SimulatedBattery) -> None:
        """Bring a battery into range, or replace the one with the same id."""
        key = normalise_id(battery.asset_id)
        with self._changing:
            self._links.pop(key, None)
            self._batteries = {**self._batteries, key: battery}
            self._peripherals = self._all_peripherals()

    def remove(self, asset_id: str) -> None:
        """Take a battery out of range; one that is not there is no error."""
        with self._changing:
            self._batteries = {key: battery for key, battery in self._batteries.items() if key != normalise_id(asset_id)}
            self._peripherals = self._all_peripherals()

    def battery(self, asset_id: str) -> SimulatedBattery:
        """Raises NotFound."""
        found = self._batteries.get(normalise_id(asset_id))
        if found is None:
            raise NotFound("simulated battery", asset_id)
        return found

    def set_faults(self, asset_id: str, *faults: Fault) -> None:
        """Give a battery these faults and no others. Raises NotFound."""
        with self._changing:
            self.put(self.battery(asset_id).with_faults(*faults))

    def add_devices(self, *devices: Peripheral) -> None:
        """Other things that advertise: phones, headphones, batteries made by hand."""
        with self._changing:
            self._devices = (*self._devices, *devices)
            self._peripherals = self._all_peripherals()

    def peripherals(self) -> tuple[Peripheral, ...]:
        """Everything that can be connected to now."""
        return tuple(self._peripherals)

    def advertising(self) -> tuple[Peripheral, ...]:
        """Everything that advertises now: a connected device is silent."""
        return tuple(device for device in self._peripherals if device.address not in self._open)

    def find(self, address: str) -> Peripheral | None:
        return next((device for device in self._peripherals if device.address == address), None)

    def open_link(self, address: str) -> None:
        """Called by the backend; counts towards `heals_after_links`."""
        with self._changing:
            self._open |= {address}
            owner = next((key for key, battery in self._batteries.items() if self._is_of(battery, address)), None)
            if owner is not None:
                self._links[owner] = self._links.get(owner, 0) + 1
                self._heal(owner)

    def close_link(self, address: str) -> None:
        """Called by the backend."""
        with self._changing:
            self._open -= {address}

    def _heal(self, key: str) -> None:
        battery = self._batteries[key]
        if battery.heals_after_links is not None and self._links[key] >= battery.heals_after_links:
            self.put(replace(battery, faults=frozenset(), heals_after_links=None))

    def _is_of(self, battery: SimulatedBattery, address: str) -> bool:
        own = peripherals_of(battery, self.timings)[:1]  # the second one, if any, is somebody else
        return bool(own) and own[0].address == address

    def _all_peripherals(self) -> tuple[Peripheral, ...]:
        simulated = (device for battery in self._batteries.values() for device in peripherals_of(battery, self.timings))
        return (*simulated, *self._devices)
