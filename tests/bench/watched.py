"""A process that starts the kiosk's window as `swap-kiosk run` does and watches it: `python -m tests.bench.watched`.

Prints one JSON object: `painted` and `ready`, monotonic seconds; `stall`, the longest time in seconds between them in which the window
could not have answered a touch; `bytes` and `children_bytes` of memory; `modules`, what was imported by then that is not ours. A kiosk
that cannot start ends the process with its reason and exit code 1.
"""

import importlib
import sys
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from ui.window.main_window import Window

_BEAT_MILLISECONDS = 2
_SETTLED_MILLISECONDS = 300
_OURS = ("kiosk", "ui", "resources", "__main__")


class _Watch(QObject):
    def __init__(self, window: "Window") -> None:
        super().__init__(window)
        self._window = window
        self._painted = self._ready = self._last = self._stall = 0.0
        self._beat = QTimer(self)
        self._beat.setTimerType(Qt.TimerType.PreciseTimer)
        self._beat.setInterval(_BEAT_MILLISECONDS)
        self._beat.timeout.connect(self._tick)
        window.ready.connect(self._is_ready)
        window.refused.connect(_give_up)
        window.frame.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self._is_painted)
        return False

    def _is_painted(self) -> None:
        self._painted = self._last = time.monotonic()
        self._beat.start()

    def _tick(self) -> None:
        now = time.monotonic()
        self._stall = max(self._stall, now - self._last - _BEAT_MILLISECONDS / 1000)
        self._last = now

    def _is_ready(self) -> None:
        self._ready = time.monotonic()
        QTimer.singleShot(_SETTLED_MILLISECONDS, self._tell)  # the beat goes on: pages are still being built

    def _tell(self) -> None:
        import json

        modules = [name for name in sys.modules if name.split(".")[0] not in _OURS]
        from tests.bench import memory

        told = {
            "painted": self._painted,
            "ready": self._ready,
            "stall": self._stall,
            "bytes": memory.own_bytes(),
            "children_bytes": memory.children_bytes(),
            "modules": modules,
        }
        print(json.dumps(told), flush=True)
        self._window.frame.close()


def _give_up(error: Exception) -> None:
    print(f"the kiosk did not start: {error}", file=sys.stderr, flush=True)
    QApplication.exit(1)


def main() -> int:
    """Run until it is ready."""
    watches: list[_Watch] = []
    command = importlib.import_module("ui.__main__")  # by name: the command knows the benchmark
    code: int = command.open_window(training=False, watch=lambda window: watches.append(_Watch(window)))
    return code


if __name__ == "__main__":
    sys.exit(main())
