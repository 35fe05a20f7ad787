"""A loop whose time jumps to the next moment at which something is due: a test of ten seconds' timeouts takes milliseconds.

For work without threads and sockets. Time begins at 0; nothing is ever waited for, so a test that waits for what never comes hangs at once
and is ended by its timeout.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any

from kiosk.station.adapters.bluetooth.scanner import load


class _Jumping(selectors.DefaultSelector):
    """Answers at once; a wait is added to the time instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0 if timeout is not None else None)
        if not ready and timeout is not None and timeout > 0:
            self.now += timeout
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    """See the module."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run_jumping[T](work: Coroutine[Any, Any, T]) -> T:
    """asyncio.run on such a loop."""
    load()  # else it would be done in a thread, and time would jump over it
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(work)
