"""Simulated batteries: what a battery is to be (kWh, volts, faults), turned into the bytes that a real one would send.

They are simulated below the readers: everything above the bytes is the program's own code. What the protocol cannot carry is refused
when the battery is made, with BadInput (`where` is the key). A made battery that is read gives back its stated kWh to the watt hour.
"""

import re
import zlib
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from kiosk.adapters.scanner import oves
from kiosk.adapters.scanner.peripheral import Peripheral
from kiosk.adapters.scanner.wanted import TAIL_LENGTH
from kiosk.domain.battery import normalise_id
from kiosk.domain.errors import BadInput
from kiosk.domain.numbers import plain, to_watt_hours

_TYPICAL_FULL_MAH = (30_000, 45_000, oves.MOST_MAH)
_SOC_TOLERANCE_POINTS = 2  # a whole-percent state of charge and 16-bit capacities cannot agree better for every battery
_MOST_VOLTS = 1000  # above this one milliampere hour is more than a watt hour
_MOST_KWH = 1000
_MOST_ID_LENGTH = 64
_ID_WIDTH = 20
_HOT_CELSIUS = 68
_CONTRADICTION_POINTS = 50
_TWIN_NEARER_DB = 4
_DROP_AFTER_READS = 2
PROTOCOLS = (oves.PROTOCOL,)


class Fault(StrEnum):
    """What can be wrong with a simulated battery. The damage is done to its bytes or its link, several at once if so wanted."""

    UNREACHABLE = "unreachable"
    """Not heard at all: asleep, out of range, or someone else is connected to it."""
    SLOW = "slow"
    """Connects and answers, but takes about six seconds in all."""
    DROPS_LINK = "drops_link"
    """Every link is lost at the third value."""
    SILENT = "silent"
    """Connects and never answers."""
    BAD_FRAME = "bad_frame"
    """The voltage comes with too few bytes."""
    CONTRADICTORY = "contradictory"
    """Its state of charge is 50 points off its capacities."""
    HOT = "hot"
    """Its temperature is 68 °C."""
    WRONG_ID = "wrong_id"
    """The id inside is not the one its name ends with: every digit is one higher (BAT-12345 says BAT-23456)."""
    SAME_TAIL = "same_tail"
    """A second battery, nearer and with another id, ends in the same six characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds that simulated radio takes: how often a device is heard, a connection, a value; and the same for a slow battery."""

    advertise: float = 0.1
    connect: float = 0.15
    read: float = 0.01
    slow_connect: float = 4.0
    slow_read: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedBattery:
    """One battery in range. `soc_percent` is derived when it is None. `heals_after_links`: the faults vanish once it was connected to so
    many times (a reading tries a lost link twice); None keeps them. Raises BadInput for what the protocol cannot carry.
    """

    asset_id: str
    kwh_remaining: Decimal
    voltage: Decimal
    soc_percent: Decimal | None = None
    temperature_celsius: Decimal = Decimal(25)
    rssi: int = -60
    faults: frozenset[Fault] = frozenset()
    protocol: str = oves.PROTOCOL
    heals_after_links: int | None = None

    def __post_init__(self) -> None:
        _check_identity(self)
        charge_of(self)
        _check_surroundings(self)

    def with_faults(self, *faults: Fault) -> "SimulatedBattery":
        """The same battery with these faults only."""
        return replace(self, faults=frozenset(faults))


@dataclass(frozen=True, slots=True)
class Charge:
    """What the battery's registers hold."""

    millivolts: int
    remaining_mah: int
    full_mah: int
    soc_percent: int


def charge_of(battery: SimulatedBattery) -> Charge:
    """The registers from which a reader gets the stated kWh back. Raises BadInput."""
    millivolts = _millivolts(battery.voltage)
    remaining = _remaining_mah(battery.kwh_remaining, millivolts)
    soc = None if battery.soc_percent is None else _whole_percent(battery.soc_percent)
    full = _full_mah(remaining, soc)
    actual = Decimal(remaining * 100) / full
    if soc is not None and abs(actual - soc) > _SOC_TOLERANCE_POINTS:
        raise BadInput("soc_percent", f"{soc} % does not go with {remaining} mAh; {battery.protocol} carries at most {oves.MOST_MAH} mAh")
    return Charge(millivolts, remaining, full, _rounded(actual) if soc is None else soc)


def _check_identity(battery: SimulatedBattery) -> None:
    asset_id = battery.asset_id
    if battery.protocol not in PROTOCOLS:
        raise BadInput("protocol", f"{battery.protocol!r} is not simulated, only {', '.join(PROTOCOLS)}")
    if not normalise_id(asset_id) or normalise_id(asset_id) != asset_id.upper():
        raise BadInput("asset_id", f"{asset_id!r} is empty or padded")
    if len(asset_id) > _MOST_ID_LENGTH or not (asset_id.isascii() and asset_id.isprintable()):
        raise BadInput(
            "asset_id", f"{asset_id[:_MOST_ID_LENGTH]!r} cannot be carried: at most {_MOST_ID_LENGTH} printable ASCII characters"
        )


def _check_surroundings(battery: SimulatedBattery) -> None:
    celsius = battery.temperature_celsius
    if not celsius.is_finite() or not -273 <= celsius <= 1000:
        raise BadInput("temperature_celsius", f"{celsius} °C cannot be")
    if not -126 <= battery.rssi <= 20:
        raise BadInput("rssi", f"{battery.rssi} dBm cannot be")
    if battery.heals_after_links is not None and battery.heals_after_links < 1:
        raise BadInput("heals_after_links", "it must be at least 1")


