"""Which receipt paid which swap (decision 10).

A swap owns exactly the receipts of its payments: one that the platform refused, or that belongs to a swap which ended without
a completion, has paid nothing and is free again. Receipt ids and methods are compared trimmed and in upper case.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError

from kiosk.domain.errors import PaymentUsed
from kiosk.domain.money.payments import normalise_receipt_id
from kiosk.domain.swap.swap import Payment
from kiosk.shared.sql.engine import Database
from kiosk.station.adapters.store import tables

_payments = tables.payments
_RELEASE = delete(_payments).where(_payments.c.correlation_id == bindparam("swap"))
_TAKE = insert(_payments)
_USED_AT = select(_payments.c.recorded_at).where(
    _payments.c.method == bindparam("method"),
    _payments.c.receipt_id == bindparam("receipt_id"),
    _payments.c.correlation_id != bindparam("swap"),
)


def release_receipts(connection: Connection, correlation_id: str) -> None:
    """The swap owns no receipt any more."""
    connection.execute(_RELEASE, {"swap": correlation_id})


def own_receipts(connection: Connection, correlation_id: str, payments: Sequence[Payment]) -> None:
    """The swap owns these payments' receipts and no others. Raises PaymentUsed."""
    release_receipts(connection, correlation_id)
    for payment in payments:
        used_at = _used_at(connection, payment.method, payment.receipt_id, correlation_id)
        if used_at is not None:
            raise PaymentUsed(payment.method, payment.receipt_id, used_at)
        try:
            connection.execute(_TAKE, _row(correlation_id, payment))
        except IntegrityError as taken:  # by another kiosk on a shared database, since we looked
            raise PaymentUsed(payment.method, payment.receipt_id) from taken


def _row(correlation_id: str, payment: Payment) -> dict[str, object]:
    return {
        "method": normalise_receipt_id(payment.method),
        "receipt_id": normalise_receipt_id(payment.receipt_id),
        "correlation_id": correlation_id,
        "amount": payment.amount,
        "currency": payment.currency,
        "recorded_at": payment.recorded_at,
    }


def _used_at(connection: Connection, method: str, receipt_id: str, except_swap: str) -> datetime | None:
    asked = {"method": normalise_receipt_id(method), "receipt_id": normalise_receipt_id(receipt_id), "swap": except_swap}
    return connection.execute(_USED_AT, asked).scalar_one_or_none()


class UsedReceipts(Database):
    """The part of the store that knows the receipts used."""

    def payment_used_at(self, method: str, receipt_id: str, *, except_swap: str) -> datetime | None:
        """When this receipt paid another swap here, by that swap's clock; None when it did not. Raises StoreFailed."""
        with self.reading() as connection:
            return _used_at(connection, method, receipt_id, except_swap)
