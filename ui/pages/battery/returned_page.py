"""The page for the battery that comes back.

Reading begins at once, and has ended where the battery was read while the customer was found. The services store each step before it is
shown; going back from a reading removes the battery from the swap again. One that holds clearly more than it went out with needs a
supervisor. Where all is green it goes on by itself to the choice of the new battery, which a person makes; a scanned sticker is one.
"""

from collections.abc import Coroutine
from typing import Any

from PySide6.QtWidgets import QWidget

from kiosk.domain.battery.battery import BatteryTelemetry, id_tail
from kiosk.domain.errors import BatteryDamaged, KioskError, ReturnedMore
from kiosk.domain.language import mark, tr
from kiosk.domain.messages import Remedy
from kiosk.domain.people import Act
from kiosk.domain.swap.swap import Step, Swap
from kiosk.domain.swap.verdict import Answer, SwapVerdict, verdict_on
from kiosk.station.ports import Sighting
from ui.pages.approval import ApproveView
from ui.pages.battery.reading import ReadingPage
from ui.pages.battery.returned_more import REASONS, MoreView, sides_of
from ui.pages.battery.views import MAX_CHECKS, BatteryViewKind, ReadRequest
from ui.pages.formatting import RAIL, battery_view, checks_of, notices_of, read_words, sentence_case
from ui.pages.page_context import Page, PageContext, action, why_stopped
from ui.pages.session_memory import WantedBattery
from ui.widgets.frame import Action, FrameState

NO_NEW = mark("This plan has nothing left for a new battery. Keep the swap for later.")


