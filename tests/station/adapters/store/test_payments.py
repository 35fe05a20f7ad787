"""One receipt pays once (decision 10)."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from kiosk.domain.errors import PaymentUsed
from kiosk.domain.swap.swap import Swap
from kiosk.station.ports import Store
from tests.builders import NOON
from tests.station.adapters.store.tables import counts, read
from tests.station.adapters.store.values import begun_swap, ended_swap, later, make_payment, message_of


def test_a_receipt_pays_one_swap_only(store: Store) -> None:
    first, second = begun_swap(payment=make_payment(at=later(5))), begun_swap(payment=make_payment(at=later(60)))
    store.save_swap(first, later(5), "payment recorded")
    with pytest.raises(PaymentUsed) as refused:
        store.save_swap(second, later(60), "payment recorded")
    assert refused.value.used_at == later(5)
    assert [kept.swap for kept in store.kept_swaps()] == [first]


@pytest.mark.parametrize("typed", ["pay-78910", "  PAY-78910\t", "Pay-78910 "])
def test_a_receipt_is_the_same_however_it_is_typed(store: Store, typed: str) -> None:
    store.save_swap(begun_swap(payment=make_payment()), NOON, "payment recorded")
    with pytest.raises(PaymentUsed):
        store.save_swap(begun_swap(payment=make_payment(typed, "mobile_money ")), NOON, "payment recorded")


def test_the_same_id_from_another_method_is_another_receipt(store: Store) -> None:
    store.save_swap(begun_swap(payment=make_payment()), NOON, "payment recorded")
    store.save_swap(begun_swap(payment=make_payment(method="CASH")), NOON, "payment recorded")
    assert len(store.kept_swaps()) == 2


def test_a_swap_keeps_its_receipt_through_all_its_steps(store: Store, database: Path) -> None:
    paid = ended_swap(payment=make_payment())
    for _ in range(3):
        store.save_swap(replace(paid, completed_at=None), NOON, "step")
    store.complete(paid, message_of(paid))
    assert read(database, "SELECT method, receipt_id, correlation_id, amount, currency FROM payments") == [
        ("MOBILE_MONEY", "PAY-78910", paid.correlation_id, "15.00", "USD")
    ]


def test_amounts_are_kept_as_they_were_written(store: Store, database: Path) -> None:
    exact = Decimal("0.10000000000000000000000001")
    store.save_swap(begun_swap(payment=replace(make_payment(), amount=exact)), NOON, "payment recorded")
    assert read(database, "SELECT amount, typeof(amount) FROM payments") == [(str(exact), "text")]


def test_who_asks_for_a_used_receipt_is_told_since_when(store: Store) -> None:
    swap = begun_swap(payment=make_payment(at=later(7)))
    store.save_swap(swap, later(7), "payment recorded")
    assert store.payment_used_at("mobile_money", " pay-78910", except_swap="TXN-ANOTHER") == later(7)
    assert store.payment_used_at("MOBILE_MONEY", "PAY-78910", except_swap=swap.correlation_id) is None
    assert store.payment_used_at("MOBILE_MONEY", "PAY-1", except_swap="TXN-ANOTHER") is None


def test_a_receipt_that_the_platform_refused_is_free_again(store: Store) -> None:
    swap = begun_swap(payment=make_payment())
    store.save_swap(swap, NOON, "payment recorded")
    store.save_swap(replace(swap, payment=None), later(1), "payment refused")
    store.save_swap(begun_swap(payment=make_payment()), later(2), "payment recorded")


def test_a_swap_that_was_left_has_used_no_receipt(store: Store) -> None:
    swap = begun_swap(payment=make_payment())
    store.save_swap(swap, NOON, "payment recorded")
    store.leave_swap(swap.correlation_id, later(1), "the customer went away")
    assert store.payment_used_at("MOBILE_MONEY", "PAY-78910", except_swap="TXN-ANOTHER") is None


def test_a_swap_cannot_complete_on_another_ones_receipt(store: Store, database: Path) -> None:
    first, second = ended_swap(payment=make_payment()), ended_swap(payment=make_payment())
    store.complete(first, message_of(first))
    with pytest.raises(PaymentUsed):
        store.complete(second, message_of(second))
    assert counts(database) == (1, 1, 1)


def in_parts(*receipt_ids: str) -> Swap:
    *parts, last = (make_payment(each) for each in receipt_ids)
    return replace(ended_swap(payment=last), parts=tuple(parts))


def test_every_receipt_of_a_swap_paid_in_parts_is_its_own(store: Store, database: Path) -> None:
    paid = in_parts("PAY-1", "PAY-2", "PAY-3")
    store.complete(paid, message_of(paid))
    assert read(database, "SELECT receipt_id FROM payments ORDER BY receipt_id") == [("PAY-1",), ("PAY-2",), ("PAY-3",)]
    for receipt_id in ("PAY-1", "PAY-2", "PAY-3"):
        with pytest.raises(PaymentUsed):
            store.save_swap(begun_swap(payment=make_payment(receipt_id)), NOON, "payment recorded")


def test_of_a_swap_with_a_used_part_nothing_is_stored(store: Store, database: Path) -> None:
    store.save_swap(begun_swap(payment=make_payment("PAY-2")), NOON, "payment recorded")
    paid = in_parts("PAY-1", "PAY-2", "PAY-3")
    with pytest.raises(PaymentUsed):
        store.complete(paid, message_of(paid))
    assert read(database, "SELECT receipt_id FROM payments") == [("PAY-2",)]
