"""The status line, and the overlays behind link, battery reader and printer: what state each is in, since when, and what to do.

Status is a pure value, fed by announcements and read with the time of day. An item of the line is calm while there is nothing to do, amber
when something has to be known, red when a person has to act. It is grey while nothing is known of it yet, where nothing can be known, and
where nothing is set up: it never looks as if it were well. Ages are counted from what was announced; a clock that was set back makes them
0 s. In training the items say that link, batteries and printer are practice.

What is wrong with a part that has no item (platform, disk, clock, certificates) colours the clock, behind which stands a page of all parts.

The overlays show what was announced last and change with it. What they show is worked out by pure functions; nothing here can fail.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kiosk.domain.language import mark, tr, tr_count
from kiosk.domain.swap.swap import Swap
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.events import Event, HealthChanged, OutboxChanged
from kiosk.station.health import NOT_KNOWN, Health, HealthPart, HealthState
from kiosk.station.ports import ReadPhase, ReadTrace
from kiosk.station.services.kiosk import Kiosk
from ui.pages.formatting import StationTime, age_words, moment_words, sentence_case
from ui.pages.page_context import BARCODE, BIND, Page, PageContext, RebuiltPanel
from ui.widgets import StatusHero
from ui.widgets.frame import Action, FrameState
from ui.widgets.status_line import StatusItem

LINK, OUTBOX, SCANNER, PRINTER = "link", "outbox", "scanner", "printer"
SENDING = timedelta(seconds=5)  # an answer usually comes sooner; until then nothing has to be known
MAX_READS = 3
PHASES = {
    ReadPhase.LOOKING: mark("looking {time}"),
    ReadPhase.CONNECTING: mark("connecting {time}"),
    ReadPhase.READING: mark("reading {time}"),
}
FIELDS: dict[type[Event], str] = {LinkChanged: LINK, OutboxChanged: OUTBOX}  # of Status
WITHOUT_SLOT = (  # the clock's light is theirs
    HealthPart.PLATFORM,
    HealthPart.DISK,
    HealthPart.CLOCK,
    HealthPart.CERTIFICATES,
    HealthPart.RECORD,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The last announcement of each; None, or no entry, before the first."""

    practice: bool = False
    open_to_all: bool = False  # anybody may speak on this broker
    link: LinkChanged | None = None
    outbox: OutboxChanged | None = None
    health: Mapping[HealthPart, Health] = field(default_factory=dict)

    def after(self, event: Event) -> "Status":
        """The status after an announcement; one that says nothing about it changes nothing."""
        if isinstance(event, HealthChanged):
            return replace(self, health={**self.health, event.part: event.health})
        changed: dict[str, Any] = {FIELDS[type(event)]: event} if type(event) in FIELDS else {}
        return replace(self, **changed) if changed else self

    @property
    def tone(self) -> str:
        """Of the clock: what is wrong with a part that has no item."""
        states = {self.health[part].state for part in WITHOUT_SLOT if part in self.health}
        return "stop" if HealthState.WRONG in states else "attention" if HealthState.WARNING in states else "muted"

    def items(self, now: datetime) -> tuple[StatusItem, ...]:
        """The items, left to right."""
        return self._link(now), self._outbox(now), self._scanner(), self._printer()

    def _link(self, now: datetime) -> StatusItem:
        if self.link is None:
            return StatusItem(key=LINK, icon="cloud-bold", words=tr("Connecting"), tone="unknown")
        if not self.link.connected:
            words = tr("Offline {age}", age=age_words(self.link.since, now))
            return StatusItem(key=LINK, icon="cloud-slash-bold", words=words, tone="attention")
        if self.link.forbidden:
            return StatusItem(key=LINK, icon="warning-bold", words=tr("Access refused"), tone="attention")
        if self.open_to_all:
            name = tr("Anybody may speak on this broker")
            return StatusItem(key=LINK, icon="warning-bold", words=tr("Open to anybody"), tone="attention", name=name)
        icon, words = ("cloud-bold", tr("Practice platform")) if self.practice else ("cloud-check-bold", tr("Connected"))
        return StatusItem(key=LINK, icon=icon, words=words)

    def _outbox(self, now: datetime) -> StatusItem:
        box = self.outbox
        if box is None:
            return _checking(OUTBOX, "hourglass-medium-bold", tr("Swaps sent: checking"))
        if box.refused:
            words = tr_count("{count} refused", "{count} refused", box.refused)
            if box.unsettled:
                words = tr("{refused}, {count} waiting", refused=words, count=box.unsettled)
            return StatusItem(key=OUTBOX, icon="warning-bold", words=words, tone="stop", name=tr("{words}: call supervisor", words=words))
        if not box.unsettled or box.oldest is None:
            return StatusItem(key=OUTBOX, icon="checks-bold", words=tr("All confirmed"))
        if now - box.oldest < SENDING:
            return StatusItem(key=OUTBOX, icon="paper-plane-right-bold", words=tr("Being sent"))
        age = age_words(box.oldest, now)
        words = tr_count("{count} waiting, {age}", "{count} waiting, {age}", box.unsettled, age=age)
        name = tr_count("{count} waiting, oldest {age}", "{count} waiting, oldest {age}", box.unsettled, age=age)
        return StatusItem(key=OUTBOX, icon="hourglass-medium-bold", words=words, tone="attention", name=name)

    def _scanner(self) -> StatusItem:
        health = self.health.get(HealthPart.READER)
        if health is None:
            return _checking(SCANNER, "bluetooth-bold", tr("Battery reader: checking"))
        if health.needs_somebody:
            return StatusItem(key=SCANNER, icon="bluetooth-slash-bold", words=tr("No reader"), tone="stop", name=tr("No battery reader"))
        if health.state is not HealthState.OK:
            return StatusItem(
                key=SCANNER, icon="bluetooth-bold", words=tr("Not known"), tone="unknown", name=tr("Battery reader: not known")
            )
        words = tr("Practice batteries") if self.practice else tr("Battery reader")
        return StatusItem(key=SCANNER, icon="bluetooth-bold", words=words)

    def _printer(self) -> StatusItem:
        health = self.health.get(HealthPart.PRINTER)
        if health is None:
            return _checking(PRINTER, "printer-bold", tr("Printer: checking"))
        words, tone, name = {
            HealthState.OK: (tr("Prints TRAINING") if self.practice else tr("Printer"), "muted", ""),
            HealthState.NOT_SET_UP: (tr("No printer"), "unknown", tr("No printer is set up")),
            HealthState.NOT_KNOWN: (tr("Not known"), "unknown", tr("Printer: not known")),
        }.get(health.state, (health.short or tr("Printer stopped"), "attention", tr("Printer: {words}", words=health.what)))
        return StatusItem(key=PRINTER, icon="printer-bold", words=words, tone=tone, name=name)


