"""Names left, values right, figures aligned: one widget that draws all its lines.

A page has many facts, and each label of its own would cost as much at every page switch as the whole block does. Names and
values break into lines when the block is narrow; nothing is cut.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.widgets.labels import LEFT, RIGHT, lines, narrowest, widest
from ui.widgets.theme import TextMetrics, Theme

NO_NAMES = frozenset[str]()


@dataclass(slots=True)
class Fact:
    """One line: its words, and the type roles, figures and tones that they are set in."""

    name: str
    value: str
    name_font: tuple[str, str]
    value_font: tuple[str, str]
    name_tone: str
    value_tone: str


class Facts(QWidget):
    """`set_value` changes one in place. Names in `ids` have their values set as ids, those in `strong` stand out."""

    def __init__(
        self,
        theme: Theme,
        pairs: Sequence[tuple[str, str]],
        *,
        role: str = "body",
        tone: str = "text",
        ids: frozenset[str] = NO_NAMES,
        strong: frozenset[str] = NO_NAMES,
    ) -> None:
        super().__init__()
        self._theme, self._role, self._tone = theme, role, tone
        self._facts = self._make(pairs, ids, strong)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._set_name()

    def _make(self, pairs: Sequence[tuple[str, str]], ids: frozenset[str], strong: frozenset[str]) -> dict[str, Fact]:
        return {name: self._fact(name, value, is_id=name in ids, is_strong=name in strong) for name, value in pairs}

    def _fact(self, name: str, value: str, *, is_id: bool, is_strong: bool) -> Fact:
        role, tone = self._role, self._tone
        value_role = "strong" if role == "body" or is_strong else role
        return Fact(
            name=name,
            value=value,
            name_font=("strong" if is_strong else role, "tabular"),
            value_font=(value_role, "id" if is_id else "tabular"),
            name_tone=tone if is_strong or tone != "text" else "muted",
            value_tone=tone,
        )

    def show_facts(self, pairs: Sequence[tuple[str, str]], *, strong: frozenset[str] = NO_NAMES, ids: frozenset[str] = NO_NAMES) -> None:
        """Other facts in the place of these."""
        fresh = self._make(pairs, ids, strong)
        if fresh != self._facts:
            self._facts = fresh
            self._redraw()

    def set_value(self, name: str, value: str, tone: str = "text") -> None:
        """Raises KeyError for a name that is not shown."""
        fact = self._facts[name]
        if (fact.value, fact.value_tone) != (value, tone):
            fact.value, fact.value_tone = value, tone
            self._redraw()

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Names and values as they are shown."""
        return tuple((fact.name, fact.value) for fact in self._facts.values())

    def rename(self, words: dict[str, str]) -> None:
        """Show other words for names; `set_value` goes on with the names that it was made with."""
        for name, shown in words.items():
            self._facts[name].name = shown
        self._redraw()

    def _redraw(self) -> None:
        self._set_name()
        self.updateGeometry()
        self.update()

    def _set_name(self) -> None:
        self.setAccessibleName("; ".join(f"{name}: {value}" for name, value in self.pairs()))

    # -- sizes

    def _metrics(self, fact: Fact) -> tuple[TextMetrics, TextMetrics]:
        return self._theme.metrics(*fact.name_font), self._theme.metrics(*fact.value_font)

    def _broken(self, fact: Fact, width: int) -> tuple[list[str], list[str]]:
        """The lines of name and value in `width` px: the name breaks first, the value when two lines do not suffice."""
        name, value = self._metrics(fact)
        gap = self._theme.t.space("m")
        value_lines = lines(value, fact.value, width - gap - narrowest(name, fact.name, 2))
        return lines(name, fact.name, width - gap - widest(value, value_lines)), value_lines

    def _height(self, fact: Fact, width: int) -> int:
        name, value = self._metrics(fact)
        name_lines, value_lines = self._broken(fact, width)
        return max(len(name_lines) * name.height, len(value_lines) * value.height, name.height)

    def heightForWidth(self, width: int) -> int:
        gaps = self._theme.t.space("s") * max(0, len(self._facts) - 1)
        return sum(self._height(fact, width) for fact in self._facts.values()) + gaps

    def sizeHint(self) -> QSize:
        gap = self._theme.t.space("m")
        wide = max((self._metrics(f)[0].width(f.name) + gap + self._metrics(f)[1].width(f.value) for f in self._facts.values()), default=0)
        return QSize(wide, self.heightForWidth(wide))

    def minimumSizeHint(self) -> QSize:
        gap = self._theme.t.space("m")
        wide = max((self._longest(fact) + gap for fact in self._facts.values()), default=0)
        return QSize(wide, self.heightForWidth(max(wide, self.width())))

    def _longest(self, fact: Fact) -> int:
        """px of the longest word of the name and of the value, which cannot be broken."""
        name, value = self._metrics(fact)
        return widest(name, fact.name.split()) + widest(value, fact.value.split())

    def overflowing(self) -> list[str]:
        gap = self._theme.t.space("m")
        wide = [fact.name for fact in self._facts.values() if self._longest(fact) + gap > self.width()]
        high = [self.accessibleName()] if self.heightForWidth(self.width()) > self.height() + 1 else []
        return wide + high

    # -- drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, top = QPainter(self), 0
        for fact in self._facts.values():
            high = self._height(fact, self.width())
            name, value = self._broken(fact, self.width())
            self._write(painter, top, name, fact.name_font, fact.name_tone, LEFT)
            self._write(painter, top, value, fact.value_font, fact.value_tone, RIGHT)
            top += high + self._theme.t.space("s")

    def _write(self, painter: QPainter, top: int, shown: list[str], font: tuple[str, str], tone: str, align: int) -> None:
        high = self._theme.metrics(*font).height * len(shown)
        painter.setFont(self._theme.font(*font))
        painter.setPen(self._theme.colour(tone))
        painter.drawText(QRectF(0, top, self.width(), high), align, "\n".join(shown))
