"""The Decimal operations behind one COMPLETE_SERVICE: checks, net energy, both quotas before and after, each trimmed."""

from decimal import ROUND_HALF_UP, Decimal

_ZERO, _ONE, _TENTH, _MOST = Decimal(0), Decimal(1), Decimal("0.1"), Decimal(100)


def complete(
    incoming: Decimal, outgoing: Decimal, used: Decimal, quota: Decimal, swaps_used: Decimal, swaps: Decimal
) -> tuple[Decimal | bool, ...]:
    """Net, whether it suffices, used and left after it, of kWh and of swaps."""
    possible = _ZERO <= incoming <= _MOST and _ZERO <= outgoing <= _MOST
    net = (outgoing - incoming).quantize(_TENTH, ROUND_HALF_UP)
    enough = possible and quota - used >= net and swaps - swaps_used >= _ONE
    used_after, swaps_after = (used + net).normalize(), (swaps_used + _ONE).normalize()
    left, swaps_left = (quota - used_after).normalize(), (swaps - swaps_after).normalize()
    return net.normalize(), enough, used_after, left, quota.normalize(), swaps_after, swaps_left, swaps.normalize()
