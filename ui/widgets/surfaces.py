"""What is drawn without words: grounds (boxes, strips, lines), bars to scale, the battery, the stripes and the tag of training.

All draw themselves, without a stylesheet. With one Qt polishes and re-polishes every widget of the window: a page switch takes half as long
again, building the pages twice as long, and each change of a state would be one more polish.

Levels are 0 to 1 and are clamped: a reading above full or below nothing draws a full or an empty bar, and its number says the rest. What
this swap takes is hatched, so that colour is not alone.
"""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from kiosk.domain.language import mark, tr
from ui.widgets.spoken import tell_value
from ui.widgets.theme import Theme

KINDS = {  # ground, border, stroke, corner; "" for none
    "panel": ("surface", "edge", "hairline", "panel"),
    "sunken": ("sunken", "edge", "hairline", "control"),
    "paper": ("paper", "edge", "hairline", ""),
    "signal": ("surface", "", "", "control"),  # coloured by `set_colours`
    "area": ("surface", "", "", "panel"),
}
BoxStyle = tuple[str, str, int, int]  # ground, border, its width, radius
TITLE, SENTENCE, ICON = mark("TRAINING"), mark("Nothing here is real."), "student-fill"


def smooth_painter(widget: QWidget) -> QPainter:
    """A painter on the widget that draws slanted and round edges smoothly."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return painter


class Surface(QFrame):
    """A block that draws its own ground: another state is another colour, at once. `kind` is a name in KINDS."""

    def __init__(self, theme: Theme, kind: str = "panel") -> None:
        super().__init__()
        self._theme = theme
        *self._colours, self._corner = KINDS[kind]

    def set_colours(self, ground: str, border: str = "", stroke: str = "") -> None:
        """Colour roles of the ground and its border, and the border's stroke."""
        if [ground, border, stroke] != self._colours:
            self._colours = [ground, border, stroke]
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        paint_box(smooth_painter(self), self._theme, QRectF(self.rect()), *self._colours, corner=self._corner)


def paint_box(painter: QPainter, theme: Theme, area: QRectF, ground: str, border: str, stroke: str, *, corner: str = "control") -> None:
    """A box in a colour role, with a border of a colour role and a stroke ("hairline", "ring"), rounded by `corner`; "" for none.

    Its corners come from a small picture of such a box and the rest is plain rectangles: drawn smoothly as a whole it costs four times as
    much.
    """
    box, radius, width = area.toRect(), theme.t.radius(corner) if corner else 0, theme.t.stroke(stroke) if border else 0
    look, side = (ground, border, width, radius), max(radius, width) + 1
    if min(box.width(), box.height()) < 2 * side:
        _draw_box(painter, theme, QRectF(box), look)
        return
    gap = side if radius else width
    if radius:
        _paint_corners(painter, theme, box, side, look)
    long, high = box.adjusted(gap, 0, -gap, 0), box.adjusted(0, gap, 0, -gap)
    if width:
        fill(painter, theme, border, *_ends(long, width), *_ends(high, width, upright=True))
    above_and_below = _ends(long.adjusted(0, width, 0, -width), gap - width) if gap > width else ()
    fill(painter, theme, ground, high.adjusted(width, 0, -width, 0), *above_and_below)


def _ends(box: QRect, thick: int, *, upright: bool = False) -> tuple[QRect, QRect]:
    """The first and the last `thick` px of a box: above and below, or left and right."""
    if upright:
        return QRect(box.left(), box.top(), thick, box.height()), QRect(box.right() + 1 - thick, box.top(), thick, box.height())
    return QRect(box.left(), box.top(), box.width(), thick), QRect(box.left(), box.bottom() + 1 - thick, box.width(), thick)


