"""Bridge: runs coroutines on the I/O thread and calls back in the GUI thread; what the kiosk announces is one signal.

A failure without a handler is not lost: it goes to `unhandled`, where the window shows it. A handle that was cancelled
delivers nothing any more, neither result nor failure. `stop` ends the thread within its deadline, whatever still runs there.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from kiosk.station.events import Event

log = logging.getLogger(__name__)
START_SECONDS = 10.0
STOP_SECONDS = 15.0


class Handle:
    """A running piece of work that the page which started it can cancel, from the GUI thread."""

    def __init__(self, future: "Future[Any]") -> None:
        self._future = future
        self.cancelled = False

    def cancel(self) -> None:
        """Stop the work and drop what it may still bring."""
        self.cancelled = True
        self._future.cancel()


class Bridge(QObject):
    """Owns the I/O thread. Created and used in the GUI thread."""

    announced = Signal(object)  # a kiosk.station.events.Event
    unhandled = Signal(object)  # an exception that no page has asked for
    _landed = Signal(object)  # a call to make in the GUI thread

    def __init__(self) -> None:
        super().__init__()
        self._landed.connect(self._land, Qt.ConnectionType.QueuedConnection)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run_loop, name="io", daemon=True)

    def start(self) -> None:
        """Start the thread; returns when its loop runs."""
        running = threading.Event()
        self._loop.call_soon(running.set)
        self._thread.start()
        running.wait(START_SECONDS)

    def run[T](self, work: Coroutine[Any, Any, T], then: Callable[[T], None], failed: Callable[[Exception], None] | None = None) -> Handle:
        """Run `work` on the I/O thread; `then` or `failed` is called in the GUI thread, unless the handle was cancelled."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        handle = Handle(future)
        future.add_done_callback(lambda done: self._finish(done, handle, then, failed))
        return handle

    def announce(self, event: Event) -> None:
        """What a running kiosk announces, from any thread."""
        self.announced.emit(event)

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Cancel what runs and end the thread."""
        if not self._thread.is_alive():
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(seconds)
        if self._thread.is_alive():
            log.error("the I/O thread did not end in %s s", seconds)

    def _run_loop(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            tasks = asyncio.all_tasks(self._loop)
            for task in tasks:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    def _finish[T](self, done: "Future[T]", handle: Handle, then: Callable[[T], None], failed: Callable[[Exception], None] | None) -> None:
        if done.cancelled() or handle.cancelled:
            return
        error = done.exception()
        if error is None:
            self._land_later(handle, lambda: then(done.result()))
        elif isinstance(error, Exception):
            deliver = failed or self.unhandled.emit
            self._land_later(handle, lambda: deliver(error))

    def _land_later(self, handle: Handle, call: Callable[[], None]) -> None:
        self._landed.emit(lambda: None if handle.cancelled else call())

    @Slot(object)
    def _land(self, call: Callable[[], None]) -> None:
        call()
