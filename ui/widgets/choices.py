"""Choosing one of several: segments side by side, and a list of rows in whole pages that never scrolls.

Chosen is shown by tint, ring and tick together. A row that may not be chosen stays, muted, with its reason.

A list never changes under a finger: rows that arrive while one is held are shown on release, and where two rows have just changed places a
touch does not count for a moment. The caller keeps the order; a row keeps its place as long as the caller does. The chosen row may lie on
another page, `current` still names it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.domain.language import tr
from ui.widgets.button import Button
from ui.widgets.fitting import fitted, least, lines, narrowest, smaller, widest
from ui.widgets.labels import write_lines
from ui.widgets.theme import RIGHT
from ui.widgets.widgets import Widgets

TICK, RING, BARRED = "check-circle-fill", "circle-bold", "prohibit-bold"
MAX_NOTE_LINES, MAX_DRAWS = 2, 3
SETTLED_SECONDS = 0.3  # a touch on a row whose battery has just changed was meant for the one before
MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class Segment(Button):
    """One choice of a few. Chosen: tint, ring, and a tick in place of its icon."""

    def __init__(self, widgets: Widgets, words: str, icon: str) -> None:
        super().__init__(widgets, words, icon, across=QSizePolicy.Policy.Expanding)
        self._own_icon = icon
        self.setCheckable(True)  # `Segments` sees that one is chosen: Qt would leave Tab only that one

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
        self.setAccessibleName(tr("Choose one"))
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
    """A row of a list: a battery, a swap. `note` is what is known of it, or why it may not be chosen; `near` is its distance in a word,
    with `icon` beside it; `energy` its kWh in a column of their own, "" where it is not known, None in a list without that column."""

    key: str
    words: str
    note: str = ""
    near: str = ""
    icon: str = ""
    energy: str | None = None
    allowed: bool = True


UNIT, WIDEST_ENERGY = "kWh", "00.0"


class Row(Button):
    """One row, drawn in one piece: words and the note below them, the distance, the energy at the right."""

    def __init__(self, widgets: Widgets, clock: Callable[[], float] = monotonic) -> None:
        super().__init__(widgets, "", across=QSizePolicy.Policy.Expanding)
        self.view = RowView(key="", words="")
        self._clock, self._moved_at = clock, float("-inf")
        self.setCheckable(True)

    def show_row(self, view: RowView, *, chosen: bool, moved: bool = False) -> None:
        """`moved`: another one stood here a moment ago, and a finger may be on its way to that."""
        if moved:
            self._moved_at = self._clock()
        if view != self.view:
            self.view, self.words = view, view.words
            energy = f"{view.energy} {UNIT}" if view.energy else ""
            self.setAccessibleName(", ".join(part for part in (view.words, energy, view.note, view.near) if part))
            self.update()
        self.setEnabled(view.allowed)
        self.setChecked(chosen)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if self._clock() - self._moved_at < SETTLED_SECONDS:
            self._touch.spoil()

    def sizeHint(self) -> QSize:
        return QSize(self._needed(), self._height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    # -- places

    def _energy_width(self) -> int:
        if self.view.energy is None:
            return 0
        title = self.theme.metrics("title")
        figures = max(title.width(WIDEST_ENERGY), title.width(self.view.energy))
        return figures + self.theme.t.space("s") + self.theme.metrics("lead").width(UNIT)

    def _near_width(self) -> int:
        """px of sign and word."""
        t, view = self.theme.t, self.view
        if not (view.near or view.icon):
            return 0
        sign = t.icon_px("body") + t.space("s") if view.icon else 0
        return max(t.width("near"), sign + narrowest(self.theme.metrics("label"), view.near, 2))

    def _beside(self) -> int:
        """px of all but words and note."""
        parts = (self.theme.t.icon_px("lead"), self._near_width(), self._energy_width())
        return sum(parts) + (2 + sum(part > 0 for part in parts)) * self.theme.t.space("m")

    def _needed(self) -> int:
        words = self.theme.metrics("strong", "id").width(least(self.view.words))
        return self._beside() + max(words, narrowest(self.theme.metrics("small"), self.view.note, MAX_NOTE_LINES))

    def _words_and_note(self, width: int) -> tuple[str, str, list[str]]:
        """The type role of the words, the words, and the lines of the note: where it takes two, the words are set smaller."""
        note = lines(self.theme.metrics("small"), self.view.note, width)
        small = len(note) > 1 or self.theme.metrics("lead", "id").width(self.view.words) > width
        role = smaller("lead") if small else "lead"
        return role, " ".join(fitted(self.theme.metrics(role, "id"), self.view.words, width, 1)), note

    def overflowing(self) -> list[str]:
        room = self.width() - self._beside()
        role, words, note = self._words_and_note(room)
        high = self.theme.metrics(role, "id").height + len(note) * self.theme.metrics("small").height
        wide = max(self.theme.metrics(role, "id").width(words), widest(self.theme.metrics("small"), note))
        return [self.accessibleName()] if wide > room or high > self.height() else []

    def _colours(self) -> tuple[str, str, str, str]:
        if not self.view.allowed:
            return "sunken", "muted", "edge", "hairline"
        if self.isDown() or self.isChecked():
            return "accent_soft", "text", "text" if self.ringed() else "accent", "ring"
        return super()._colours()

    # -- drawing

    def _paint_face(self, painter: QPainter, tone: str) -> None:
        theme, t, view = self.theme, self.theme.t, self.view
        side, gap, high = t.icon_px("lead"), t.space("m"), self.height()
        sign, sign_tone = (BARRED, tone) if not view.allowed else (TICK, "accent") if self.isChecked() else (RING, tone)
        theme.paint_icon(painter, sign, sign_tone, QRectF(gap, (high - side) / 2, side, side))
        right = self._paint_energy(painter, tone)
        if self._near_width():
            right -= self._near_width()
            self._paint_near(painter, QRectF(right, 0, self._near_width(), high), tone)
            right -= gap
        left = gap + side + gap
        role, words, note = self._words_and_note(self.width() - self._beside())
        first, below = theme.metrics(role, "id").height, theme.metrics("small").height
        top = (high - first - len(note) * below) / 2
        write_lines(painter, theme, QRectF(left, top, right - left, first), [words], (role, "id"), tone)
        area = QRectF(left, top + first, right - left, below * len(note))
        theme.write(painter, area, "\n".join(note), "small", "muted")

    def _paint_energy(self, painter: QPainter, tone: str) -> int:
        """Where what stands before it ends, px."""
        theme, view, right = self.theme, self.view, self.width() - self.theme.t.space("m")
        if view.energy is None:
            return right
        unit = theme.metrics("lead").width(UNIT)
        if view.energy:
            number = QRectF(0, 0, right - unit - theme.t.space("s"), self.height())
            theme.write(painter, number, view.energy, "title", tone, align=RIGHT)
            theme.write(painter, QRectF(0, 0, right, self.height()), UNIT, "lead", tone, align=RIGHT)
        return right - self._energy_width() - theme.t.space("m")

    def _paint_near(self, painter: QPainter, area: QRectF, tone: str) -> None:
        theme, view, side = self.theme, self.view, self.theme.t.icon_px("body")
        if view.icon:
            theme.paint_icon(painter, view.icon, tone, QRectF(area.left(), (area.height() - side) / 2, side, side))
            area.setLeft(area.left() + side + theme.t.space("s"))
        shown = lines(theme.metrics("label"), view.near, int(area.width()))
        theme.write(painter, area, "\n".join(shown), "label", tone)


class ChoiceList(QWidget):
    """Rows with one chosen. `show_rows` updates in place; `chosen` says which row a person chose."""

    chosen = Signal(str)

    def __init__(self, widgets: Widgets) -> None:
        super().__init__(sizePolicy=QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding))
        self._widgets = widgets
        self.setAccessibleName(tr("Choose one"))
        self._views: tuple[RowView, ...] = ()
        self._waiting: tuple[tuple[RowView, ...], str] | None = None
        self._page, self.current, self._drawing, self._stale = 0, "", False, False
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
        """Showing a row may give the list another height at once, in the middle of this: then it is drawn for that."""
        self._stale = True
        if self._drawing:
            return
        self._drawing = True
        try:
            for _ in range(MAX_DRAWS):
                if self._stale:
                    self._stale = False
                    self._draw_rows()
        finally:
            self._drawing = False

    def _draw_rows(self) -> None:
        size = self._per_page()
        self._page = min(self._page, self.page_count() - 1)
        shown = self._views[self._page * size : (self._page + 1) * size]
        while len(self._rows) < len(shown):
            self._add_row()
        before = {row.view.key for row in self._rows if not row.isHidden()}
        for row, view in zip(self._rows, shown, strict=False):
            moved = row.view.key != view.key and row.view.key in before and view.key in before
            row.show_row(view, chosen=view.key == self.current, moved=moved)
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

    def showEvent(self, event: QShowEvent) -> None:
        """How many rows there is room for is known by now: while it was hidden it may have had any size."""
        super().showEvent(event)
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
