"""Grounds: the boxes, strips and lines that words stand on. They draw themselves, without a stylesheet.

With a stylesheet Qt polishes and re-polishes every widget of the window: a page switch takes half as long again, building the pages twice
as long, and each change of a state would be one more polish.
"""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QWidget

from ui.widgets.theme import Theme

KINDS = {  # ground, border, stroke, corner; "" for none
    "panel": ("surface", "edge", "hairline", "panel"),
    "sunken": ("sunken", "edge", "hairline", "control"),
    "paper": ("paper", "edge", "hairline", ""),
    "signal": ("surface", "", "", "control"),  # coloured by `set_colours`
    "area": ("surface", "", "", "panel"),
}


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
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_box(painter, self._theme, QRectF(self.rect()), *self._colours, corner=self._corner)


def paint_box(painter: QPainter, theme: Theme, area: QRectF, ground: str, border: str, stroke: str, *, corner: str = "control") -> None:
    """A box in a colour role, with a border of a colour role and a stroke ("hairline", "ring"), rounded by `corner`; "" for none.

    Its corners come from a small picture of such a box and the rest is plain rectangles: drawn smoothly as a whole it costs four times as
    much.
    """
    box, radius = area.toRect(), theme.t.radius(corner) if corner else 0
    width = theme.t.stroke(stroke) if border else 0
    side = max(radius, width) + 1
    if min(box.width(), box.height()) < 2 * side:
        _draw_box(painter, theme, QRectF(box), (ground, border, width, radius))
        return
    gap = side if radius else width
    if radius:
        _paint_corners(painter, theme, box, side, (ground, border, width, radius))
    long, high = box.adjusted(gap, 0, -gap, 0), box.adjusted(0, gap, 0, -gap)
    if width:
        fill(painter, theme, border, *_ends(long, width), *_ends(high, width, upright=True))
    above, below = _ends(long.adjusted(0, width, 0, -width), gap - width)
    fill(painter, theme, ground, high.adjusted(width, 0, -width, 0), *((above, below) if gap > width else ()))


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


BoxStyle = tuple[str, str, int, int]  # ground, border, its width, radius


def _paint_corners(painter: QPainter, theme: Theme, box: QRect, side: int, look: BoxStyle) -> None:
    whole = QRectF(0, 0, 2 * side, 2 * side)
    picture = theme.picture((*look, side), whole.size().toSize(), lambda each: _draw_box(each, theme, whole, look))
    real = side * picture.devicePixelRatio()
    for x, from_x in ((box.left(), 0.0), (box.right() + 1 - side, real)):
        for y, from_y in ((box.top(), 0.0), (box.bottom() + 1 - side, real)):
            painter.drawPixmap(QRectF(x, y, side, side), picture, QRectF(from_x, from_y, real, real))


def _draw_box(painter: QPainter, theme: Theme, area: QRectF, look: BoxStyle) -> None:
    ground, border, width, radius = look
    inset = width / 2
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(theme.colour(ground))
    painter.setPen(QPen(theme.colour(border), width) if border else Qt.PenStyle.NoPen)
    painter.drawRoundedRect(area.adjusted(inset, inset, -inset, -inset), radius, radius)


def paint_strip(painter: QPainter, theme: Theme, area: QRect, *, edge_above: bool = False) -> None:
    """The ground of a strip across the window, with an edge below or above."""
    above, below = _ends(area, theme.t.stroke("hairline"))
    fill(painter, theme, "surface", area)
    fill(painter, theme, "edge", above if edge_above else below)


def filled(widget: QWidget, theme: Theme, role: str) -> QWidget:
    """The widget, filled with a colour role by Qt itself."""
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Window, theme.colour(role))
    widget.setPalette(palette)
    widget.setAutoFillBackground(True)
    return widget
