"""What the status line says: a pure value, fed by announcements and read with the time of day.

Calm while there is nothing to do; amber when something has to be known; red when a person has to act. What nobody has looked at yet, what
cannot be told and what is not set up is grey: it never looks as if it were well. Ages are counted from what was
announced; a clock that was set back makes them 0 s. In training the items say that link, batteries and printer are practice.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kiosk.domain.messages import spell_age
from kiosk.shared.mqtt.link_changed import LinkChanged
from kiosk.station.events import Event, OutboxChanged, PrinterChanged, ScannerChanged
from ui.widgets.status_line import StatusItem

LINK, OUTBOX, SCANNER, PRINTER = "link", "outbox", "scanner", "printer"
SENDING = timedelta(seconds=5)  # an answer usually comes sooner; until then nothing has to be known
LONGEST_REASON = 24  # characters; a longer reason stands on the page behind the item


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The last word on each; None before the first."""

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
            return StatusItem(key=LINK, icon="cloud-bold", words="Connecting", tone="unknown")
        if not self.link.connected:
            return StatusItem(key=LINK, icon="cloud-slash-bold", words=f"Offline {_age(self.link.since, now)}", tone="attention")
        if self.practice:
            return StatusItem(key=LINK, icon="cloud-bold", words="Practice platform")
        return StatusItem(key=LINK, icon="cloud-check-bold", words="Connected")

    def _outbox(self, now: datetime) -> StatusItem:
        box = self.outbox
        if box is not None and box.refused:
            return StatusItem(key=OUTBOX, icon="warning-bold", words=f"{box.refused} refused: call supervisor", tone="stop")
        if box is None:
            return StatusItem(key=OUTBOX, icon="hourglass-medium-bold", words="Checking", tone="unknown", name="Swaps sent: checking")
        if not box.unsettled or box.oldest is None:
            return StatusItem(key=OUTBOX, icon="checks-bold", words="All confirmed")
        if now - box.oldest < SENDING:
            return StatusItem(key=OUTBOX, icon="paper-plane-right-bold", words="Being sent")
        words = f"{box.unsettled} waiting, oldest {_age(box.oldest, now)}"
        return StatusItem(key=OUTBOX, icon="hourglass-medium-bold", words=words, tone="attention")

    def _scanner(self) -> StatusItem:
        if self.scanner is None:
            return StatusItem(key=SCANNER, icon="bluetooth-bold", words="Checking", tone="unknown", name="Battery reader: checking")
        if self.scanner.available is None:
            return StatusItem(key=SCANNER, icon="bluetooth-bold", words="Reader not known", tone="unknown")
        if not self.scanner.available:
            return StatusItem(key=SCANNER, icon="bluetooth-slash-bold", words="No battery reader", tone="stop")
        return StatusItem(key=SCANNER, icon="bluetooth-bold", words="Practice batteries" if self.practice else "Battery reader")

    def _printer(self) -> StatusItem:
        if self.printer is None:
            return StatusItem(key=PRINTER, icon="printer-bold", words="Checking", tone="unknown", name="Printer: checking")
        if not self.printer.set_up:
            return StatusItem(key=PRINTER, icon="printer-bold", words="No printer set up", tone="unknown")
        if self.printer.available is None:
            return StatusItem(key=PRINTER, icon="printer-bold", words="Printer not known", tone="unknown")
        if self.printer.available:
            return StatusItem(key=PRINTER, icon="printer-bold", words="Prints TRAINING" if self.practice else "Printer")
        return StatusItem(key=PRINTER, icon="printer-bold", words=_short(self.printer.reason), tone="attention")


def _age(since: datetime, now: datetime) -> str:
    return spell_age(max(timedelta(0), now - since))


def _short(reason: str) -> str:
    return reason[:1].upper() + reason[1:] if 0 < len(reason) <= LONGEST_REASON else "Printer stopped"
