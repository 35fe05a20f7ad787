"""What is known of a customer by the code that was scanned or typed, and what can go on without one. Runs on the I/O thread."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.domain.errors import BadCustomerCode
from kiosk.domain.keyboard import KeyboardState, likelier
from kiosk.domain.language import tr
from kiosk.domain.people import is_badge
from kiosk.domain.requests import CustomerCode
from kiosk.domain.swap.swap import Swap
from kiosk.station.ports import CompletedSwap, KeptSwap
from kiosk.station.services.kiosk import Kiosk
from kiosk.wire.customer_codes import A_BADGE, parse_customer_code


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredCode:
    """A code as it came, scanned or typed; `other` is the second reading of a scanner's keys (`kiosk.domain.keyboard`)."""

    text: str
    typed: bool = False
    other: str = ""


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


def customer_code(code: EnteredCode, code_in_url: str = "") -> CustomerCode:
    """The plan ids in a code's two readings; `code_in_url` is `[barcode] url_pattern`. Raises BadCustomerCode where neither can be one."""
    if is_badge(code.text) or is_badge(code.other):  # the reading by place is right where the keyboard is another language's
        raise BadCustomerCode(tr(A_BADGE))
    first, second = likelier(code.text, code.other)
    if not second:
        return parse_customer_code(first, typed=code.typed, url_pattern=code_in_url)
    keyboard = KeyboardState.between(code.text, code.other)
    try:
        read = parse_customer_code(first, url_pattern=code_in_url)
    except BadCustomerCode as refusal:
        try:
            return replace(parse_customer_code(second, url_pattern=code_in_url), keyboard=keyboard)
        except BadCustomerCode:
            raise BadCustomerCode(refusal.reason, keyboard) from None
    with suppress(BadCustomerCode):
        return replace(read, other_id=parse_customer_code(second, url_pattern=code_in_url).plan_id, keyboard=keyboard)
    return replace(read, keyboard=keyboard)


async def read_overview(kiosk: Kiosk) -> Overview:
    """Raises StoreFailed."""
    return Overview(kept=await kiosk.swaps.kept(), last=await kiosk.history.last())


async def look_up(kiosk: Kiosk, code: EnteredCode) -> FoundCustomer:
    """Raises BadCustomerCode and what `Swaps.identify` raises."""
    swap = await kiosk.swaps.identify(customer_code(code, kiosk.code_in_url))
    return FoundCustomer(swap=swap, pending=len(await kiosk.history.pending(swap.plan.id)))


async def plan_checked_at(kiosk: Kiosk, code: EnteredCode) -> datetime | None:
    """When the plan of a code was last checked, if this kiosk keeps it. Raises BadCustomerCode, StoreFailed."""
    return await kiosk.plans.checked_at(customer_code(code, kiosk.code_in_url).plan_id)
