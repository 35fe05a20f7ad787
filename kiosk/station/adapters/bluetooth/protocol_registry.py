"""Which kinds of battery there are: the files of `protocols`, and the kinds that the commodity library reads.

The files are listed by `pkgutil`, which works in a folder, in a zip archive and in a frozen program alike. A file that is not a complete
description raises TypeError when the kiosk starts, and so does a program without any. bleak and the library are imported only when an
advertisement or a reading needs them.
"""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from kiosk.station.adapters.bluetooth import protocols
from kiosk.station.adapters.bluetooth.battery_protocol import BatteryProtocol, ReadBattery
from kiosk.station.adapters.bluetooth.commodity.commodity_kinds import commodity_names
from kiosk.station.adapters.bluetooth.peripheral import Advertisement

FALLBACK = "oves"
"""Reads a device that advertises nothing known: OVES batteries have been seen under other names, and their services tell them apart."""


@cache
def own_protocols() -> Mapping[str, BatteryProtocol]:
    """The descriptions in `protocols` by their names, in alphabetical order. Raises TypeError."""
    found = {each.name: _load(each.name) for each in pkgutil.iter_modules(protocols.__path__)}
    if FALLBACK not in found:
        raise TypeError(f"{protocols.__name__} has no {FALLBACK}.py: the program is installed incompletely")
    return found


def _load(name: str) -> BatteryProtocol:
    module = import_module(f"{protocols.__name__}.{name}")
    protocol = getattr(module, "PROTOCOL", None)
    if not isinstance(protocol, BatteryProtocol):
        raise TypeError(f"{module.__name__} has no PROTOCOL = BatteryProtocol(...)")
    if protocol.name != name:
        raise TypeError(f"{module.__name__} calls its protocol {protocol.name!r}: it must have the name of its file")
    if (protocol.matches is None) != (protocol.read is None):
        raise TypeError(f"{module.__name__} has only one of `matches` and `read`")
    if protocol.read is None and name not in commodity_names():
        raise TypeError(f"{module.__name__} has no `read`, and the commodity library reads no {name!r}")
    return protocol


def protocol_names() -> tuple[str, ...]:
    """Every kind that can be read, as configuration spells it; those that only the library knows come last."""
    own = tuple(own_protocols())
    return (*own, *(each for each in commodity_names() if each not in own))


def protocol_of(advertisement: Advertisement) -> str:
    """The kind of battery that a device is, by what it advertises; "" when it is none known here. Our own descriptions come first."""
    for protocol in own_protocols().values():
        if protocol.matches is not None and protocol.matches(advertisement):
            return protocol.name
    from kiosk.station.adapters.bluetooth.commodity.commodity_kinds import find_kind

    return find_kind(advertisement)


def reader_of(name: str) -> ReadBattery:
    """What reads batteries of this kind; "" for a device of which nothing is known."""
    own = own_protocols().get(name or FALLBACK)
    if own is not None and own.read is not None:
        return own.read
    from kiosk.station.adapters.bluetooth.commodity.commodity_reader import read

    return read


def has_name_only(name: str) -> bool:
    """Whether batteries of this kind have no id but the name that they advertise; False where the kind is not known ("")."""
    own = own_protocols().get(name)
    return bool(name) and not (own is not None and own.has_own_id)


def is_battery_service(uuid: str) -> bool:
    """Whether a GATT service belongs to a maker of batteries."""
    return any(each.is_own_uuid is not None and each.is_own_uuid(uuid) for each in own_protocols().values())
