"""A kept window on a real display with a window manager, and what people try to leave it: `python -m tests.ui.window.kept_at_display`.

Prints what became of each try as one JSON object.
"""

import ctypes
import json
import sys
import time

from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtWidgets import QApplication, QWidget

from tests.ui.scans.display import CONTROL, TAB, Fingers
from ui.window.kept_window import KeptWindow

ALT, SUPER, F4, LEFT, SPACE, D = 64, 133, 70, 113, 65, 40
SECONDS = 5.0


class Tries:
    """The window, and who may leave it."""

    def __init__(self) -> None:
        self.allowed = False
        self.window, self.fingers, self.refused = QWidget(), Fingers(), 0
        self.kept = KeptWindow(self.window, lambda: self.allowed)
        self.kept.refused.connect(self._count)
        self.window.showFullScreen()
        self.wait(self.window.isActiveWindow)
        self.kept.look()
        self.pause(0.3)

    def _count(self) -> None:
        self.refused += 1

    def pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    def wait(self, happened: "object") -> bool:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and not happened():  # type: ignore[operator]  # each is a call
            self.pause(0.02)
        return bool(happened())  # type: ignore[operator]  # the same

    def chord(self, *codes: int) -> None:
        """Keys pressed together."""
        for code in codes:
            self.fingers._key(code, 10, down=True)
        for code in reversed(codes):
            self.fingers._key(code, 10, down=False)
        self.fingers.send()
        self.pause(0.4)

    @property
    def stands(self) -> bool:
        """Whether the window is seen, whole, in front and with the keyboard."""
        window = self.window
        whole = bool(window.windowState() & Qt.WindowState.WindowFullScreen) and not window.isMinimized()
        return window.isVisible() and whole and window.isActiveWindow()

    def minimise(self) -> None:
        """As a panel or another program asks the window manager for it."""
        x = ctypes.CDLL("libX11.so.6")
        x.XOpenDisplay.restype = ctypes.c_void_p
        display = ctypes.c_void_p(x.XOpenDisplay(None))
        x.XIconifyWindow(display, ctypes.c_ulong(int(self.window.winId())), 0)
        x.XFlush(display)
        self.pause(0.3)


def main() -> None:
    application = QApplication(sys.argv)
    application.setQuitOnLastWindowClosed(False)
    tries, found = Tries(), {}
    for name, codes in {
        "alt f4": (ALT, F4),
        "alt tab": (ALT, TAB),
        "alt space": (ALT, SPACE),
        "another desktop": (CONTROL, ALT, LEFT),
        "super d": (SUPER, D),
    }.items():
        tries.chord(*codes)
        found[name] = tries.stands
    tries.minimise()
    found["minimised"] = tries.wait(lambda: tries.stands)
    tries.window.showMinimized()
    found["minimised by itself"] = tries.wait(lambda: tries.stands)
    tries.window.showNormal()
    found["made smaller"] = tries.wait(lambda: tries.stands)
    other = QWidget()
    other.show()
    other.activateWindow()
    tries.pause(0.3)
    found["covered"] = tries.wait(lambda: tries.stands)
    other.close()
    tries.window.close()
    found["closed"] = tries.wait(lambda: tries.stands) and tries.refused == 1
    tries.allowed = True
    tries.kept.look()
    tries.pause(0.3)
    tries.chord(ALT, F4)
    found["closed by who may"] = tries.wait(lambda: not tries.window.isVisible())
    print(json.dumps(found))


if __name__ == "__main__":
    main()
