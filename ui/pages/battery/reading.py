"""What the two battery pages have in common: one reading, from its start to the accepted battery or to an error with two buttons.

A battery that was read in the background a moment ago is not read again, unless a person asks for that.
A reading shows its seconds, its phases, the usual time, the limit and Stop. The scanner ends it at the limit; if it does not, the page
ends it a little later. Leaving the page, stopping, or another reading cancels what is under way. An error of the scanner or of the rules
is shown by the error panel; any other exception is shown by the window as a fault of the program, and the reading is stopped. Scans are
refused while a battery is being read.
"""

from abc import abstractmethod
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QElapsedTimer, Qt, Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from kiosk.domain.battery.battery import BatteryTelemetry, normalise_id
from kiosk.domain.battery.binding import address_of, is_address_label, read_sticker
from kiosk.domain.errors import BatteryUnreachable, BatteryUnreadable, KioskError
from kiosk.domain.language import mark, tr
from kiosk.domain.messages import Remedy
from kiosk.domain.money.payments import is_battery_sticker
from kiosk.domain.swap.swap import Swap, go_back
from kiosk.station.ports import ReadPhase, Sighting
from kiosk.station.services.device_health import watch
from ui.pages.battery.refusals import UNSURE, Around, refusal_view
from ui.pages.battery.views import PHASE_INDEX, BatteryViewKind, ReadRequest, ReadView, TipsView, wait_for
from ui.pages.formatting import masked_name
from ui.pages.page_context import BIND, Page, PageContext, action, is_customer_code, remedies_of
from ui.pages.refusal_titles import title_of
from ui.widgets import BusyPanel, ErrorPanel, ErrorView, StatusHero
from ui.widgets.frame import Action, FrameState

TICK_MILLISECONDS = 200
GRACE_SECONDS = 3.0  # the scanner may take so long to close a link after its limit
READING_HERE = mark("A battery is being read. Wait for the reading, or stop it.")
STICKER_HERE = mark("That is not a battery code. Scan the sticker on the battery now.")
MAX_CODE = 64


_REFUSED = frozenset({BatteryViewKind.REFUSED, BatteryViewKind.MORE, BatteryViewKind.APPROVAL})


