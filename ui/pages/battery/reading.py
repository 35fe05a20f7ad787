"""What the two battery pages have in common: one reading from its start to the accepted battery, or to a refusal with two ways on.

A reading has seconds, phases, a usual time, a limit and Stop. At the limit the scanner ends it; were it to break its word, the page ends it
a little later itself. Leaving the page, stopping, or another reading drops what is under way. A refusal of the scanner or of the rules is
an error panel; anything else goes to the window as a fault, and the reading is stopped. Scans are dropped while a battery is being read.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.errors import (
    BatteriesAlike,
    BatteryDamaged,
    BatteryTaken,
    BatteryTooLow,
    BatteryUnreachable,
    BatteryUnreadable,
    KioskError,
    SameBattery,
    WrongBattery,
)
from kiosk.domain.messages import Remedy
from kiosk.domain.swap.swap import Swap
from kiosk.station.ports import ReadPhase
from ui.pages.battery.views import ReadFacts, ReadingView, ReadView, StoppedView, wait_for
from ui.pages.error_views import action, error_view, ways_of, wrong_battery_view
from ui.pages.page_context import Page, PageContext
from ui.pages.shared_text import masked_name
from ui.widgets import ErrorPanel, ErrorView
from ui.widgets.frame import Action, FrameState

TICK_MILLISECONDS = 200
GRACE_SECONDS = 3.0  # the scanner may take so long to close a link after its limit
READING_HERE = "A battery is being read. Wait for the reading, or stop it."
STICKER_HERE = "That is not a battery code. Scan the sticker on the battery now."
MOST_CODE = 64
PHASE_INDEX = {ReadPhase.LOOKING: 0, ReadPhase.CONNECTING: 1, ReadPhase.READING: 2}
TITLES: dict[type[KioskError], str] = {
    WrongBattery: "Wrong battery",
    BatteryDamaged: "Not fit for use",
    BatteryUnreachable: "No reading",
    BatteryUnreadable: "No reading",
    BatteriesAlike: "Which battery?",
    BatteryTooLow: "Too little charge",
    SameBattery: "The returned battery",
    BatteryTaken: "Another customer's battery",
}
NOT_POSSIBLE = "Not possible now"


class BatteryViewKind(StrEnum):
    """What a battery page shows."""

    LIST = "list"
    TYPING = "typing"
    READING = "reading"
    STOPPED = "stopped"
    READ = "read"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """Which battery is to be read: `target` as the scanner looks for it (an id or an address), `shown` as a person knows it."""

    target: str
    shown: str


class ReadingPage(Page):
    """The base of the page for the returned and of the page for the new battery."""

    step = 0
    reading_title, read_title = "", ""
    offered: tuple[Remedy, ...] = (Remedy.READ_AGAIN, Remedy.STOP_SWAP)
    _told = Signal(int, object)  # the number of the reading and its phase; comes from the I/O thread

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        kit = context.kit
        self.view = BatteryViewKind.STOPPED
        self.asked = ReadRequest(target="", shown="")
        self.accepted: Swap | None = None
        self.reading: BatteryTelemetry | None = None
        self.error: KioskError | None = None
        self._run, self._phase = 0, 0
        self.reading_view, self.stopped_view, self.read_view = ReadingView(kit), StoppedView(kit), ReadView(kit)
        self.refused = ErrorPanel(kit)
        self._layers = QStackedLayout(self)
        self._widgets: dict[BatteryViewKind, QWidget] = {
            BatteryViewKind.READING: self.reading_view,
            BatteryViewKind.STOPPED: self.stopped_view,
            BatteryViewKind.READ: self.read_view,
            BatteryViewKind.REFUSED: self.refused,
            **self.more_views(),
        }
        for widget in self._widgets.values():
            self._layers.addWidget(widget)
        self._since, self._timer = QElapsedTimer(), QTimer(self)
        self._timer.setInterval(TICK_MILLISECONDS)
        self._timer.timeout.connect(self._tick)
        self._told.connect(self._hear_phase, Qt.ConnectionType.QueuedConnection)

    # -- what the two pages differ in

    def more_views(self) -> dict[BatteryViewKind, QWidget]:
        """Views of one page only."""
        return {}

    def accepting(self, swap: Swap, reading: BatteryTelemetry) -> Coroutine[Any, Any, Swap]:
        """The rules' word on a reading."""
        raise NotImplementedError(type(self).__name__)

    def take(self, way: Remedy) -> None:
        """Go one of the ways on."""
        raise NotImplementedError(type(self).__name__)

    def undo(self, then: Callable[[], None]) -> None:
        """Take an accepted battery back out of the swap, journalled, and go on; without one go on at once."""
        accepted, self.accepted = self.accepted, None
        if accepted is None:
            then()
        else:
            self.act(self.context.kiosk.swaps.back(accepted), lambda _swap: then())

    # -- coming and going

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self.accepted, self.reading, self.error = None, None, None

    def leave(self) -> None:
        self._timer.stop()
        self._run += 1
        super().leave()

    def stop_work(self) -> None:
        """End what is under way here and stay."""
        self._timer.stop()
        self._run += 1
        super().leave()

    def show_view(self, view: BatteryViewKind) -> None:
        self.view = view
        self._layers.setCurrentWidget(self._widgets[view])
        self.redrawn.emit()

    @property
    def name(self) -> str:
        """The customer, masked."""
        return masked_name(self.swap.plan) if self.swap is not None else ""

    # -- one reading

    def read(self, asked: ReadRequest) -> None:
        """Read a battery, from the beginning."""
        if self.swap is None:
            return
        self.stop_work()
        self.asked, self.reading, self.error, self._phase = asked, None, None, 0
        limit = self.context.kiosk.swaps.read_seconds(self.swap)
        self.reading_view.busy.start(wait_for(self.context.memory.usual_seconds(limit), limit))
        self.show_view(BatteryViewKind.READING)
        self._since.start()
        self._timer.start()
        run = self._run
        work = self.context.kiosk.swaps.read(self.swap, asked.target, lambda phase: self._told.emit(run, phase))
        self.run(work, self._landed, self.refuse)

    def _hear_phase(self, run: int, phase: ReadPhase) -> None:
        if run == self._run and self.view is BatteryViewKind.READING:
            self._phase = max(self._phase, PHASE_INDEX[phase])
            self._tick()

    def _tick(self) -> None:
        if self.swap is None or self.view is not BatteryViewKind.READING:
            return
        elapsed, limit = self._since.elapsed() / 1000, self.context.kiosk.swaps.read_seconds(self.swap)
        self.reading_view.busy.tick(min(elapsed, limit), self._phase)
        if elapsed > limit + GRACE_SECONDS:
            self.stop_work()
            self.refuse(BatteryUnreachable(self.asked.shown, limit))

    def _landed(self, reading: BatteryTelemetry) -> None:
        """Read; now the rules."""
        self._timer.stop()
        self.reading = reading
        if self.swap is not None:
            self.run(self.accepting(self.swap, reading), self.accept, self.refuse)

    def accept(self, swap: Swap) -> None:
        """The battery is part of the swap: show it."""
        if self.reading is None:
            return
        self.accepted = swap
        self.context.memory.note_reading(self.reading)
        self.context.sounds.accepted()
        self.read_view.show_read(self.read_facts(swap, self.reading))
        self.show_view(BatteryViewKind.READ)

    def read_facts(self, swap: Swap, reading: BatteryTelemetry) -> ReadFacts:
        """What the accepted reading shows."""
        raise NotImplementedError(type(self).__name__)

    # -- refusals

    def refuse(self, error: Exception) -> None:
        """Show why not; a fault of the program is the window's to tell."""
        self._timer.stop()
        if not isinstance(error, KioskError):
            self.show_view(BatteryViewKind.STOPPED)
            self.context.bridge.unhandled.emit(error)
            return
        self.error = self._named(error)
        self.context.sounds.refused()
        self.refused.show_error(self.error_view(self.error))
        self.show_view(BatteryViewKind.REFUSED)

    def _named(self, error: KioskError) -> KioskError:
        """The battery as a person knows it, where the scanner was asked by address."""
        if isinstance(error, BatteryUnreachable | BatteryUnreadable) and error.battery_id == self.asked.target.upper():
            return replace(error, battery_id=self.asked.shown)
        return error

    def error_view(self, error: KioskError) -> ErrorView:
        """The panel of a refusal, with what was expected and what was read side by side."""
        if isinstance(error, WrongBattery) and error.expected_id and error.read_id:
            return wrong_battery_view(error, self.name)
        return error_view(error)

    def ways(self) -> tuple[Remedy, Remedy]:
        """The two ways on from the refusal that is shown."""
        offered = tuple(self.way_out if way is Remedy.STOP_SWAP else way for way in self.offered)
        return ways_of(self.error, offered) if self.error is not None else (offered[0], offered[1])

    @property
    def way_out(self) -> Remedy:
        """A swap whose payment is recorded cannot be stopped, only kept: the money is a fact."""
        return Remedy.KEEP if self.swap is not None and self.swap.payments else Remedy.STOP_SWAP

    def keep(self) -> None:
        """Set the swap aside as it stands in the journal."""
        if self.swap is not None:
            self.act(self.context.kiosk.swaps.keep(self.swap), lambda _none: self.advanced.emit(None), self.refuse)

    # -- the frame

    def frame_state(self) -> FrameState:
        if self.view is BatteryViewKind.READING:
            wait = Action(words="Reading, please wait", icon="hourglass-medium-bold", enabled=False)
            return FrameState(title=self.reading_title, step=self.step, primary=wait, other=Action(words="Stop reading", icon="x-bold"))
        if self.view is BatteryViewKind.REFUSED:
            first, second = self.ways()
            title = TITLES.get(type(self.error), NOT_POSSIBLE) if self.error is not None else NOT_POSSIBLE
            return FrameState(title=title, step=self.step, primary=action(first), other=action(second))
        return self.own_state()

    def own_state(self) -> FrameState:
        """The frame around the other views."""
        raise NotImplementedError(type(self).__name__)
