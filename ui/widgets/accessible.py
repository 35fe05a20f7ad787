"""The tree that a screen reader walks, made from our widgets. Loaded when the first one asks.

What only holds others (layouts' widgets, panels) is left out, and its children stand in its place, in the order of reading. What says
nothing (signs, lines, empty labels, all that is hidden) is left out with its children. A role comes from the class; a name from
`accessibleName`, or from a label's words; a value from what is measured or typed.
"""

from collections.abc import Iterator

from PySide6.QtGui import (
    QAccessible,
    QAccessibleActionInterface,
    QAccessibleEditableTextInterface,
    QAccessibleInterface,
    QAccessibleTextInterface,
    QAccessibleValueInterface,
)
from PySide6.QtWidgets import QAbstractButton, QAccessibleWidget, QWidget
from shiboken6 import VoidPtr

from ui.widgets.button import Button
from ui.widgets.frame import BACKSPACE, Frame
from ui.widgets.keypads import Field
from ui.widgets.labels import Label
from ui.widgets.spoken import HasProgress, in_order

Role = QAccessible.Role
ROLES = {  # by the name of the class, so that no part is loaded for another's sake
    "Frame": Role.Window,
    "StatusLine": Role.StatusBar,
    "StepRail": Role.StaticText,
    "Heading": Role.Heading,
    "Button": Role.Button,
    "Row": Role.RadioButton,
    "Segment": Role.RadioButton,
    "ChoiceList": Role.List,
    "Segments": Role.Grouping,
    "Field": Role.EditableText,
    "KeyGrid": Role.Grouping,
    "LevelBar": Role.ProgressBar,
    "StepProgress": Role.ProgressBar,
    "Scale": Role.StaticText,
    "Label": Role.StaticText,
    "Figure": Role.StaticText,
    "Facts": Role.StaticText,
    "PinDots": Role.StaticText,
    "TrainingTag": Role.StaticText,
    "HealthPage": Role.List,
    "PartRow": Role.ListItem,
    "Notice": Role.AlertMessage,
    "Band": Role.AlertMessage,
    "QrCodeView": Role.Graphic,
    "PaperWidget": Role.Document,
}
ONE_PIECE = {Role.AlertMessage, Role.StaticText, Role.Heading, Role.ProgressBar, Role.Graphic, Role.ListItem, Role.EditableText}


def role_of(widget: QWidget) -> QAccessible.Role:
    """NoRole for what only holds others, or says nothing."""
    return next((ROLES[kind.__name__] for kind in type(widget).__mro__ if kind.__name__ in ROLES), Role.NoRole)


def name_of(widget: QWidget) -> str:
    if isinstance(widget, Field):
        return widget.name
    if isinstance(widget, Frame):
        return widget.windowTitle()
    return widget.accessibleName() or (widget.text() if isinstance(widget, Label) else "")


def value_of(widget: QWidget) -> str:
    if isinstance(widget, Field):
        return widget.value
    return widget.spoken_value() if isinstance(widget, HasProgress) else ""


def parts_of(widget: QWidget) -> Iterator[QWidget]:
    """What a screen reader finds inside a widget, in the order of reading."""
    if role_of(widget) in ONE_PIECE:
        return
    for child in in_order(widget):
        if role_of(child) is Role.NoRole:
            yield from parts_of(child)
        elif name_of(child):
            yield child


def interface_of(widget: QWidget) -> QAccessibleInterface:
    """Of any widget in a window of ours. Qt keeps it as long as the widget lives."""
    if isinstance(widget, Field):
        return SpokenField(widget)
    return SpokenBar(widget) if isinstance(widget, HasProgress) else SpokenWidget(widget)


