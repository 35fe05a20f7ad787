"""Choosing one of several: segments side by side, and the row of a list (the list itself is in `choice_list`).

Chosen is shown by tint, ring and tick together. What may not be chosen stays, muted, with its reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from kiosk.domain.language import tr
from ui.widgets.button import Button
from ui.widgets.labels import LEFT, RIGHT, lines, narrowest
from ui.widgets.widgets import Widgets

TICK, RING, BARRED = "check-circle-fill", "circle-bold", "prohibit-bold"


class Segment(Button):
    """One choice of a few. Chosen: tint, ring, and a tick in place of its icon."""

    def __init__(self, kit: Widgets, words: str, icon: str) -> None:
        super().__init__(kit, words, icon)
        self._own_words, self._own_icon, self._reason = words, icon, ""
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_chosen(self, *, chosen: bool) -> None:
        self.setChecked(chosen)
        self._redraw()

    def allow(self, *, allowed: bool, reason: str) -> None:
        self.setEnabled(allowed)
        self._reason = "" if allowed else reason
        self._redraw()

    def _redraw(self) -> None:
        words = tr("{choice}, {reason}", choice=self._own_words, reason=self._reason) if self._reason else self._own_words
        barred = not self.isEnabled()
        self.set_face(words, BARRED if barred else TICK if self.isChecked() else self._own_icon)

    def _colours(self) -> tuple[str, str, str, str]:
        if self.isEnabled() and self.isChecked() and not self.isDown():
            tone = "text" if self.ringed() else "accent"
            return "accent_soft", tone, tone, "ring"
        return super()._colours()


class Segments(QWidget):
    """A few choices side by side, the likeliest chosen beforehand: `Segments(kit, (("cash", "Cash", "money-bold"),))`."""

    chosen = Signal(str)

    def __init__(self, kit: Widgets, choices: Sequence[tuple[str, str, str]]) -> None:
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(kit.t.between())
        self.segments: dict[str, Segment] = {}
        for key, words, icon in choices:
            segment = Segment(kit, words, icon)
            segment.clicked.connect(lambda _checked=False, key=key: self._clicked(key))
            layout.addWidget(segment)
            self.segments[key] = segment
        self.current = ""

    def _clicked(self, key: str) -> None:
        self.choose(key)
        self.chosen.emit(key)

    def choose(self, key: str) -> None:
        """Show `key` as chosen without a signal. Raises KeyError for a key that is not offered."""
        self.current = key
        self.segments[key].set_chosen(chosen=True)
        for name, segment in self.segments.items():
            segment.set_chosen(chosen=name == key)

    def allow(self, key: str, *, allowed: bool, reason: str = "") -> None:
        """Turn a choice on or off; `reason` is shown beside its name ("Card, no terminal")."""
        self.segments[key].allow(allowed=allowed, reason=reason)


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

    def __init__(self, kit: Widgets, view: RowView) -> None:
        super().__init__(kit, view.words, kind="plain")
        self.view = view
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._name()

    def show_row(self, view: RowView, *, chosen: bool) -> None:
        if view != self.view:
            self.view = view
            self._name()
            self.update()
        self.setEnabled(view.allowed)
        self.setChecked(chosen)

    def _name(self) -> None:
        self.words = self.view.words
        spoken = (self.view.words, self.view.note, self.view.near)
        self.setAccessibleName(", ".join(part for part in spoken if part))

    def sizeHint(self) -> QSize:
        return QSize(self._needed(), self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._needed(), self._height())

    def _widths(self) -> tuple[int, int, int]:
        """px of the words, the note in at most two lines, the distance."""
        note, near = self.theme.metrics("body"), self.theme.metrics("strong")
        near_wide = max(self.theme.t.width("near"), narrowest(near, self.view.near, 2)) if self.view.near else 0
        return (self.theme.metrics("lead", "id").width(self.view.words), narrowest(note, self.view.note, 2), near_wide)

    def _needed(self) -> int:
        t, parts = self.theme.t, self._widths()
        icons = t.icon_px("lead") * (2 if self.view.icon else 1)
        gaps = 3 + bool(self.view.note) + bool(self.view.near) + bool(self.view.icon)
        return sum(parts) + icons + gaps * t.space("m")

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
        mark = BARRED if not view.allowed else TICK if self.isChecked() else RING
        mark_tone = "accent" if self.isChecked() and view.allowed else tone
        theme.paint_icon(painter, mark, mark_tone, QRectF(gap, (high - side) / 2, side, side))
        left = gap + side + gap
        self._write(painter, QRectF(left, 0, words + 1, high), view.words, "lead", tone, "id")
        right = self.width() - gap
        if view.near:
            right -= near
            self._write(painter, QRectF(right, 0, near, high), view.near, "strong", tone)
            right -= gap
        if view.icon:
            right -= side
            theme.paint_icon(painter, view.icon, tone, QRectF(right, (high - side) / 2, side, side))
            right -= gap
        area = QRectF(left + words + gap, 0, right - left - words - gap, high)
        self._write(painter, area, view.note, "body", "muted", right=True)

    def _write(
        self, painter: QPainter, area: QRectF, words: str, role: str, tone: str, figures: str = "tabular", *, right: bool = False
    ) -> None:
        shown = lines(self.theme.metrics(role, figures), words, int(area.width()))
        align = RIGHT if right else LEFT
        painter.setFont(self.theme.font(role, figures))
        painter.setPen(self.theme.colour(tone))
        painter.drawText(area, align, "\n".join(shown))
