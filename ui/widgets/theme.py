"""Tokens as Qt things: fonts, colours, icons, the application's palette.

`apply(application, theme)` is called once, before the first window. Contract: the shipped typeface and icons are loaded
from `resources`; should the typeface be refused by the platform, the next family of `tokens.FAMILIES` stands in and
nothing else changes. An icon or colour name that does not exist raises KeyError where it is asked for.
"""

import json
from collections.abc import Callable
from functools import lru_cache

from PySide6.QtCore import QEvent, QLoggingCategory, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QGuiApplication, QKeyEvent, QPainter, QPalette, QPixmap, QScreen
from PySide6.QtWidgets import QApplication

import resources
from kiosk.domain.display import placed
from kiosk.domain.panel import Screen, diagonal_inches
from ui.widgets.tokens import FAMILIES, SCRIPTS, TRACKING, WEIGHT, Tokens

FONT_FILES = ("fonts/Inter-Medium.otf", "fonts/Inter-SemiBold.otf")
FURTHER_SCRIPTS = range(0x0590, 0x1E00)  # Hebrew and what follows it, up to more Latin letters
QUIET = "qt.text.font.db.warning=false"  # Qt looks for Indian letters in each family before theirs and complains of each
ICON_FONT, ICON_TABLE = "icons/phosphor-kiosk.ttf", "icons/phosphor-kiosk.json"
FEATURES = {  # which figures a text gets; each names all features, since a painter takes what is left out from the widget
    "tabular": {"tnum": 1, "zero": 0, "ss02": 0},  # numbers stand still and columns align
    "plain": {"tnum": 0, "zero": 0, "ss02": 0},  # a hero number stands alone at the left edge: a tabular 1 would look indented
    "id": {"tnum": 0, "zero": 1, "ss02": 1},  # read aloud: slashed zero, distinct l and I
    "key": {"tnum": 1, "zero": 1, "ss02": 1},
}
_MIDDLE = Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextDontClip.value
LEFT = Qt.AlignmentFlag.AlignLeft.value | _MIDDLE  # for `Theme.write`: in the middle of the height, at the left
RIGHT = Qt.AlignmentFlag.AlignRight.value | _MIDDLE
CENTRE = Qt.AlignmentFlag.AlignHCenter.value | _MIDDLE
PALETTE = {  # for what Qt draws by itself; our parts name their colours
    QPalette.ColorRole.Window: "ground",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.Highlight: "accent",
}


def screen_of(screen: QScreen, setting_inches: float | None = None) -> Screen:
    """The panel that a full-screen window fills; `setting_inches` wins over what the screen reports."""
    size, reported = screen.size(), screen.physicalSize()
    inches = diagonal_inches(size.width(), size.height(), setting=setting_inches, reported_mm=(reported.width(), reported.height()))
    return Screen(width=size.width(), height=size.height(), inches=inches)


@lru_cache(maxsize=1)
def load_fonts() -> str:
    """Load the shipped fonts once per process and return the family of the icons."""
    for name in FONT_FILES:
        QFontDatabase.addApplicationFont(str(resources.path(name)))
    families = QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(resources.path(ICON_FONT))))
    return families[0] if families else ""


@lru_cache(maxsize=1)
def load_script_fonts() -> None:
    """Load the fonts of further scripts, once per process: behind the first picture, unless it needs them."""
    QLoggingCategory.setFilterRules(QUIET)
    for script in SCRIPTS:
        for weight in ("Regular", "Bold"):
            QFontDatabase.addApplicationFont(str(resources.path(f"fonts/NotoSans{script}-{weight}.ttf")))


def needs_script_fonts(words: str) -> bool:
    """Whether letters of these words may be of a further script."""
    return any(each in FURTHER_SCRIPTS for each in map(ord, words))


@lru_cache(maxsize=1)
def icon_points() -> dict[str, int]:
    """Icon name ("check-bold") to code point in the icon font."""
    table: dict[str, int] = json.loads(resources.read_text(ICON_TABLE))
    return table


class TextMetrics:
    """Sizes of words in one font, px; `width` is that of words on one line.

    Widths are kept: measuring costs as much as drawing, and words come back.
    """

    def __init__(self, font: QFont) -> None:
        metrics = QFontMetrics(font)
        self.height, self.ascent, self.descent = metrics.height(), metrics.ascent(), metrics.descent()
        self.width: Callable[[str], int] = lru_cache(maxsize=2000)(metrics.horizontalAdvance)


