"""The customer page: idle, typing a code, looking it up, the customer found, an error, kept swaps.

A scan is accepted in every state but while a code is being looked up. A customer who was found and goes without a swap is recorded with
the reason. What the idle page cannot read (kept swaps, the last swap) is shown by the window as any failure, and scanning goes on.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import assert_never

from PySide6.QtCore import QElapsedTimer

from kiosk.domain.errors import KioskError
from kiosk.domain.language import mark, tr
from kiosk.domain.messages import Remedy
from kiosk.domain.money.payments import is_battery_sticker
from kiosk.domain.swap.swap import Swap
from kiosk.station.events import BatteryReadBehind, Event, OutboxChanged, PrinterChanged, SwapAnswered
from kiosk.station.ports import KeptSwap
from kiosk.station.services.customer_lookup import EnteredCode, FoundCustomer, Overview, look_up, plan_checked_at, read_overview
from kiosk.station.services.device_health import wait_until_near
from ui.pages.customer.found_flow import FoundFlow
from ui.pages.customer.frames import kept_frame, looking_frame, typing_frame
from ui.pages.customer.layers import CustomerLayers
from ui.pages.customer.views import USUAL_SECONDS, CustomerViewKind, IdleView, kept_aside, last_aside, wait_for_plan
from ui.pages.formatting import age_words, shortened
from ui.pages.page_context import MONEY_BACK, Page, PageContext, action, entered, error_view, remedies_of
from ui.pages.refusal_titles import title_of
from ui.widgets.frame import BACKSPACE, Action, FrameState

TICK_MILLISECONDS, AGE_MILLISECONDS = 200, 500
BATTERY_HERE = mark("That is a battery code. Scan the customer's card now.")
LOOKING_HERE = mark("A customer is being looked up. Wait for the answer, or stop.")
REMEDIES = (Remedy.SCAN_AGAIN, Remedy.TYPE_CODE, Remedy.TRY_AGAIN, Remedy.NEXT_CUSTOMER)


class CustomerPage(CustomerLayers):
    """Step 1. Emits `advanced` with the customer's new swap, or with a kept one."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.view = CustomerViewKind.IDLE
        self.code: EnteredCode | None = None
        self.error: KioskError | None = None
        self.overview, self.kept_key, self.print_words = Overview(), "", ""
        self._kept_words = ""
        self._since, self._timer = QElapsedTimer(), self.timer(TICK_MILLISECONDS, self._tick)
        self._ages = self.timer(AGE_MILLISECONDS, self._show_battery)

    @cached_property
    def flow(self) -> FoundFlow:
        return FoundFlow(self.context, self.found_view)

    @property
    def found(self) -> FoundCustomer | None:
        """Until the swap goes on or is left."""
        return self.flow.found if "flow" in self.__dict__ else None

    # -- coming and going

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self.print_words = ""
        if self.found is not None:
            self.flow.end()
        self._show_idle()

    def return_to(self, swap: Swap) -> None:
        """The customer who was found, with the swap as it is by now."""
        super().enter(None)
        self.print_words = ""
        self._show_found(FoundCustomer(swap=swap))
        self.run(self.context.kiosk.history.pending(swap.plan.id), lambda pending: self.flow.note_pending(len(pending)))

    def resume(self, before: Page, swap: Swap | None) -> None:
        super().enter(swap)
        self._show_idle()
        if not isinstance(before, CustomerPage):
            return
        self.code = before.code
        if before.view is CustomerViewKind.FOUND and before.found is not None:
            self._show_found(before.found)
        elif before.view is CustomerViewKind.REFUSED and before.error is not None:
            self._show_error(before.error)
        elif before.view is CustomerViewKind.TYPING:
            self.start_typing(before.typing_view.value)

    def _show_idle(self) -> None:
        self._show(CustomerViewKind.IDLE)
        self.refresh()

    def leave(self) -> None:
        self._timer.stop()
        self._ages.stop()
        super().leave()

    def _show(self, view: CustomerViewKind) -> None:
        self.view = view
        self.show_layer(view)
        self.redrawn.emit()

    def refresh(self) -> None:
        """Ask again for kept swaps and the last one."""
        self.run(read_overview(self.context.kiosk), self._show_overview)

    def _show_overview(self, seen: Overview) -> None:
        self.overview = seen
        self.show_overview()
        if self.view is CustomerViewKind.KEPT:
            self._draw_kept()

    def show_overview(self) -> None:
        """Draw kept swaps and the last one on the idle view."""
        if isinstance(self.idle_view, IdleView):
            here, seen = self.context.here, self.overview
            self.idle_view.show_asides(kept_aside(seen, here), last_aside(seen.last, self.print_words, here))

    def handle_event(self, event: Event) -> None:
        if isinstance(event, BatteryReadBehind) and self.found is not None:
            self.flow.note_reading()
            self._show_battery()
        elif isinstance(event, OutboxChanged | SwapAnswered):
            self.refresh()
        if isinstance(event, PrinterChanged) and self.print_words and event.correlation_id == self._last_id():
            self.print_words = tr("Printed") if event.available else tr("Not printed: {reason}", reason=event.reason)
            self.show_overview()

    # -- when nobody is there

    @property
    def works(self) -> bool:
        return super().works or self.view is CustomerViewKind.LOOKING

    @property
    def shows_customer(self) -> bool:
        return self.view not in {CustomerViewKind.IDLE, CustomerViewKind.LOOKING}

    def put_away(self, reason: str) -> None:
        self._leave_found(reason, self._show_idle)

    # -- the frame

    def frame_state(self) -> FrameState:
        match self.view:
            case CustomerViewKind.IDLE:
                return self.idle_state()
            case CustomerViewKind.TYPING:
                return typing_frame(self.typing_view.value)
            case CustomerViewKind.LOOKING:
                return looking_frame()
            case CustomerViewKind.FOUND:
                return self.flow.frame_state(self.going_on_after(all_green=self.flow.green))
            case CustomerViewKind.REFUSED:
                first, second = remedies_of(self.error, REMEDIES)
                return FrameState(title=title_of(self.error), step=0, primary=action(first), other=action(second))
            case CustomerViewKind.KEPT:
                return kept_frame(self._kept_swap(), self.context.kiosk.money_back)
            case _:
                assert_never(self.view)

    def idle_state(self) -> FrameState:
        """The frame around the idle view."""
        primary = Action(words=tr("Type the code"), icon="keyboard-bold", quiet=True)
        return FrameState(title=tr("Next customer"), step=0, primary=primary, back=None)

    # -- presses

    def primary(self) -> None:
        match self.view:
            case CustomerViewKind.IDLE:
                self.start_typing()
            case CustomerViewKind.TYPING if self.typing_view.value:
                self.look_up(EnteredCode(text=self.typing_view.value, typed=True))
            case CustomerViewKind.FOUND if self.flow.refused:
                self._leave_found(f"may not swap: {self.flow.verdict.ground}", self._show_idle)
            case CustomerViewKind.FOUND:
                self._begin()
            case CustomerViewKind.REFUSED:
                self._take(remedies_of(self.error, REMEDIES)[0])
            case CustomerViewKind.KEPT:
                self._resume(self.kept_key)

    def _begin(self) -> None:
        """The swap of the customer who was found goes on; where there is no swap, the battery is taken back there and the swap kept."""
        found = self.flow.end()
        if found is not None:
            self.advanced.emit(found.swap)

    def go_on(self) -> None:
        if self.view is CustomerViewKind.FOUND and self.flow.green:
            self._begin()

    def other(self) -> None:
        match self.view:
            case CustomerViewKind.FOUND if self.flow.refused:
                self._begin()
            case CustomerViewKind.LOOKING:
                self._stop_work()
                self._show_idle()
            case CustomerViewKind.REFUSED:
                self._take(remedies_of(self.error, REMEDIES)[1])
            case CustomerViewKind.KEPT:
                self._stop_kept()

    def back(self) -> None:
        if self.view is CustomerViewKind.FOUND:
            self._leave_found("went back to the customer", self._show_idle)
        else:
            self._show(CustomerViewKind.IDLE)

    @property
    def is_typing(self) -> bool:
        return self.view is CustomerViewKind.TYPING

    def type_character(self, character: str) -> None:
        if self.view is CustomerViewKind.IDLE and character != BACKSPACE:
            self.start_typing()
        if self.view is CustomerViewKind.TYPING:
            self.typing_view.type_character(character)

    def start_typing(self, value: str = "") -> None:
        """Show the keyboard."""
        self.typing_view.set_value(value)
        self._show(CustomerViewKind.TYPING)

    # -- looking up

    def handle_scan(self, text: str) -> str:
        if self.view is CustomerViewKind.LOOKING:
            return tr(LOOKING_HERE)
        if is_battery_sticker(text):
            return tr(BATTERY_HERE)
        self._leave_found("another customer was scanned", lambda: self.look_up(entered(text)))
        return ""

    def look_up(self, code: EnteredCode) -> None:
        """Find the customer of a code."""
        self.code = code
        self.looking_view.start(shortened(code.text), wait_for_plan(self.context.kiosk.plans.answer_seconds))
        self._show(CustomerViewKind.LOOKING)
        self._since.start()
        self._timer.start()
        self._kept_words = ""
        self.run(look_up(self.context.kiosk, code), self._show_found, self._refuse)
        self.run(plan_checked_at(self.context.kiosk, code), self._show_kept_since, lambda _error: None)

    def _show_kept_since(self, since: datetime | None) -> None:
        checked = tr("The plan kept here was checked {age} ago.", age=age_words(since, self.context.now())) if since is not None else ""
        self._kept_words = checked or tr("No plan of this customer is kept here.")

    def _tick(self) -> None:
        """At least once a second: the seconds, and after the usual time what is known of the kept plan."""
        elapsed = self._since.elapsed() / 1000
        self.looking_view.busy.tick(elapsed, int(elapsed >= self.context.kiosk.plans.answer_seconds))
        self.looking_view.show_kept(self._kept_words if elapsed >= USUAL_SECONDS else "")

    def _stop_work(self) -> None:
        """End what runs here, as if the page were left and come back to."""
        self._timer.stop()
        self._ages.stop()
        super().leave()

    def _show_found(self, found: FoundCustomer) -> None:
        self._timer.stop()
        self._held = False
        self.flow.begin(found)
        self._show(CustomerViewKind.FOUND)
        self._ages.start()
        if (battery := found.swap.plan.current_asset) and found.swap.incoming is None:
            self.run(wait_until_near(self.context.kiosk.scanner, battery), self._show_near)

    def _show_near(self, near: bool) -> None:  # noqa: FBT001  a callback takes the result as it comes
        self.flow.note_near(near=near)
        self.redrawn.emit()

    def _show_battery(self) -> None:
        """What is known of the battery that comes back by now, and what that makes of the verdict."""
        if self.found is not None and self.view is CustomerViewKind.FOUND:
            self.flow.refresh()
            self.redrawn.emit()

    def _leave_found(self, reason: str, then: Callable[[], None]) -> None:
        """A customer who was found goes without a swap."""
        if self.found is None:
            then()
        else:
            swap = self.found.swap
            self.flow.leave()
            self._stop_work()
            self.act(self.context.kiosk.swaps.put_away(swap, reason), lambda _none: then())

    # -- refusals

    def _refuse(self, error: Exception) -> None:
        self._timer.stop()
        if isinstance(error, KioskError):
            self.context.sounds.refused()
            self._show_error(error)
        else:
            self._show(CustomerViewKind.IDLE)
            self.context.bridge.unhandled.emit(error)

    def _show_error(self, error: KioskError) -> None:
        self.error = error
        self.refused_view.show_error(error_view(error, recorded=mark("Nothing is recorded.")))
        self._show(CustomerViewKind.REFUSED)

    def _take(self, remedy: Remedy) -> None:
        if remedy is Remedy.TYPE_CODE:
            self.start_typing(self.code.text if self.code is not None and self.code.typed else "")
        elif remedy is Remedy.TRY_AGAIN and self.code is not None:
            self.look_up(self.code)
        else:
            self._show(CustomerViewKind.IDLE)

    # -- kept swaps and the last one

    def _kept_swap(self) -> KeptSwap | None:
        return next((kept for kept in self.overview.kept if kept.swap.correlation_id == self.kept_key), None)

    def go_on_with_kept(self) -> None:
        """One kept swap goes on at once, and stays in the list where it cannot; of several one is chosen."""
        self.show_kept()
        if len(self.overview.kept) == 1:
            self._resume(self.kept_key)

    def show_kept(self) -> None:
        """The list of kept swaps, the newest chosen."""
        self.kept_key = self.overview.kept[0].swap.correlation_id if self.overview.kept else ""
        self._draw_kept()
        self._show(CustomerViewKind.KEPT)

    def choose_kept(self, key: str) -> None:
        self.kept_key = key
        self._draw_kept()
        self.redrawn.emit()

    def _draw_kept(self) -> None:
        kept = self._kept_swap()
        if kept is None:
            self._show(CustomerViewKind.IDLE)
        else:
            self.kept_view.show_kept(self.overview, kept, self.context.here)

    def _resume(self, key: str) -> None:
        if key and not self.acting:
            self.act(self.context.kiosk.swaps.resume(key), self.advanced.emit)

    def _stop_kept(self) -> None:
        kept = self._kept_swap()
        if kept is not None and kept.swap.payments:
            self.opened.emit(MONEY_BACK, kept.swap.correlation_id)
        elif kept is not None:
            self.act(self.context.kiosk.swaps.leave(kept.swap, "stopped by the attendant"), lambda _none: self._show_idle())

    def _last_id(self) -> str:
        return self.overview.last.swap.correlation_id if self.overview.last else ""

    def print_again(self) -> None:
        if self._last_id() and not self.acting:
            self.print_words = tr("Printing")
            self.show_overview()
            self.act(self.context.kiosk.print_receipt(self._last_id()), lambda _printed: None)
