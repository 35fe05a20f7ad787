"""Electricity usage, quota check, top-up and quota updates (specification 1.2, 1.3; decisions 2, 3, 7, 8, 9, 35)."""

from dataclasses import dataclass
from decimal import Decimal

from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.decimals import ZERO, round_half_up, trimmed
from kiosk.domain.plan.issued import Issued
from kiosk.domain.plan.service_plan import ServicePlan, ServiceState

ONE = Decimal(1)


def calculate_electricity_usage(incoming_kwh: Decimal | None, outgoing_kwh: Decimal, precision: int) -> Decimal:
    """Net energy delivered, rounded once to `precision` decimals; a first visit returned nothing (decisions 2, 4)."""
    return round_half_up(outgoing_kwh - (incoming_kwh or ZERO), precision)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaCheck:
    """Whether the plan covers a swap. `remaining_kwh` and `remaining_swaps` are None where unlimited or not tracked.

    `net_kwh` is None where kWh is not tracked. Deficits are never negative.
    """

    net_kwh: Decimal | None
    remaining_kwh: Decimal | None
    remaining_swaps: Decimal | None
    deficit_kwh: Decimal
    deficit_swaps: Decimal

    @property
    def exhausted(self) -> bool:
        """Either one short is QUOTA_EXHAUSTED (decision 7)."""
        return self.deficit_kwh > 0 or self.deficit_swaps > 0

    @property
    def tolerated_kwh(self) -> Decimal:
        """What is taken beyond what is left and is not called short (decision 35)."""
        owed = self.net_kwh or ZERO
        if self.remaining_kwh is None or owed <= self.remaining_kwh or owed <= 0 or self.deficit_kwh > 0:
            return ZERO
        return owed - self.remaining_kwh


def check_quota(plan: ServicePlan, net_kwh: Decimal | None) -> QuotaCheck:
    """Enough kWh and at least one swap left? An unlimited quota is always available (decision 7)."""
    return _check(plan, net_kwh, plan.swap_count, ONE)


def check_service(plan: ServicePlan, service: ServiceState, quantity: Decimal) -> QuotaCheck:
    """Is this much of one service left, by the same rules? Energy that is not tracked is never short (decision 21)."""
    if plan.is_electricity(service) and plan.electricity in (service, None):
        return _check(plan, quantity, None, ZERO)
    return _check(plan, None, service, quantity)


def _check(plan: ServicePlan, net_kwh: Decimal | None, counted: ServiceState | None, needed: Decimal) -> QuotaCheck:
    """So many kWh, and so much of the service that is `counted`, if one."""
    electricity, owed = plan.electricity, net_kwh or ZERO
    left = None if electricity is None or net_kwh is None or electricity.unlimited else electricity.remaining
    swaps = None if counted is None or counted.unlimited else counted.remaining
    short = ZERO if owed <= 0 else _deficit(left, owed)
    if short and left is not None and left >= 0 and short <= tolerance(plan):
        short = ZERO
    return QuotaCheck(net_kwh=net_kwh, remaining_kwh=left, remaining_swaps=swaps, deficit_kwh=short, deficit_swaps=_deficit(swaps, needed))


def tolerance(plan: ServicePlan) -> Decimal:
    """kWh that a swap may take beyond what is left: once, because then less than nothing is left (decision 35)."""
    validation = plan.template.agent_config.quota_validation
    return ZERO if validation.strict_mode else validation.tolerance_kwh


def _deficit(left: Decimal | None, needed: Decimal) -> Decimal:
    return ZERO if left is None or left >= needed else needed - left


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What a payment adds to the quotas before the swap is recorded (decision 9)."""

    kwh: Decimal = ZERO
    swaps: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaUpdate:
    """One service before and after; `quota_before` and `quota_after` differ only where a payment credited it."""

    service_id: str
    used_before: Decimal
    used_after: Decimal
    quota_before: Decimal
    quota_after: Decimal

    @property
    def increment(self) -> Decimal:
        """What `used` grew by; negative when the returned battery held more (decision 3)."""
        return self.used_after - self.used_before

    @property
    def credited(self) -> bool:
        """Whether a payment raised the quota."""
        return self.quota_after != self.quota_before


def quota_updates(plan: ServicePlan, net_kwh: Decimal | None, credit: Credit = Credit()) -> tuple[QuotaUpdate, ...]:
    """One swap's updates: 1 to the swap count, the net to electricity, never below 0 (decisions 3, 8)."""
    updates = [_update(plan.swap_count, ONE, credit.swaps)]
    electricity = plan.electricity
    if electricity is not None and net_kwh is not None:
        updates.append(_update(electricity, net_kwh, credit.kwh))
    return tuple(updates)


def _update(state: ServiceState, increment: Decimal, credit: Decimal) -> QuotaUpdate:
    return QuotaUpdate(
        service_id=state.service_id,
        used_before=state.used,
        used_after=trimmed(max(ZERO, state.used + increment)),
        quota_before=state.quota,
        quota_after=trimmed(state.quota + credit),
    )


def apply_updates(plan: ServicePlan, updates: tuple[QuotaUpdate, ...], issued: Issued) -> ServicePlan:
    """The plan after the updates: the battery that was issued is its current asset, and is remembered (decisions 8, 28)."""
    by_id = {each.service_id: each for each in updates}
    holder = plan.fleet.service_id
    states = []
    for state in plan.service_states:
        update = by_id.get(state.service_id)
        battery = issued.battery_id if state.service_id == holder else None
        states.append(state if update is None and battery is None else _after(state, update, battery))
    return plan.after_swap(tuple(states), issued.state_after(plan.agent_state))


def _after(state: ServiceState, update: QuotaUpdate | None, issued_battery: str | None) -> ServiceState:
    return ServiceState(
        service_id=state.service_id,
        used=state.used if update is None else update.used_after,
        quota=state.quota if update is None else update.quota_after,
        current_asset=state.current_asset if issued_battery is None else normalise_id(issued_battery),
    )
