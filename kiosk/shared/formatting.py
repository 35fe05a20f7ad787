"""Numbers, money, times and methods of payment as people read them, the same on the screen, on a receipt and at the terminal.

Nothing here raises for any text, and a name from outside, however long it is, takes one line (`kiosk.domain.decimals`).
"""

from datetime import datetime, tzinfo
from decimal import Decimal

from kiosk.domain.decimals import minor_unit, plain, trimmed
from kiosk.domain.display import DIRECTIONS, cleaned
from kiosk.domain.language import mark, tr
from kiosk.domain.times import clock_time

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_METHODS = {"MOBILE_MONEY": mark("Mobile money"), "CASH": mark("Cash"), "CARD": mark("Card")}


def clean_text(text: str) -> str:
    """Text for one paragraph: `cleaned`, and a no-break space stays one: it holds a number and its unit together. So does what keeps the
    words around a value from right to left in their places."""
    return cleaned(text, keep=NO_BREAK_SPACE + DIRECTIONS)


def format_kwh(value: Decimal) -> str:
    """ "25.6 kWh"."""
    return f"{plain(value)}{NO_BREAK_SPACE}kWh"


def format_money(value: Decimal, currency: str) -> str:
    """ "12.48 USD", "0.80 USD", "500 XOF": at least the currency's decimals, and every further one that the amount has."""
    short, unit = trimmed(value), minor_unit(currency)
    exponents = (short.as_tuple().exponent, unit.as_tuple().exponent)
    digits = format(short if exponents[0] <= exponents[1] else short.quantize(unit), "f")  # type: ignore[operator]  # finite: exponents are ints
    return f"{digits}{NO_BREAK_SPACE}{currency}".strip(NO_BREAK_SPACE)


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
