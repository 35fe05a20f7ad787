"""Which pack wears which sticker: a battery's id, the Bluetooth address of the pack inside, and what is known of it (decision 84).

A name is no identity: makers ship many packs under one name. A bound battery is known by its address, and by the serial of its BMS where
it tells one. Unique both ways: one id has one address, and one address one id.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.errors import BadInput, BindingTaken
from kiosk.domain.language import tr
from kiosk.domain.people import is_badge

_HEX_PAIRS = re.compile(r"[0-9A-F]{2}(?:[:\-.]?[0-9A-F]{2}){5}")
_UUID = re.compile(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}")  # what macOS tells in place of an address


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """One battery that is bound. `battery_id` is normalised, `address` as `normalise_address` gives it, `family` the protocol that reads
    it, `serial` its BMS's own, "" where it tells none. `has_secret` where a password is kept for it. `bound_at` is aware.
    """

    battery_id: str
    address: str
    family: str
    bound_at: datetime
    serial: str = ""
    has_secret: bool = False
    bound_by: str = ""
    station_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """An id and an address that are bound to each other."""

    battery_id: str
    address: str

    def __str__(self) -> str:
        return f"{self.battery_id} ({self.address})"


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingChange:
    """What a person did to one battery: bound it, or unbound it where `binding` is None. `change_id` is made once, so that what is sent
    again is known. `replaces` are the bindings that the person has seen and that this ends: another that it does not name stays.
    """

    change_id: str
    battery_id: str
    binding: Binding | None
    at: datetime
    by: str
    station_id: str = ""
    note: str = ""
    replaces: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldBindings:
    """A page of the platform's table: what was bound or bound anew since a cursor, the ids of what was unbound, and the cursor after it."""

    bindings: tuple[Binding, ...]
    unbound: tuple[str, ...]
    cursor: str
    more: bool


def pair_of(binding: Binding) -> Pair:
    """Its id and its address."""
    return Pair(battery_id=binding.battery_id, address=binding.address)


def standing_in_the_way(wanted: Binding, *known: Binding | None) -> tuple[Binding, ...]:
    """Those of the known bindings that cannot stand beside the wanted one: of its id or its address, but not of both; of both, where the
    packs there tell two serials."""
    return tuple(each for each in known if each is not None and _excludes(each, wanted))


def _excludes(known: Binding, wanted: Binding) -> bool:
    if pair_of(known) == pair_of(wanted):
        return bool(known.serial and wanted.serial) and known.serial != wanted.serial
    return known.battery_id == wanted.battery_id or known.address == wanted.address


def taken_error(wanted: Binding, standing: Sequence[Binding]) -> BindingTaken:
    """What is raised for a binding that these stand in the way of."""
    words = tuple(
        tr("{pair}, by {name} at {station}", pair=pair_of(each), name=each.bound_by, station=each.station_id) for each in standing
    )
    return BindingTaken(wanted.battery_id, wanted.address, words)


def completed_by(wanted: Binding, known: Binding | None) -> Binding:
    """What was known of the same pack stays known where the wanted binding does not say it: family, serial, that it has a secret."""
    if known is None or pair_of(known) != pair_of(wanted):
        return wanted
    return replace(
        wanted, family=wanted.family or known.family, serial=wanted.serial or known.serial, has_secret=wanted.has_secret or known.has_secret
    )


def says_nothing_new(wanted: Binding, known: Binding | None) -> bool:
    """Whether the same pack is bound to the same id already, with all that the wanted binding says."""
    return known is not None and pair_of(known) == pair_of(wanted) and (known.family, known.serial) == (wanted.family, wanted.serial)


def is_private(address: str, *, is_random: bool) -> bool:
    """Whether the pack changes this address by itself, so that nothing can be bound to it: one of Bluetooth's random addresses whose two
    highest bits are not 11, which would say that it stays.
    """
    return is_random and int(address[:1] or "0", 16) < 0xC


@dataclass(frozen=True, slots=True, kw_only=True)
class Sticker:
    """What a sticker says: the id, the address, or both; "" for what it does not."""

    battery_id: str = ""
    address: str = ""


def read_sticker(text: str) -> Sticker:
    """A scanned or typed sticker, whose code may hold the pack's address in any spelling, alone or beside the id: `BAT-1;C8478C001001`.

    Where nothing in it is an address all of it is the id; twelve digits without a letter and without a separator are an id. A badge holds
    neither.
    """
    if is_badge(text):
        return Sticker()
    parts = [each for each in (part.strip(":") for part in _BETWEEN.split(text.strip("<>\0"))) if each]
    found = [each for each in parts if address_of(each) and not each.isdecimal()]
    others = [each for each in parts if each not in found and each.upper() not in _LABELS]
    if len(found) == 1:
        return Sticker(battery_id=normalise_id(" ".join(others)), address=address_of(found[0]))
    return Sticker(battery_id=normalise_id(text))


_BETWEEN = re.compile(r'[\s;,|={}"]+')
_LABELS = frozenset({"ID", "ASSET_ID", "BATTERY_ID", "MAC", "BLE", "BT", "ADDR", "ADDRESS"})


def address_of(text: str) -> str:
    """The address that `text` is in any spelling (colons, dashes, none of both, small letters), "" where it is none."""
    upper = text.strip().upper()
    if _UUID.fullmatch(upper):
        return upper
    if not _HEX_PAIRS.fullmatch(upper):
        return ""
    digits = re.sub(r"[^0-9A-F]", "", upper)
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def is_hardware_address(text: str) -> bool:
    """Whether it is surely an address, and the pack's own: twelve digits in pairs, with signs between them. Without signs it may be an id
    as well, and a UUID is what one computer calls the pack.
    """
    address = address_of(text)
    return ":" in address and len(text.strip()) == len(address)


def is_address_label(text: str) -> bool:
    """Whether a code that was scanned is an address: twelve digits alone may be anything, unless one of them is a letter."""
    return bool(address_of(text)) and not text.strip().isdecimal()


def normalise_address(text: str) -> str:
    """`C8:47:8C:00:10:01`. Raises BadInput for what is no Bluetooth address."""
    address = address_of(text)
    if not address:
        raise BadInput("address", tr("{text} is not a Bluetooth address: twelve digits, like C8:47:8C:00:10:01", text=repr(text[:64])))
    return address
