"""What is known of the customer who was found, from one moment to the next: the verdict, the battery that comes back, whether all is green.

It reads what the background readings have brought and draws it; it begins and ends no swap.
"""

from dataclasses import replace

from PySide6.QtCore import QElapsedTimer

from kiosk.domain.language import tr
from kiosk.domain.messages import Remedy
from kiosk.domain.swap.swap import Step, Swap, next_step
from kiosk.domain.swap.verdict import Answer, Ground, SwapVerdict, verdict_on
from kiosk.station.services.customer_lookup import FoundCustomer
from ui.pages.battery.views import PHASE_INDEX, wait_for
from ui.pages.customer.found import FoundView, MeanwhileView, meanwhile, notes_of
from ui.pages.formatting import skipped_steps
from ui.pages.page_context import PageContext, action
from ui.widgets.frame import Action, FrameState


class FoundFlow:
    """The found customer of the customer page; `found` None where there is none."""

    def __init__(self, context: PageContext, view: FoundView) -> None:
        self._context, self._view = context, view
        self.found: FoundCustomer | None = None
        self.verdict = SwapVerdict(ground=Ground.COVERED)
        self.known = MeanwhileView(battery="")  # of the battery that comes back
        self.green = False  # nothing is left to look at: it may go on by itself
        self._near, self._read_since = False, QElapsedTimer()

    @property
    def refused(self) -> bool:
        """May swap: no."""
        return self.verdict.answer is Answer.NO

    def begin(self, found: FoundCustomer) -> None:
        """Show this customer."""
        self.found, self._near = found, False
        self._read_since.invalidate()
        self._view.show_found(found, self._context.here)
        self._attend(found.swap)
        self.refresh()

    def end(self) -> FoundCustomer | None:
        """The customer goes on to the next step."""
        found, self.found, self.green = self.found, None, False
        return found

    def leave(self) -> None:
        """The customer goes without a swap: nothing more is read."""
        self.end()
        self._attend(None)

    def _attend(self, swap: Swap | None) -> None:
        """Have the batteries of this swap read meanwhile; None: those of no swap."""
        self._context.bridge.run(self._context.kiosk.reads.attend(swap), lambda _none: None)

    def note_pending(self, count: int) -> None:
        """How many swaps of this customer are not in the quotas yet."""
        if self.found is not None:
            self.found = replace(self.found, pending=count)
            self._view.show_found(self.found, self._context.here)
            self.refresh()

    def note_near(self, *, near: bool) -> None:
        """Whether the battery that comes back is in range."""
        self._near = near
        self.refresh()

    def note_reading(self) -> None:
        """A reading has begun or ended."""
        self._read_since.invalidate()
        self.refresh()

    def refresh(self) -> None:
        """Draw what is known now, and say what that makes of the verdict."""
        if self.found is None:
            return
        swap, kiosk = self.found.swap, self._context.kiosk
        known = self.known = meanwhile(swap, kiosk.reads, kiosk.swaps.rules, near=self._near)
        self.verdict = verdict_on(swap, kiosk.swaps.rules, known.reading)
        if known.reading_now:
            self._show_reading(swap)
        self._view.show_verdict(self.verdict, swap.plan)
        self._view.show_battery(known, self._context.now(), refused=self.refused)
        calm = all(tone != "attention" for tone, _, _ in notes_of(self.found, self._context.here))
        self.green = calm and self.verdict.answer is Answer.YES and (swap.plan.first_visit or known.may_be_taken_back)

    def _show_reading(self, swap: Swap) -> None:
        """The seconds of the reading that is made meanwhile."""
        busy, limit = self._view.busy, self._context.kiosk.swaps.read_seconds(swap)
        if not self._read_since.isValid():
            self._read_since.start()
            wait = wait_for(self._context.memory.usual_seconds(limit), limit)
            first = tr("Looking for {battery}", battery=swap.plan.current_asset or "")
            busy.start(replace(wait, phases=(first, *wait.phases[1:])))
        phase = self._context.kiosk.reads.phase
        busy.tick(min(self._read_since.elapsed() / 1000, limit), PHASE_INDEX[phase] if phase is not None else 0)

    def frame_state(self, goes_on_after: float) -> FrameState:
        """The frame around it; `goes_on_after` seconds the next step goes on by itself, 0 for never."""
        swap = self.found.swap if self.found is not None else None
        is_read = swap is not None and next_step(swap) is Step.NEW  # or there is none to read, on a first visit
        other = None
        if self.refused:
            primary = action(Remedy.NEXT_CUSTOMER)
            other = None if is_read else Action(words=tr("Take it back"), icon="arrow-u-up-left-bold")
        else:
            back = tr("Check returned battery") if self.known.reading is not None else tr("Read returned battery")
            primary = Action(words=tr("Choose new battery") if is_read else back, goes_on_after=goes_on_after)
        return FrameState(title=tr("Customer found"), step=0, primary=primary, other=other, skipped=skipped_steps(swap))
