"""SIGTERM and SIGHUP end the window as closing it does: logout, shutdown, systemd and a closed terminal send them.

Python handles a signal when the GUI thread comes back to it, which a busy or waiting window does late or never; so a thread of its own
waits on the pipe that Python writes each signal to. From the signal on the process has END_SECONDS: whatever still hangs then is left, and
what it had not settled is in the store. Where a signal is ignored already (`nohup`) it stays so; on Windows there are none.
"""

import os
import signal
import threading
from types import FrameType, TracebackType
from typing import Self

from PySide6.QtCore import QObject, Signal

END_SECONDS = 4.5
_NAMES = ("SIGTERM", "SIGHUP")
_LET_GO = b"\0"
_MAX_BYTES = 64


class EndSignals(QObject):
    """Entered and left in the GUI thread. `came` is emitted once, from another thread."""

    came = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.received, self._closed = False, False
        self._former: dict[int, object] = {}
        self._former_wakeup = -1
        self._pipe: tuple[int, int] | None = None
        self._thread = threading.Thread(target=self._listen, name="signals", daemon=True)

    def __enter__(self) -> Self:
        if os.name != "posix":
            return self
        self._pipe = _, writing = os.pipe()
        os.set_blocking(writing, False)
        self._former_wakeup = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for name in _NAMES:
            if signal.getsignal(number := getattr(signal, name)) is not signal.SIG_IGN:
                self._former[number] = signal.signal(number, _ignore_signal)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._closed = kind is None
        if self._pipe is None or self.received:
            return  # the process ends: the limit stays
        signal.set_wakeup_fd(self._former_wakeup)
        for number, handler in self._former.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal gave
        os.write(self._pipe[1], _LET_GO)
        self._thread.join()
        for end in self._pipe:
            os.close(end)

    def _listen(self) -> None:
        if self._pipe is None:
            return
        while True:
            numbers = os.read(self._pipe[0], _MAX_BYTES)
            if not self._former.keys().isdisjoint(numbers):
                break
            if _LET_GO in numbers:
                return
        self.received = True
        self.came.emit()
        threading.Event().wait(END_SECONDS)
        if not self._closed:  # reached only where the process has not ended by itself
            import logging  # not needed before the first picture

            logging.getLogger(__name__).error("the window did not close in %s s and is left as it is", END_SECONDS)
        os._exit(0 if self._closed else 1)


def _ignore_signal(_number: int, _frame: FrameType | None) -> None:
    """The pipe has it; a signal without a handler of ours would end the process."""
