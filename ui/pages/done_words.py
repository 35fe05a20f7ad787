"""What the last page says: the receipt as on paper, and how the platform's answer stands. Pure."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from kiosk.adapters.receipts import words
from kiosk.adapters.receipts.sections import NOT_CONFIRMED, TRAINING
from kiosk.domain.receipt import BatteryLine, PaidLine, Receipt
from ui.kit import PaperView

Pairs = tuple[tuple[str, str], ...]
DELIVERED, PAID = "Delivered", "Paid"


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


def paper_view(receipt: Receipt, zone: tzinfo | None) -> PaperView:
    """The lines of the print, on the screen."""
    at = words.local(receipt.timestamp, zone)
    marks = (TRAINING if receipt.training else "", f"Copy {receipt.copy}" if receipt.copy else "", "" if receipt.settled else NOT_CONFIRMED)
    groups = (_swap(receipt), _paid(receipt.paid) if receipt.paid else (), _left(receipt))
    return PaperView(
        heading=receipt.station_name or receipt.station_id,
        below=f"Service receipt, {words.date_time(at)[:-3]}",
        groups=tuple(group for group in groups if group),
        footer=receipt.transaction_id,
        mark=", ".join(mark for mark in marks if mark),
        strong=frozenset({DELIVERED, PAID}),
    )


def _swap(receipt: Receipt) -> Pairs:
    returned = _battery("Returned", receipt.returned) if receipt.returned else (("Returned", "none, first visit"),)
    delivered = ((DELIVERED, words.kwh(receipt.net_kwh)),) if receipt.net_kwh is not None else ()
    return (("Customer", receipt.customer_id), *returned, *_battery("New", receipt.issued), *delivered)


def _battery(name: str, line: BatteryLine) -> Pairs:
    return ((f"{name} {line.battery_id}", words.battery_energy(line)),)


def _paid(paid: PaidLine) -> Pairs:
    bought = tuple((left, right) for left, _, right in (each.partition(f" ={words.TIE}") for each in words.bought(paid)))
    return (*bought, (PAID, words.money(paid.amount, paid.currency)), (words.method(paid.method), paid.receipt_id))


def _left(receipt: Receipt) -> Pairs:
    lines = ((f"{words.quota_name(line)} left", words.quota_left(line)) for line in receipt.quotas)
    return (*lines, ("Plan", receipt.plan_name), ("Attendant", receipt.attendant_id))
