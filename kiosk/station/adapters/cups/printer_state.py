"""What a print system says about a printer, and what that means for a receipt: a phrase for the attendant and what to do.

`barrier` is what keeps every receipt from the printer for now: none is handed over then, so that none comes out in the morning. `trouble`
is what the printer itself complains of. That may be left over from its last receipt, so it counts while a receipt waits for it, and is
shown while none does; it is no reason not to try.
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from kiosk.domain.display import cleaned
from kiosk.domain.errors import PrinterUnavailable
from kiosk.domain.language import mark, tr
from kiosk.station.adapters.cups.ipp import Attributes

MAX_REASON = 120
STOPPED, PROCESSING = 5, 4  # printer-state of RFC 8011
_PORTS = {"socket": 9100, "ipp": 631, "ipps": 631, "http": 80, "https": 443, "lpd": 515}
_USB_KINDS = frozenset({"07", "ff"})  # interface classes: printer, and a maker's own


@dataclass(frozen=True, slots=True)
class Trouble:
    """`reason` is a phrase ("the paper is out"), `repair` a sentence, `short` what has room in the status line."""

    reason: str
    repair: str = ""
    short: str = ""

    @property
    def refusal(self) -> PrinterUnavailable:
        """As the error."""
        return PrinterUnavailable(self.reason, self.repair, self.short)


_Words = tuple[str, str, str]  # of a Trouble, marked
_CONNECT = (
    mark("it is switched off or not connected"),
    mark("Switch the printer on and check its cable or network."),
    mark("Not connected"),
)
_PAPER = (mark("the paper is out"), mark("Put paper in and close the lid."), mark("Paper out"))
_COVER = (mark("its cover is open"), mark("Close the printer's lid."), mark("Lid is open"))
_INK = (mark("its ink or ribbon is used up"), mark("Put new ink or a new ribbon in."), mark("Ink is out"))
_BUSY = (mark("it is busy with something else"), mark("Wait until it has finished, then print again."), mark("Printer busy"))
_PAUSED, _RESUME = mark("Printer paused"), mark("Ask the technician to switch the printer's queue on again.")
# printer-state-reasons of RFC 8011 and PWG 5100, without -report, -warning, -error; the first that is there is shown
_REASONS: tuple[tuple[str, _Words], ...] = (
    ("media-empty", _PAPER),
    ("media-needed", _PAPER),
    ("media-jam", (mark("the paper is jammed"), mark("Open the lid, take the paper out and put it in again."), mark("Paper jam"))),
    ("cover-open", _COVER),
    ("door-open", _COVER),
    ("interlock-open", _COVER),
    ("output-area-full", (mark("its tray is full"), mark("Take the paper out of its tray."), mark("Tray is full"))),
    ("marker-supply-empty", _INK),
    ("toner-empty", _INK),
    ("offline", _CONNECT),
    ("shutdown", _CONNECT),
    ("timed-out", _CONNECT),
    ("connecting-to-device", _CONNECT),
    ("spool-area-full", (mark("the disk is full"), mark("Call the technician: the disk needs space."), mark("Disk is full"))),
    ("cups-missing-filter", (mark("its driver is not complete"), mark("Call the technician."), mark("Driver missing"))),
    ("stopped", (mark("it has stopped"), mark("Switch the printer off and on again."), mark("Printer stopped"))),
)
# what the programs of CUPS that bring the pages to a printer say while they wait for it
_MESSAGES: tuple[tuple[str, _Words], ...] = (
    ("waiting for printer to become available", _CONNECT),
    ("may not exist or is unavailable", _CONNECT),
    ("unable to locate printer", _CONNECT),
    ("is not responding", _CONNECT),
    ("unreachable", _CONNECT),
    ("offline", _CONNECT),
    ("in use", _BUSY),
    ("busy", _BUSY),
)
_NO_REASON = frozenset({"", "paused", "reason unknown", "rejecting jobs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterState:
    """`state` and `reasons` as in RFC 8011; `message` is the state's, `device` the address of the printer; `here` where the print system
    runs on this machine."""

    state: int
    reasons: tuple[str, ...]
    message: str
    accepting: bool
    device: str
    here: bool

    @classmethod
    def of(cls, said: Attributes, *, here: bool) -> "PrinterState":
        """From an answer; what it leaves out counts as well."""

        def first(name: str, otherwise: object) -> object:
            return next(iter(said.get(name, ())), otherwise)

        return cls(
            state=int(str(first("printer-state", 3))),
            reasons=tuple(str(each) for each in said.get("printer-state-reasons", ())),
            message=shown(str(first("printer-state-message", ""))),
            accepting=bool(first("printer-is-accepting-jobs", True)),  # noqa: FBT003  the value that is meant when it is absent
            device=str(first("device-uri", "")),
            here=here,
        )

    def barrier(self, sys_root: Path) -> Trouble | None:
        """What lets no receipt through now."""
        why = "" if self.message.lower() in _NO_REASON else self.message
        if self.state == STOPPED or "hold-new-jobs" in self.reasons:
            paused = tr("it is paused: {why}", why=why) if why else tr("it is paused")
            return self.trouble() or Trouble(paused, tr(_RESUME), tr(_PAUSED))
        if not self.accepting:
            return Trouble(tr("it takes no receipts: {why}", why=why) if why else tr("it takes no receipts"), tr(_RESUME), tr(_PAUSED))
        return _trouble(_CONNECT) if self.here and usb_printer_is_missing(self.device, sys_root) else None

    def trouble(self) -> Trouble | None:
        """What the printer complains of."""
        for reason, words in _REASONS:
            if any(each.startswith(reason) for each in self.reasons):
                return _trouble(words)
        said = self.message.lower() if self.state == PROCESSING else ""
        return next((_trouble(words) for part, words in _MESSAGES if part in said), None)

    @property
    def address(self) -> tuple[str, int] | None:
        """(host, port) of a printer in the network that can be asked for a connection now: one that prints talks to somebody already."""
        parts = urlsplit(self.device)
        if self.state == PROCESSING or parts.scheme not in _PORTS or not parts.hostname:
            return None
        try:
            return parts.hostname, parts.port or _PORTS[parts.scheme]
        except ValueError:
            return None


def not_connected() -> Trouble:
    """Nothing answers at the printer's address."""
    return _trouble(_CONNECT)


def usb_printer_is_missing(device: str, sys_root: Path) -> bool:
    """Whether a printer at USB is certainly not there: the machine has nothing at USB that could be one."""
    devices = sys_root / "bus" / "usb" / "devices"
    if not device.startswith("usb:") or not devices.is_dir():
        return False
    return not any(_text_of(each) in _USB_KINDS for each in devices.glob("*/bInterfaceClass"))


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip().lower()
    except (OSError, UnicodeDecodeError):  # it was unplugged while it was looked at
        return ""


def _trouble(words: _Words) -> Trouble:
    return Trouble(*(tr(each) for each in words))


def shown(words: str) -> str:
    """What a program said, in one short printable line."""
    return cleaned(words, MAX_REASON)
