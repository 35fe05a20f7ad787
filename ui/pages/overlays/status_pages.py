"""The status line, and the overlays behind link, battery reader and printer: what state each is in, since when, and what to do.

Status is a pure value, fed by announcements and read with the time of day. An item of the line is calm while there is nothing to do, amber
when something has to be known, red when a person has to act. It is grey while nothing is known of it yet, where nothing can be known, and
where nothing is set up: it never looks as if it were well. Ages are counted from what was announced; a clock that was set back makes them
0 s. In training the items say that link, batteries and printer are practice.

The overlays show what was announced last and change with it. What they show is worked out by pure functions; nothing here can fail.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kiosk.domain.language import mark, tr, tr_count
from kiosk.domain.swap.swap import Swap
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.events import Event, OutboxChanged, PrinterChanged, ScannerChanged
from kiosk.station.ports import ReadPhase, ReadTrace
from kiosk.station.services.kiosk import Kiosk
from ui.pages.formatting import StationTime, age_words, moment_words, sentence_case
from ui.pages.page_context import BARCODE, BIND, Page, PageContext, RebuiltPanel
from ui.widgets import StatusHero
from ui.widgets.frame import Action, FrameState
from ui.widgets.head import StatusItem

LINK, OUTBOX, SCANNER, PRINTER = "link", "outbox", "scanner", "printer"
SENDING = timedelta(seconds=5)  # an answer usually comes sooner; until then nothing has to be known
MAX_REASON = 24  # characters; a longer reason stands on the page behind the item
MAX_READS = 3
PHASES = {
    ReadPhase.LOOKING: mark("looking {time}"),
    ReadPhase.CONNECTING: mark("connecting {time}"),
    ReadPhase.READING: mark("reading {time}"),
}
FIELDS: dict[type[Event], str] = {LinkChanged: LINK, OutboxChanged: OUTBOX, ScannerChanged: SCANNER, PrinterChanged: PRINTER}  # of Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The last announcement of each; None before the first."""

    practice: bool = False
    link: LinkChanged | None = None
    outbox: OutboxChanged | None = None
    scanner: ScannerChanged | None = None
    printer: PrinterChanged | None = None

    def after(self, event: Event) -> "Status":
        """The status after an announcement; one that says nothing about it changes nothing."""
        changed: dict[str, Any] = {FIELDS[type(event)]: event} if type(event) in FIELDS else {}
        return replace(self, **changed) if changed else self

    def items(self, now: datetime) -> tuple[StatusItem, ...]:
        """The items, left to right."""
        return self._link(now), self._outbox(now), self._scanner(), self._printer()

    def _link(self, now: datetime) -> StatusItem:
        if self.link is None:
            return StatusItem(key=LINK, icon="cloud-bold", words=tr("Connecting"), tone="unknown")
        if not self.link.connected:
            words = tr("Offline {age}", age=age_words(self.link.since, now))
            return StatusItem(key=LINK, icon="cloud-slash-bold", words=words, tone="attention")
        icon, words = ("cloud-bold", tr("Practice platform")) if self.practice else ("cloud-check-bold", tr("Connected"))
        return StatusItem(key=LINK, icon=icon, words=words)

    def _outbox(self, now: datetime) -> StatusItem:
        box = self.outbox
        if box is None:
            return _checking(OUTBOX, "hourglass-medium-bold", tr("Swaps sent: checking"))
        if box.refused:
            words = tr_count("{count} refused: call supervisor", "{count} refused: call supervisor", box.refused)
            return StatusItem(key=OUTBOX, icon="warning-bold", words=words, tone="stop")
        if not box.unsettled or box.oldest is None:
            return StatusItem(key=OUTBOX, icon="checks-bold", words=tr("All confirmed"))
        if now - box.oldest < SENDING:
            return StatusItem(key=OUTBOX, icon="paper-plane-right-bold", words=tr("Being sent"))
        age = age_words(box.oldest, now)
        words = tr_count("{count} waiting, oldest {age}", "{count} waiting, oldest {age}", box.unsettled, age=age)
        return StatusItem(key=OUTBOX, icon="hourglass-medium-bold", words=words, tone="attention")

    def _scanner(self) -> StatusItem:
        if self.scanner is None:
            return _checking(SCANNER, "bluetooth-bold", tr("Battery reader: checking"))
        icon, words, tone = {
            None: ("bluetooth-bold", tr("Reader not known"), "unknown"),
            False: ("bluetooth-slash-bold", tr("No battery reader"), "stop"),
            True: ("bluetooth-bold", tr("Practice batteries") if self.practice else tr("Battery reader"), "muted"),
        }[self.scanner.available]
        return StatusItem(key=SCANNER, icon=icon, words=words, tone=tone)

    def _printer(self) -> StatusItem:
        if self.printer is None:
            return _checking(PRINTER, "printer-bold", tr("Printer: checking"))
        short = 0 < len(self.printer.reason) <= MAX_REASON
        faces = {
            None: (tr("Printer not known"), "unknown"),
            False: (sentence_case(self.printer.reason) if short else tr("Printer stopped"), "attention"),
            True: (tr("Prints TRAINING") if self.practice else tr("Printer"), "muted"),
        }
        words, tone = faces[self.printer.available] if self.printer.set_up else (tr("No printer set up"), "unknown")
        return StatusItem(key=PRINTER, icon="printer-bold", words=words, tone=tone)


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


