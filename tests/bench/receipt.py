"""A receipt, warm, beside reportlab with a segno QR code. Every receipt has another transaction id, so no code is met twice."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from itertools import count

from kiosk.domain.swap.receipt import Receipt
from kiosk.station.adapters.receipts.fonts import FontMetrics
from kiosk.station.adapters.receipts.layout import Box, Drawing, QrCode, TextLine
from kiosk.station.adapters.receipts.page import POINTS_PER_MM, PaperFormat, lay_out
from kiosk.station.adapters.receipts.pdf import receipt_pdf
from kiosk.station.services.receipt_lines import receipt_text
from tests.bench import samples
from tests.bench.figures import Figure, compared
from tests.bench.floors import receipt as bare
from tests.bench.timing import interleaved, per_call

_ROUNDS = 60


def receipt() -> Iterator[Figure]:
    """One figure."""
    numbers = count()
    same_lines = page_of(samples.sample_receipt())

    def floor() -> bytes:
        x, y, size, _ = same_lines.code
        return bare.pdf(replace(same_lines, code=(x, y, size, samples.sample_receipt(next(numbers)).transaction_id)))

    def ours() -> bytes:
        return receipt_pdf(receipt_text(samples.sample_receipt(next(numbers)), UTC))

    timed = interleaved(per_call(ours), per_call(floor), rounds=_ROUNDS)
    note = "ours lays the lines out and embeds its typeface; the floor is told where they stand and uses the built-in Helvetica"
    yield compared("receipt, warm", timed, "ms", 1.0, note)


def page_of(receipt: Receipt) -> bare.Page:
    """Our layout as the floor is told it."""
    drawing: Drawing = lay_out(receipt_text(receipt, UTC), PaperFormat.ROLL_80.printable_mm * POINTS_PER_MM, FontMetrics())
    return bare.Page(
        width=drawing.width,
        height=drawing.height,
        lines=[(each.x, each.y, each.text, each.style.size, each.style.bold) for each in drawing.items if isinstance(each, TextLine)],
        boxes=[(each.x, each.y, each.width, each.height) for each in drawing.items if isinstance(each, Box)],
        code=next((each.x, each.y, each.size, each.text) for each in drawing.items if isinstance(each, QrCode)),
    )
