"""Finds texts that are in no catalogue: in the pseudo-language each text of letters stands in brackets, or it is data.

Begin with the fixture `pseudo` (tests/ui/conftest.py), build and show the window; then `untranslated(window, data)` gives the texts with
words outside of brackets. Ids, codes, numbers and units are data by their form; names and reasons that a test has put in are data by
`data`. Single letters are faces of keys.
"""

import re
from collections.abc import Iterable, Iterator

from PySide6.QtWidgets import QLabel, QWidget

from ui.widgets.head import StepRail

UNITS = frozenset({"kWh", "V", "°C", "dBm", "USD", "KES", "min", "h", "s", "m"})
WORD = re.compile(r"[^\W\d_][^\s\"“”,;:.!?()]*")
CODE = re.compile(r".*[\d_@]|[A-Z]{2,}(-[A-Z0-9]*)*$")  # an id, a number with its unit, a state of the platform: BAT-12345, BATTERY_LOST


def untranslated(window: QWidget, data: Iterable[str] = ()) -> list[str]:
    """The visible texts of `window` with words outside of brackets that are not data."""
    known = sorted(data, key=len, reverse=True)
    return sorted({text for text in texts(window) if _words(text, known)})


def texts(window: QWidget) -> Iterator[str]:
    """What a person reads or hears on the visible widgets."""
    for widget in window.findChildren(QWidget):
        if not widget.isVisible():
            continue
        if isinstance(widget, QLabel):
            yield widget.text()
        if isinstance(widget, StepRail):
            yield from widget._words  # painted; it says the current one only
        yield widget.accessibleName()


def _words(text: str, known: list[str]) -> list[str]:
    left = outside_brackets(text)
    for each in known:
        left = left.replace(each, " ")
    return [word for word in WORD.findall(left) if len(word) > 1 and word not in UNITS and not CODE.match(word)]


def outside_brackets(text: str) -> str:
    """The text without what stands in brackets, which may stand in one another: a translated value in a translated sentence."""
    depth, left = 0, []
    for character in text:
        if character == "[":
            depth += 1
            left.append(" ")
        elif character == "]":
            depth -= 1
        elif depth == 0:
            left.append(character)
    return "".join(left)
