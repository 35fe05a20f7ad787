"""What the page of a doubt says: in one sentence why two readings of a battery cannot both be true, and what each of them told."""

from dataclasses import dataclass
from datetime import timedelta, tzinfo
from decimal import Decimal

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.battery.plausibility import Doubt, DoubtKind
from kiosk.domain.decimals import ZERO, plain
from kiosk.domain.display import cleaned
from kiosk.domain.language import mark, tr, tr_count
from kiosk.domain.times import spell_age, spell_day

MINUTE = timedelta(minutes=1)
NOT_TOLD = "–"
MAX_SHOWN = 24  # characters of a serial
WHY_NOT_BOTH = {
    DoubtKind.CLOCK: mark("{battery_id} was read later than now. A clock is wrong."),
    DoubtKind.CHARGED: mark("{battery_id} cannot gain {kwh} kWh in {age}."),
    DoubtKind.DRAINED: mark("{battery_id} cannot lose {kwh} kWh in {age}."),
    DoubtKind.SERIAL: mark("{battery_id} said another serial before."),
    DoubtKind.ADDRESS: mark("{battery_id} had another radio before."),
    DoubtKind.CYCLES: mark("{battery_id} cannot have had so many cycles before."),
    DoubtKind.CAPACITY: mark("{battery_id} held another full charge before."),
    DoubtKind.ELSEWHERE: mark("{battery_id} was at {station} {age} ago."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingTold:
    """One of the two readings: where ("" for the station's own), what it told, and when."""

    place: str
    value: str
    time: str


def why_not_both(doubt: Doubt) -> str:
    """Why the two readings contradict each other."""
    now, before = doubt.now, doubt.before.reading
    apart = abs(now.timestamp - before.timestamp)
    age = tr("less than a minute") if apart < MINUTE else spell_age(apart)
    kwh = plain(abs((now.kwh_remaining or ZERO) - (before.kwh_remaining or ZERO)))
    return tr(WHY_NOT_BOTH[doubt.kind], battery_id=now.battery_id, kwh=kwh, age=age, station=doubt.before.station_id)


def told_then(doubt: Doubt, zone: tzinfo | None) -> ReadingTold:
    """The earlier reading, with its day where that is another."""
    reading = doubt.before.reading
    then, here = reading.timestamp.astimezone(zone), doubt.now.timestamp.astimezone(zone)
    time = f"{then:%H:%M}" if then.date() == here.date() else tr("{time} on {day}", time=f"{then:%H:%M}", day=spell_day(then))
    return ReadingTold(place=doubt.before.station_id, value=_value(doubt.kind, reading), time=time)


def told_now(doubt: Doubt, zone: tzinfo | None) -> ReadingTold:
    """The reading of this swap."""
    return ReadingTold(place="", value=_value(doubt.kind, doubt.now), time=f"{doubt.now.timestamp.astimezone(zone):%H:%M}")


def _value(kind: DoubtKind, reading: BatteryTelemetry) -> str:
    """What the doubt is about, short enough to be compared at a glance."""
    match kind:
        case DoubtKind.CAPACITY:
            return _kwh(reading.full_kwh)
        case DoubtKind.SERIAL:
            return cleaned(reading.serial, MAX_SHOWN)
        case DoubtKind.ADDRESS:
            return reading.address
        case DoubtKind.CYCLES:
            return tr_count("{count} cycle", "{count} cycles", reading.cycles or 0)
        case _:
            return _kwh(reading.kwh_remaining)


def _kwh(kwh: Decimal | None) -> str:
    return NOT_TOLD if kwh is None else f"{plain(kwh)} kWh"
