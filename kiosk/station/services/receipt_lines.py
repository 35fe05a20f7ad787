"""What a receipt says, line by line from top to bottom (specification, receipt; decisions 2, 4, 7, 9, 11, 16).

It is written here once; the printer's page and the last page of a swap draw the lines, each those of its medium. A new field is one line
here, in the section where it belongs.
"""

from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal

from kiosk.domain.language import mark, tr, tr_count
from kiosk.domain.swap.receipt import (
    EVERYWHERE,
    BatteryLine,
    Lines,
    LineStyle,
    Medium,
    PaidLine,
    QuotaLine,
    Receipt,
    ReceiptLine,
    ReceiptText,
)
from kiosk.domain.written import MINUS, write_kwh, write_number
from kiosk.shared.formatting import NO_BREAK_SPACE, format_date, format_date_time, format_kwh, format_method, format_money, format_time

PAPER, SCREEN = frozenset({Medium.PAPER}), frozenset({Medium.SCREEN})
_PLAN_PRIORITY, _PART_PRIORITY = range(2)


@dataclass(frozen=True, slots=True)
class _Labels:
    """How a battery is called: with its energy beside it, with its id beside it, and with its id in the label."""

    short: str
    full: str
    with_id: str


_RETURNED = _Labels(mark("Returned"), mark("Returned battery"), mark("Returned {battery_id}"))
_NEW = _Labels(mark("New"), mark("New battery"), mark("New {battery_id}"))
SWAP_COUNT, ELECTRICITY = "swap_count", "electricity_fuel"  # the specification's keys of quotas_remaining
_QUOTA_NAMES = {SWAP_COUNT: mark("Swaps"), ELECTRICITY: mark("Electricity")}
_QUOTAS_LEFT = {SWAP_COUNT: mark("Swaps left"), ELECTRICITY: mark("Electricity left")}


def receipt_text(receipt: Receipt, zone: tzinfo | None, language: str = "en") -> ReceiptText:
    """The lines of a receipt in the language of now; times are of `zone` (None is the machine's own). Raises nothing for any receipt."""
    unconfirmed = tr("Not yet confirmed"), tr("The swap is recorded here. The platform confirms it later.")
    return ReceiptText(
        language=language,
        title=tr("Service receipt"),
        document_title=tr("Service receipt {transaction_id}", transaction_id=receipt.transaction_id),
        copy=tr("Copy {number}", number=receipt.copy) if receipt.copy else "",
        station=receipt.station_name or receipt.station_id,
        left_out=tr("(in letters that cannot be printed)"),
        time=format_date_time(receipt.timestamp, zone),
        notice=("", "") if receipt.settled else unconfirmed,
        batteries=_batteries(receipt, zone),
        energy=_energy(receipt),
        payment=_payment(receipt.paid) if receipt.paid is not None else (),
        quotas=_quotas(receipt),
        particulars=(
            _line(tr("Customer"), receipt.customer_id, PAPER),
            ReceiptLine(name=tr("Plan"), value=receipt.plan_name, priority=_PLAN_PRIORITY, named=True),
            _line(tr("Station"), receipt.station_id, PAPER),
            _line(tr("Attendant"), receipt.attendant_id, PAPER),
        ),
        transaction_id=receipt.transaction_id,
        training=tr("TRAINING - not a receipt") if receipt.training else "",
        proof=receipt.proof,
    )


def _line(name: str, value: str = "", media: frozenset[Medium] = EVERYWHERE, *, priority: int | None = None) -> ReceiptLine:
    return ReceiptLine(name=name, value=value, media=media, priority=priority)


def _paper(style: LineStyle, name: str, value: str = "") -> ReceiptLine:
    return ReceiptLine(name=name, value=value, style=style, media=PAPER)


