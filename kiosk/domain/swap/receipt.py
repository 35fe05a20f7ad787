"""Receipt: what the customer takes home (specification, completeService; decisions 5, 11, 16)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
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
    named: bool = False  # the value is a name, and no id


Lines = tuple[ReceiptLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptText:
    """All that a receipt says, in the language that was spoken when it was made. "" is nothing to say.

    `left_out` stands on paper in place of a name whose letters no font has. `notice` is a remark, its heading first. `training` stands at
    both ends and across the paper. `proof` is printed as a code; where there is none, `transaction_id` is.
    """

    language: str = "en"
    title: str
    copy: str = ""
    station: str
    left_out: str = ""
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
    proof: str = ""

    def sections(self, medium: Medium) -> tuple[Lines, ...]:
        """The lines of this medium from top to bottom, without the sections that have none."""
        every = (self.batteries, self.energy, self.payment, self.quotas, self.particulars)
        return tuple(filter(None, (tuple(line for line in section if medium in line.media) for section in every)))


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryLine:
    """One battery on a receipt; `kwh` is None where kWh is not tracked, `read_at` None where the reading's time is not known."""

    battery_id: str
    kwh: Decimal | None
    read_at: datetime | None = None
    estimated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaLine:
    """What is left of one service after the swap. `unit` is "kWh" or "" for swaps; unlimited is never a number (decision 7)."""

    name: str
    remaining: Decimal
    quota: Decimal
    unit: str = ""
    unlimited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidPart:
    """One of several receipts that were paid by."""

    amount: Decimal
    receipt_id: str
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidLine:
    """What was paid: the amount in all, and the receipt; of several, `parts` has all of them and the receipt is the last.

    `bought_kwh` is what it credited at `rate` a kWh, `bought_swaps` at `swap_rate` a swap (decision 9); all are None
    when the quota was sufficient anyway."""

    amount: Decimal
    currency: str
    receipt_id: str
    method: str
    rate: Decimal | None = None
    bought_kwh: Decimal | None = None
    swap_rate: Decimal | None = None
    bought_swaps: Decimal | None = None
    parts: tuple[PaidPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One swap as printed. `copy` counts reprints from 1; 0 is the first print.

    `counted_kwh` is what is counted of the returned battery, where that is less than what was read (decision 28); `approved` who let it be
    taken back with more than it went out with, and why; `doubt_approved` who let readings stand that cannot both be true (decision 59).
    `proof` is the text of its signed code; "" where nothing is signed.
    """

    transaction_id: str
    timestamp: datetime
    station_id: str
    station_name: str
    attendant_id: str
    customer_id: str
    plan_name: str
    returned: BatteryLine | None
    issued: BatteryLine
    net_kwh: Decimal | None
    quotas: tuple[QuotaLine, ...]
    paid: PaidLine | None = None
    settled: bool = False
    training: bool = False
    copy: int = 0
    counted_kwh: Decimal | None = None
    approved: str = ""
    doubt_approved: str = ""
    proof: str = ""
