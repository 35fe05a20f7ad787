"""Which kinds of battery there are: the files of `protocols`, and the kinds that the commodity library (aiobmsble) reads.

The files are listed by `pkgutil`, which works in a folder, in a zip archive and in a frozen program alike. A file that is not a complete
description raises TypeError when the kiosk starts, and so does a program without any. bleak and the library are imported only when an
advertisement or a reading needs them: the library takes a quarter of a second, so `load_kinds` is called first beside the loop.

The library's exact matching is slow, so it is asked only where the plain parts of a matcher agree. When two of its kinds match, the first
by name is taken, so that it is the same one every time.
"""

import pkgutil
import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kiosk.station.adapters.bluetooth import protocols
from kiosk.station.adapters.bluetooth.battery_protocol import Advertisement, BatteryProtocol

if TYPE_CHECKING:
    from aiobmsble import MatcherPattern
    from aiobmsble.basebms import BaseBMS

FALLBACK = "oves"
"""Reads a device that advertises nothing known: OVES batteries have been seen under other names, and their services tell them apart."""

_SUFFIX = "_bms"
_NOT_BATTERIES = frozenset({"dummy"})  # the library's example
_NO_SIGNAL = -127


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
    return tuple(dict.fromkeys((*own_protocols(), *commodity_names())))


def protocol_of(advertisement: Advertisement) -> str:
    """The kind of battery that a device is, by what it advertises; "" when it is none known here. Our own descriptions come first."""
    own = (each.name for each in own_protocols().values() if each.matches is not None and each.matches(advertisement))
    return next(own, None) or find_kind(advertisement)


def has_name_only(name: str) -> bool:
    """Whether batteries of this kind have no id but the name that they advertise; False where the kind is not known ("")."""
    own = own_protocols().get(name)
    return bool(name) and not (own is not None and own.has_own_id)


def is_battery_service(uuid: str) -> bool:
    """Whether a GATT service belongs to a maker of batteries."""
    return any(each.is_own_uuid is not None and each.is_own_uuid(uuid) for each in own_protocols().values())


# ---------------------------------------------------------------- the kinds of the commodity library


def protocol_name(module: str) -> str:
    """The name of a kind as configuration and readings spell it: that of the library's module, but "jk" for Jikong."""
    name = module.rpartition(".")[2].removesuffix(_SUFFIX)
    return "jk" if name == "jikong" else name


@cache
def commodity_names() -> tuple[str, ...]:
    """All of them in alphabetical order; none where the library is not installed, as on a machine of the platform."""
    library = find_spec("aiobmsble")
    folders = [str(Path(each) / "bms") for each in (library.submodule_search_locations or ())] if library else []
    names = {protocol_name(each.name) for each in pkgutil.iter_modules(folders) if each.name.endswith(_SUFFIX)}
    return tuple(sorted(names - _NOT_BATTERIES))


@cache
def load_kinds() -> "dict[str, type[BaseBMS]]":
    """Every kind that the library knows, by protocol name, in the order of the names."""
    from aiobmsble.utils import load_bms_plugins

    kinds = {protocol_name(module.__name__): module.BMS for module in load_bms_plugins()}
    return {name: kinds[name] for name in commodity_names()}


class _Hint(NamedTuple):
    """The plain parts of a matcher; what it does not ask for is None or ""."""

    protocol: str
    kind: "type[BaseBMS]"
    manufacturer: int | None
    service: str
    oui: str
    name: str

    def may_match(self, seen: Advertisement) -> bool:
        return (
            (self.manufacturer is None or self.manufacturer in seen.manufacturer_data)
            and (not self.service or self.service in seen.service_uuids)
            and seen.address.lower().startswith(self.oui)
            and seen.name.startswith(self.name)
        )


@cache
def _hints() -> tuple[_Hint, ...]:
    return tuple(_hint(name, kind, matcher) for name, kind in load_kinds().items() for matcher in kind.matcher_dict_list())


def _hint(protocol: str, kind: "type[BaseBMS]", matcher: "MatcherPattern") -> _Hint:
    return _Hint(
        protocol=protocol,
        kind=kind,
        manufacturer=matcher.get("manufacturer_id"),
        service=matcher.get("service_uuid", ""),
        oui=matcher.get("oui", "").lower(),
        name=re.split(r"[*?[]", matcher.get("local_name", ""), maxsplit=1)[0],
    )


def find_kind(seen: Advertisement) -> str:
    """The protocol name of the commodity battery that advertises this, "" when it is none."""
    from aiobmsble.utils import bms_supported
    from bleak.backends.scanner import AdvertisementData

    makers, services = dict(seen.manufacturer_data), dict(seen.service_data)
    data = AdvertisementData(seen.name or None, makers, services, list(seen.service_uuids), None, _NO_SIGNAL, ())
    hinted = {hint.protocol: hint.kind for hint in _hints() if hint.may_match(seen)}  # in the order of the names
    for protocol, kind in hinted.items():
        if bms_supported(kind, data, seen.address):  # type: ignore[arg-type]  # it is annotated as an instance and used as a class
            return protocol
    return ""
