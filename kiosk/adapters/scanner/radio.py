"""The one owner of the Bluetooth adapter: one operation at a time, every link and every scan closed again.

A link or scan lives inside a context that closes it on success, failure and cancelling. Closing runs in a task of its own, so
that not even a second cancelling can interrupt it; it is waited for at most `CLOSE_SECONDS`, and the next operation waits for what
is still closing. (A link left open keeps a battery from advertising for two minutes.) bleak's exceptions pass through as they are;
`failures` explains them.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import NamedTuple, NoReturn

from bleak import BleakClient, BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner

CLOSE_SECONDS = 1.0
_log = logging.getLogger(__name__)

OnHeard = Callable[[BLEDevice, AdvertisementData], None]


class Backends(NamedTuple):
    """The classes below bleak's API; None takes the platform's own."""

    scanner: type[BaseBleakScanner] | None = None
    client: type[BaseBleakClient] | None = None


class Radio:
    """Give it to one RadioScanner; use it from one loop."""

    def __init__(self, backends: Backends) -> None:
        self._backends = backends
        self._lock = asyncio.Lock()
        self._readers = 0
        self._asked = asyncio.Event()  # a reading waits for the radio or has it
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._closing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def for_reading(self) -> AsyncIterator[None]:
        """The radio for one reading; whoever only listens gives way at once."""
        self._readers += 1
        self._asked.set()
        self._quiet.clear()
        try:
            async with self._lock:
                await self.settle()
                yield
        finally:
            self._readers -= 1
            if not self._readers:
                self._asked.clear()
                self._quiet.set()

    async def listen_between_readings(self, on_heard: OnHeard) -> NoReturn:
        """Listen until cancelled, pausing while readings use the radio."""
        while True:
            await self._quiet.wait()
            async with self._lock:
                await self.settle()
                async with self.listening(on_heard):
                    await self._asked.wait()

    @asynccontextmanager
    async def listening(self, on_heard: OnHeard) -> AsyncIterator[None]:
        """Scan actively (names come in scan responses) while inside; only for who holds the radio."""
        scanner = BleakScanner(on_heard, backend=self._backends.scanner)
        await scanner.start()
        try:
            yield
        finally:
            await self._close(scanner.stop())

    @asynccontextmanager
    async def link(self, device: BLEDevice, timeout_seconds: float) -> AsyncIterator[BleakClient]:
        """A connection to a device just heard; closed whatever happens, also when connecting is cut short."""
        client = BleakClient(device, timeout=timeout_seconds, backend=self._backends.client)
        try:
            await client.connect()
            yield client
        finally:
            await self._close(client.disconnect())

    async def settle(self) -> None:
        """Wait, with a limit, for what is still being closed."""
        if self._closing:
            await asyncio.wait(self._closing, timeout=CLOSE_SECONDS)

    async def _close(self, closing: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(closing)
        self._closing.add(task)
        task.add_done_callback(self._closed)
        await asyncio.wait({task}, timeout=CLOSE_SECONDS)  # leaves the task running when it is cancelled itself

    def _closed(self, task: asyncio.Task[None]) -> None:
        self._closing.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.info("closing a link or scan failed: %r", error)  # it was lost before: nothing is left to close
