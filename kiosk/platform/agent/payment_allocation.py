"""What a receipt that is shown pays: pure rules over the recorded payments (decisions 9, 10).

- A receipt pays one transaction, once, with one amount. One that the ERP system has confirmed without naming a transaction belongs to the
  first transaction of its plan that shows it.
- COMPLETE_SERVICE, and the payment of the older sequence, show the last receipt with the sum of all: the sum of what is recorded for the
  transaction counts. Parts that were confirmed without a transaction are this plan's customer's money: they are taken where they make up
  the sum exactly.
- Money that came and could not be applied pays nothing until a person has settled it; neither does money for a transaction that is
  completed already.
- What was paid for a transaction and is not counted when it is completed is kept as an unapplied payment: a person has to see it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from kiosk.domain.agent.agent_result import AgentContext
from kiosk.domain.agent.energy import energy_of
from kiosk.domain.errors import KioskError, PaymentInvalid, PaymentUnapplied, PaymentUsed
from kiosk.domain.money.money import check_covers, payment_credit
from kiosk.domain.plan.quota import Credit, check_quota
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import EquipmentCheckout, ProcessPayment
from kiosk.platform.store.store_values import ReceiptKey, RecordedPayment, Snapshot


def top_up_prepaid(
    request: EquipmentCheckout, plan: ServicePlan, payments: tuple[RecordedPayment, ...], context: AgentContext
) -> ServicePlan:
    """The plan with its quotas topped up by what was paid for this transaction; the same object where nothing is short or it does not
    suffice."""
    amount = sum((each.amount for each in payments if each.plan_id == plan.id), Decimal(0))
    if not amount:
        return plan
    try:
        quota = check_quota(plan, energy_of(request, plan).net_kwh)
        if not quota.exhausted:
            return plan
        check_covers(quota, plan, amount, context.collectable)
        credit = payment_credit(quota, plan, amount, context.collectable)
    except KioskError:
        return plan  # the agent will name the reason
    return _add_credit(plan, credit)


def _add_credit(plan: ServicePlan, credit: Credit) -> ServicePlan:
    swaps, electricity = plan.swap_count, plan.electricity
    credited = plan.with_states(replace(swaps, quota=swaps.quota + credit.swaps))
    if electricity is None:
        return credited
    return credited.with_states(replace(electricity, quota=electricity.quota + credit.kwh))


_MAX_PARTS = 8  # parts of one payment; more are not tried for a sum


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAllocation:
    """`new` is the amount to record for the receipt, None where it is recorded already; `assigned` are payments that now belong to the
    transaction; `unused` those that were made for it and do not count.
    """

    new: Decimal | None = None
    assigned: tuple[RecordedPayment, ...] = ()
    unused: tuple[RecordedPayment, ...] = ()


def allocate_receipt(payment: ProcessPayment, owner: str, snapshot: Snapshot) -> PaymentAllocation:
    """The question whether a receipt is paid: this receipt with its own amount. Raises PaymentUsed, PaymentInvalid, PaymentUnapplied."""
    paid = _find_recorded(payment, owner, snapshot)
    if paid is None:
        return PaymentAllocation(new=payment.payment_amount)
    if paid.amount != payment.payment_amount:
        raise _other_amount(paid)
    return PaymentAllocation(assigned=_assign((paid,), owner))


def allocate_to_swap(payment: ProcessPayment, receipt: ReceiptKey, owner: str, snapshot: Snapshot) -> PaymentAllocation:
    """What completes a swap: the receipt's own amount, or the sum of the transaction's. Raises as `allocate_receipt`."""
    paid = _find_recorded(payment, owner, snapshot)
    others = tuple(each for each in snapshot.payments if each.key != receipt)
    here = [each for each in others if each.plan_id == snapshot.plan.id]
    strays = tuple(each for each in others if each.plan_id != snapshot.plan.id)
    before = sum((each.amount for each in here), Decimal(0))
    amount = payment.payment_amount
    if paid is None:
        return PaymentAllocation(new=amount - before, unused=strays) if before < amount else PaymentAllocation(new=amount, unused=others)
    if amount == paid.amount:
        return PaymentAllocation(assigned=_assign((paid,), owner), unused=others)
    for parts in _sets_of_parts(snapshot, receipt):
        if before + paid.amount + sum(each.amount for each in parts) == amount:
            return PaymentAllocation(assigned=_assign((paid, *parts), owner), unused=strays)
    raise _other_amount(paid)


def _find_recorded(payment: ProcessPayment, owner: str, snapshot: Snapshot) -> RecordedPayment | None:
    paid = snapshot.receipt_paid
    if snapshot.too_late and (paid is None or not paid.owner):
        raise PaymentUnapplied(payment.payment_receipt_id, f"{owner} is completed already")
    if paid is None:
        if snapshot.unapplied:
            raise PaymentUnapplied(payment.payment_receipt_id, snapshot.unapplied)
        return None
    if paid.plan_id != snapshot.plan.id or paid.owner not in ("", owner):
        raise PaymentUsed(payment.payment_method, payment.payment_receipt_id, paid.at)
    return paid


def _sets_of_parts(snapshot: Snapshot, receipt: ReceiptKey) -> Iterator[tuple[RecordedPayment, ...]]:
    """No part, then each, then each two: the fewest come first."""
    unassigned = [each for each in snapshot.unassigned if each.key != receipt][-_MAX_PARTS:]
    for many in range(len(unassigned) + 1):
        yield from combinations(unassigned, many)


def _assign(payments: Iterable[RecordedPayment], owner: str) -> tuple[RecordedPayment, ...]:
    return tuple(replace(each, owner=owner) for each in payments if not each.owner)


def _other_amount(paid: RecordedPayment) -> PaymentInvalid:
    return PaymentInvalid(f"this receipt was recorded with {paid.amount} {paid.currency}")
