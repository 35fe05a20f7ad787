"""What the bytes of every simulated battery are made from, whatever its protocol: charge, faults, services and notifications. Pure.

What the registers of a protocol cannot hold is refused by `charge_of` with BadInput, whose `where` is the key.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import StrEnum

from kiosk.domain.decimals import plain, to_watt_hours
from kiosk.domain.errors import BadInput
from kiosk.domain.language import mark, tr
from kiosk.station.adapters.bluetooth.peripheral import Ability, Notification

_SOC_TOLERANCE_POINTS = 2  # a whole-percent state of charge and whole registers cannot agree better for every battery
_MAX_KWH = 1000
_CELL_VOLTS = Decimal("3.3")
_MAX_CELLS = 32
_USUAL_FULL_MAH = (30_000, 45_000, 60_000, 100_000, 200_000, 280_000, 400_000, 600_000)

NO_OWN_ID = mark("such a battery tells no id but its name")
CAN_NOTIFY: tuple[Ability, ...] = ("read", "notify")
CAN_WRITE: tuple[Ability, ...] = ("read", "write", "write-without-response")


class Fault(StrEnum):
    """What can be wrong with a simulated battery. The damage is done to its bytes or its link, several at once if so wanted."""

    UNREACHABLE = "unreachable"
    """Not in range: asleep, out of range, or someone else is connected to it."""
    SLOW = "slow"
    """Connects and answers, but takes about six seconds in all."""
    DROPS_LINK = "drops_link"
    """Every link is lost: at the third value of an OVES battery, at the second question to any other."""
    SILENT = "silent"
    """Connects and never answers."""
    BAD_FRAME = "bad_frame"
    """An OVES battery sends too few bytes of its voltage, any other a wrong checksum."""
    CONTRADICTORY = "contradictory"
    """Its state of charge is 50 points off its capacities."""
    HOT = "hot"
    """Its temperature is 68 °C."""
    WRONG_ID = "wrong_id"
    """The id inside is not the one its name ends with: every digit is one higher (BAT-12345 says BAT-23456)."""
    SAME_TAIL = "same_tail"
    """A second battery, nearer and with another id, ends in the same six characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What the registers of a protocol count. `step_mv` None: any voltage is rounded to millivolts. `full_mah` are usual sizes."""

    step_mah: int = 1
    max_mah: int
    step_mv: int | None = None
    max_volts: int = 120
    min_celsius: int = -273
    full_mah: tuple[int, ...] = _USUAL_FULL_MAH


@dataclass(frozen=True, slots=True)
class Charge:
    """What the battery's registers hold."""

    millivolts: int
    remaining_mah: int
    full_mah: int
    soc_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedValues:
    """What a battery reports, its faults included but for `bad_frame`. `own_id` is the id that it reports where its protocol has one."""

    asset_id: str
    own_id: str
    charge: Charge
    reported_soc: int
    celsius: Decimal
    bad_frame: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedGatt:
    """What a battery advertises and answers. `address_head` are the first digits of its address where they tell the maker;
    `exchanges_before_drop` goes with `drops_link`, `notifications` with `slow`: how many make one answer.
    """

    name: str
    services: Mapping[str, Mapping[str, bytes]]
    address_head: str = "C82E"
    properties: Mapping[str, tuple[Ability, ...]] = field(default_factory=dict)
    manufacturer_data: Mapping[int, bytes] = field(default_factory=dict)
    on_write: Callable[[str, bytes], Sequence[Notification]] | None = None
    exchanges_before_drop: int = 1
    notifications: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedProtocol:
    """How a kind of battery is simulated: `build` gives the bytes for values that `resolution` can hold. `without` are the faults that such
    a battery cannot have, each with the reason; `max_id_length` is what its advertisement has room for.
    """

    resolution: Resolution
    build: Callable[[SimulatedValues], SimulatedGatt]
    without: Mapping[Fault, str] = field(default_factory=dict)
    max_id_length: int = 29


def charge_of(kwh: Decimal, voltage: Decimal, soc_percent: Decimal | None, protocol: str, counts: Resolution) -> Charge:
    """The registers from which a reader gets the stated kWh back. Raises BadInput."""
    millivolts = _millivolts(voltage, protocol, counts)
    remaining = _remaining_mah(kwh, millivolts, protocol, counts)
    soc = None if soc_percent is None else _whole_percent(soc_percent)
    full = _full_mah(remaining, soc, counts)
    actual = Decimal(remaining * 100) / full
    if soc is not None and abs(actual - soc) > _SOC_TOLERANCE_POINTS:
        raise BadInput(
            "soc_percent",
            tr(
                "{soc} % does not go with {mah} mAh; {protocol} carries at most {limit} mAh",
                soc=soc,
                mah=remaining,
                protocol=protocol,
                limit=counts.max_mah,
            ),
        )
    return Charge(millivolts, remaining, full, round_half_up(actual) if soc is None else soc)


