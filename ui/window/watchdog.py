"""The window under systemd: it says that it lives as long as both of its threads answer, the one that paints and the one that works.

One that hangs is ended and started again; a swap that was under way is taken up again from the store. Until there is a wizard the thread
that paints speaks alone: the other may have a database to migrate.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from kiosk.shared.service_manager import ALIVE, READY, ServiceManager

if TYPE_CHECKING:
    from ui.bridge import Bridge


class Watchdog(QObject):
    """Made in the GUI thread for a shown window, its parent. `at_work` gives the I/O thread once it is to answer too, None before."""

    def __init__(self, window: QObject, at_work: "Callable[[], Bridge | None]", manager: ServiceManager) -> None:
        super().__init__(window)
        self._at_work, self._manager, self._is_waiting = at_work, manager, False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        manager.tell(READY)
        if manager.every_seconds is not None:
            self._timer.start(max(1, round(manager.every_seconds * 1000)))

    def _look(self) -> None:
        bridge = self._at_work()
        if bridge is None:
            self._manager.tell(ALIVE)
        elif not self._is_waiting:
            self._is_waiting = True
            bridge.run(_nothing(), self._take_answer)

    def _take_answer(self, _nothing: None) -> None:
        self._is_waiting = False
        self._manager.tell(ALIVE)


async def _nothing() -> None:
    """Any work on the I/O thread: that it is done is the answer."""
