"""A counter in simulated time: the real scanner and readings in the background, over a radio with the latencies of the field."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.swap.swap import Swap, with_returned
from kiosk.station.adapters.bluetooth import RadioScanner, SimulatedBattery, SimulatedEnvironment, SimulatedTimings, Timeouts
from kiosk.station.adapters.bluetooth.battery_protocol import Peripheral
from kiosk.station.adapters.bluetooth.device_table import SearchSettings
from kiosk.station.adapters.bluetooth.radio import Radio
from kiosk.station.adapters.store.sql_store import open_store
from kiosk.station.events import BatteryReadBehind, Event
from kiosk.station.ports import KnownBatteries, NoBindings, ReadPhase
from kiosk.station.services.background_reads import BackgroundReads
from kiosk.station.services.swaps import Swaps
from tests.builders import NOON, reading, swap_of
from tests.station.adapters.bluetooth.field import Air, field_backends
from tests.station.services.conftest import Counter

TICK_SECONDS, TICKS, LOST = 0.1, 10, 0.2
VALUE_SECONDS = 0.075
RETURNED = "BAT-12345"


class LoopClock:
    """Wall time that goes as the running loop's."""

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


class Around(SimulatedEnvironment):
    """Batteries that advertise once a second, each at a moment of its own; one of five advertisements is not received."""

    def __init__(self, batteries: Iterable[SimulatedBattery], chance: random.Random) -> None:
        super().__init__(batteries, timings=SimulatedTimings(advertise=TICK_SECONDS, connect=0.0, read=VALUE_SECONDS))
        self._chance = chance
        self._phases: dict[str, int] = {}

    def advertising(self) -> tuple[Peripheral, ...]:
        tick = round(asyncio.get_running_loop().time() / TICK_SECONDS)
        return tuple(each for each in super().advertising() if (tick + self._phase(each)) % TICKS == 0 and self._chance.random() >= LOST)

    def _phase(self, peripheral: Peripheral) -> int:
        return self._phases.setdefault(peripheral.address, self._chance.randrange(TICKS))


def pack(asset_id: str, kwh: str = "4.2", rssi: int = -60) -> SimulatedBattery:
    """A battery of the station."""
    return SimulatedBattery(asset_id=asset_id, kwh_remaining=Decimal(kwh), voltage=Decimal(70), rssi=rssi)


@dataclass
class NearCounter:
    """`events` are announced, `swap` is at the counter with its returned battery not read yet."""

    swaps: Swaps
    scanner: RadioScanner
    reads: BackgroundReads
    room: SimulatedEnvironment
    air: Air
    swap: Swap
    events: list[Event]
    phases: list[ReadPhase] = field(default_factory=list)

    async def took(self, target: str, *, anew: bool = False) -> tuple[float, BatteryTelemetry]:
        """How long a person waits for a reading, and what it gives."""
        began = asyncio.get_running_loop().time()
        found = await self.reads.read(self.swap, target, self.phases.append, anew=anew)
        return asyncio.get_running_loop().time() - began, found

    def address(self, asset_id: str) -> str:
        """Where a battery advertises."""
        return next(each.address for each in self.room.peripherals if each.name.endswith(asset_id[-6:]))

    def take_back(self) -> None:
        """The returned battery is accepted."""
        self.swap = with_returned(self.swap, reading(RETURNED), self.swaps.rules)

    @property
    def begun(self) -> list[str]:
        """What was read in the background, in order."""
        return [each.target for each in self.events if isinstance(each, BatteryReadBehind)][::2]


@asynccontextmanager
async def near_counter(
    folder: Path,
    *batteries: SimulatedBattery,
    chance: random.Random | None = None,
    air: Air | None = None,
    valid_seconds: float = 120.0,
    bindings: KnownBatteries | None = None,
) -> AsyncIterator[NearCounter]:
    """A counter with these batteries near, whose readings in the background run."""
    air, room, clock = air or Air(), Around(batteries, chance or random.Random(7)), LoopClock()
    settings = SearchSettings(clock=clock, timeouts=Timeouts(), bindings=bindings or NoBindings())
    scanner = RadioScanner(lambda: Radio(field_backends(room, air)), settings)
    store = open_store(folder / "kiosk.sqlite")
    parts, events = Counter(store), list[Event]()
    swaps = Swaps(
        plans=parts.plans,
        scanner=scanner,
        store=store,
        channel=parts.channel,
        payments=parts.payments,
        outbox=parts.outbox,
        clock=clock,
        ids=lambda: "TXN-1",
        station=parts.swaps.station,
        rules=parts.swaps.rules,
        people=parts.people,
    )
    reads = BackgroundReads(swaps, scanner, clock, events.append, valid_seconds=valid_seconds, bindings=bindings)
    running = asyncio.create_task(reads.run())
    try:
        yield NearCounter(swaps, scanner, reads, room, air, swap_of(), events)
    finally:
        running.cancel()
        await asyncio.wait({running})
        await scanner.stop()
        store.close()
        if not running.cancelled():
            running.result()
