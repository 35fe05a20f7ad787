"""A screen without glass (Xvfb), and fingers on its keyboard and mouse: XTEST, the X server's own way to press a key as a device does.

The server keeps the times itself: a whole scan is handed over at once, each key with the milliseconds before it.
"""

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from ui.devices.key_readings import US

_X_CODES = {character: (place + 8, shifted == 1) for place, pair in US.items() for shifted, character in enumerate(pair)}
RETURN, TAB, CONTROL, SHIFT, CAPS_LOCK = 36, 23, 37, 50, 66
START_SECONDS = 20


@contextmanager
def screen(size: str = "1280x800x24") -> Iterator[str]:
    """A running X server; its name for DISPLAY."""
    reading, writing = os.pipe()
    arguments = ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(arguments, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as answer:
            number = answer.readline().strip()
        assert number, "Xvfb does not start"
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(START_SECONDS)


class Fingers:
    """Presses keys and the mouse's button on the display of this process. Milliseconds are before the press."""

    def __init__(self) -> None:
        self._x, self._test = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._display = ctypes.c_void_p(self._x.XOpenDisplay(None))
        assert self._display.value, "no display"

    def _key(self, code: int, milliseconds: float, *, down: bool) -> None:
        self._test.XTestFakeKeyEvent(self._display, ctypes.c_uint(code), int(down), ctypes.c_ulong(round(milliseconds)))

    def press(self, code: int, after: float = 0, *, hold: float = 0, control: bool = False, shift: bool = False) -> None:
        """One key, let go after `hold` milliseconds."""
        held = [each for each, wanted in ((CONTROL, control), (SHIFT, shift)) if wanted]
        for each in held:
            self._key(each, after, down=True)
            after = 0
        self._key(code, after, down=True)
        self._key(code, hold, down=False)
        for each in held:
            self._key(each, 0, down=False)

    def character(self, character: str, after: float, *, hold: float = 0) -> None:
        """The key that gives a character on the keyboard of the United States; a control character is a letter with Control."""
        if character < " ":
            self.press(_X_CODES[chr(ord(character) + 96)][0], after, hold=hold, control=True)
        else:
            code, shifted = _X_CODES[character]
            self.press(code, after, hold=hold, shift=shifted)

    def click(self, x: int, y: int, *, hold: float = 0) -> None:
        """The mouse, as a panel without touch events drives it."""
        self._test.XTestFakeMotionEvent(self._display, ctypes.c_int(-1), ctypes.c_int(x), ctypes.c_int(y), ctypes.c_ulong(0))
        for down, milliseconds in ((True, 0), (False, hold)):
            self._test.XTestFakeButtonEvent(self._display, ctypes.c_uint(1), int(down), ctypes.c_ulong(round(milliseconds)))
        self.send()

    def send(self) -> None:
        """All that was asked for goes to the server, which takes its time."""
        self._x.XFlush(self._display)

    def close(self) -> None:
        """End the connection."""
        self._x.XCloseDisplay(self._display)
