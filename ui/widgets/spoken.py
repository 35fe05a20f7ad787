"""What is said to those who do not see the screen: the order in which a window is read, what has just changed, and how far a bar has come.

The order of reading is the order of Tab too: layouts from their first item to their last, then what is placed by hand, from top to bottom.
The tree that a screen reader walks is made by `ui.widgets.accessible`, which is loaded when the first one asks: the first picture waits for
nothing here. Nothing is announced, and nothing is spent, where no screen reader runs.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleInterface, QAccessibleValueChangeEvent
from PySide6.QtWidgets import QLayout, QWidget


@runtime_checkable
class HasProgress(Protocol):
    """A bar: a widget that says how far something has come."""

    def spoken_part(self) -> float:
        """From 0 to 1."""
        ...

    def spoken_value(self) -> str:
        """The same as it is read aloud: "15 %", "344.5 of 400 kWh used"."""
        ...


class _Factory:
    """Whether Qt knows already who makes the interfaces of our widgets."""

    installed = False


def make_accessible() -> None:
    """From now on screen readers get our tree. Once in a program; needs its QApplication."""
    if not _Factory.installed:
        _Factory.installed = True
        QAccessible.installFactory(_interface)


def _interface(class_name: str, thing: QObject) -> QAccessibleInterface | None:
    """Qt asks for each class that the thing is of, the nearest first."""
    if not isinstance(thing, QWidget) or class_name != thing.metaObject().className():
        return None
    made: QAccessibleInterface = import_module("ui.widgets.accessible").interface_of(thing)  # by its name, and not before somebody asks
    return made


# -- the order of reading


def in_order(widget: QWidget) -> list[QWidget]:
    """The children of a widget that are to be seen, as they are read."""
    children = [each for each in widget.children() if isinstance(each, QWidget) and not each.isWindow() and not each.isHidden()]
    laid = [each for each in _laid_out(widget.layout()) if each in children]
    for loose in sorted((each for each in children if each not in laid), key=lambda each: (each.y(), each.x()), reverse=True):
        after = (place for place, each in enumerate(laid) if each.y() >= loose.y())
        laid.insert(next(after, len(laid)), loose)
    return laid


def _laid_out(layout: QLayout | None) -> Iterator[QWidget]:
    for index in range(layout.count() if layout is not None else 0):
        item = layout.itemAt(index) if layout is not None else None
        if item is None:
            continue
        widget = item.widget()
        if widget is not None:
            yield widget
        else:
            yield from _laid_out(item.layout())


def everything_in_order(widget: QWidget) -> Iterator[QWidget]:
    """All that is to be seen inside a widget, as it is read."""
    for child in in_order(widget):
        yield child
        yield from everything_in_order(child)


# -- what has just changed


def announce(widget: QWidget, words: str, *, urgent: bool = False) -> None:
    """Have words read out when the page that changes now is whole, if the widget is seen then. `urgent` cuts short what is being read."""
    if words and QAccessible.isActive():
        QTimer.singleShot(0, widget, lambda: _announce(widget, words, urgent=urgent))


def _announce(widget: QWidget, words: str, *, urgent: bool) -> None:
    if not widget.isVisible():
        return
    event = QAccessibleAnnouncementEvent(widget, words)
    politeness = QAccessible.AnnouncementPoliteness
    event.setPoliteness(politeness.Assertive if urgent else politeness.Polite)
    QAccessible.updateAccessibility(event)


def tell_value(widget: QWidget, value: str) -> None:
    """A bar, or a field, has another value."""
    if QAccessible.isActive() and widget.isVisible():
        QAccessible.updateAccessibility(QAccessibleValueChangeEvent(widget, value))