class KeyboardUse(QObject):
    """Whether the focus ring is to be seen: from the first Tab or arrow key until the next touch."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.ring = False

    def heed(self, event: QEvent) -> None:
        """Tab moves the focus. Its reason alone does not tell: Qt gives the same when a button with the focus is switched off."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in {Qt.Key.Key_Tab, Qt.Key.Key_Backtab}:
            self.show_ring(ring=True)

    def show_ring(self, *, ring: bool) -> None:
        """A key of the keyboard moved the focus, or (False) the glass was touched."""
        if ring != self.ring:
            self.ring = ring
            self.changed.emit()


class Theme:
    """Fonts, colours and icons of one set of tokens, made once each. Needs a QGuiApplication."""

    def __init__(self, tokens: Tokens) -> None:
        self.t = tokens
        self.keyboard = KeyboardUse()
        self._icon_family = load_fonts()
        self._fonts: dict[tuple[str, str], QFont] = {}
        self._metrics: dict[tuple[str, str], TextMetrics] = {}
        self._pixmaps: dict[tuple[str | int, ...], QPixmap] = {}
        self._palettes: dict[tuple[str, QPalette.ColorRole], QPalette] = {}
        self._colours = {role: QColor(value) for role, value in tokens.colour.items()}

    def colour(self, role: str) -> QColor:
        return self._colours[role]

    def palette(self, tone: str, part: QPalette.ColorRole = QPalette.ColorRole.WindowText) -> QPalette:
        """For what Qt itself draws in a tone: words, or a ground (`Window`)."""
        if (tone, part) not in self._palettes:
            self._palettes[tone, part] = QPalette()
            self._palettes[tone, part].setColor(part, self._colours[tone])
        return self._palettes[tone, part]

    def font(self, role: str, figures: str = "tabular") -> QFont:
        """The font of a type role; `figures` is a name in FEATURES."""
        if (role, figures) not in self._fonts:
            font = QFont(list(FAMILIES))
            font.setPixelSize(self.t.type_px(role))
            font.setWeight(QFont.Weight(WEIGHT[role]))
            font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, TRACKING.get(role, 0.0) * self.t.type_px(role))
            for feature, value in FEATURES[figures].items():
                font.setFeature(QFont.Tag(feature), value)
            self._fonts[role, figures] = font
        return self._fonts[role, figures]

    def metrics(self, role: str, figures: str = "tabular") -> TextMetrics:
        if (role, figures) not in self._metrics:
            self._metrics[role, figures] = TextMetrics(self.font(role, figures))
        return self._metrics[role, figures]

    def pixmap(self, icon: str, tone: str, side: int) -> QPixmap:
        """The icon in a colour role, `side` px square, drawn once. Raises KeyError for an icon that is not shipped."""
        return self.picture((icon, tone, side), QSize(side, side), lambda painter: self._draw_icon(painter, icon, tone, side))

    def picture(self, key: tuple[str | int, ...], size: QSize, draw: Callable[[QPainter], None]) -> QPixmap:
        """What `draw` draws on nothing, drawn once and kept under `key`; `size` px."""
        if key not in self._pixmaps:
            ratio = QGuiApplication.instance().devicePixelRatio()  # type: ignore[union-attr]  # a Theme needs an application
            pixmap = QPixmap(size * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            try:
                draw(painter)
            finally:
                painter.end()
            self._pixmaps[key] = pixmap
        return self._pixmaps[key]

    def _draw_icon(self, painter: QPainter, icon: str, tone: str, side: int) -> None:
        font = QFont(self._icon_family)
        font.setPixelSize(side)
        painter.setFont(font)
        painter.setPen(self._colours[tone])
        painter.drawText(QRect(0, 0, side, side), Qt.AlignmentFlag.AlignCenter, chr(icon_points()[icon]))

    def write(
        self, painter: QPainter, area: QRect | QRectF, words: str, role: str, tone: str, figures: str = "tabular", align: int = LEFT
    ) -> None:
        """Draw words of a type role and tone in the middle of the height of `area`."""
        painter.setFont(self.font(role, figures))
        painter.setPen(self.colour(tone))
        painter.drawText(area, align, placed(words))

    def paint_icon(self, painter: QPainter, icon: str, tone: str, at: QRectF) -> None:
        """Draw the icon in the middle of the square `at`."""
        painter.drawPixmap(round(at.x()), round(at.y()), self.pixmap(icon, tone, round(at.height())))


def apply(application: QApplication, theme: Theme) -> None:
    """Give the application its font and its palette. There is no stylesheet: `ui.widgets.surfaces` says why."""
    application.setFont(theme.font("body"))
    palette = QPalette()
    for role, colour in PALETTE.items():
        palette.setColor(role, theme.colour(colour))
    application.setPalette(palette)
