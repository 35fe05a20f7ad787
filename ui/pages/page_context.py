"""The base of all pages: a widget that collects one fact, and a frame state that says what the frame shows around it; what a page works
with; how it shows an error, with two remedies as buttons; the keyboard that it types with.

The wizard calls `enter` and `leave`, hands on presses, scans, typing and announcements, and redraws the frame from `frame_state` whenever
`redrawn` is emitted. A page that has its fact emits `advanced` with the new swap (None: back to the customer), and the wizard shows
`next_step`. Work started by `run` ends when the page is left.
"""

from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from statistics import median
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLayout, QWidget

from kiosk.domain.battery.battery import BatteryTelemetry, normalise_id
from kiosk.domain.errors import KioskError, WrongBattery
from kiosk.domain.language import ENGLISH, in_language, mark, tr
from kiosk.domain.messages import Remedy, message_for
from kiosk.domain.money.pay_code import NO_CODE, PayTemplate
from kiosk.domain.swap.swap import Swap
from kiosk.station.events import Event
from kiosk.station.ports import Sighting
from kiosk.station.services.kiosk import Kiosk
from kiosk.wire.customer_codes import PREFIX
from ui.bridge import Bridge, Handle
from ui.devices.sounds import Sounds
from ui.pages.formatting import StationTime
from ui.widgets import Compared, ErrorView, Field, Keyboard, Widgets
from ui.widgets.frame import BACKSPACE, Action, FrameState
from ui.widgets.surfaces import Surface

MAX_CHARACTERS = 512  # the longest code there is (contract, customer codes)
NOTHING_RECORDED = mark("Nothing is recorded. The customer owes nothing.")
ICONS = {
    Remedy.SCAN_AGAIN: "qr-code-bold",
    Remedy.TYPE_CODE: "keyboard-bold",
    Remedy.NEXT_CUSTOMER: "arrow-right-bold",
    Remedy.CALL_SUPERVISOR: "phone-call-bold",
    Remedy.TRY_AGAIN: "arrow-clockwise-bold",
    Remedy.READ_AGAIN: "arrow-clockwise-bold",
    Remedy.CHOOSE_ANOTHER: "list-bold",
    Remedy.STOP_SWAP: "prohibit-bold",
    Remedy.RECORD_INSPECTION: "wrench-bold",
    Remedy.ANOTHER_RECEIPT: "keyboard-bold",
    Remedy.KEEP: "pause-bold",
    Remedy.BIND_STICKER: "link-bold",
}
BIND = "bind"  # the page where a sticker is bound to a pack, which any page may open over itself
USUAL_SECONDS = 6
COUNTED_READS = 20
MAX_READINGS = 500
SEEN_HOLDS = timedelta(seconds=15)


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
    """The panel of an error; `recorded` is a marked sentence about what this page has recorded."""
    message = message_for(error)
    return ErrorView(sentence=message.what, why=message.why, recorded=tr(recorded), steps=message.steps)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedBattery:
    """The new battery that a person has chosen before its page is shown: `battery_id` by its sticker, `anew` where it is read once more."""

    battery_id: str
    anew: bool = False


