"""Times as text: ISO 8601 for the wire, and ages and days for people."""

from datetime import UTC, date, datetime, timedelta, tzinfo

from kiosk.domain.language import mark, tr, tr_count

_DAYS = (
    mark("{day} Jan"),
    mark("{day} Feb"),
    mark("{day} Mar"),
    mark("{day} Apr"),
    mark("{day} May"),
    mark("{day} Jun"),
    mark("{day} Jul"),
    mark("{day} Aug"),
    mark("{day} Sep"),
    mark("{day} Oct"),
    mark("{day} Nov"),
    mark("{day} Dec"),
)


def iso_utc(moment: datetime) -> str:
    """`2025-01-15T10:30:00Z`; fractions of a second only where there are any. The time must be aware."""
    return f"{moment.astimezone(UTC).isoformat().removesuffix('+00:00')}Z"


def clock_time(moment: datetime, zone: tzinfo | None, *, seconds: bool = False) -> str:
    """The time of day at a place: "14:05", "14:05:12". In an hour that its clocks show twice the offset says which one it is:
    "02:30 UTC+2". `zone` None is the machine's own.
    """
    there = moment.astimezone(zone)
    time = f"{there:%H:%M:%S}" if seconds else f"{there:%H:%M}"
    if _offset(there, zone, fold=0) == _offset(there, zone, fold=1):
        return time
    away = round((there.utcoffset() or timedelta()).total_seconds() / 60)
    hours, minutes = divmod(abs(away), 60)
    return f"{time} UTC{'-' if away < 0 else '+'}{hours}" + (f":{minutes:02d}" if minutes else "")


def _offset(there: datetime, zone: tzinfo | None, *, fold: int) -> timedelta | None:
    """What the clocks of a place are away from UTC at this time of day, the first or the second time that they show it."""
    shown = there.replace(tzinfo=zone, fold=fold)
    return (shown.astimezone() if zone is None else shown).utcoffset()


def spell_age(age: timedelta) -> str:
    """An age in the largest unit that says enough: 40 s, 12 min, 26 h, 3 days. A negative one is 0 s."""
    seconds = max(0, int(age.total_seconds()))
    if seconds < 60:
        return tr_count("{count} s", "{count} s", seconds)
    if seconds < 3600:
        return tr_count("{count} min", "{count} min", seconds // 60)
    if seconds < 3 * 86400:
        return tr_count("{count} h", "{count} h", seconds // 3600)
    return tr_count("{count} day", "{count} days", seconds // 86400)


def spell_day(day: date) -> str:
    """A day of this year or nearly: "15 Jan"."""
    return tr(_DAYS[day.month - 1], day=day.day)
