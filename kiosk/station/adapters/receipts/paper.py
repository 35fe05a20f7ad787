"""Paper formats: what a printer takes, and how much of its width the head reaches."""

from enum import StrEnum

POINTS_PER_MM = 72 / 25.4
_WIDTHS_MM = {"80mm": (80, 72), "58mm": (58, 48), "A4": (210, 108)}
A4_HEIGHT_MM = 297


class PaperFormat(StrEnum):
    """The values of `[printing] paper`. A roll prints 72 of 80 mm and 48 of 58 mm; a sheet of A4 carries one column in its middle."""

    ROLL_80 = "80mm"
    ROLL_58 = "58mm"
    A4 = "A4"

    @property
    def width_mm(self) -> int:
        """Of the paper."""
        return _WIDTHS_MM[self][0]

    @property
    def printable_mm(self) -> int:
        """Of the column that everything stands in."""
        return _WIDTHS_MM[self][1]

    @property
    def is_roll(self) -> bool:
        """Whether the page is as long as its content; a sheet is as long as a sheet."""
        return self is not PaperFormat.A4
