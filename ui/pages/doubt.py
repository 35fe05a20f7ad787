"""A reading in doubt, before the swap is completed: both readings side by side, why one of them is wrong, and what to do.

The filled button is the safe act: the battery is read again. A supervisor lets the swap be completed all the same, with a reason (decision
29); at a station without supervisors the attendant may, once the battery was read again (decision 59). A new battery can be left for
another one, and every swap can be kept for later.
"""

from collections.abc import Callable, Coroutine
from enum import Enum, auto
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from kiosk.domain.battery.plausibility import Doubt
from kiosk.domain.errors import BatteryUnreadable
from kiosk.domain.language import mark, tr
from kiosk.domain.messages import Remedy
from kiosk.domain.messages.doubts import ReadingTold, told_now, told_then, why_not_both
from kiosk.domain.people import Act
from kiosk.domain.swap.swap import Step, Swap
from kiosk.station.services.doubtful_readings import approve_doubts
from ui.pages.approval import ApproveView
from ui.pages.formatting import RAIL
from ui.pages.page_context import ICONS, PageContext, action
from ui.pages.session_memory import Refusal
from ui.widgets import Compared, ErrorPanel, ErrorView, Way
from ui.widgets.frame import Action, FrameState, back_action

# why the readings stand; the record keeps the English words
REASONS = {"sticker": mark("Sticker is right"), "clock": mark("A clock was wrong"), "repaired": mark("It was repaired")}
ONE_IS_WRONG = mark("One of the two readings is wrong")
NOTHING_YET = mark("Nothing is recorded yet.")
PAID_YET = mark("The payment is recorded. The swap is not.")


class Asked(Enum):
    """What the page wants of the page around it."""

    READ_AGAIN = auto()
    TAKE_ANOTHER = auto()
    KEEP = auto()


