"""The TRAINING tag: stands in the status line and in the action bar, so that no training screen passes for a real one."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.domain.language import mark, tr
from ui.widgets.line_breaking import LEFT
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
