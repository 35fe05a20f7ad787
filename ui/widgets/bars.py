"""Bars to scale: a level, what this swap takes (hatched, so that colour is not alone), a mark; the battery; stripes.

Levels are 0 to 1 and are clamped: a reading above full or below nothing draws a full or an empty bar, and its number says
the rest.
"""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.domain.language import mark, tr
from ui.widgets.labels import LEFT
from ui.widgets.surfaces import paint_box
from ui.widgets.theme import Theme

TITLE, SENTENCE, ICON = mark("TRAINING"), mark("Nothing here is real."), "student-fill"


class TrainingTag(QWidget):
    """The word, and the sentence beside it where there is room."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self._alone = theme, True
        self.show_language()
        self.setFixedHeight(theme.t.bar("rail"))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def show_language(self) -> None:
        """Show the words in the language of now."""
        self._title, self._sentence = tr(TITLE), tr(SENTENCE)
        self.setAccessibleName(f"{self._title}. {self._sentence}")
        self.updateGeometry()
        self.update()

    def stand(self, *, alone: bool) -> None:
        """With a button or a hint beside it the tag keeps to its word, so that theirs stay on one line."""
        if alone != self._alone:
            self._alone = alone
            self.updateGeometry()

    def short_width(self) -> int:
        t = self._theme.t
        words = self._theme.metrics("lead").width(self._title)
        return 2 * t.space("m") + t.icon_px("lead") + t.space("s") + words + 2

    def full_width(self) -> int:
        return self.short_width() + self._theme.t.space("m") + self._theme.metrics("strong").width(self._sentence)

    def sizeHint(self) -> QSize:
        return QSize(self.full_width() if self._alone else self.short_width(), self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self.short_width(), self.height())

    def overflowing(self) -> list[str]:
        return [self._title] if self.width() < self.short_width() else []

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme, t = QPainter(self), self._theme, self._theme.t
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_box(painter, theme, QRectF(self.rect()), "surface", "accent", "hairline")
        whole = self.width() >= self.full_width()
        x = t.space("m") if whole else (self.width() - self.short_width()) // 2 + t.space("m")
        side = t.icon_px("lead")
        theme.paint_icon(painter, ICON, "accent", QRectF(x, (self.height() - side) / 2, side, side))
        x += side + t.space("s")
        painter.setPen(theme.colour("accent"))
        for words, role in ((self._title, "lead"), (self._sentence, "strong"))[: 2 if whole else 1]:
            painter.setFont(theme.font(role))
            wide = theme.metrics(role).width(words)
            painter.drawText(QRectF(x, 0, wide + 1, self.height()), LEFT, words)
            x += wide + t.space("m")


def clamp(level: float) -> float:
    return min(1.0, max(0.0, level))


class LevelBar(QWidget):
    """A level from 0 to 1, an optional hatched part after it and an optional mark."""

    def __init__(self, theme: Theme, level: float = 0.0, extra: float = 0.0, mark: float = 0.0, *, height: str = "gauge") -> None:
        super().__init__()
        self._theme = theme
        self.level, self.extra, self.mark, self.tone = clamp(level), clamp(extra), clamp(mark), "accent"
        self.setFixedHeight(theme.t.bar(height))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_level(self, level: float, extra: float = 0.0, mark: float = 0.0, *, tone: str = "accent") -> None:
        """Change it in place; all values 0 to 1 of the bar's length."""
        shown = (clamp(level), clamp(extra), clamp(mark), tone)
        if shown != (self.level, self.extra, self.mark, self.tone):
            self.level, self.extra, self.mark, self.tone = shown
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75)
        radius = min(frame.height() / 2, theme.t.radius("control"))
        shape = QPainterPath()
        shape.addRoundedRect(frame, radius, radius)
        painter.fillPath(shape, theme.colour("sunken"))
        painter.setClipPath(shape)
        split = frame.width() * self.level
        painter.fillRect(QRectF(frame.left(), frame.top(), split, frame.height()), theme.colour(self.tone))
        if self.extra:
            wide = min(frame.width() * self.extra, frame.width() - split)
            self._hatch(painter, QRectF(frame.left() + split, frame.top(), wide, frame.height()))
        if self.mark:
            at = frame.left() + frame.width() * self.mark
            painter.fillRect(QRectF(at - 2, frame.top(), 4, frame.height()), theme.colour("text"))
        painter.setClipping(False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("edge"), 1.5))
        painter.drawPath(shape)

    def _hatch(self, painter: QPainter, area: QRectF) -> None:
        painter.save()
        painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
        painter.fillRect(area, self._theme.colour("accent_soft"))
        step = self._theme.t.space("s")
        painter.setPen(QPen(self._theme.colour(self.tone), step / 3))
        for x in range(int(area.left() - area.height()), int(area.right()) + step, step):
            painter.drawLine(x, int(area.bottom()), x + int(area.height()), int(area.top()))
        painter.setPen(QPen(self._theme.colour(self.tone), 2))
        painter.drawRect(area.adjusted(1, 0, -1, 0))
        painter.restore()


class BatteryGauge(LevelBar):
    """The level drawn as a battery: the same bar with a terminal. `height`: battery, battery_small."""

    def __init__(self, theme: Theme, level: float = 0.0, *, height: str = "battery") -> None:
        super().__init__(theme, level, height=height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme, unit = QPainter(self), self._theme, self._theme.t.space("xs")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body = QRectF(self.rect()).adjusted(unit / 2, unit / 2, -unit * 2.5, -unit / 2)
        painter.setPen(QPen(theme.colour("text"), unit * 0.75))
        painter.setBrush(theme.colour("surface"))
        painter.drawRoundedRect(body, unit * 2, unit * 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("text"))
        high = body.height() / 2.5
        terminal = QRectF(body.right() + unit * 0.6, body.center().y() - high / 2, unit * 1.6, high)
        painter.drawRoundedRect(terminal, unit / 2, unit / 2)
        inner = body.adjusted(unit * 1.2, unit * 1.2, -unit * 1.2, -unit * 1.2)
        painter.setBrush(theme.colour(self.tone))
        painter.drawRoundedRect(QRectF(inner.left(), inner.top(), inner.width() * self.level, inner.height()), unit, unit)


def paint_stripes(painter: QPainter, theme: Theme, area: QRect) -> None:
    """The stripes of training mode; nothing else in the product is striped like this."""
    step = theme.t.space("xl")
    painter.save()
    painter.setClipRect(area)
    painter.fillRect(area, theme.colour("accent"))
    painter.setPen(QPen(theme.colour("accent_soft"), step / 4))
    for x in range(area.left() - area.height(), area.right() + step, step):
        painter.drawLine(x, area.bottom(), x + area.height(), area.top())
    painter.restore()
