"""The swap is complete: hand over the battery, see whether it is confirmed, print, go on.

Nothing here can undo or delay the swap. The receipt is made and printed in the background and goes on when the page is left; one that
cannot be made or printed is said here, or by the window when the page is gone, and can be printed again as a numbered copy. The notice
follows the platform's answer by itself.
"""

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kiosk.domain.errors import KioskError
from kiosk.domain.language import mark, tr
from kiosk.domain.messages import message_for
from kiosk.domain.swap.receipt import Lines, LineStyle, Medium, Receipt
from kiosk.domain.swap.swap import Step, Swap
from kiosk.domain.times import clock_time
from kiosk.shared.formatting import format_date
from kiosk.station.events import Event, PrinterChanged, SwapAnswered
from kiosk.station.ports import CompletedSwap, OutboxState
from kiosk.station.services.receipt_lines import receipt_text
from kiosk.station.services.receipts import PrintedReceipt
from ui.input_rules import NEXT_CUSTOMER_SECONDS
from ui.pages.formatting import RAIL, kwh_words, masked_name
from ui.pages.page_context import Page, PageContext
from ui.widgets import Band, Notice, PaperView, PaperWidget, Widgets
from ui.widgets.frame import Action, FrameState

ARMED_SECONDS = NEXT_CUSTOMER_SECONDS  # a touch too many would take the result away before anybody has seen it
LOOK_MILLISECONDS = 200  # only a swap that was complete before has its answer already; no other waits for this look
PAPER_MILLISECONDS = 30  # the answer is seen first; what it changes on the paper comes after
LEFT, RIGHT = 7, 5
MAX_LINES, MAX_DENSE_LINES = 7, 10  # of the paper on a 16:10 screen: as they usually stand, and close together


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
            sentence = tr("Not yet confirmed by the platform. The swap is safe and is sent by itself. Serve the next customer.")
            return "attention", sentence, "hourglass-medium-bold"
        case AnswerState.CONFIRMED:
            time = clock_time(answer.at, zone, seconds=True) if answer.at is not None else ""
            confirmed = tr("The platform confirmed this swap at {time}.", time=time) if time else tr("The platform confirmed this swap.")
            return "ok", confirmed, "cloud-check-bold"
        case AnswerState.REFUSED:
            with_reason = tr("The platform refused this swap: {reason}. Call the supervisor.", reason=answer.reason.rstrip("."))
            refused = with_reason if answer.reason.rstrip(".") else tr("The platform refused this swap. Call the supervisor.")
            return "stop", refused, "x-circle-fill"


class DoneView(QWidget):
    """Hand over the battery, and go on."""

    again = Signal()

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        _, longest, _ = answer_text(PlatformAnswer(), None)
        self._band, self.notice = Band(widgets, "ok", tr("Swap complete"), role="number"), Notice(widgets, longest=longest)
        self._to, self._id = widgets.text("", "lead", "muted"), widgets.id("", "hero")
        result = widgets.panel(self._band, ..., self._to, self._id, ..., self.notice, gap="s")
        self.paper, self._print = PaperWidget(widgets), widgets.say("", "muted", role="strong")
        self._again = widgets.button(tr("Print again"), "printer-bold")
        self._again.clicked.connect(self.again)
        right = widgets.stack(self.paper, widgets.row(self._print, self._again, gap="m", grow=(0,)), gap="m", grow=(0,))
        self.setLayout(widgets.columns((result, LEFT), (widgets.body(right), RIGHT)))

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
    """The lines of the print, on the screen, where `fewer` of them have room. They move closer together before one is left out, and what
    the customer is known by and paid with stays. Where no receipt is `given` it says that it is none."""
    text, minute = receipt_text(receipt, zone), f"{format_date(receipt.timestamp, zone)}, {clock_time(receipt.timestamp, zone)}"
    marked = ", ".join(each for each in (text.training, text.copy, text.notice[0]) if each)
    swap, account = text.batteries + text.energy, text.payment + text.quotas + text.particulars
    on_screen = tuple(line for line in swap + account if Medium.SCREEN in line.media)
    less = fewer + bool(marked)
    shown = _most_important(on_screen, MAX_DENSE_LINES - less)
    return PaperView(
        heading=text.station,
        below=tr("Service receipt, {time}", time=minute) if given else tr("Not a receipt, {time}", time=minute),
        groups=tuple(tuple((line.name, line.value) for line in group if line in shown) for group in (swap, account)),
        footer=text.transaction_id,
        mark=marked,
        strong=frozenset(line.name for line in shown if line.style is LineStyle.TOTAL),
        dense=len(shown) > MAX_LINES - less,
    )


def _most_important(lines: Lines, count: int) -> Lines:
    """At most `count` lines, or what must be said: those with the lowest priority are left out."""
    may_go = sorted((line for line in lines if line.priority is not None), key=lambda line: line.priority or 0)
    left_out = may_go[: max(0, len(lines) - count)]
    return tuple(line for line in lines if line not in left_out)


