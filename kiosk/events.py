"""What a running kiosk announces. Whoever starts the kiosk passes one `Announce`; the window turns it into a signal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kiosk.domain.money.payment_reference import swap_named
from kiosk.shared.mqtt.link import LinkChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxChanged:
    """How much is not settled, the age of the oldest, and how much the platform refused and nobody has resolved."""

    unsettled: int
    oldest: datetime | None
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapAnswered:
    """The platform has answered a completion: `settled`, or refused for `reason`. Announced before the answer is stored, so that
    nobody waits for the disk; were it lost here, the completion is sent again and answered again (decision 17)."""

    correlation_id: str
    settled: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRefreshed:
    """The platform has told the plan anew."""

    plan_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReceived:
    """The platform says that this receipt was paid (specification, PAYMENT_RECEIVED). `transaction_id` is what the event names as
    paid, "" for nothing; `paid_at` when it was paid, by the platform's clock, None where that is not told."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterChanged:
    """The printer: `available` is None when it cannot be told, `set_up` False where there is none to print on; `reason` is empty when it
    prints. `correlation_id` is the swap whose receipt this is about, if one."""

    available: bool | None
    reason: str = ""
    correlation_id: str | None = None
    set_up: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerChanged:
    """The battery scanner (Bluetooth, or practice batteries): `available` is None when it cannot be told."""

    available: bool | None
    reason: str = ""


Event = LinkChanged | OutboxChanged | SwapAnswered | PlanRefreshed | PaymentReceived | PrinterChanged | ScannerChanged
Announce = Callable[[Event], None]
