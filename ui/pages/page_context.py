"""The base of all pages: a widget that collects one fact, and a frame state that says what the frame shows around it.

The wizard calls `enter` and `leave`, hands on presses, scans, typing and announcements, and redraws the frame from `frame_state` whenever
`redrawn` is emitted. A page that has its fact emits `advanced` with the new swap (None: back to the customer), and the wizard shows
`next_step`. Work started by `run` ends when the page is left.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from statistics import median
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kiosk.domain.battery.battery import BatteryTelemetry, normalise_id
from kiosk.domain.language import tr
from kiosk.domain.money.pay_code import NO_CODE, PayTemplate
from kiosk.domain.swap.swap import Swap
from kiosk.station.events import Event
from kiosk.station.ports import Sighting
from kiosk.station.services.kiosk import Kiosk
from kiosk.wire.customer_codes import PREFIX
from ui.bridge import Bridge, Handle
from ui.devices.sounds import Sounds
from ui.pages.shared_text import StationTime
from ui.widgets import Widgets
from ui.widgets.frame import FrameState

USUAL_SECONDS = 6
COUNTED_READS = 20
MAX_READINGS = 500
SEEN_HOLDS = timedelta(seconds=15)


class SessionMemory:
    """Used in the window's thread only. Ids are kept normalised."""

    def __init__(self) -> None:
        self.last_method = ""
        self.set_aside: set[str] = set()
        self._seconds: deque[float] = deque(maxlen=COUNTED_READS)
        self._readings: OrderedDict[str, BatteryTelemetry] = OrderedDict()
        self._seen: tuple[Sighting, ...] = ()
        self._seen_at = datetime.min.replace(tzinfo=UTC)

    def note_reading(self, reading: BatteryTelemetry) -> None:
        """A reading that ended well."""
        if reading.seconds is not None:
            self._seconds.append(reading.seconds)
        key = normalise_id(reading.battery_id)
        self._readings[key] = reading
        self._readings.move_to_end(key)
        if len(self._readings) > MAX_READINGS:
            self._readings.popitem(last=False)

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
        usual = median(self._seconds) if self._seconds else USUAL_SECONDS
        return max(1, min(round(usual), int(limit_seconds) - 1))

    def reading(self, battery_id: str) -> BatteryTelemetry | None:
        """The last reading of a battery."""
        return self._readings.get(normalise_id(battery_id))

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
    `supervisors` (ids of who may approve a payment) and `pay_code` (what the code to pay by says) are the configured ones."""

    kit: Widgets
    bridge: Bridge
    kiosk: Kiosk
    sounds: Sounds
    now: Callable[[], datetime]
    zone: tzinfo | None
    payment_methods: tuple[str, ...]
    supervisors: tuple[str, ...] = ()
    pay_code: PayTemplate = NO_CODE
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

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self.context = context
        self.swap: Swap | None = None
        self.acting = False  # a press is being worked on: the wizard hands on no other
        self._handles: list[Handle] = []

    def frame_state(self) -> FrameState:
        """What the frame shows around this page now."""
        raise NotImplementedError(type(self).__name__)

    def enter(self, swap: Swap | None) -> None:
        """The page is shown for `swap`."""
        self.swap = swap

    def resume(self, before: "Page", swap: Swap | None) -> None:
        """The page is shown in place of `before`, which was left: the words are in another language, the swap goes on. A page that does
        something when it is entered does not do it a second time."""
        del before
        self.enter(swap)

    def leave(self) -> None:
        """The page is left: its work is cancelled and brings nothing any more."""
        for handle in self._handles:
            handle.cancel()
        self._handles.clear()
        self.acting = False

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

    def handle_scan(self, text: str) -> str:
        """A code came from the scanner; the answer is empty when it was taken, else the sentence that says what to scan here."""
        del text
        return tr("Nothing has to be scanned now.")

    def build_next(self) -> bool:
        """Build one more part that will be needed later, while nobody waits; False when all is there."""
        return False

    def handle_event(self, event: Event) -> None:
        """The kiosk has announced something."""

    def run[T](self, work: Coroutine[Any, Any, T], then: Callable[[T], None], failed: Callable[[Exception], None] | None = None) -> Handle:
        """Work on the I/O thread that ends with this page."""
        handle = self.context.bridge.run(work, then, failed)
        self._handles.append(handle)
        return handle

    def act[T](self, work: Coroutine[Any, Any, T], then: Callable[[T], None], failed: Callable[[Exception], None] | None = None) -> Handle:
        """The same for what a press asked for: until it ends, further presses do nothing."""
        self.acting = True
        refuse = failed or self.context.bridge.unhandled.emit

        def ended(result: T) -> None:
            self.acting = False
            then(result)

        def refused(error: Exception) -> None:
            self.acting = False
            refuse(error)

        return self.run(work, ended, refused)
