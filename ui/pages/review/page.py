"""The last look at a swap, and completing it.

Completing is one commit: a second press does nothing, and no wait is shown. A press counts when the page has been seen for a moment. Where
the disk does not take it, nothing is recorded and nothing is sent: the page says so, says not to hand over the battery, and offers to try
again or to keep the swap. After a payment Back is off, with its reason on the page, and the swap can be kept for later instead. A reading
that contradicts the last one known is shown as a warning; completing does not wait for it.
"""

from PySide6.QtWidgets import QStackedLayout

from kiosk.domain.errors import KioskError
from kiosk.domain.language import mark, tr
from kiosk.domain.messages import Remedy, doubt_message
from kiosk.domain.swap.swap import Step, Swap
from kiosk.station.services.kiosk import Kiosk
from ui.pages.formatting import RAIL
from ui.pages.page_context import Page, PageContext, action, error_view, remedies_of
from ui.pages.review.views import RECORDED, ReviewView, review_facts
from ui.widgets import ErrorPanel
from ui.widgets.frame import Action, FrameState, back_action

ARMED_SECONDS = 0.6  # rapid touches that were meant for the pages before
NOT_RECORDED = mark("Nothing is recorded. Do not hand over the battery.")


class ReviewPage(Page):
    """Step 5. Emits `advanced` with the completed swap; None when it was kept for later."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.error: KioskError | None = None  # is shown in place of the review
        self.review, self.refused = ReviewView(context.kit), ErrorPanel(context.kit)
        self._layers = QStackedLayout(self)
        self._layers.addWidget(self.review)
        self._layers.addWidget(self.refused)

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        swap, swaps, telemetry = self.running, self.context.kiosk.swaps, self.context.kiosk.telemetry
        try:
            due = swaps.due(swap) if swap.quota is not None and swap.quota.exhausted else None
            self.review.show_review(review_facts(swap, swaps.updates(swap), due))
        except KioskError as error:
            self._refuse(error)
            return
        self._show(None)
        if telemetry is not None:  # a warning about the readings is shown as soon as there is one; nothing waits for it
            paid = swap.payment is not None
            self.run(telemetry.doubts(swap), lambda found: self.review.show_doubt(doubt_message(found, self.context.zone, paid=paid)))

    def _show(self, error: KioskError | None) -> None:
        self.error = error
        self._layers.setCurrentWidget(self.review if error is None else self.refused)
        self.redrawn.emit()

    def frame_state(self) -> FrameState:
        step, paid = RAIL[Step.REVIEW], bool(self.running.payments)
        back = back_action(enabled=not paid)
        if self.error is None:
            complete = Action(words=tr("Complete swap"), icon="check-bold", armed_after=ARMED_SECONDS)
            keep = action(Remedy.KEEP) if paid else None
            return FrameState(title=tr("Check and complete"), step=step, primary=complete, back=back, other=keep)
        first, second = self._ways()
        return FrameState(
            title=tr(RECORDED) if paid else tr("Not stored"), step=step, primary=action(first), back=back, other=action(second)
        )

    def _ways(self) -> tuple[Remedy, Remedy]:
        return remedies_of(self.error, (Remedy.TRY_AGAIN, Remedy.KEEP))

    def primary(self) -> None:
        self._take(Remedy.TRY_AGAIN if self.error is None else self._ways()[0])

    def other(self) -> None:
        self._take(Remedy.KEEP if self.error is None else self._ways()[1])

    def _take(self, way: Remedy) -> None:
        if self.acting:
            return
        if way is Remedy.KEEP:
            self.act(self.context.kiosk.swaps.keep(self.running), lambda _none: self.advanced.emit(None), self._refuse)
        else:
            self.act(_complete(self.context.kiosk, self.running), self.advanced.emit, self._refuse)

    def _refuse(self, error: Exception) -> None:
        if not isinstance(error, KioskError):
            self.context.bridge.unhandled.emit(error)
            return
        self.context.sounds.refused()
        self.refused.show_error(error_view(error, recorded=NOT_RECORDED))
        self._show(error)


async def _complete(kiosk: Kiosk, swap: Swap) -> Swap:
    """The last page prints the receipt; it is begun here, since making it takes longest. Raises as `complete` does."""
    completed = await kiosk.swaps.complete(swap)
    if completed.plan.makes_receipts:
        kiosk.receipts.begin(completed)
    return completed
