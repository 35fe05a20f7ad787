"""Where the lines of a receipt stand: a column that grows downwards, and the drawing it leaves behind.

Pure: the widths of letters come from the `FontWidths` passed in. Nothing is clipped: what is too long wraps, at spaces where it can and
inside a word where it must. All lengths are points; y grows downwards from the top of the column, x from its left edge.
"""

from dataclasses import dataclass, field
from typing import Protocol

LINE = 1.3  # line height against type size
GAP = 6.0  # least room between a name and its value
TAIL = 6  # characters at the end of an id that stay together: they tell it from others
MIN_VALUE_SHARE = 0.42  # a value gets at least this much of the width beside its name, else its own lines


@dataclass(frozen=True, slots=True)
class TypeStyle:
    """Type: size in points, weight."""

    size: float
    bold: bool = False

    @property
    def line(self) -> float:
        """From one baseline to the next."""
        return self.size * LINE


BODY = TypeStyle(9)
STRONG = TypeStyle(9, bold=True)
NOTE = TypeStyle(8.5)
FIGURE = TypeStyle(11, bold=True)
TOTAL = TypeStyle(17, bold=True)
NAME = TypeStyle(11, bold=True)
TITLE = TypeStyle(15, bold=True)


class FontWidths(Protocol):
    """What the layout has to know about the font."""

    def width(self, text: str, style: TypeStyle) -> float:
        """In points."""

    def reach(self, text: str, style: TypeStyle) -> tuple[float, float]:
        """How far letters stand out above and below the baseline, in points; 0 where a line has room for them."""

    def printable(self, text: str) -> str:
        """The text, cleaned, with its number in Unicode for a letter that no font has: an id stays the same id."""

    def printable_name(self, text: str) -> str:
        """The same of a name: without signs that no font has, "" where a letter is missing."""

    def breaks_before(self, word: str, place: int) -> bool:
        """Whether a word may be cut there."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line; `y` is its baseline; `inverse` is white, on a bar."""

    x: float
    y: float
    text: str
    style: TypeStyle
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A black box, or the outline of one."""

    x: float
    y: float
    width: float
    height: float
    filled: bool = True


@dataclass(frozen=True, slots=True)
class QrCode:
    """A code on white with its quiet zone inside `size`."""

    x: float
    y: float
    size: float
    text: str


Item = TextLine | Box | QrCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A laid out receipt: the column's size, what stands in it, and the words across it ("" for none)."""

    width: float
    height: float
    items: tuple[Item, ...]
    across: str = ""


