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
from ui.widgets.fitting import CUT, breakable, fitted, least, lines, narrowest, smaller, split_tail, widest
from ui.widgets.theme import LEFT, RIGHT, TextMetrics, Theme
from ui.widgets.tokens import SMALLER

NO_NAMES = frozenset[str]()


@runtime_checkable
class DrawsWords(Protocol):
    """A widget that draws words itself and can tell which of them do not fit."""

    def overflowing(self) -> list[str]:
        """The words that are cut off at the present size; empty when all fit."""
        ...


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
        self._words = ""
        self.set_words(words)

    def text(self) -> str:
        """The words as they were given; long ids in them may be broken or shortened on the screen."""
        return self._words

    def set_words(self, words: str) -> None:
        """Words from right to left stand where others do; an id with such letters reads from left to right."""
        if words != self._words:
            shown = placed(breakable(words) if self.wordWrap() else words)
            if shown != words or self.accessibleName():
                self.setAccessibleName(words if shown != words else "")
            self._words = words
            self.setText(shown)

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
        return self.fontMetrics().boundingRect(self.contentsRect(), flags, QLabel.text(self)).top()


class IdLabel(Label):
    """An id, or a name, alone in its place: by the rule of `ui.widgets.fitting` one size smaller, then in two lines, then shortened with
    its end standing out. It keeps its height where one line suffices."""

    def __init__(self, theme: Theme, words: str, role: str, tone: str = "text", *, figures: str = "id") -> None:
        self._roles, self._figures = (role, smaller(role)), figures
        super().__init__(theme, words, role, tone, figures=figures, wrap=False)

    def hasHeightForWidth(self) -> bool:
        return True  # not by its policy, which a QLabel sets anew with each text

    def _high(self, role: str, count: int = 1) -> int:
        """px of so many lines; ids have next to nothing below their line, as a figure."""
        metrics = self._theme.metrics(role, self._figures)
        return (count - 1) * metrics.height + round(metrics.ascent + metrics.descent * 0.8)

    def _fit(self, width: int, height: int = 0) -> tuple[str, list[str]]:
        """The type role and the lines in `width` px, and where it is given in `height` px."""
        first, second = self._roles
        if 0 < height < self._high(second) - 1:
            second = smaller(second)
        metrics = self._theme.metrics(second, self._figures)
        if self._theme.metrics(first, self._figures).width(self._words) <= width and not 0 < height < self._high(first) - 1:
            return first, [self._words]
        return second, fitted(metrics, self._words, width, 1 if 0 < height < self._high(second, 2) else 2)

    def heightForWidth(self, width: int) -> int:
        role, shown = self._fit(width)
        return max(self._high(self._roles[0]), self._high(role, len(shown)))

    def sizeHint(self) -> QSize:
        metrics = self._theme.metrics(self._roles[0], self._figures)
        return QSize(metrics.width(self._words) + 1, self._high(self._roles[0]))

    def minimumSizeHint(self) -> QSize:
        metrics = self._theme.metrics(self._roles[1], self._figures)
        return QSize(metrics.width(least(self._words)) + 1, self._high(self._roles[1]))

    def overflowing(self) -> list[str]:
        role, shown = self._fit(self.width(), self.height())
        wide = widest(self._theme.metrics(role, self._figures), shown)
        fits = wide <= self.width() and self._high(role, len(shown)) <= self.height() + 1
        return [] if fits or not self._words else [self._words]

    def paintEvent(self, _event: QPaintEvent) -> None:
        role, shown = self._fit(self.width(), self.height())
        high = self._theme.metrics(role, self._figures).height * len(shown)
        area = QRectF(0, (self.height() - high) / 2, self.width(), high)
        align = RIGHT if self.alignment() & Qt.AlignmentFlag.AlignRight else LEFT
        write_lines(QPainter(self), self._theme, area, shown, (role, self._figures), self.tone, align)


def write_lines(
    painter: QPainter, theme: Theme, area: QRectF, shown: Sequence[str], font: tuple[str, str], tone: str, align: int = LEFT
) -> None:
    """Lines from the top of `area`, in a tone; of a shortened id the end alone has it, and what is before that is muted. `font`: type role
    and figures."""
    metrics, quiet = theme.metrics(*font), "muted" if tone == "text" else tone
    cut = any(CUT in line for line in shown)
    for number, line in enumerate(shown):
        place = QRectF(area.left(), area.top() + number * metrics.height, area.width(), metrics.height)
        head, tail = split_tail(line) if cut and number == len(shown) - 1 else (line, "")
        if not tail:
            theme.write(painter, place, line, font[0], quiet if CUT in line else tone, font[1], align)
            continue
        if align == RIGHT:
            place.setLeft(place.right() - metrics.width(head) - metrics.width(tail))
        theme.write(painter, place, head, font[0], quiet, font[1])
        place.setLeft(place.left() + metrics.width(head))
        theme.write(painter, place, tail, font[0], tone, font[1])


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

    `set_value` changes one in place. Names in `ids` have their values set as ids, those in `strong` stand out. Where it is `short` of room
    a long id in a name is shortened to one line. A page has many facts, and
    each label of its own would cost as much at every page switch as the whole block does.
    """

    def __init__(
        self,
        theme: Theme,
        pairs: Sequence[tuple[str, str]],
        *,
        role: str = "body",
        tone: str = "text",
        ids: frozenset[str] = NO_NAMES,
        short: bool = False,
    ) -> None:
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        super().__init__(sizePolicy=policy)
        self._theme, self._role, self._tone, self._short, self._facts = theme, role, tone, short, dict[str, Fact]()
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
        beside = room - widest(value, value_lines)
        name_lines = fitted(name, fact.name, beside, 1) if self._short else lines(name, fact.name, beside)
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
        return self._theme.t.space("m") + widest(name, least(fact.name).split()) + widest(value, least(fact.value).split())

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
                write_lines(painter, theme, QRectF(0, top, wide, high), shown, font, tone, align)
            top += high + self._gap
