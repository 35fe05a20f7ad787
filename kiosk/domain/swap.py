"""Swap: the facts of one visit, and which step comes next. Pure; time and ids are passed in.

A step that cannot be raises a KioskError and leaves the swap as it was. `next_step` is total: every swap has a step.
A recorded payment is a fact in the world: `back` stops there.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from kiosk.domain.battery import BatteryTelemetry, FitnessLimits, check_enough, check_fit, check_reading, normalise_id
from kiosk.domain.errors import (
    BatteryTaken,
    BatteryUnreadable,
    PaymentError,
    PlanInvalid,
    SameBattery,
    StepImpossible,
    WrongBattery,
)
from kiosk.domain.money import Collectable, check_covers, check_receipt
from kiosk.domain.plan import ServicePlan
from kiosk.domain.quota import QuotaCheck, calculate_electricity_usage, check_quota
from kiosk.domain.requests import CompleteService


class Step(StrEnum):
    """The steps of the wizard, in the order of the rail."""

    CUSTOMER = "customer"
    RETURNED = "returned"
    NEW = "new"
    PAYMENT = "payment"
    REVIEW = "review"
    DONE = "done"


class Confirmation(StrEnum):
    """Who vouches for a payment (decision 22)."""

    WAITING = "waiting"
    PLATFORM = "platform"
    SUPERVISOR = "supervisor"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A receipt recorded for this swap; `amount` in `currency`."""

    amount: Decimal
    currency: str
    receipt_id: str
    method: str
    recorded_at: datetime
    confirmation: Confirmation
    confirmed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapRules:
    """The station's configuration that the rules of a swap need."""

    limits: FitnessLimits = field(default_factory=FitnessLimits)
    collectable: Collectable = field(default_factory=Collectable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """One visit. `correlation_id` is made once (decision 16). `inspection` names why the returned battery is set aside."""

    correlation_id: str
    plan: ServicePlan
    plan_as_of: datetime
    started_at: datetime
    attendant_id: str
    station_id: str
    incoming: BatteryTelemetry | None = None
    outgoing: BatteryTelemetry | None = None
    payment: Payment | None = None
    inspection: str = ""
    completed_at: datetime | None = None

    @property
    def net_kwh(self) -> Decimal | None:
        """Energy delivered, rounded once (decision 2); None before both readings, or where kWh is not tracked."""
        tracked = self.plan.template.agent_config.electricity_tracking.enabled
        if not tracked or self.outgoing is None or self.outgoing.kwh_remaining is None:
            return None
        incoming = self.incoming.kwh_remaining if self.incoming else None
        return calculate_electricity_usage(incoming, self.outgoing.kwh_remaining, self.plan.energy_precision)

    @property
    def quota(self) -> QuotaCheck | None:
        """What the plan has left for this swap; None before the new battery is read."""
        return None if self.outgoing is None else check_quota(self.plan, self.net_kwh)

    @property
    def paid(self) -> bool:
        """Whether a payment stands that somebody vouched for."""
        return self.payment is not None and self.payment.confirmation is not Confirmation.WAITING


def start_swap(plan: ServicePlan, *, correlation_id: str, plan_as_of: datetime, now: datetime, attendant_id: str, station_id: str) -> Swap:
    """A new swap. Raises PlanBlocked, PlanInvalid, CurrencyConflict."""
    _check_may_swap(plan)
    return Swap(
        correlation_id=correlation_id,
        plan=plan,
        plan_as_of=plan_as_of,
        started_at=now,
        attendant_id=attendant_id,
        station_id=station_id,
    )


def _check_may_swap(plan: ServicePlan) -> None:
    plan.check_standing()
    plan.fleet  # noqa: B018  raises PlanInvalid when no service tracks the battery
    plan.billing_currency  # noqa: B018  raises CurrencyConflict
    if not plan.template.agent_config.allows(CompleteService.action):  # the platform would refuse it when the customer has left
        raise PlanInvalid(
            "agent_config.available_actions", f"has no {CompleteService.action}, the only way that this kiosk completes a swap"
        )


def on_plan(swap: Swap, plan: ServicePlan, as_of: datetime, rules: SwapRules, *, taken: frozenset[str] = frozenset()) -> Swap:
    """A swap that was set aside, on its plan as it is now. What no longer holds is to be done again; a recorded payment stays.

    Both readings go where the customer holds another battery than when the swap began; the new battery's goes where somebody else
    holds it by now (`taken`), or where the payment does not cover it any more. Raises PlanBlocked, PlanInvalid, CurrencyConflict.
    """
    _check_may_swap(plan)
    moved = replace(swap, plan=plan, plan_as_of=as_of)
    if plan.current_asset != swap.plan.current_asset:
        return replace(moved, incoming=None, outgoing=None, inspection="")
    try:
        _check_paid_enough(moved, rules)
    except PaymentError:
        return replace(moved, outgoing=None)
    return replace(moved, outgoing=None) if moved.outgoing is not None and moved.outgoing.battery_id in taken else moved


def _check_paid_enough(swap: Swap, rules: SwapRules) -> None:
    """Raises PaymentTooSmall, PriceMissing, RenewalNeeded when a recorded payment does not cover what the new battery costs."""
    quota = swap.quota
    if swap.payment is not None and quota is not None and quota.exhausted:
        check_covers(quota, swap.plan, swap.payment.amount, rules.collectable)


def next_step(swap: Swap | None) -> Step:
    """Where the wizard stands (specification: the attendant workflow). Total over every swap."""
    if swap is None:
        return Step.CUSTOMER
    if swap.completed_at is not None:
        return Step.DONE
    if swap.incoming is None and not swap.plan.first_visit:
        return Step.RETURNED
    if swap.outgoing is None:
        return Step.NEW
    quota = swap.quota
    owed = swap.payment is not None or (quota is not None and quota.exhausted)
    return Step.PAYMENT if owed and not swap.paid else Step.REVIEW


def with_returned(swap: Swap, reading: BatteryTelemetry, rules: SwapRules, *, inspection: str = "") -> Swap:
    """The swap with the returned battery. `inspection` accepts an unfit one and says why it is set aside (decision 13).

    Raises StepImpossible, BatteryUnreadable, WrongBattery, BatteryDamaged.
    """
    if next_step(swap) is not Step.RETURNED:
        raise StepImpossible("a returned battery is not awaited now")
    _check_energy(swap, reading)
    check_reading(reading, rules.limits)
    expected, read = swap.plan.current_asset or "", normalise_id(reading.battery_id)
    if read != expected:
        raise WrongBattery(expected, read)
    if not inspection:
        check_fit(reading, rules.limits)
    return replace(swap, incoming=replace(reading, battery_id=read), inspection=inspection)


def with_new(swap: Swap, reading: BatteryTelemetry, rules: SwapRules, *, taken: frozenset[str] = frozenset()) -> Swap:
    """The swap with the battery to issue; `taken` are other customers' batteries known here, normalised (decision 12).

    Raises StepImpossible, BatteryUnreadable, SameBattery, BatteryTaken, BatteryDamaged, BatteryTooLow.
    """
    if next_step(swap) is not Step.NEW:
        raise StepImpossible("a new battery is not awaited now")
    _check_energy(swap, reading)
    check_reading(reading, rules.limits)
    read = normalise_id(reading.battery_id)
    if swap.plan.current_asset == read:
        raise SameBattery(read)
    if read in taken:
        raise BatteryTaken(read)
    check_fit(reading, rules.limits)
    check_enough(reading, rules.limits)
    issued = replace(swap, outgoing=replace(reading, battery_id=read))
    _check_paid_enough(issued, rules)
    return issued


def _check_energy(swap: Swap, reading: BatteryTelemetry) -> None:
    tracked = swap.plan.template.agent_config.electricity_tracking.enabled
    if tracked and reading.kwh_remaining is None:
        raise BatteryUnreadable(reading.battery_id, "it gave no energy reading")


def with_payment(swap: Swap, payment: Payment, rules: SwapRules) -> Swap:
    """The swap with a recorded payment; one that the quota did not ask for is taken too and credits nothing (decision 9).

    Raises StepImpossible, PriceMissing, RenewalNeeded, PaymentInvalid, PaymentTooSmall.
    """
    quota = swap.quota
    if quota is None or next_step(swap) not in {Step.PAYMENT, Step.REVIEW}:
        raise StepImpossible("no payment is awaited now")
    if swap.payment is not None:
        raise StepImpossible("a payment is recorded already")
    check_receipt(payment.amount, payment.receipt_id)
    if quota.exhausted:
        check_covers(quota, swap.plan, payment.amount, rules.collectable)
    return replace(swap, payment=payment)


def confirmed(swap: Swap, by: Confirmation, name: str = "") -> Swap:
    """The swap with its payment vouched for; `name` is the supervisor who overrides (decision 22). Raises StepImpossible."""
    if swap.payment is None:
        raise StepImpossible("no payment is recorded")
    return replace(swap, payment=replace(swap.payment, confirmation=by, confirmed_by=name))


def without_payment(swap: Swap) -> Swap:
    """The swap after the platform refused the receipt; a payment that somebody vouched for stays. Raises StepImpossible."""
    if swap.paid:
        raise StepImpossible("the payment is recorded")
    return replace(swap, payment=None)


def can_go_back(swap: Swap | None) -> bool:
    """Back stops at a recorded payment and at completion."""
    return swap is not None and swap.payment is None and swap.completed_at is None


def back(swap: Swap) -> Swap | None:
    """The swap one step earlier; None is before the customer. Raises StepImpossible."""
    if not can_go_back(swap):
        raise StepImpossible("the payment is recorded" if swap.completed_at is None else "the swap is complete")
    if swap.outgoing is not None:
        return replace(swap, outgoing=None)
    if swap.incoming is not None:
        return replace(swap, incoming=None, inspection="")
    return None


def completion(swap: Swap, now: datetime) -> CompleteService:
    """The specification's COMPLETE_SERVICE for this swap. Raises StepImpossible before the review."""
    if next_step(swap) is not Step.REVIEW or swap.outgoing is None:
        raise StepImpossible("the swap is not ready to complete")
    incoming, outgoing, payment = swap.incoming, swap.outgoing, swap.payment
    return CompleteService(
        incoming_battery_id=incoming.battery_id if incoming else None,
        incoming_kwh=incoming.kwh_remaining if incoming else None,
        outgoing_battery_id=outgoing.battery_id,
        outgoing_kwh=outgoing.kwh_remaining,
        payment_occurred=payment is not None,
        payment_amount=payment.amount if payment else None,
        payment_receipt_id=payment.receipt_id if payment else None,
        payment_method=payment.method if payment else None,
        attendant_id=swap.attendant_id,
        attendant_station=swap.station_id,
        transaction_timestamp=now,
        correlation_id=swap.correlation_id,
    )
