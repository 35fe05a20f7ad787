"""The platform's answer to a completion, and what a completed swap does to a plan: for the receipt, and for the plan shown while it is not
settled (decisions 9, 19).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.domain.battery.battery import BatteryTelemetry, normalise_id
from kiosk.domain.errors import StepImpossible
from kiosk.domain.language import tr
from kiosk.domain.money.money import Collectable, payment_credit
from kiosk.domain.plan.issued import Issued
from kiosk.domain.plan.quota import Credit, QuotaUpdate, apply_updates, quota_updates
from kiosk.domain.plan.service_plan import ServicePlan, ServiceState
from kiosk.domain.requests import CompleteService
from kiosk.domain.swap.swap import Swap
from kiosk.domain.times import iso_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The platform has done what was asked, now or earlier (`repeated`). `raw` is the answer byte for byte, `action` what it answers."""

    correlation_id: str
    plan_id: str
    raw: bytes
    repeated: bool = False
    action: str = CompleteService.action


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The platform has refused it; `reason` is its own sentence. A failure signal overrides any success (decision 18)."""

    correlation_id: str
    plan_id: str
    raw: bytes
    reason: str
    signals: tuple[str, ...]
    action: str = CompleteService.action

    @property
    def rolled_back(self) -> bool:
        """Whether the plan has lost COMPLETE_SERVICE since the kiosk read it: the older sequence is to be used (decision 21)."""
        return self.action == CompleteService.action and "ACTION_NOT_AVAILABLE" in self.signals

    @property
    def of_the_station(self) -> bool:
        """Whether nothing of this station is taken any more: no word about the swap itself, which a person at the platform books."""
        return "STATION_REVOKED" in self.signals


Answer = Settled | Rejected


def credit_of(swap: Swap, collectable: Collectable) -> Credit:
    """What the swap's payments credit: nothing unless the quota was exhausted. Raises PriceMissing, RenewalNeeded."""
    quota = swap.quota
    return payment_credit(quota, swap.plan, swap.amount_paid, collectable) if quota and swap.payments else Credit()


def updates_of(swap: Swap, collectable: Collectable) -> tuple[QuotaUpdate, ...]:
    """Each quota of the swap's own plan before and after it."""
    return quota_updates(swap.plan, swap.net_kwh, credit_of(swap, collectable))


def plan_after_swap(plan: ServicePlan, swap: Swap, collectable: Collectable) -> ServicePlan:
    """`plan` after this swap. Raises StepImpossible before the new battery is read."""
    new = swap.outgoing
    if new is None:
        raise StepImpossible(tr("the new battery is not read"))
    at = iso_utc(swap.completed_at or new.timestamp)
    issued = Issued(new.battery_id, new.kwh_remaining, new.estimated, at, swap.station_id)
    return apply_updates(plan, quota_updates(plan, swap.net_kwh, credit_of(swap, collectable)), issued)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingSwaps:
    """Swaps of a plan, completed here, that the plan as the platform sent it may lack, oldest first.

    `open`: without an answer when the platform was asked, but perhaps recorded there. `later`: completed afterwards.
    """

    open: tuple[Swap, ...] = ()
    later: tuple[Swap, ...] = ()


def plan_after_pending(plan: ServicePlan, pending: PendingSwaps, collectable: Collectable) -> ServicePlan:
    """The plan as the platform sent it, less what it does not hold yet (decisions 19, 33).

    The platform may have recorded some of the open swaps although its answer was lost. It has recorded those up to a swap that issued the
    battery which, by the plan, the customer holds; where no swap issued it, none. A battery can come back, so several swaps may have issued
    it: each service is then shown with the smallest amount that any of these cases leaves. So the customer sees too little rather than too
    much, until the answer comes.
    """
    first, *others = (
        _after_swaps(plan, (*pending.open[there:], *pending.later), collectable) for there in _possibly_recorded(plan, pending.open)
    )
    for other in others:
        first = first.with_states(*(each for each in other.service_states if _leaves_less(each, first)))
    return first


def _possibly_recorded(plan: ServicePlan, unsure: Sequence[Swap]) -> Sequence[int]:
    """How many of these swaps the platform may have recorded when it sent the plan: those after which the customer held this battery."""
    held = [_id(swap.incoming) for swap in unsure[:1]] + [_id(swap.outgoing) for swap in unsure]
    return [number for number, battery_id in enumerate(held) if battery_id == plan.current_asset] or [0]


def _after_swaps(plan: ServicePlan, swaps: Sequence[Swap], collectable: Collectable) -> ServicePlan:
    for swap in swaps:
        plan = plan_after_swap(plan, swap, collectable)
    return plan


def _leaves_less(state: ServiceState, plan: ServicePlan) -> bool:
    return any(each.service_id == state.service_id and state.remaining < each.remaining for each in plan.service_states)


def _id(reading: BatteryTelemetry | None) -> str | None:
    return normalise_id(reading.battery_id) if reading else None
