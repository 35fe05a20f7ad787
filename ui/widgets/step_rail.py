"""The step rail: where in a swap we are. It shows and never navigates; one widget, redrawn in place."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.domain.language import mark, tr
from ui.widgets.labels import LEFT
from ui.widgets.surfaces import paint_box, paint_strip
from ui.widgets.theme import Theme

if TYPE_CHECKING:  # what the rules of a swap need would hold up the first picture
    from kiosk.domain.swap.swap import Step

STEPS = {  # the words of a Step by its value, in the order of the rail
    "customer": mark("Customer"),
    "returned": mark("Returned"),
    "new": mark("New"),
    "payment": mark("Payment"),
    "review": mark("Review"),
    "done": mark("Done"),
}
LOOK = {  # state: (icon or none for the number, tone of icon or number, tone of the word, role of both)
    "done": ("check-circle-fill", "ok", "text", "body"),
    "current": ("", "on_accent", "on_accent", "strong"),
    "todo": ("", "muted", "muted", "body"),
    "skipped": ("minus-circle-bold", "muted", "muted", "body"),
}


class StepRail(QWidget):
    """Steps done, the current one, those to come, and those that this swap does not need."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._theme, self._words = theme, [tr(words) for words in STEPS.values()]
        self.current, self.skipped = 0, frozenset["Step"]()
        self.setFixedHeight(theme.t.bar("rail") + 2 * theme.t.space("s"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_step(self, current: int, skipped: "frozenset[Step]" = frozenset()) -> None:
        """`current` counts from 0; `skipped` are steps that this swap does not need."""
        if (current, skipped) != (self.current, self.skipped) or not self.accessibleName():
            self.current, self.skipped = current, skipped
            self._show()

    def show_language(self) -> None:
        """Show the words in the language of now."""
        self._words = [tr(words) for words in STEPS.values()]
        self._show()

    def _show(self) -> None:
        step, count = self.current + 1, len(self._words)
        self.setAccessibleName(tr("Step {step} of {count}: {name}", step=step, count=count, name=self._words[self.current]))
        self.update()

    def state(self, index: int) -> str:
        """done, current, todo or skipped."""
        if index == self.current:
            return "current"
        if tuple(STEPS)[index] in self.skipped:
            return "skipped"
        return "done" if index < self.current else "todo"

    def cell(self, index: int) -> QRectF:
        """Where a step is drawn: equal shares, so that no step moves when another is reached."""
        t = self._theme.t
        wide = (self.width() - 2 * t.space("xl") - (len(self._words) - 1) * t.space("s")) / len(self._words)
        return QRectF(t.space("xl") + index * (wide + t.space("s")), t.space("s"), wide, t.bar("rail"))

    def _role(self, index: int) -> str:
        """The type role of a word: a smaller one where it is too long for its cell."""
        *_, role = LOOK[self.state(index)]
        return role if self._mark_and_width(index, role)[1] <= self.cell(index).width() else "small"

    def _mark_and_width(self, index: int, role: str) -> tuple[int, float]:
        """(px of the sign, px of sign, gap and word)."""
        icon, *_ = LOOK[self.state(index)]
        metrics, t = self._theme.metrics(role), self._theme.t
        mark = t.icon_px("body") if icon else metrics.width(str(index + 1))
        return mark, mark + t.space("s") + metrics.width(self._words[index])

    def overflowing(self) -> list[str]:
        wide = (self._mark_and_width(index, self._role(index))[1] for index in range(len(self._words)))
        return [words for index, (words, width) in enumerate(zip(self._words, wide, strict=True)) if width > self.cell(index).width()]

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_strip(painter, self._theme, self.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index in range(len(self._words)):
            self._paint_step(painter, index)

    def _paint_step(self, painter: QPainter, index: int) -> None:
        theme, cell, state = self._theme, self.cell(index), self.state(index)
        icon, mark_tone, tone, _ = LOOK[state]
        role = self._role(index)
        if state == "current":
            paint_box(painter, theme, cell, "accent", "", "")
        mark, wide = self._mark_and_width(index, role)
        x = cell.left() + (cell.width() - wide) / 2
        painter.setFont(theme.font(role))
        at = QRectF(x, cell.top(), mark + 1, cell.height())
        if icon:
            theme.paint_icon(painter, icon, mark_tone, QRectF(x, cell.center().y() - mark / 2, mark, mark))
        else:
            painter.setPen(theme.colour(mark_tone))
            painter.drawText(at, LEFT, str(index + 1))
        painter.setPen(theme.colour(tone))
        word = QRectF(x + mark + theme.t.space("s"), cell.top(), cell.width(), cell.height())
        painter.drawText(word, LEFT, self._words[index])
