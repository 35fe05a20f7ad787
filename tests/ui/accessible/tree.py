"""What a screen reader gets of a window: its tree, and what is wrong with it. Knows no page."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QWidget

from ui.widgets import Button, Facts, Figure, Label, LevelBar
from ui.widgets.button import StepProgress
from ui.widgets.frame import Frame

Role = QAccessible.Role
ACTS = {Role.Button, Role.RadioButton, Role.EditableText}
SHOWN = {
    *ACTS,
    Role.Window,
    Role.StatusBar,
    Role.StaticText,
    Role.Heading,
    Role.List,
    Role.ListItem,
    Role.Grouping,
    Role.ProgressBar,
    Role.AlertMessage,
    Role.Graphic,
    Role.Document,
}
PIXEL = 1  # rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One thing that is read out."""

    widget: QWidget
    spoken: QAccessibleInterface
    depth: int

    @property
    def role(self) -> QAccessible.Role:
        return self.spoken.role()

    @property
    def name(self) -> str:
        return self.spoken.text(QAccessible.Text.Name)

    @property
    def value(self) -> str:
        return self.spoken.text(QAccessible.Text.Value)

    @property
    def press(self) -> bool:
        """Whether it can be pressed."""
        return "Press" in self.spoken.actionInterface().actionNames()

    def place(self, window: QWidget) -> QRect:
        return QRect(self.widget.mapTo(window, QPoint(0, 0)), self.widget.size())


def tree_of(window: QWidget) -> list[Node]:
    """All of a window, in the order in which it is read."""
    return list(_nodes(QAccessible.queryAccessibleInterface(window), 0))


def _nodes(spoken: QAccessibleInterface, depth: int) -> Iterator[Node]:
    widget = spoken.object()
    assert isinstance(widget, QWidget)
    yield Node(widget=widget, spoken=spoken, depth=depth)
    for index in range(spoken.childCount()):
        yield from _nodes(spoken.child(index), depth + 1)


def unsaid(frame: Frame) -> list[str]:
    """What is wrong with the tree of a shown window; empty when nothing is."""
    nodes = tree_of(frame)
    return [
        *(fault for node in nodes for fault in _faults_of(node)),
        *_lost(frame, nodes),
        *_disordered(frame, nodes),
        *_ends(frame, nodes),
    ]


def _faults_of(node: Node) -> Iterator[str]:
    kind = type(node.widget).__name__
    if not node.name.strip():
        yield f"no name: {kind}"
    if node.role not in SHOWN:
        yield f"a {node.role.name}: {kind} {node.name!r}"
    if not node.widget.isVisible():
        yield f"not seen: {kind} {node.name!r}"
    if node.role is Role.ProgressBar:
        yield from _bar_faults(node)
    if node.role is Role.EditableText and node.spoken.textInterface().text(0, -1) != node.value:
        yield f"its text is not its value: {node.name!r}"
    if node.role in ACTS and node.press is not node.widget.isEnabled():
        yield f"pressed or not: {node.name!r}"
    if node.role is Role.RadioButton and not node.spoken.state().checkable:
        yield f"cannot be chosen: {node.name!r}"
    for index in range(node.spoken.childCount()):
        child = node.spoken.child(index)
        if node.spoken.indexOfChild(child) != index or child.parent().object() is not node.widget:
            yield f"its child does not know it: {node.name!r}"


def _bar_faults(node: Node) -> Iterator[str]:
    bar = node.spoken.valueInterface()
    if not node.value or not bar.minimumValue() <= bar.currentValue() <= bar.maximumValue() or bar.maximumValue() != 100:
        yield f"no value: {node.name!r}"


def _words(widget: QWidget) -> str:
    return widget.text() if isinstance(widget, Label) else widget.accessibleName()


def _lost(frame: Frame, nodes: list[Node]) -> Iterator[str]:
    """Words on the screen that are nowhere in the tree, or twice."""
    held = [node.widget for node in nodes]
    for widget in frame.findChildren(QWidget):
        if isinstance(widget, Button | LevelBar) and widget.isVisible() and widget not in held:
            yield f"not in the tree: {type(widget).__name__}"
        if isinstance(widget, Label | Facts | Figure | Button) and widget.isVisible() and _words(widget):
            # in one piece with what holds it, as the words of a band
            whole = [node for node in nodes if node.widget.isAncestorOf(widget) and _words(widget) in node.name]
            if held.count(widget) + bool(whole and widget not in held) != 1:
                yield f"said {held.count(widget)} times: {_words(widget)!r}"


def _disordered(frame: Frame, nodes: list[Node]) -> Iterator[str]:
    """What stands above something in its column is read before it."""
    leaves = [(node, node.place(frame)) for node in nodes if node.spoken.childCount() == 0 and not isinstance(node.widget, StepProgress)]
    for (before, first), (after, second) in combinations(leaves, 2):
        beside = first.right() - PIXEL < second.left() or second.right() - PIXEL < first.left()
        if not beside and second.bottom() - PIXEL < first.top():
            yield f"read too early: {before.name!r} before {after.name!r}"


def _ends(frame: Frame, nodes: list[Node]) -> Iterator[str]:
    """First where we are, last what comes next."""
    leaves = [node for node in nodes if not isinstance(node.widget, StepProgress)]
    if leaves[-1].widget is not frame.bar.primary:
        yield f"the last is {leaves[-1].name!r}"
    around = [each for each in (frame.rail, frame.heading, frame._notice) if each.isVisible()]
    page = frame.pages.currentWidget()
    places = [index for index, node in enumerate(nodes) if node.widget in around]
    inside = [index for index, node in enumerate(nodes) if page is not None and page.isAncestorOf(node.widget)]
    if len(places) != 2 or max(places) > min(inside, default=len(nodes)):
        yield "step and title are not read before the page"
