"""What a receipt says, from top to bottom (specification, receipt; decisions 2, 4, 7, 9, 11, 16)."""

from datetime import tzinfo

from kiosk.domain.swap.receipt import BatteryLine, PaidLine, Receipt
from kiosk.station.adapters.receipts import words
from kiosk.station.adapters.receipts.layout import FIGURE, NAME, NOTE, STRONG, TITLE, TOTAL, Column, Drawing, Metrics, Style

TRAINING = "TRAINING - not a receipt"
NOT_CONFIRMED = "Not yet confirmed"
_NOT_CONFIRMED_WHY = "The swap is recorded at this station and is confirmed by the platform later."
_DOT = 72 / 203.2  # a thermal head prints 8 dots a millimetre
_MODULES = 25 + 2 * 4  # a transaction id needs 25 modules, the quiet zone 4 at each side
QR_SIZE = _MODULES * 7 * _DOT
MOST_QR_CHARACTERS = 120
_LEAST_ID_SIZE = 7.5
_BAND = Style(10.5, bold=True)


def lay_out(receipt: Receipt, width: float, metrics: Metrics, zone: tzinfo | None) -> Drawing:
    """The drawing of a receipt, `width` points wide; printed times are of `zone` (None is the machine's own)."""
    column = Column(metrics, width)
    if receipt.training:
        column.band(TRAINING, _BAND)
        column.space(6)
    _heading(column, receipt, zone)
    _energy(column, receipt, zone)
    if receipt.paid is not None:
        _payment(column, receipt.paid)
    _quotas(column, receipt)
    _particulars(column, receipt)
    if receipt.training:
        column.space(6)
        column.band(TRAINING, _BAND)
    return column.drawing(TRAINING if receipt.training else "")


def _heading(column: Column, receipt: Receipt, zone: tzinfo | None) -> None:
    column.pair("Service receipt", f"Copy {receipt.copy}" if receipt.copy else "", TITLE, FIGURE)
    column.space(2)
    column.text(receipt.station_name or receipt.station_id, NAME)
    column.text(words.date_time(words.local(receipt.timestamp, zone)))
    if not receipt.settled:
        column.space(5)
        column.notice(NOT_CONFIRMED, _NOT_CONFIRMED_WHY)


def _energy(column: Column, receipt: Receipt, zone: tzinfo | None) -> None:
    if receipt.settled:
        column.rule()
    else:
        column.space(4)  # the notice has a lower edge of its own
    if receipt.returned is None:
        column.pair("Returned", "none, first visit")
    else:
        _battery(column, "Returned", receipt.returned, receipt, zone)
    column.space(3)
    _battery(column, "New", receipt.issued, receipt, zone)
    if receipt.net_kwh is None:
        return
    column.rule()
    column.pair("Electricity delivered", words.kwh(receipt.net_kwh), STRONG, TOTAL)
    column.text(words.rounding(receipt), NOTE)
    if words.estimated(receipt):
        column.text("An estimate, from the state of charge.", NOTE)
    if receipt.net_kwh < 0:
        column.text("The returned battery held more than the new one.", NOTE)


def _battery(column: Column, name: str, line: BatteryLine, receipt: Receipt, zone: tzinfo | None) -> None:
    energy, read = words.battery_energy(line), words.read_time(line, words.local(receipt.timestamp, zone), zone)
    column.pair(f"{name} battery" if not energy else name, energy or line.battery_id, value_style=FIGURE)
    if energy:
        column.pair(line.battery_id, read, STRONG, NOTE)
    else:
        column.text(read, NOTE)


def _payment(column: Column, paid: PaidLine) -> None:
    column.rule()
    for line in words.bought(paid):
        column.text(line)
    column.pair("Paid", words.money(paid.amount, paid.currency), STRONG, TOTAL)
    for part in paid.parts:
        column.pair(f"{words.method(part.method)} {part.receipt_id}", words.money(part.amount, paid.currency))
    if paid.parts:
        return
    column.pair("Method", words.method(paid.method))
    column.pair("Payment receipt", paid.receipt_id)


def _quotas(column: Column, receipt: Receipt) -> None:
    if not receipt.quotas:
        return
    column.rule()
    column.text("Left on the plan", STRONG)
    for line in receipt.quotas:
        column.pair(words.quota_name(line), words.quota_left(line))


def _particulars(column: Column, receipt: Receipt) -> None:
    column.rule()
    column.pair("Customer", receipt.customer_id)
    column.pair("Plan", receipt.plan_name)
    column.pair("Station", receipt.station_id)
    column.pair("Attendant", receipt.attendant_id)
    column.rule(below=1)
    if 0 < len(receipt.transaction_id) <= MOST_QR_CHARACTERS:
        column.code(receipt.transaction_id, QR_SIZE)
    column.text(receipt.transaction_id, column.fitted(receipt.transaction_id, NOTE, _LEAST_ID_SIZE, column.width), centred=True)
