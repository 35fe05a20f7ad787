"""What the simulated radio receives: batteries, other devices, and the state of the adapter; and the file that the batteries may stand in.

Batteries may be changed while the program runs, from any thread: in training one comes back with less energy, or a fault is gone at the
second try. A link that is open keeps the bytes it began with.

Anything wrong with the file (contract, "Configuration") is BadInput with file, place and reason: unreadable or no JSON, unknown or missing
keys, wrong types, unknown faults, an id twice, and what the protocol cannot carry. Numbers are decimals from the text on; NaN and Infinity
are refused.
"""

import json
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.errors import BadInput, BatteryUnreachable, NotFound
from kiosk.domain.language import mark, tr
from kiosk.station.adapters.bluetooth.battery_protocol import Fault, Peripheral
from kiosk.station.adapters.bluetooth.simulated.simulated_battery import SimulatedBattery, SimulatedTimings, peripherals_of, refuse


class SimulatedEnvironment:
    """The batteries and devices in range of one simulated adapter. `peripherals` is everything that can be connected to now, `open_links`
    the addresses connected to at this moment; `adapter_fault` may be set to NO_ADAPTER or SWITCHED_OFF, None is an adapter that works.
    """

    def __init__(self, batteries: Iterable[SimulatedBattery] = (), *, timings: SimulatedTimings | None = None) -> None:
        self.timings = timings or SimulatedTimings()
        self._changing = threading.RLock()
        self.adapter_fault: AdapterFault | None = None
        self._batteries = {normalise_id(battery.asset_id): battery for battery in batteries}
        self._devices: tuple[Peripheral, ...] = ()
        self._links = Counter[str]()
        self.open_links: frozenset[str] = frozenset()
        self.peripherals = self._all_peripherals()

    def check(self) -> bool:
        """True when the adapter works. Raises BatteryUnreachable."""
        if self.adapter_fault is not None:
            raise BatteryUnreachable("", 0, fault=self.adapter_fault)
        return True

    @property
    def batteries(self) -> tuple[SimulatedBattery, ...]:
        return tuple(self._batteries.values())

    def put(self, battery: SimulatedBattery) -> None:
        """Bring a battery into range, or replace the one with the same id."""
        key = normalise_id(battery.asset_id)
        with self._changing:
            self._links.pop(key, None)
            self._batteries = {**self._batteries, key: battery}
            self.peripherals = self._all_peripherals()

    def remove(self, asset_id: str) -> None:
        """Take a battery out of range; one that is not there is no error."""
        with self._changing:
            self._batteries = {key: battery for key, battery in self._batteries.items() if key != normalise_id(asset_id)}
            self.peripherals = self._all_peripherals()

    def battery(self, asset_id: str) -> SimulatedBattery:
        """Raises NotFound."""
        found = self._batteries.get(normalise_id(asset_id))
        if found is None:
            raise NotFound("simulated battery", asset_id)
        return found

    def set_faults(self, asset_id: str, *faults: Fault) -> None:
        """Give a battery these faults and no others. Raises NotFound."""
        with self._changing:
            self.put(replace(self.battery(asset_id), faults=frozenset(faults)))

    def add_devices(self, *devices: Peripheral) -> None:
        """Other things that advertise: phones, headphones, batteries made by hand."""
        with self._changing:
            self._devices = (*self._devices, *devices)
            self.peripherals = self._all_peripherals()

    def advertising(self) -> tuple[Peripheral, ...]:
        """Everything that advertises now: a connected device is silent."""
        return tuple(device for device in self.peripherals if device.address not in self.open_links)

    def find(self, address: str) -> Peripheral | None:
        return next((device for device in self.peripherals if device.address == address), None)

    def open_link(self, address: str) -> None:
        """Called by the backend; counts towards `heals_after_links`."""
        with self._changing:
            self.open_links |= {address}
            for key, battery in self._batteries.items():
                if any(own.address == address for own in peripherals_of(battery, self.timings)[:1]):  # a second one is somebody else
                    self._links[key] += 1
                    if battery.heals_after_links is not None and self._links[key] >= battery.heals_after_links:
                        self.put(replace(battery, faults=frozenset(), heals_after_links=None))

    def close_link(self, address: str) -> None:
        """Called by the backend."""
        with self._changing:
            self.open_links -= {address}

    def _all_peripherals(self) -> tuple[Peripheral, ...]:
        simulated = (device for battery in self._batteries.values() for device in peripherals_of(battery, self.timings))
        return (*simulated, *self._devices)


