"""Cash: the numbers that a station gives its receipts, what is given back, and money that goes back (decisions 31, 38).

Every act with money at a station has a number of a series that has no gaps: `CASH-<station>-NNNNNN` for money that came into the drawer or
left it and for receipts that were cancelled, `BACK-<station>-NNNNNN` for payments that stay as a credit or at the desk. After a restore a
series may go on as `CASH-<station>-R<n>-NNNNNN`.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from kiosk.domain.decimals import ZERO
from kiosk.domain.language import mark
from kiosk.domain.money.amounts import MORE_THAN_TIMES
from kiosk.domain.money.payments import normalise_receipt_id

CASH, BACK = "CASH", "BACK"
MAX_QUICK_NOTES = 3
_MAX_STATION, _CHECK_LENGTH = 36, 4
_OTHER = re.compile(r"[^A-Z0-9._-]+")
QUICK_NOTES: Mapping[str, tuple[Decimal, ...]] = {  # what people mostly pay with
    "KES": (Decimal(100), Decimal(500), Decimal(1000)),
    "RWF": (Decimal(1000), Decimal(2000), Decimal(5000)),
    "TZS": (Decimal(1000), Decimal(5000), Decimal(10000)),
    "UGX": (Decimal(5000), Decimal(10000), Decimal(50000)),
    "USD": (Decimal(5), Decimal(10), Decimal(20)),
    "XOF": (Decimal(1000), Decimal(5000), Decimal(10000)),
}


class MoneyAct(StrEnum):
    """What was done with money. `CANCELLED` is a cash receipt that turned out to be none; the other three are ways of money back."""

    RECEIVED = "received"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    CREDITED = "credited"
    AT_DESK = "at_desk"

    @property
    def kind(self) -> str:
        """Which of the two series numbers it."""
        return BACK if self in {MoneyAct.CREDITED, MoneyAct.AT_DESK} else CASH


WAYS_BACK = {  # as the record and the terminal name them
    MoneyAct.REFUNDED: mark("cash out of the drawer"),
    MoneyAct.CREDITED: mark("stays as the plan's credit"),
    MoneyAct.AT_DESK: mark("stays at the platform's desk"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyEntry:
    """One numbered act. `given` is what was handed over in cash, change included, None elsewhere; `about` the receipts that it takes back;
    `approved_by` the supervisor, and `note` a reason, or the id that somebody wrote on a cash receipt."""

    number: str
    act: MoneyAct
    correlation_id: str
    amount: Decimal
    currency: str
    at: datetime
    given: Decimal | None = None
    about: str = ""
    approved_by: str = ""
    note: str = ""


def series_of(kind: str, station_id: str) -> str:
    """The beginning of a station's numbers. An id with signs that a receipt cannot have, or a long one, gets a check of all of it, so that
    no two stations share their numbers."""
    plain = normalise_receipt_id(station_id)
    code = _OTHER.sub("-", plain)[:_MAX_STATION]
    if code != plain:
        code = f"{code}-{hashlib.sha256(plain.encode()).hexdigest()[:_CHECK_LENGTH].upper()}"
    return f"{kind}-{code}"


def numbered(series: str, restart: int, number: int) -> str:
    """ "CASH-STATION-14-000123", "CASH-STATION-14-R1-000001"."""
    return f"{series}-R{restart}-{number:06d}" if restart else f"{series}-{number:06d}"


def number_in(series: str, receipt_id: str) -> tuple[int, int] | None:
    """The restart and the number of a receipt of this series, None for any other."""
    found = re.fullmatch(rf"{re.escape(series)}(?:-R([1-9]\d{{0,5}}))?-(\d{{6,12}})", normalise_receipt_id(receipt_id))
    return None if found is None else (int(found[1] or 0), int(found[2]))


def is_cash(method: str) -> bool:
    """Whether a method of payment is cash."""
    return normalise_receipt_id(method) == CASH


def change_for(given: Decimal, due: Decimal) -> Decimal:
    """What is given back of the cash that was handed over."""
    return max(ZERO, given - due)


def quick_sums(due: Decimal, notes: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """What people hand over for a sum when it is not exact: of each note as many as are more than it, smallest first."""
    return tuple(sorted({(due // note + 1) * note for note in notes if note > 0}))[:MAX_QUICK_NOTES]


def asks_cash_first(given: Decimal, due: Decimal, notes: Sequence[Decimal]) -> bool:
    """Whether nobody hands over so much: more than twice the sum, and the largest note is given back whole."""
    return given > MORE_THAN_TIMES * due and change_for(given, due) >= max(notes, default=ZERO)
