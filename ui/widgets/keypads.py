"""Keys on the glass: the numeric pad and the small keyboard.

Keys answer on press, not on release, and say what they are by `typed` (one character), `erased` and `letters`. Backspace
takes one character and never empties a field. Arrows move between keys; Space or a touch presses one. A pad does not own
a field: the page decides where the characters go.
"""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from kiosk.domain.language import mark, tr
from ui.widgets.button import Button
from ui.widgets.fitting import end_of
from ui.widgets.labels import set_shown
from ui.widgets.spoken import tell_value
from ui.widgets.surfaces import paint_box, smooth_painter
from ui.widgets.widgets import Widgets


class Field(Button):
    """`name` stands above it (put there by `labelled`) and is read out with the value. `role`: lead, number."""

    def __init__(self, widgets: Widgets, name: str, role: str = "lead", *, hint: str = "") -> None:
        super().__init__(widgets, "", name=name, across=QSizePolicy.Policy.Expanding)
        self.name, self.value, self.active, self._role, self._hint = name, "", False, role, hint
        self.setFixedHeight(max(widgets.t.target("least"), widgets.metrics(role).height + 2 * widgets.t.space("xs")))

    def set_value(self, value: str) -> None:
        if value != self.value:
            self.value = value
            self.setAccessibleName(f"{self.name}: {value}" if value else self.name)
            tell_value(self, value)
            self.update()

    def set_active(self, *, active: bool) -> None:
        self.active = active
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.theme.t.width("back"), self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.t.target("least"), self.height())

    def overflowing(self) -> list[str]:
        room = self.width() - 2 * self.theme.t.space("m")
        return [self._hint] if not self.value and self.theme.metrics("body").width(self._hint) > room else []

    def _colours(self) -> tuple[str, str, str, str]:
        if not self.isEnabled():
            return super()._colours()
        ringed = self.active or self.isDown() or self.ringed()
        ground = "accent_soft" if self.isDown() else "surface"
        return (ground, "text", "accent", "ring") if ringed else (ground, "text", "edge", "hairline")

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme, t = smooth_painter(self), self.theme, self.theme.t
        ground, tone, border, stroke = self._colours()
        paint_box(painter, theme, QRectF(self.rect()), ground, border, stroke)
        pad, caret = t.space("m"), t.stroke("ring")
        inside = QRectF(pad, 0, self.width() - 2 * pad, self.height())
        painter.setClipRect(inside.adjusted(0, 0, caret, 0))
        if not self.value and not self.active:
            theme.write(painter, inside, self._hint, "body", "muted" if self.isEnabled() else tone, "id")
            return
        metrics = theme.metrics(self._role, "id")
        shown = end_of(metrics, self.value, int(inside.width()) - caret)
        wide = metrics.width(shown)
        theme.write(painter, QRectF(pad, 0, wide + 1, self.height()), shown, self._role, tone, "id")
        if self.active:
            high = theme.metrics(self._role).ascent
            painter.fillRect(QRectF(pad + wide + caret, (self.height() - high) / 2, caret, high), theme.colour("accent"))


ERASE, LETTERS, DIGITS, NONE = "⌫", "⌨", "№", " "  # signs that no key types
FACES = {
    ERASE: ("backspace-bold", mark("Erase")),
    LETTERS: ("keyboard-bold", mark("Letters")),
    DIGITS: ("number-circle-one-bold", mark("Digits")),
}
SPOKEN = {"-": mark("Hyphen"), "_": mark("Underscore"), ".": mark("Full stop"), ",": mark("Comma")}
KEYBOARD_ROWS = ("1234567890", "QWERTYUIOP", "ASDFGHJKL-", f"ZXCVBNM_.{ERASE}")
PAD_ROWS = ("123", "456", "789")
MOVES = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}


class KeyButton(Button):
    """One key; grows with the pad."""

    def __init__(self, widgets: Widgets, face: str) -> None:
        super().__init__(widgets, "", kind="key")
        least = widgets.t.target("least")
        self.setMinimumSize(least, least)
        self.setMaximumHeight(2 * widgets.t.target("touch"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.show_face(face)

    def show_face(self, face: str) -> None:
        self.face = face
        icon, name = FACES.get(face, ("", SPOKEN.get(face, "")))
        self.set_face("" if icon or face == NONE else face, icon, name=tr(name) or face)
        set_shown(self, shown=face != NONE)


class KeyGrid(QWidget):
    """Keys in rows, by (row, column)."""

    typed = Signal(str)
    erased = Signal()
    letters = Signal()

    def __init__(self, widgets: Widgets, rows: tuple[str, ...]) -> None:
        super().__init__()
        self.setAccessibleName(tr("Keys"))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(widgets.t.between())
        self.keys = {(line, column): KeyButton(widgets, face) for line, faces in enumerate(rows) for column, face in enumerate(faces)}
        for (line, column), key in self.keys.items():
            key.pressed.connect(lambda key=key: self._pressed(key))
            grid.setRowStretch(line, 1)
            grid.setColumnStretch(column, 1)
            grid.addWidget(key, line, column)

    def _pressed(self, key: KeyButton) -> None:
        if key.face == ERASE:
            self.erased.emit()
        elif key.face in {LETTERS, DIGITS}:
            self.letters.emit()
        else:
            self.typed.emit(key.face)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        move = MOVES.get(Qt.Key(event.key()))
        focused = next((place for place, key in self.keys.items() if key.hasFocus()), None)
        if move is None or focused is None:
            super().keyPressEvent(event)
            return
        self.keys[focused].theme.keyboard.show_ring(ring=True)
        beside = self.keys.get((focused[0] + move[0], focused[1] + move[1]))
        if beside is not None and beside.isVisibleTo(self):
            beside.setFocus(Qt.FocusReason.ShortcutFocusReason)


class NumericPad(KeyGrid):
    """3 x 4. The key bottom left is the decimal sign of an amount, the letters of a receipt id, or absent."""

    def __init__(self, widgets: Widgets, corner: str = NONE) -> None:
        super().__init__(widgets, (*PAD_ROWS, f"{corner}0{ERASE}"))

    def set_corner(self, corner: str) -> None:
        """`corner`: the decimal sign ("." or ","), LETTERS, or NONE."""
        self.keys[3, 0].show_face(corner)


class Keyboard(KeyGrid):
    """10 x 4: capitals, digits, hyphen, underscore, full stop. For codes, ids and notes."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__(widgets, KEYBOARD_ROWS)
