"""What stands above every page: the status line, the step rail, the title.

The status line says who and where, link, unsettled swaps, scanner, printer, clock. Each item is a target as high as the line (12 mm, more
on a large panel) and names itself by `key` when pressed. Calm items are grey words with a green sign, or a grey one where nobody knows that
it is well; what needs knowing is an amber block, what needs an act a red one. When room is short the line gives way in this order: the
attendant's name goes, calm items keep their sign only, blocks break into two lines. Nothing is cut.

The step rail says where in a swap we are. It shows and never navigates.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.domain.language import mark, tr
from ui.widgets.button import Button
from ui.widgets.fitting import fitted, lines, narrowest, widest
from ui.widgets.surfaces import TrainingTag, paint_box, paint_strip, paint_stripes, smooth_painter
from ui.widgets.theme import Theme
from ui.widgets.tokens import Tokens

if TYPE_CHECKING:  # what the rules of a swap need would hold up the first picture
    from kiosk.domain.swap.swap import Step

STEPS = {  # the words of a Step by its value, in the order of the rail
    "customer": mark("Customer"),
    "returned": mark("Returned"),
    "new": mark("New"),
    "payment": mark("Payment"),
    "review": mark("Review"),
    "done": mark("Done"),
}
LOOK = {  # state: (icon or none for the number, tone of icon or number, tone of the word, role of both)
    "done": ("check-circle-fill", "ok", "text", "body"),
    "current": ("", "on_accent", "on_accent", "strong"),
    "todo": ("", "muted", "muted", "body"),
    "skipped": ("minus-circle-bold", "muted", "muted", "body"),
}


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
        if self.isDown() or self.ringed():
            return "accent_soft" if self.isDown() else "surface", "accent", "ring"
        return ("", "", "") if self.calm else (f"{self.item.tone}_soft", self.item.tone, "hairline")

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme, t = smooth_painter(self), self.theme, self.theme.t
        high, (ground, border, stroke) = t.bar("signal"), self._box()
        if ground:
            paint_box(painter, theme, QRectF(0, (self.height() - high) / 2, self.width(), high), ground, border, stroke)
        metrics, side = theme.metrics(self._role()), t.icon_px("body")
        room = self.width() - 2 * t.space("s") - side - t.space("xs")
        shown = {"full": [self.words], "two": lines(metrics, self.words, room), "icon": []}[self.form]
        wide = side + (t.space("xs") + widest(metrics, shown) if shown else 0)
        x = (self.width() - wide) / 2
        sign = {"muted": "ok", "unknown": "muted"}.get(self.item.tone, self.item.tone)
        theme.paint_icon(painter, self.item.icon, sign, QRectF(x, (self.height() - side) / 2, side, side))
        area = QRectF(x + side + t.space("xs"), 0, wide, self.height())
        theme.write(painter, area, "\n".join(shown), self._role(), "muted" if self.calm else self.item.tone)


class Strip(QWidget):
    """A strip across the window: as wide as there is room, and it paints all of its ground itself."""

    def __init__(self, theme: Theme, height: int) -> None:
        super().__init__(sizePolicy=QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFixedHeight(height)
        self._theme = theme


class StatusLine(Strip):
    """The line itself: draws station, attendant and clock, and places the items."""

    pressed = Signal(str)  # key of the item

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, line_height(theme.t))
        self._items: dict[str, StatusButton] = {}
        self._station, self._attendant, self._clock, self._form, self._fits = "", "", "", 0, True
        self._tag = TrainingTag(theme) if theme.t.training else None
        if self._tag:
            self._tag.setParent(self)

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
        metrics = self._theme.metrics("label")
        if form == 3:
            return narrowest(metrics, self._station, 2)
        attendant = self._theme.t.space("m") + self._theme.metrics("small").width(self._attendant) if form == 0 and self._attendant else 0
        return metrics.width(self._station) + attendant

    def _item_form(self, button: StatusButton, form: int) -> str:
        first, narrower = (2, "icon") if button.calm else (3, "two")
        return narrower if form >= first else "full"

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
        painter, theme, t = smooth_painter(self), self._theme, self._theme.t
        paint_strip(painter, theme, self.rect())
        right = self.width() - t.space("xl")
        if self._tag:
            paint_stripes(painter, theme, self.rect())
            high, wide = t.bar("rail"), self._right_width(self._form)
            paint_box(painter, theme, QRectF(right - wide, (self.height() - high) / 2, wide, high), "surface", "accent", "hairline")
            right -= t.space("s")
        else:
            self._paint_who(painter)
        at = QRectF(right - self._clock_width(), 0, self._clock_width() + 1, self.height())
        theme.write(painter, at, self._clock, "label", "text")

    def _paint_who(self, painter: QPainter) -> None:
        theme, t = self._theme, self._theme.t
        wide = self._left_width(max(1, self._form))
        shown = lines(theme.metrics("label"), self._station, wide)
        theme.write(painter, QRectF(t.space("xl"), 0, wide + 1, self.height()), "\n".join(shown), "label", "text")
        if self._form == 0:
            at = QRectF(t.space("xl") + wide + t.space("m"), 0, self.width(), self.height())
            theme.write(painter, at, self._attendant, "small", "muted")


class StepRail(Strip):
    """Steps done, the current one, those to come, and those that this swap does not need."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, theme.t.bar("rail") + 2 * theme.t.space("s"))
        self._words = [tr(words) for words in STEPS.values()]
        self.current, self.skipped = 0, frozenset["Step"]()

    def show_step(self, current: int, skipped: "frozenset[Step]" = frozenset()) -> None:
        """`current` counts from 0; `skipped` are steps that this swap does not need."""
        if (current, skipped) != (self.current, self.skipped) or not self.accessibleName():
            self.current, self.skipped = current, skipped
            self.show_language()

    def show_language(self) -> None:
        """Show the words in the language of now."""
        self._words = [tr(words) for words in STEPS.values()]
        step, count = self.current + 1, len(self._words)
        self.setAccessibleName(tr("Step {step} of {count}: {name}", step=step, count=count, name=self._words[self.current]))
        self.update()

    def state(self, index: int) -> str:
        """done, current, todo or skipped."""
        if index == self.current:
            return "current"
        if tuple(STEPS)[index] in self.skipped:
            return "skipped"
        return "done" if index < self.current else "todo"

    def cell(self, index: int) -> QRectF:
        """Where a step is drawn: equal shares, so that no step moves when another is reached."""
        t = self._theme.t
        wide = (self.width() - 2 * t.space("xl") - (len(self._words) - 1) * t.space("s")) / len(self._words)
        return QRectF(t.space("xl") + index * (wide + t.space("s")), t.space("s"), wide, t.bar("rail"))

    def _sizes(self, index: int) -> tuple[str, int, float]:
        """(type role, px of the sign, px of sign, gap and word); the role is a smaller one where the word is too long for its cell."""
        icon, _, _, usual = LOOK[self.state(index)]
        t, sizes = self._theme.t, ("small", 0, 0.0)
        for role in (usual, "small"):
            metrics = self._theme.metrics(role)
            mark = t.icon_px("body") if icon else metrics.width(str(index + 1))
            sizes = role, mark, mark + t.space("s") + metrics.width(self._words[index])
            if sizes[2] <= self.cell(index).width():
                break
        return sizes

    def overflowing(self) -> list[str]:
        return [words for index, words in enumerate(self._words) if self._sizes(index)[2] > self.cell(index).width()]

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = smooth_painter(self)
        paint_strip(painter, self._theme, self.rect())
        for index in range(len(self._words)):
            self._paint_step(painter, index)

    def _paint_step(self, painter: QPainter, index: int) -> None:
        theme, cell, state = self._theme, self.cell(index), self.state(index)
        (icon, mark_tone, tone, _), (role, mark, wide) = LOOK[state], self._sizes(index)
        if state == "current":
            paint_box(painter, theme, cell, "accent", "", "")
        x = cell.left() + (cell.width() - wide) / 2
        if icon:
            theme.paint_icon(painter, icon, mark_tone, QRectF(x, cell.center().y() - mark / 2, mark, mark))
        else:
            theme.write(painter, QRectF(x, cell.top(), mark + 1, cell.height()), str(index + 1), role, mark_tone)
        word = QRectF(x + mark + theme.t.space("s"), cell.top(), cell.width(), cell.height())
        theme.write(painter, word, self._words[index], role, tone)


