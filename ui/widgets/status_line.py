"""The status line: who and where, link, unsettled swaps, scanner, printer, clock.

Each item is a target as high as the line (12 mm, more on a large panel) and names itself by `key` when pressed. Calm items are grey words
with a green sign, or a grey one where nobody knows that it is well; what needs knowing is an amber block, what needs an act a red one. When
room is short the line gives way in this order: the attendant's name goes, calm items keep their sign only, blocks break into two lines.
Nothing is cut.
"""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.widgets.bars import TrainingTag, paint_stripes
from ui.widgets.button import Button
from ui.widgets.labels import LEFT, lines, narrowest, widest
from ui.widgets.surfaces import paint_box, paint_strip
from ui.widgets.theme import Theme
from ui.widgets.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusItem:
    """One item. `tone`: muted (calm), unknown (calm, and nobody says that it is well), attention, stop. `words` say age and count:
    "Offline 12 min".
    """

    key: str
    icon: str
    words: str
    tone: str = "muted"
    name: str = ""  # read out instead of the words


def line_height(t: Tokens) -> int:
    """px: a target, and on a large panel, where type grows and targets do not, room for a block."""
    return max(t.target("least"), t.bar("signal") + t.space("xs"))


class StatusButton(Button):
    """One item of the line."""

    def __init__(self, theme: Theme, item: StatusItem) -> None:
        super().__init__(theme, item.words, item.icon, "key", name=item.name)
        self.item, self.form = item, "full"
        self.setFixedHeight(line_height(theme.t))

    def show_item(self, item: StatusItem) -> None:
        if item != self.item:
            self.item = item
            self.set_face(item.words, item.icon, name=item.name)
            self.update()

    @property
    def calm(self) -> bool:
        return self.item.tone in {"muted", "unknown"}

    def _role(self) -> str:
        return "small" if self.calm else "label"

    def width_as(self, form: str) -> int:
        """px wide as "full", "icon" or "two" (lines)."""
        t, metrics = self.theme.t, self.theme.metrics(self._role())
        words = {"full": metrics.width(self.words), "two": narrowest(metrics, self.words, 2), "icon": -t.space("xs")}[form]
        return max(t.target("least"), 2 * t.space("s") + t.icon_px("body") + t.space("xs") + words + 2)

    def sizeHint(self) -> QSize:
        return QSize(self.width_as("full"), self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.t.target("least"), self.height())

    def overflowing(self) -> list[str]:
        return [self.words] if self.width() < self.width_as(self.form) else []

    def _box(self) -> tuple[str, str, str]:
        """(ground, border, stroke) of the block behind the words; no ground for a calm item at rest."""
        if self.isDown():
            return "accent_soft", "accent", "ring"
        if self.ringed():
            return "surface", "accent", "ring"
        return ("", "", "") if self.calm else (f"{self.item.tone}_soft", self.item.tone, "hairline")

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme, t = QPainter(self), self.theme, self.theme.t
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        high = t.bar("signal")
        block = QRectF(0, (self.height() - high) / 2, self.width(), high)
        ground, border, stroke = self._box()
        if ground:
            paint_box(painter, theme, block, ground, border, stroke)
        metrics, side = theme.metrics(self._role()), t.icon_px("body")
        room = self.width() - 2 * t.space("s") - side - t.space("xs")
        shown = {"full": [self.words], "two": lines(metrics, self.words, room), "icon": []}[self.form]
        wide = side + (t.space("xs") + widest(metrics, shown) if shown else 0)
        x = (self.width() - wide) / 2
        tone = {"muted": "ok", "unknown": "muted"}.get(self.item.tone, self.item.tone)
        theme.paint_icon(painter, self.item.icon, tone, QRectF(x, (self.height() - side) / 2, side, side))
        painter.setFont(theme.font(self._role()))
        painter.setPen(theme.colour("muted" if self.calm else self.item.tone))
        at = QRectF(x + side + t.space("xs"), 0, wide, self.height())
        painter.drawText(at, LEFT, "\n".join(shown))


