"""Words on the screen: labels by type role and tone, ids, a sentence with its icon, a number with its unit, icons.

All take plain text only: a name that looks like markup is shown as it is. Setters change the words in place.
"""

from typing import Protocol, runtime_checkable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.widgets.theme import TextMetrics, Theme

ICON = "user-bold"


class Heading(QWidget):
    """Title and customer."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.title, self.customer = "", ""
        self.setFixedHeight(theme.metrics("title").height)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)

    def show_heading(self, title: str, customer: str = "") -> None:
        """Change both in place."""
        if (title, customer) != (self.title, self.customer):
            self.title, self.customer = title, customer
            self.setAccessibleName(f"{title}, {customer}" if customer else title)
            self.update()

    def _customer_width(self) -> int:
        """px of icon, gap and name, and the gap before them; nothing without a customer."""
        if not self.customer:
            return 0
        t = self._theme.t
        return t.space("l") + t.icon_px("body") + t.space("s") + self._theme.metrics("lead").width(self.customer)

    def _role(self) -> str:
        room = self.width() - self._customer_width()
        return next((role for role in ("title", "lead") if self._theme.metrics(role).width(self.title) <= room), "strong")

    def overflowing(self) -> list[str]:
        needed = self._theme.metrics(self._role()).width(self.title) + self._customer_width()
        return [self.title] if needed > self.width() else []

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme, role = QPainter(self), self._theme, self._role()
        painter.setPen(theme.colour("text"))
        painter.setFont(theme.font(role))
        painter.drawText(self.rect(), LEFT, self.title)
        if not self.customer:
            return
        side, wide = theme.t.icon_px("body"), theme.metrics("lead").width(self.customer)
        left = self.width() - wide
        painter.setFont(theme.font("lead"))
        painter.drawText(QRectF(left, 0, wide + 1, self.height()), LEFT, self.customer)
        at = QRectF(left - theme.t.space("s") - side, (self.height() - side) / 2, side, side)
        theme.paint_icon(painter, ICON, "muted", at)


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


class Label(QLabel):
    """Words of one type role and tone. They wrap unless `wrap` is off (ids, single numbers)."""

    def __init__(self, theme: Theme, words: str, role: str = "body", tone: str = "text", *, figures: str = "", wrap: bool = True) -> None:
        super().__init__()
        self._theme = theme
        self.tone = tone
        self.setPalette(theme.palette(tone))
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(theme.font(role, figures or ("plain" if role == "hero" else "tabular")))
        self.setWordWrap(wrap)
        self.setText(words)

    def set_words(self, words: str) -> None:
        if words != self.text():
            self.setText(words)

    def set_tone(self, tone: str) -> None:
        if tone != self.tone:
            self.tone = tone
            self.setPalette(self._theme.palette(tone))


class Glyph(QWidget):
    """An icon beside words of a type role, or `side` px large."""

    def __init__(self, theme: Theme, icon: str, tone: str = "text", role: str = "lead", *, side: int = 0) -> None:
        super().__init__()
        self._theme = theme
        self.icon, self.tone = icon, tone
        self._side = side or theme.t.icon_px(role)
        self.setFixedSize(self._side, self._side)

    def set_icon(self, icon: str, tone: str) -> None:
        if (icon, tone) != (self.icon, self.tone):
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
            at = QRectF(left, round(top), self._side, self._side)
            self._theme.paint_icon(QPainter(self), self._icon, self._icon_tone, at)

    def _words_top(self) -> int:
        """Where Qt begins the words, px from the label's top: they stand in the middle of its height."""
        inside = self.contentsRect()
        flags = Qt.TextFlag.TextWordWrap.value | self.alignment().value
        return self.fontMetrics().boundingRect(inside, flags, self.text()).top()


class Figure(QWidget):
    """A number with its unit on one baseline. Takes the next smaller type role when it does not fit."""

    def __init__(
        self, theme: Theme, number: str = "", unit: str = "", role: str = "number", tone: str = "text", *, align: str = "left"
    ) -> None:
        super().__init__()
        self._theme, self._role, self._align = theme, role, align
        self.number, self.unit, self.tone, self.before = number, unit, tone, ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._set_name()

    def set_figure(self, number: str, unit: str = "", *, before: str = "", tone: str = "") -> None:
        """Change it in place; `before` stands small and muted in front ("55.5 →")."""
        shown = (number, unit, before, tone or self.tone)
        if shown != (self.number, self.unit, self.before, self.tone):
            self.number, self.unit, self.before, self.tone = shown
            self._set_name()
            self.updateGeometry()
            self.update()

    def _set_name(self) -> None:
        self.setAccessibleName(" ".join(part for part in (self.before, self.number, self.unit) if part))

    def _figures(self, role: str) -> str:
        return "plain" if role == "hero" else "tabular"

    def _parts(self, role: str) -> list[tuple[str, str, str, int]]:
        """(words, role, tone, px wide) of what is drawn, left to right."""
        small = "lead" if role in {"hero", "number"} else "body"
        words = ((self.before, small, "muted"), (self.number, role, self.tone), (self.unit, small, self.tone))
        return [(text, kind, tone, self._theme.metrics(kind, self._figures(kind)).width(text)) for text, kind, tone in words if text]

    def _width(self, role: str) -> int:
        parts = self._parts(role)
        return sum(part[3] for part in parts) + max(0, len(parts) - 1) * self._theme.t.space("s")

    def _fitting(self) -> str:
        role = self._role
        while self._width(role) > self.width() and role in self._theme.t.smaller:
            role = self._theme.t.smaller[role]
        return role

    def sizeHint(self) -> QSize:
        metrics = self._theme.metrics(self._role)
        return QSize(self._width(self._role) + 2, round(metrics.ascent + metrics.descent * 0.8))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._width("lead"), self.sizeHint().height())

    def overflowing(self) -> list[str]:
        fits = self._width(self._fitting()) <= self.width()
        return [] if fits else [self.accessibleName()]

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        role = self._fitting()
        metrics = theme.metrics(self._role)
        baseline = (self.height() - metrics.ascent - round(metrics.descent * 0.8)) // 2 + metrics.ascent
        free = self.width() - self._width(role)
        x = {"left": 0, "right": free, "centre": free // 2}[self._align]
        for words, kind, tone, wide in self._parts(role):
            painter.setFont(theme.font(kind, self._figures(kind)))
            painter.setPen(theme.colour(tone))
            painter.drawText(x, baseline, words)
            x += wide + theme.t.space("s")
