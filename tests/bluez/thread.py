"""The Bluetooth service beside a test: in a thread with a loop of its own, as bluetoothd is a process of its own."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Self

from kiosk.station.adapters.bluetooth.simulated.environment import SimulatedEnvironment
from tests.bluez.faults import Faults
from tests.bluez.service import Bluez

_SECONDS = 5.0


class BluezThread:
    """`with` it. `room` and `faults` may be changed at any time; `do` runs what touches the service itself."""

    def __init__(self, address: str, room: SimulatedEnvironment, *, plugged: bool = True, powered: bool = True) -> None:
        self.address, self.room, self.faults = address, room, Faults()
        self._plugged, self._powered, self._alive = plugged, powered, False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="bluez")

    def __enter__(self) -> Self:
        self._thread.start()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.die()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_SECONDS)
        self._loop.close()

    def start(self) -> None:
        """On the bus; also again after `die`."""

        async def begin() -> Bluez:
            service = Bluez(self.address, self.room, self.faults)
            await service.open(plugged=self._plugged, powered=self._powered)
            return service

        self.service = self._run(begin())
        self._alive = True

    def die(self) -> None:
        """Off the bus, with all links; a second time is no error."""
        if self._alive:
            self._alive = False
            self._run(self.service.close())
        for address in self.room.open_links:
            self.room.close_link(address)

    def do[T](self, work: Callable[[Bluez], T]) -> T:
        """Work on the service in its own thread, and what it gave."""

        async def run() -> T:
            return work(self.service)

        return self._run(run())

    async def nothing_open(self) -> None:
        """Until no link and no discovery is left; AssertionError when that does not come."""
        for _ in range(1000):  # closing alone may take its three seconds on a busy machine
            if not self.room.open_links and not self.do(lambda service: service.discovering):
                return
            await asyncio.sleep(0.01)
        discovering = self.do(lambda service: service.discovering)
        raise AssertionError(f"left open: {set(self.room.open_links)}, discovery: {discovering}, after {self.calls[-8:]}")

    @property
    def calls(self) -> list[str]:
        """The methods called so far, and each `Powered=...`."""
        return self.do(lambda service: list(service.calls))

    def _run[T](self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_SECONDS)
