"""What the customer page asks of the kiosk, as coroutines for the I/O thread, and what comes back.

Each raises what the services raise; `is_near` never does: a battery that cannot be looked for is simply not seen.
"""

from dataclasses import dataclass
from datetime import datetime

from kiosk.domain.swap.swap import Swap
from kiosk.station.ports import CompletedSwap, KeptSwap
from kiosk.station.services.kiosk import Kiosk
from kiosk.wire.customer_codes import parse_customer_code


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredCode:
    """A code as it came, scanned or typed."""

    text: str
    typed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What the idle page offers: swaps begun and not completed, newest first, and the last completed one."""

    kept: tuple[KeptSwap, ...] = ()
    last: CompletedSwap | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCustomer:
    """A customer's new swap; `pending` counts swaps of this plan completed here and not yet confirmed."""

    swap: Swap
    pending: int = 0


async def overview(kiosk: Kiosk) -> Overview:
    """Raises StoreFailed."""
    return Overview(kept=await kiosk.swaps.kept(), last=await kiosk.history.last())


async def look_up(kiosk: Kiosk, code: EnteredCode) -> FoundCustomer:
    """Raises BadCustomerCode and what `Swaps.identify` raises."""
    swap = await kiosk.swaps.identify(parse_customer_code(code.text, typed=code.typed))
    return FoundCustomer(swap=swap, pending=len(kiosk.store.pending_completions(swap.plan.id)))


async def kept_since(kiosk: Kiosk, code: EnteredCode) -> datetime | None:
    """When the plan of a code was last checked, if this kiosk keeps it. Raises BadCustomerCode, StoreFailed."""
    return await kiosk.plans.checked_at(parse_customer_code(code.text, typed=code.typed).plan_id)


async def print_again(kiosk: Kiosk, correlation_id: str) -> int:
    """One more copy of a receipt into the print queue; its number. Raises NotFound, StoreFailed."""
    printed = await kiosk.receipts.make(correlation_id, counted=True)
    kiosk.printing.submit(correlation_id, printed.receipt.copy, printed.pdf)
    return printed.receipt.copy
