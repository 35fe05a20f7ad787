"""A text as QR code on the screen: dark on white in both themes, sharp at any size, with its quiet zone.

A module is a whole number of the glass's pixels, so the code is as large as they allow in the room that it is given. A text that cannot be
a code, and an empty one, hide it.
"""

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.widgets.labels import set_shown
from ui.widgets.surfaces import fill
from ui.widgets.widgets import Widgets

MIN_TARGETS = 2.5  # times the least target, 30 mm: a phone reads that from arm's length


class QrCodeView(QWidget):
    """`show_code` changes it in place; `name` says to whom cannot see it what it is."""

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        self._kit, self._rows, self.text = kit, list[bytes](), ""
        least = round(MIN_TARGETS * kit.t.target("least"))
        self.setMinimumSize(least, least)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        set_shown(self, shown=False)

    def show_code(self, text: str, name: str) -> None:
        """The library that makes codes is loaded with the first one: the window opens without it."""
        from kiosk.shared.qr_code import qr_rows

        self.setAccessibleName(name)
        if text != self.text:
            self.text, self._rows = text, qr_rows(text) if text else []
            self.update()
        set_shown(self, shown=bool(self._rows))

    def paintEvent(self, _event: QPaintEvent) -> None:
        from kiosk.shared.qr_code import QUIET_ZONE, dark_runs

        if not self._rows:
            return
        painter, sharp = QPainter(self), self.devicePixelRatioF()
        painter.scale(1 / sharp, 1 / sharp)  # from here on in pixels of the glass
        wide, high, count = int(self.width() * sharp), int(self.height() * sharp), len(self._rows) + 2 * QUIET_ZONE
        size = min(wide, high) // count
        left, top = (wide - size * count) // 2, (high - size * count) // 2
        fill(painter, self._kit, "paper", QRect(left, top, size * count, size * count))
        left, top = left + size * QUIET_ZONE, top + size * QUIET_ZONE
        runs = ((line, *run) for line, row in enumerate(self._rows) for run in dark_runs(row))
        fill(painter, self._kit, "ink", *(QRect(left + at * size, top + line * size, long * size, size) for line, at, long in runs))