# ---------------------------------------------------------------- the file of batteries

_REQUIRED = ("asset_id", "protocol", "kwh_remaining", "voltage")
_OPTIONAL = ("soc_percent", "temperature_celsius", "rssi", "faults", "problem_code")
_MAX_WHOLE = 1 << 64
_KINDS = {str: mark("it must be a text"), Decimal: mark("it must be a number"), list: mark("it must be a list")}


def load_batteries(path: Path) -> tuple[SimulatedBattery, ...]:
    """The batteries of a file, in its order. `soc_percent`, `temperature_celsius` (25), `rssi` (-60), `faults` and `problem_code` may be
    left out.

    Raises BadInput.
    """
    try:
        entries = json.loads(path.read_text("utf-8"), parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse_constant)
    except OSError as error:
        raise BadInput(str(path), error.strerror or tr("it cannot be read")) from error
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise BadInput(str(path), tr("it is not JSON: {error}", error=error)) from error
    if not isinstance(entries, list):
        raise BadInput(str(path), tr("it must be a list of batteries"))
    batteries: dict[str, SimulatedBattery] = {}
    for index, entry in enumerate(entries):
        where = f"{path}[{index}]"
        battery = _battery(entry, where)
        key = normalise_id(battery.asset_id)
        refuse(f"{where}.asset_id", tr("{id} stands there twice", id=repr(battery.asset_id)), unless=key not in batteries)
        batteries[key] = battery
    return tuple(batteries.values())


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _battery(entry: object, where: str) -> SimulatedBattery:
    if not isinstance(entry, dict):
        raise BadInput(where, tr("it must be an object"))
    for key in entry:
        refuse(f"{where}.{key}", tr("it is not a key of a simulated battery"), unless=key in (*_REQUIRED, *_OPTIONAL))
    for key in _REQUIRED:
        refuse(f"{where}.{key}", tr("it is missing"), unless=key in entry)
    soc, rssi = entry.get("soc_percent"), _whole(entry, "rssi", where, -60)
    try:
        return SimulatedBattery(
            asset_id=_value(str, entry, "asset_id", where),
            protocol=_value(str, entry, "protocol", where),
            kwh_remaining=_value(Decimal, entry, "kwh_remaining", where),
            voltage=_value(Decimal, entry, "voltage", where),
            soc_percent=None if soc is None else _value(Decimal, entry, "soc_percent", where),
            temperature_celsius=_value(Decimal, entry, "temperature_celsius", where, Decimal(25)),
            rssi=rssi if abs(rssi) < 1000 else 1000,
            problem_code=_whole(entry, "problem_code", where, 0),
            faults=_faults(_value(list, entry, "faults", where, []), where),
        )
    except BadInput as refused:
        prefix = "" if refused.where.startswith(where) else f"{where}."
        raise BadInput(f"{prefix}{refused.where}", refused.reason) from refused


def _value[T](kind: type[T], entry: Mapping[str, object], key: str, where: str, default: T | None = None) -> T:
    value = entry.get(key, default)
    if not isinstance(value, kind):
        raise BadInput(f"{where}.{key}", tr(_KINDS[kind]))
    return value


def _whole(entry: Mapping[str, object], key: str, where: str, default: int) -> int:
    value = _value(Decimal, entry, key, where, Decimal(default))
    refuse(f"{where}.{key}", tr("it must be a whole number"), unless=abs(value) < _MAX_WHOLE and value == value.to_integral_value())
    return int(value)


def _faults(names: list[Any], where: str) -> frozenset[Fault]:
    known = [fault.value for fault in Fault]
    for name in names:
        words = tr("{name} is not one of {known}", name=repr(name), known=", ".join(known))
        refuse(f"{where}.faults", words, unless=name in known)
    return frozenset(Fault(name) for name in names)
