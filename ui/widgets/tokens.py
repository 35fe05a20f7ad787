"""Every colour, type size, distance, stroke, radius and target size of the interface; no other file holds one.

Pure values, no Qt. Sizes are millimetres on the glass; `Tokens` turns them into pixels of the panel at hand, so that a
20 mm button is 20 mm everywhere. Type and space also grow with a window larger than REFERENCE_MM; targets do so from
TARGETS_GROW times that. On a smaller window type shrinks with it, and space and large targets shrink twice as much, for
targets never shrink under 12 mm. Layout distances snap to 4 px. An unknown role or size name raises KeyError: a page that
asks for a colour that does not exist is a bug and shall be seen as one.
"""

from math import ceil

from kiosk.domain.panel import Screen

SCRIPTS = ("Arabic", "Hebrew", "Ethiopic", "Devanagari", "Bengali")  # what Inter has not got and is shipped
FAMILIES = ("Inter", *(f"Noto Sans {script}" for script in SCRIPTS), "Noto Sans", "DejaVu Sans")  # the last two are what a bare Debian has
REFERENCE_MM = (246, 162)  # the smallest window the pages are drawn for: 12.1 inch, as wide as 4:3 and as high as 16:10
LOW = 0.95  # on a window smaller than this part of it the step rail has no words, and its room is the page's
TARGETS_GROW = 1.25  # on a window larger than so often it targets grow too, or words would be taller than what they stand on

TYPE_MM = {"small": 3.7, "body": 4.3, "lead": 5.2, "title": 7.0, "number": 10.0, "hero": 16.0}
STRONG = {"label": "small", "strong": "body"}  # the same sizes at weight 600
WEIGHT = {role: 500 if role in {"small", "body"} else 600 for role in (*TYPE_MM, *STRONG)}
TRACKING = {"title": -0.015, "number": -0.025, "hero": -0.035}  # of the size: large type is set tighter
SMALLER = {"hero": "number", "number": "title", "title": "lead"}  # where a figure goes when it does not fit

SPACE_MM = {"none": 0.0, "xs": 0.8, "s": 1.6, "m": 3.2, "pad": 4.1, "l": 4.9, "xl": 6.5}
TARGET_MM = {"primary": 20.0, "touch": 14.0, "least": 12.0}
SLOT_MM = {"slot link": 36.0, "slot outbox": 46.0, "slot scanner": 36.0, "slot printer": 31.0}  # of the status line, by item
BETWEEN_MM = 1.6  # two targets are never nearer to each other
GLASS_MM = 2.8  # nor any button nearer to the edge of the glass
WIDTH_MM = {"next": 84.0, "back": 40.0, "other": 62.0, "aside": 40.0, "near": 26.0, "pad": 66.0, **SLOT_MM}
RADIUS_MM = {"control": 1.6, "panel": 2.4}
BAR_MM = {"gauge": 4.5, "battery": 18.0, "battery_small": 9.0, "rail": 10.0, "signal": 8.6}
STROKE_PX = {"hairline": 1, "ring": 3}
ICON_EM = 1.2  # icons are drawn a little larger than the words beside them

LIGHT = {
    "ground": "#EDF0F3",
    "surface": "#FFFFFF",
    "sunken": "#F4F6F8",
    "text": "#111A23",
    "muted": "#3F4A55",
    "edge": "#77828E",
    "accent": "#123F9E",
    "on_accent": "#FFFFFF",
    "accent_pressed": "#0A2A70",
    "accent_soft": "#E4ECFB",
    "ok": "#0A5530",
    "ok_soft": "#E2F3E9",
    "attention": "#6A4200",
    "attention_soft": "#FFEFC7",
    "stop": "#8C0F12",
    "stop_soft": "#FCE6E4",
    "on_signal": "#FFFFFF",
    "idle": "#DDE2E7",
    "on_idle": "#3A444E",
}
DARK = {
    "ground": "#0C1116",
    "surface": "#171F27",
    "sunken": "#10171D",
    "text": "#F3F6F8",
    "muted": "#BAC5CF",
    "edge": "#788694",
    "accent": "#A4C4FF",
    "on_accent": "#07142E",
    "accent_pressed": "#CFE0FF",
    "accent_soft": "#1B2B4A",
    "ok": "#86E3AC",
    "ok_soft": "#10301F",
    "attention": "#FFD480",
    "attention_soft": "#362808",
    "stop": "#FFB3AA",
    "stop_soft": "#421614",
    "on_signal": "#12161A",
    "idle": "#2A343E",
    "on_idle": "#C3CDD6",
}
PAPER = {"paper": "#FFFFFF", "ink": "#111A23"}  # a receipt is paper in both themes
THEMES = {"light": LIGHT, "dark": DARK}
TRAINING = {  # laid over a theme: the accent itself changes, so no training screen can pass for a real one
    "light": {"accent": "#6A1B9A", "accent_pressed": "#4A0F70", "accent_soft": "#F3E5FA"},
    "dark": {"accent": "#E6BFFF", "on_accent": "#240A38", "accent_pressed": "#F3DEFF", "accent_soft": "#391C4C"},
}


