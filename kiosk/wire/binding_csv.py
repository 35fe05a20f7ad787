"""Bindings from a table of a spreadsheet: CSV in UTF-8 with the columns id, address, family, serial, in any order.

Every fault is a sentence with its line, and all of them are found at once. The address may be spelt in any way; family and serial may be
empty. An id or an address that stands twice is a fault of its second line.
"""

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.battery.binding import Binding, normalise_address
from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.wire.checked import id_fault

COLUMNS = ("id", "address", "family", "serial")
MAX_BYTES = 16_000_000
MAX_FAULTS = 100
MAX_SERIAL_LENGTH = 128
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingLine:
    """A binding, and the line of the file that says it."""

    line: int
    binding: Binding


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingFile:
    """What a file says; `faults` are sentences, at most MAX_FAULTS of them."""

    lines: tuple[BindingLine, ...]
    faults: tuple[str, ...]


def read_binding_file(content: bytes, families: Collection[str], by: str, at: datetime) -> BindingFile:
    """The bindings of a file, bound by whom and when. Faults are told, not raised."""
    try:
        rows = _rows(_text(content))
        places = _places(next(rows, (1, []))[1])
        return _read(rows, places, families, by, at)
    except BadInput as fault:
        return BindingFile(lines=(), faults=(_sentence(fault.where, fault.reason),))
    except csv.Error as fault:
        return BindingFile(lines=(), faults=(tr("The file is no CSV: {why}.", why=fault),))


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise BadInput("1", tr("the file is longer than {bytes} bytes", bytes=MAX_BYTES))
    if content.startswith(_UTF_16):
        raise BadInput("1", tr("the file is UTF-16 text; save it as CSV in UTF-8"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadInput(str(line), tr("it is not UTF-8 text; save the file as CSV in UTF-8")) from error


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, each with its line."""
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    for row in reader:
        if any(each.strip() for each in row):
            yield reader.line_num, [each.strip() for each in row]


def _places(header: list[str]) -> dict[str, int]:
    """Where each column stands. Raises BadInput."""
    named = [each.lower() for each in header]
    if len(named) == 1 and (";" in named[0] or "\t" in named[0]):
        raise BadInput("1", tr("the columns must be separated by commas"))
    if sorted(named) != sorted(COLUMNS):
        raise BadInput("1", tr("the columns must be {columns}", columns=", ".join(COLUMNS)))
    return {name: named.index(name) for name in COLUMNS}


def _read(rows: Iterator[tuple[int, list[str]]], places: dict[str, int], families: Collection[str], by: str, at: datetime) -> BindingFile:
    lines, faults, seen = list[BindingLine](), list[str](), dict[str, int]()
    for number, row in rows:
        try:
            binding = _binding(row, places, families, by, at)
            _check_once(binding, number, seen)
        except BadInput as fault:
            faults.append(_sentence(str(number), fault.reason))
        else:
            lines.append(BindingLine(line=number, binding=binding))
        if len(faults) == MAX_FAULTS:
            break
    if not lines and not faults:
        faults.append(_sentence("1", tr("no battery follows")))
    return BindingFile(lines=tuple(lines), faults=tuple(faults))


def _binding(row: list[str], places: dict[str, int], families: Collection[str], by: str, at: datetime) -> Binding:
    if len(row) != len(COLUMNS):
        raise BadInput("", tr("it has {count} columns and not {wanted}", count=len(row), wanted=len(COLUMNS)))
    told = {name: row[place] for name, place in places.items()}
    battery_id, family, serial = normalise_id(told["id"]), told["family"].lower(), told["serial"]
    fault = id_fault(battery_id)
    if fault:
        raise BadInput("", tr("the id {fault}", fault=fault))
    if family and family not in families:
        raise BadInput("", tr("{family} is not a kind of battery known here", family=repr(family[:64])))
    if len(serial) > MAX_SERIAL_LENGTH or not serial.isprintable():
        raise BadInput("", tr("the serial is too long or cannot be read"))
    address = normalise_address(told["address"])
    return Binding(battery_id=battery_id, address=address, family=family, serial=serial, bound_by=by, bound_at=at)


def _check_once(binding: Binding, number: int, seen: dict[str, int]) -> None:
    """An id may look like an address: each is remembered as what it is."""
    for shown, key in ((binding.battery_id, f"id {binding.battery_id}"), (binding.address, f"address {binding.address}")):
        first = seen.setdefault(key, number)
        if first != number:
            raise BadInput("", tr("{what} stands in line {first} already", what=shown, first=first))


def _sentence(line: str, reason: str) -> str:
    return tr("Line {line}: {reason}.", line=line, reason=reason)
