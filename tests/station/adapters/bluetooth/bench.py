"""A scanner over a room of simulated batteries, quick enough for tests: nothing waits longer than it must to be seen."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.battery.binding import Binding
from kiosk.station.adapters.bluetooth import (
    Fault,
    FleetFilter,
    RadioScanner,
    SimulatedBattery,
    SimulatedEnvironment,
    SimulatedTimings,
    Timeouts,
    build_scanner,
)
from kiosk.station.adapters.bluetooth.battery_protocol import Peripheral
from kiosk.station.adapters.bluetooth.device_table import ANYTHING
from kiosk.station.ports import KnownBatteries, ReadPhase

NOW = datetime(2025, 1, 15, 10, 15, tzinfo=UTC)
QUICK = SimulatedTimings(advertise=0.005, connect=0.001, read=0.0, slow_connect=0.2, slow_read=0.01)
IMPATIENT = Timeouts(gather=0.02, gather_names=0.02, look_again=0.05, update=0.02)


class StillClock:
    """Always the same moment; waits go by the loop's time."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0


@dataclass
class Bench:
    """A scanner, the room below it, and the phases that readings announced."""

    room: SimulatedEnvironment
    scanner: RadioScanner
    phases: list[ReadPhase] = field(default_factory=list)
    _told: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self, battery_id: str, timeout_seconds: float = 2.0) -> BatteryTelemetry:
        """One reading, and the link that is closed behind it."""
        try:
            return await self.scanner.read(battery_id, self._note, timeout_seconds)
        finally:
            await self.scanner.stop()

    async def until(self, phase: ReadPhase, times: int = 1) -> None:
        """Wait until a phase was announced so many times."""
        async with asyncio.timeout(5):
            while self.phases.count(phase) < times:
                self._told.clear()
                await self._told.wait()

    def _note(self, phase: ReadPhase) -> None:
        self.phases.append(phase)
        self._told.set()

    def read_now(self, battery_id: str, timeout_seconds: float = 2.0) -> BatteryTelemetry:
        return asyncio.run(self.read(battery_id, timeout_seconds))


def bench(
    *batteries: SimulatedBattery,
    timings: SimulatedTimings = QUICK,
    timeouts: Timeouts = IMPATIENT,
    bindings: KnownBatteries | None = None,
    fleet_filter: FleetFilter = ANYTHING,
    stored_address: Callable[[str], str] = lambda _battery_id: "",
) -> Bench:
    """A bench with these batteries in range."""
    room = SimulatedEnvironment(batteries, timings=timings)
    scanner = build_scanner(
        "simulated",
        clock=StillClock(),
        batteries=room,
        timeouts=timeouts,
        bindings=bindings,
        fleet_filter=fleet_filter,
        stored_address=stored_address,
    )
    return Bench(room, scanner)


class Bound:
    """Batteries that are bound, and their secrets by id."""

    def __init__(self, *bindings: Binding, secrets: Mapping[str, str] | None = None) -> None:
        self.bindings, self.secrets, self.asked = list(bindings), dict(secrets or {}), list[str]()

    def binding_of(self, battery_id: str) -> Binding | None:
        return next((each for each in self.bindings if each.battery_id == battery_id), None)

    def binding_at(self, address: str) -> Binding | None:
        return next((each for each in self.bindings if each.address == address), None)

    async def secret_of(self, battery_id: str) -> str:
        self.asked.append(battery_id)
        return self.secrets.get(battery_id, "")


def bound(battery_id: str, address: str, family: str = "jk", serial: str = "", *, has_secret: bool = False) -> Binding:
    """A binding made at the bench's time."""
    return Binding(battery_id=battery_id, address=address, family=family, bound_at=NOW, serial=serial, has_secret=has_secret)


def battery(
    asset_id: str = "BAT-12345", *faults: Fault, kwh: str = "0.8", soc: str | None = "25", volts: str = "71.2", rssi: int = -48
) -> SimulatedBattery:
    """The battery of the contract's example unless told otherwise."""
    charge = None if soc is None else Decimal(soc)
    return SimulatedBattery(
        asset_id=asset_id, kwh_remaining=Decimal(kwh), voltage=Decimal(volts), soc_percent=charge, rssi=rssi, faults=frozenset(faults)
    )


def phone(number: int, rssi: int = -70) -> Peripheral:
    """Something else that advertises and can be connected to."""
    return Peripheral(address=f"AA:00:00:00:{number // 256:02X}:{number % 256:02X}", name=f"Phone {number:06}", rssi=rssi)
