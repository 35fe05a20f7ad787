"""systemd, where it started this process and watches it (`WatchdogSec` of the units in packaging/): told that it is ready, lives, ends.

A program that says nothing for too long is ended and started again. Children, which inherit the environment, and programs that a person
started tell nothing. sd_notify(3), sd_watchdog_enabled(3).
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

READY, ALIVE, STOPPING = "READY=1", "WATCHDOG=1", "STOPPING=1"
_TIMES = 3  # as often in the time that it waits, so that one that is late ends nothing
_MILLION = 1_000_000


class ServiceManager:
    """`every_seconds` is how often it wants to hear; None where nobody watches this process."""

    def __init__(self, environment: Mapping[str, str] = os.environ, pid: int | None = None) -> None:
        own = str(os.getpid() if pid is None else pid)
        is_watched = bool(environment.get("NOTIFY_SOCKET")) and environment.get("WATCHDOG_PID") == own
        within = environment.get("WATCHDOG_USEC", "")
        self._address = environment.get("NOTIFY_SOCKET", "") if is_watched else ""
        self.every_seconds = int(within) / _MILLION / _TIMES if is_watched and within.isdecimal() and int(within) else None

    def tell(self, words: str) -> None:
        """One of the words above. A manager that does not hear changes nothing."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.settimeout(0)
            told.connect(address)
            told.send(words.encode())


@asynccontextmanager
async def told_alive(manager: ServiceManager) -> AsyncIterator[None]:
    """Ready now, and alive for as long as this loop goes round."""

    async def tell(every: float) -> None:
        while True:
            manager.tell(ALIVE)
            await asyncio.sleep(every)

    manager.tell(READY)
    telling = asyncio.create_task(tell(manager.every_seconds)) if manager.every_seconds is not None else None
    try:
        yield
    finally:
        if telling is not None:
            telling.cancel()
        manager.tell(STOPPING)
