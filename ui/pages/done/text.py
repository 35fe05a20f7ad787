"""What the last page says: the receipt as on paper, how the platform's answer stands, and how the print stands. Pure."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kiosk.domain.language import tr
from kiosk.domain.swap.receipt import Lines, LineStyle, Medium, Receipt
from kiosk.shared.formatting import format_date_time
from kiosk.station.services.receipt_lines import receipt_text
from ui.widgets import Band, Notice, PaperView, PaperWidget, Widgets

LEFT, RIGHT = 7, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class StateText:
    """A state in words, with its tone and icon."""

    words: str
    tone: str
    icon: str


class DoneView(QWidget):
    """Hand over the battery, and go on."""

    again = Signal()

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        longest = answer_text(PlatformAnswer(), None).words
        self._band, self.notice = Band(kit, "ok", tr("Swap complete"), role="number"), Notice(kit, longest=longest)
        self._to, self._id = kit.text("", "lead", "muted"), kit.id("", "hero")
        result = kit.panel(self._band, ..., self._to, self._id, ..., self.notice, gap="s")
        self._paper = PaperWidget(kit)
        self._print = kit.say("", "muted", role="strong")
        self._again = kit.button(tr("Print again"), "printer-bold")
        self._again.clicked.connect(self.again)
        printed = kit.row(self._print, self._again, gap="m")
        printed.setStretch(0, 1)
        right = kit.stack(self._paper, printed, gap="m")
        right.setStretch(0, 1)
        self.setLayout(kit.columns((result, LEFT), (kit.body(right), RIGHT)))

    def show_result(self, delivered: str, give_to: str, battery_id: str) -> None:
        self._band.show_band("ok", tr("Swap complete"), delivered)
        self._to.set_words(give_to)
        self._id.set_words(battery_id)

    def show_answer(self, text: StateText) -> None:
        """How the platform's answer stands, painted at once: it is what is waited for."""
        self.notice.show_now(text.tone, text.words, text.icon)

    def show_paper(self, view: PaperView) -> None:
        self._paper.show_paper(view)

    def show_print(self, text: StateText, *, again: bool) -> None:
        """How the print stands; `again` offers one more."""
        self._print.say(text.words, text.tone, text.icon)
        self._again.setVisible(again)


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


def answer_text(answer: PlatformAnswer, zone: tzinfo | None) -> StateText:
    """How the platform's answer stands."""
    match answer.state:
        case AnswerState.WAITING:
            sentence = tr(
                "Not yet confirmed by the platform. The swap is safe on this kiosk and is sent again by itself. Serve the next customer."
            )
            return StateText(words=sentence, tone="attention", icon="hourglass-medium-bold")
        case AnswerState.CONFIRMED:
            time = f"{answer.at.astimezone(zone):%H:%M:%S}" if answer.at is not None else ""
            confirmed = tr("The platform confirmed this swap at {time}.", time=time) if time else tr("The platform confirmed this swap.")
            return StateText(words=confirmed, tone="ok", icon="cloud-check-bold")
        case AnswerState.REFUSED:
            why = answer.reason.rstrip(".")
            sentence_with_reason = tr("The platform refused this swap: {reason}. Call the supervisor.", reason=why)
            refused = sentence_with_reason if why else tr("The platform refused this swap. Call the supervisor.")
            return StateText(words=refused, tone="stop", icon="x-circle-fill")


def print_text(printing: ReceiptPrint) -> StateText:
    """How the print stands."""
    match printing.state:
        case PrintState.PRINTING:
            return StateText(words=tr("Printing"), tone="muted", icon="hourglass-medium-bold")
        case PrintState.PRINTED:
            return StateText(words=tr("Printed"), tone="ok", icon="check-circle-fill")
        case PrintState.NOT_PRINTED:
            return StateText(words=tr("Not printed: {reason}", reason=printing.reason), tone="attention", icon="warning-fill")
        case PrintState.NO_RECEIPT:
            return StateText(words=tr("This plan gets no receipt"), tone="muted", icon="info-bold")


# -- the receipt as on paper


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
