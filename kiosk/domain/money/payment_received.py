"""PaymentReceived: the platform says that a receipt was paid (specification 4.1)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kiosk.domain.money.payment_reference import swap_named


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReceived:
    """The platform says that this receipt was paid (specification, PAYMENT_RECEIVED). `transaction_id` is what the event names as
    paid, "" for nothing; `paid_at` when it was paid, by the platform's clock, None where it is unknown."""

    plan_id: str
    receipt_id: str
    method: str
    amount: Decimal
    currency: str
    transaction_id: str = ""
    paid_at: datetime | None = None

    @property
    def swap(self) -> str:
        """The swap that it pays, "" where it names none: other ids are the payer's own."""
        return swap_named(self.transaction_id)

    def for_another(self, correlation_id: str) -> bool:
        """Whether it pays another swap than this one."""
        return self.swap not in ("", correlation_id)
