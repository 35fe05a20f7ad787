"""What a case has at hand: an air to fill, and the scanner of a counter. A battery stands for its bytes (kiosk's simulated batteries)."""

import asyncio
from decimal import Decimal
from multiprocessing.connection import Connection

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.shared.system import SystemClock
from kiosk.station.adapters.bluetooth import Fault, RadioScanner, SimulatedBattery, build_scanner
from kiosk.station.adapters.bluetooth.battery_protocol import Peripheral
from kiosk.station.ports import ReadPhase

LEFT_SECONDS = 5.0  # how long a link may outlast its reading: bluetoothd itself holds it for two when asked to disconnect
_ANSWER_SECONDS = 90  # it imports bumble first


def battery(
    asset_id: str = "BAT-12345", *faults: Fault, kwh: str = "0.8", rssi: int = -48, heals: int | None = None, protocol: str = "oves"
) -> SimulatedBattery:
    """The battery of the contract's example unless told otherwise."""
    return SimulatedBattery(
        asset_id=asset_id,
        kwh_remaining=Decimal(kwh),
        voltage=Decimal("71.2"),
        rssi=rssi,
        protocol=protocol,
        faults=frozenset(faults),
        heals_after_links=heals,
    )


class Air:
    """The batteries in range and the adapter's plug; each call returns when it is so."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def put(self, *batteries: SimulatedBattery) -> None:
        await self._tell("put", *batteries)

    async def add(self, *devices: Peripheral) -> None:
        await self._tell("add", *devices)

    async def clear(self) -> None:
        await self._tell("clear")

    async def plug(self) -> None:
        await self._tell("plug")

    async def unplug(self) -> None:
        await self._tell("unplug")

    async def open_links(self) -> frozenset[str]:
        links = await self._tell("open_links")
        assert isinstance(links, frozenset)
        return links

    async def _tell(self, method: str, *arguments: object) -> object:
        return await asyncio.to_thread(self._exchange, method, arguments)

    def _exchange(self, method: str, arguments: tuple[object, ...]) -> object:
        self._connection.send((method, arguments))
        assert self._connection.poll(_ANSWER_SECONDS), f"the virtual radio did not {method} in time"
        done, result = self._connection.recv()
        assert done, result
        return result


class Desk:
    """A scanner as the program builds it, and the phases its readings announced."""

    def __init__(self, scanner: RadioScanner) -> None:
        self.scanner = scanner
        self.phases: list[ReadPhase] = []
        self._told = asyncio.Event()

    async def read(self, battery_id: str, timeout_seconds: float = 30) -> BatteryTelemetry:
        """One reading. The time is three times a counter's, since the machine is emulated; pass 10 where the deadline is the matter."""
        return await self.scanner.read(battery_id, self._note, timeout_seconds)

    async def until(self, phase: ReadPhase) -> None:
        async with asyncio.timeout(30):
            while phase not in self.phases:
                self._told.clear()
                await self._told.wait()

    def _note(self, phase: ReadPhase) -> None:
        self.phases.append(phase)
        self._told.set()


def new_desk() -> Desk:
    """One with `scanner.backend = "bluetooth"`, not started."""
    return Desk(build_scanner("bluetooth", clock=SystemClock()))
