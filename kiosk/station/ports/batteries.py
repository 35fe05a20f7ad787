"""Batteries: the one owner of the radio, and what it returns; and the world of training, whose batteries are put in place."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from kiosk.domain.battery.battery import BatteryTelemetry, id_tail, normalise_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One situation to practise: what it is about, the customer's code, the battery to choose, and what the trainee will meet, in order."""

    id: str
    title: str
    about: str
    customer_code: str
    new_battery_id: str
    steps: tuple[str, ...]


class Training(Protocol):
    """The world of training mode: a platform and batteries that can be set up for a scenario. Absent at a real counter."""

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """What can be practised, in the order of the training screen."""

    async def begin(self, scenario_id: str) -> Scenario:
        """Put plans, batteries and faults in place for one scenario. Raises NotFound."""


class ReadingGaveWay(Exception):
    """A reading in the background was broken off, because a person waits for the radio."""


class ReadPhase(StrEnum):
    """What a reading is busy with, in order."""

    LOOKING = "looking"
    CONNECTING = "connecting"
    READING = "reading"


@dataclass(frozen=True, slots=True)
class PhaseTime:
    """One phase of a reading and how long it took."""

    phase: ReadPhase
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTrace:
    """How one reading went, for support. `asked` is the id, tail or address that was looked for, `phases` in their order (one comes again
    when it was tried again), `retries` the links that were tried once more, `recoveries` what was done to a stuck adapter, as phrases.
    `outcome` is "read", "broken off" or the reason of the failure; `battery_id` the id that was read, if any.
    """

    asked: str
    started_at: datetime
    seconds: float
    phases: tuple[PhaseTime, ...]
    outcome: str
    battery_id: str = ""
    rssi: int | None = None
    retries: int = 0
    recoveries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A battery in range. `name` is as advertised and may be truncated; `rssi` in dBm, smoothed, None when not known. `has_own_id`: it is
    of a kind that reports an id of its own, and its name holds no more than the end of that. `battery_id` is the id of the battery that is
    bound to this address, normalised, "" where none is; `says` an id that it advertises although another address is bound to it.
    `heard_seconds_ago`: how old that is, which makes no other sighting of it.
    `has_random_address`: the address is known to be one of Bluetooth's random ones.
    """

    address: str
    name: str
    rssi: int | None = None
    protocol: str = ""
    has_own_id: bool = False
    battery_id: str = ""
    says: str = ""
    heard_seconds_ago: float = field(default=0.0, compare=False)
    has_random_address: bool = False

    def may_be(self, battery_id: str) -> bool:
        """Whether it may be this battery: what is bound is the one that was bound; of others a name tells the end of the id."""
        return self.battery_id == normalise_id(battery_id) if self.battery_id else id_tail(self.name) == id_tail(battery_id)


class BatteryScanner(Protocol):
    """The one owner of the radio."""

    async def start(self) -> None:
        """Prepare the radio. Failing is no error here: `read` and `sightings` say it."""

    async def stop(self) -> None: ...

    async def check(self) -> bool:
        """True when batteries could be read now, False when that is not known. Raises BatteryUnreachable with the reason."""

    def sightings(self) -> AsyncIterator[tuple[Sighting, ...]]:
        """Batteries in range, strongest first, at most three times a second, until closed. Raises BatteryUnreachable."""

    async def read(
        self,
        battery_id: str,
        on_phase: Callable[[ReadPhase], None],
        timeout_seconds: float,
        default_kwh: Decimal | None = None,
        *,
        energy_needed: bool = True,
        in_background: bool = False,
    ) -> BatteryTelemetry:
        """Read the battery whose id (or the tail of it) is `battery_id`, or whose address it is; the returned id is the battery's own.

        `default_kwh` is the capacity to estimate with where estimates are allowed and the battery has none (decision 11). Where no
        `energy_needed`, a battery without it is read all the same, with None (decision 21).

        Nobody waits for one `in_background`: it goes behind every other, and gives way to it.

        Raises BatteryUnreachable, BatteryUnreadable; ReadingGaveWay in the background.
        """

    def last_reads(self) -> tuple[ReadTrace, ...]:
        """How the last readings went, newest first; a few dozen are kept."""