class DonePage(Page):
    """Step 6. Emits `advanced` with None for the next customer; the wizard takes a scan for the next customer's."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.answer, self.printing = PlatformAnswer(), ReceiptPrint()
        self.body = DoneView(context.widgets)
        self.body.again.connect(self._print)
        self._paper_soon = self.timer(PAPER_MILLISECONDS, self._show_paper, once=True)
        self._look_later = self.timer(LOOK_MILLISECONDS, self._look, once=True)
        self.setLayout(context.widgets.stack(self.body))

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self.show_swap(self.running)
        self.context.sounds.accepted()
        self._look_later.start()
        if self.running.plan.makes_receipts:
            self._print()
        else:
            self._show_print(ReceiptPrint(state=PrintState.NO_RECEIPT))

    def resume(self, before: Page, swap: Swap | None) -> None:
        """Nothing is printed a second time."""
        self.swap = swap
        if isinstance(before, DonePage):
            self.show_swap(self.running)
            self._show_answer(before.answer)
            self._show_print(before.printing)
            self._show_paper()

    def show_swap(self, swap: Swap) -> None:
        """The result and the receipt, before anything is answered or printed."""
        delivered = tr("{kwh} kWh delivered", kwh=kwh_words(swap.net_kwh)) if swap.net_kwh is not None else ""
        battery_id = swap.outgoing.battery_id if swap.outgoing is not None else ""
        self.printing = ReceiptPrint()
        self.body.show_result(delivered, tr("Give this battery to {customer}", customer=masked_name(swap.plan)), battery_id)
        self._show_answer(PlatformAnswer())
        self._show_paper()

    def frame_state(self) -> FrameState:
        primary = Action(words=tr("Next customer"), armed_after=ARMED_SECONDS)
        return FrameState(title=tr("Done"), step=RAIL[Step.DONE], primary=primary, back=None, hint=tr("or scan the next code now"))

    def primary(self) -> None:
        self.context.sounds.quiet()
        self.advanced.emit(None)

    @property
    def works(self) -> bool:
        return super().works or self.printing.state is PrintState.PRINTING

    def put_away(self, _reason: str) -> None:
        """The swap is complete: nothing has to be kept."""
        self.primary()

    def back(self) -> None:
        """A complete swap is never taken back."""

    # -- the answer

    def handle_event(self, event: Event) -> None:
        own = self.swap.correlation_id if self.swap is not None else ""
        if isinstance(event, PrinterChanged) and event.correlation_id == own:
            state = PrintState.PRINTED if event.available else PrintState.NOT_PRINTED
            self._show_print(replace(self.printing, state=state, reason=event.reason))
        if not isinstance(event, SwapAnswered) or event.correlation_id != own or self.answer.state is AnswerState.CONFIRMED:
            return
        if event.settled:
            self._show_answer(PlatformAnswer(state=AnswerState.CONFIRMED, at=self.context.now()))
            self._paper_soon.start()
        else:
            self.context.sounds.attention()
            self._show_answer(PlatformAnswer(state=AnswerState.REFUSED, reason=event.reason))

    def _look(self) -> None:
        if self.swap is not None:
            self.run(self.context.kiosk.history.find(self.swap.correlation_id), self._show_stored)

    def _show_stored(self, completed: CompletedSwap) -> None:
        """What was answered before this page was there to hear it."""
        if completed.state is OutboxState.SETTLED and self.answer.state is not AnswerState.CONFIRMED:
            self._show_answer(PlatformAnswer(state=AnswerState.CONFIRMED))
            self._paper_soon.start()

    def _show_answer(self, answer: PlatformAnswer) -> None:
        self.answer = answer
        self.body.notice.show_now(*answer_text(answer, self.context.zone))  # at once: it is what is waited for

    # -- the receipt

    def _show_paper(self) -> None:
        if self.swap is not None:
            state = OutboxState.SETTLED if self.answer.state is AnswerState.CONFIRMED else OutboxState.UNSETTLED
            receipt = self.context.kiosk.receipts.receipt(CompletedSwap(swap=self.swap, state=state), self.printing.copy)
            fewer = int(self.printing.state is PrintState.NOT_PRINTED)  # its reason takes room
            self.body.paper.show_paper(paper_view(receipt, self.context.zone, fewer=fewer, given=self.swap.plan.makes_receipts))

    def _print(self) -> None:
        """Make the receipt and queue it; not the page's own work, so that it goes on when the next customer is scanned."""
        swap = self.running
        self._show_print(replace(self.printing, state=PrintState.PRINTING, reason=""))
        self.context.bridge.run(
            self.context.kiosk.print_receipt(swap.correlation_id),
            lambda printed: self._show_made(swap, printed),
            lambda error: self._show_not_made(swap, error),
        )

    def _show_made(self, swap: Swap, printed: PrintedReceipt) -> None:
        if self.swap is swap and printed.receipt.copy != self.printing.copy:
            self.printing = replace(self.printing, copy=printed.receipt.copy)
            self._paper_soon.start()

    def _show_not_made(self, swap: Swap, error: Exception) -> None:
        if self.swap is swap:
            reason = message_for(error).what if isinstance(error, KioskError) else tr("the receipt could not be made")
            self._show_print(replace(self.printing, state=PrintState.NOT_PRINTED, reason=reason))
        if self.swap is not swap or not isinstance(error, KioskError):
            self.context.bridge.unhandled.emit(error)

    def _show_print(self, printing: ReceiptPrint) -> None:
        states = {printing.state, self.printing.state}
        self.printing = printing
        if PrintState.NOT_PRINTED in states and len(states) > 1:
            self._paper_soon.start()
        self.body.show_print(printing)

    def leave(self) -> None:
        super().leave()
        self.swap = None
