"""Whether a reading and the last one known of the same battery can both be true. Pure.

A doubt stops nothing: it is shown before the swap is completed, and a person decides. Only what both readings tell is judged; what one
of them does not tell is no ground for doubt. What says that it is another pack comes first. The rules, each with room for what batteries,
stations and clocks really do:

- CLOCK: the last known reading is later than this one by more than the clocks of two stations may differ. Nothing else is judged then.
- CHARGED, DRAINED: the energy rose or fell faster than any charger or motor of the fleet could do it (`FitnessLimits.most_charge_kw`,
  `most_discharge_kw`), beyond the error of two readings.
- SERIAL: the BMS tells another serial.
- ADDRESS: it was read at another Bluetooth address. (Where both are such addresses: macOS tells one that it makes up itself.)
- CYCLES: fewer cycles than before, or more than that time has room for.
- CAPACITY: their full charge differs by more than a battery ages or a BMS corrects itself: two packs under one id, or a bad reading.
- ELSEWHERE: another station read it so short a time ago that it cannot have been brought here.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from kiosk.domain.battery.battery import BatteryTelemetry, FitnessLimits
from kiosk.domain.battery.binding import is_hardware_address

CLOCKS_APART = timedelta(minutes=2)  # how much the clocks of two stations may differ
MIN_RIDE = timedelta(minutes=3)  # no two stations are nearer to each other, whatever the clocks say
_ERROR_KWH = Decimal("0.1")
_ERROR_SHARE = Decimal("0.05")  # of the full charge: a BMS corrects its count by as much when it is full or empty
_ERROR_SHARE_ESTIMATED = Decimal("0.15")
_CAPACITY_SHARE = Decimal("0.2")
_CYCLES_AT_ONCE = 2  # a BMS counts one when it is full, and may count late
_SECONDS_AN_HOUR = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownReading:
    """A reading made earlier and the station that made it, "" where it is unknown."""

    reading: BatteryTelemetry
    station_id: str = ""


class DoubtKind(StrEnum):
    """Which rule the two readings break."""

    CLOCK = "clock"
    CHARGED = "charged"
    DRAINED = "drained"
    SERIAL = "serial"
    ADDRESS = "address"
    CYCLES = "cycles"
    CAPACITY = "capacity"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """`now` and `before` cannot both be true."""

    kind: DoubtKind
    now: BatteryTelemetry
    before: KnownReading


def doubts_of(now: BatteryTelemetry, before: KnownReading, limits: FitnessLimits, station_id: str) -> tuple[Doubt, ...]:
    """Every doubt about `now`, read at `station_id`, after `before`; none is the rule."""
    if before.reading.timestamp - now.timestamp > CLOCKS_APART:
        kinds: tuple[DoubtKind | None, ...] = (DoubtKind.CLOCK,)
    else:
        apart = abs(now.timestamp - before.reading.timestamp) + CLOCKS_APART
        elsewhere = bool(before.station_id) and before.station_id.casefold() != station_id.casefold()
        kinds = (
            DoubtKind.SERIAL if _differ(now.serial, before.reading.serial) else None,
            DoubtKind.ADDRESS if _differ(_hardware(now), _hardware(before.reading)) else None,
            _pace(now, before.reading, apart, limits),
            DoubtKind.CYCLES if _other_cycles(now, before.reading, apart) else None,
            DoubtKind.CAPACITY if _other_capacity(now, before.reading) else None,
            DoubtKind.ELSEWHERE if elsewhere and apart < MIN_RIDE else None,
        )
    return tuple(Doubt(kind=kind, now=now, before=before) for kind in kinds if kind is not None)


def _differ(now: str, before: str) -> bool:
    return bool(now and before) and now.casefold() != before.casefold()


def _hardware(reading: BatteryTelemetry) -> str:
    return reading.address if is_hardware_address(reading.address) else ""


def _other_cycles(now: BatteryTelemetry, before: BatteryTelemetry, apart: timedelta) -> bool:
    if now.cycles is None or before.cycles is None:
        return False
    return not 0 <= now.cycles - before.cycles <= _CYCLES_AT_ONCE + apart // timedelta(hours=1)


def _pace(now: BatteryTelemetry, before: BatteryTelemetry, apart: timedelta, limits: FitnessLimits) -> DoubtKind | None:
    """`apart` is the longest time that can have passed between the two."""
    if now.kwh_remaining is None or before.kwh_remaining is None:
        return None
    gained = now.kwh_remaining - before.kwh_remaining
    hours = Decimal(apart // timedelta(seconds=1)) / _SECONDS_AN_HOUR
    error = _error(now, before)
    if gained > limits.most_charge_kw * hours + error:
        return DoubtKind.CHARGED
    return DoubtKind.DRAINED if -gained > limits.most_discharge_kw * hours + error else None


def _error(now: BatteryTelemetry, before: BatteryTelemetry) -> Decimal:
    """By how much two right readings may disagree, in kWh."""
    known = (now.full_kwh, before.full_kwh, now.kwh_remaining, before.kwh_remaining)
    full = max(each for each in (*known, Decimal(0)) if each is not None)
    return _ERROR_KWH + full * (_ERROR_SHARE_ESTIMATED if now.estimated or before.estimated else _ERROR_SHARE)


def _other_capacity(now: BatteryTelemetry, before: BatteryTelemetry) -> bool:
    now_full, full = now.full_kwh, before.full_kwh
    return now_full is not None and full is not None and abs(now_full - full) > _CAPACITY_SHARE * max(now_full, full)