class DoubtStop(QWidget):
    """Stands in the place of the review while a doubt is not settled. `asked` says what is to be done with which battery; `approved` brings
    the swap whose readings stand; `redrawn` that the frame shows something else."""

    asked = Signal(object, str)  # Asked, the battery's id
    approved = Signal(object)  # Swap
    redrawn = Signal()

    def __init__(self, context: PageContext, act: Callable[..., None]) -> None:
        super().__init__()
        self._context, self._act = context, act
        self.swap: Swap | None = None
        self.doubts: tuple[Doubt, ...] = ()
        self.panel, self.approval = ErrorPanel(context.widgets), ApproveView(context, Act.DOUBT, REASONS)
        self._layers = QStackedLayout(self)
        for layer in (self.panel, self.approval):
            self._layers.addWidget(layer)
        self.panel.pressed.connect(self._take)
        self.approval.changed.connect(self.redrawn)

    # -- what is shown

    def show_doubts(self, swap: Swap, doubts: tuple[Doubt, ...]) -> None:
        """The first one; the others come when it is settled, or are approved with it."""
        self.swap, self.doubts = swap, doubts
        self.panel.show_error(self._view())
        self._layers.setCurrentWidget(self.panel)

    @property
    def battery_id(self) -> str:
        return self.doubts[0].now.battery_id

    @property
    def _is_new(self) -> bool:
        return self.swap is not None and self.swap.outgoing is not None and self.swap.outgoing.battery_id == self.battery_id

    @property
    def _has_supervisors(self) -> bool:
        return bool(self._context.kiosk.swaps.supervisors)

    @property
    def _may_complete(self) -> bool:
        """Whether somebody here may let the readings stand now."""
        return self._has_supervisors or (self.swap is not None and self._context.memory.was_read_again(self.swap, self.battery_id))

    @property
    def approving(self) -> bool:
        """Whether the reason and the supervisor are asked for."""
        return self._layers.currentWidget() is self.approval

    @property
    def _paid(self) -> bool:
        return self.swap is not None and bool(self.swap.payments)

    def _view(self) -> ErrorView:
        doubt, others = self.doubts[0], [each.now.battery_id for each in self.doubts if each.now.battery_id != self.battery_id]
        zone, battery = self._context.zone, self.battery_id
        another = tr("The same? Take another battery.") if self._is_new else tr("The same? Look at its sticker.")
        last = tr("Sure of it? A supervisor completes it.") if self._has_supervisors else tr("Sure of it? Say why.")
        return ErrorView(
            sentence=tr(ONE_IS_WRONG),
            below=why_not_both(doubt),
            compared=(_fact(told_then(doubt, zone), wrong=False), _fact(told_now(doubt, zone), wrong=True)),
            recorded=tr("{battery} is in doubt too.", battery=others[0]) if others else tr(PAID_YET if self._paid else NOTHING_YET),
            steps=(tr("Read {battery} again.", battery=battery), another, last),
            ways=(_way(Remedy.CHOOSE_ANOTHER, mark("Take another")),) if self._is_new else (_way(Remedy.KEEP, mark("Keep for later")),),
            tone="attention",
        )

    def frame_state(self) -> FrameState:
        step = RAIL[Step.REVIEW]
        if self.approving:
            title = self.approval.title if self._has_supervisors else tr("Why are the readings right?")
            return FrameState(title=title, step=step, primary=self.approval.action(tr("Complete all the same")))
        again = Action(words=tr("Read {battery} again", battery=self.battery_id), icon=ICONS[Remedy.READ_AGAIN])
        allowed = Action(words=tr("Complete all the same"), icon="identification-badge-bold")
        other = allowed if self._may_complete else action(Remedy.KEEP)
        back = back_action(enabled=not self._paid)
        return FrameState(title=tr("Check and complete"), step=step, primary=again, back=back, other=other)

    # -- presses and typing

    def primary(self) -> None:
        if not self.approving:
            self.asked.emit(Asked.READ_AGAIN, self.battery_id)
        elif self.swap is not None and self.approval.is_ready:
            self._act(self._approval(self.swap), self.approved.emit, self._refuse)

    def _approval(self, swap: Swap) -> Coroutine[Any, Any, Swap]:
        who = self.approval.take()
        return approve_doubts(self._context.kiosk.swaps, swap, who.id, self.approval.reason, who.pin)

    def other(self) -> None:
        if self.approving:
            return
        if not self._may_complete:
            self.asked.emit(Asked.KEEP, self.battery_id)
            return
        self.approval.begin(asks_id=self._has_supervisors)
        self._layers.setCurrentWidget(self.approval)
        self.redrawn.emit()

    def back(self) -> bool:
        """Whether the press was meant for this page: from the approval back to the readings."""
        was = self.approving
        if was and self.approval.back():
            return True
        self._layers.setCurrentWidget(self.panel)
        self.redrawn.emit()
        return was

    def _take(self, way: str) -> None:
        if way == Remedy.KEEP.name:
            self.asked.emit(Asked.KEEP, self.battery_id)
            return
        error = BatteryUnreadable(self.battery_id, tr("its readings contradict each other"))
        refusal = Refusal(at=self._context.now(), error=error)
        self._context.memory.note_refusal(refusal, self.battery_id, self.doubts[0].now.address)
        self.asked.emit(Asked.TAKE_ANOTHER, self.battery_id)

    def _refuse(self, error: Exception) -> None:
        if not self.approval.refuse(error):
            self._context.bridge.unhandled.emit(error)

    @property
    def is_typing(self) -> bool:
        """Whether who approves is typed here."""
        return self.approving and self.approval.is_typing

    @property
    def asks_who(self) -> bool:
        """Whether who approves is asked for."""
        return self.approving and self._has_supervisors

    def type_character(self, character: str) -> None:
        if self.approving:
            self.approval.type_character(character)


def _fact(told: ReadingTold, *, wrong: bool) -> Compared:
    name, icon = (told.place, "storefront-bold") if told.place else (tr("Here"), "map-pin-bold")
    if not told.place and not wrong:
        name = tr("Here, before")
    return Compared(name=name, value=told.value, icon=icon, wrong=wrong, note=tr("read at {time}", time=told.time))


def _way(remedy: Remedy, words: str) -> Way:
    return Way(key=remedy.name, words=tr(words), icon=ICONS[remedy])
