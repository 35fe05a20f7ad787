"""Breaking words into lines, for the widgets that draw their words themselves.

Never loses a word: what does not fit in width stays on its line and is reported by the widget's `overflowing`.
"""

from typing import Protocol, runtime_checkable

from PySide6.QtCore import Qt

from ui.widgets.theme import TextMetrics

_MIDDLE = Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextDontClip.value
LEFT = Qt.AlignmentFlag.AlignLeft.value | _MIDDLE  # for QPainter.drawText: in the middle of the height, at the left
RIGHT = Qt.AlignmentFlag.AlignRight.value | _MIDDLE
CENTRE = Qt.AlignmentFlag.AlignHCenter.value | _MIDDLE


@runtime_checkable
class DrawsWords(Protocol):
    """A widget that draws words itself and can tell which of them do not fit."""

    def overflowing(self) -> list[str]:
        """The words that are cut off at the present size; empty when all fit."""
        ...


def lines(metrics: TextMetrics, words: str, width: int) -> list[str]:
    """`words` broken at spaces into lines of at most `width` px where that is possible."""
    out: list[str] = []
    for word in words.split():
        longer = f"{out[-1]} {word}" if out else word
        if out and metrics.width(longer) <= width:
            out[-1] = longer
        else:
            out.append(word)
    return out


def narrowest(metrics: TextMetrics, words: str, most_lines: int) -> int:
    """The least width in px in which `words` take at most `most_lines` lines."""
    parts = words.split()
    widths = sorted({metrics.width(" ".join(parts[i:j])) for i in range(len(parts)) for j in range(i + 1, len(parts) + 1)})
    for width in widths:
        fitting = lines(metrics, words, width)
        if len(fitting) <= most_lines and all(metrics.width(line) <= width for line in fitting):
            return width
    return 0


def widest(metrics: TextMetrics, texts: list[str]) -> int:
    """The width of the widest of `texts` in px."""
    return max((metrics.width(text) for text in texts), default=0)