class ReadingPage(Page):
    """The base of the page for the returned and of the page for the new battery. Titles are marked sentences."""

    step = 0
    reading_title, read_title = "", ""
    offered: tuple[Remedy, ...] = (Remedy.READ_AGAIN, Remedy.STOP_SWAP)
    is_new = False
    _phase_begun = Signal(int, object)  # the number of the reading and its phase; comes from the I/O thread
    _seen_changed = Signal(object)  # sightings; comes from the I/O thread

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        widgets = context.widgets
        self.view = BatteryViewKind.STOPPED
        self.request = ReadRequest(target="", shown="")
        self.accepted: Swap | None = None
        self.reading: BatteryTelemetry | None = None
        self.error: KioskError | None = None
        self._seen: tuple[Sighting, ...] = ()
        self._error_view: ErrorView | None = None
        self._run, self._phase = 0, 0
        self.busy, stopped = BusyPanel(widgets), StatusHero(widgets)
        stopped.show_hero("accent", "bluetooth-bold", tr("Reading stopped"), tr("Put the battery on the counter and read it again."))
        self.reading_view, self.stopped_view = TipsView(widgets, self.busy), TipsView(widgets, stopped)
        self.read_view, self.refused = ReadView(widgets), ErrorPanel(widgets)
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
        self._since, self._timer = QElapsedTimer(), self.timer(TICK_MILLISECONDS, self._tick)
        self._phase_begun.connect(self._show_phase, Qt.ConnectionType.QueuedConnection)
        self._seen_changed.connect(self._note_seen, Qt.ConnectionType.QueuedConnection)
        self.refused.pressed.connect(lambda key: self._take(Remedy[key]))

    # -- what the two pages differ in

    def more_views(self) -> dict[BatteryViewKind, QWidget]:
        """Views of one page only."""
        return {}

    @abstractmethod
    def accept_work(self, swap: Swap, reading: BatteryTelemetry) -> Coroutine[Any, Any, Swap]:
        """Ask the rules about a reading; the swap with this battery."""

    @abstractmethod
    def take(self, remedy: Remedy) -> None:
        """Do what a button of an error says, but for binding a sticker."""

    @abstractmethod
    def tips(self) -> tuple[str, str, str]:
        """Which battery is meant: a caption, its id, and who has it ("" for nobody)."""

    @abstractmethod
    def read_again(self) -> None:
        """Read the same battery from the beginning."""

    @abstractmethod
    def is_expected(self, text: str) -> bool:
        """Whether a code that has not the form of a sticker belongs to a battery that may be meant here."""

    @abstractmethod
    def show_seen(self, seen: tuple[Sighting, ...]) -> None:
        """What is in range has changed."""

    @abstractmethod
    def show_accepted(self, swap: Swap, reading: BatteryTelemetry) -> None:
        """The battery is part of the swap by now: show its reading, or go on."""

    def read_action(self) -> Action:
        """The next step from an accepted reading, where the page shows one."""
        return Action(words="")

    # -- coming and going

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self.accepted = self.reading = self.error = None

    @abstractmethod
    def reading_of(self, swap: Swap) -> BatteryTelemetry | None:
        """What this page has read for a swap."""

    def return_to(self, swap: Swap) -> None:
        ReadingPage.enter(self, go_back(swap))
        self.accepted, self.reading = swap, self.reading_of(swap)
        if self.reading is not None:
            self.request = ReadRequest(target=self.reading.address or self.reading.battery_id, shown=self.reading.battery_id)
        self._show_accepted()

    def resume(self, before: Page, swap: Swap | None) -> None:
        """The reading of `before` is over: what it has read, or why it was refused, is shown again; else a battery may be read anew."""
        ReadingPage.enter(self, swap)
        if isinstance(before, ReadingPage):
            self.request, self.accepted, self.reading, self.error = before.request, before.accepted, before.reading, before.error
            self.view = before.view
        if self.view is BatteryViewKind.READ and self.accepted is not None:
            self._show_accepted()
        elif self.view in _REFUSED and self.error is not None:
            self.show_error(self.error)
        else:
            self.show_nothing_read()

    def show_nothing_read(self) -> None:
        """What is shown while no battery was read."""
        self.show_tips()
        self.show_view(BatteryViewKind.STOPPED)

    def leave(self) -> None:
        self.stop_work()

    def stop_work(self) -> None:
        """Cancel what is under way here; the page may stay."""
        self._timer.stop()
        self._run += 1
        super().leave()

    def show_view(self, view: BatteryViewKind) -> None:
        self.view = view
        self._layers.setCurrentWidget(self._widgets[view])
        self.redrawn.emit()

    def look_around(self, failed: Callable[[Exception], None]) -> None:
        """Keep `show_seen` informed of what is in range until the page is left or stopped."""
        self.run(watch(self.context.kiosk.scanner, self._seen_changed.emit), lambda _none: None, failed)

    def undo(self, then: Callable[[], None]) -> None:
        """Remove an accepted battery from the swap, which is stored, and go on; without one go on at once."""
        accepted, self.accepted = self.accepted, None
        if accepted is None:
            then()
        else:
            self.act(self.context.kiosk.swaps.back(accepted), lambda _swap: then())

    @property
    def works(self) -> bool:
        return super().works or self.view is BatteryViewKind.READING

    def put_away(self, reason: str) -> None:
        self.stop_work()
        work = self.context.kiosk.swaps.put_away(self.accepted or self.running, reason)
        self.act(work, lambda _none: self.advanced.emit(None), self.refuse)

    def keep(self) -> None:
        """Keep the swap for later, as it is stored."""
        self.act(self.context.kiosk.swaps.keep(self.running), lambda _none: self.advanced.emit(None), self.refuse)

    @property
    def name(self) -> str:
        """The customer, masked."""
        return masked_name(self.running.plan)

    # -- one reading

    def read_scanned(self, battery_id: str) -> None:
        """Read the battery whose id was scanned or typed."""
        self.read(ReadRequest(target=battery_id, shown=battery_id))

    def read(self, request: ReadRequest, *, anew: bool = True) -> None:
        """Read a battery, from the beginning; unless `anew` what was read in the background is taken."""
        self.stop_work()
        self.request, self.reading, self.error, self._phase = request, None, None, 0
        run, kiosk = self._run, self.context.kiosk
        limit = kiosk.swaps.read_seconds(self.running)
        self.busy.start(wait_for(self.context.memory.usual_seconds(limit), limit))
        self.show_tips()
        self.show_view(BatteryViewKind.READING)
        self._since.start()
        self._timer.start()
        work = kiosk.reads.read(self.running, request.target, lambda phase: self._phase_begun.emit(run, phase), anew=anew)
        self.run(work, self._check, self.refuse)

    def show_tips(self) -> None:
        """Which battery is meant, beside the wait and beside a stopped reading."""
        for view in (self.reading_view, self.stopped_view):
            view.show_battery(*self.tips())

    def _show_phase(self, run: int, phase: ReadPhase) -> None:
        if run == self._run and self.view is BatteryViewKind.READING:
            self._phase = max(self._phase, PHASE_INDEX[phase])
            self._tick()

    def _tick(self) -> None:
        if self.view is not BatteryViewKind.READING:
            return
        elapsed, limit = self._since.elapsed() / 1000, self.context.kiosk.swaps.read_seconds(self.running)
        self.busy.tick(min(elapsed, limit), self._phase)
        if elapsed > limit + GRACE_SECONDS:
            self.stop_work()
            self.refuse(BatteryUnreachable(self.request.shown, limit))

    def _check(self, reading: BatteryTelemetry) -> None:
        """The battery is read: ask the rules."""
        self._timer.stop()
        self.reading = reading
        self.run(self.accept_work(self.running, reading), self.accept, self.refuse)

    def accept(self, swap: Swap) -> None:
        """The battery is part of the swap: show it."""
        if self.reading is None:
            return
        self.accepted = swap
        self.context.memory.note_reading(self.reading)
        self.context.sounds.accepted()
        self._show_accepted()

    def _show_accepted(self) -> None:
        if self.accepted is not None and self.reading is not None:
            self.show_accepted(self.accepted, self.reading)

    # -- errors

    def refuse(self, error: Exception) -> None:
        """Show why not; a fault of the program is shown by the window."""
        self._timer.stop()
        if not isinstance(error, KioskError):
            self.show_view(BatteryViewKind.STOPPED)
            self.context.bridge.unhandled.emit(error)
            return
        if isinstance(error, BatteryUnreachable | BatteryUnreadable) and error.battery_id in (
            self.request.target.upper(),
            address_of(self.request.target),
        ):
            error = replace(error, battery_id=self.request.shown)  # the id that a person knows: the scanner looked for an address
        self.context.sounds.refused()
        self.show_error(error)

    def show_error(self, error: KioskError) -> None:
        """A refusal with its two remedies."""
        self.error = error
        self._draw_error(error)
        self.show_view(BatteryViewKind.REFUSED)
        if isinstance(error, UNSURE):
            self.look_around(lambda _error: None)  # which ones are near is shown beside it

    def _draw_error(self, error: KioskError) -> None:
        around = Around(seen=self._seen, memory=self.context.memory, here=self.context.here)
        view = refusal_view(error, self.name, around, is_new=self.is_new)
        if view != self._error_view:  # it is built anew
            self._error_view = view
            self.refused.show_error(view)

    def _note_seen(self, seen: tuple[Sighting, ...]) -> None:
        self._seen = seen
        self.show_seen(seen)
        if self.view is BatteryViewKind.REFUSED and isinstance(self.error, UNSURE):
            self._draw_error(self.error)

    # -- a sticker that is not bound

    @property
    def sticker(self) -> str:
        """The id that was asked for; "" where an address was."""
        return "" if address_of(self.request.target) else normalise_id(self.request.target)

    def _take(self, remedy: Remedy) -> None:
        if remedy is Remedy.BIND_STICKER:
            self.bind_sticker()
        else:
            self.take(remedy)

    def bind_sticker(self) -> None:
        """Show the page where the sticker is bound to its pack."""
        self.stop_work()
        self.opened.emit(BIND, self.sticker)

    def come_back(self, bound: str) -> None:
        """Read by its binding what is bound now; else what is near is looked for again."""
        if self.view is not BatteryViewKind.REFUSED:
            return
        if bound and bound == self.sticker:
            self.read_scanned(bound)
        elif isinstance(self.error, UNSURE):
            self.look_around(lambda _error: None)

    def ways(self) -> list[Remedy]:
        """What this page offers. A swap whose payment is recorded cannot be stopped, only kept: the money has come."""
        return [self.way_out if each is Remedy.STOP_SWAP else each for each in self.offered]

    @property
    def way_out(self) -> Remedy:
        return Remedy.KEEP if self.running.payments else Remedy.STOP_SWAP

    # -- the frame

    def frame_state(self) -> FrameState:
        title, other = tr(self.read_title), action(Remedy.READ_AGAIN)
        match self.view:
            case BatteryViewKind.READING:
                title, other = tr(self.reading_title), Action(words=tr("Stop reading"), icon="x-bold")
                primary = Action(words=tr("Reading, please wait"), icon="hourglass-medium-bold", enabled=False)
            case BatteryViewKind.REFUSED:
                title = title_of(self.error)
                primary, other = (action(each) for each in remedies_of(self.error, self.ways()))
            case BatteryViewKind.READ:
                primary = self.read_action()
            case _:
                primary, other = other, action(self._way_when_stopped())
        return FrameState(title=title, step=self.step, primary=primary, back=self.way_back_here(), other=other)

    def way_back_here(self) -> Action:
        """Back, to wherever it goes from here."""
        return self.way_back()

    def _way_when_stopped(self) -> Remedy:
        return next(each for each in self.ways() if each is not Remedy.READ_AGAIN)

    # -- presses and scans

    def primary(self) -> None:
        match self.view:
            case BatteryViewKind.READ:
                self.advanced.emit(self.accepted)
            case BatteryViewKind.REFUSED:
                self._take(remedies_of(self.error, self.ways())[0])
            case BatteryViewKind.STOPPED:
                self.read_again()

    def other(self) -> None:
        match self.view:
            case BatteryViewKind.READING:
                self.stop_work()
                self.show_view(BatteryViewKind.STOPPED)
            case BatteryViewKind.REFUSED:
                self._take(remedies_of(self.error, self.ways())[1])
            case BatteryViewKind.READ:
                self.read_again()
            case _:
                self.take(self._way_when_stopped())

    def back(self) -> None:
        self.stop_work()
        self.stepped_back.emit(self.accepted or self.running)

    def handle_scan(self, text: str) -> str:
        if self.view is BatteryViewKind.READING:
            return tr(READING_HERE)
        text = read_sticker(text).battery_id or text  # its code may hold the pack's address too
        if (
            is_customer_code(text)
            or not (is_battery_sticker(text) or is_address_label(text) or self.is_expected(text))
            or len(text) > MAX_CODE
        ):
            return tr(STICKER_HERE)
        return self.take_sticker(normalise_id(text))

    def take_sticker(self, battery_id: str) -> str:
        """The sticker of a battery was scanned; the answer is empty when it was taken."""
        self.undo(lambda: self.read_scanned(battery_id))
        return ""
