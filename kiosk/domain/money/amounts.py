"""An amount of money as people write it, for the window and the terminal: one reading, or a reason why there is none.

- Spaces, no-break spaces and apostrophes between digits are thousands signs: `12 500`, `12'500`.
- Where points and commas both occur, the last one is the decimal sign and the others are thousands signs: `1,234.50` and `1.234,50`.
- One sign that occurs more than once is a thousands sign: `1.234.567`.
- One sign that occurs once: zeros behind it, or nothing, change nothing (`225.00` and `225.` are 225 in every currency); as many digits as
  the currency has decimals are decimals. Three digits are thousands in a currency without decimals (`1.000` KES is 1000); in one with two
  decimals they can be either, and the amount is refused. In one with three, it is the decimal sign where the language that
  is spoken has it as that, and is refused otherwise.
- Thousands signs stand before groups of three digits.
"""

import re
from decimal import Decimal

from kiosk.domain.errors import PaymentInvalid
from kiosk.domain.language import signs_here, tr, tr_count

MAX_LENGTH = 24
MORE_THAN_TIMES = 2  # what is due; a slip of the finger is more often ten times
SIGNS = ".,"
SPACES = " '\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}\N{RIGHT SINGLE QUOTATION MARK}"
_GROUP = 3
_WRITTEN = re.compile(rf"[0-9{re.escape(SIGNS + SPACES)}]+")
_WHOLE = re.compile(rf"\d+|\d{{1,3}}([{re.escape(SIGNS + SPACES)}])\d{{3}}(?:\1\d{{3}})*", re.ASCII)


def is_amount(text: str) -> bool:
    """Whether this can be an amount in some currency: digits and signs, not all of them zero."""
    text = text.strip()
    return len(text) <= MAX_LENGTH and _WRITTEN.fullmatch(text) is not None and any(each in "123456789" for each in text)


def parse_amount(text: str, *, places: int, currency: str) -> Decimal:
    """The amount that is written, in units of the currency; `places` is how many decimals can be paid, 0 for whole units.

    Raises PaymentInvalid with the reason: no amount, decimals that cannot be paid, or two ways to read it.
    """
    text = text.strip()
    if not is_amount(text):
        raise PaymentInvalid(tr("{text} is not an amount", text=_quoted(text)))
    whole, decimals = _parts(text, places)
    if not _WHOLE.fullmatch(whole):
        raise PaymentInvalid(tr("{text} has two readings. Type it without thousands signs", text=_quoted(text)))
    kept = decimals.rstrip("0")
    if len(kept) > places:
        raise PaymentInvalid(_too_exact(text, places, currency))
    digits = "".join(each for each in whole if each.isdigit())
    return Decimal(f"{digits}.{kept.ljust(places, '0')}" if places else digits)


def _too_exact(text: str, places: int, currency: str) -> str:
    facts = {"text": _quoted(text), "currency": currency or tr("this plan")}
    if not places:
        return tr("{text} cannot be paid. {currency} is paid in whole units", **facts)
    return tr_count(
        "{text} cannot be paid. {currency} is paid with {count} decimal at most",
        "{text} cannot be paid. {currency} is paid with {count} decimals at most",
        places,
        **facts,
    )


def asks_first(amount: Decimal, due: Decimal) -> bool:
    """Whether an amount is so much more than what is due that it is asked whether it is meant."""
    return amount > MORE_THAN_TIMES * due


def _parts(text: str, places: int) -> tuple[str, str]:
    """Before and after the decimal sign. Raises PaymentInvalid where a single sign can be either."""
    present = [sign for sign in SIGNS if sign in text]
    last = max(present, key=text.rfind, default="")
    if not last or text.count(last) > 1:
        return text, ""
    whole, _, decimals = text.partition(last)
    if len(present) == len(SIGNS) or any(each in SPACES for each in whole) or not _either(whole, decimals):
        if decimals and not decimals.isdigit():
            raise PaymentInvalid(tr("{text} is not an amount", text=_quoted(text)))
        return whole or "0", decimals
    if places == 0:
        return text, ""
    if places == _GROUP and last == signs_here().decimal:
        return whole, decimals
    facts = {"text": _quoted(text), "thousands": whole + decimals, "fraction": f"{whole}.{decimals}"}
    if last == ".":
        raise PaymentInvalid(tr("{text} can be {thousands} or {fraction}; type it without the point", **facts))
    raise PaymentInvalid(tr("{text} can be {thousands} or {fraction}; type it without the comma", **facts))


def _either(whole: str, decimals: str) -> bool:
    """Whether a single sign may be one of thousands: three digits behind it, one to three before it, the first of them no zero."""
    return len(decimals) == _GROUP and 0 < len(whole) <= _GROUP and whole[0] != "0"


def _quoted(text: str) -> str:
    return f'"{text[:MAX_LENGTH]}"' if text else tr("nothing")
