"""Electricity usage, quota check, top-up and quota updates (specification 1.2, 1.3; decisions 2, 3, 7, 8, 9, 35)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.decimals import ZERO, round_half_up, trimmed
from kiosk.domain.errors import PlanInvalid
from kiosk.domain.language import mark, tr
from kiosk.domain.plan.service_plan import ServicePlan, ServiceState, first_plan
from kiosk.domain.plan.template import ServicePlanTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """The ids of the services in each role; None where no service has it, or where electricity is switched off."""

    electricity: str | None
    fleet: str | None
    swap_count: str | None

    @classmethod
    def of(cls, template: ServicePlanTemplate, service_ids: Iterable[str]) -> "Roles":
        """The roles among these services, in this order, of a plan on `template`."""
        states = tuple(ServiceState(service_id=each, used=ZERO, quota=ZERO) for each in service_ids)
        plan = replace(first_plan(template, "", ""), service_states=states)
        electricity = None if plan.electricity is None else plan.electricity.service_id
        try:
            return cls(electricity=electricity, fleet=plan.fleet.service_id, swap_count=plan.swap_count.service_id)
        except PlanInvalid:  # no service tracks a battery
            return cls(electricity=electricity, fleet=None, swap_count=None)

    @classmethod
    def in_template(cls, template: ServicePlanTemplate) -> "Roles":
        """The roles in a plan made from this template."""
        return cls.of(template, (each.service_id for each in template.service_configurations))

    def changes(self, new: "Roles") -> Iterator["RoleChange"]:
        """Every role that is another service's in `new`."""
        pairs = (
            (mark("energy is counted by {after}, not {before}"), self.electricity, new.electricity),
            (mark("the battery is tracked by {after}, not {before}"), self.fleet, new.fleet),
            (mark("swaps are counted by {after}, not {before}"), self.swap_count, new.swap_count),
        )
        yield from (RoleChange(words=words, before=before, after=after) for words, before, after in pairs if before != after)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChange:
    """A role that another service takes over, None is no service; `words` are marked for translation."""

    words: str
    before: str | None
    after: str | None

    @property
    def sentence(self) -> str:
        """The change as a phrase."""
        nothing = tr("nothing")
        return tr(self.words, after=self.after or nothing, before=self.before or nothing)


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
    if short and left is not None and left >= 0 and short <= _tolerance(plan):
        short = ZERO
    return QuotaCheck(net_kwh=net_kwh, remaining_kwh=left, remaining_swaps=swaps, deficit_kwh=short, deficit_swaps=_deficit(swaps, needed))


def _tolerance(plan: ServicePlan) -> Decimal:
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


def apply_updates(plan: ServicePlan, updates: tuple[QuotaUpdate, ...], issued_battery: str | None) -> ServicePlan:
    """The plan after the updates; `issued_battery` becomes the current asset where one was issued (decision 8)."""
    by_id = {each.service_id: each for each in updates}
    holder = None if issued_battery is None else plan.fleet.service_id
    states = []
    for state in plan.service_states:
        update = by_id.get(state.service_id)
        issued = issued_battery if state.service_id == holder else None
        states.append(state if update is None and issued is None else _after(state, update, issued))
    return replace(plan, service_states=tuple(states))


def _after(state: ServiceState, update: QuotaUpdate | None, issued_battery: str | None) -> ServiceState:
    return ServiceState(
        service_id=state.service_id,
        used=state.used if update is None else update.used_after,
        quota=state.quota if update is None else update.quota_after,
        current_asset=state.current_asset if issued_battery is None else normalise_id(issued_battery),
    )
