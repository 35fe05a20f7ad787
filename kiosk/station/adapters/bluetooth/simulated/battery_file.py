"""The file of simulated batteries (contract, "Configuration").

Anything wrong with it is BadInput with file, place and reason: unreadable or no JSON, unknown or missing keys, wrong types, unknown
faults, an id twice, and what the protocol cannot carry. Numbers are decimals from the text on; NaN and Infinity are refused.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.station.adapters.bluetooth.simulated.simulated_battery import Fault, SimulatedBattery

_REQUIRED = ("asset_id", "protocol", "kwh_remaining", "voltage")
_OPTIONAL = ("soc_percent", "temperature_celsius", "rssi", "faults")


def load_batteries(path: Path) -> tuple[SimulatedBattery, ...]:
    """The batteries of a file, in its order. `soc_percent`, `temperature_celsius` (25), `rssi` (-60) and `faults` may be left out.

    Raises BadInput.
    """
    entries = _parse(path)
    if not isinstance(entries, list):
        raise BadInput(str(path), tr("it must be a list of batteries"))
    batteries: dict[str, SimulatedBattery] = {}
    for index, entry in enumerate(entries):
        where = f"{path}[{index}]"
        battery = _battery(entry, where)
        if normalise_id(battery.asset_id) in batteries:
            raise BadInput(f"{where}.asset_id", tr("{id} stands there twice", id=repr(battery.asset_id)))
        batteries[normalise_id(battery.asset_id)] = battery
    return tuple(batteries.values())


def _parse(path: Path) -> object:
    try:
        return json.loads(path.read_text("utf-8"), parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse_constant)
    except OSError as error:
        raise BadInput(str(path), error.strerror or tr("it cannot be read")) from error
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise BadInput(str(path), tr("it is not JSON: {error}", error=error)) from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _battery(entry: object, where: str) -> SimulatedBattery:
    if not isinstance(entry, dict):
        raise BadInput(where, tr("it must be an object"))
    _check_keys(entry, where)
    soc, rssi = entry.get("soc_percent"), _number(entry, "rssi", where, Decimal(-60))
    if rssi != rssi.to_integral_value():
        raise BadInput(f"{where}.rssi", tr("it must be a whole number"))
    try:
        return SimulatedBattery(
            asset_id=_text(entry, "asset_id", where),
            protocol=_text(entry, "protocol", where),
            kwh_remaining=_number(entry, "kwh_remaining", where),
            voltage=_number(entry, "voltage", where),
            soc_percent=None if soc is None else _number(entry, "soc_percent", where),
            temperature_celsius=_number(entry, "temperature_celsius", where, Decimal(25)),
            rssi=int(rssi) if abs(rssi) < 1000 else 1000,
            faults=_faults(entry.get("faults", []), where),
        )
    except BadInput as refused:
        prefix = "" if refused.where.startswith(where) else f"{where}."
        raise BadInput(f"{prefix}{refused.where}", refused.reason) from refused


def _check_keys(entry: Mapping[str, object], where: str) -> None:
    for key in entry:
        if key not in (*_REQUIRED, *_OPTIONAL):
            raise BadInput(f"{where}.{key}", tr("it is not a key of a simulated battery"))
    for key in _REQUIRED:
        if key not in entry:
            raise BadInput(f"{where}.{key}", tr("it is missing"))


def _text(entry: Mapping[str, object], key: str, where: str) -> str:
    value = entry[key]
    if not isinstance(value, str):
        raise BadInput(f"{where}.{key}", tr("it must be a text"))
    return value


def _number(entry: Mapping[str, object], key: str, where: str, default: Decimal | None = None) -> Decimal:
    value = entry.get(key, default)
    if not isinstance(value, Decimal):
        raise BadInput(f"{where}.{key}", tr("it must be a number"))
    return value


def _faults(value: object, where: str) -> frozenset[Fault]:
    if not isinstance(value, list):
        raise BadInput(f"{where}.faults", tr("it must be a list"))
    known = [fault.value for fault in Fault]
    for name in value:
        if name not in known:
            raise BadInput(f"{where}.faults", tr("{name} is not one of {known}", name=repr(name), known=", ".join(known)))
    return frozenset(Fault(name) for name in value)
