"""Which pack wears which sticker: a battery's id, the Bluetooth address of the pack inside, and what is known of it (decision 84).

A name is no identity: makers ship many packs under one name. A bound battery is known by its address, and by the serial of its BMS where
it tells one. Unique both ways: one id has one address, and one address one id.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr

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
