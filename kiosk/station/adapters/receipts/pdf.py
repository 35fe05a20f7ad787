"""Receipt to PDF by reportlab, in this process.

One page: on a roll exactly as long as its content, on a sheet of A4 one column in the middle, smaller where a receipt is long.
The same receipt gives the same bytes (reportlab's invariant mode). Nothing that a receipt says makes this fail.
"""

import io
from dataclasses import dataclass
from functools import cache
from math import cos, radians, tan

from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.textobject import PDFTextObject

from kiosk.domain.swap.receipt import ReceiptText
from kiosk.shared.qr_code import QUIET_ZONE, dark_runs, qr_rows
from kiosk.station.adapters.receipts.embedding import ScriptFonts
from kiosk.station.adapters.receipts.fonts import BOLD, REGULAR, FontMetrics
from kiosk.station.adapters.receipts.layout import Box, Drawing, QrCode, TextLine, TypeStyle
from kiosk.station.adapters.receipts.page import A4_HEIGHT_MM, POINTS_PER_MM, PaperFormat, lay_out

MARGIN_MM = 4  # above and below the content of a roll
_SHEET_MARGIN_MM = 18
_SHEET_SCALE = 1.5
_OUTLINE = 0.9
_ACROSS = TypeStyle(21, bold=True)
_ACROSS_GREY = 0.8
_ACROSS_EVERY = 150.0  # points from one line of the words across a receipt to the next
_ACROSS_ANGLE = 32
_ACROSS_COSINE = cos(radians(_ACROSS_ANGLE)) * 1.08  # the letters' height leans out too


def receipt_pdf(text: ReceiptText, paper: PaperFormat = PaperFormat.ROLL_80) -> bytes:
    """The PDF of a receipt, one page."""
    column_width = paper.printable_mm * POINTS_PER_MM / (1 if paper.is_roll else _SHEET_SCALE)
    drawing = lay_out(text, column_width, _metrics())
    page = _page(paper, drawing)
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=page.size, invariant=1, pageCompression=0, lang=text.language)
    canvas.setTitle(_metrics().printable(text.document_title))
    canvas.setAuthor(_metrics().printable(text.station))
    if text.proof:
        canvas.setSubject(text.proof)  # `receipt verify FILE` reads it there
    canvas.translate(page.left, page.top)
    canvas.scale(page.scale, page.scale)
    scripts = ScriptFonts()
    _draw(canvas, drawing, scripts)
    canvas.showPage()
    scripts.finish(canvas)
    canvas.save()
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class _Page:
    """A page in points: its size, the upper left corner of the column (from the lower left of the page), and the column's scale."""

    size: tuple[float, float]
    left: float
    top: float
    scale: float


@cache
def _metrics() -> FontMetrics:
    return FontMetrics()


def _page(paper: PaperFormat, drawing: Drawing) -> _Page:
    width = paper.width_mm * POINTS_PER_MM
    if paper.is_roll:
        margin = MARGIN_MM * POINTS_PER_MM
        height = drawing.height + 2 * margin
        return _Page((width, height), (width - drawing.width) / 2, height - margin, 1.0)
    height, margin = A4_HEIGHT_MM * POINTS_PER_MM, _SHEET_MARGIN_MM * POINTS_PER_MM
    scale = min(_SHEET_SCALE, (height - 2 * margin) / drawing.height)
    return _Page((width, height), (width - drawing.width * scale) / 2, height - margin, scale)


def _draw(canvas: Canvas, drawing: Drawing, scripts: ScriptFonts) -> None:
    """The origin is the upper left corner of the column, y grows upwards: everything stands below zero."""
    if drawing.across:
        _draw_across(canvas, drawing, scripts)
    for item in drawing.items:
        if isinstance(item, QrCode):
            _draw_qr_code(canvas, item)
        elif isinstance(item, Box) and item.filled:
            canvas.rect(item.x, -item.y - item.height, item.width, item.height, stroke=0, fill=1)
        elif isinstance(item, Box):
            canvas.setLineWidth(_OUTLINE)
            inset = _OUTLINE / 2
            canvas.rect(item.x + inset, inset - item.y - item.height, item.width - _OUTLINE, item.height - _OUTLINE, stroke=1, fill=0)
    _draw_texts(canvas, [item for item in drawing.items if isinstance(item, TextLine)], scripts)


