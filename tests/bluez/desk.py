"""A scanner on the real BlueZ backend, and the Bluetooth service with its room below it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.station.adapters.bluetooth import RadioScanner, SimulatedTimings, Timeouts, build_scanner
from kiosk.station.ports import ReadPhase
from tests.bluez.thread import BluezThread
from tests.station.adapters.bluetooth.bench import StillClock

AIR = SimulatedTimings(advertise=0.02, connect=0.001, read=0.0, slow_connect=0.3, slow_read=0.02)
IMPATIENT = Timeouts(gather=0.05, gather_names=0.05, look_again=0.2, update=0.02, suspect=0.7, adapter_back=1.5, poll=0.02)


@dataclass
class RadioDesk:
    """`phases` are what the last readings announced; `at` what to do when one is."""

    bluez: BluezThread
    scanner: RadioScanner = field(default_factory=lambda: build_scanner("bluetooth", clock=StillClock(), timeouts=IMPATIENT))
    phases: list[ReadPhase] = field(default_factory=list)
    at: dict[ReadPhase, Callable[[], object]] = field(default_factory=dict)

    async def read(self, battery_id: str = "BAT-12345", seconds: float = 4.0) -> BatteryTelemetry:
        """One reading."""
        return await self.scanner.read(battery_id, self._note, seconds)

    def _note(self, phase: ReadPhase) -> None:
        self.phases.append(phase)
        if phase in self.at:
            self.at.pop(phase)()

    def read_now(self, battery_id: str = "BAT-12345", seconds: float = 4.0) -> BatteryTelemetry:
        """One reading in a loop of its own."""
        return asyncio.run(self.whole(battery_id, seconds))

    def read_now_somehow(self, battery_id: str = "BAT-12345", seconds: float = 4.0) -> BatteryTelemetry:
        """The same where the service is gone, and nothing can be said of what it has open."""

        async def run() -> BatteryTelemetry:
            await self.scanner.start()
            try:
                return await self.read(battery_id, seconds)
            finally:
                await self.scanner.stop()

        return asyncio.run(run())

    async def whole(self, battery_id: str = "BAT-12345", seconds: float = 4.0) -> BatteryTelemetry:
        """Start, read, stop; and nothing is left open."""
        await self.scanner.start()
        try:
            return await self.read(battery_id, seconds)
        finally:
            await self.scanner.stop()
            await self.bluez.nothing_open()

    @property
    def trace(self) -> Any:
        """Of the last reading."""
        return self.scanner.last_reads()[0]