def fill(painter: QPainter, theme: Theme, role: str, *areas: QRect) -> None:
    """Areas in a colour role. Not by `fillRect`: its first call has PySide load the names of all gradients, 10 ms of the first picture."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(role))
    painter.drawRects(areas)


def _paint_corners(painter: QPainter, theme: Theme, box: QRect, side: int, look: BoxStyle) -> None:
    whole = QRectF(0, 0, 2 * side, 2 * side)
    picture = theme.picture((*look, side), whole.size().toSize(), lambda each: _draw_box(each, theme, whole, look))
    real = side * picture.devicePixelRatio()
    for x, from_x in ((box.left(), 0.0), (box.right() + 1 - side, real)):
        for y, from_y in ((box.top(), 0.0), (box.bottom() + 1 - side, real)):
            painter.drawPixmap(QRectF(x, y, side, side), picture, QRectF(from_x, from_y, real, real))


def _draw_box(painter: QPainter, theme: Theme, area: QRectF, look: BoxStyle) -> None:
    ground, border, width, radius = look
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(theme.colour(ground))
    painter.setPen(QPen(theme.colour(border), width) if border else Qt.PenStyle.NoPen)
    painter.drawRoundedRect(area.adjusted(width / 2, width / 2, -width / 2, -width / 2), radius, radius)


def paint_strip(painter: QPainter, theme: Theme, area: QRect, *, edge_above: bool = False) -> None:
    """The ground of a strip across the window, with an edge below or above."""
    above, below = _ends(area, theme.t.stroke("hairline"))
    fill(painter, theme, "surface", area)
    fill(painter, theme, "edge", above if edge_above else below)


def filled(widget: QWidget, theme: Theme, role: str) -> QWidget:
    """The widget, filled with a colour role by Qt itself."""
    widget.setPalette(theme.palette(role, QPalette.ColorRole.Window))
    widget.setAutoFillBackground(True)
    return widget


class LevelBar(QWidget):
    """A level from 0 to 1, an optional hatched part after it and an optional mark."""

    def __init__(self, theme: Theme, level: float = 0.0, extra: float = 0.0, mark: float = 0.0, *, height: str = "gauge") -> None:
        super().__init__(sizePolicy=QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed))
        self._theme, self._value = theme, ""
        self.setFixedHeight(theme.t.bar(height))
        self.set_level(level, extra, mark)

    def set_level(self, level: float, extra: float = 0.0, mark: float = 0.0, *, tone: str = "accent") -> None:
        """Change it in place; all values 0 to 1 of the bar's length."""
        self.level, self.extra, self.mark = (min(1.0, max(0.0, each)) for each in (level, extra, mark))
        self.tone = tone
        self.update()

    def describe(self, name: str, value: str = "") -> None:
        """What it is, and how far it has come in words; without them it is said in percent."""
        self.setAccessibleName(name)
        if value != self._value:
            self._value = value
            tell_value(self, self.spoken_value())

    def spoken_part(self) -> float:
        return self.level

    def spoken_value(self) -> str:
        return self._value or f"{round(100 * self.level)} %"

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme = smooth_painter(self), self._theme
        frame = QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75)
        radius = min(frame.height() / 2, theme.t.radius("control"))
        shape = QPainterPath()
        shape.addRoundedRect(frame, radius, radius)
        painter.fillPath(shape, theme.colour("sunken"))
        painter.setClipPath(shape)
        split = frame.width() * self.level
        painter.fillRect(QRectF(frame.left(), frame.top(), split, frame.height()), theme.colour(self.tone))
        if self.extra:
            wide = min(frame.width() * self.extra, frame.width() - split)
            self._hatch(painter, QRectF(frame.left() + split, frame.top(), wide, frame.height()))
        if self.mark:
            painter.fillRect(QRectF(frame.left() + frame.width() * self.mark - 2, frame.top(), 4, frame.height()), theme.colour("text"))
        painter.setClipping(False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("edge"), 1.5))
        painter.drawPath(shape)

    def _hatch(self, painter: QPainter, area: QRectF) -> None:
        step = self._theme.t.space("s")
        painter.save()
        painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
        painter.fillRect(area, self._theme.colour("accent_soft"))
        painter.setPen(QPen(self._theme.colour(self.tone), step / 3))
        for x in range(int(area.left() - area.height()), int(area.right()) + step, step):
            painter.drawLine(x, int(area.bottom()), x + int(area.height()), int(area.top()))
        painter.setPen(QPen(self._theme.colour(self.tone), 2))
        painter.drawRect(area.adjusted(1, 0, -1, 0))
        painter.restore()


