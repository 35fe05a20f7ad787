"""The process that holds the virtual radio: the adapter behind /dev/vhci, and the batteries of a SimulatedEnvironment in range of it.

    python -m tests.real_bluez.air FD

It is told what to do over the inherited connection FD (one end of multiprocessing's Pipe): (method of World, arguments), answered by
(True, result) or (False, the error's text) once the air has changed. It ends with its caller.
"""

import asyncio
import logging
import sys
import threading
from collections.abc import Coroutine
from multiprocessing.connection import Connection
from typing import Any

from kiosk.station.adapters.bluetooth.battery_protocol import Peripheral
from kiosk.station.adapters.bluetooth.simulated.environment import SimulatedEnvironment
from kiosk.station.adapters.bluetooth.simulated.simulated_battery import SimulatedBattery, SimulatedTimings
from tests.real_bluez.virtual_battery import VirtualBattery
from tests.real_bluez.virtual_radio import Adapter, Advertised, Link, open_vhci

_PACE = SimulatedTimings(connect=0.0, read=0.0, slow_connect=2.0, slow_read=0.1)  # the emulated machine is slow enough by itself
_CHANGE_SECONDS = 60


class World:
    """What is in the air. Every method returns when it is so."""

    def __init__(self) -> None:
        self.room = SimulatedEnvironment(timings=_PACE)
        self.link = Link()
        self.devices: dict[str, VirtualBattery] = {}
        self.adapter: Adapter | None = None
        self.transport: Any = None

    async def plug(self) -> None:
        """The kernel gets an adapter."""
        self.transport = await open_vhci()
        self.adapter = Adapter(self.transport, self.link, self._advertised_at)

    async def unplug(self) -> None:
        """The kernel loses it, and the batteries their links."""
        if self.adapter is not None:
            self.adapter.pull_out()
            await self.transport.close()
            self.adapter = None

    async def put(self, *batteries: SimulatedBattery) -> None:
        """Bring batteries into range, or replace those with the same id."""
        for battery in batteries:
            self.room.put(battery)
        await self._follow_room()

    async def add(self, *devices: Peripheral) -> None:
        """Bring something else into range."""
        self.room.add_devices(*devices)
        await self._follow_room()

    async def clear(self) -> None:
        """Nothing is in range any more."""
        self.room = SimulatedEnvironment(timings=_PACE)
        await self._follow_room()

    async def open_links(self) -> frozenset[str]:
        """Addresses of the batteries that somebody is connected to."""
        return self.room.open_links

    async def _follow_room(self) -> None:
        wanted = {peripheral.address: peripheral for peripheral in self.room.peripherals}
        for address in [address for address in self.devices if address not in wanted]:
            await self.devices.pop(address).vanish()
        for address, peripheral in wanted.items():
            if address in self.devices:
                self.devices[address].peripheral = peripheral
            else:
                self.devices[address] = device = VirtualBattery(self.link, peripheral, opened=self._opened, closed=self._closed)
                await device.appear()

    def _advertised_at(self, address: str) -> Advertised | None:
        device = self.devices.get(address)
        return None if device is None else device.advertised

    def _opened(self, address: str) -> None:
        self.room.open_link(address)
        healed = self.room.find(address)
        if healed is not None:
            self.devices[address].peripheral = healed

    def _closed(self, address: str) -> None:
        self.room.close_link(address)


def serve(world: World, connection: Connection, loop: asyncio.AbstractEventLoop) -> None:
    """Do what is told until the other side is gone."""
    while True:
        try:
            method, arguments = connection.recv()
        except EOFError:
            loop.call_soon_threadsafe(loop.stop)
            return
        task: Coroutine[Any, Any, object] = getattr(world, method)(*arguments)
        try:
            connection.send((True, asyncio.run_coroutine_threadsafe(task, loop).result(_CHANGE_SECONDS)))
        except Exception as error:  # noqa: BLE001  whatever it was, the test that asked shall fail with it
            connection.send((False, repr(error)))


def main(descriptor: int) -> None:
    logging.basicConfig(level=logging.WARNING)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    threading.Thread(target=serve, args=(World(), Connection(descriptor), loop), daemon=True).start()
    loop.run_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
