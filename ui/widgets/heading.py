"""The head of a page: what this page is at the left, whom it is about at the right. One widget of a fixed height.

It is drawn in one piece so that another title moves nothing. A title that leaves the customer no room takes the next
smaller type role, as a figure does.
"""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.widgets.line_breaking import LEFT
from ui.widgets.theme import Theme

ICON = "user-bold"


class Heading(QWidget):
    """Title and customer."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.title, self.customer = "", ""
        self.setFixedHeight(theme.metrics("title").height)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)

    def show_heading(self, title: str, customer: str = "") -> None:
        """Change both in place."""
        if (title, customer) != (self.title, self.customer):
            self.title, self.customer = title, customer
            self.setAccessibleName(f"{title}, {customer}" if customer else title)
            self.update()

    def _customer_width(self) -> int:
        """px of icon, gap and name, and the gap before them; nothing without a customer."""
        if not self.customer:
            return 0
        t = self._theme.t
        return t.space("l") + t.icon_px("body") + t.space("s") + self._theme.metrics("lead").width(self.customer)

    def _role(self) -> str:
        room = self.width() - self._customer_width()
        return next((role for role in ("title", "lead") if self._theme.metrics(role).width(self.title) <= room), "strong")

    def overflowing(self) -> list[str]:
        needed = self._theme.metrics(self._role()).width(self.title) + self._customer_width()
        return [self.title] if needed > self.width() else []

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme, role = QPainter(self), self._theme, self._role()
        painter.setPen(theme.colour("text"))
        painter.setFont(theme.font(role))
        painter.drawText(self.rect(), LEFT, self.title)
        if not self.customer:
            return
        side, wide = theme.t.icon_px("body"), theme.metrics("lead").width(self.customer)
        left = self.width() - wide
        painter.setFont(theme.font("lead"))
        painter.drawText(QRectF(left, 0, wide + 1, self.height()), LEFT, self.customer)
        at = QRectF(left - theme.t.space("s") - side, (self.height() - side) / 2, side, side)
        theme.paint_icon(painter, ICON, "muted", at)