class BatteryGauge(LevelBar):
    """The level drawn as a battery: the same bar with a terminal. `height`: battery, battery_small."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme, unit = smooth_painter(self), self._theme, self._theme.t.space("xs")
        body = QRectF(self.rect()).adjusted(unit / 2, unit / 2, -unit * 2.5, -unit / 2)
        painter.setPen(QPen(theme.colour("text"), unit * 0.75))
        painter.setBrush(theme.colour("surface"))
        painter.drawRoundedRect(body, unit * 2, unit * 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("text"))
        high = body.height() / 2.5
        painter.drawRoundedRect(QRectF(body.right() + unit * 0.6, body.center().y() - high / 2, unit * 1.6, high), unit / 2, unit / 2)
        inner = body.adjusted(unit * 1.2, unit * 1.2, -unit * 1.2, -unit * 1.2)
        painter.setBrush(theme.colour(self.tone))
        painter.drawRoundedRect(QRectF(inner.left(), inner.top(), inner.width() * self.level, inner.height()), unit, unit)


def paint_stripes(painter: QPainter, theme: Theme, area: QRect) -> None:
    """The stripes of training mode; nothing else in the product is striped like this."""
    step = theme.t.space("xl")
    painter.save()
    painter.setClipRect(area)
    painter.fillRect(area, theme.colour("accent"))
    painter.setPen(QPen(theme.colour("accent_soft"), step / 4))
    for x in range(area.left() - area.height(), area.right() + step, step):
        painter.drawLine(x, area.bottom(), x + area.height(), area.top())
    painter.restore()


class TrainingTag(QWidget):
    """The word, and the sentence beside it where there is room."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(sizePolicy=QSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed))
        self._theme, self._alone = theme, True
        self.show_language()
        self.setFixedHeight(theme.t.bar("rail"))

    def show_language(self) -> None:
        """Show the words in the language of now."""
        self._title, self._sentence = tr(TITLE), tr(SENTENCE)
        self.setAccessibleName(f"{self._title}. {self._sentence}")
        self.updateGeometry()
        self.update()

    def stand(self, *, alone: bool) -> None:
        """With a button or a hint beside it the tag keeps to its word, so that theirs stay on one line."""
        self._alone = alone
        self.updateGeometry()

    def short_width(self) -> int:
        t = self._theme.t
        return 2 * t.space("m") + t.icon_px("lead") + t.space("s") + self._theme.metrics("lead").width(self._title) + 2

    def full_width(self) -> int:
        return self.short_width() + self._theme.t.space("m") + self._theme.metrics("strong").width(self._sentence)

    def sizeHint(self) -> QSize:
        return QSize(self.full_width() if self._alone else self.short_width(), self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self.short_width(), self.height())

    def overflowing(self) -> list[str]:
        return [self._title] if self.width() < self.short_width() else []

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme, t = smooth_painter(self), self._theme, self._theme.t
        paint_box(painter, theme, QRectF(self.rect()), "surface", "accent", "hairline")
        whole, side = self.width() >= self.full_width(), t.icon_px("lead")
        x = t.space("m") if whole else (self.width() - self.short_width()) // 2 + t.space("m")
        theme.paint_icon(painter, ICON, "accent", QRectF(x, (self.height() - side) / 2, side, side))
        x += side + t.space("s")
        for words, role in ((self._title, "lead"), (self._sentence, "strong"))[: 2 if whole else 1]:
            wide = theme.metrics(role).width(words)
            theme.write(painter, QRectF(x, 0, wide + 1, self.height()), words, role, "accent")
            x += wide + t.space("m")
