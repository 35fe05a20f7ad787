"""A text field that is shown, not owned: it displays what the page holds, with a caret while it is the active one.

It is no QLineEdit on purpose: a scanner types faster than a person, and what it types must never land in a field by
accident. A touch makes it the active one by `clicked`. What is longer than the field shows its end, where typing goes on.
"""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from ui.widgets.button import Button
from ui.widgets.line_breaking import LEFT
from ui.widgets.surfaces import paint_box
from ui.widgets.widgets import Widgets


class Field(Button):
    """`name` stands above it (put there by `labelled`) and is read out with the value. `role`: lead, number."""

    def __init__(self, kit: Widgets, name: str, role: str = "lead", *, hint: str = "") -> None:
        super().__init__(kit, "", kind="plain", name=name)
        self.name, self.value, self.active = name, "", False
        self._role, self._hint = role, hint
        least = kit.t.target("least")
        self.setFixedHeight(max(least, kit.metrics(role).height + 2 * kit.t.space("xs")))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_value(self, value: str) -> None:
        if value != self.value:
            self.value = value
            self.setAccessibleName(f"{self.name}: {value}" if value else self.name)
            self.update()

    def set_active(self, *, active: bool) -> None:
        if active != self.active:
            self.active = active
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.theme.t.width("back"), self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.t.target("least"), self.height())

    def overflowing(self) -> list[str]:
        hint = self.theme.metrics("body").width(self._hint)
        return [self._hint] if not self.value and hint > self.width() - 2 * self.theme.t.space("m") else []

    def _colours(self) -> tuple[str, str, str, str]:
        if not self.isEnabled():
            return super()._colours()
        ringed = self.active or self.isDown() or self.ringed()
        ground = "accent_soft" if self.isDown() else "surface"
        return (ground, "text", "accent", "ring") if ringed else (ground, "text", "edge", "hairline")

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme, t = QPainter(self), self.theme, self.theme.t
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground, tone, border, stroke = self._colours()
        paint_box(painter, theme, QRectF(self.rect()), ground, border, stroke)
        pad, caret = t.space("m"), t.stroke("ring")
        inside = QRectF(pad, 0, self.width() - 2 * pad, self.height())
        painter.setClipRect(inside.adjusted(0, 0, caret, 0))
        if not self.value and not self.active:
            self._write(painter, inside, self._hint, "body", "muted" if self.isEnabled() else tone)
            return
        wide = theme.metrics(self._role, "id").width(self.value)
        left = min(pad, inside.right() - caret - wide)
        self._write(painter, QRectF(left, 0, wide + 1, self.height()), self.value, self._role, tone)
        if self.active:
            high = theme.metrics(self._role).ascent
            at = QRectF(left + wide + caret, (self.height() - high) / 2, caret, high)
            painter.fillRect(at, theme.colour("accent"))

    def _write(self, painter: QPainter, area: QRectF, words: str, role: str, tone: str) -> None:
        painter.setFont(self.theme.font(role, "id"))
        painter.setPen(self.theme.colour(tone))
        painter.drawText(area, LEFT, words)
