"""Times, names and methods of payment as people read them, the same on the screen, on a receipt and at the terminal; and, from
`kiosk.domain.written`, numbers and money.

Nothing here raises for any text, and a name from outside, however long it is, takes one line (`kiosk.domain.display`).
"""

from datetime import datetime, tzinfo

from kiosk.domain.display import DIRECTIONS, cleaned
from kiosk.domain.language import mark, tr
from kiosk.domain.times import clock_time
from kiosk.domain.written import NO_BREAK_SPACE, format_kwh, format_money

__all__ = ["NO_BREAK_SPACE", "clean_text", "format_date", "format_date_time", "format_kwh", "format_method", "format_money", "format_time"]
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_METHODS = {"MOBILE_MONEY": mark("Mobile money"), "CASH": mark("Cash"), "CARD": mark("Card")}


def clean_text(text: str) -> str:
    """Text for one paragraph: `cleaned`, and a no-break space stays one: it holds a number and its unit together. So does what keeps the
    words around a value from right to left in their places."""
    return cleaned(text, keep=NO_BREAK_SPACE + DIRECTIONS)


def format_date_time(moment: datetime, zone: tzinfo | None) -> str:
    """ "21 Nov 2026, 14:05:12" on the station's clock (`clock_time`); `zone` None is the machine's own."""
    return f"{format_date(moment, zone)}, {format_time(moment, zone)}"


def format_date(moment: datetime, zone: tzinfo | None) -> str:
    """ "21 Nov 2026" on the station's clock."""
    there = moment.astimezone(zone)
    return f"{there.day} {_MONTHS[there.month - 1]} {there.year}"


def format_time(moment: datetime, zone: tzinfo | None) -> str:
    """ "14:05:12" on the station's clock (`clock_time`)."""
    return clock_time(moment, zone, seconds=True)


def format_method(method: str) -> str:
    """ "MOBILE_MONEY" as "Mobile money"; a method that is written in words already stays as it is."""
    if method in _METHODS:
        return tr(_METHODS[method])
    return method.replace("_", " ").strip().capitalize() if method.isupper() else method