def _checking(key: str, icon: str, name: str) -> StatusItem:
    return StatusItem(key=key, icon=icon, words=tr("Checking"), tone="unknown", name=name)


class Overlay(Page):
    """`status` gives the last announcements. Back closes; scans go to the page of the swap, unless it `takes_scans`. `about` is the battery
    that it was opened for, `bound` one that was bound here; "" for none."""

    closed = Signal()
    takes_scans = False

    def __init__(self, context: PageContext, status: Callable[[], Status]) -> None:
        super().__init__(context)
        self.status = status
        self.about = self.bound = ""

    def put_away(self, _reason: str) -> None:
        self.closed.emit()

    def back(self) -> None:
        self.closed.emit()

    def primary(self) -> None:
        self.closed.emit()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceView:
    """`tone`: muted (as it should be), attention, stop. `heading` stands over the numbered `steps`, or over `reads`, two lines each, where
    there are any."""

    tone: str
    icon: str
    head: str
    sentences: tuple[str, ...]
    heading: str
    steps: tuple[str, ...]
    reads: tuple[tuple[str, str], ...] = ()


def scanner_view(status: Status, here: StationTime, reads: tuple[ReadTrace, ...] = ()) -> DeviceView:
    """The battery reader; where it works, how the last readings went."""
    health = status.health.get(HealthPart.READER, NOT_KNOWN)
    if health.needs_somebody:
        return DeviceView(
            tone="stop",
            icon="bluetooth-slash-bold",
            head=tr("No battery reader"),
            sentences=(*reason_words(health.what), tr("No battery can be read, so no swap can be completed.")),
            heading=tr("What to do"),
            steps=(
                health.repair or tr("Unplug the Bluetooth adapter and plug it in again."),
                tr("Wait for half a minute."),
                tr("Still red? Call the supervisor."),
            ),
        )
    latest = reads[:MAX_READS]
    works = tr("Practice batteries") if status.practice else tr("Battery reader works")
    known = works if health.state is HealthState.OK else tr("Whether the battery reader works is not known")
    return DeviceView(
        tone="muted",
        icon="bluetooth-bold",
        head=known if HealthPart.READER in status.health else tr("The battery reader is being checked"),
        sentences=(tr("Batteries are read over Bluetooth, one at a time."),),
        heading=tr("Last readings") if latest else tr("If a battery does not answer"),
        steps=(tr("Switch it on and put it on the counter."), tr("Move other batteries away."), tr("Read again.")),
        reads=tuple(read_lines(trace, here) for trace in latest),
    )


def read_lines(trace: ReadTrace, here: StationTime) -> tuple[str, str]:
    """One reading: which battery, when and how it ended; below how long each phase took, the signal, and what was tried again."""
    values = {"battery": trace.battery_id or trace.asked, "moment": moment_words(trace.started_at, here.now, here.zone)}
    read = tr("{battery}, {moment}: read in {seconds} s", **values, seconds=f"{trace.seconds:.1f}")
    level = f"{trace.rssi}\N{NO-BREAK SPACE}dBm".replace("-", "\N{MINUS SIGN}")
    signal = tr("signal {level}", level=level) if trace.rssi is not None else tr("no signal")
    phases = (tr(PHASES[each.phase], time=f"{each.seconds:.1f}\N{NO-BREAK SPACE}s") for each in trace.phases)
    line = read if trace.outcome == "read" else tr("{battery}, {moment}: {reason}", **values, reason=trace.outcome)
    return line, sentence_case(", ".join((*phases, signal, *(tr(step) for step in trace.recoveries))))