def link_view(status: Status, here: StationTime) -> DeviceView:
    """The link to the platform."""
    offline = tr("Swaps go on with the plans kept here. They are sent by themselves when the link is back.")
    if status.link is not None and not status.link.connected:
        return DeviceView(
            tone="attention",
            icon="cloud-slash-bold",
            head=tr("Offline for {age}", age=age_words(status.link.since, here.now)),
            sentences=(*_reason(status.link.reason), offline),
            heading=tr("What to do"),
            steps=(
                tr("Serve customers as usual."),
                tr("Check network cable and modem."),
                tr("Still offline after an hour? Call the supervisor."),
            ),
        )
    if status.practice and status.link is not None:
        head, sentences = tr("Practice platform"), (tr("It runs inside this kiosk."), tr("Nothing leaves it."))
    elif status.link is None:
        head, sentences = tr("Connecting"), (tr("The kiosk is looking for the platform."), offline)
    else:
        since = tr("Since {moment}.", moment=moment_words(status.link.since, here.now, here.zone))
        head, sentences = tr("Connected"), (since, tr("Plans are checked with the platform at every swap."))
    return DeviceView(
        tone="muted",
        icon="cloud-check-bold",
        head=head,
        sentences=sentences,
        heading=tr("If it is lost"),
        steps=(
            tr("Go on serving customers."),
            tr("Completed swaps wait here and are sent by themselves."),
            tr("The line above says for how long."),
        ),
    )


def scanner_view(status: Status, here: StationTime, reads: tuple[ReadTrace, ...] = ()) -> DeviceView:
    """The battery reader; where it works, how the last readings went."""
    if status.scanner is not None and status.scanner.available is False:
        fault = status.scanner.fault
        return DeviceView(
            tone="stop",
            icon="bluetooth-slash-bold",
            head=tr("No battery reader"),
            sentences=(*_reason(fault.phrase if fault else ""), tr("No battery can be read, so no swap can be completed.")),
            heading=tr("What to do"),
            steps=(
                tr("Unplug the Bluetooth adapter and plug it in again."),
                tr("Wait for half a minute."),
                tr("Still red? Call the supervisor."),
            ),
        )
    latest = reads[:MAX_READS]
    works = tr("Practice batteries") if status.practice else tr("Battery reader works")
    known = works if status.scanner and status.scanner.available else tr("Whether the battery reader works is not known")
    return DeviceView(
        tone="muted",
        icon="bluetooth-bold",
        head=known if status.scanner else tr("The battery reader is being checked"),
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
    if status.printer is not None and not status.printer.set_up:
        return DeviceView(
            tone="muted",
            icon="printer-bold",
            head=tr("No printer is set up"),
            sentences=(tr("Swaps are complete without paper."), tr("Receipts are kept, and can be printed later.")),
            heading=tr("To print receipts"),
            steps=(tr("Connect a printer to this computer."), tr("Ask the supervisor to enter its name in the configuration.")),
        )
    if status.printer is not None and status.printer.available is False:
        return DeviceView(
            tone="attention",
            icon="printer-bold",
            head=tr("The printer does not print"),
            sentences=(*_reason(status.printer.reason), tr("Swaps are complete without paper.")),
            heading=tr("What to do"),
            steps=(
                tr("Check paper, lid and power."),
                tr("Then press Print again at the last swap."),
                tr("Older receipts: ask the supervisor."),
            ),
        )
    ready = tr("Prints TRAINING") if status.practice else tr("The printer is ready")
    known = ready if status.printer and status.printer.available else tr("Whether the printer is ready is not known")
    return DeviceView(
        tone="muted",
        icon="printer-bold",
        head=known if status.printer else tr("The printer is being checked"),
        sentences=(tr("A receipt comes by itself after each swap."),),
        heading=tr("If no receipt comes"),
        steps=(tr("Check paper, lid and power."), tr("Press Print again at the last swap."), tr("The swap is complete all the same.")),
    )


def _reason(reason: str) -> tuple[str, ...]:
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
        self._shown = view
        self._live.show_hero(view.tone, view.icon, view.head, *view.sentences)
        reads = (widgets.stack(widgets.text(line, "strong"), widgets.text(below, "body", "muted"), gap="xs") for line, below in view.reads)
        below = tuple(reads) or (widgets.numbered(*view.steps),)
        self._ways.rebuild(widgets.stack(widgets.text(view.heading, "title"), widgets.rule(), *below, ..., *self.doors(), gap="m"))

    def doors(self) -> tuple[QWidget, ...]:
        """Buttons to other pages, below what to do."""
        return ()

    def frame_state(self) -> FrameState:
        return FrameState(title=tr(self._title), step=0, primary=Action(words=tr("Back to the counter")), back=None)


LinkPage = partial(DevicePage, title=mark("Link to the platform"), view_of=link_view)  # behind "Connected" and "Offline"
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
