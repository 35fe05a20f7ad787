"""Swap: the facts of one visit, and which step comes next. Pure; time and ids are passed in.

A step that cannot be raises a KioskError and leaves the swap as it was. `next_step` is total: every swap has a step.
A recorded payment is a fact in the world: `go_back` stops there. A receipt over less than is due is a part: several add up, and each of
them, the last one too, has the platform's word, because the platform adds them up as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from kiosk.domain.approval import Approval
from kiosk.domain.battery.battery import (
    BatteryTelemetry,
    FitnessLimits,
    check_enough,
    check_fit,
    check_issuable,
    check_issued,
    check_reading,
    check_returned,
)
from kiosk.domain.decimals import ZERO
from kiosk.domain.errors import BatteryTaken, BatteryUnreadable, PaymentError, PaymentUsed, ReturnedMore, StepImpossible
from kiosk.domain.language import mark, tr
from kiosk.domain.money.money import Collectable, check_covers, check_receipt, top_up
from kiosk.domain.money.payments import normalise_receipt_id
from kiosk.domain.plan.issued import ReturnedBattery, counted_kwh, issued_with_less
from kiosk.domain.plan.quota import QuotaCheck, calculate_electricity_usage, check_quota
from kiosk.domain.plan.service_plan import ServicePlan
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
    """Who approved a payment (decision 22)."""

    WAITING = "waiting"
    PLATFORM = "platform"
    SUPERVISOR = "supervisor"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A receipt recorded for a swap; `amount` in `currency`, the plan's."""

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
    receipt_patterns: Mapping[str, str] = field(default_factory=dict)  # beside the template's, so stricter only (decision 32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """One visit. `correlation_id` is made once (decision 16). `inspection` names why the returned battery is set aside, `more_approved` who
    let it be taken back with more than it went out with (decision 28), `doubt_approved` who let readings stand that cannot both be true
    (decision 59).

    `payment` is the receipt that settles what is due, or waits for the platform's word; `parts` are the ones before it, which did not
    cover it, each confirmed.
    """

    correlation_id: str
    plan: ServicePlan
    plan_as_of: datetime
    started_at: datetime
    attendant_id: str
    station_id: str
    incoming: BatteryTelemetry | None = None
    outgoing: BatteryTelemetry | None = None
    payment: Payment | None = None
    parts: tuple[Payment, ...] = ()
    inspection: str = ""
    more_approved: Approval | None = None
    doubt_approved: Approval | None = None
    clock_moved: int = 0  # seconds that the wall clock was set by while the swap was under way, back where negative
    completed_at: datetime | None = None

    @property
    def net_kwh(self) -> Decimal | None:
        """Energy delivered, rounded once (decision 2); None before both readings, or where kWh is not tracked."""
        if not self.plan.tracks_energy or self.outgoing is None or self.outgoing.kwh_remaining is None:
            return None
        return calculate_electricity_usage(self.counted_kwh, self.outgoing.kwh_remaining, self.plan.energy_precision)

    @property
    def counted_kwh(self) -> Decimal | None:
        """What is counted of the returned battery: at most what it went out with (decision 28). None where nothing was read."""
        incoming = self.incoming
        return None if incoming is None else counted_kwh(self.plan, incoming.battery_id, incoming.kwh_remaining)

    @property
    def quota(self) -> QuotaCheck | None:
        """What the plan has left for this swap; None before the new battery is read."""
        return None if self.outgoing is None else check_quota(self.plan, self.net_kwh)

    @property
    def payments(self) -> tuple[Payment, ...]:
        """All receipts recorded, in their order; the last is the one that the completion names."""
        return self.parts if self.payment is None else (*self.parts, self.payment)

    @property
    def battery_ids(self) -> tuple[str, ...]:
        """Of the batteries that were read so far."""
        return tuple(each.battery_id for each in (self.incoming, self.outgoing) if each is not None)

    @property
    def amount_paid(self) -> Decimal:
        """The sum of all receipts recorded."""
        return sum((each.amount for each in self.payments), ZERO)

    @property
    def paid(self) -> bool:
        """Whether a payment stands that covers what is due and that somebody approved."""
        return self.payment is not None and self.payment.confirmation is not Confirmation.WAITING


def start_swap(plan: ServicePlan, *, correlation_id: str, plan_as_of: datetime, now: datetime, attendant_id: str, station_id: str) -> Swap:
    """A new swap. Raises PlanBlocked, PlanInvalid, CurrencyConflict."""
    _check_may_swap(plan)
    return Swap(
        correlation_id=correlation_id, plan=plan, plan_as_of=plan_as_of, started_at=now, attendant_id=attendant_id, station_id=station_id
    )


def _check_may_swap(plan: ServicePlan) -> None:
    plan.check_standing()
    plan.fleet  # noqa: B018  raises PlanInvalid when no service tracks the battery
    plan.billing_currency  # noqa: B018  raises CurrencyConflict
    plan.check_completable()


def on_plan(swap: Swap, plan: ServicePlan, as_of: datetime, rules: SwapRules, *, taken: frozenset[str] = frozenset()) -> Swap:
    """A swap that was set aside, on its plan as it is now. What no longer holds is to be done again; a recorded payment stays.

    Both readings go where the customer holds another battery than when the swap began, and where it holds more than it went out with
    and nobody has approved that; the new battery's goes where somebody else holds it by now (`taken`), or where the payment does not cover
    it any more. Raises PlanBlocked, PlanInvalid, CurrencyConflict.
    """
    _check_may_swap(plan)
    moved = replace(swap, plan=plan, plan_as_of=as_of)
    if plan.current_asset != swap.plan.current_asset or _needs_approval(moved, rules):
        return without_batteries(moved)
    try:
        moved = _settled(moved, rules)
    except PaymentError:
        return replace(moved, outgoing=None)
    return replace(moved, outgoing=None) if moved.outgoing is not None and moved.outgoing.battery_id in taken else moved


def without_batteries(swap: Swap) -> Swap:
    """The swap before anything was read; a recorded payment stays."""
    return replace(swap, incoming=None, outgoing=None, inspection="", more_approved=None, doubt_approved=None)


def _needs_approval(swap: Swap, rules: SwapRules) -> bool:
    reading = swap.incoming
    return reading is not None and swap.more_approved is None and _returned_more(swap, reading, rules) is not None


def _returned_more(swap: Swap, reading: BatteryTelemetry, rules: SwapRules) -> ReturnedMore | None:
    """What stops a returned battery that holds clearly more than it went out with."""
    read = ReturnedBattery(battery_id=reading.battery_id, kwh=reading.kwh_remaining, full_kwh=reading.full_kwh, estimated=reading.estimated)
    issued = issued_with_less(swap.plan, read, rules.limits)
    if issued is None or issued.kwh is None or read.kwh is None:
        return None
    return ReturnedMore(issued.battery_id, read.kwh, issued.kwh, issued.moment, issued.station, issued.estimated)


def _settled(swap: Swap, rules: SwapRules) -> Swap:
    """As `_settle`. Raises PaymentTooSmall too, where what settled the swap does not cover what the new battery costs."""
    quota = swap.quota
    if swap.paid and quota is not None and quota.exhausted:
        check_covers(quota, swap.plan, swap.amount_paid, rules.collectable)
    return _settle(swap, rules)


def _is_covered(swap: Swap, rules: SwapRules) -> bool:
    """Whether all receipts together cover what is due. Raises PriceMissing, RenewalNeeded."""
    quota = swap.quota
    return quota is None or not quota.exhausted or swap.amount_paid >= top_up(quota, swap.plan, rules.collectable).cost


def _settle(swap: Swap, rules: SwapRules) -> Swap:
    """The swap with its confirmed receipts in their places: the last settles it where all together cover what is due, else all are
    parts. Before the new battery is read this is unknown, and nothing moves. Raises PriceMissing, RenewalNeeded.
    """
    if not swap.payments or (swap.payment is not None and not swap.paid) or swap.quota is None:
        return swap
    *before, last = swap.payments
    if _is_covered(swap, rules):
        return replace(swap, parts=tuple(before), payment=last)
    return replace(swap, parts=(*before, last), payment=None)


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
    owed = bool(swap.payments) or (quota is not None and quota.exhausted)
    return Step.PAYMENT if owed and not swap.paid else Step.REVIEW


def with_returned(
    swap: Swap, reading: BatteryTelemetry, rules: SwapRules, *, inspection: str = "", approval: Approval | None = None
) -> Swap:
    """The swap with the returned battery. `inspection` accepts an unfit one and says why it is set aside (decision 13); `approval` accepts
    one that holds clearly more than it went out with (decision 28).

    Raises StepImpossible, BatteryUnreadable, WrongBattery, BatteryDamaged, ReturnedMore.
    """
    if next_step(swap) is not Step.RETURNED:
        raise StepImpossible(tr("a returned battery is not awaited now"))
    _check_reading(swap, reading, rules)
    read = check_returned(swap.plan.current_asset, reading.battery_id)
    if not inspection:
        check_fit(reading, rules.limits)
    more = _returned_more(swap, reading, rules)
    if more is not None and approval is None:
        raise more
    more_approved = None if more is None else approval
    return replace(without_batteries(swap), incoming=replace(reading, battery_id=read), inspection=inspection, more_approved=more_approved)


def with_new(swap: Swap, reading: BatteryTelemetry, rules: SwapRules, *, taken: frozenset[str] = frozenset()) -> Swap:
    """The swap with the battery to issue; `taken` are other customers' batteries known here, normalised (decision 12).

    Raises StepImpossible, BatteryUnreadable, SameBattery, BatteryTaken, BatteryDamaged, BatteryNotIssuable, BatteryTooLow.
    """
    if next_step(swap) is not Step.NEW:
        raise StepImpossible(tr("a new battery is not awaited now"))
    _check_reading(swap, reading, rules)
    read = check_issued(swap.plan.current_asset, reading.battery_id)
    if read in taken:
        raise BatteryTaken(read)
    check_issuable(reading, rules.limits)
    check_enough(reading, rules.limits)
    return _settled(replace(swap, outgoing=replace(reading, battery_id=read), doubt_approved=None), rules)


def _check_reading(swap: Swap, reading: BatteryTelemetry, rules: SwapRules) -> None:
    if swap.plan.tracks_energy and reading.kwh_remaining is None:
        raise BatteryUnreadable(reading.battery_id, tr("it gave no energy reading"))
    check_reading(reading, rules.limits)


def with_payment(swap: Swap, payment: Payment, rules: SwapRules, *, part: bool = False) -> Swap:
    """The swap with a recorded payment; one that the quota did not ask for is taken too and credits nothing (decision 9).

    `part` lets it be less than is due, and then it has to wait for the platform's word.
    Raises StepImpossible, PriceMissing, RenewalNeeded, PaymentInvalid, PaymentTooSmall; PaymentUsed where this swap has the receipt.
    """
    quota = swap.quota
    if quota is None or next_step(swap) not in {Step.PAYMENT, Step.REVIEW}:
        raise StepImpossible(tr("no payment is awaited now"))
    if swap.payment is not None:
        raise StepImpossible(tr("a payment is recorded already"))
    check_receipt(payment.amount, payment.receipt_id)
    _check_new(swap, payment)
    recorded = replace(swap, payment=payment)
    waits = payment.confirmation is Confirmation.WAITING
    if quota.exhausted and not (part and waits):
        check_covers(quota, swap.plan, recorded.amount_paid, rules.collectable)
    if swap.parts and not waits:
        raise StepImpossible(tr(_NEEDS_WORD))
    return recorded


_NEEDS_WORD = mark("a payment in parts needs the platform's word")


def _check_new(swap: Swap, payment: Payment) -> None:
    """A receipt counts once, whatever method stands beside its id the second time. Raises PaymentUsed."""
    known = receipt_in(swap, payment.receipt_id)
    if known is not None:
        raise PaymentUsed(known.method, known.receipt_id, known.recorded_at, here=True)


def receipt_in(swap: Swap, receipt_id: str) -> Payment | None:
    """The payment of this swap with that receipt id, however it is written."""
    normalised = normalise_receipt_id(receipt_id)
    return next((each for each in swap.payments if normalise_receipt_id(each.receipt_id) == normalised), None)


def with_arrived(swap: Swap, payments: tuple[Payment, ...], rules: SwapRules) -> Swap:
    """The swap with receipts that the platform reported by itself: each is counted, whatever its amount.

    Raises StepImpossible unless a receipt is awaited; PaymentInvalid, PaymentUsed, PriceMissing, RenewalNeeded.
    """
    if next_step(swap) is not Step.PAYMENT or swap.payment is not None:
        raise StepImpossible(tr("no payment is awaited now"))
    for each in payments:
        check_receipt(each.amount, each.receipt_id)
        _check_new(swap, each)
        swap = replace(swap, parts=(*swap.parts, replace(each, confirmation=Confirmation.PLATFORM)))
    return _settle(swap, rules)


def confirm_payment(swap: Swap, by: Confirmation, rules: SwapRules, name: str = "") -> Swap:
    """The swap with its payment approved: it settles the swap, or is a part where it does not cover what is due.

    `name` is the supervisor who overrides (decision 22); nobody overrides for a part. Raises StepImpossible, PriceMissing, RenewalNeeded.
    """
    if swap.payment is None:
        raise StepImpossible(tr("no payment is recorded"))
    if by is not Confirmation.PLATFORM and in_parts(swap, rules):
        raise StepImpossible(tr(_NEEDS_WORD))
    return _settle(replace(swap, payment=replace(swap.payment, confirmation=by, confirmed_by=name)), rules)


def in_parts(swap: Swap, rules: SwapRules) -> bool:
    """Whether the receipts recorded are parts of what is due, or were. Raises PriceMissing, RenewalNeeded."""
    return bool(swap.parts) or not _is_covered(swap, rules)


def without_payment(swap: Swap) -> Swap:
    """The swap after the platform refused the receipt; what somebody approved stays. Raises StepImpossible."""
    if swap.paid:
        raise StepImpossible(tr("the payment is recorded"))
    return replace(swap, payment=None)


def can_go_back(swap: Swap | None) -> bool:
    """Back stops at a recorded payment and at completion."""
    return swap is not None and not swap.payments and swap.completed_at is None


def check_may_go_back(swap: Swap) -> None:
    """Raises StepImpossible where Back is off."""
    if not can_go_back(swap):
        raise StepImpossible(tr("the payment is recorded") if swap.completed_at is None else tr("the swap is complete"))


def go_back(swap: Swap) -> Swap | None:
    """The swap without its last battery, as it was one step earlier; None is before the customer. Raises StepImpossible."""
    check_may_go_back(swap)
    if swap.outgoing is not None:
        return replace(swap, outgoing=None)
    return None if swap.incoming is None else replace(swap, incoming=None, inspection="", more_approved=None)


def completion(swap: Swap, now: datetime) -> CompleteService:
    """The specification's COMPLETE_SERVICE for this swap; of several receipts the sum, with the last one's id and method.

    Raises StepImpossible before the review.
    """
    if next_step(swap) is not Step.REVIEW or swap.outgoing is None:
        raise StepImpossible(tr("the swap is not ready to complete"))
    incoming, outgoing, payment = swap.incoming, swap.outgoing, swap.payment
    return CompleteService(
        incoming_battery_id=incoming.battery_id if incoming else None,
        incoming_kwh=incoming.kwh_remaining if incoming else None,
        outgoing_battery_id=outgoing.battery_id,
        outgoing_kwh=outgoing.kwh_remaining,
        payment_occurred=payment is not None,
        payment_amount=swap.amount_paid if payment else None,
        payment_receipt_id=payment.receipt_id if payment else None,
        payment_method=payment.method if payment else None,
        attendant_id=swap.attendant_id,
        attendant_station=swap.station_id,
        transaction_timestamp=now,
        correlation_id=swap.correlation_id,
    )
