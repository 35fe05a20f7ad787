"""What is known of a customer by the code that was scanned or typed, and what can go on without one. Runs on the I/O thread."""

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
    """What can be done without a customer's code: swaps begun and not completed, newest first, and the last completed one."""

    kept: tuple[KeptSwap, ...] = ()
    last: CompletedSwap | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCustomer:
    """A customer's new swap; `pending` counts swaps of this plan completed here and not yet confirmed."""

    swap: Swap
    pending: int = 0


async def read_overview(kiosk: Kiosk) -> Overview:
    """Raises StoreFailed."""
    return Overview(kept=await kiosk.swaps.kept(), last=await kiosk.history.last())


async def look_up(kiosk: Kiosk, code: EnteredCode) -> FoundCustomer:
    """Raises BadCustomerCode and what `Swaps.identify` raises."""
    swap = await kiosk.swaps.identify(parse_customer_code(code.text, typed=code.typed))
    return FoundCustomer(swap=swap, pending=len(await kiosk.history.pending(swap.plan.id)))


async def plan_checked_at(kiosk: Kiosk, code: EnteredCode) -> datetime | None:
    """When the plan of a code was last checked, if this kiosk keeps it. Raises BadCustomerCode, StoreFailed."""
    return await kiosk.plans.checked_at(parse_customer_code(code.text, typed=code.typed).plan_id)
