"""What is said where a reading and the last one known cannot both be true; a chapter of `messages`, for the window and the terminal.

Both values and both times, why they cannot be, and what to do: a warning, which refuses nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.battery.plausibility import Doubt, DoubtKind
from kiosk.domain.decimals import plain

WHY = {
    DoubtKind.CLOCK: "one of the clocks is wrong",
    DoubtKind.CHARGED: "no charger is that fast",
    DoubtKind.DRAINED: "no ride uses that much",
    DoubtKind.CAPACITY: "it may be another battery",
    DoubtKind.ELSEWHERE: "it cannot have come here so soon",
}
READ_AGAIN = "Go back, read again. The same? Ask the supervisor."
ASK = "Tell the supervisor."
PAID = "In doubt keep the swap for later and call the supervisor."


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
    told = [each for each in doubts if first[each.now.battery_id] is each]
    if not told:
        return None
    clocks_only = all(each.kind is DoubtKind.CLOCK for each in told)
    return DoubtMessage(lines=tuple(_sentence(each, zone) for each in told), advice=PAID if paid else ASK if clocks_only else READ_AGAIN)


def _sentence(doubt: Doubt, zone: tzinfo | None) -> str:
    now, before = doubt.now, doubt.before.reading
    where = f" at {doubt.before.station_id}" if doubt.before.station_id else ""
    here, then = now.timestamp.astimezone(zone), before.timestamp.astimezone(zone)
    earlier = f"{_value(doubt.kind, before)}{where} at {_moment(then, here)}"
    return f"{now.battery_id}: {_value(doubt.kind, now)} at {here:%H:%M}, but {earlier}: {WHY[doubt.kind]}."


def _value(kind: DoubtKind, reading: BatteryTelemetry) -> str:
    return f"full at {_kwh(reading.full_kwh)}" if kind is DoubtKind.CAPACITY else _kwh(reading.kwh_remaining)


def _kwh(kwh: Decimal | None) -> str:
    return "read" if kwh is None else f"{plain(kwh)} kWh"


def _moment(then: datetime, here: datetime) -> str:
    return f"{then:%H:%M}" if then.date() == here.date() else f"{then:%H:%M} on {then.day} {then:%b}"
