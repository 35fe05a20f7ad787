"""What a receipt that is shown pays: pure rules over the payments in the books (decisions 9, 10).

- A receipt pays one transaction, once, with one amount. One that the ERP system has confirmed without naming a transaction belongs to the
  first transaction of its plan that shows it.
- COMPLETE_SERVICE, and the payment of the older sequence, show the last receipt with the sum of all: the sum of what is recorded for the
  transaction counts. Parts that were confirmed without a transaction are this plan's customer's money: they are taken where they make up
  the sum exactly.
- Money that came and could not be applied pays nothing until a person has settled it; neither does money for a transaction that is
  completed already.
- What was paid for a transaction and is not counted when it is completed is told: a person has to see it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from kiosk.domain.errors import PaymentInvalid, PaymentUnapplied, PaymentUsed
from kiosk.domain.requests import ProcessPayment
from kiosk.platform.store.store_values import Books, ReceiptKey, RecordedPayment

_MOST_LOOSE = 8  # parts of one payment; more are not tried for a sum


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """`new` is the amount to record for the receipt, None where it is recorded; `bound` what now belongs to the transaction; `unused` what
    was paid for it and does not count.
    """

    new: Decimal | None = None
    bound: tuple[RecordedPayment, ...] = ()
    unused: tuple[RecordedPayment, ...] = ()


def single(payment: ProcessPayment, owner: str, books: Books) -> Tender:
    """The question whether a receipt is paid: this receipt with its own amount. Raises PaymentUsed, PaymentInvalid, PaymentUnapplied."""
    paid = _recorded(payment, owner, books)
    if paid is None:
        return Tender(new=payment.payment_amount)
    if paid.amount != payment.payment_amount:
        raise _other_amount(paid)
    return Tender(bound=_bound((paid,), owner))


def whole(payment: ProcessPayment, receipt: ReceiptKey, owner: str, books: Books) -> Tender:
    """What completes a swap: the receipt's own amount, or the sum of the transaction's. Raises as `single`."""
    paid = _recorded(payment, owner, books)
    others = tuple(each for each in books.payments if each.key != receipt)
    here = [each for each in others if each.plan_id == books.plan.id]
    strays = tuple(each for each in others if each.plan_id != books.plan.id)
    before = sum((each.amount for each in here), Decimal(0))
    amount = payment.payment_amount
    if paid is None:
        return Tender(new=amount - before, unused=strays) if before < amount else Tender(new=amount, unused=others)
    if amount == paid.amount:
        return Tender(bound=_bound((paid,), owner), unused=others)
    for parts in _sets_of(books, receipt):
        if before + paid.amount + sum(each.amount for each in parts) == amount:
            return Tender(bound=_bound((paid, *parts), owner), unused=strays)
    raise _other_amount(paid)


def _recorded(payment: ProcessPayment, owner: str, books: Books) -> RecordedPayment | None:
    paid = books.receipt_paid
    if books.too_late and (paid is None or not paid.owner):
        raise PaymentUnapplied(payment.payment_receipt_id, f"{owner} is completed already")
    if paid is None:
        if books.unapplied:
            raise PaymentUnapplied(payment.payment_receipt_id, books.unapplied)
        return None
    if paid.plan_id != books.plan.id or paid.owner not in ("", owner):
        raise PaymentUsed(payment.payment_method, payment.payment_receipt_id, paid.at)
    return paid


def _sets_of(books: Books, receipt: ReceiptKey) -> Iterator[tuple[RecordedPayment, ...]]:
    """No part, then each, then each two: the fewest come first."""
    loose = [each for each in books.loose if each.key != receipt][-_MOST_LOOSE:]
    for many in range(len(loose) + 1):
        yield from combinations(loose, many)


def _bound(payments: Iterable[RecordedPayment], owner: str) -> tuple[RecordedPayment, ...]:
    return tuple(replace(each, owner=owner) for each in payments if not each.owner)


def _other_amount(paid: RecordedPayment) -> PaymentInvalid:
    return PaymentInvalid(f"this receipt was recorded with {paid.amount} {paid.currency}")
