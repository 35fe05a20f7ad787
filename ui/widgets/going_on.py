"""A next step that goes on by itself when nobody touches anything.

It shows on its button how far it has come, and ends with `ended`. Any touch, click or key in the program stops
it for good (`stopped`), a scanner's keys too: whoever acts decides alone. It presses nothing: who hears `ended` decides what that is.
"""

from collections.abc import Callable
from math import ceil
from time import monotonic

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal

from ui.widgets.button import NextStep

TICK_MILLISECONDS = 33
ACTS = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick, QEvent.Type.TouchBegin, QEvent.Type.KeyPress})


class GoingOn(QObject):
    """The wait of one button. `clock` gives seconds."""

    ended = Signal()
    stopped = Signal()

    def __init__(self, button: NextStep, clock: Callable[[], float] = monotonic) -> None:
        super().__init__(button)
        self._button, self._clock = button, clock
        self._needed, self._began = 0.0, 0.0
        self._timer = QTimer(self, interval=TICK_MILLISECONDS)
        self._timer.timeout.connect(self._tick)

    @property
    def running(self) -> bool:
        return self._needed > 0

    def show(self, seconds: float) -> None:
        """Wait so long from now on; a wait that runs goes on where it is. 0 ends it without a word."""
        if seconds <= 0:
            self._end()
        elif not self.running:
            self._needed, self._began = seconds, self._clock()
            self._timer.start()
            QCoreApplication.instance().installEventFilter(self)  # type: ignore[union-attr]  # there is one where there is a button
            self._draw()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Every event of the program, while it waits only."""
        if event.type() in ACTS and self.running:
            self._end()
            self.stopped.emit()
        return False

    def _tick(self) -> None:
        if not self.running:
            return
        if self._clock() - self._began >= self._needed:
            self._end()
            self.ended.emit()
        else:
            self._draw()

    def _draw(self) -> None:
        gone = self._clock() - self._began
        self._button.show_going_on(min(1.0, gone / self._needed), max(1, ceil(self._needed - gone)))

    def _end(self) -> None:
        if self.running:
            self._needed = 0.0
            self._timer.stop()
            QCoreApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]  # there is one where there is a button
            self._button.show_going_on(0.0, 0)
