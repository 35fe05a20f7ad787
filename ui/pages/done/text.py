"""The view of the last page, and what it says: the receipt as on paper, how the platform's answer stands, and how the print stands."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kiosk.domain.language import mark, tr
from kiosk.domain.swap.receipt import Lines, LineStyle, Medium, Receipt
from kiosk.shared.formatting import format_date_time
from kiosk.station.services.receipt_lines import receipt_text
from ui.widgets import Band, Notice, PaperView, PaperWidget, Widgets

LEFT, RIGHT = 7, 5


MAX_LINES = 7  # of the paper on a 16:10 screen


class AnswerState(StrEnum):
    """The platform's answer to a completed swap; a refusal stays until a person settles it (decision 20)."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class PrintState(StrEnum):
    """The print of the receipt."""

    PRINTING = "printing"
    PRINTED = "printed"
    NOT_PRINTED = "not_printed"
    NO_RECEIPT = "no_receipt"  # the plan's template has receipts switched off (decision 21)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformAnswer:
    """`at` is when the confirmation came, where that is known; `reason` is the platform's for a refusal, "" where it gave none."""

    state: AnswerState = AnswerState.WAITING
    at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPrint:
    """`reason` is why it is not printed; `copy` the number of the copy, 0 for the original."""

    state: PrintState = PrintState.PRINTING
    reason: str = ""
    copy: int = 0


PRINTS = {
    PrintState.PRINTING: ("muted", mark("Printing"), "hourglass-medium-bold"),
    PrintState.PRINTED: ("ok", mark("Printed"), "check-circle-fill"),
    PrintState.NOT_PRINTED: ("attention", mark("Not printed: {reason}"), "warning-fill"),
    PrintState.NO_RECEIPT: ("muted", mark("This plan gets no receipt"), "info-bold"),
}


def answer_text(answer: PlatformAnswer, zone: tzinfo | None) -> tuple[str, str, str]:
    """How the platform's answer stands: tone, words, icon."""
    match answer.state:
        case AnswerState.WAITING:
            sentence = tr(
                "Not yet confirmed by the platform. The swap is safe on this kiosk and is sent again by itself. Serve the next customer."
            )
            return "attention", sentence, "hourglass-medium-bold"
        case AnswerState.CONFIRMED:
            time = f"{answer.at.astimezone(zone):%H:%M:%S}" if answer.at is not None else ""
            confirmed = tr("The platform confirmed this swap at {time}.", time=time) if time else tr("The platform confirmed this swap.")
            return "ok", confirmed, "cloud-check-bold"
        case AnswerState.REFUSED:
            with_reason = tr("The platform refused this swap: {reason}. Call the supervisor.", reason=answer.reason.rstrip("."))
            refused = with_reason if answer.reason.rstrip(".") else tr("The platform refused this swap. Call the supervisor.")
            return "stop", refused, "x-circle-fill"


class DoneView(QWidget):
    """Hand over the battery, and go on."""

    again = Signal()

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        _, longest, _ = answer_text(PlatformAnswer(), None)
        self._band, self.notice = Band(kit, "ok", tr("Swap complete"), role="number"), Notice(kit, longest=longest)
        self._to, self._id = kit.text("", "lead", "muted"), kit.id("", "hero")
        result = kit.panel(self._band, ..., self._to, self._id, ..., self.notice, gap="s")
        self.paper, self._print = PaperWidget(kit), kit.say("", "muted", role="strong")
        self._again = kit.button(tr("Print again"), "printer-bold")
        self._again.clicked.connect(self.again)
        printed = kit.row(self._print, self._again, gap="m")
        printed.setStretch(0, 1)
        right = kit.stack(self.paper, printed, gap="m")
        right.setStretch(0, 1)
        self.setLayout(kit.columns((result, LEFT), (kit.body(right), RIGHT)))

    def show_result(self, delivered: str, give_to: str, battery_id: str) -> None:
        self._band.show_band("ok", tr("Swap complete"), delivered)
        self._to.set_words(give_to)
        self._id.set_words(battery_id)

    def show_print(self, printing: ReceiptPrint) -> None:
        """How the print stands; where it has ended, one more is offered."""
        tone, words, icon = PRINTS[printing.state]
        self._print.say(tr(words, reason=printing.reason), tone, icon)
        self._again.setVisible(printing.state in {PrintState.PRINTED, PrintState.NOT_PRINTED})


# -- the receipt as on paper


def paper_view(receipt: Receipt, zone: tzinfo | None, *, fewer: int = 0, given: bool = True) -> PaperView:
    """The lines of the print, on the screen; those that the rest of the page says too are left out where room is short, by `fewer` lines.
    Where no receipt is `given` it says that it is none."""
    text, minute = receipt_text(receipt, zone), format_date_time(receipt.timestamp, zone)[:-3]
    marked = ", ".join(each for each in (text.training, text.copy, text.notice[0]) if each)
    swap, account = text.batteries + text.energy, text.payment + text.quotas + text.particulars
    on_screen = tuple(line for line in swap + account if Medium.SCREEN in line.media)
    shown = _most_important(on_screen, MAX_LINES - fewer - bool(marked))
    return PaperView(
        heading=text.station,
        below=tr("Service receipt, {time}", time=minute) if given else tr("Not a receipt, {time}", time=minute),
        groups=tuple(tuple((line.name, line.value) for line in group if line in shown) for group in (swap, account)),
        footer=text.transaction_id,
        mark=marked,
        strong=frozenset(line.name for line in shown if line.style is LineStyle.TOTAL),
    )


def _most_important(lines: Lines, count: int) -> Lines:
    """At most `count` lines, or what must be said: those with the lowest priority are left out."""
    may_go = sorted((line for line in lines if line.priority is not None), key=lambda line: line.priority or 0)
    left_out = may_go[: max(0, len(lines) - count)]
    return tuple(line for line in lines if line not in left_out)
