"""A battery stops the swap."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kiosk.domain.adapter_fault import AdapterFault
from kiosk.domain.errors.kiosk_error import KioskError
from kiosk.domain.language import tr, tr_count
from kiosk.domain.read_obstacle import ReadObstacle


class BatteryError(KioskError):
    """The battery stops the swap."""


@dataclass(eq=False)
class BatteryUnreachable(BatteryError):
    """No answer within `seconds`; `heard_others` tells a silent battery from a stuck adapter. `fault` is set when more is known;
    `battery_id` is empty when no certain battery was looked for."""

    battery_id: str
    seconds: float
    heard_others: bool = True
    fault: AdapterFault | None = None


@dataclass(eq=False)
class BatteryUnbound(BatteryUnreachable):
    """No pack is bound to this id and none in range has it as its name; `packs` in range have only their maker's name: one of them may be
    it."""

    packs: int = 0


@dataclass(eq=False)
class BatteryUnreadable(BatteryError):
    """The battery answered, but its answer cannot be trusted; `reason` is a phrase."""

    battery_id: str
    reason: str


@dataclass(eq=False)
class BatteriesAlike(BatteryUnreadable):
    """`count` batteries in range say they are the battery `battery_id`, by their name or by their own id: none of them is guessed."""

    count: int

    @classmethod
    def of(cls, battery_id: str, count: int) -> "BatteriesAlike":
        """With the phrase that goes with it."""
        return cls(
            battery_id,
            tr_count(
                "{count} battery in range says it is {battery_id}",
                "{count} batteries in range say they are {battery_id}",
                count,
                battery_id=battery_id,
            ),
            count,
        )


@dataclass(eq=False)
class ReadingPrevented(BatteryUnreadable):
    """The battery is there and `obstacle` keeps it from being read. That says nothing about whether it is fit."""

    obstacle: ReadObstacle

    @classmethod
    def by(cls, obstacle: ReadObstacle, battery_id: str) -> "ReadingPrevented":
        """With the phrase that goes with it."""
        return cls(battery_id, obstacle.phrase, obstacle)


@dataclass(eq=False)
class AnotherPack(BatteryUnreadable):
    """The pack at the address that is bound to `battery_id` tells another serial or id (`found`) than the one that was bound (`bound`)."""

    found: str
    bound: str

    @classmethod
    def of(cls, battery_id: str, *, found: str, bound: str) -> "AnotherPack":
        """With the phrase that goes with it."""
        return cls(battery_id, tr("another pack answers for {battery_id}", battery_id=battery_id), found, bound)


@dataclass(eq=False)
class WrongBattery(BatteryError):
    """The id read from the battery is not the expected one (decision 12)."""

    expected_id: str
    read_id: str


@dataclass(eq=False)
class ReturnedMore(BatteryError):
    """It came back with `kwh` and went out with `issued_kwh`, which is clearly less (decision 28). `issued_at` None and `station` "" where
    they are not known; `estimated` where it went out with an estimate."""

    battery_id: str
    kwh: Decimal
    issued_kwh: Decimal
    issued_at: datetime | None = None
    station: str = ""
    estimated: bool = False

    @property
    def more_kwh(self) -> Decimal:
        """What it came back with above what went out."""
        return self.kwh - self.issued_kwh


@dataclass(eq=False)
class BatteryDamaged(BatteryError):
    """Outside the limits of fitness; `reasons` are phrases such as "too hot, 68 °C"."""

    battery_id: str
    reasons: tuple[str, ...]


@dataclass(eq=False)
class BatteryNotIssuable(BatteryError):
    """Good to take back, but not to hand out; `reasons` are phrases such as "its output is switched off". `output_off` where switching its
    output on mends it."""

    battery_id: str
    reasons: tuple[str, ...]
    output_off: bool = False


@dataclass(eq=False)
class BatteryTooLow(BatteryError):
    """It holds less than the least to issue."""

    battery_id: str
    kwh: Decimal
    least_kwh: Decimal


@dataclass(eq=False)
class SameBattery(BatteryError):
    """The battery offered as the new one is the one just returned."""

    battery_id: str


@dataclass(eq=False)
class BatteryTaken(BatteryError):
    """Another customer known here holds this battery."""

    battery_id: str


@dataclass(eq=False)
class BindingTaken(BatteryError):
    """This id cannot be bound to this address (decision 84): `standing` are the bindings in the way, in words."""

    battery_id: str
    address: str
    standing: tuple[str, ...]
