"""The lines of a receipt, without a place on paper or on a screen: what is drawn there."""

from dataclasses import dataclass
from enum import Enum, auto


class LineStyle(Enum):
    """How a line of a receipt stands out."""

    PLAIN = auto()
    BATTERY = auto()  # the first line of a battery, its value larger
    DETAIL = auto()  # the second line of a battery, its value smaller
    TOTAL = auto()
    HEADING = auto()
    NOTE = auto()


class Medium(Enum):
    """Where a line is drawn: a screen has room for few lines, and says some of them shorter."""

    PAPER = auto()
    SCREEN = auto()


EVERYWHERE = frozenset(Medium)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    """One line: `name` at the left and `value` at the right; "" is none. Where a screen has too little room, the lines with the lowest
    `priority` are left out first; a line without one never is.
    """

    name: str
    value: str = ""
    style: LineStyle = LineStyle.PLAIN
    media: frozenset[Medium] = EVERYWHERE
    priority: int | None = None


Lines = tuple[ReceiptLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptText:
    """All that a receipt says, in the language that was spoken when it was made. "" is nothing to say.

    `notice` is a remark, its heading first. `training` stands at both ends and across the paper. `transaction_id` is printed as a code too.
    """

    language: str = "en"
    title: str
    copy: str = ""
    station: str
    time: str
    notice: tuple[str, str] = ("", "")
    batteries: Lines
    energy: Lines = ()
    payment: Lines = ()
    quotas: Lines = ()
    particulars: Lines = ()
    transaction_id: str
    document_title: str
    training: str = ""

    def sections(self, medium: Medium) -> tuple[Lines, ...]:
        """The lines of this medium from top to bottom, without the sections that have none."""
        every = (self.batteries, self.energy, self.payment, self.quotas, self.particulars)
        found = (tuple(line for line in section if medium in line.media) for section in every)
        return tuple(section for section in found if section)