def _millivolts(volts: Decimal) -> int:
    if not volts.is_finite() or not 0 < volts < _MOST_VOLTS or _rounded(volts.scaleb(3)) == 0:
        raise BadInput("voltage", f"{volts} V cannot be carried: it must be above 0 and below {_MOST_VOLTS}")
    return _rounded(volts.scaleb(3))


def _remaining_mah(kwh: Decimal, millivolts: int) -> int:
    if not kwh.is_finite() or not 0 <= kwh <= _MOST_KWH:
        raise BadInput("kwh_remaining", f"{kwh} kWh cannot be carried")
    exact = kwh.scaleb(9) / millivolts
    stated = to_watt_hours(kwh)
    near = sorted((int(exact), int(exact) + 1), key=lambda mah: abs(mah - exact))
    mah = next(mah for mah in near if to_watt_hours(Decimal(mah * millivolts).scaleb(-9)) == stated)
    if mah > oves.MOST_MAH:
        volts = plain(Decimal(millivolts).scaleb(-3))
        raise BadInput("kwh_remaining", f"{plain(kwh)} kWh at {volts} V is {mah} mAh; oves carries at most {oves.MOST_MAH}")
    return mah


def _whole_percent(soc: Decimal) -> int:
    if not soc.is_finite() or not 0 <= soc <= 100:
        raise BadInput("soc_percent", f"{soc} % cannot be")
    return _rounded(soc)


def _full_mah(remaining: int, soc: int | None) -> int:
    if soc is None:
        return next(mah for mah in _TYPICAL_FULL_MAH if mah >= remaining)
    if soc == 0 or remaining == 0:
        return oves.MOST_MAH
    return min(oves.MOST_MAH, _rounded(Decimal(remaining * 100) / soc))


def _rounded(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_UP))


# ---------------------------------------------------------------- what is in the air


def peripherals_of(battery: SimulatedBattery, pace: Pace) -> tuple[Peripheral, ...]:
    """The devices that this battery puts into the air: none when unreachable, two when another has the same tail."""
    if Fault.UNREACHABLE in battery.faults:
        return ()
    if Fault.SAME_TAIL not in battery.faults:
        return (_peripheral(battery, pace),)
    return (_peripheral(battery, pace), _peripheral(_twin_of(battery), pace))


def _twin_of(battery: SimulatedBattery) -> SimulatedBattery:
    tail = battery.asset_id[-TAIL_LENGTH:]
    nearer = min(battery.rssi + _TWIN_NEARER_DB, 20)
    half = to_watt_hours(battery.kwh_remaining / 2)
    return replace(battery, asset_id=f"TWIN{tail}", kwh_remaining=half, soc_percent=None, rssi=nearer, faults=frozenset())


def _peripheral(battery: SimulatedBattery, pace: Pace) -> Peripheral:
    charge, slow = charge_of(battery), Fault.SLOW in battery.faults
    tail = normalise_id(battery.asset_id)[-TAIL_LENGTH:]
    return Peripheral(
        address=_address(battery.asset_id),
        name=f"OVES BATT {_rounded(Decimal(charge.full_mah).scaleb(-3))}AH {tail}",
        rssi=battery.rssi,
        services=_services(battery, charge),
        connect_seconds=pace.slow_connect if slow else pace.connect,
        read_seconds=pace.slow_read if slow else pace.read,
        reads_before_drop=_DROP_AFTER_READS if Fault.DROPS_LINK in battery.faults else None,
        silent=Fault.SILENT in battery.faults,
    )


def _services(battery: SimulatedBattery, charge: Charge) -> dict[str, dict[str, bytes]]:
    own_id = _other_id(battery.asset_id) if Fault.WRONG_ID in battery.faults else battery.asset_id
    celsius = _HOT_CELSIUS if Fault.HOT in battery.faults else _rounded(battery.temperature_celsius)
    values = {
        oves.OPID: own_id.encode("ascii").ljust(_ID_WIDTH, b"\0"),
        oves.PPID: own_id.encode("ascii").ljust(_ID_WIDTH, b"<"),
        oves.PCKV: charge.millivolts.to_bytes(4, "little"),
        oves.RSOC: _told_soc(battery, charge).to_bytes(2, "little"),
        oves.RCAP: charge.remaining_mah.to_bytes(2, "little"),
        oves.FCCP: charge.full_mah.to_bytes(2, "little"),
        oves.PCKT: celsius.to_bytes(2, "little", signed=True),
    }
    if Fault.BAD_FRAME in battery.faults:
        values[oves.PCKV] = values[oves.PCKV][:2]
    return {service: {uuid: values[uuid] for uuid in uuids} for service, uuids in oves.SERVICES.items()}


def _told_soc(battery: SimulatedBattery, charge: Charge) -> int:
    if Fault.CONTRADICTORY not in battery.faults:
        return charge.soc_percent
    off = _CONTRADICTION_POINTS if charge.soc_percent < _CONTRADICTION_POINTS else -_CONTRADICTION_POINTS
    return charge.soc_percent + off


def _other_id(asset_id: str) -> str:
    other = re.sub(r"\d", lambda digit: str((int(digit[0]) + 1) % 10), asset_id)
    return other if other != asset_id else f"{asset_id}-OTHER"


def _address(asset_id: str) -> str:
    """The same address for the same battery in every run."""
    digits = f"C82E{zlib.crc32(asset_id.upper().encode()):08X}"
    return ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))
