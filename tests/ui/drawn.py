"""What a window really shows of its words: each piece of text that is painted, and where, measured and not taken from what a widget says.

A widget is painted into a vector drawing, which keeps every text with its place and type.
"""

import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, QRectF, QSize
from PySide6.QtGui import QFont, QFontMetricsF, QRegion
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from ui.widgets.fitting import BREAK
from ui.widgets.theme import FEATURES
from ui.widgets.tokens import FAMILIES, TRACKING

NUMBER = r"-?[0-9.]+(?:e-?[0-9]+)?"
PIXELS = 3.0  # figures of an id are a little narrower or wider than measured here


@dataclass(frozen=True, slots=True)
class Drawn:
    """A piece of text and its place in its widget, px."""

    text: str
    area: QRectF


def drawn_in(widget: QWidget) -> list[Drawn]:
    """What the widget itself paints, without its children, in the order of painting."""
    data = QByteArray()
    buffer, generator = QBuffer(data), QSvgGenerator()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(widget.size()))
    generator.setViewBox(QRect(QPoint(0, 0), widget.size()))
    widget.render(generator, QPoint(), QRegion(), QWidget.RenderFlag(0))
    buffer.close()
    root, tracking = ET.fromstring(bytes(data.data())), _tracking(widget)  # noqa: S314  Qt has just written it
    return [piece for group in root.iter("{http://www.w3.org/2000/svg}g") for piece in _pieces(group, tracking)]


def _tracking(widget: QWidget) -> dict[int, float]:
    """How much tighter large type is set: px for each type size, which the drawing does not tell."""
    theme = getattr(widget, "_theme", None) or getattr(widget, "theme", None)
    return {theme.t.type_px(role): share * theme.t.type_px(role) for role, share in TRACKING.items()} if theme else {}


def _pieces(group: ET.Element, tracking: dict[int, float]) -> list[Drawn]:
    moved = re.fullmatch(rf"matrix\(({NUMBER}),{NUMBER},{NUMBER},{NUMBER},({NUMBER}),({NUMBER})\)", group.get("transform", ""))
    scale, x, y = (float(each) for each in moved.groups()) if moved else (1.0, 0.0, 0.0)
    return [_piece(text, tracking, (scale, x, y)) for text in group.findall("{http://www.w3.org/2000/svg}text")]


def _piece(text: ET.Element, tracking: dict[int, float], moved: tuple[float, float, float]) -> Drawn:
    words, (scale, x, y) = (text.text or "").replace(BREAK, ""), moved
    size = round(float(text.get("font-size", "0")))
    fonts = [_font(size, int(text.get("font-weight", "500")), figures) for figures in FEATURES]
    for font in fonts:
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, tracking.get(size, 0.0))
    metrics = QFontMetricsF(fonts[0])
    wide = min(QFontMetricsF(font).horizontalAdvance(words.rstrip()) for font in fonts)  # which figures it has is not told
    left, baseline = x + scale * float(text.get("x", "0")), y + scale * float(text.get("y", "0"))
    top = baseline - scale * metrics.ascent()
    return Drawn(words, QRectF(left, top, scale * wide, scale * metrics.height()))


def _font(size: int, weight: int, figures: str) -> QFont:
    font = QFont(list(FAMILIES))
    font.setPixelSize(size)
    font.setWeight(QFont.Weight(weight))
    for feature, value in FEATURES[figures].items():
        font.setFeature(QFont.Tag(feature), value)
    return font


def words_seen(widget: QWidget) -> str:
    """What is really to be seen of a widget's own words: pieces that lie inside it and inside all that is around it. A piece that is cut
    off is left out."""
    inside = QRectF(widget.visibleRegion().boundingRect()).adjusted(-PIXELS, -PIXELS, PIXELS, PIXELS)
    return "".join(each.text for each in drawn_in(widget) if inside.contains(each.area))
