"""Which kind of battery a device is, by what it advertises: OVES by its name, commodity kinds by aiobmsble's own matchers.

Pure once the library is loaded, which takes a quarter of a second: `load` does it beside the loop. A look at an advertisement is quick
enough for a crowded room, because the library's exact matching is asked only where the plain parts of a matcher agree. When two kinds
match, the first by name is taken, so that it is the same one every time.
"""

from functools import cache
from typing import NamedTuple

from aiobmsble import MatcherPattern
from aiobmsble.basebms import BaseBMS
from aiobmsble.utils import bms_supported, load_bms_plugins
from bleak.backends.scanner import AdvertisementData

from kiosk.station.adapters.bluetooth.protocols import oves

_NOT_BATTERIES = frozenset({"dummy"})  # the library's example
_SHORT_NAMES = {"jikong": "jk"}
_WILDCARDS = "*?["


class _Hint(NamedTuple):
    """The plain parts of a matcher; what it does not ask for is None or ""."""

    kind: type[BaseBMS]
    manufacturer: int | None
    service: str
    oui: str
    name: str

    def may_match(self, name: str, address: str, heard: AdvertisementData) -> bool:
        return (
            (self.manufacturer is None or self.manufacturer in heard.manufacturer_data)
            and (not self.service or self.service in heard.service_uuids)
            and address.lower().startswith(self.oui)
            and name.startswith(self.name)
        )


def protocol_name(kind: type[BaseBMS]) -> str:
    """The name of a kind as configuration and readings spell it: the library's, but "jk" for Jikong."""
    module = kind.__module__.rpartition(".")[2].removesuffix("_bms")
    return _SHORT_NAMES.get(module, module)


@cache
def load() -> dict[str, type[BaseBMS]]:
    """Every kind that the library knows, by protocol name, in the order of the names."""
    kinds = {protocol_name(module.BMS): module.BMS for module in load_bms_plugins()}
    return {name: kinds[name] for name in sorted(kinds) if name not in _NOT_BATTERIES}


@cache
def _hints() -> tuple[_Hint, ...]:
    return tuple(_hint(kind, matcher) for kind in load().values() for matcher in kind.matcher_dict_list())


def _hint(kind: type[BaseBMS], matcher: MatcherPattern) -> _Hint:
    pattern = matcher.get("local_name", "")
    plain = next((at for at, letter in enumerate(pattern) if letter in _WILDCARDS), len(pattern))
    return _Hint(
        kind=kind,
        manufacturer=matcher.get("manufacturer_id"),
        service=matcher.get("service_uuid", ""),
        oui=matcher.get("oui", "").lower(),
        name=pattern[:plain],
    )


def kind_of(name: str, address: str, heard: AdvertisementData) -> type[BaseBMS] | None:
    """The commodity kind of a device; `name` is its name where this advertisement carries none."""
    if not heard.local_name:
        heard = heard._replace(local_name=name)
    asked: set[type[BaseBMS]] = set()
    for hint in _hints():
        if hint.kind not in asked and hint.may_match(heard.local_name or "", address, heard):
            asked.add(hint.kind)
            if bms_supported(hint.kind, heard, address):  # type: ignore[arg-type]  # it is annotated as an instance and used as a class
                return hint.kind
    return None


def protocol_of(name: str, address: str, heard: AdvertisementData) -> str:
    """The name of a device's kind, "" when it is none that is known here. What is named like an OVES battery is one."""
    if oves.is_oves_name(name):
        return oves.PROTOCOL
    kind = kind_of(name, address, heard)
    return "" if kind is None else protocol_name(kind)
