"""The swap is complete: hand over the battery, see whether it is confirmed, print, go on.

Nothing here can undo or hold up the swap. The receipt is made and printed in the background and goes on when the page is left; one that
cannot be made or printed is said here, or by the window when the page is gone, and can be printed again as a numbered copy. The notice
follows the platform's answer by itself.
"""

from PySide6.QtCore import QTimer

from kiosk.domain.errors import KioskError
from kiosk.domain.messages import message_for
from kiosk.domain.swap.swap import Step, Swap
from kiosk.station.events import Event, PrinterChanged, SwapAnswered
from kiosk.station.ports import CompletedSwap, OutboxState
from kiosk.station.services.receipts import PrintedReceipt
from ui.pages.done.text import WAITING, StateText, confirmed_at, paper_view, refused_for
from ui.pages.done.views import DoneView
from ui.pages.formatting import kwh_words
from ui.pages.page_context import Page, PageContext
from ui.pages.shared_text import RAIL, masked_name
from ui.widgets.frame import Action, FrameState

PRINTING = StateText(words="Printing", tone="muted", icon="hourglass-medium-bold")
PRINTED = StateText(words="Printed", tone="ok", icon="check-circle-fill")
NO_RECEIPT = StateText(words="This plan gets no receipt", tone="muted", icon="info-bold")
MADE_NOT = "the receipt could not be made"
ARMED_SECONDS = 1.0  # a touch too many would take the result away before anybody has seen it
LOOK_MILLISECONDS = 200  # only a swap that was complete before has its answer already; no other waits for this look
PAPER_MILLISECONDS = 30  # the answer is seen first; what it changes on the paper comes after


class DonePage(Page):
    """Step 6. Emits `advanced` with None for the next customer; a scan is the next customer's by way of the wizard."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.settled, self.copy, self.printing = False, 0, PRINTING
        self.answer = WAITING
        self.body = DoneView(context.kit)
        self.body.again.connect(self._print)
        self._paper_soon = QTimer(self)
        self._paper_soon.setSingleShot(True)
        self._paper_soon.setInterval(PAPER_MILLISECONDS)
        self._paper_soon.timeout.connect(self._show_paper)
        self._look_later = QTimer(self)
        self._look_later.setSingleShot(True)
        self._look_later.setInterval(LOOK_MILLISECONDS)
        self._look_later.timeout.connect(self._look)
        layout = context.kit.stack(self.body)
        self.setLayout(layout)

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        if swap is None:
            return
        self.show_swap(swap)
        self.context.sounds.accepted()
        self._look_later.start()
        if swap.plan.makes_receipts:
            self._print()
        else:
            self._show_print(NO_RECEIPT)

    def show_swap(self, swap: Swap) -> None:
        """The result and the receipt, before anything is answered or printed."""
        delivered = f"{kwh_words(swap.net_kwh)} kWh delivered" if swap.net_kwh is not None else ""
        battery_id = swap.outgoing.battery_id if swap.outgoing is not None else ""
        self.settled, self.copy, self.printing = False, 0, PRINTING
        self.body.show_result(delivered, f"Give this battery to {masked_name(swap.plan)}", battery_id)
        self._show_answer(WAITING)
        self._show_paper()

    def frame_state(self) -> FrameState:
        primary = Action(words="Next customer", armed_after=ARMED_SECONDS)
        return FrameState(title="Done", step=RAIL[Step.DONE], primary=primary, back=None, hint="or scan the next code now")

    def primary(self) -> None:
        self.context.sounds.quiet()
        self.advanced.emit(None)

    def back(self) -> None:
        """A complete swap is never taken back."""

    # -- the answer

    def handle_event(self, event: Event) -> None:
        own = self.swap.correlation_id if self.swap is not None else ""
        if isinstance(event, SwapAnswered) and event.correlation_id == own:
            self._answered(event)
        if isinstance(event, PrinterChanged) and event.correlation_id == own:
            self._show_print(PRINTED if event.available else _not_printed(event.reason))

    def _answered(self, event: SwapAnswered) -> None:
        if event.settled and not self.settled:
            self.settled = True
            self._show_answer(confirmed_at(self.context.now(), self.context.zone))
            self._paper_soon.start()
        elif not event.settled and not self.settled:
            self.context.sounds.attention()
            self._show_answer(refused_for(event.reason))

    def _look(self) -> None:
        if self.swap is not None:
            self.run(_state(self.context.kiosk, self.swap.correlation_id), self._stored)

    def _stored(self, completed: CompletedSwap) -> None:
        """What was answered before this page was there to hear it."""
        if completed.state is OutboxState.SETTLED and not self.settled:
            self.settled = True
            self._show_answer(confirmed_at(None, self.context.zone))
            self._paper_soon.start()

    def _show_answer(self, said: StateText) -> None:
        self.answer = said
        self.body.show_answer(said)

    # -- the receipt

    def _show_paper(self) -> None:
        if self.swap is not None:
            state = OutboxState.SETTLED if self.settled else OutboxState.UNSETTLED
            receipt = self.context.kiosk.receipts.receipt(CompletedSwap(swap=self.swap, state=state), self.copy)
            failed = self.printing.tone == "attention"  # its reason takes room
            self.body.show_paper(paper_view(receipt, self.context.zone, fewer=int(failed), given=self.swap.plan.gives_receipts))

    def _print(self) -> None:
        """Make the receipt and queue it; not the page's own work, so that it goes on when the next customer is scanned."""
        swap = self.swap
        if swap is None:
            return
        self._show_print(PRINTING)
        self.context.bridge.run(
            _print(self.context.kiosk, swap.correlation_id),
            lambda printed: self._made(swap, printed),
            lambda error: self._not_made(swap, error),
        )

    def _made(self, swap: Swap, printed: PrintedReceipt) -> None:
        if self.swap is swap and printed.receipt.copy != self.copy:
            self.copy = printed.receipt.copy
            self._paper_soon.start()

    def _not_made(self, swap: Swap, error: Exception) -> None:
        if self.swap is swap:
            self._show_print(_not_printed(message_for(error).what if isinstance(error, KioskError) else MADE_NOT))
        if self.swap is not swap or not isinstance(error, KioskError):
            self.context.bridge.unhandled.emit(error)

    def _show_print(self, said: StateText) -> None:
        redraw = (said.tone == "attention") != (self.printing.tone == "attention")
        self.printing = said
        if redraw:
            self._paper_soon.start()
        self.body.show_print(said, again=said is not NO_RECEIPT and said is not PRINTING)

    def leave(self) -> None:
        super().leave()
        self.swap = None


def _not_printed(reason: str) -> StateText:
    return StateText(words=f"Not printed: {reason}", tone="attention", icon="warning-fill")


async def _print(kiosk: Kiosk, correlation_id: str) -> PrintedReceipt:
    """Raises NotFound, StoreFailed."""
    printed = await kiosk.receipts.make(correlation_id, counted=True)
    kiosk.printing.submit(correlation_id, printed.receipt.copy, printed.pdf)
    return printed


async def _state(kiosk: Kiosk, correlation_id: str) -> CompletedSwap:
    """Raises NotFound, StoreFailed."""
    return kiosk.store.completed_swap(correlation_id)
