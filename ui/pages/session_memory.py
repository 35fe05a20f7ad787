"""What is remembered while the window is open: readings and how long they took, which batteries were set aside, how was paid last.

How long a reading takes here is learnt from the last swaps of the history when the window opens; without any it is USUAL_SECONDS.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from statistics import median

from kiosk.domain.battery.battery import BatteryTelemetry, normalise_id
from kiosk.station.ports import Sighting

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