def printer_view(status: Status, _here: StationTime) -> DeviceView:
    """The printer."""
    health = status.health.get(HealthPart.PRINTER, NOT_KNOWN)
    if health.state is HealthState.NOT_SET_UP:
        return DeviceView(
            tone="muted",
            icon="printer-bold",
            head=tr("No printer is set up"),
            sentences=(tr("Swaps are complete without paper."), tr("Receipts are kept, and can be printed later.")),
            heading=tr("To print receipts"),
            steps=(tr("Connect a printer to this computer."), tr("Ask the technician to enter its name in the settings.")),
        )
    if health.needs_somebody:
        return DeviceView(
            tone="attention",
            icon="printer-bold",
            head=tr("The printer does not print"),
            sentences=(*reason_words(health.what), tr("Swaps are complete without paper.")),
            heading=tr("What to do"),
            steps=(
                health.repair or tr("Check paper, lid and power."),
                tr("Then press Print again at the last swap."),
                tr("Older receipts: ask the supervisor."),
            ),
        )
    ready = tr("Prints TRAINING") if status.practice else tr("The printer is ready")
    known = ready if health.state is HealthState.OK else tr("Whether the printer is ready is not known")
    return DeviceView(
        tone="muted",
        icon="printer-bold",
        head=known if HealthPart.PRINTER in status.health else tr("The printer is being checked"),
        sentences=(tr("A receipt comes by itself after each swap."),),
        heading=tr("If no receipt comes"),
        steps=(tr("Check paper, lid and power."), tr("Press Print again at the last swap."), tr("The swap is complete all the same.")),
    )


def reason_words(reason: str) -> tuple[str, ...]:
    """A reason as a sentence, where there is one."""
    return (tr("Reason: {reason}.", reason=reason),) if reason else ()


class DevicePage(Overlay):
    """What state one device is in, as `view_of` says; `title` is a marked sentence."""

    def __init__(
        self, context: PageContext, status: Callable[[], Status], title: str, view_of: Callable[[Status, StationTime], DeviceView]
    ) -> None:
        super().__init__(context, status)
        self._title, self._view_of = title, view_of
        self._shown: DeviceView | None = None
        self._live, self._ways = StatusHero(context.widgets), RebuiltPanel(context.widgets)
        self.setLayout(context.widgets.columns((self._live, 7), (self._ways, 5)))

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self.draw()

    def handle_event(self, _event: Event) -> None:
        self.draw()

    def draw(self) -> None:
        """Show what is known now, where it differs from what is shown."""
        view, widgets = self._view_of(self.status(), self.context.here), self.context.widgets
        if view == self._shown:
            return
        before, self._shown = self._shown, view
        self._live.show_hero(view.tone, view.icon, view.head, *view.sentences)
        if before is not None and (before.heading, before.steps, before.reads) == (view.heading, view.steps, view.reads):
            return
        reads = (widgets.stack(widgets.text(line, "strong"), widgets.text(below, "body", "muted"), gap="xs") for line, below in view.reads)
        below = tuple(reads) or (widgets.numbered(*view.steps),)
        self._ways.rebuild(widgets.stack(widgets.text(view.heading, "title"), widgets.rule(), *below, ..., *self.doors(), gap="m"))

    def doors(self) -> tuple[QWidget, ...]:
        """Buttons to other pages, below what to do."""
        return ()

    def frame_state(self) -> FrameState:
        return FrameState(title=tr(self._title), step=0, primary=Action(words=tr("Back to the counter")), back=None)


PrinterPage = partial(DevicePage, title=mark("Printer"), view_of=printer_view)  # behind "Printer"


class ScannerPage(DevicePage):
    """Behind "Battery reader"."""

    def __init__(self, context: PageContext, status: Callable[[], Status]) -> None:
        self._reads: tuple[ReadTrace, ...] = ()
        super().__init__(context, status, mark("Battery reader"), lambda status, here: scanner_view(status, here, self._reads))

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self.run(_last_reads(self.context.kiosk), self._show_reads)

    def frame_state(self) -> FrameState:
        return replace(super().frame_state(), other=Action(words=tr("Bind a sticker"), icon="link-bold"))

    def other(self) -> None:
        self.opened.emit(BIND, "")

    def doors(self) -> tuple[QWidget, ...]:
        button = self.context.widgets.button(tr("Try the scanner"), "qr-code-bold")
        button.clicked.connect(lambda: self.opened.emit(BARCODE, ""))
        return (button,)

    def _show_reads(self, reads: tuple[ReadTrace, ...]) -> None:
        self._reads = reads
        self.draw()


async def _last_reads(kiosk: Kiosk) -> tuple[ReadTrace, ...]:
    """On the I/O thread, which adds to them."""
    return kiosk.scanner.last_reads()
