"""The warning where a reading and the last one known cannot both be true: a sentence for each battery, and what to do.

A sentence names both values, both times and why they cannot be. A warning refuses nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.battery.plausibility import Doubt, DoubtKind
from kiosk.domain.decimals import plain
from kiosk.domain.language import mark, tr
from kiosk.domain.times import spell_day

WHY = {
    DoubtKind.CLOCK: mark("{battery_id}: {now}, but {before}: one of the clocks is wrong."),
    DoubtKind.CHARGED: mark("{battery_id}: {now}, but {before}: no charger is that fast."),
    DoubtKind.DRAINED: mark("{battery_id}: {now}, but {before}: no ride uses that much."),
    DoubtKind.CAPACITY: mark("{battery_id}: {now}, but {before}: it may be another battery."),
    DoubtKind.ELSEWHERE: mark("{battery_id}: {now}, but {before}: it cannot have come here so soon."),
}
READ_AGAIN = mark("Go back, read again. The same? Ask the supervisor.")
ASK = mark("Tell the supervisor.")
PAID = mark("In doubt keep the swap for later and call the supervisor.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtMessage:
    """A sentence for each battery, and what to do about it."""

    lines: tuple[str, ...]
    advice: str


def doubt_message(doubts: Sequence[Doubt], zone: tzinfo | None, *, paid: bool) -> DoubtMessage | None:
    """The first doubt about each battery, then what to do; None where there is none. After a payment there is no way back.

    `zone` is the station's, None the machine's own.
    """
    first = {each.now.battery_id: each for each in reversed(doubts)}
    shown = [each for each in doubts if first[each.now.battery_id] is each]
    if not shown:
        return None
    clocks_only = all(each.kind is DoubtKind.CLOCK for each in shown)
    advice = PAID if paid else ASK if clocks_only else READ_AGAIN
    return DoubtMessage(lines=tuple(_sentence(each, zone) for each in shown), advice=tr(advice))


def _sentence(doubt: Doubt, zone: tzinfo | None) -> str:
    now = tr("{value} at {time}", value=_value(doubt.kind, doubt.now), time=f"{doubt.now.timestamp.astimezone(zone):%H:%M}")
    return tr(WHY[doubt.kind], battery_id=doubt.now.battery_id, now=now, before=_before(doubt, zone))


def _before(doubt: Doubt, zone: tzinfo | None) -> str:
    reading, station = doubt.before.reading, doubt.before.station_id
    then, here = reading.timestamp.astimezone(zone), doubt.now.timestamp.astimezone(zone)
    facts = {"value": _value(doubt.kind, reading), "station": station, "time": f"{then:%H:%M}", "day": spell_day(then)}
    if then.date() == here.date():
        return tr("{value} at {station} at {time}", **facts) if station else tr("{value} at {time}", **facts)
    return tr("{value} at {station} at {time} on {day}", **facts) if station else tr("{value} at {time} on {day}", **facts)


def _value(kind: DoubtKind, reading: BatteryTelemetry) -> str:
    if kind is DoubtKind.CAPACITY:
        return tr("full at {value}", value=_kwh(reading.full_kwh))
    return _kwh(reading.kwh_remaining)


def _kwh(kwh: Decimal | None) -> str:
    return tr("read") if kwh is None else f"{plain(kwh)} kWh"
