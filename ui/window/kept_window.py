"""A window that fills the screen of a counter and cannot be left by who works there.

Closing, minimising and shrinking it are refused, another window that comes over it is covered again, and the keyboard is its own: a window
manager sees none of its shortcuts (Alt+F4, Alt+Tab, another desktop). `may_leave` says who may; then all is as with any window. A signal
from the system ends the program in any case (`let_go`). What no window can keep is the console behind Ctrl+Alt+F1: the screen's server is
told so (`DontVTSwitch`, packaging).

Under Wayland no program may take the keyboard: a compositor that shows one program alone keeps the counter there.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

AGAIN_MILLISECONDS = 50  # after the window manager has done what it was asked for
LEFT = frozenset({QEvent.Type.WindowStateChange, QEvent.Type.WindowDeactivate, QEvent.Type.Hide})


class KeptWindow(QObject):
    """Keeps `window` while `may_leave` says no. `refused` says that somebody tried to close it."""

    refused = Signal()

    def __init__(self, window: QWidget, may_leave: Callable[[], bool]) -> None:
        super().__init__(window)
        self._window, self._may_leave = window, may_leave
        self._let_go, self._keeps = False, False
        self._again = QTimer(self, interval=AGAIN_MILLISECONDS, singleShot=True)
        self._again.timeout.connect(self._bring_back)
        window.installEventFilter(self)

    @property
    def keeps(self) -> bool:
        """Whether nobody may leave it now."""
        return not (self._let_go or self._may_leave())

    def let_go(self) -> None:
        """It may be closed from now on: the system asks for it."""
        self._let_go = True
        self.look()

    def look(self) -> None:
        """Take the keyboard, or give it back, where who may leave has changed."""
        if self.keeps == self._keeps:
            return
        self._keeps = self.keeps
        self._take_keyboard()
        if self._keeps:
            self._bring_back()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """True for a close that is refused."""
        kind = event.type()
        if kind == QEvent.Type.Close and self.keeps:
            event.ignore()
            self.refused.emit()
            return True
        if kind in LEFT and self.keeps:
            self._again.start()
        elif kind == QEvent.Type.WindowActivate:
            self._take_keyboard()
        return False

    def _take_keyboard(self) -> None:
        handle = self._window.windowHandle()
        if handle is not None:
            handle.setKeyboardGrabEnabled(self._keeps)

    def _bring_back(self) -> None:
        """In front again, as large as the screen."""
        if not self.keeps:
            return
        window = self._window
        if not window.isVisible() or window.isMinimized() or not window.windowState() & Qt.WindowState.WindowFullScreen:
            window.showFullScreen()
        window.raise_()
        window.activateWindow()
        self._take_keyboard()
