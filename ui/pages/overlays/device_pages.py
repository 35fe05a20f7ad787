"""The pages behind link, battery reader and printer: how it stands, since when, and how to mend it.

They say what was announced last and change with it. What they show is worked out by pure functions; nothing here can fail.
"""

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.domain.language import tr
from kiosk.domain.swap.swap import Swap
from kiosk.station.events import Event
from kiosk.station.ports import ReadTrace
from kiosk.station.services.kiosk import Kiosk
from ui.pages.overlays.overlay import Overlay
from ui.pages.page_context import PageContext
from ui.pages.shared_text import StationTime, ago, moment_words
from ui.pages.station_status import Status
from ui.widgets import StatusHero
from ui.widgets.frame import Action, FrameState

MOST_READS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StateView:
    """`tone`: muted (as it should be), attention, stop. `heading` stands over the numbered `steps`, or over `reads`, two lines each, where
    there are any."""

    tone: str
    icon: str
    head: str
    sentences: tuple[str, ...]
    heading: str
    steps: tuple[str, ...]
    reads: tuple[tuple[str, str], ...] = ()


def link_view(status: Status, here: StationTime) -> StateView:
    """The link to the platform."""
    offline = "Swaps go on with the plans kept here. They are sent by themselves when the link is back."
    if status.link is not None and not status.link.connected:
        reason = f"Reason: {status.link.reason}." if status.link.reason else ""
        return StateView(
            tone="attention",
            icon="cloud-slash-bold",
            head=f"Offline for {ago(status.link.since, here.now)}",
            sentences=(reason, offline),
            heading="What to do",
            steps=("Serve customers as usual.", "Check network cable and modem.", "Still offline after an hour? Call the supervisor."),
        )
    if status.link is None:
        head, sentences = "Connecting", ("The kiosk is looking for the platform.", offline)
    else:
        head, sentences = (
            "Connected",
            (f"Since {moment_words(status.link.since, here.now, here.zone)}.", "Plans are checked with the platform at every swap."),
        )
    if status.practice:
        head, sentences = "Practice platform", ("It runs inside this kiosk.", "Nothing leaves it.")
    return StateView(
        tone="muted",
        icon="cloud-check-bold",
        head=head,
        sentences=sentences,
        heading="If it is lost",
        steps=("Go on serving customers.", "Completed swaps wait here and are sent by themselves.", "The line above says for how long."),
    )


def scanner_view(status: Status, here: StationTime, reads: tuple[ReadTrace, ...] = ()) -> StateView:
    """The battery reader; where it works, how the last readings went."""
    if status.scanner is not None and status.scanner.available is False:
        fault = status.scanner.fault
        reason = tr("Reason: {reason}.", reason=fault.phrase) if fault else ""
        return StateView(
            tone="stop",
            icon="bluetooth-slash-bold",
            head="No battery reader",
            sentences=(reason, "No battery can be read, so no swap can be completed."),
            heading="What to do",
            steps=("Unplug the Bluetooth adapter and plug it in again.", "Wait for half a minute.", "Still red? Call the supervisor."),
        )
    head = "Practice batteries" if status.practice else "Battery reader works"
    if status.scanner is None or status.scanner.available is None:
        head = "The battery reader is being checked" if status.scanner is None else "Whether the battery reader works is not known"
    latest = reads[:MOST_READS]
    return StateView(
        tone="muted",
        icon="bluetooth-bold",
        head=head,
        sentences=("Batteries are read over Bluetooth, one at a time.",),
        heading="Last readings" if latest else "If a battery does not answer",
        steps=("Switch it on and put it on the counter.", "Move other batteries away.", "Read again."),
        reads=tuple(read_lines(trace, here) for trace in latest),
    )


def read_lines(trace: ReadTrace, here: StationTime) -> tuple[str, str]:
    """One reading: which battery, when and how it ended; below how long each phase took, the signal, and what was tried again."""
    ended = f"read in {trace.seconds:.1f} s" if trace.outcome == "read" else trace.outcome
    phases = [f"{each.phase.value} {each.seconds:.1f}\N{NO-BREAK SPACE}s" for each in trace.phases]
    signal = "no signal" if trace.rssi is None else f"signal {trace.rssi}\N{NO-BREAK SPACE}dBm".replace("-", "\N{MINUS SIGN}")
    below = ", ".join((*phases, signal, *trace.recoveries))
    return (
        f"{trace.battery_id or trace.asked}, {moment_words(trace.started_at, here.now, here.zone)}: {ended}",
        f"{below[0].upper()}{below[1:]}",
    )


