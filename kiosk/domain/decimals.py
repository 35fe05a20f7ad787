"""How this program rounds, prints and limits numbers (decisions 1, 2, 5, 11).

All energy (kWh) and money are `Decimal`; no binary float takes part in arithmetic.
"""

from decimal import ROUND_CEILING, ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
WATT_HOUR_PLACES = 3
_PLACES = {  # of currencies that have not two
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
WHOLE_UNITS = ("KES", "RWF", "TZS", "UGX", "XOF")  # currencies of our stations in which nobody pays less than one
_EXPONENTS = tuple(Decimal(1).scaleb(-places) for places in range(13))


def round_half_up(value: Decimal, places: int) -> Decimal:
    """Round to `places` decimals, halves towards positive infinity, as `Math.round` does (decision 2)."""
    return value.quantize(_EXPONENTS[places], ROUND_HALF_UP if value >= 0 else ROUND_HALF_DOWN)


def to_watt_hours(kwh: Decimal) -> Decimal:
    """A reading as it enters the program: whole watt hours, trailing zeros dropped (decision 11)."""
    return trimmed(round_half_up(kwh, WATT_HOUR_PLACES))


def trimmed(value: Decimal) -> Decimal:
    """The same number without trailing zeros and without an exponent."""
    return value.normalize() + ZERO  # the sum takes the smaller exponent: 1E+2 and 0 is 100


def plain(value: Decimal) -> str:
    """A number as people read it: no exponent, no trailing zeros."""
    return format(trimmed(value), "f")


def minor_unit(currency: str) -> Decimal:
    """The smallest unit of an ISO 4217 currency: 0.01 for USD, 1 for XOF."""
    return _EXPONENTS[_PLACES.get(currency, 2)]


def places_of(unit: Decimal) -> int:
    """Decimals of an amount that is collected in whole `unit`s."""
    exponent = unit.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def round_up_to_unit(amount: Decimal, unit: Decimal) -> Decimal:
    """An amount to collect, rounded up to the smallest collectable `unit` (decision 5)."""
    return (amount / unit).to_integral_value(ROUND_CEILING) * unit
