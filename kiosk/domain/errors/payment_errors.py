"""Money stops the swap."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kiosk.domain.errors.kiosk_error import KioskError


class PaymentError(KioskError):
    """Money stops the swap."""


@dataclass(eq=False)
class PriceMissing(PaymentError):
    """Something is owed and no price is known; a swap is never free by mistake (decision 5)."""

    deficit_kwh: Decimal


@dataclass(eq=False)
class CurrencyConflict(PaymentError):
    """The plan and its template name two currencies (decision 5)."""

    plan_currency: str
    template_currency: str


@dataclass(eq=False)
class RenewalNeeded(PaymentError):
    """No swaps are left and the template gives no price for one (decision 9)."""

    deficit_swaps: int


@dataclass(eq=False)
class PaymentUsed(PaymentError):
    """This (method, receipt id) paid another swap, or is counted in this one already: `here` (decision 10)."""

    method: str
    receipt_id: str
    used_at: datetime | None = None
    here: bool = False


@dataclass(eq=False)
class PaymentTooSmall(PaymentError):
    """`missing` is what still has to be paid, in `currency` (decision 9)."""

    missing: Decimal
    currency: str


@dataclass(eq=False)
class PaymentInvalid(PaymentError):
    """An amount or receipt id that cannot be one; `reason` is a phrase."""

    reason: str


@dataclass(eq=False)
class PaymentUnconfirmed(PaymentError):
    """The platform has not confirmed the receipt within `seconds` (decision 22)."""

    receipt_id: str
    seconds: float


@dataclass(eq=False)
class PaymentRefused(PaymentError):
    """The platform says this receipt is not a payment; `reason` is its own."""

    receipt_id: str
    reason: str


@dataclass(eq=False)
class PaymentUnapplied(PaymentError):
    """The money of this receipt has come, but counts for no swap until a person has looked; `reason` is a phrase, e.g. "it is in KES"."""

    receipt_id: str
    reason: str


@dataclass(eq=False)
class TransactionOwned(PaymentError):
    """Another station began this transaction, so it alone takes money for it and completes it (decision 27); `reason` is the platform's."""

    reason: str