def _batteries(receipt: Receipt, zone: tzinfo | None) -> Lines:
    customer = _line(tr("Customer"), receipt.customer_id, SCREEN)
    if receipt.returned is None:
        returned: Lines = (_line(tr("Returned"), tr("none, first visit"), PAPER), _line(tr("Returned, first visit"), tr("none"), SCREEN))
    else:
        returned = _battery(_RETURNED, receipt.returned, receipt, zone)
    doubt = tr("Readings in doubt: approved by {approval}", approval=receipt.doubt_approved) if receipt.doubt_approved else ""
    return (customer, *returned, *_battery(_NEW, receipt.issued, receipt, zone), _paper(LineStyle.NOTE, doubt))


def _battery(labels: _Labels, battery: BatteryLine, receipt: Receipt, zone: tzinfo | None) -> Lines:
    energy, read = _battery_energy(battery), _read_time(battery, receipt, zone)
    if energy:
        printed: Lines = (_paper(LineStyle.BATTERY, tr(labels.short), energy), _paper(LineStyle.DETAIL, battery.battery_id, read))
    else:
        printed = (_paper(LineStyle.BATTERY, tr(labels.full), battery.battery_id), _paper(LineStyle.NOTE, read))
    return (*printed, _line(tr(labels.with_id, battery_id=battery.battery_id), energy, SCREEN))


def _battery_energy(battery: BatteryLine) -> str:
    """ "4.8 kWh", "4.8 kWh (estimate)" (decision 11), "" where energy is not tracked."""
    if battery.kwh is None:
        return ""
    energy = format_kwh(battery.kwh)
    return tr("{energy} (estimate)", energy=energy) if battery.estimated else energy


def _read_time(battery: BatteryLine, receipt: Receipt, zone: tzinfo | None) -> str:
    """ "read 14:03:10", with its date when it is another day; "" when it is not known."""
    if battery.read_at is None:
        return ""
    same_day = format_date(battery.read_at, zone) == format_date(receipt.timestamp, zone)
    return tr("read {time}", time=(format_time if same_day else format_date_time)(battery.read_at, zone))


def _energy(receipt: Receipt) -> Lines:
    if receipt.net_kwh is None:
        return ()
    net = format_kwh(receipt.net_kwh)
    estimated = receipt.issued.estimated or (receipt.returned is not None and receipt.returned.estimated)
    return (
        _paper(LineStyle.TOTAL, tr("Electricity delivered"), net),
        ReceiptLine(name=tr("Delivered"), value=net, style=LineStyle.TOTAL, media=SCREEN),
        *_counted(receipt),
        _paper(LineStyle.NOTE, _rounding(receipt, receipt.net_kwh)),
        _paper(LineStyle.NOTE, tr("An estimate, from the state of charge.") if estimated else ""),
        _paper(LineStyle.NOTE, tr("The returned battery held more than the new one.") if receipt.net_kwh < 0 else ""),
    )


def _counted(receipt: Receipt) -> Lines:
    """What is counted of a battery that came back with more than it went out with, and who approved it (decision 28)."""
    if receipt.counted_kwh is None:
        return ()
    counted = format_kwh(receipt.counted_kwh)
    approved = tr("More than it went out with: approved by {approval}", approval=receipt.approved) if receipt.approved else ""
    return (
        _paper(LineStyle.PLAIN, tr("Counted as returned"), counted),
        _line(tr("Counted as returned"), counted, SCREEN),
        _paper(LineStyle.NOTE, tr("Never more than the battery went out with.")),
        _paper(LineStyle.NOTE, approved),
    )


def _rounding(receipt: Receipt, net_kwh: Decimal) -> str:
    """ "30.377 - 4.812 = 25.565 kWh, rounded" where the readings say more than the net (decision 2); else ""."""
    issued, returned = receipt.issued.kwh, receipt.returned.kwh if receipt.returned else None
    returned = returned if receipt.counted_kwh is None else receipt.counted_kwh
    if issued is None or issued - (returned or 0) == net_kwh:
        return ""
    exact = format_kwh(issued - (returned or 0))
    return tr("{sum}, rounded", sum=f"{write_kwh(issued)} {MINUS} {write_kwh(returned)} ={NO_BREAK_SPACE}{exact}" if returned else exact)