def carried_below(kwh: Decimal, millivolts: int, counts: Resolution) -> Decimal:
    """The nearest energy, not above this one, that the registers carry; in whole watt hours."""
    steps = (kwh.scaleb(9) / millivolts / counts.step_mah).to_integral_value(ROUND_FLOOR)
    return to_watt_hours((steps * counts.step_mah * millivolts).scaleb(-9))


def _millivolts(volts: Decimal, protocol: str, counts: Resolution) -> int:
    if not volts.is_finite() or not 0 < volts < counts.max_volts or round_half_up(volts.scaleb(3)) == 0:
        raise BadInput(
            "voltage", tr("{volts} V cannot be carried: it must be above 0 and below {limit}", volts=volts, limit=counts.max_volts)
        )
    step = counts.step_mv
    if step is not None and volts.scaleb(3) % step != 0:
        raise BadInput("voltage", tr("{volts} V cannot be carried: {protocol} counts {step} mV", volts=volts, protocol=protocol, step=step))
    return round_half_up(volts.scaleb(3))


def _remaining_mah(kwh: Decimal, millivolts: int, protocol: str, counts: Resolution) -> int:
    if not kwh.is_finite() or not 0 <= kwh <= _MAX_KWH:
        raise BadInput("kwh_remaining", tr("{kwh} kWh cannot be carried", kwh=kwh))
    exact, volts = kwh.scaleb(9) / millivolts, plain(Decimal(millivolts).scaleb(-3))
    below = int(exact / counts.step_mah) * counts.step_mah
    near = sorted((below, below + counts.step_mah), key=lambda mah: abs(mah - exact))
    stated = to_watt_hours(kwh)
    mah = next((mah for mah in near if _kwh(mah, millivolts) == stated), None)
    if mah is None:
        nearest = tr("{low} or {high}", low=plain(_kwh(below, millivolts)), high=plain(_kwh(below + counts.step_mah, millivolts)))
        raise BadInput(
            "kwh_remaining",
            tr(
                "{kwh} kWh at {volts} V cannot be carried; {protocol} could say {nearest}",
                kwh=plain(kwh),
                volts=volts,
                protocol=protocol,
                nearest=nearest,
            ),
        )
    if mah > counts.max_mah:
        raise BadInput(
            "kwh_remaining",
            tr(
                "{kwh} kWh at {volts} V is {mah} mAh; {protocol} carries at most {limit}",
                kwh=plain(kwh),
                volts=volts,
                mah=mah,
                protocol=protocol,
                limit=counts.max_mah,
            ),
        )
    return mah


def _kwh(mah: int, millivolts: int) -> Decimal:
    return to_watt_hours(Decimal(mah * millivolts).scaleb(-9))


def _whole_percent(soc: Decimal) -> int:
    if not soc.is_finite() or not 0 <= soc <= 100:
        raise BadInput("soc_percent", tr("{soc} % cannot be", soc=soc))
    return round_half_up(soc)


def _full_mah(remaining: int, soc: int | None, counts: Resolution) -> int:
    if soc is None:
        return next(mah for mah in (*counts.full_mah, counts.max_mah) if mah >= remaining)
    if soc == 0 or remaining == 0:
        return counts.full_mah[-1]
    return min(counts.max_mah, round_half_up(Decimal(remaining * 100) / soc / counts.step_mah) * counts.step_mah)


def round_half_up(value: Decimal) -> int:
    """The nearest whole number, halves up."""
    return int(value.to_integral_value(ROUND_HALF_UP))


def cells_of(millivolts: int) -> list[int]:
    """Cell voltages in millivolts that add up to the pack's."""
    count = min(_MAX_CELLS, max(1, round_half_up(Decimal(millivolts).scaleb(-3) / _CELL_VOLTS)))
    each, over = divmod(millivolts, count)
    return [each + 1] * over + [each] * (count - over)


def uuid_of(short: int) -> str:
    """A 16-bit UUID written out."""
    return f"0000{short:04x}-0000-1000-8000-00805f9b34fb"


def chunks(uuid: str, frame: bytes, size: int) -> list[Notification]:
    """A frame as the notifications that carry it."""
    return [(uuid, frame[at : at + size]) for at in range(0, len(frame), size)]
