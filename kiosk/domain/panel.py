"""The panel that the counter is shown on: its size in millimetres, and whether the pages have room on it.

Pure. Every page was laid out and looked at from MIN_MM and MIN_PX on; on less, what is touched would be under 12 mm.
"""

from dataclasses import dataclass
from math import hypot

from kiosk.domain.language import tr

MIN_MM = (215, 129)  # the smallest that was measured is 10.1 inch: 217 x 136 mm at 1280x800, 221 x 130 mm at 1024x600
MIN_PX = (1024, 600)
GUESSES = (
    ((800, 600), 7.0),
    ((1024, 600), 10.1),
    ((1280, 800), 12.1),
)  # up to this resolution a panel of unknown size is taken for so many inches
LARGE_INCHES = 15.6  # and above them for so many
BELIEVED_DPI = (60.0, 300.0)  # what a screen reports outside of this is not its size
MM_PER_INCH = 25.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A window of `width` x `height` px that fills a panel of `inches` diagonal."""

    width: int
    height: int
    inches: float

    @property
    def px_per_mm(self) -> float:
        return hypot(self.width, self.height) / (self.inches * MM_PER_INCH)

    @property
    def size_mm(self) -> tuple[float, float]:
        return self.width / self.px_per_mm, self.height / self.px_per_mm

    @property
    def has_room(self) -> bool:
        """Whether every page has room on it."""
        wide, high = self.size_mm
        return wide >= MIN_MM[0] and high >= MIN_MM[1] and self.width >= MIN_PX[0] and self.height >= MIN_PX[1]

    @property
    def words(self) -> str:
        """What it is, for people: size in inches, px and mm."""
        wide, high = self.size_mm
        inches = f"{self.inches:.1f}".removesuffix(".0")
        return tr(
            "{inches} inch, {width} x {height} px, {wide} x {high} mm",
            inches=inches,
            width=self.width,
            height=self.height,
            wide=round(wide),
            high=round(high),
        )


def diagonal_inches(width: int, height: int, *, setting: float | None = None, reported_mm: tuple[float, float] | None = None) -> float:
    """The diagonal of a panel of `width` x `height` px: the setting, else the screen's report when it gives a
    resolution between 60 and 300 dpi, else 7 inch up to 800x600, 10.1 inch up to 1024x600, 12.1 inch up to 1280x800 and 15.6 inch above."""
    if setting is not None and setting > 0:
        return setting
    if reported_mm is not None and min(reported_mm) > 0:
        inches = hypot(*reported_mm) / MM_PER_INCH
        if BELIEVED_DPI[0] <= hypot(width, height) / inches <= BELIEVED_DPI[1]:
            return inches
    return next((inches for (wide, high), inches in GUESSES if width <= wide and height <= high), LARGE_INCHES)
