"""Values of a receipt as people read them: numbers, money, times, quotas, and text from outside made harmless.

Nothing here raises for any text, and a hostile name costs no metre of paper (`kiosk.domain.display`).
"""

from datetime import datetime, tzinfo
from decimal import Decimal

from kiosk.domain.decimals import minor_unit, plain, trimmed
from kiosk.domain.display import cleaned
from kiosk.domain.swap.receipt import BatteryLine, PaidLine, QuotaLine, Receipt

TIE = "\N{NO-BREAK SPACE}"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_QUOTA_NAMES = {"swap_count": "Swaps", "electricity_fuel": "Electricity"}  # the specification's keys of quotas_remaining


def clean(text: str) -> str:
    """Text for one paragraph: `cleaned`, and a no-break space stays one: it holds a number and its unit together."""
    return cleaned(text, keep=TIE)


def kwh(value: Decimal) -> str:
    """ "25.6 kWh"."""
    return f"{plain(value)}{TIE}kWh"


def money(value: Decimal, currency: str) -> str:
    """ "12.48 USD", "0.80 USD", "500 XOF": at least the currency's decimals, and every further one that the amount has."""
    short, unit = trimmed(value), minor_unit(currency)
    exponents = (short.as_tuple().exponent, unit.as_tuple().exponent)
    digits = format(short if exponents[0] <= exponents[1] else short.quantize(unit), "f")  # type: ignore[operator]  # finite: exponents are ints
    return f"{digits}{TIE}{currency}".strip(TIE)


def local(moment: datetime, zone: tzinfo | None) -> datetime:
    """The moment on the station's clock; None is the machine's own zone."""
    return moment.astimezone(zone)


def date_time(moment: datetime) -> str:
    """ "21 Nov 2026, 14:05:12"."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}, {moment:%H:%M:%S}"


def read_time(line: BatteryLine, receipt_time: datetime, zone: tzinfo | None) -> str:
    """ "read 14:03:10", with its date when it is another day; "" when it is not known."""
    if line.read_at is None:
        return ""
    moment = local(line.read_at, zone)
    return f"read {moment:%H:%M:%S}" if moment.date() == receipt_time.date() else f"read {date_time(moment)}"


def battery_energy(line: BatteryLine) -> str:
    """ "4.8 kWh", "4.8 kWh (estimate)" (decision 11), "" where energy is not tracked."""
    if line.kwh is None:
        return ""
    return kwh(line.kwh) + (" (estimate)" if line.estimated else "")


def estimated(receipt: Receipt) -> bool:
    """Whether the net comes from a reading that is an estimate (decision 11)."""
    return receipt.net_kwh is not None and (receipt.issued.estimated or (receipt.returned is not None and receipt.returned.estimated))


def rounding(receipt: Receipt) -> str:
    """ "30.377 - 4.812 = 25.565 kWh, rounded" where the readings say more than the net (decision 2); else ""."""
    issued, returned = receipt.issued.kwh, receipt.returned.kwh if receipt.returned else None
    if issued is None or receipt.net_kwh is None:
        return ""
    exact = issued - (returned or 0)
    if exact == receipt.net_kwh:
        return ""
    return f"{plain(issued)} - {plain(returned)} ={TIE}{kwh(exact)}, rounded" if returned else f"{kwh(exact)}, rounded"


def quota_name(line: QuotaLine) -> str:
    """The name of a service; the specification's keys in plain words."""
    return _QUOTA_NAMES.get(line.name, line.name)


def quota_left(line: QuotaLine) -> str:
    """ "3 of 10", "29.9 kWh of 400 kWh", "unlimited" (specification, quotas_remaining; decision 7)."""
    if line.unlimited:
        return "unlimited"
    unit = f"{TIE}{line.unit}" if line.unit else ""
    return f"{plain(line.remaining)}{unit} of {plain(line.quota)}{unit}"


def method(name: str) -> str:
    """ "MOBILE_MONEY" as "Mobile money"."""
    return name.replace("_", " ").strip().capitalize() if name.isupper() else name


def bought(paid: PaidLine) -> tuple[str, ...]:
    """What the payment bought, a line each. A product is written as an equation only where the products add up to the amount;
    else the amount bought a rounded number of kWh at a rate (decision 9), and that is what is said."""
    parts = tuple(part for part in _parts(paid) if part[0])
    if sum((quantity * rate for quantity, _, rate in parts), Decimal(0)) == paid.amount:
        return tuple(_equation(quantity, unit, rate, paid.currency) for quantity, unit, rate in parts)
    return tuple(f"{_counted(quantity, unit)} at {money(rate, paid.currency)} per {unit}" for quantity, unit, rate in parts)


def _equation(quantity: Decimal, unit: str, rate: Decimal, currency: str) -> str:
    return f"{_counted(quantity, unit)} × {money(rate, currency)} ={TIE}{money(quantity * rate, currency)}"


def _counted(quantity: Decimal, unit: str) -> str:
    return f"{plain(quantity)}{TIE}{unit}" + ("s" if unit == "swap" and quantity != 1 else "")


def _parts(paid: PaidLine) -> tuple[tuple[Decimal, str, Decimal], ...]:
    bought_parts = ((paid.bought_swaps, "swap", paid.swap_rate), (paid.bought_kwh, "kWh", paid.rate))
    return tuple((quantity, unit, rate) for quantity, unit, rate in bought_parts if quantity is not None and rate is not None)
