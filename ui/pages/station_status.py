"""The items of the status line: a pure value, fed by announcements and read with the time of day.

An item is calm while there is nothing to do, amber when something has to be known, red when a person has to act. It is grey while nothing
is known of it yet, where nothing can be known, and where nothing is set up: it never looks as if it were well. Ages are counted from what
was announced; a clock that was set back makes them 0 s. In training the items say that link, batteries and printer are practice.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kiosk.domain.language import tr, tr_count
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.events import Event, OutboxChanged, PrinterChanged, ScannerChanged
from ui.pages.shared_text import age_words, sentence_case
from ui.widgets.status_line import StatusItem

LINK, OUTBOX, SCANNER, PRINTER = "link", "outbox", "scanner", "printer"
SENDING = timedelta(seconds=5)  # an answer usually comes sooner; until then nothing has to be known
MAX_REASON = 24  # characters; a longer reason stands on the page behind the item


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
        match event:
            case LinkChanged():
                return replace(self, link=event)
            case OutboxChanged():
                return replace(self, outbox=event)
            case ScannerChanged():
                return replace(self, scanner=event)
            case PrinterChanged():
                return replace(self, printer=event)
            case _:
                return self

    def items(self, now: datetime) -> tuple[StatusItem, ...]:
        """The items, left to right."""
        return self._link(now), self._outbox(now), self._scanner(), self._printer()

    def _link(self, now: datetime) -> StatusItem:
        if self.link is None:
            return StatusItem(key=LINK, icon="cloud-bold", words=tr("Connecting"), tone="unknown")
        if not self.link.connected:
            words = tr("Offline {age}", age=age_words(self.link.since, now))
            return StatusItem(key=LINK, icon="cloud-slash-bold", words=words, tone="attention")
        if self.practice:
            return StatusItem(key=LINK, icon="cloud-bold", words=tr("Practice platform"))
        return StatusItem(key=LINK, icon="cloud-check-bold", words=tr("Connected"))

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
        oldest = age_words(box.oldest, now)
        words = tr_count("{count} waiting, oldest {age}", "{count} waiting, oldest {age}", box.unsettled, age=oldest)
        return StatusItem(key=OUTBOX, icon="hourglass-medium-bold", words=words, tone="attention")

    def _scanner(self) -> StatusItem:
        if self.scanner is None:
            return _checking(SCANNER, "bluetooth-bold", tr("Battery reader: checking"))
        if self.scanner.available is None:
            return StatusItem(key=SCANNER, icon="bluetooth-bold", words=tr("Reader not known"), tone="unknown")
        if not self.scanner.available:
            return StatusItem(key=SCANNER, icon="bluetooth-slash-bold", words=tr("No battery reader"), tone="stop")
        return StatusItem(key=SCANNER, icon="bluetooth-bold", words=tr("Practice batteries") if self.practice else tr("Battery reader"))

    def _printer(self) -> StatusItem:
        if self.printer is None:
            return _checking(PRINTER, "printer-bold", tr("Printer: checking"))
        words, tone = self._printer_words(self.printer)
        return StatusItem(key=PRINTER, icon="printer-bold", words=words, tone=tone)

    def _printer_words(self, printer: PrinterChanged) -> tuple[str, str]:
        if not printer.set_up:
            return tr("No printer set up"), "unknown"
        if printer.available is None:
            return tr("Printer not known"), "unknown"
        if printer.available:
            return tr("Prints TRAINING") if self.practice else tr("Printer"), "muted"
        return sentence_case(printer.reason) if 0 < len(printer.reason) <= MAX_REASON else tr("Printer stopped"), "attention"


def _checking(key: str, icon: str, name: str) -> StatusItem:
    return StatusItem(key=key, icon=icon, words=tr("Checking"), tone="unknown", name=name)