def _draw_qr_code(canvas: Canvas, item: QrCode) -> None:
    canvas.saveState()
    canvas.translate(item.x, -item.y - item.size)
    canvas.setFillGray(1)
    canvas.rect(0, 0, item.size, item.size, stroke=0, fill=1)
    canvas.setFillGray(0)
    canvas.addLiteral(_qr_operators(item.text, item.size))
    canvas.restoreState()


def _qr_operators(text: str, size: float) -> str:
    """The dark modules in a square of `size`, origin at its lower left, with the quiet zone inside.

    One path of horizontal runs on a grid of whole numbers: a rectangle for every module costs more than the rest of a receipt.
    """
    rows = qr_rows(text)
    if not rows:
        return ""
    scale = size / (len(rows) + 2 * QUIET_ZONE)
    runs = [
        f"{start + QUIET_ZONE} {len(rows) + QUIET_ZONE - 1 - number} {length} 1 re"
        for number, row in enumerate(rows)
        for start, length in dark_runs(row)
    ]
    return f"{scale:.4f} 0 0 {scale:.4f} 0 0 cm {' '.join(runs)} f"


def _draw_texts(canvas: Canvas, items: list[TextLine], scripts: ScriptFonts) -> None:
    line = canvas.beginText()
    inverse = False
    style: TypeStyle | None = None
    for item in items:
        if item.inverse is not inverse:
            inverse = item.inverse
            line.setFillGray(1 if inverse else 0)
        if item.style != style:
            style = item.style
            line.setFont(_font(style), style.size)
        if _metrics().is_own(item.text):
            line.setTextOrigin(item.x, -item.y)
            line.textOut(item.text)
        else:
            _draw_pieces(line, item, scripts)
            style = None  # it left a font of its own
    canvas.drawText(line)


def _draw_pieces(line: PDFTextObject, item: TextLine, scripts: ScriptFonts) -> None:
    """In the order in which they are read, each where it stands: so the text can be found and copied."""
    for piece in _metrics().pieces(item.text, item.style):
        x = item.x + piece.x * item.style.size / 1000
        if piece.font is not None:
            scripts.draw(line, piece, item.style, x, -item.y)
        elif piece.text:
            line.setFont(_font(item.style), item.style.size)
            line.setTextOrigin(x, -item.y)
            line.textOut(piece.text)


def _draw_across(canvas: Canvas, drawing: Drawing, scripts: ScriptFonts) -> None:
    """Grey words aslant, below all else, from edge to edge of the column."""
    size = _ACROSS.size * drawing.width / (_metrics().width(drawing.across, _ACROSS) * _ACROSS_COSINE)
    canvas.saveState()
    canvas.setFillGray(_ACROSS_GREY)
    words = TextLine(-_metrics().width(drawing.across, style := TypeStyle(size, bold=True)) / 2, 0, drawing.across, style)
    for y in _across_at(drawing):
        canvas.saveState()
        canvas.translate(drawing.width / 2, -y)
        canvas.rotate(_ACROSS_ANGLE)
        _draw_texts(canvas, [words], scripts)
        canvas.restoreState()
    canvas.restoreState()


def _across_at(drawing: Drawing) -> list[float]:
    """Where the middles of the words across stand: between the band at the top and the QR code."""
    reach = drawing.width / 2 * tan(radians(_ACROSS_ANGLE))
    top = next((item.y + item.height for item in drawing.items if isinstance(item, Box)), 0.0)
    bottom = next((item.y for item in drawing.items if isinstance(item, QrCode)), drawing.height)
    first, last = top + reach, max(top + reach, bottom - reach)
    steps = round((last - first) / _ACROSS_EVERY)
    return [first + (last - first) * step / max(1, steps) for step in range(steps + 1)]


def _font(style: TypeStyle) -> str:
    return BOLD if style.bold else REGULAR
