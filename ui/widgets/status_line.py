"""The status line says who and where, link, unsettled swaps, scanner, printer, clock. Each item is a target as high as the line (12 mm,
more on a large panel), names itself by `key` when pressed, and has a slot of fixed width: what changes its state or words moves nothing.
Calm items are grey words with a green sign, or a grey one where nobody knows that it is well; what needs knowing is an amber block, what
needs an act a red one. Words that are too long for the slot break into two lines; where these are too long too, the sign alone is left.
The clock is the last target: a block when something is wrong that has no slot of its own. The attendant's name goes where room is short;
where people sign in, who works here is a target beside the station, which keeps its sign where room is short.
"""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent

from kiosk.domain.language import tr
from ui.widgets.button import Button
from ui.widgets.fitting import lines, narrowest, widest
from ui.widgets.head import Strip
from ui.widgets.surfaces import TrainingTag, paint_box, paint_strip, paint_stripes, smooth_painter
from ui.widgets.theme import Theme
from ui.widgets.tokens import WIDTH_MM, Tokens

HEALTH = "health"  # key of the clock's target
PERSON = "person"  # key of who works here


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
        """px wide as "full", "two" (lines) or "icon"."""
        t, metrics = self.theme.t, self.theme.metrics(self._role())
        words = {"full": metrics.width(self.words), "two": narrowest(metrics, self.words, 2), "icon": -t.space("xs")}[form]
        return max(t.target("least"), 2 * t.space("s") + t.icon_px("body") + t.space("xs") + words + 2)

    def fit(self, wide: int) -> None:
        """Take the form that has room in a slot of this width."""
        self.form = next((form for form in ("full", "two") if self.width_as(form) <= wide), "icon")

    def sizeHint(self) -> QSize:
        return QSize(self.width_as("full"), self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.t.target("least"), self.height())

    def overflowing(self) -> list[str]:
        return [self.words] if self.width() < self.width_as(self.form) else []

    def _box(self) -> tuple[str, str, str]:
        """(ground, border, stroke) of the block behind the words; no ground for a calm item at rest."""
        if self.isDown() or self.ringed():
            return "accent_soft" if self.isDown() else "surface", "accent", "ring"
        return ("", "", "") if self.calm else (f"{self.item.tone}_soft", self.item.tone, "hairline")

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme, t = smooth_painter(self), self.theme, self.theme.t
        high = t.bar("signal") if self.form != "two" else self.height() - 2 * t.space("xs")
        ground, border, stroke = self._box()
        if ground:
            paint_box(painter, theme, QRectF(0, (self.height() - high) / 2, self.width(), high), ground, border, stroke)
        metrics, side = theme.metrics(self._role()), t.icon_px("body")
        halves = lines(metrics, self.words, narrowest(metrics, self.words, 2))
        shown = {"full": [self.words], "two": halves, "icon": []}[self.form]
        wide = side + (t.space("xs") + widest(metrics, shown) if shown else 0)
        x = t.space("s") if shown else (self.width() - side) / 2
        sign = {"muted": "ok", "unknown": "muted"}.get(self.item.tone, self.item.tone)
        theme.paint_icon(painter, self.item.icon, sign, QRectF(x, (self.height() - side) / 2, side, side))
        area = QRectF(x + side + t.space("xs"), 0, wide, self.height())
        theme.write(painter, area, "\n".join(shown), self._role(), "muted" if self.calm else self.item.tone)