class StatusLine(QWidget):
    """The line itself: draws station, attendant and clock, and places the items."""

    pressed = Signal(str)  # key of the item

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._theme = theme
        self._items: dict[str, StatusButton] = {}
        self._station, self._attendant, self._clock, self._form, self._fits = "", "", "", 0, True
        self._tag = TrainingTag(theme) if theme.t.training else None
        if self._tag:
            self._tag.setParent(self)
        self.setFixedHeight(line_height(theme.t))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_language(self) -> None:
        """Show the line's own words in the language of now; the items' words come with `show_items`."""
        if self._tag:
            self._tag.show_language()
        self._arrange()

    def show_who(self, station: str, attendant: str) -> None:
        self._station, self._attendant = station, attendant
        self._arrange()

    def show_clock(self, words: str) -> None:
        if words != self._clock:
            self._clock = words
            self._arrange()

    def show_items(self, items: tuple[StatusItem, ...]) -> None:
        """Update in place; items appear in this order, left to right."""
        if [item.key for item in items] != list(self._items):
            self._rebuild(items)
        for item in items:
            self._items[item.key].show_item(item)
        self._arrange()

    def items(self) -> tuple[StatusItem, ...]:
        """What is shown now, left to right."""
        return tuple(button.item for button in self._items.values())

    def _rebuild(self, items: tuple[StatusItem, ...]) -> None:
        for button in self._items.values():
            button.hide()
            button.deleteLater()
        self._items = {item.key: StatusButton(self._theme, item) for item in items}
        for key, button in self._items.items():
            button.setParent(self)
            button.clicked.connect(lambda _checked=False, key=key: self.pressed.emit(key))
            button.show()

    def overflowing(self) -> list[str]:
        return [] if self._fits else [self._station, *(button.words for button in self._items.values())]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    # -- places

    def _clock_width(self) -> int:
        return self._theme.metrics("label").width(self._clock)

    def _left_width(self, form: int) -> int:
        """px of what stands left: the tag in training, else station and attendant."""
        if self._tag:
            return self._tag.full_width() if form == 0 else self._tag.short_width()
        t, both = self._theme.t, self._theme.metrics("label").width(self._station)
        if form == 0 and self._attendant:
            both += t.space("m") + self._theme.metrics("small").width(self._attendant)
        return both if form < 3 else narrowest(self._theme.metrics("label"), self._station, 2)

    def _item_form(self, button: StatusButton, form: int) -> str:
        if button.calm:
            return "icon" if form >= 2 else "full"
        return "two" if form >= 3 else "full"

    def _right_width(self, form: int) -> int:
        t = self._theme.t
        widths = [button.width_as(self._item_form(button, form)) for button in self._items.values()]
        return sum(widths) + len(widths) * t.between() + self._clock_width() + (2 * t.space("s") if self._tag else 0)

    def _arrange(self) -> None:
        t = self._theme.t
        room = self.width() - 2 * t.space("xl")
        needs = [self._left_width(form) + t.space("m") + self._right_width(form) for form in range(4)]
        self._form = next((form for form, need in enumerate(needs) if need <= room), 3)
        self._fits = needs[self._form] <= room
        x = self.width() - t.space("xl") - self._right_width(self._form) + (t.space("s") if self._tag else 0)
        for button in self._items.values():
            button.form = self._item_form(button, self._form)
            wide = button.width_as(button.form)
            button.setGeometry(x, 0, wide, self.height())
            x += wide + t.between()
        if self._tag:
            high = self._tag.height()
            self._tag.setGeometry(t.space("xl"), (self.height() - high) // 2, self._left_width(self._form), high)
        self.update()

    # -- drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme, t = QPainter(self), self._theme, self._theme.t
        paint_strip(painter, theme, self.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        right = self.width() - t.space("xl")
        if self._tag:
            paint_stripes(painter, theme, self.rect())
            high, wide = t.bar("rail"), self._right_width(self._form)
            paint_box(painter, theme, QRectF(right - wide, (self.height() - high) / 2, wide, high), "surface", "accent", "hairline")
            right -= t.space("s")
        else:
            self._paint_who(painter)
        painter.setFont(theme.font("label"))
        painter.setPen(theme.colour("text"))
        at = QRectF(right - self._clock_width(), 0, self._clock_width() + 1, self.height())
        painter.drawText(at, LEFT, self._clock)

    def _paint_who(self, painter: QPainter) -> None:
        theme, t = self._theme, self._theme.t
        wide = self._left_width(1) if self._form < 3 else self._left_width(3)
        shown = lines(theme.metrics("label"), self._station, wide)
        painter.setFont(theme.font("label"))
        painter.setPen(theme.colour("text"))
        at = QRectF(t.space("xl"), 0, wide + 1, self.height())
        painter.drawText(at, LEFT, "\n".join(shown))
        if self._form == 0:
            painter.setFont(theme.font("small"))
            painter.setPen(theme.colour("muted"))
            at = QRectF(t.space("xl") + wide + t.space("m"), 0, self.width(), self.height())
            painter.drawText(at, LEFT, self._attendant)