class SessionMemory:
    """Used in the window's thread only. Ids are kept normalised. `wanted` is taken by the page of the new battery (`take_wanted`)."""

    def __init__(self) -> None:
        self.last_method = ""
        self.wanted: WantedBattery | None = None
        self.set_aside: set[str] = set()
        self._seconds: deque[float] = deque(maxlen=COUNTED_READS)
        self._readings: dict[str, BatteryTelemetry] = {}  # the oldest first
        self._seen: tuple[Sighting, ...] = ()
        self._seen_at = datetime.min.replace(tzinfo=UTC)

    def take_wanted(self) -> WantedBattery | None:
        """What was chosen before the page was shown, once."""
        wanted, self.wanted = self.wanted, None
        return wanted

    def note_reading(self, reading: BatteryTelemetry) -> None:
        """A reading that ended well."""
        if reading.seconds is not None:
            self._seconds.append(reading.seconds)
        key = normalise_id(reading.battery_id)
        self._readings.pop(key, None)
        self._readings[key] = reading
        if len(self._readings) > MAX_READINGS:
            del self._readings[next(iter(self._readings))]

    def note_seen(self, seen: tuple[Sighting, ...], now: datetime) -> None:
        """What is in range now; looked for while the attendant still carries the old battery."""
        self._seen, self._seen_at = seen, now

    def seen(self, now: datetime) -> tuple[Sighting, ...]:
        """What was in range just now; nothing when that was too long ago to be true still."""
        return self._seen if abs(now - self._seen_at) <= SEEN_HOLDS else ()

    def learn(self, seconds: Iterable[float]) -> None:
        """How long readings took before the window was opened, the oldest first; what was read since then counts more."""
        self._seconds = deque([*seconds, *self._seconds], maxlen=COUNTED_READS)

    def usual_seconds(self, limit_seconds: float) -> int:
        """How long a reading takes here: the median of the last ones, always under the limit."""
        return max(1, min(round(median(self._seconds or [USUAL_SECONDS])), int(limit_seconds) - 1))

    def reading(self, battery_id: str) -> BatteryTelemetry | None:
        """The last reading of a battery."""
        return self._readings.get(normalise_id(battery_id))

    def reading_at(self, address: str) -> BatteryTelemetry | None:
        """The last reading at an address, whatever the battery there is called."""
        return next((each for each in reversed(self._readings.values()) if each.address == address), None)

    @property
    def known_ids(self) -> frozenset[str]:
        """Batteries that were read here."""
        return frozenset(self._readings)


def is_customer_code(text: str) -> bool:
    """Whether a code is certainly a customer's: JSON, or with the prefix of the cards. A battery's code is
    `kiosk.domain.money.payments.is_battery_sticker`; what is neither is judged by the page."""
    return text.lstrip().startswith(("{", PREFIX))


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """What every page works with. `now` and `zone` (None: the machine's own) give the station's wall clock; `payment_methods`,
    `pay_code` (what the code to pay by says) and `advance_seconds` (0: no page goes on by itself) are the configured ones."""

    widgets: Widgets
    bridge: Bridge
    kiosk: Kiosk
    sounds: Sounds
    now: Callable[[], datetime]
    zone: tzinfo | None
    payment_methods: tuple[str, ...]
    pay_code: PayTemplate = NO_CODE
    advance_seconds: float = 0.0
    memory: SessionMemory = field(default_factory=SessionMemory)

    @property
    def here(self) -> StationTime:
        """Now, at the station."""
        return StationTime(now=self.now(), zone=self.zone)


class Page(QWidget):
    """The base of all pages; each overrides what it needs."""

    redrawn = Signal()
    advanced = Signal(object)  # Swap | None
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

    def back(self) -> None:
        """Back was pressed: one step earlier, which after a payment is refused by the rules."""
        if self.swap is not None:
            self.act(self.context.kiosk.swaps.back(self.swap), self.advanced.emit)

    def other(self) -> None:
        """The other way of the action bar was pressed."""

    def type_character(self, character: str) -> None:
        """A character (or `ui.widgets.frame.BACKSPACE`) came from a keyboard."""

    def take_back_typed(self, text: str) -> None:
        """What was typed last was a code from a slow scanner: take it out of where it was typed."""

    @property
    def is_typing(self) -> bool:
        """Whether Enter ends a text that a person types here, as fast as may be."""
        return False

    def handle_scan(self, _text: str) -> str:
        """A code came from the scanner; the answer is empty when it was taken, else the sentence that says what to scan here."""
        return tr("Nothing has to be scanned now.")

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
        """Work on the I/O thread that ends with this page."""
        self._handles.append(self.context.bridge.run(work, then, failed))

    def act[T](self, work: Coroutine[Any, Any, T], then: Callable[[T], None], failed: Callable[[Exception], None] | None = None) -> None:
        """The same for what a press asked for: until it ends, further presses do nothing."""
        self.acting = True

        def ended[R](call: Callable[[R], None], result: R) -> None:
            self.acting = False
            call(result)

        self.run(work, partial(ended, then), partial(ended, failed or self.context.bridge.unhandled.emit))