class SpokenWidget(QAccessibleWidget):
    """One widget in the tree."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget, Role.Grouping if role_of(widget) is Role.NoRole else role_of(widget))
        self.more: dict[QAccessible.InterfaceType, object] = {}  # what it can do beside

    def interface_cast(self, kind: QAccessible.InterfaceType) -> object:  # type: ignore[override]  # a C++ pointer, for the stubs an int
        """Qt takes the first C++ part of what is returned, so each is an object of its own; and it takes None for an object."""
        found = self.more.get(kind) or super().interface_cast(kind)
        return VoidPtr(0) if found is None else found

    def _parts(self) -> list[QWidget]:
        return list(parts_of(self.widget()))

    def childCount(self) -> int:
        return len(self._parts())

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]  # the stubs know no null pointer
        parts = self._parts()
        return QAccessible.queryAccessibleInterface(parts[index]) if 0 <= index < len(parts) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        parts, wanted = self._parts(), child.object()
        return next((index for index, part in enumerate(parts) if part is wanted), -1)

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]  # the same
        found = (QAccessible.queryAccessibleInterface(part) for part in self._parts())
        return next((each for each in found if each.rect().contains(x, y)), None)

    def parent(self) -> QAccessibleInterface | None:  # type: ignore[override]  # the same
        above = self.widget().parentWidget()
        while above is not None and role_of(above) is Role.NoRole and above.parentWidget() is not None:
            above = above.parentWidget()
        return super().parent() if above is None else QAccessible.queryAccessibleInterface(above)

    def text(self, kind: QAccessible.Text) -> str:
        widget = self.widget()
        if kind is QAccessible.Text.Name:
            return name_of(widget)
        is_value = kind is QAccessible.Text.Value or (kind is QAccessible.Text.Description and isinstance(widget, HasProgress))
        return value_of(widget) if is_value else str(super().text(kind))  # AT-SPI has no words for a bar's value but its description

    def state(self) -> QAccessible.State:
        state, widget = super().state(), self.widget()
        if isinstance(widget, QAbstractButton):
            state.pressed = int(widget.isDown())
            state.checkable, state.checked = int(widget.isCheckable()), int(widget.isChecked())
        return state

    def actionNames(self) -> list[str]:
        press = [QAccessibleActionInterface.pressAction()] if isinstance(self.widget(), Button) and self.widget().isEnabled() else []
        return [*press, *super().actionNames()]

    def doAction(self, name: str) -> None:
        """A press counts by the same rules as one by hand."""
        widget = self.widget()
        if name == QAccessibleActionInterface.pressAction() and isinstance(widget, Button):
            widget.click()
        else:
            super().doAction(name)


class SpokenBar(SpokenWidget):
    """A bar: from 0 to 100, and in words."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.more = {QAccessible.InterfaceType.ValueInterface: BarValue(self)}

    def part(self) -> float:
        """From 0 to 1."""
        widget = self.widget()
        return widget.spoken_part() if isinstance(widget, HasProgress) else 0.0


class BarValue(QAccessibleValueInterface):
    """How far a bar has come. It only shows."""

    def __init__(self, bar: SpokenBar) -> None:
        super().__init__()
        self._bar = bar

    def currentValue(self) -> float:
        return round(100 * self._bar.part(), 1)

    def minimumValue(self) -> float:
        return 0.0

    def maximumValue(self) -> float:
        return 100.0

    def minimumStepSize(self) -> float:
        return 0.1

    def setCurrentValue(self, value: object) -> None:
        """Nobody moves it."""


class SpokenField(SpokenWidget):
    """A field: its text can be read and written, as if the keys of a keyboard were pressed."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        kinds = QAccessible.InterfaceType
        self.more = {kinds.TextInterface: FieldText(self), kinds.EditableTextInterface: FieldTyping(self)}

    def state(self) -> QAccessible.State:
        state = super().state()
        state.editable = int(self.widget().isEnabled())
        return state

    def setText(self, kind: QAccessible.Text, words: str) -> None:
        if kind is QAccessible.Text.Value:
            self.write(words)

    def value(self) -> str:
        return value_of(self.widget())

    def write(self, words: str) -> None:
        """Type other words in the place of those that stand there; the page takes what it takes from a keyboard."""
        field, window = self.widget(), self.widget().window()
        if isinstance(field, Field) and field.isEnabled() and isinstance(window, Frame):
            field.click()  # the keys belong to it now
            for character in BACKSPACE * len(field.value) + words:
                window.typed.emit(character)


class FieldText(QAccessibleTextInterface):
    """What is typed in a field; the place to type is always its end."""

    def __init__(self, field: SpokenField) -> None:
        super().__init__()
        self._field = field

    def text(self, start: int, end: int) -> str:
        return self._field.value()[start : end if end >= 0 else None]

    def characterCount(self) -> int:
        return len(self._field.value())

    def cursorPosition(self) -> int:
        return len(self._field.value())

    def selectionCount(self) -> int:
        return 0


class FieldTyping(QAccessibleEditableTextInterface):
    """What is to be typed in a field."""

    def __init__(self, field: SpokenField) -> None:
        super().__init__()
        self._field = field

    def insertText(self, offset: int, words: str) -> None:
        value = self._field.value()
        self._field.write(value[:offset] + words + value[offset:])

    def deleteText(self, start: int, end: int) -> None:
        value = self._field.value()
        self._field.write(value[:start] + value[end:])

    def replaceText(self, start: int, end: int, words: str) -> None:
        value = self._field.value()
        self._field.write(value[:start] + words + value[end:])
