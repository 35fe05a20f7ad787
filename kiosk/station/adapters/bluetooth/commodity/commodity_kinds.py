"""Which commodity battery a device is, by aiobmsble's own matchers.

Pure once the library is loaded, which takes a quarter of a second: `load_kinds` does it beside the loop. The library's exact matching is
slow, so it is asked only where the plain parts of a matcher agree. When two kinds match, the first by name is taken, so that it is the
same one every time.
"""

import pkgutil
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from aiobmsble import MatcherPattern
from aiobmsble.basebms import BaseBMS
from aiobmsble.utils import bms_supported, load_bms_plugins
from bleak.backends.scanner import AdvertisementData

from kiosk.station.adapters.bluetooth.peripheral import Advertisement

_SUFFIX = "_bms"
_NOT_BATTERIES = frozenset({"dummy"})  # the library's example
_SHORT_NAMES = {"jikong": "jk"}


def protocol_name(module: str) -> str:
    """The name of a kind as configuration and readings spell it: that of the library's module, but "jk" for Jikong."""
    name = module.rpartition(".")[2].removesuffix(_SUFFIX)
    return _SHORT_NAMES.get(name, name)


@cache
def commodity_names() -> tuple[str, ...]:
    """All of them in alphabetical order; none where the library is not installed, as on a machine of the platform."""
    library = find_spec("aiobmsble")
    folders = [str(Path(each) / "bms") for each in (library.submodule_search_locations or ())] if library else []
    names = {protocol_name(each.name) for each in pkgutil.iter_modules(folders) if each.name.endswith(_SUFFIX)}
    return tuple(sorted(names - _NOT_BATTERIES))


_WILDCARDS = "*?["
_NO_SIGNAL = -127


class _Hint(NamedTuple):
    """The plain parts of a matcher; what it does not ask for is None or ""."""

    protocol: str
    kind: type[BaseBMS]
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
def load_kinds() -> dict[str, type[BaseBMS]]:
    """Every kind that the library knows, by protocol name, in the order of the names."""
    kinds = {protocol_name(module.__name__): module.BMS for module in load_bms_plugins()}
    return {name: kinds[name] for name in commodity_names()}


@cache
def _hints() -> tuple[_Hint, ...]:
    return tuple(_hint(name, kind, matcher) for name, kind in load_kinds().items() for matcher in kind.matcher_dict_list())


def _hint(protocol: str, kind: type[BaseBMS], matcher: MatcherPattern) -> _Hint:
    pattern = matcher.get("local_name", "")
    plain = next((at for at, letter in enumerate(pattern) if letter in _WILDCARDS), len(pattern))
    return _Hint(
        protocol=protocol,
        kind=kind,
        manufacturer=matcher.get("manufacturer_id"),
        service=matcher.get("service_uuid", ""),
        oui=matcher.get("oui", "").lower(),
        name=pattern[:plain],
    )


def find_kind(seen: Advertisement) -> str:
    """The protocol name of the commodity battery that advertises this, "" when it is none."""
    makers, services = dict(seen.manufacturer_data), dict(seen.service_data)
    data = AdvertisementData(seen.name or None, makers, services, list(seen.service_uuids), None, _NO_SIGNAL, ())
    asked: set[str] = set()
    for hint in _hints():
        if hint.protocol not in asked and hint.may_match(seen):
            asked.add(hint.protocol)
            if bms_supported(hint.kind, data, seen.address):  # type: ignore[arg-type]  # it is annotated as an instance and used as a class
                return hint.protocol
    return ""
