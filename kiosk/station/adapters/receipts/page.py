"""Where each line of a receipt stands on paper, from top to bottom: its style decides how it is drawn."""

from enum import StrEnum

from kiosk.domain.swap.receipt import Lines, LineStyle, Medium, ReceiptText
from kiosk.shared.qr_code import QUIET_ZONE, qr_rows
from kiosk.station.adapters.receipts.layout import BODY, FIGURE, NAME, NOTE, STRONG, TITLE, TOTAL, Column, Drawing, FontWidths, TypeStyle

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


_DOT = 72 / 203.2  # a thermal head prints 8 dots a millimetre
_MAX_DOTS = 7  # a module: a transaction id needs 25 of them, 29 mm with its quiet zone
_MIN_DOTS = 3  # less than that a thermal head blurs
_MAX_CODE_DOTS = 340  # 42 mm: what the narrowest roll has room for
MAX_QR_CHARACTERS = 120
_MIN_ID_SIZE = 7.5
_BAND = TypeStyle(10.5, bold=True)
_STYLES = {  # of a line's name and of its value
    LineStyle.PLAIN: (BODY, STRONG),
    LineStyle.BATTERY: (BODY, FIGURE),
    LineStyle.DETAIL: (STRONG, NOTE),
    LineStyle.TOTAL: (STRONG, TOTAL),
    LineStyle.HEADING: (STRONG, STRONG),
    LineStyle.NOTE: (NOTE, NOTE),
}


def lay_out(text: ReceiptText, width: float, fonts: FontWidths) -> Drawing:
    """The drawing of a receipt, `width` points wide."""
    column = Column(fonts, width)
    if text.training:
        column.band(text.training, _BAND)
        column.space(6)
    _heading(column, text)
    for number, section in enumerate(text.sections(Medium.PAPER)):
        if number == 0 and any(text.notice):
            column.space(4)  # the notice has a lower edge of its own
        else:
            column.rule()
        _section(column, section, text.left_out)
    column.rule(below=1)
    _code(column, text.proof or (text.transaction_id if len(text.transaction_id) <= MAX_QR_CHARACTERS else ""))
    column.text(text.transaction_id, column.fitted(text.transaction_id, NOTE, _MIN_ID_SIZE, column.width), centred=True)
    if text.training:
        column.space(6)
        column.band(text.training, _BAND)
    return column.drawing(text.training)


def _code(column: Column, text: str) -> None:
    """As large as paper and printer take it: whole dots a module, so that every edge is one of the head's."""
    rows = qr_rows(text) if text else ()
    modules = len(rows) + 2 * QUIET_ZONE
    dots = min(_MAX_DOTS, _MAX_CODE_DOTS // modules)
    if rows and dots >= _MIN_DOTS:
        column.code(text, modules * dots * _DOT)


def _heading(column: Column, text: ReceiptText) -> None:
    column.pair(text.title, text.copy, TITLE, FIGURE)
    column.space(2)
    column.text(_name(column, text.station, text.left_out), NAME)
    column.text(text.time)
    if any(text.notice):
        column.space(5)
        column.notice(*text.notice)


def _name(column: Column, name: str, left_out: str) -> str:
    return name and (column.fonts.printable_name(name) or left_out)


def _section(column: Column, lines: Lines, left_out: str) -> None:
    for number, line in enumerate(lines):
        if line.style is LineStyle.BATTERY and number > 0:
            column.space(3)
        name_style, value_style = _STYLES[line.style]
        if line.value:
            column.pair(line.name, _name(column, line.value, left_out) if line.named else line.value, name_style, value_style)
        else:
            column.text(line.name, name_style)
