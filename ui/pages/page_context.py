"""The base of all pages: a widget that collects one fact, and a frame state that says what the frame shows around it; what a page works
with; how it shows an error, with two remedies as buttons; the keyboard that it types with.

The wizard calls `enter` and `leave`, hands on presses, scans, typing and announcements, and redraws the frame from `frame_state` whenever
`redrawn` is emitted. A page that has its fact emits `advanced` with the new swap (None: back to the customer), and the wizard shows
`next_step`. One that emits `stepped_back` is left for the page before it, which shows again what it had found (`return_to`); nothing that
was read is lost. Work started by `run` ends when the page is left.
"""

import logging
from abc import abstractmethod
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import partial
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLayout, QWidget
from shiboken6 import isValid

from kiosk.domain.errors import KioskError, WrongBattery
from kiosk.domain.language import ENGLISH, in_language, mark, tr
from kiosk.domain.messages import Remedy, message_for
from kiosk.domain.money.pay_code import NO_CODE, PayTemplate
from kiosk.domain.swap.swap import Swap, go_back
from kiosk.shared.system import SystemClock
from kiosk.station.events import Event
from kiosk.station.services.customer_lookup import EnteredCode
from kiosk.station.services.kiosk import Kiosk
from kiosk.wire.customer_codes import PREFIX
from ui.bridge import Bridge, Handle
from ui.devices.barcode_scanner import BarcodeScanner
from ui.devices.key_readings import ScannedCode
from ui.devices.sounds import Sounds
from ui.pages.at_work import PeopleNow, people_now
from ui.pages.formatting import StationTime
from ui.pages.session_memory import SessionMemory
from ui.widgets import Compared, ErrorView, Field, Keyboard, Widgets
from ui.widgets.frame import BACKSPACE, Action, FrameState, back_action
from ui.widgets.surfaces import Surface

log = logging.getLogger(__name__)

MAX_CHARACTERS = 512  # the longest code there is (contract, customer codes)
NOTHING_RECORDED = mark("Nothing is recorded. The customer owes nothing.")
ICONS = {
    Remedy.SCAN_AGAIN: "qr-code-bold",
    Remedy.TYPE_CODE: "keyboard-bold",
    Remedy.NEXT_CUSTOMER: "arrow-right-bold",
    Remedy.TRY_AGAIN: "arrow-clockwise-bold",
    Remedy.READ_AGAIN: "arrow-clockwise-bold",
    Remedy.CHOOSE_ANOTHER: "list-bold",
    Remedy.STOP_SWAP: "prohibit-bold",
    Remedy.RECORD_INSPECTION: "wrench-bold",
    Remedy.ANOTHER_RECEIPT: "keyboard-bold",
    Remedy.KEEP: "pause-bold",
    Remedy.BIND_STICKER: "link-bold",
}
MONEY_BACK = "money_back"  # the page where the money of a swap goes back, opened in the same way
BIND = "bind"  # the page where a sticker is bound to a pack, which any page may open over itself
BARCODE = "barcode"  # the page where a technician tries the barcode scanner


class TypingView(QWidget):
    """`name` is the field's caption. The keys are built when they are first needed, or ahead by `build`: they take long."""

    changed = Signal()

    def __init__(self, widgets: Widgets, name: str) -> None:
        super().__init__()
        self._field = Field(widgets, name, "number")
        self._field.set_active(active=True)
        self._widgets = widgets
        self._keyboard: Keyboard | None = None
        self._layout = widgets.stack(self._field, gap="m")
        self.setLayout(self._layout)

    def build(self) -> bool:
        """Build the keys; False when they are there already."""
        if self._keyboard is not None:
            return False
        self._keyboard = Keyboard(self._widgets)
        self._keyboard.typed.connect(self.type_character)
        self._keyboard.erased.connect(lambda: self.type_character(BACKSPACE))
        self._layout.addWidget(self._keyboard, 1)
        return True

    @property
    def value(self) -> str:
        return self._field.value.strip()

    def set_value(self, value: str) -> None:
        self.build()
        self._field.set_value(value[:MAX_CHARACTERS])
        self.changed.emit()

    def type_character(self, character: str) -> None:
        self.set_value(self._field.value[:-1] if character == BACKSPACE else self._field.value + character)


