"""Receipt: what the customer takes home (specification, completeService; decisions 5, 11, 16)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryLine:
    """One battery on a receipt; `kwh` is None where kWh is not tracked, `read_at` None where the reading's time is not known."""

    battery_id: str
    kwh: Decimal | None
    read_at: datetime | None = None
    estimated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaLine:
    """What is left of one service after the swap. `unit` is "kWh" or "" for swaps; unlimited is never a number (decision 7)."""

    name: str
    remaining: Decimal
    quota: Decimal
    unit: str = ""
    unlimited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidPart:
    """One of several receipts that were paid by."""

    amount: Decimal
    receipt_id: str
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidLine:
    """What was paid: the amount in all, and the receipt; of several, `parts` has all of them and the receipt is the last.

    `bought_kwh` is what it credited at `rate` a kWh, `bought_swaps` at `swap_rate` a swap (decision 9); all are None
    when the quota was sufficient anyway."""

    amount: Decimal
    currency: str
    receipt_id: str
    method: str
    rate: Decimal | None = None
    bought_kwh: Decimal | None = None
    swap_rate: Decimal | None = None
    bought_swaps: Decimal | None = None
    parts: tuple[PaidPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One swap as printed. `copy` counts reprints from 1; 0 is the first print."""

    transaction_id: str
    timestamp: datetime
    station_id: str
    station_name: str
    attendant_id: str
    customer_id: str
    plan_name: str
    returned: BatteryLine | None
    issued: BatteryLine
    net_kwh: Decimal | None
    quotas: tuple[QuotaLine, ...]
    paid: PaidLine | None = None
    settled: bool = False
    training: bool = False
    copy: int = 0
