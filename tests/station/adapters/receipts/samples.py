"""Receipts for tests, and what a reader sees in a page: its text, its ink, its code."""

import functools
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pypdfium2
import zxingcpp
from PIL import Image

from kiosk.domain.swap.receipt import BatteryLine, PaidLine, QuotaLine, Receipt, ReceiptText
from kiosk.station.adapters.receipts.page import PaperFormat
from kiosk.station.adapters.receipts.pdf import receipt_pdf
from kiosk.station.services.receipt_lines import receipt_text

NAIROBI = timezone(timedelta(hours=3))
SWAPPED_AT = datetime(2026, 11, 21, 11, 5, 12, tzinfo=UTC)
DOTS_PER_INCH = 203
RETURNED = BatteryLine(battery_id="BAT-12345", kwh=Decimal("4.8"), read_at=SWAPPED_AT - timedelta(seconds=80))
ISSUED = BatteryLine(battery_id="BAT-67890", kwh=Decimal("30.4"), read_at=SWAPPED_AT - timedelta(seconds=30))
SWAPS = QuotaLine(name="swap_count", remaining=Decimal(3), quota=Decimal(10))
ELECTRICITY = QuotaLine(name="electricity_fuel", remaining=Decimal("29.9"), quota=Decimal(400), unit="kWh")
NETWORK = QuotaLine(name="Swap network", remaining=Decimal(0), quota=Decimal(100_000_000), unlimited=True)
TOPPED_UP = PaidLine(
    amount=Decimal("12.48"), currency="USD", receipt_id="PAY-78910", method="MOBILE_MONEY", rate=Decimal("0.80"), bought_kwh=Decimal("15.6")
)
SETTLED = Receipt(
    transaction_id="TXN-01JD4Z6Q7W8X9Y0Z1A2B3C4D5E",
    timestamp=SWAPPED_AT,
    station_id="STATION_XYZ",
    station_name="Nairobi Westlands",
    attendant_id="ATT-001",
    customer_id="CUST-001",
    plan_name="Weekly Freedom Nairobi",
    returned=RETURNED,
    issued=ISSUED,
    net_kwh=Decimal("25.6"),
    quotas=(SWAPS, ELECTRICITY, NETWORK),
    settled=True,
)
PAID = replace(SETTLED, paid=TOPPED_UP)
HOSTILE = "\x00\x1b[2J\u202eAB\ud800\u0007)\\(<>&%s{0}\r\n\u2028–é北"


def text_for(receipt: Receipt) -> ReceiptText:
    """What a receipt says at a station in Nairobi."""
    return receipt_text(receipt, NAIROBI)


def pdf_of(receipt: Receipt, paper: PaperFormat = PaperFormat.ROLL_80) -> bytes:
    """The receipt as a page."""
    return receipt_pdf(text_for(receipt), paper)


def page(receipt: Receipt, paper: PaperFormat = PaperFormat.ROLL_80) -> pypdfium2.PdfPage:
    """The only page of the receipt's PDF; one more would fail."""
    document = pypdfium2.PdfDocument(pdf_of(receipt, paper))
    assert len(document) == 1
    return document[0]


@functools.cache
def text_of(receipt: Receipt, paper: PaperFormat = PaperFormat.ROLL_80) -> str:
    """All that can be read on the receipt, with single spaces."""
    return " ".join(page(receipt, paper).get_textpage().get_text_bounded().split())


def picture(receipt: Receipt, paper: PaperFormat = PaperFormat.ROLL_80) -> Image.Image:
    """The receipt as a thermal head prints it, grey on white."""
    image: Image.Image = page(receipt, paper).render(scale=DOTS_PER_INCH / 72).to_pil()
    return image.convert("L")


def code_on(receipt: Receipt, paper: PaperFormat = PaperFormat.ROLL_80) -> str:
    """What a phone reads from the printed code. From digits beside it the library makes a code with bars now and then."""
    codes = zxingcpp.barcode_formats_from_str("QRCode")
    found = zxingcpp.read_barcodes(picture(receipt, paper), formats=codes)
    assert len(found) == 1
    return found[0].text


def ink_edges_mm(image: Image.Image) -> tuple[float, float, float, float]:
    """White left, above, right and below whatever is printed, in millimetres."""
    dark = image.point(lambda grey: 255 if grey < 250 else 0).getbbox()
    assert dark is not None
    left, top, right, bottom = dark
    return tuple(dots * 25.4 / DOTS_PER_INCH for dots in (left, top, image.width - right, image.height - bottom))  # type: ignore[return-value]  # four of them