class RebuiltPanel(Surface):
    """A panel that is built anew when other facts are shown: its parts differ in number."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__(widgets)
        self._widgets, self._inside = widgets, QWidget()
        self._layout = widgets.stack(self._inside)
        pad = widgets.t.space("pad")
        self._layout.setContentsMargins(pad, pad, pad, pad)
        self.setLayout(self._layout)

    def rebuild(self, content: QLayout) -> None:
        """Show `content` in the place of what was shown."""
        self._inside = self._widgets.replace(self._layout, self._inside, content)
        self._inside.show()  # at once: a layout shows what is new to it in a later turn


def error_view(error: KioskError, *, recorded: str = NOTHING_RECORDED) -> ErrorView:
    """The panel of an error; `recorded` is a marked sentence about what this page has recorded. The log has what the page leaves out."""
    message = message_for(error)
    log.info("shown: %s", error.for_log)
    return ErrorView(sentence=message.what, why=message.why_on_pages or message.why, recorded=tr(recorded), steps=message.steps)


def why_stopped(error: KioskError | None) -> str:
    """Why a swap was stopped, for the journal: it is kept in English, whatever the window speaks."""
    return "stopped by the attendant" if error is None else f"stopped: {in_english(error)}"


def in_english(error: KioskError) -> str:
    """What an error says, for the record."""
    with in_language(ENGLISH):
        return message_for(error).what


def wrong_battery_view(error: WrongBattery, customer: str) -> ErrorView:
    """The panel of a battery that is not the customer's: both ids are seen side by side, so the words need not name them."""
    return replace(
        error_view(error),
        sentence=tr("This is not {customer}'s battery", customer=customer),
        compared=(
            Compared(name=tr("Expected"), value=error.expected_id, icon="identification-card-bold"),
            Compared(name=tr("Read"), value=error.read_id, icon="x-circle-fill", wrong=True),
        ),
        why=tr("Batteries were mixed up, or another one nearby answered first."),
    )


def remedies_of(error: KioskError | None, offered: Sequence[Remedy]) -> tuple[Remedy, Remedy]:
    """The two remedies that a page offers for an error: those of the message first, then the page's own, in the order of `offered`."""
    likely = [each for each in message_for(error).remedies if each in offered] if error is not None else []
    first, second, *_ = (*likely, *(each for each in offered if each not in likely))
    return first, second


def action(remedy: Remedy, words: str = "", *, enabled: bool = True) -> Action:
    """A remedy as a button; `words`, a marked sentence, replace its usual ones."""
    return Action(words=tr(words) if words else remedy.words, icon=ICONS[remedy], enabled=enabled)


def is_customer_code(text: str) -> bool:
    """Whether a code is certainly a customer's: JSON, or with the prefix of the cards. A battery's code is
    `kiosk.domain.money.payments.is_battery_sticker`; what is neither is judged by the page."""
    return text.lstrip().startswith(("{", PREFIX))


def entered(text: str) -> EnteredCode:
    """A code as it was scanned, in its two readings where it has them."""
    return EnteredCode(text=text.typed, other=text.by_place) if isinstance(text, ScannedCode) else EnteredCode(text=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """What every page works with. `now` and `zone` (None: the machine's own) give the station's wall clock, `monotonic` seconds that
    never jump; `payment_methods`, `pay_code` (what the code to pay by says), `quick_notes` (banknotes by currency) and `advance_seconds`
    (0: no page goes on by itself) are the configured ones."""

    widgets: Widgets
    bridge: Bridge
    kiosk: Kiosk
    sounds: Sounds
    now: Callable[[], datetime]
    monotonic: Callable[[], float] = SystemClock().monotonic
    zone: tzinfo | None
    payment_methods: tuple[str, ...]
    pay_code: PayTemplate = NO_CODE
    quick_notes: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)
    barcode_scanner: BarcodeScanner = field(default_factory=partial(BarcodeScanner, monotonic))
    advance_seconds: float = 0.0
    memory: SessionMemory = field(default_factory=SessionMemory)

    @property
    def at_work(self) -> PeopleNow:
        """Who works here now."""
        return people_now(self.kiosk.people)

    @property
    def here(self) -> StationTime:
        """Now, at the station."""
        return StationTime(now=self.now(), zone=self.zone)


