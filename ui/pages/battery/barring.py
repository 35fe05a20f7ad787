"""Why a battery in range may not be handed out: a few words for its row, and the name of its kind, by which barred ones are counted. Pure.

What was read a moment ago is judged by the rules of a swap, and by what the plan has left where more of it has no price. Of what was not,
the kiosk knows who has it, what was refused here, and whether it held so little that no charger can have filled it since.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from kiosk.domain.battery.battery import BatteryTelemetry, FitnessLimits
from kiosk.domain.errors import (
    BatteryDamaged,
    BatteryError,
    BatteryNotIssuable,
    BatteryTaken,
    BatteryTooLow,
    BatteryUnreadable,
    KioskError,
    PriceMissing,
    ReadingPrevented,
    SameBattery,
)
from kiosk.domain.language import tr
from kiosk.domain.money.money import top_up
from kiosk.domain.swap.swap import Swap, SwapRules, with_new
from ui.pages.formatting import clock_words, kwh_words

SECOND, SECONDS_AN_HOUR = timedelta(seconds=1), 3600
REFUSALS_THAT_BAR = (BatteryTaken, BatteryTooLow, BatteryDamaged, BatteryNotIssuable, BatteryUnreadable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """`note` stands in the row: "too little, 20.0 kWh is the least"; `group` beside its count: "Too little charge"."""

    note: str
    group: str


def why_barred(swap: Swap, reading: BatteryTelemetry, rules: SwapRules, taken: frozenset[str]) -> Bar | None:
    """Why a battery that was read may not be handed out for this swap; None where it may."""
    try:
        quota = with_new(swap, reading, rules, taken=taken).quota
        if quota is not None and quota.exhausted:
            top_up(quota, swap.plan, rules.collectable)
    except BatteryError as refusal:
        return _bar(refusal)
    except PriceMissing as short:
        more = tr("{missing} kWh more than the plan has left", missing=kwh_words(short.deficit_kwh))
        return Bar(note=more, group=tr("Holds more than is left"))
    except KioskError:  # of the plan, the payment or the swap: not this battery's fault, and said when it is taken
        return None
    return None


def _bar(refusal: BatteryError) -> Bar:
    match refusal:
        case SameBattery():
            return Bar(note=tr("just returned"), group=tr("Just returned"))
        case BatteryTaken():
            return _taken()
        case BatteryTooLow():
            return _too_little(refusal.least_kwh)
        case BatteryDamaged() | BatteryNotIssuable():
            return Bar(note=next(iter(refusal.reasons), tr("not fit for use")), group=tr("Not fit for use"))
        case BatteryUnreadable():
            return Bar(note=refusal.reason, group=tr("Not readable"))
        case _:
            return Bar(note=tr("refused"), group=tr("Refused"))


def bars(refusal: BatteryError) -> bool:
    """Whether a refusal is a fault of the battery, and bars it; one that was not read may be tried again. What was just returned is known
    from the swap, and only as long as it lasts."""
    return isinstance(refusal, REFUSALS_THAT_BAR) and not isinstance(refusal, ReadingPrevented)


def bar_of_refusal(refusal: BatteryError, at: datetime, zone: tzinfo | None) -> Bar | None:
    """Of a battery that a person read here and that was refused."""
    if not bars(refusal):
        return None
    time, known = clock_words(at, zone), _bar(refusal)
    return Bar(note=tr("refused {time}, {reason}", time=time, reason=known.note), group=known.group)


def bar_of_stock(
    battery_id: str, before: BatteryTelemetry | None, taken: frozenset[str], limits: FitnessLimits, now: datetime
) -> Bar | None:
    """Of a battery that was not read a moment ago; `before` is its last reading here."""
    if battery_id in taken:
        return _taken()
    if before is None or before.kwh_remaining is None:
        return None
    hours = Decimal(abs(now - before.timestamp) // SECOND) / SECONDS_AN_HOUR
    if before.kwh_remaining + limits.most_charge_kw * hours < limits.least_issue_kwh:
        return _too_little(limits.least_issue_kwh)
    return None


def _taken() -> Bar:
    return Bar(note=tr("with another customer"), group=tr("With another customer"))


def _too_little(least_kwh: Decimal) -> Bar:
    return Bar(note=tr("too little, {least} kWh is the least", least=kwh_words(least_kwh)), group=tr("Too little charge"))