def printer_view(status: Status, here: StationTime) -> StateView:
    """The printer."""
    del here
    if status.printer is not None and not status.printer.set_up:
        return StateView(
            tone="muted",
            icon="printer-bold",
            head="No printer is set up",
            sentences=("Swaps are complete without paper.", "Receipts are kept, and can be printed later."),
            heading="To print receipts",
            steps=("Connect a printer to this computer.", "Ask the supervisor to enter its name in the configuration."),
        )
    if status.printer is not None and status.printer.available is False:
        reason = f"Reason: {status.printer.reason}." if status.printer.reason else ""
        return StateView(
            tone="attention",
            icon="printer-bold",
            head="The printer does not print",
            sentences=(reason, "Swaps are complete without paper."),
            heading="What to do",
            steps=("Check paper, lid and power.", "Then press Print again at the last swap.", "Older receipts: ask the supervisor."),
        )
    head = "Prints TRAINING" if status.practice else "The printer is ready"
    if status.printer is None or status.printer.available is None:
        head = "The printer is being checked" if status.printer is None else "Whether the printer is ready is not known"
    return StateView(
        tone="muted",
        icon="printer-bold",
        head=head,
        sentences=("A receipt comes by itself after each swap.",),
        heading="If no receipt comes",
        steps=("Check paper, lid and power.", "Press Print again at the last swap.", "The swap is complete all the same."),
    )


class StatePage(Overlay):
    """How one thing stands."""

    title = ""

    def __init__(self, context: PageContext, status: Callable[[], Status], view: Callable[[Status, StationTime], StateView]) -> None:
        super().__init__(context, status)
        self._of, self._shown = view, StateView(tone="", icon="", head="", sentences=(), heading="", steps=())
        self._live, self._ways = StatusHero(context.kit), context.kit.panel()
        self._columns = context.kit.columns((self._live, 7), (self._ways, 5))
        self.setLayout(self._columns)

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self._draw()

    def handle_event(self, event: Event) -> None:
        del event
        self._draw()

    def _draw(self) -> None:
        view, kit = self._of(self.status(), StationTime(now=self.context.now(), zone=self.context.zone)), self.context.kit
        if view == self._shown:
            return
        self._shown = view
        self._live.show_hero(view.tone, view.icon, view.head, *(each for each in view.sentences if each))
        reads = (kit.stack(kit.text(line, "strong"), kit.text(below, "body", "muted"), gap="xs") for line, below in view.reads)
        below = tuple(reads) or (kit.numbered(*view.steps),)
        fresh = kit.panel(kit.text(view.heading, "title"), kit.rule(), *below, ...)
        fresh.setSizePolicy(self._ways.sizePolicy())
        self._columns.replaceWidget(self._ways, fresh)
        self._ways.hide()
        self._ways.deleteLater()
        self._ways = fresh
        self._columns.setStretch(0, 7)
        self._columns.setStretch(1, 5)

    def frame_state(self) -> FrameState:
        return FrameState(title=self.title, step=0, primary=Action(words="Back to the counter"), back=None)


class LinkPage(StatePage):
    """Behind "Connected" and "Offline"."""

    title = "Link to the platform"

    def __init__(self, context: PageContext, status: Callable[[], Status]) -> None:
        super().__init__(context, status, link_view)


class ScannerPage(StatePage):
    """Behind "Battery reader"."""

    title = "Battery reader"

    def __init__(self, context: PageContext, status: Callable[[], Status]) -> None:
        self._reads: tuple[ReadTrace, ...] = ()
        super().__init__(context, status, lambda known, here: scanner_view(known, here, self._reads))

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self.run(_last_reads(self.context.kiosk), self._show_reads)

    def _show_reads(self, reads: tuple[ReadTrace, ...]) -> None:
        self._reads = reads
        self._draw()


class PrinterPage(StatePage):
    """Behind "Printer"."""

    title = "Printer"

    def __init__(self, context: PageContext, status: Callable[[], Status]) -> None:
        super().__init__(context, status, printer_view)


async def _last_reads(kiosk: Kiosk) -> tuple[ReadTrace, ...]:
    return kiosk.scanner.last_reads()