@dataclass(slots=True)
class Column:
    """A column being filled from the top; `y` is the lower edge of what stands in it."""

    fonts: FontWidths
    width: float
    y: float = 0.0
    items: list[Item] = field(default_factory=list)

    def space(self, height: float) -> None:
        """Leave room."""
        self.y += height

    def rule(self, thickness: float = 0.75, above: float = 5.0, below: float = 4.0) -> None:
        """A line from edge to edge."""
        self.y += above
        self.items.append(Box(0, self.y, self.width, thickness))
        self.y += thickness + below

    def text(self, text: str, style: TypeStyle = BODY, *, centred: bool = False) -> None:
        """A paragraph, wrapped; nothing for no text."""
        for line in self.wrapped(text, style, self.width):
            x = (self.width - self.fonts.width(line, style)) / 2 if centred else 0.0
            self._line(((x, line, style),), style.line)

    def pair(self, name: str, value: str, name_style: TypeStyle = BODY, value_style: TypeStyle = STRONG) -> None:
        """A name at the left and its value at the right, on one line where both have room; else the value stands below.

        A value that has no room beside its name wraps there if it is of several words and keeps a fair share of the width.
        """
        name, value = self.fonts.printable(name), self.fonts.printable(value)
        beside = self.width - self.fonts.width(name, name_style) - GAP
        fits = self.fonts.width(value, value_style) <= beside
        breaks_well = " " in value and all(self.fonts.width(word, value_style) <= beside for word in value.split(" "))
        if fits or (beside >= self.width * MIN_VALUE_SHARE and breaks_well):
            first, *lines = self.wrapped(value, value_style, beside) or [""]
            self._line(((0.0, name, name_style), self._right(first, value_style)), max(name_style.line, value_style.line))
        else:
            self.text(name, name_style)
            lines = self.wrapped(value, value_style, self.width)
        for line in lines:
            self._line((self._right(line, value_style),), value_style.line)

    def band(self, text: str, style: TypeStyle) -> None:
        """White words on a black bar."""
        inner, padding = self.width - 2 * GAP, style.size * 0.4
        style = self.fitted(text, style, BODY.size, inner)
        lines = self.wrapped(text, style, inner)
        self.items.append(Box(0, self.y, self.width, len(lines) * style.line + 2 * padding))
        self.y += padding
        for line in lines:
            self.y += style.line
            x = (self.width - self.fonts.width(line, style)) / 2
            self.items.append(TextLine(x, self.y - style.size * 0.32, line, style, inverse=True))
        self.y += padding

    def notice(self, heading: str, text: str) -> None:
        """A framed remark."""
        top, inner = self.y, self.width - 2 * GAP
        self.y += GAP * 0.6
        for words, style in ((heading, STRONG), (text, NOTE)):
            for line in self.wrapped(words, style, inner):
                self._line(((GAP, line, style),), style.line)
        self.y += GAP
        self.items.append(Box(0, top, self.width, self.y - top, filled=False))

    def code(self, text: str, size: float) -> None:
        """A QR code in the middle."""
        self.items.append(QrCode((self.width - size) / 2, self.y, size, text))
        self.y += size

    def fitted(self, text: str, style: TypeStyle, least_size: float, width: float) -> TypeStyle:
        """The style, down to `least_size` where that saves a line from breaking; else as it was."""
        natural = self.fonts.width(self.fonts.printable(text), style)
        if natural <= width or natural * least_size > width * style.size:
            return style
        return TypeStyle(style.size * width / natural * 0.999, style.bold)

    def wrapped(self, text: str, style: TypeStyle, width: float) -> list[str]:
        """The lines of a paragraph, each at most `width` wide (a single letter may be wider)."""
        lines: list[str] = []
        for word in self.fonts.printable(text).split(" "):
            if not word:
                continue
            together = f"{lines[-1]} {word}" if lines else word
            if self.fonts.width(together, style) <= width:
                lines[-1:] = [together]
            else:
                lines.extend(self._broken(word, style, width))
        return lines

    def drawing(self, across: str = "") -> Drawing:
        """What stands in the column now."""
        return Drawing(width=self.width, height=self.y, items=tuple(self.items), across=self.fonts.printable(across))

    def _broken(self, word: str, style: TypeStyle, width: float) -> list[str]:
        pieces: list[str] = []
        while self.fonts.width(word, style) > width and len(word) > 1:
            cut = max(1, min(self._fitting(word, style, width), len(word) - TAIL))
            pieces.append(word[:cut])
            word = word[cut:]
        return [*pieces, word]

    def _fitting(self, word: str, style: TypeStyle, width: float) -> int:
        longest = next((n for n in range(1, len(word) + 1) if self.fonts.width(word[:n], style) > width), len(word) + 1) - 1
        tidy = max(word.rfind(mark, longest // 2, longest) for mark in "-_./:") + 1
        return tidy or next((cut for cut in range(longest, 0, -1) if cut == len(word) or self.fonts.breaks_before(word, cut)), longest)

    def _right(self, text: str, style: TypeStyle) -> tuple[float, str, TypeStyle]:
        return self.width - self.fonts.width(text, style), text, style

    def _line(self, parts: tuple[tuple[float, str, TypeStyle], ...], height: float) -> None:
        reaches = [self.fonts.reach(text, style) for _, text, style in parts]
        self.y += max(height * 0.75, *(above for above, _ in reaches))
        self.items.extend(TextLine(x, self.y, text, style) for x, text, style in parts if text)
        self.y += max(height * 0.25, *(below for _, below in reaches))
