"""The swap is complete: hand over the battery, see whether it is confirmed, print, go on.

Nothing here can undo or delay the swap. The receipt is made and printed in the background and goes on when the page is left; one that
cannot be made or printed is said here, or by the window when the page is gone, and can be printed again as a numbered copy. The notice
follows the platform's answer by itself.
"""

from dataclasses import replace

from kiosk.domain.errors import KioskError
from kiosk.domain.language import tr
from kiosk.domain.messages import message_for
from kiosk.domain.swap.swap import Step, Swap
from kiosk.station.events import Event, PrinterChanged, SwapAnswered
from kiosk.station.ports import CompletedSwap, OutboxState
from kiosk.station.services.receipts import PrintedReceipt
from ui.pages.done.text import AnswerState, DoneView, PlatformAnswer, PrintState, ReceiptPrint, answer_text, paper_view
from ui.pages.formatting import RAIL, kwh_words, masked_name
from ui.pages.page_context import Page, PageContext
from ui.widgets.frame import Action, FrameState

ARMED_SECONDS = 1.0  # a touch too many would take the result away before anybody has seen it
LOOK_MILLISECONDS = 200  # only a swap that was complete before has its answer already; no other waits for this look
PAPER_MILLISECONDS = 30  # the answer is seen first; what it changes on the paper comes after


class DonePage(Page):
    """Step 6. Emits `advanced` with None for the next customer; the wizard takes a scan for the next customer's."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._begin()
        self.body = DoneView(context.kit)
        self.body.again.connect(self._print)
        self._paper_soon = self.timer(PAPER_MILLISECONDS, self._show_paper, once=True)
        self._look_later = self.timer(LOOK_MILLISECONDS, self._look, once=True)
        self.setLayout(context.kit.stack(self.body))

    def _begin(self) -> None:
        self.answer, self.printing = PlatformAnswer(), ReceiptPrint()

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
        self._begin()
        self.body.show_result(delivered, tr("Give this battery to {customer}", customer=masked_name(swap.plan)), battery_id)
        self._show_answer(PlatformAnswer())
        self._show_paper()

    def frame_state(self) -> FrameState:
        primary = Action(words=tr("Next customer"), armed_after=ARMED_SECONDS)
        return FrameState(title=tr("Done"), step=RAIL[Step.DONE], primary=primary, back=None, hint=tr("or scan the next code now"))

    def primary(self) -> None:
        self.context.sounds.quiet()
        self.advanced.emit(None)

    def back(self) -> None:
        """A complete swap is never taken back."""

    # -- the answer

    def handle_event(self, event: Event) -> None:
        if isinstance(event, SwapAnswered) and event.correlation_id == self.running.correlation_id:
            self._handle_answer(event)
        if isinstance(event, PrinterChanged) and event.correlation_id == self.running.correlation_id:
            state = PrintState.PRINTED if event.available else PrintState.NOT_PRINTED
            self._show_print(replace(self.printing, state=state, reason=event.reason))

    def _handle_answer(self, event: SwapAnswered) -> None:
        if self.answer.state is AnswerState.CONFIRMED:
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