def colours(theme: str = "light", *, training: bool = False) -> dict[str, str]:
    """All colour roles of a theme ("light", "dark"), role to "#RRGGBB"."""
    return PAPER | THEMES[theme] | (TRAINING[theme] if training else {})


class Tokens:
    """The tokens of one theme on one screen, in pixels and "#RRGGBB"."""

    def __init__(self, screen: Screen, theme: str = "light", *, training: bool = False) -> None:
        self.screen, self.training = screen, training
        self.colour = colours(theme, training=training)
        self._sizes: dict[float, int] = {}  # asked for in every paint
        self._types: dict[str, int] = {}
        self.scale = min(side / drawn for side, drawn in zip(screen.size_mm, REFERENCE_MM, strict=True))
        self._tight = min(1.0, self.scale) ** 2
        self.low = self.scale < LOW

    def real(self, mm: float) -> int:
        """Millimetres on the glass, for all that is touched: on a window under REFERENCE_MM less, never under 12 mm."""
        grown = max(1.0, self.scale / TARGETS_GROW)
        return ceil(max(TARGET_MM["least"], mm * self._tight) * grown * self.screen.px_per_mm / 4 - 0.02) * 4

    def size(self, mm: float) -> int:
        """Millimetres that grow with the window, on the 4 px grid, for all that is only seen."""
        if mm not in self._sizes:
            self._sizes[mm] = max(4, round(mm * self.screen.px_per_mm * self.scale / 4) * 4)
        return self._sizes[mm]

    def type_px(self, role: str) -> int:
        """The size of a type role ("small" to "hero", "label", "strong") in px."""
        if role not in self._types:
            self._types[role] = round(TYPE_MM[STRONG.get(role, role)] * self.screen.px_per_mm * self.scale)
        return self._types[role]

    def icon_px(self, role: str) -> int:
        """The side of an icon beside words of a type role."""
        return round(self.type_px(role) * ICON_EM)

    def space(self, name: str) -> int:
        """px of a name in SPACE_MM, or of "between": of a gap with a target on either side."""
        if name == "between":
            return self.between()
        if name == "xl":  # what stands at the edge of the window is touched too
            return max(self.size(SPACE_MM[name] * self._tight), self.from_glass())
        return 0 if name == "none" else self.size(SPACE_MM[name] * self._tight)

    def target(self, name: str) -> int:
        return self.real(TARGET_MM[name])

    def row_height(self) -> int:
        """Of a button that is not the next step and of a list row: 14 mm, more where type and space are larger."""
        return max(self.target("touch"), self.size(TARGET_MM["touch"]))

    def between(self) -> int:
        """The gap between two targets: 1.6 mm on the glass, on the 4 px grid."""
        return max(self.space("s"), ceil(BETWEEN_MM * self.screen.px_per_mm / 4) * 4)

    def from_glass(self) -> int:
        """How near a button may be to the edge of the glass: 2.8 mm on it, on the 4 px grid."""
        return ceil(GLASS_MM * self.screen.px_per_mm / 4) * 4

    def bar(self, name: str) -> int:
        return self.size(BAR_MM[name])

    def width(self, name: str) -> int:
        return self.size(WIDTH_MM[name])

    def radius(self, name: str) -> int:
        return self.size(RADIUS_MM[name])

    def stroke(self, name: str) -> int:
        return STROKE_PX[name]