class Page(QWidget):
    """The base of all pages; each overrides what it needs."""

    redrawn = Signal()
    advanced = Signal(object)  # Swap | None
    stepped_back = Signal(object)  # the Swap, with what this page has found for it
    noted = Signal(str, str)  # tone and sentence about what has happened by itself, shown until the next press
    opened = Signal(str, str)  # the key of a page to be shown over this one, and the battery that it is about

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self.context = context
        self.swap: Swap | None = None
        self.acting = False  # a press is being worked on: the wizard hands on no other
        self._held = False  # somebody touched it: it does not go on by itself any more
        self._handles: list[Handle] = []

    @property
    def works(self) -> bool:
        """Whether something is under way here that must not end because nobody touches anything."""
        return self.acting

    @property
    def shows_customer(self) -> bool:
        """Whether something of a customer is seen here."""
        return self.swap is not None

    def put_away(self, reason: str) -> None:
        """Nobody is there: back to the first page. What was read for the swap is kept; `reason` is for the journal, in English."""
        if self.swap is not None:
            self.act(self.context.kiosk.swaps.put_away(self.swap, reason), lambda _none: self.advanced.emit(None))

    @property
    def running(self) -> Swap:
        """The swap that this page is shown for: never missing on the pages from the returned battery to the last one."""
        if self.swap is None:
            raise RuntimeError(f"{type(self).__name__} is shown without a swap")
        return self.swap

    @abstractmethod
    def frame_state(self) -> FrameState:
        """What the frame shows around this page now."""

    def enter(self, swap: Swap | None) -> None:
        """The page is shown for `swap`."""
        self.swap, self._held = swap, False

    def return_to(self, swap: Swap) -> None:
        """The page is shown again, from the page after it: what it had found for `swap` is shown, and nothing is done anew. The page's own
        swap is as it was here."""
        self.enter(go_back(swap))

    def resume(self, _before: "Page", swap: Swap | None) -> None:
        """The page is shown in place of `_before`, which was left: the words are in another language, the swap goes on. A page that does
        something when it is entered does not do it a second time."""
        self.enter(swap)

    def come_back(self, bound: str) -> None:
        """A page over this one is closed; `bound` is the id of the battery that was bound there, "" for none."""

    def leave(self) -> None:
        """The page is left: its work is cancelled and brings nothing any more."""
        for handle in self._handles:
            handle.cancel()
        self._handles.clear()
        self.acting = False

    def going_on_after(self, *, all_green: bool) -> float:
        """After how many seconds the next step goes on by itself, for its `Action`; 0 for never."""
        return self.context.advance_seconds if all_green and not self._held else 0.0

    def go_on(self) -> None:
        """So much time has gone by. Nothing on most pages: a new battery is chosen, and a swap completed, by a person only."""

    def hold(self) -> None:
        """Somebody has touched the page while it was going on by itself: it waits for a press."""
        self._held = True
        self.redrawn.emit()

    def primary(self) -> None:
        """The next step was pressed."""

    def way_back(self, *, enabled: bool = True) -> Action:
        """Back; after a payment the money goes back instead, where a supervisor is set up who may approve it."""
        if self.swap is None or not self.swap.payments:
            return back_action(enabled=enabled)
        if not self.context.kiosk.money_back.supervisors:
            return back_action(enabled=False)
        return Action(words=tr("Money back"), icon="arrow-u-up-left-bold")

    def back(self) -> None:
        """Back was pressed: the page before, with the swap as it is; after a payment, the page where the money goes back."""
        if self.swap is not None and self.swap.payments:
            self.opened.emit(MONEY_BACK, self.swap.correlation_id)
        elif self.swap is not None:
            self.stepped_back.emit(self.swap)

    def other(self) -> None:
        """The other way of the action bar was pressed."""

    def type_character(self, character: str) -> None:
        """A character (or `ui.widgets.frame.BACKSPACE`) came from a keyboard."""

    @property
    def is_typing(self) -> bool:
        """Whether Enter ends a text that a person types here, as fast as may be."""
        return False

    def handle_scan(self, _text: str) -> str:
        """A code came from the scanner; the answer is empty when it was taken, else the sentence that says what to scan here."""
        return tr("Nothing has to be scanned now.")

    def take_badge(self, _code: str) -> bool:
        """Whether a badge is asked for here: then it was taken."""
        return False

    def build_next(self) -> bool:
        """Build one more part that will be needed later, while nobody waits; False when all is there."""
        return False

    def handle_event(self, event: Event) -> None:
        """The kiosk has announced something."""

    def timer(self, milliseconds: int, call: Callable[[], None], *, once: bool = False) -> QTimer:
        """A timer of this page, not yet started."""
        timer = QTimer(self, interval=milliseconds, singleShot=once)
        timer.timeout.connect(call)
        return timer

    def run[T](self, work: Coroutine[Any, Any, T], then: Callable[[T], None], failed: Callable[[Exception], None] | None = None) -> None:
        """Work on the I/O thread that ends with this page. What comes when the page is gone is dropped: the store has it."""

        def here[R](call: Callable[[R], None], result: R) -> None:
            if isValid(self):
                call(result)

        heard = None if failed is None else partial(here, failed)
        self._handles.append(self.context.bridge.run(work, partial(here, then), heard))

    def act[T](self, work: Coroutine[Any, Any, T], then: Callable[[T], None], failed: Callable[[Exception], None] | None = None) -> None:
        """The same for what a press asked for: until it ends, further presses do nothing."""
        self.acting = True

        def ended[R](call: Callable[[R], None], result: R) -> None:
            self.acting = False
            call(result)

        self.run(work, partial(ended, then), partial(ended, failed or self.context.bridge.unhandled.emit))