class Heading(QWidget):
    """Title and customer."""

    def __init__(self, theme: Theme) -> None:
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setRetainSizeWhenHidden(True)
        super().__init__(sizePolicy=policy)
        self._theme = theme
        self.title, self.customer = "", ""
        self.setFixedHeight(theme.metrics("title").height)

    def show_heading(self, title: str, customer: str = "") -> None:
        """Change both in place."""
        if (title, customer) != (self.title, self.customer):
            self.title, self.customer = title, customer
            self.setAccessibleName(f"{title}, {customer}" if customer else title)
            self.update()

    def _customer_words(self) -> str:
        """The customer in at most half of the width."""
        return _one_line(self._theme, "lead", self.customer, self.width() // 2)

    def _customer_width(self) -> int:
        """px of icon, gap and name, and the gap before them; nothing without a customer."""
        t = self._theme.t
        wide = t.space("l") + t.icon_px("body") + t.space("s") + self._theme.metrics("lead").width(self._customer_words())
        return wide if self.customer else 0

    def _shown(self) -> tuple[str, str]:
        """The type role of the title and its words: a long id in it is shortened in the smallest one."""
        room = self.width() - self._customer_width()
        fitting = (role for role in ("title", "lead") if self._theme.metrics(role).width(self.title) <= room)
        role = next(fitting, "strong")
        return role, _one_line(self._theme, role, self.title, room)

    def overflowing(self) -> list[str]:
        role, title = self._shown()
        needed = self._theme.metrics(role).width(title) + self._customer_width()
        return [self.title] if needed > self.width() else []

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme, side = QPainter(self), self._theme, self._theme.t.icon_px("body")
        role, title = self._shown()
        theme.write(painter, self.rect(), title, role, "text")
        if self.customer:
            customer = self._customer_words()
            left = self.width() - theme.metrics("lead").width(customer)
            theme.write(painter, QRectF(left, 0, self.width() - left + 1, self.height()), customer, "lead", "text")
            at = QRectF(left - theme.t.space("s") - side, (self.height() - side) / 2, side, side)
            theme.paint_icon(painter, "user-bold", "muted", at)


def _one_line(theme: Theme, role: str, words: str, width: int) -> str:
    return " ".join(fitted(theme.metrics(role), words, width, 1))
