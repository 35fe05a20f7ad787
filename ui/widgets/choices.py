"""Choosing one of several: segments side by side, and a list of rows in whole pages that never scrolls.

Chosen is shown by tint, ring and tick together. A row that may not be chosen stays, muted, with its reason.

A list never changes under a finger: rows that arrive while one is held are shown on release. The caller keeps the order; a row keeps its
place as long as the caller does. The chosen row may lie on another page, `current` still names it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.domain.language import tr
from ui.widgets.button import Button
from ui.widgets.labels import lines, narrowest
from ui.widgets.theme import LEFT, RIGHT
from ui.widgets.widgets import Widgets

TICK, RING, BARRED = "check-circle-fill", "circle-bold", "prohibit-bold"
MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class Segment(Button):
    """One choice of a few. Chosen: tint, ring, and a tick in place of its icon."""

    def __init__(self, widgets: Widgets, words: str, icon: str) -> None:
        super().__init__(widgets, words, icon, across=QSizePolicy.Policy.Expanding)
        self._own_icon = icon
        self.setCheckable(True)
        self.setAutoExclusive(True)

    def set_chosen(self, *, chosen: bool) -> None:
        self.setChecked(chosen)
        self.set_face(self.words, TICK if chosen else self._own_icon)

    def _colours(self) -> tuple[str, str, str, str]:
        if self.isEnabled() and self.isChecked() and not self.isDown():
            tone = "text" if self.ringed() else "accent"
            return "accent_soft", tone, tone, "ring"
        return super()._colours()


class Segments(QWidget):
    """A few choices side by side, the likeliest chosen beforehand: `Segments(widgets, (("cash", "Cash", "money-bold"),))`."""

    chosen = Signal(str)

    def __init__(self, widgets: Widgets, choices: Sequence[tuple[str, str, str]]) -> None:
        super().__init__()
        self.segments = {key: Segment(widgets, words, icon) for key, words, icon in choices}
        self.current = ""
        for key, segment in self.segments.items():
            segment.clicked.connect(lambda _checked=False, key=key: self._clicked(key))
        layout = widgets.row(*self.segments.values())
        layout.setSpacing(widgets.t.between())
        self.setLayout(layout)

    def _clicked(self, key: str) -> None:
        self.choose(key)
        self.chosen.emit(key)

    def choose(self, key: str) -> None:
        """Show `key` as chosen without a signal. Raises KeyError for a key that is not offered."""
        self.current = key
        self.segments[key].set_chosen(chosen=True)
        for name, segment in self.segments.items():
            segment.set_chosen(chosen=name == key)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """A row of a list: a battery. `note` is what is known of it, or why it may not be chosen; `near` is its distance in
    a word, with `icon` beside it."""

    key: str
    words: str
    note: str = ""
    near: str = ""
    icon: str = ""
    allowed: bool = True


class Row(Button):
    """One row, drawn in one piece."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__(widgets, "", across=QSizePolicy.Policy.Expanding)
        self.view = RowView(key="", words="")
        self.setCheckable(True)

    def show_row(self, view: RowView, *, chosen: bool) -> None:
        if view != self.view:
            self.view, self.words = view, view.words
            self.setAccessibleName(", ".join(part for part in (view.words, view.note, view.near) if part))
            self.update()
        self.setEnabled(view.allowed)
        self.setChecked(chosen)

    def sizeHint(self) -> QSize:
        return QSize(self._needed(), self._height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _widths(self) -> tuple[int, int, int]:
        """px of the words, the note in at most two lines, the distance."""
        note, near = self.theme.metrics("body"), self.theme.metrics("strong")
        near_wide = max(self.theme.t.width("near"), narrowest(near, self.view.near, 2)) if self.view.near else 0
        return self.theme.metrics("lead", "id").width(self.view.words), narrowest(note, self.view.note, 2), near_wide

    def _needed(self) -> int:
        t, view = self.theme.t, self.view
        gaps = 3 + bool(view.note) + bool(view.near) + bool(view.icon)
        return sum(self._widths()) + t.icon_px("lead") * (2 if view.icon else 1) + gaps * t.space("m")

    def overflowing(self) -> list[str]:
        return [self.accessibleName()] if self._needed() > self.width() else []

    def _colours(self) -> tuple[str, str, str, str]:
        if not self.view.allowed:
            return "sunken", "muted", "edge", "hairline"
        if self.isDown() or self.isChecked():
            return "accent_soft", "text", "text" if self.ringed() else "accent", "ring"
        return super()._colours()

    def _paint_face(self, painter: QPainter, tone: str) -> None:
        theme, t, view = self.theme, self.theme.t, self.view
        side, gap, high = t.icon_px("lead"), t.space("m"), self.height()
        words, _note, near = self._widths()
        sign, sign_tone = (BARRED, tone) if not view.allowed else (TICK, "accent") if self.isChecked() else (RING, tone)
        theme.paint_icon(painter, sign, sign_tone, QRectF(gap, (high - side) / 2, side, side))
        left, right = gap + side + gap, self.width() - gap
        self._write(painter, QRectF(left, 0, words + 1, high), view.words, "lead", tone, "id")
        if view.near:
            self._write(painter, QRectF(right - near, 0, near, high), view.near, "strong", tone)
            right -= near + gap
        if view.icon:
            theme.paint_icon(painter, view.icon, tone, QRectF(right - side, (high - side) / 2, side, side))
            right -= side + gap
        area = QRectF(left + words + gap, 0, right - left - words - gap, high)
        self._write(painter, area, view.note, "body", "muted", align=RIGHT)

    def _write(
        self, painter: QPainter, area: QRectF, words: str, role: str, tone: str, figures: str = "tabular", *, align: int = LEFT
    ) -> None:
        shown = "\n".join(lines(self.theme.metrics(role, figures), words, int(area.width())))
        self.theme.write(painter, area, shown, role, tone, figures, align)


class ChoiceList(QWidget):
    """Rows with one chosen. `show_rows` updates in place; `chosen` says which row a person chose."""

    chosen = Signal(str)

    def __init__(self, widgets: Widgets) -> None:
        super().__init__(sizePolicy=QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding))
        self._widgets = widgets
        self._views: tuple[RowView, ...] = ()
        self._waiting: tuple[tuple[RowView, ...], str] | None = None
        self._page, self.current = 0, ""
        self._rows: list[Row] = []
        self._more = widgets.button(tr("More"), "caret-down-bold")
        self._more.clicked.connect(self._next_page)
        self._layout = widgets.stack(self._more, ...)
        self._layout.setSpacing(widgets.t.between())
        self.setLayout(self._layout)
        self.setMinimumHeight(2 * widgets.t.row_height() + widgets.t.between())

    def show_rows(self, views: tuple[RowView, ...], current: str = "") -> None:
        """Show these rows in this order; `current` is the key of the chosen one ("" for none)."""
        if any(row.isDown() for row in self._rows):
            self._waiting = (views, current)
            return
        self._views, self.current = views, current
        self._draw()

    def page_count(self) -> int:
        return max(1, -(-len(self._views) // self._per_page()))

    def _per_page(self) -> int:
        """How many rows the height takes, beside the button for more where that is needed."""
        t = self._widgets.t
        capacity = max(2, (self.height() + t.between()) // (t.row_height() + t.between()))
        return capacity if len(self._views) <= capacity else capacity - 1

    def _add_row(self) -> None:
        row = Row(self._widgets)
        row.clicked.connect(lambda: self._clicked(row))
        # the click that a release may be comes after it, and still means the row that was touched
        row.released.connect(lambda: QTimer.singleShot(0, self, self._catch_up))
        self._layout.insertWidget(len(self._rows), row)
        self._rows.append(row)

    def _draw(self) -> None:
        size = self._per_page()
        self._page = min(self._page, self.page_count() - 1)
        shown = self._views[self._page * size : (self._page + 1) * size]
        while len(self._rows) < len(shown):
            self._add_row()
        for row, view in zip(self._rows, shown, strict=False):
            row.show_row(view, chosen=view.key == self.current)
        for index, row in enumerate(self._rows):
            row.setVisible(index < len(shown))
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

    def _catch_up(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self.show_rows(*waiting)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._draw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = MOVES.get(Qt.Key(event.key()))
        allowed = [row for row in self._rows if row.isVisibleTo(self) and row.isEnabled()]
        focused = next((index for index, row in enumerate(allowed) if row.hasFocus()), None)
        if step is None or focused is None:
            super().keyPressEvent(event)
            return
        self._widgets.keyboard.show_ring(ring=True)
        allowed[(focused + step) % len(allowed)].setFocus(Qt.FocusReason.ShortcutFocusReason)
