"""A PIN as it is typed: dots, filled and empty. Digits are never drawn, never read out, and kept nowhere but here until they are taken."""

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.domain.language import tr_count
from ui.widgets.frame import BACKSPACE
from ui.widgets.surfaces import smooth_painter
from ui.widgets.theme import Theme


class PinDots(QWidget):
    """`length` dots, as many filled as digits are typed; red after a wrong PIN until the next digit. `name` is whose PIN it is."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(sizePolicy=QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed))
        self._theme, self._digits, self._name = theme, "", ""
        self.length, self.wrong = 0, False
        self.setFixedHeight(theme.metrics("title").height)

    def begin(self, name: str, length: int) -> None:
        """Nothing typed yet, of a PIN of so many digits."""
        self._name, self.length = name, length
        self.clear()
        self.updateGeometry()

    def clear(self, *, wrong: bool = False) -> None:
        """Forget what was typed; `wrong` says so in red."""
        self._digits, self.wrong = "", wrong
        self._show()

    def type_character(self, character: str) -> None:
        """A digit, or BACKSPACE; all else, and a digit too many, is nothing."""
        if character == BACKSPACE:
            self._digits = self._digits[:-1]
        elif character in "0123456789" and self.missing:
            self._digits += character
        else:
            return
        self.wrong = False
        self._show()

    @property
    def missing(self) -> int:
        """How many digits are still to be typed."""
        return self.length - len(self._digits)

    def take(self) -> str:
        """The PIN that was typed, once."""
        digits, self._digits = self._digits, ""
        self._show()
        return digits

    def _show(self) -> None:
        typed = tr_count("{count} digit typed", "{count} digits typed", len(self._digits))
        self.setAccessibleName(f"{self._name}: {typed}")
        self.update()
        self.changed.emit()

    # -- drawing

    def _side(self) -> int:
        return self._theme.t.icon_px("lead")

    def sizeHint(self) -> QSize:
        return QSize(self.length * self._side() + max(0, self.length - 1) * self._theme.t.space("l"), self.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme, side = smooth_painter(self), self._theme, self._side()
        filled = self.length - self.missing
        for place in range(self.length):
            tone = "stop" if self.wrong else "accent" if place < filled else "edge"
            painter.setPen(QPen(theme.colour(tone), theme.t.stroke("ring")))
            painter.setBrush(theme.colour(tone if place < filled else "surface"))
            x, half = place * (side + theme.t.space("l")), theme.t.stroke("ring") / 2
            painter.drawEllipse(QRectF(x, (self.height() - side) / 2, side, side).adjusted(half, half, -half, -half))
