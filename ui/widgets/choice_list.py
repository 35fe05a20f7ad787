"""A list of rows to choose from, in whole pages; never scrolls.

Never changes under a finger: rows that arrive while one is held are shown on release. The caller keeps the order; a row
keeps its place as long as the caller does. The chosen row may lie on another page, `current` still names it.
"""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from kiosk.domain.language import tr
from ui.widgets.choices import Row, RowView
from ui.widgets.widgets import Widgets

STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
EMPTY = RowView(key="", words="")


class ChoiceList(QWidget):
    """Rows with one chosen. `show_rows` updates in place; `chosen` says which row a person chose."""

    chosen = Signal(str)

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        self._kit = kit
        self._views: tuple[RowView, ...] = ()
        self._waiting: tuple[tuple[RowView, ...], str] | None = None
        self._page, self.current = 0, ""
        self._rows: list[Row] = []
        self._more = kit.button(tr("More"), "caret-down-bold")
        self._more.clicked.connect(self._next_page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(kit.t.between())
        layout.addWidget(self._more)
        layout.addStretch(1)
        self._layout = layout
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(2 * kit.t.row_height() + kit.t.between())

    def show_rows(self, views: tuple[RowView, ...], current: str = "") -> None:
        """Show these rows in this order; `current` is the key of the chosen one ("" for none)."""
        if any(row.isDown() for row in self._rows):
            self._waiting = (views, current)
            return
        self._views, self.current = views, current
        self._draw()

    def page_count(self) -> int:
        return max(1, -(-len(self._views) // self._per_page()))

    def _capacity(self) -> int:
        """How many rows the height takes."""
        each = self._kit.t.row_height() + self._kit.t.between()
        return max(2, (self.height() + self._kit.t.between()) // each)

    def _per_page(self) -> int:
        capacity = self._capacity()
        return capacity if len(self._views) <= capacity else capacity - 1

    def _row(self, index: int) -> Row:
        while index >= len(self._rows):
            row = Row(self._kit, EMPTY)
            row.clicked.connect(lambda _checked=False, row=row: self._clicked(row))
            row.released.connect(self._released)
            self._layout.insertWidget(len(self._rows), row)
            self._rows.append(row)
        return self._rows[index]

    def _draw(self) -> None:
        size = self._per_page()
        self._page = min(self._page, self.page_count() - 1)
        shown = self._views[self._page * size : (self._page + 1) * size]
        for index, view in enumerate(shown):
            row = self._row(index)
            row.show_row(view, chosen=view.key == self.current)
            row.setVisible(True)
        for row in self._rows[len(shown) :]:
            row.setVisible(False)
        hidden = len(self._views) - len(shown)
        self._more.setVisible(hidden > 0)
        self._more.set_face(tr("More, {count} not shown", count=hidden), "caret-down-bold")

    def _next_page(self) -> None:
        self._page = (self._page + 1) % self.page_count()
        self._draw()

    def _clicked(self, row: Row) -> None:
        self.current = row.view.key
        if self._waiting is not None:
            self._waiting = (self._waiting[0], self.current)
        self._draw()
        self.chosen.emit(self.current)

    def _released(self) -> None:
        """The click that a release may be comes after it, and still means the row that was touched."""
        QTimer.singleShot(0, self, self._catch_up)

    def _catch_up(self) -> None:
        if self._waiting is not None:
            views, current = self._waiting
            self._waiting = None
            self.show_rows(views, current)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._draw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = STEPS.get(Qt.Key(event.key()))
        allowed = [row for row in self._rows if row.isVisibleTo(self) and row.isEnabled()]
        focused = next((index for index, row in enumerate(allowed) if row.hasFocus()), None)
        if step is None or focused is None:
            super().keyPressEvent(event)
            return
        self._kit.keyboard.key()
        allowed[(focused + step) % len(allowed)].setFocus(Qt.FocusReason.ShortcutFocusReason)
