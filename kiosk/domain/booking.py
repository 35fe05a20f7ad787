"""What a completed swap does to a plan: for the receipt, and for the plan shown while it is not settled (decisions 9, 19)."""

from collections.abc import Sequence

from kiosk.domain.battery import normalise_id
from kiosk.domain.money import Collectable, credit_for, top_up
from kiosk.domain.plan import ServicePlan
from kiosk.domain.quota import Credit, QuotaUpdate, apply_updates, quota_updates
from kiosk.domain.swap import Swap


def credit_of(swap: Swap, collectable: Collectable) -> Credit:
    """What the swap's payments credit: nothing unless the quota was exhausted. Raises PriceMissing, RenewalNeeded."""
    quota = swap.quota
    if quota is None or not swap.payments or not quota.exhausted:
        return Credit()
    return credit_for(top_up(quota, swap.plan, collectable), swap.amount_paid, swap.plan.energy_precision)


def updates_of(swap: Swap, collectable: Collectable) -> tuple[QuotaUpdate, ...]:
    """Each quota of the swap's own plan before and after it."""
    return quota_updates(swap.plan, swap.net_kwh, credit_of(swap, collectable))


def booked(plan: ServicePlan, swap: Swap, collectable: Collectable) -> ServicePlan:
    """`plan` with this swap booked on it."""
    issued = swap.outgoing.battery_id if swap.outgoing else None
    return apply_updates(plan, quota_updates(plan, swap.net_kwh, credit_of(swap, collectable)), issued)


def less_pending(plan: ServicePlan, pending: Sequence[Swap], collectable: Collectable) -> ServicePlan:
    """The plan less the swaps completed here and not yet settled, oldest first (decision 19).

    The platform may have booked some of them although its answer was lost: those up to the one that issued the battery which
    the platform says the customer holds. Where that cannot be told, nothing is taken for booked: the customer sees too little
    rather than too much, until the answer comes.
    """
    for swap in _not_booked(plan, pending):
        plan = booked(plan, swap, collectable)
    return plan


def _not_booked(plan: ServicePlan, pending: Sequence[Swap]) -> Sequence[Swap]:
    if not pending or plan.current_asset == _returned(pending[0]):
        return pending
    issued = [normalise_id(swap.outgoing.battery_id) if swap.outgoing else None for swap in pending]
    known = [index for index, battery_id in enumerate(issued) if battery_id == plan.current_asset]
    return pending[known[-1] + 1 :] if known else pending


def _returned(swap: Swap) -> str | None:
    return normalise_id(swap.incoming.battery_id) if swap.incoming else None
