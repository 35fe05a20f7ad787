"""A receipt by reportlab with a segno QR code: lines and boxes where they are told to stand, one path for the code."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import segno
from reportlab.pdfgen.canvas import Canvas

_REGULAR, _BOLD = "Helvetica", "Helvetica-Bold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Points, y downwards: `lines` are (x, y, text, size, bold), `boxes` (x, y, width, height), the code (x, y, size, text)."""

    width: float
    height: float
    lines: Sequence[tuple[float, float, str, float, bool]]
    boxes: Sequence[tuple[float, float, float, float]]
    code: tuple[float, float, float, str]


def pdf(page: Page) -> bytes:
    """One page."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(page.width, page.height))
    for x, y, width, height in page.boxes:
        canvas.rect(x, page.height - y - height, width, height, stroke=0, fill=1)
    for x, y, text, size, bold in page.lines:
        canvas.setFont(_BOLD if bold else _REGULAR, size)
        canvas.drawString(x, page.height - y, text)
    _draw_code(canvas, page)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def _draw_code(canvas: Canvas, page: Page) -> None:
    x, y, size, text = page.code
    matrix = segno.make_qr(text, error="m").matrix
    module = size / (len(matrix) + 8)
    path = canvas.beginPath()
    for row, modules in enumerate(matrix):
        for column, dark in enumerate(modules):
            if dark:
                path.rect(x + (column + 4) * module, page.height - y - (row + 5) * module, module, module)
    canvas.drawPath(path, stroke=0, fill=1)
