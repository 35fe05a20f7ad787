"""Finds what is wrong with the layout of a window: use it on every page, at every size, in every theme and language.

`faults(window, screen)` names each fault in a sentence; an empty list is a sound page. `lengthen(window)` turns the words of
any window into a pseudo-locale that is 40 % longer, word by word. Neither knows a page: they walk the widgets.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QStackedWidget, QWidget

from kiosk.domain.panel import Screen
from ui.widgets import Button, Facts, Field, Figure, Label, StatusLine
from ui.widgets.choices import ChoiceList, Row
from ui.widgets.fitting import BREAK
from ui.widgets.head import Heading
from ui.widgets.keypads import KeyButton
from ui.widgets.labels import DrawsWords
from ui.widgets.status_line import StatusButton
from ui.widgets.tokens import BETWEEN_MM, GLASS_MM, TARGET_MM

SCREENS = {
    "1024x768": Screen(width=1024, height=768, inches=12.1),
    "1280x800": Screen(width=1280, height=800, inches=12.1),
    "1920x1080": Screen(width=1920, height=1080, inches=15.6),
}
LOOKS = {"light": ("light", False), "dark": ("dark", False), "training": ("light", True), "training-dark": ("dark", True)}
MORE = 0.4
PIXEL = 1  # rounding
NAME = re.compile(r"([A-Z][a-z]+ [A-Z]\.)")  # Amina W.
PLAIN_WORD = re.compile(r"[A-Za-z][a-z']{2,}")  # not an id, a number, a unit (kWh, USD, V)


def longer(words: str) -> str:
    """`words` in the pseudo-locale: each plain word 40 % longer, ids, numbers and units as they are."""

    def stretch(match: re.Match[str]) -> str:
        word = match[0]
        return word + (word[1:].lower() * 2)[: math.ceil(len(word) * MORE)]

    def part(text: str) -> str:
        return " ".join(word if re.search(r"\d", word) else PLAIN_WORD.sub(stretch, word) for word in text.split(" "))

    return "".join(text if NAME.fullmatch(text) else part(text) for text in NAME.split(words))


def lengthen(window: QWidget) -> None:
    """Turn every word that the window shows, or will show, into the pseudo-locale. The step rail's words are bound to
    ten letters in every language and stay."""
    for label in window.findChildren(Label):
        label.set_words(longer(label.text()))
    for facts in window.findChildren(Facts):
        lengthen_facts(facts)
    for heading in window.findChildren(Heading):
        heading.show_heading(longer(heading.title), longer(heading.customer))
    for figure in window.findChildren(Figure):
        figure.set_figure(figure.number, longer(figure.unit), before=figure.before)
    for button in window.findChildren(Button):
        if isinstance(button, Row):
            view = button.view
            button.show_row(replace(view, note=longer(view.note), near=longer(view.near)), chosen=button.isChecked())
        elif not isinstance(button, KeyButton | StatusButton | Field):
            button.set_face(longer(button.words), button.icon_name, name="" if button.words else longer(button.accessibleName()))
    for line in window.findChildren(StatusLine):
        line.show_items(tuple(replace(item, words=longer(item.words)) for item in line.items()))
    settle()


def lengthen_facts(facts: Facts) -> None:
    for fact in facts._facts.values():
        fact.name, fact.value = longer(fact.name), longer(fact.value)
    facts._redraw()


def settle() -> None:
    """Let layouts come to rest."""
    for _ in range(3):
        QApplication.processEvents()


def faults(window: QWidget, screen: Screen) -> list[str]:
    """What is wrong with the visible part of `window`, which must be shown; empty when nothing is."""
    settle()
    return [
        *_wrong_size(window, screen),
        *_clipped(window),
        *_outside(window),
        *_overlapping(window),
        *_targets(window, screen),
        *_nameless(window),
        *_rows_missing(window),
    ]


def _wrong_size(window: QWidget, screen: Screen) -> Iterator[str]:
    if (window.width(), window.height()) != (screen.width, screen.height):
        yield f"the window is {window.width()} x {window.height()}"


def _visible(window: QWidget) -> list[QWidget]:
    return [widget for widget in window.findChildren(QWidget) if widget.isVisible()]


def _clipped(window: QWidget) -> Iterator[str]:
    for widget in _visible(window):
        if isinstance(widget, DrawsWords):
            yield from (f"clipped: {words!r} in {widget.width()} x {widget.height()}" for words in widget.overflowing())
        elif isinstance(widget, QLabel) and widget.text() and _label_clipped(widget):
            yield f"clipped: {widget.text()!r} in {widget.width()} x {widget.height()}"


def _label_clipped(label: QLabel) -> bool:
    if not label.wordWrap():
        hint = label.sizeHint()
        return hint.width() > label.width() + PIXEL or hint.height() > label.height() + PIXEL
    margins = label.contentsMargins()
    room = label.width() - margins.left() - margins.right()
    parts = QLabel.text(label).replace(BREAK, " ").split()  # as Qt may break it
    widest = max((label.fontMetrics().horizontalAdvance(word) for word in parts), default=0)
    return widest > room + PIXEL or label.heightForWidth(label.width()) > label.height() + PIXEL


def _place(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def _words(widget: QWidget) -> str:
    name = widget.text() if isinstance(widget, QLabel) else widget.accessibleName()
    return repr(name) if name else type(widget).__name__


def _outside(window: QWidget) -> Iterator[str]:
    """A widget that leaves the window, or its parent, which would cut it off."""
    for widget in _visible(window):
        parent = widget.parentWidget()
        if parent is not None and not isinstance(parent, QStackedWidget):
            inside = parent.rect().adjusted(-PIXEL, -PIXEL, PIXEL, PIXEL)
            if not inside.contains(widget.geometry()):
                yield f"leaves its box: {_words(widget)}"
        if not window.rect().adjusted(-PIXEL, -PIXEL, PIXEL, PIXEL).contains(_place(widget, window)):
            yield f"outside the window: {_words(widget)}"


def _overlapping(window: QWidget) -> Iterator[str]:
    """Two parts that lie on each other; the training frame lies on everything on purpose."""
    leaves = [widget for widget in _visible(window) if not widget.findChildren(QWidget) and widget.objectName() != "training_edge"]
    for one, other in combinations(leaves, 2):
        shared = _place(one, window).intersected(_place(other, window))
        if shared.width() > PIXEL and shared.height() > PIXEL:
            yield f"overlap: {_words(one)} and {_words(other)}"


def _targets(window: QWidget, screen: Screen) -> Iterator[str]:
    """Too small to touch, too near to another, too near to the edge of the glass."""
    per_mm = screen.px_per_mm
    buttons = [widget for widget in _visible(window) if isinstance(widget, QAbstractButton)]
    for button in buttons:
        if min(button.width(), button.height()) < TARGET_MM["least"] * per_mm - PIXEL:
            yield f"under 12 mm: {_words(button)} {button.width()} x {button.height()}"
        margin = math.floor(GLASS_MM * per_mm)
        safe = window.rect().adjusted(margin, margin, -margin, -margin)
        if not isinstance(button, StatusButton) and not safe.contains(_place(button, window)):
            yield f"too near to the edge: {_words(button)}"
    for one, other in combinations(buttons, 2):
        if _gap(_place(one, window), _place(other, window)) < BETWEEN_MM * per_mm - PIXEL:
            yield f"too near to each other: {_words(one)} and {_words(other)}"


def _gap(one: QRect, other: QRect) -> int:
    beside = max(one.left() - other.right(), other.left() - one.right()) - 1
    above = max(one.top() - other.bottom(), other.top() - one.bottom()) - 1
    return max(beside, above)


def _nameless(window: QWidget) -> Iterator[str]:
    """Every control has a name and a role that a screen reader can say."""
    for button in (widget for widget in _visible(window) if isinstance(widget, QAbstractButton)):
        spoken = QAccessible.queryAccessibleInterface(button)
        if not spoken.text(QAccessible.Text.Name).strip():
            yield f"has no accessible name: {type(button).__name__}"
        if spoken.role() in {QAccessible.Role.NoRole, QAccessible.Role.Client}:
            yield f"has no accessible role: {_words(button)}"


def _rows_missing(window: QWidget) -> Iterator[str]:
    """A list shows as many rows as there is room for, however it was filled: while it was hidden, or had another height."""
    for each in _visible(window):
        if isinstance(each, ChoiceList):
            shown, meant = sum(row.isVisible() for row in each.findChildren(Row)), min(len(each._views), each._per_page())
            if shown < meant and each._page == 0:
                yield f"a list shows {shown} of {meant} rows"
