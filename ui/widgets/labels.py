"""Words on the screen: labels by type role and tone, a sentence with its icon, a number with its unit, icons, names with their values.

All take plain text only: a name that looks like markup is shown as it is. Setters change the words in place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from kiosk.domain.display import placed
from ui.widgets.theme import LEFT, RIGHT, TextMetrics, Theme
from ui.widgets.tokens import SMALLER

NO_NAMES = frozenset[str]()


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
        if out and metrics.width(f"{out[-1]} {word}") <= width:
            out[-1] += f" {word}"
        else:
            out.append(word)
    return out


def narrowest(metrics: TextMetrics, words: str, most_lines: int) -> int:
    """The least width in px in which `words` take at most `most_lines` lines."""
    parts = words.split()
    for width in sorted({metrics.width(" ".join(parts[i:j])) for i in range(len(parts)) for j in range(i + 1, len(parts) + 1)}):
        fitting = lines(metrics, words, width)
        if len(fitting) <= most_lines and widest(metrics, fitting) <= width:
            return width
    return 0


def widest(metrics: TextMetrics, texts: list[str]) -> int:
    """The width of the widest of `texts` in px."""
    return max((metrics.width(text) for text in texts), default=0)


SIGNAL_ICON = {
    "ok": "check-circle-fill",
    "attention": "warning-fill",
    "stop": "x-circle-fill",
    "muted": "info-bold",
    "text": "info-bold",
    "accent": "info-fill",
}


def set_shown(widget: QWidget, *, shown: bool) -> None:
    """Hide a part, or let it be seen with its parent. `setVisible(True)` would open a window of its own for a part that has no
    parent yet, and it would flash on the counter's screen."""
    if shown and widget.parentWidget() is None:
        widget.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, on=False)
    else:
        widget.setVisible(shown)


def figures_of(role: str) -> str:
    """The figures of numbers in a type role, a name in `theme.FEATURES`."""
    return "plain" if role == "hero" else "tabular"


class Label(QLabel):
    """Words of one type role and tone. They wrap unless `wrap` is off (ids, single numbers)."""

    def __init__(self, theme: Theme, words: str, role: str = "body", tone: str = "text", *, figures: str = "", wrap: bool = True) -> None:
        super().__init__(textFormat=Qt.TextFormat.PlainText, wordWrap=wrap)
        self._theme, self.tone = theme, tone
        self.setPalette(theme.palette(tone))
        self.setFont(theme.font(role, figures or figures_of(role)))
        self.setText(placed(words))

    def set_words(self, words: str) -> None:
        """Words from right to left stand where others do; an id with such letters reads from left to right."""
        words = placed(words)
        if words != self.text():
            self.setText(words)

    def set_tone(self, tone: str) -> None:
        if tone != self.tone:
            self.tone = tone
            self.setPalette(self._theme.palette(tone))


class Glyph(QWidget):
    """An icon, `side` px large."""

    def __init__(self, theme: Theme, icon: str, tone: str, *, side: int) -> None:
        super().__init__()
        self._theme, self.icon, self.tone = theme, icon, tone
        self.setFixedSize(side, side)

    def set_icon(self, icon: str, tone: str) -> None:
        self.icon, self.tone = icon, tone
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        self._theme.paint_icon(QPainter(self), self.icon, self.tone, QRectF(self.rect()))


class IconLabel(Label):
    """Icon and words of one tone: the only way a state is shown. One widget: the icon stands in the label's margin."""

    def __init__(self, theme: Theme, words: str, tone: str = "text", icon: str = "", role: str = "body", *, plain: bool = False) -> None:
        super().__init__(theme, words, role, "text" if plain else tone)
        self._plain = plain  # the icon alone has the tone
        self._side, self._line = theme.t.icon_px(role), theme.metrics(role).height
        self._icon, self._icon_tone = icon or SIGNAL_ICON[tone], tone
        self.setContentsMargins(self._side + theme.t.space("s"), 0, 0, 0)

    def say(self, words: str, tone: str, icon: str = "") -> None:
        """Change words, tone and icon in place."""
        self.set_words(words)
        self._icon, self._icon_tone = icon or SIGNAL_ICON[tone], tone
        self.set_tone("text" if self._plain else tone)
        self.update()

    def show_notice(self, tone: str, words: str, icon: str = "") -> None:
        """Change it in place; no words hide it."""
        self.say(words, tone, icon)
        set_shown(self, shown=bool(words))

    def paintEvent(self, _event: QPaintEvent) -> None:
        super().paintEvent(_event)
        if self.text():
            top = self._words_top() + (self._line - self._side) / 2
            left = self.contentsRect().left() - self._theme.t.space("s") - self._side
            self._theme.paint_icon(QPainter(self), self._icon, self._icon_tone, QRectF(left, round(top), self._side, self._side))

    def _words_top(self) -> int:
        """Where Qt begins the words, px from the label's top: they stand in the middle of its height."""
        flags = Qt.TextFlag.TextWordWrap.value | self.alignment().value
        return self.fontMetrics().boundingRect(self.contentsRect(), flags, self.text()).top()


