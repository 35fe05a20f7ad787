"""Everything that is pressed: one button, drawn here in all its states, and the next step.

A press acts on release inside the target, and is answered by the pressed look at once. The focus ring is seen after
keyboard use only (`Theme.keyboard`). A button that is off shows its words in full contrast; the page says why.
"""

import re

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy

from ui.kit.ground import paint_box
from ui.kit.words import CENTRE, LEFT, lines, narrowest, widest
from ui.theme import Theme

ROLE = {"plain": "strong", "bar": "lead", "primary": "lead", "quiet": "lead", "key": "title"}
HEIGHT = {"plain": "touch", "bar": "primary", "primary": "primary", "quiet": "primary", "key": "least"}
MOST_LINES = 2
ARROWS = {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down}
ID = re.compile(r"[A-Z]-?\d")


class Button(QPushButton):
    """Words with or without an icon. `kind`: plain (in a page), bar (in the action bar), key (in a pad).

    `name` is read out instead of the words and must be given for an icon alone; `width` is the least width, a name in
    `tokens.WIDTH_MM`.
    """

    def __init__(self, theme: Theme, words: str, icon: str = "", kind: str = "plain", *, name: str = "", width: str = "least") -> None:
        super().__init__()
        self._least = theme.t.target("least") if width == "least" else theme.t.width(width)
        self.theme, self.kind = theme, kind
        self.words, self.icon_name = words, icon
        self.setAccessibleName(name or words)
        self.setFixedHeight(self._height())
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.keyboard.changed.connect(self._ring_changed)

    def set_face(self, words: str, icon: str = "", *, name: str = "") -> None:
        """Change words and icon in place."""
        if (words, icon) != (self.words, self.icon_name):
            self.words, self.icon_name = words, icon
            self.updateGeometry()
            self.update()
        self.setAccessibleName(name or words)

    # -- sizes

    def _height(self) -> int:
        return self.theme.t.row_height() if self.kind == "plain" else self.theme.t.target(HEIGHT[self.kind])

    def _padding(self) -> int:
        return self.theme.t.space("xs" if self.kind == "key" else "m")

    def _figures(self) -> str:
        if self.kind == "key":
            return "key"
        return "id" if ID.search(self.words) else "tabular"

    def _icon_side(self) -> int:
        return self.theme.t.icon_px(ROLE[self.kind]) if self.icon_name else 0

    def _beside_words(self) -> int:
        """What icon, gap and padding take of the width, px."""
        gap = self.theme.t.space("s") if self.icon_name and self.words else 0
        return self._icon_side() + gap + 2 * self._padding()

    def _metrics_lines(self) -> list[str]:
        metrics = self.theme.metrics(ROLE[self.kind], self._figures())
        return lines(metrics, self.words, self.width() - self._beside_words())

    def sizeHint(self) -> QSize:
        metrics = self.theme.metrics(ROLE[self.kind], self._figures())
        return QSize(max(self._least, metrics.width(self.words) + self._beside_words() + 2), self._height())

    def minimumSizeHint(self) -> QSize:
        metrics = self.theme.metrics(ROLE[self.kind], self._figures())
        return QSize(max(self._least, narrowest(metrics, self.words, MOST_LINES) + self._beside_words() + 2), self._height())

    def overflowing(self) -> list[str]:
        metrics = self.theme.metrics(ROLE[self.kind], self._figures())
        shown = self._metrics_lines()
        wide = widest(metrics, shown) > self.width() - self._beside_words()
        high = len(shown) * metrics.height > self.height()
        return [self.words] if wide or high else []

    # -- states

    def _ring_changed(self) -> None:
        if self.hasFocus():
            self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        self.theme.keyboard.heed(event)
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.theme.keyboard.touch()
        super().mousePressEvent(event)
        self.repaint()  # the touch is answered before any work that it starts

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows belong to the list or the pad that the button is in; a plain QPushButton would take them for Tab."""
        if event.key() in ARROWS:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def ringed(self) -> bool:
        return self.hasFocus() and self.theme.keyboard.ring

    def _colours(self) -> tuple[str, str, str, str]:
        """(ground, words, border, border's width) as names of tokens for the present state."""
        if not self.isEnabled():
            return "idle", "on_idle", "edge", "hairline"
        filled = self.kind == "primary"
        if self.isDown():
            return ("accent_pressed", "on_accent", "", "") if filled else ("accent_soft", "text", "accent", "ring")
        if filled:
            return "accent", "on_accent", "", ""
        return "surface", "text", *(("accent", "ring") if self.ringed() else ("edge", "hairline"))

    # -- drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground, tone, border, stroke = self._colours()
        paint_box(painter, self.theme, QRectF(self.rect()), ground, border, stroke)
        if self.kind == "primary" and self.isEnabled() and self.ringed():  # inside, where it stands out from the filling
            gap = self.theme.t.stroke("ring")
            paint_box(painter, self.theme, QRectF(self.rect()).adjusted(gap, gap, -gap, -gap), ground, tone, "ring")
        self._paint_face(painter, tone)

    def _paint_face(self, painter: QPainter, tone: str) -> None:
        """Icon and words as one group in the middle."""
        metrics = self.theme.metrics(ROLE[self.kind], self._figures())
        shown, side = self._metrics_lines(), self._icon_side()
        wide = widest(metrics, shown)
        gap = self.theme.t.space("s") if side and shown else 0
        left = (self.width() - side - gap - wide) / 2
        if side:
            self.theme.paint_icon(painter, self.icon_name, tone, QRectF(left, (self.height() - side) / 2, side, side))
        align = LEFT if side else CENTRE
        self._paint_words(painter, shown, QRectF(left + side + gap, 0, wide + 1, self.height()), tone, align)

    def _paint_words(self, painter: QPainter, shown: list[str], area: QRectF, tone: str, align: int) -> None:
        painter.setFont(self.theme.font(ROLE[self.kind], self._figures()))
        painter.setPen(self.theme.colour(tone))
        painter.drawText(area, align, "\n".join(shown))


class NextStep(Button):
    """Bottom right on every page: words left, sign right. Filled (`primary`), or outlined (`quiet`) when no touch is
    needed. The second touch of a double touch does nothing: it would act on the page that came in between."""

    def __init__(self, theme: Theme, words: str = "", icon: str = "arrow-right-bold") -> None:
        super().__init__(theme, words, icon, "primary")
        self.setFixedWidth(theme.t.width("next"))

    def show_action(self, words: str, icon: str, *, enabled: bool, quiet: bool) -> None:
        self.kind = "quiet" if quiet else "primary"
        self.set_face(words, icon)
        self.setEnabled(enabled)
        self.update()

    def _padding(self) -> int:
        return self.theme.t.space("l")

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def _paint_face(self, painter: QPainter, tone: str) -> None:
        pad, side = self._padding(), self._icon_side()
        area = QRectF(pad, 0, self.width() - self._beside_words(), self.height())
        self._paint_words(painter, self._metrics_lines(), area, tone, LEFT)
        at = QRectF(self.width() - pad - side, (self.height() - side) / 2, side, side)
        self.theme.paint_icon(painter, self.icon_name, tone, at)
