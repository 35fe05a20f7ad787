"""What the last page says: the receipt as on paper, and how the platform's answer stands. Pure."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from kiosk.domain.language import tr
from kiosk.domain.swap.receipt import Receipt
from kiosk.domain.swap.receipt_text import Lines, LineStyle, Medium
from kiosk.shared.formatting import format_date_time
from kiosk.station.services.receipt_lines import receipt_text
from ui.widgets import PaperView

MAX_LINES = 7  # of the paper on a 16:10 screen


@dataclass(frozen=True, slots=True, kw_only=True)
class StateText:
    """A state in words, with its tone and icon."""

    words: str
    tone: str
    icon: str


WAITING = StateText(
    words="Not yet confirmed by the platform. The swap is safe on this kiosk and is sent again by itself. Serve the next customer.",
    tone="attention",
    icon="hourglass-medium-bold",
)


def confirmed_at(moment: datetime | None, zone: tzinfo | None) -> StateText:
    """The platform has settled it; `moment` is when its answer was heard here."""
    at = f" at {moment.astimezone(zone):%H:%M:%S}" if moment is not None else ""
    return StateText(words=f"The platform confirmed this swap{at}.", tone="ok", icon="cloud-check-bold")


def refused_for(reason: str) -> StateText:
    """The platform has refused it; it stays until a person settles it (decision 20)."""
    why = f": {reason.rstrip('.')}." if reason else "."
    return StateText(words=f"The platform refused this swap{why} Call the supervisor.", tone="stop", icon="x-circle-fill")


def paper_view(receipt: Receipt, zone: tzinfo | None, *, fewer: int = 0, given: bool = True) -> PaperView:
    """The lines of the print, on the screen; those that the rest of the page says too are left out where room is short, by `fewer` lines.
    Where no receipt is `given` it says that it is none."""
    text, minute = receipt_text(receipt, zone), format_date_time(receipt.timestamp, zone)[:-3]
    mark = ", ".join(each for each in (text.training, text.copy, text.notice[0]) if each)
    swap, account = text.batteries + text.energy, text.payment + text.quotas + text.particulars
    on_screen = tuple(line for line in swap + account if Medium.SCREEN in line.media)
    shown = _most_important(on_screen, MAX_LINES - fewer - bool(mark))
    return PaperView(
        heading=text.station,
        below=tr("Service receipt, {time}", time=minute) if given else tr("Not a receipt, {time}", time=minute),
        groups=tuple(tuple((line.name, line.value) for line in group if line in shown) for group in (swap, account)),
        footer=text.transaction_id,
        mark=mark,
        strong=frozenset(line.name for line in shown if line.style is LineStyle.TOTAL),
    )


def _most_important(lines: Lines, count: int) -> Lines:
    """At most `count` lines, or what must be said: those with the lowest priority are left out."""
    may_go = sorted((line for line in lines if line.priority is not None), key=lambda line: line.priority or 0)
    left_out = may_go[: max(0, len(lines) - count)]
    return tuple(line for line in lines if line not in left_out)
