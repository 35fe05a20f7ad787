"""A process that shows an empty window: `python -m tests.bench.floors.empty_window [MODULES]`.

Given a file of module names, all of them are imported first. Prints one JSON object: `painted`, monotonic seconds, and `bytes` of memory.
"""

import importlib
import sys
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

_SETTLED_MILLISECONDS = 300


class _FirstPicture(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, _painted)
        return False


def _painted() -> None:
    import time

    painted = time.monotonic()
    QTimer.singleShot(_SETTLED_MILLISECONDS, lambda: _tell(painted))


def _tell(painted: float) -> None:
    import json

    from tests.bench.memory import own_bytes

    print(json.dumps({"painted": painted, "bytes": own_bytes()}), flush=True)
    QApplication.quit()


def main() -> None:
    """Import, show, tell, end."""
    if len(sys.argv) > 1:
        for name in Path(sys.argv[1]).read_text(encoding="utf-8").split():
            importlib.import_module(name)
    application = QApplication(sys.argv[:1])
    window, first = QMainWindow(), _FirstPicture()
    window.installEventFilter(first)
    window.resize(1280, 800)
    window.show()
    application.exec()


if __name__ == "__main__":
    main()