class Figure(QWidget):
    """A number with its unit on one baseline. Takes the next smaller type role when it does not fit."""

    def __init__(
        self, theme: Theme, number: str = "", unit: str = "", role: str = "number", tone: str = "text", *, align: str = "left"
    ) -> None:
        super().__init__(sizePolicy=QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed))
        self._theme, self._role, self._align = theme, role, align
        self.number, self.unit, self.before, self.tone = "", "", "", tone
        self.set_figure(number, unit)

    def set_figure(self, number: str, unit: str = "", *, before: str = "", tone: str = "") -> None:
        """Change it in place; `before` stands small and muted in front ("55.5 →")."""
        shown = (number, unit, before, tone or self.tone)
        if shown != (self.number, self.unit, self.before, self.tone):
            self.number, self.unit, self.before, self.tone = shown
            self.setAccessibleName(" ".join(part for part in (before, number, unit) if part))
            self.updateGeometry()
            self.update()

    def _parts(self, role: str) -> list[tuple[str, str, str, int]]:
        """(words, role, tone, px wide) of what is drawn, left to right."""
        small = "lead" if role in {"hero", "number"} else "body"
        words = ((self.before, small, "muted"), (self.number, role, self.tone), (self.unit, small, self.tone))
        return [(text, kind, tone, self._theme.metrics(kind, figures_of(kind)).width(text)) for text, kind, tone in words if text]

    def _width(self, role: str) -> int:
        parts = self._parts(role)
        return sum(part[3] for part in parts) + max(0, len(parts) - 1) * self._theme.t.space("s")

    def _fitting(self) -> str:
        role = self._role
        while self._width(role) > self.width() and role in SMALLER:
            role = SMALLER[role]
        return role

    def sizeHint(self) -> QSize:
        metrics = self._theme.metrics(self._role)
        return QSize(self._width(self._role) + 2, round(metrics.ascent + metrics.descent * 0.8))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._width("lead"), self.sizeHint().height())

    def overflowing(self) -> list[str]:
        return [self.accessibleName()] if self._width(self._fitting()) > self.width() else []

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme, role = QPainter(self), self._theme, self._fitting()
        metrics, free = theme.metrics(self._role), self.width() - self._width(role)
        baseline = (self.height() - metrics.ascent - round(metrics.descent * 0.8)) // 2 + metrics.ascent
        x = {"left": 0, "right": free, "centre": free // 2}[self._align]
        for words, kind, tone, wide in self._parts(role):
            painter.setFont(theme.font(kind, figures_of(kind)))
            painter.setPen(theme.colour(tone))
            painter.drawText(x, baseline, words)
            x += wide + theme.t.space("s")


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
    """Names left, values right, figures aligned: one widget that draws all its lines, which break where it is narrow; nothing is cut.

    `set_value` changes one in place. Names in `ids` have their values set as ids, those in `strong` stand out. A page has many facts, and
    each label of its own would cost as much at every page switch as the whole block does.
    """

    def __init__(
        self, theme: Theme, pairs: Sequence[tuple[str, str]], *, role: str = "body", tone: str = "text", ids: frozenset[str] = NO_NAMES
    ) -> None:
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        super().__init__(sizePolicy=policy)
        self._theme, self._role, self._tone, self._facts = theme, role, tone, dict[str, Fact]()
        self._strong, self._gap = "strong", theme.t.space("s")
        self.show_facts(pairs, ids=ids)

    def set_dense(self, *, dense: bool) -> None:
        """Lines close together, and none larger than the others: for `show_facts` from now on."""
        self._strong, self._gap = ("label", self._theme.t.space("none")) if dense else ("strong", self._theme.t.space("s"))

    def show_facts(self, pairs: Sequence[tuple[str, str]], *, strong: frozenset[str] = NO_NAMES, ids: frozenset[str] = NO_NAMES) -> None:
        """Other facts in the place of these."""
        fresh = {name: self._fact(name, value, is_id=name in ids, is_strong=name in strong) for name, value in pairs}
        if fresh != self._facts:
            self._facts = fresh
            self._redraw()

    def _fact(self, name: str, value: str, *, is_id: bool, is_strong: bool) -> Fact:
        role, tone = self._role, self._tone
        return Fact(
            name=name,
            value=value,
            name_font=(self._strong if is_strong else role, "tabular"),
            value_font=(self._strong if role == "body" or is_strong else role, "id" if is_id else "tabular"),
            name_tone=tone if is_strong or tone != "text" else "muted",
            value_tone=tone,
        )

    def set_value(self, name: str, value: str, tone: str = "text") -> None:
        """Raises KeyError for a name that is not shown."""
        fact = self._facts[name]
        if (fact.value, fact.value_tone) != (value, tone):
            fact.value, fact.value_tone = value, tone
            self._redraw()

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Names and values as they are shown."""
        return tuple((fact.name, fact.value) for fact in self._facts.values())

    def _redraw(self) -> None:
        self.setAccessibleName("; ".join(f"{name}: {value}" for name, value in self.pairs()))
        self.updateGeometry()
        self.update()

    # -- sizes

    def _metrics(self, fact: Fact) -> tuple[TextMetrics, TextMetrics]:
        return self._theme.metrics(*fact.name_font), self._theme.metrics(*fact.value_font)

    def _broken(self, fact: Fact, width: int) -> tuple[list[str], list[str], int]:
        """The lines of name and value in `width` px and their height: the name breaks first, the value when two lines do not suffice."""
        name, value = self._metrics(fact)
        room = width - self._theme.t.space("m")
        value_lines = lines(value, fact.value, room - narrowest(name, fact.name, 2))
        name_lines = lines(name, fact.name, room - widest(value, value_lines))
        return name_lines, value_lines, max(len(name_lines) * name.height, len(value_lines) * value.height, name.height)

    def heightForWidth(self, width: int) -> int:
        gaps = self._gap * max(0, len(self._facts) - 1)
        return sum(self._broken(fact, width)[2] for fact in self._facts.values()) + gaps

    def sizeHint(self) -> QSize:
        gap = self._theme.t.space("m")
        wide = max((self._metrics(f)[0].width(f.name) + gap + self._metrics(f)[1].width(f.value) for f in self._facts.values()), default=0)
        return QSize(wide, self.heightForWidth(wide))

    def _needed(self, fact: Fact) -> int:
        """px of the gap and of the longest word of the name and of the value, which cannot be broken."""
        name, value = self._metrics(fact)
        return self._theme.t.space("m") + widest(name, fact.name.split()) + widest(value, fact.value.split())

    def minimumSizeHint(self) -> QSize:
        wide = max((self._needed(fact) for fact in self._facts.values()), default=0)
        return QSize(wide, self.heightForWidth(max(wide, self.width())))

    def overflowing(self) -> list[str]:
        wide = [fact.name for fact in self._facts.values() if self._needed(fact) > self.width()]
        return wide + ([self.accessibleName()] if self.heightForWidth(self.width()) > self.height() + 1 else [])

    # -- drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme, top, wide = QPainter(self), self._theme, 0, self.width()
        for fact in self._facts.values():
            name, value, high = self._broken(fact, wide)
            left, right = (name, fact.name_font, fact.name_tone, LEFT), (value, fact.value_font, fact.value_tone, RIGHT)
            for shown, font, tone, align in (left, right):
                area = QRectF(0, top, wide, theme.metrics(*font).height * len(shown))
                theme.write(painter, area, "\n".join(shown), font[0], tone, font[1], align)
            top += high + self._gap
