"""Long ids for any window: each id that it shows in a longer form that ends alike, and whether its end is really seen."""

import re
from dataclasses import replace

from PySide6.QtWidgets import QWidget

from tests.ui.drawn import words_seen
from tests.ui.faults import settle
from ui.widgets import Button, Facts, Label
from ui.widgets.choices import Row
from ui.widgets.head import Heading
from ui.widgets.keypads import Field, KeyButton
from ui.widgets.status_line import StatusButton

SHORT = re.compile(r"\bBAT-(\d{5})\b")
FLEET = "JBD-SP24S004-L24S-200A-B-U-NAIROBI-WEST-"
LENGTHS = (40, 104)  # an id of a real pack with its model in it, and the longest that was met


def long_id(end: str, length: int) -> str:
    """An id of so many characters that ends in `end`."""
    return f"{(FLEET * 4)[: length - len(end) - 1]}-{end}"


def lengthen_ids(window: QWidget, length: int) -> None:
    """Turn each id that the window shows into a long one."""

    def longer(words: str) -> str:
        return SHORT.sub(lambda found: long_id(found[1], length), words)

    for label in window.findChildren(Label):
        label.set_words(longer(label.text()))
    for facts in window.findChildren(Facts):
        for fact in facts._facts.values():
            fact.name, fact.value = longer(fact.name), longer(fact.value)
        facts._redraw()
    for heading in window.findChildren(Heading):
        heading.show_heading(longer(heading.title), heading.customer)
    for button in window.findChildren(Button):
        if isinstance(button, Row):
            button.show_row(replace(button.view, words=longer(button.view.words)), chosen=button.isChecked())
        elif isinstance(button, Field):
            button.set_value(longer(button.value))
        elif not isinstance(button, KeyButton | StatusButton):
            button.set_face(longer(button.words), button.icon_name, name=longer(button.accessibleName()))
    settle()


def ends_unseen(window: QWidget) -> list[str]:
    """Where a long id is meant to stand, and its end is not to be seen, as it is painted."""
    missing = []
    for widget in window.findChildren(QWidget):
        meant = widget.text() if isinstance(widget, Label) else widget.accessibleName()
        ends = [word.rstrip(".,:;")[-5:] for word in re.split(r"[ ,;]", meant) if word.startswith(FLEET[:20])]
        if ends and widget.isVisible():
            shown = words_seen(widget)
            missing += [f"{type(widget).__name__}: {end} of {meant!r} in {shown!r}" for end in ends if end not in shown]
    return missing
