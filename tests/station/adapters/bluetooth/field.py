"""A radio in memory with the latencies of the field: connecting takes seconds, and so does discovering a battery's GATT layout unless it is
known, each value, and closing a link.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from bleak.backends.client import BaseBleakClient

from kiosk.station.adapters.bluetooth import SimulatedEnvironment
from kiosk.station.adapters.bluetooth.radio import Backends
from kiosk.station.adapters.bluetooth.simulated.bleak_backend import MemoryClient, memory_backends


@dataclass(kw_only=True)
class Air:
    """How long it takes, in seconds. `layouts` are the addresses whose GATT layout is known."""

    connect: Callable[[], float] = lambda: 2.5
    discover: Callable[[], float] = lambda: 2.0
    close: float = 2.0
    layouts: set[str] = field(default_factory=set)


def field_backends(room: SimulatedEnvironment, air: Air) -> Backends:
    """The classes that bleak wants; each value takes what the room says."""
    client: type[BaseBleakClient] = type("FieldClient", (FieldMemoryClient,), {"environment": room, "air": air})
    return memory_backends(room)._replace(client=client)


class FieldMemoryClient(MemoryClient):
    """One link."""

    air: Air

    async def connect(self, pair: bool, **kwargs: object) -> None:  # noqa: FBT001  the signature is bleak's
        await asyncio.sleep(self.air.connect())
        await super().connect(pair, **kwargs)
        if self.address not in self.air.layouts:
            try:
                await asyncio.sleep(self.air.discover())
            except asyncio.CancelledError:
                await super().disconnect()
                raise
            self.air.layouts.add(self.address)

    async def disconnect(self) -> None:
        if self.is_connected:
            await asyncio.sleep(self.air.close)
        await super().disconnect()