def _payment(paid: PaidLine) -> Lines:
    """What was bought, a line each, what was paid for it, and the receipts; on a screen one product needs no line of its own."""
    products, total = _products(paid), format_money(paid.amount, paid.currency)
    bought = tuple(_line(f"{product} ={NO_BREAK_SPACE}{price}" if price else product, "", PAPER) for product, price in products)
    paid_for = tuple(_line(product, price, SCREEN, priority=_PART_PRIORITY if price else None) for product, price in products)
    name = tr("Paid")
    if len(products) == 1:
        paid_for, name = (), tr("Paid, {product}", product=products[0][0])
    return (*bought, *paid_for, _paper(LineStyle.TOTAL, tr("Paid"), total), _line(name, total, SCREEN), *_receipts(paid))


def _receipts(paid: PaidLine) -> Lines:
    """One receipt has its method on a line before it; several have an amount each, and a screen has room for the last."""
    if not paid.parts:
        return (
            _line(tr("Method"), format_method(paid.method), PAPER),
            _line(tr("Payment receipt"), paid.receipt_id, PAPER),
            _line(tr("Receipt"), _with_method(paid.method, paid.receipt_id), SCREEN),
        )
    parts = (_line(_with_method(each.method, each.receipt_id), format_money(each.amount, paid.currency), PAPER) for each in paid.parts)
    last = tr_count(
        "{count} payment, last {receipt_id}", "{count} payments, last {receipt_id}", len(paid.parts), receipt_id=paid.receipt_id
    )
    return (*parts, _line(tr("Receipt"), last, SCREEN))


def _with_method(method: str, receipt_id: str) -> str:
    return tr("{method} {receipt_id}", method=format_method(method), receipt_id=receipt_id)


def _products(paid: PaidLine) -> tuple[tuple[str, str], ...]:
    """What the payment bought: quantity and rate, and the price of it. Prices are shown only where they add up to the amount; else the
    amount bought a rounded number of kWh at a rate (decision 9), and that is shown without a price."""
    parts = []
    if paid.bought_swaps and paid.swap_rate is not None:
        parts.append((_swaps(paid.bought_swaps), mark("{quantity} at {rate} per swap"), paid.swap_rate, paid.bought_swaps * paid.swap_rate))
    if paid.bought_kwh and paid.rate is not None:
        parts.append((format_kwh(paid.bought_kwh), mark("{quantity} at {rate} per kWh"), paid.rate, paid.bought_kwh * paid.rate))
    if sum((price for *_, price in parts), Decimal(0)) != paid.amount:
        return tuple((tr(at, quantity=quantity, rate=format_money(rate, paid.currency)), "") for quantity, at, rate, _ in parts)
    return tuple(
        (f"{quantity} × {format_money(rate, paid.currency)}", format_money(price, paid.currency)) for quantity, _, rate, price in parts
    )


def _swaps(count: Decimal) -> str:
    """ "2 swaps", held together by a no-break space."""
    return tr_count("{count} swap", "{count} swaps", int(count), count=write_number(count)).replace(" ", NO_BREAK_SPACE)


def _quotas(receipt: Receipt) -> Lines:
    lines = [_paper(LineStyle.HEADING, tr("Left on the plan"))] if receipt.quotas else []
    for quota in receipt.quotas:
        left, name = _quota_left(quota), quota.name
        on_screen = tr(_QUOTAS_LEFT[name]) if name in _QUOTAS_LEFT else tr("{quota} left", quota=name)
        lines += (_line(tr(_QUOTA_NAMES.get(name, name)), left, PAPER), _line(on_screen, left, SCREEN))
    return tuple(lines)


def _quota_left(quota: QuotaLine) -> str:
    """ "3 of 10", "29.9 kWh of 400 kWh", "unlimited" (specification, quotas_remaining; decision 7)."""
    if quota.unlimited:
        return tr("unlimited")
    unit = f"{NO_BREAK_SPACE}{quota.unit}" if quota.unit else ""
    left = write_kwh(quota.remaining) if quota.unit else write_number(quota.remaining)
    return tr("{left} of {quota}", left=f"{left}{unit}", quota=f"{write_number(quota.quota)}{unit}")
