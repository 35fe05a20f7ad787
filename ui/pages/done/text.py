"""What the last page says: the receipt as on paper, and how the platform's answer stands. Pure."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from kiosk.domain.swap.receipt import BatteryLine, PaidLine, Receipt
from kiosk.station.adapters.receipts import words
from kiosk.station.adapters.receipts.sections import NOT_CONFIRMED, TRAINING
from ui.pages.formatting import TIMES
from ui.widgets import PaperView

Pairs = tuple[tuple[str, str], ...]
DELIVERED, PAID, CUSTOMER, RECEIPT, PLAN = "Delivered", "Paid", "Customer", "Receipt", "Plan"
MOST_LINES = 7  # of the paper on a 16:10 screen
GIVE_WAY = (PLAN, CUSTOMER, RECEIPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A state in words, with its tone and icon."""

    words: str
    tone: str
    icon: str


WAITING = Said(
    words="Not yet confirmed by the platform. The swap is safe on this kiosk and is sent again by itself. Serve the next customer.",
    tone="attention",
    icon="hourglass-medium-bold",
)


def confirmed_at(moment: datetime | None, zone: tzinfo | None) -> Said:
    """The platform has settled it; `moment` is when its answer was heard here."""
    at = f" at {moment.astimezone(zone):%H:%M:%S}" if moment is not None else ""
    return Said(words=f"The platform confirmed this swap{at}.", tone="ok", icon="cloud-check-bold")


def refused_for(reason: str) -> Said:
    """The platform has refused it; it stays until a person settles it (decision 20)."""
    why = f": {reason.rstrip('.')}." if reason else "."
    return Said(words=f"The platform refused this swap{why} Call the supervisor.", tone="stop", icon="x-circle-fill")


def paper_view(receipt: Receipt, zone: tzinfo | None, *, fewer: int = 0, given: bool = True) -> PaperView:
    """The lines of the print, on the screen; those that the rest of the page says too give way where room is short, by `fewer` lines.
    Where no receipt is `given` it says that it is none."""
    at = words.local(receipt.timestamp, zone)
    marks = (TRAINING if receipt.training else "", f"Copy {receipt.copy}" if receipt.copy else "", "" if receipt.settled else NOT_CONFIRMED)
    mark = ", ".join(mark for mark in marks if mark)
    lines = MOST_LINES - fewer - bool(mark)
    return PaperView(
        heading=receipt.station_name or receipt.station_id,
        below=f"{'Service receipt' if given else 'Not a receipt'}, {words.date_time(at)[:-3]}",
        groups=_fitting(lines, _swap(receipt), (*_paid(receipt.paid), *_left(receipt))),
        footer=receipt.transaction_id,
        mark=mark,
        strong=frozenset({DELIVERED}),
    )


def _fitting(lines: int, *groups: Pairs) -> tuple[Pairs, ...]:
    """As many lines, or what must be said: the first of GIVE_WAY goes first, then what each part of a sum cost, never what was paid."""
    names = [name for group in groups for name, _ in group]
    order = [name for name in GIVE_WAY if name in names] + [name for name in names if f" {TIMES} " in name and not name.startswith(PAID)]
    gone = set(order[: max(0, len(names) - lines)])
    return tuple(tuple(pair for pair in group if pair[0] not in gone) for group in groups)


def _swap(receipt: Receipt) -> Pairs:
    returned = _battery("Returned", receipt.returned) if receipt.returned else (("Returned, first visit", "none"),)
    delivered = ((DELIVERED, words.kwh(receipt.net_kwh)),) if receipt.net_kwh is not None else ()
    return ((CUSTOMER, receipt.customer_id), *returned, *_battery("New", receipt.issued), *delivered)


def _battery(name: str, line: BatteryLine) -> Pairs:
    return ((f"{name} {line.battery_id}", words.battery_energy(line)),)


def _paid(paid: PaidLine | None) -> Pairs:
    """What was bought, a line each, what was paid for it, and the receipt; one product needs no sum."""
    if paid is None:
        return ()
    bought = tuple((left, right) for left, _, right in (each.partition(f" ={words.TIE}") for each in words.bought(paid)))
    total = words.money(paid.amount, paid.currency)
    lines = ((f"{PAID}, {bought[0][0]}", total),) if len(bought) == 1 else (*bought, (PAID, total))
    last = f"{words.method(paid.method)} {paid.receipt_id}"
    return (*lines, (RECEIPT, f"{len(paid.parts)} payments, last {paid.receipt_id}" if paid.parts else last))


def _left(receipt: Receipt) -> Pairs:
    lines = ((f"{words.quota_name(line)} left", words.quota_left(line)) for line in receipt.quotas)
    return (*lines, (PLAN, receipt.plan_name))
