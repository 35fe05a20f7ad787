"""The widgets: builds parts and puts them together. A part takes facts and draws them; none decides anything.

`...` among items is free space. Pages hold no size, colour or font: they name roles, and the tokens know the rest.
"""

from collections.abc import Sequence
from types import EllipsisType

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.widgets.button import Button
from ui.widgets.labels import Facts, Figure, Glyph, IconLabel, IdLabel, Label
from ui.widgets.surfaces import BatteryGauge, LevelBar, Surface, filled
from ui.widgets.theme import Theme

Item = QWidget | QLayout | EllipsisType


class Widgets(Theme):
    """Builders with one set of tokens. Make one per window: `Widgets(Tokens(screen, theme, training=...))`."""

    # -- words

    def text(self, words: str, role: str = "body", tone: str = "text", *, wrap: bool = True) -> Label:
        """Words of a type role and tone; a sentence may wrap."""
        return Label(self, words, role, tone, wrap=wrap)

    def centred(self, words: str, role: str = "body", tone: str = "text") -> Label:
        label = Label(self, words, role, tone)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        return label

    def id(self, words: str, role: str = "lead", tone: str = "text", *, figures: str = "id") -> IdLabel:
        """An id as people read it aloud: slashed zero, distinct l and I, figures in their own width. Its end is always seen."""
        return IdLabel(self, words, role, tone, figures=figures)

    def icon(self, name: str, tone: str = "text", role: str = "lead", *, factor: float = 1.0) -> Glyph:
        """A Phosphor icon ("check-bold"; resources/icons/names.txt) of the size of a type role, or `factor` times it."""
        return Glyph(self, name, tone, side=round(self.t.icon_px(role) * factor))

    def say(self, words: str, tone: str = "text", icon: str = "", role: str = "body", *, plain: bool = False) -> IconLabel:
        """Icon and words of one tone (`plain`: words in the text's colour, the icon alone has the tone)."""
        return IconLabel(self, words, tone, icon, role, plain=plain)

    def figure(self, number: str = "", unit: str = "", role: str = "number", tone: str = "text", *, align: str = "left") -> Figure:
        """A number with its unit on one baseline; `align`: left, right, centre."""
        return Figure(self, number, unit, role, tone, align=align)

    # -- bars and buttons

    def bar(self, level: float = 0.0, extra: float = 0.0, mark: float = 0.0) -> LevelBar:
        return LevelBar(self, level, extra, mark)

    def gauge(self, level: float = 0.0, *, small: bool = False) -> BatteryGauge:
        return BatteryGauge(self, level, height="battery_small" if small else "battery")

    def button(self, words: str, icon: str = "", *, name: str = "", width: str = "least") -> Button:
        """A button in a page, 14 mm high; `width` "aside" gives a column of them the same least width.

        Connect to `clicked`; there is never a second filled one."""
        return Button(self, words, icon, name=name, width=width)

    # -- putting together

    def fill(self, layout: QBoxLayout, items: Sequence[Item], gap: str, grow: tuple[int, ...] = ()) -> QBoxLayout:
        """`grow` are the places of the items that take what is free."""
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self.t.space(gap))
        for item in items:
            if isinstance(item, EllipsisType):
                layout.addStretch(1)
            elif isinstance(item, QLayout):
                layout.addLayout(item)
            else:
                layout.addWidget(item)
        for place in grow:
            layout.setStretch(place, 1)
        return layout

    def row(self, *items: Item, gap: str = "s", grow: tuple[int, ...] = ()) -> QBoxLayout:
        return self.fill(QHBoxLayout(), items, gap, grow)

    def stack(self, *items: Item, gap: str = "s", grow: tuple[int, ...] = ()) -> QBoxLayout:
        return self.fill(QVBoxLayout(), items, gap, grow)

    def frame(self, content: QLayout, kind: str = "panel", pad: str = "pad", pad_y: str = "") -> Surface:
        """A framed box; `kind`: panel, sunken, paper."""
        return self.lay_out(Surface(self, kind), content, pad, pad_y)

    def panel(self, *items: Item, gap: str = "m", kind: str = "panel") -> Surface:
        return self.frame(self.stack(*items, gap=gap), kind)

    def columns(self, *parts: tuple[Item, int], gap: str = "l") -> QBoxLayout:
        """Items side by side in fixed shares: `columns((left, 7), (right, 5))`. The words inside do not move the edges."""
        layout = self.row(*(part for part, _ in parts), gap=gap)
        for index, (part, share) in enumerate(parts):
            layout.setStretch(index, share)
            if isinstance(part, QWidget):
                part.setSizePolicy(QSizePolicy.Policy.Ignored, part.sizePolicy().verticalPolicy())
        return layout

    def body(self, layout: QLayout) -> QWidget:
        """A page's widget out of its layout, for `Frame.add_page`."""
        return self.lay_out(QWidget(), layout)

    def lay_out[W: QWidget](self, widget: W, content: QLayout, pad: str = "none", pad_y: str = "") -> W:
        """The widget with its content, `pad` from its left and right edges and `pad_y` (else `pad`) from the others."""
        x, y = self.t.space(pad), self.t.space(pad_y or pad)
        content.setContentsMargins(x, y, x, y)
        widget.setLayout(content)
        return widget

    def replace(self, layout: QLayout, old: QWidget, content: QLayout) -> QWidget:
        """Put `content` into `layout` in the place of `old`, which goes; the new widget."""
        fresh = self.body(content)
        layout.replaceWidget(old, fresh)
        old.hide()
        old.deleteLater()
        return fresh

    def rule(self, tone: str = "edge") -> QWidget:
        line = filled(QWidget(), self, tone)
        line.setFixedHeight(self.t.stroke("hairline"))
        return line

    # -- facts

    def facts(self, *pairs: tuple[str, str], ids: frozenset[str] = frozenset()) -> Facts:
        """Names left, values right, figures aligned; values of names in `ids` are set as ids."""
        return Facts(self, pairs, ids=ids)

    def numbered(self, *sentences: str) -> QGridLayout:
        """Steps to follow, numbered."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(self.t.space("m"))
        grid.setVerticalSpacing(self.t.space("l"))
        for line, words in enumerate(sentences):
            grid.addWidget(self.text(str(line + 1), "title", "accent"), line, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self.text(words), line, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.setColumnStretch(1, 1)
        return grid
