"""What the window remembers between pages and swaps, until it is closed: batteries that were seen, read, refused, and the wanted one."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from kiosk.domain.battery.battery import BatteryTelemetry, normalise_id
from kiosk.domain.errors import BatteryError
from kiosk.domain.swap.swap import Swap
from kiosk.station.ports import Sighting

USUAL_SECONDS = 6
COUNTED_READS = 20
MAX_READINGS = 500
SEEN_HOLDS = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A battery was to be handed out and was refused."""

    at: datetime
    error: BatteryError


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedBattery:
    """The new battery that a person has chosen before its page is shown: `battery_id` by its sticker, at its
    `address` where that is known, `anew` where it is read once more."""

    battery_id: str
    address: str = ""
    anew: bool = False


class SessionMemory:
    """Used in the window's thread only. Ids are kept normalised. `wanted` is taken by the page of the new battery (`take_wanted`)."""

    def __init__(self) -> None:
        self.last_method = ""
        self.wanted: WantedBattery | None = None
        self.set_aside: set[str] = set()
        self._read_anew: set[tuple[str, str]] = set()  # by swap: batteries that were in doubt and read again
        self._refusals: dict[str, Refusal] = {}  # by id and by address
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
        accepted = self.refusal(key, reading.address)
        self._refusals = {refused: each for refused, each in self._refusals.items() if each is not accepted}
        self._readings.pop(key, None)
        self._readings[key] = reading
        if len(self._readings) > MAX_READINGS:
            del self._readings[next(iter(self._readings))]

    def read_again(self, swap: Swap, reading: BatteryTelemetry) -> None:
        """The page of this battery, which is shown next, reads it anew."""
        self._read_anew.add((swap.correlation_id, reading.battery_id))
        self.wanted = WantedBattery(battery_id=reading.battery_id, address=reading.address, anew=True)

    def was_read_again(self, swap: Swap, battery_id: str) -> bool:
        """Whether a battery in doubt was read again in this swap."""
        return (swap.correlation_id, battery_id) in self._read_anew

    def note_refusal(self, refusal: Refusal, *keys: str) -> None:
        """`keys` are the ids and the address of a battery that was refused; it stays refused until it is accepted."""
        self._refusals.update({normalise_id(key): refusal for key in keys if key})

    def refusal(self, *keys: str) -> Refusal | None:
        """The refusal of a battery, by its address or its id."""
        return next((self._refusals[key] for key in map(normalise_id, keys) if key in self._refusals), None)

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