class ClockButton(StatusButton):
    """The time, and behind it how everything is; as wide with a warning as without."""

    def sizeHint(self) -> QSize:
        t = self.theme.t
        words = self.theme.metrics("label").width(self.words)
        return QSize(2 * t.space("s") + t.icon_px("body") + t.space("xs") + words + 2, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.calm:
            super().paintEvent(event)
            return
        painter, t = smooth_painter(self), self.theme.t
        ground, border, stroke = self._box()
        if ground:
            high = t.bar("signal")
            paint_box(painter, self.theme, QRectF(0, (self.height() - high) / 2, self.width(), high), ground, border, stroke)
        wide = self.theme.metrics("label").width(self.words)
        self.theme.write(painter, QRectF(self.width() - t.space("s") - wide, 0, wide + 1, self.height()), self.words, "label", "text")


class StatusLine(Strip):
    """The line itself: draws station and attendant, and places the items and the clock."""

    pressed = Signal(str)  # key of the item, or HEALTH

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, line_height(theme.t))
        self._items: dict[str, StatusButton] = {}
        self._station, self._attendant = "", ""
        self._clock = ClockButton(theme, StatusItem(key=HEALTH, icon="warning-bold", words=""))
        self._clock.setParent(self)
        self._clock.hide()  # until the time is known
        self._clock.clicked.connect(lambda: self.pressed.emit(HEALTH))
        self._tag = TrainingTag(theme) if theme.t.training else None
        if self._tag:
            self._tag.setParent(self)
        self._person: StatusButton | None = None

    def show_language(self) -> None:
        """Show the line's own words in the language of now; the items' words come with `show_items`."""
        if self._tag:
            self._tag.show_language()
        self._arrange()

    def show_who(self, station: str, attendant: str) -> None:
        self.setAccessibleName(", ".join(each for each in (station, attendant) if each) or tr("Status"))
        self._station, self._attendant = station, attendant
        self._arrange()

    def show_person(self, item: StatusItem | None) -> None:
        """Who works here, in the place of the attendant's name; None where nobody signs in."""
        before = self._person.item if self._person is not None else None
        if item == before or self._tag:
            return
        if item is None or self._person is None:
            self._replace_person(item)
        else:
            self._person.show_item(item)
        self._arrange()

    def _replace_person(self, item: StatusItem | None) -> None:
        if self._person is not None:
            self._person.hide()
            self._person.deleteLater()
        self._person = StatusButton(self._theme, item) if item is not None else None
        if self._person is not None:
            self._person.setParent(self)
            self._person.clicked.connect(lambda: self.pressed.emit(PERSON))
            self._person.show()

    def show_clock(self, words: str, tone: str = "muted", name: str = "") -> None:
        """The time; `tone` as of an item, for what has no item of its own, and `name` what is read out."""
        item = StatusItem(key=HEALTH, icon="warning-bold", words=words, tone=tone, name=name)
        if item != self._clock.item:
            self._clock.show_item(item)
            self._clock.setVisible(bool(words))
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
        self._clock.raise_()

    def overflowing(self) -> list[str]:
        return [self._station] if self._left_width(who=False) > self._left_room() else []

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    # -- places

    def _left_width(self, *, who: bool) -> int:
        """px of what stands left: the tag in training, else the station, with the attendant where there is room for `who`."""
        if self._tag:
            return self._tag.full_width() if who else self._tag.short_width()
        if self._person is not None:
            return self._station_width(who=who) + self._theme.t.space("m") + self._person.width_as("full" if who else "icon")
        if not who:
            return self._station_width(who=False)
        attendant = self._theme.t.space("m") + self._theme.metrics("small").width(self._attendant) if self._attendant else 0
        return self._theme.metrics("label").width(self._station) + attendant

    def _station_width(self, *, who: bool) -> int:
        """px of the station's name on one line, with `who` beside it, else on two."""
        metrics = self._theme.metrics("label")
        return metrics.width(self._station) if who else narrowest(metrics, self._station, 2)

    def _slots(self) -> list[int]:
        """px of each item's slot: as the tokens say, less in equal shares on a screen that is too narrow for them."""
        t = self._theme.t
        wanted = [t.width(name) if (name := f"slot {key}") in WIDTH_MM else t.width("slot link") for key in self._items]
        room = self._right_edge() - t.space("xl") - self._left_width(who=False) - t.space("m") - self._clock_width()
        room -= len(wanted) * t.between()
        if sum(wanted) <= room:
            return wanted
        return [max(t.target("least"), wide * max(0, room) // sum(wanted)) for wide in wanted]

    def _clock_width(self) -> int:
        return max(self._theme.t.target("least"), self._clock.sizeHint().width())

    def _right_edge(self) -> int:
        """Where the clock ends: its words stand on the page's edge, in training its box does."""
        t = self._theme.t
        return self.width() - t.space("xl") + (0 if self._tag else t.space("s"))

    def _right_width(self) -> int:
        slots = self._slots()
        return sum(slots) + len(slots) * self._theme.t.between() + self._clock_width()

    def _left_room(self) -> int:
        t = self._theme.t
        return self._right_edge() - self._right_width() - t.space("m") - t.space("xl")

    def _arrange(self) -> None:
        t = self._theme.t
        x, high = self._right_edge() - self._right_width(), self.height()
        for button, wide in zip(self._items.values(), self._slots(), strict=True):
            button.fit(wide)
            button.setGeometry(x, 0, wide, high)
            x += wide + t.between()
        self._place_person()
        self._clock.fit(self._clock_width())
        self._clock.setGeometry(x, 0, self._clock_width(), high)
        if self._tag:
            tall = self._tag.height()
            wide = self._left_width(who=self._left_width(who=True) <= self._left_room())
            self._tag.setGeometry(t.space("xl"), (high - tall) // 2, wide, tall)
        self.update()

    def _place_person(self) -> None:
        """Beside the station; its words in one line, in two, or its sign alone, as there is room."""
        if self._person is None:
            return
        t, room = self._theme.t, self._left_room()
        station = self._station_width(who=self._left_width(who=True) <= room)
        self._person.fit(room - station - t.space("m"))
        x, wide = t.space("xl") + station + t.space("m"), self._person.width_as(self._person.form)
        self._person.setGeometry(x, 0, wide, self.height())

    # -- drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme, t = smooth_painter(self), self._theme, self._theme.t
        paint_strip(painter, theme, self.rect())
        if not self._tag:
            self._paint_who(painter)
            return
        paint_stripes(painter, theme, self.rect())
        high, wide = t.bar("rail"), self._right_width()
        box = QRectF(self._right_edge() - wide, (self.height() - high) / 2, wide, high)
        paint_box(painter, theme, box, "surface", "accent", "hairline")

    def _paint_who(self, painter: QPainter) -> None:
        theme, t, room = self._theme, self._theme.t, self._left_room()
        metrics = theme.metrics("label")
        if self._person is not None:
            room = self._person.x() - t.space("m") - t.space("xl")
        wide = min(room, metrics.width(self._station))
        shown = lines(metrics, self._station, wide)
        theme.write(painter, QRectF(t.space("xl"), 0, wide + 1, self.height()), "\n".join(shown), "label", "text")
        if self._person is None and self._left_width(who=True) <= room:
            at = QRectF(t.space("xl") + wide + t.space("m"), 0, self.width(), self.height())
            theme.write(painter, at, self._attendant, "small", "muted")
