"""Numbers, energy and money as people read them, in the signs of the language that is spoken: on the screen, on paper, at the terminal and
in every sentence. `kiosk.domain.money.amounts` reads back what is written here.

Nothing is rounded: a number is written as exact as it is. Money has at least its currency's decimals, but for a whole amount in a currency
that nobody pays in smaller coins: 271 KES, 900 XOF, 12.50 USD. What machines read is written by `kiosk.wire`.
"""

from decimal import Decimal

from kiosk.domain.decimals import WHOLE_UNITS, minor_unit, places_of, plain
from kiosk.domain.language import signs_here

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
_GROUP = 3


def write_number(value: Decimal, places: int = 0) -> str:
    """ "1,234.5" in English, "1 234,5" in French: at least `places` decimals and every further one that it has; never a negative zero."""
    signs = signs_here()
    whole, _, decimals = plain(abs(value)).partition(".")
    decimals = decimals.ljust(places, "0")
    head = len(whole) % _GROUP
    groups = [*([whole[:head]] if head else []), *(whole[at : at + _GROUP] for at in range(head, len(whole), _GROUP))]
    written = signs.group.join(groups) + (signs.decimal + decimals if decimals else "")
    return f"{MINUS}{written}" if value < 0 else written


def write_kwh(value: Decimal) -> str:
    """ "4.8", "10.0", "30.377": energy without its unit, for a figure that has it beside it."""
    return write_number(value, 1)


def format_kwh(value: Decimal) -> str:
    """ "25.6 kWh"."""
    return f"{write_kwh(value)}{NO_BREAK_SPACE}kWh"


def write_amount(value: Decimal, currency: str) -> str:
    """An amount without its currency, for a figure that has it beside it."""
    is_whole = currency in WHOLE_UNITS and value % 1 == 0
    return write_number(value, 0 if is_whole else places_of(minor_unit(currency)))


def format_money(value: Decimal, currency: str) -> str:
    """ "12.48 USD", "0.80 USD", "500 XOF", "271 KES", "45.20 KES"."""
    return f"{write_amount(value, currency)}{NO_BREAK_SPACE}{currency}".strip(NO_BREAK_SPACE)