class ReturnedPage(ReadingPage):
    """Step 2. Emits `advanced` with the swap that has its returned battery; None when the swap was stopped."""

    step = RAIL[Step.RETURNED]
    reading_title, read_title = mark("Reading the returned battery"), mark("Returned battery")
    offered = (Remedy.READ_AGAIN, Remedy.STOP_SWAP, Remedy.RECORD_INSPECTION, Remedy.BIND_STICKER)

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.inspection = ""

    def more_views(self) -> dict[BatteryViewKind, QWidget]:
        self.more, self.approval = MoreView(self.context.widgets), ApproveView(self.context, Act.RETURNED_MORE, REASONS)
        self.more.given_back.connect(lambda: self.take(Remedy.STOP_SWAP))
        self.approval.changed.connect(self.redrawn)
        return {BatteryViewKind.MORE: self.more, BatteryViewKind.APPROVAL: self.approval}

    def build_next(self) -> bool:
        return self.approval.typing.build()

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self.inspection = ""
        wanted = self.context.memory.take_wanted()
        anew = wanted is not None and wanted.anew
        self.read(ReadRequest(target=self.expected, shown=self.expected), anew=anew)

    @property
    def expected(self) -> str:
        """The battery that the plan says the customer has."""
        return self.running.plan.current_asset or ""

    def reading_of(self, swap: Swap) -> BatteryTelemetry | None:
        return swap.incoming

    def return_to(self, swap: Swap) -> None:
        self.inspection = swap.inspection
        super().return_to(swap)

    def is_expected(self, text: str) -> bool:
        return id_tail(text) == id_tail(self.expected)

    def tips(self) -> tuple[str, str, str]:
        return tr("Expected battery"), self.expected, tr("With {customer}", customer=self.name)

    def read_again(self) -> None:
        self.inspection = ""
        self.undo(lambda: self.read_scanned(self.expected))

    # -- more than it went out with

    def resume(self, before: Page, swap: Swap | None) -> None:
        if isinstance(before, ReturnedPage):
            self.inspection = before.inspection
        super().resume(before, swap)

    def show_error(self, error: KioskError) -> None:
        if not isinstance(error, ReturnedMore) or self.reading is None:
            super().show_error(error)
            return
        self.error = error
        sides = sides_of(error, self.reading, self.context.here, self.context.kiosk.swaps.station.id)
        asked = bool(self.context.kiosk.swaps.supervisors)
        self.more.show_more(error, sides, may_go_on=asked, may_give_back=asked and self.way_out is Remedy.STOP_SWAP)
        self.show_view(BatteryViewKind.MORE)

    def _approve(self) -> None:
        """Who approves lets the swap go on."""
        reading, approval = self.reading, self.approval
        if approval.is_ready and reading is not None:
            who, swaps = approval.take(), self.context.kiosk.swaps
            work = swaps.accept_more(self.running, reading, who.id, approval.reason, self.inspection, pin=who.pin)
            self.act(work, self.accept, lambda error: None if approval.refuse(error) else self.refuse(error))

    def frame_state(self) -> FrameState:
        if self.view is BatteryViewKind.MORE:
            title = tr("{battery_id} holds more than before", battery_id=self.expected)
            go_on, again = Action(words=tr("Go on, it was charged")), action(Remedy.READ_AGAIN)
            stops = self.way_out is Remedy.STOP_SWAP
            out = Action(words=tr("Give it back"), icon="arrow-u-up-left-bold") if stops else action(self.way_out)
            first, second = (go_on, again) if self.context.kiosk.swaps.supervisors else (again, out)
            return FrameState(title=title, step=self.step, primary=first, other=second)
        if self.view is BatteryViewKind.APPROVAL:
            return FrameState(title=self.approval.title, step=self.step, primary=self.approval.action(tr("Let the swap go on")))
        return super().frame_state()

    def primary(self) -> None:
        if self.view is BatteryViewKind.APPROVAL:
            self._approve()
        elif self.view is BatteryViewKind.READ and self._verdict().answer is Answer.NO:
            self.swap = self.accepted
            self.keep()
        elif self.view is not BatteryViewKind.MORE:
            super().primary()
        elif self.context.kiosk.swaps.supervisors:
            self.approval.begin()
            self.show_view(BatteryViewKind.APPROVAL)
        else:
            self.read_again()

    def other(self) -> None:
        if self.view is not BatteryViewKind.MORE:
            super().other()
        elif self.context.kiosk.swaps.supervisors:
            self.read_again()
        else:
            self.take(self.way_out)

    def back(self) -> None:
        if self.view is BatteryViewKind.APPROVAL:
            if not self.approval.back():
                self.show_view(BatteryViewKind.MORE)
        else:
            super().back()

    def handle_scan(self, text: str) -> str:
        return self.approval.scan_here if self.view is BatteryViewKind.APPROVAL else super().handle_scan(text)

    @property
    def is_typing(self) -> bool:
        return self.view is BatteryViewKind.APPROVAL and self.approval.is_typing

    def type_character(self, character: str) -> None:
        if self.view is BatteryViewKind.APPROVAL:
            self.approval.type_character(character)

    def take_badge(self, code: str) -> bool:
        return self.view is BatteryViewKind.APPROVAL and self.approval.take_badge(code)

    def leave(self) -> None:
        self.approval.end()
        super().leave()

    # -- the reading

    def accept_work(self, swap: Swap, reading: BatteryTelemetry) -> Coroutine[Any, Any, Swap]:
        return self.context.kiosk.swaps.accept_returned(swap, reading)

    def accept(self, swap: Swap) -> None:
        """The radio is free again: look for the new battery while the attendant still carries the old one."""
        super().accept(swap)
        self.look_around(lambda _error: None)  # the next page will show it

    def show_seen(self, seen: tuple[Sighting, ...]) -> None:
        self.context.memory.note_seen(seen, self.context.now())

    def show_accepted(self, swap: Swap, reading: BatteryTelemetry) -> None:
        reasons = tuple(sentence_case(reason) for reason in swap.inspection.split("; ")[:MAX_CHECKS] if reason)
        card, read_at = battery_view(reading, tr("Energy left")), read_words(reading, self.context.zone)
        checks = reasons or checks_of(reading, self.name)
        self.read_view.show_read(card, checks, read_at, notices=notices_of(reading), set_aside=bool(reasons))
        self.show_view(BatteryViewKind.READ)

    def _verdict(self) -> SwapVerdict:
        return verdict_on(self.accepted or self.running, self.context.kiosk.swaps.rules)

    @property
    def _all_green(self) -> bool:
        """Whether there is nothing to look at in what was read."""
        swap, reading = self.accepted, self.reading
        if swap is None or reading is None or self.view is not BatteryViewKind.READ:
            return False
        plain = not (swap.inspection or swap.more_approved or reading.estimated)
        return plain and self._verdict().answer is Answer.YES

    def read_action(self) -> Action:
        """Where there is no new battery for this customer the returned one is kept with the swap."""
        if self._verdict().answer is Answer.NO:
            return action(Remedy.KEEP)
        return Action(words=tr("Choose new battery"), goes_on_after=self.going_on_after(all_green=self._all_green))

    def go_on(self) -> None:
        if self._all_green:
            self.advanced.emit(self.accepted)

    def take_sticker(self, battery_id: str) -> str:
        """Once the returned battery is read, a sticker is the new one's; its own is read again."""
        if self.view is not BatteryViewKind.READ or self.is_expected(battery_id):
            return super().take_sticker(battery_id)
        if self._verdict().answer is Answer.NO:
            return tr(NO_NEW)
        self.context.memory.wanted = WantedBattery(battery_id=battery_id)
        self.advanced.emit(self.accepted)
        return ""

    def take(self, remedy: Remedy) -> None:
        if remedy is Remedy.READ_AGAIN:
            self.read_again()
        elif remedy is Remedy.RECORD_INSPECTION and isinstance(self.error, BatteryDamaged):
            if self.reading is not None:
                self.inspection = "; ".join(self.error.reasons)
                work = self.context.kiosk.swaps.accept_returned(self.running, self.reading, self.inspection)
                self.act(work, self.accept, self.refuse)
        elif self.way_out is Remedy.KEEP:
            self.keep()
        else:
            reason = "unreadable, set aside for inspection" if remedy is Remedy.RECORD_INSPECTION else why_stopped(self.error)
            self.act(self.context.kiosk.swaps.leave(self.running, reason), lambda _none: self.advanced.emit(None), self.refuse)
