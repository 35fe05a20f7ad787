"""What stands above every page below the status line: the step rail and the title. The rail says where in a swap we are; it shows and
never navigates.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.domain.language import mark, tr
from ui.widgets.fitting import fitted
from ui.widgets.surfaces import paint_box, paint_strip, smooth_painter
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
LINE = {"done": "ok", "current": "accent", "todo": "idle", "skipped": "ground"}  # the colours of the same on a low window


class Strip(QWidget):
    """A strip across the window: as wide as there is room, and it paints all of its ground itself."""

    def __init__(self, theme: Theme, height: int) -> None:
        super().__init__(sizePolicy=QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFixedHeight(height)
        self._theme = theme


class StepRail(Strip):
    """Steps done, the current one, those to come, and those that this swap does not need. On a low window they are a line without words."""

    def __init__(self, theme: Theme) -> None:
        t = theme.t
        super().__init__(theme, 2 * t.space("xs") if t.low else t.bar("rail") + 2 * t.space("s"))
        self._words = [tr(words) for words in STEPS.values()]
        self.current, self.skipped = 0, frozenset["Step"]()

    def show_step(self, current: int, skipped: "frozenset[Step]" = frozenset()) -> None:
        """`current` counts from 0; `skipped` are steps that this swap does not need."""
        if (current, skipped) != (self.current, self.skipped) or not self.accessibleName():
            self.current, self.skipped = current, skipped
            self.show_language()

    def show_language(self) -> None:
        """Show the words in the language of now."""
        self._words = [tr(words) for words in STEPS.values()]
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
        top, high = (0, self.height()) if t.low else (t.space("s"), t.bar("rail"))
        return QRectF(t.space("xl") + index * (wide + t.space("s")), top, wide, high)

    def _sizes(self, index: int) -> tuple[str, int, float]:
        """(type role, px of the sign, px of sign, gap and word); the role is a smaller one where the word is too long for its cell."""
        icon, _, _, usual = LOOK[self.state(index)]
        t, sizes = self._theme.t, ("small", 0, 0.0)
        for role in (usual, "small"):
            metrics = self._theme.metrics(role)
            mark = t.icon_px("body") if icon else metrics.width(str(index + 1))
            sizes = role, mark, mark + t.space("s") + metrics.width(self._words[index])
            if sizes[2] <= self.cell(index).width():
                break
        return sizes

    def overflowing(self) -> list[str]:
        if self._theme.t.low:
            return []
        return [words for index, words in enumerate(self._words) if self._sizes(index)[2] > self.cell(index).width()]

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = smooth_painter(self)
        paint_strip(painter, self._theme, self.rect())
        for index in range(len(self._words)):
            if self._theme.t.low:
                painter.fillRect(self.cell(index), self._theme.colour(LINE[self.state(index)]))
            else:
                self._paint_step(painter, index)

    def _paint_step(self, painter: QPainter, index: int) -> None:
        theme, cell, state = self._theme, self.cell(index), self.state(index)
        (icon, mark_tone, tone, _), (role, mark, wide) = LOOK[state], self._sizes(index)
        if state == "current":
            paint_box(painter, theme, cell, "accent", "", "")
        x = cell.left() + (cell.width() - wide) / 2
        if icon:
            theme.paint_icon(painter, icon, mark_tone, QRectF(x, cell.center().y() - mark / 2, mark, mark))
        else:
            theme.write(painter, QRectF(x, cell.top(), mark + 1, cell.height()), str(index + 1), role, mark_tone)
        word = QRectF(x + mark + theme.t.space("s"), cell.top(), cell.width(), cell.height())
        theme.write(painter, word, self._words[index], role, tone)


class Heading(QWidget):
    """Title and customer."""

    def __init__(self, theme: Theme) -> None:
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setRetainSizeWhenHidden(True)
        super().__init__(sizePolicy=policy)
        self._theme = theme
        self.title, self.customer = "", ""
        self.setFixedHeight(theme.metrics("title").height)

    def show_heading(self, title: str, customer: str = "") -> bool:
        """Change both in place; whether the title is another one."""
        before = self.title
        if (title, customer) != (self.title, self.customer):
            self.title, self.customer = title, customer
            self.setAccessibleName(f"{title}, {customer}" if customer else title)
            self.update()
        return title != before

    def _customer_words(self) -> str:
        """The customer in at most half of the width."""
        return _one_line(self._theme, "lead", self.customer, self.width() // 2)

    def _customer_width(self) -> int:
        """px of icon, gap and name, and the gap before them; nothing without a customer."""
        t = self._theme.t
        wide = t.space("l") + t.icon_px("body") + t.space("s") + self._theme.metrics("lead").width(self._customer_words())
        return wide if self.customer else 0

    def _shown(self) -> tuple[str, str]:
        """The type role of the title and its words: a long id in it is shortened in the smallest one."""
        room = self.width() - self._customer_width()
        fitting = (role for role in ("title", "lead") if self._theme.metrics(role).width(self.title) <= room)
        role = next(fitting, "strong")
        return role, _one_line(self._theme, role, self.title, room)

    def overflowing(self) -> list[str]:
        role, title = self._shown()
        needed = self._theme.metrics(role).width(title) + self._customer_width()
        return [self.title] if needed > self.width() else []

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme, side = QPainter(self), self._theme, self._theme.t.icon_px("body")
        role, title = self._shown()
        theme.write(painter, self.rect(), title, role, "text")
        if self.customer:
            customer = self._customer_words()
            left = self.width() - theme.metrics("lead").width(customer)
            theme.write(painter, QRectF(left, 0, self.width() - left + 1, self.height()), customer, "lead", "text")
            at = QRectF(left - theme.t.space("s") - side, (self.height() - side) / 2, side, side)
            theme.paint_icon(painter, "user-bold", "muted", at)


def _one_line(theme: Theme, role: str, words: str, width: int) -> str:
    return " ".join(fitted(theme.metrics(role), words, width, 1))
