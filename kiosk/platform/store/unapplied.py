"""What is known of money that counts for no swap yet; written with the delivery that brought it, settled by a person."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, tuple_, update

from kiosk.domain.agent.specification_json import Json
from kiosk.domain.decimals import trimmed
from kiosk.domain.times import iso_utc
from kiosk.platform.store.open_items import OpenList
from kiosk.platform.store.store_values import ReceiptKey, Unapplied
from kiosk.platform.store.tables import unapplied_payments as _table
from kiosk.shared.sql.engine import Database
from kiosk.wire.exact_json import dumps

_AGAIN = (
    update(_table)
    .where(_table.c.digest == bindparam("of_digest"))
    .values(times=_table.c.times + 1, last_at=bindparam("at"), settled_at=None)
)
_ADD = insert(_table)
_REASONS = (
    select(_table.c.method, _table.c.receipt_id, _table.c.reason)
    .where(tuple_(_table.c.method, _table.c.receipt_id).in_(bindparam("receipts", expanding=True)))
    .order_by(_table.c.number)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnappliedRow:
    """One of the list, for a person; `note` is what was done when it was settled before, empty where nobody did."""

    number: int
    unapplied: Unapplied
    first_at: datetime
    last_at: datetime
    times: int
    note: str = ""

    def as_json(self) -> Json:
        """Every fact, for the terminal."""
        kept = self.unapplied
        return {
            "number": self.number,
            "kind": kept.kind,
            "reason": kept.reason,
            "plan_id": kept.plan_id,
            "amount": kept.amount,
            "currency": kept.currency,
            "payment_method": kept.key.method,
            "receipt_id": kept.key.receipt_id,
            "reference": kept.reference or None,
            "paid_at": iso_utc(kept.paid_at),
            "first_at": iso_utc(self.first_at),
            "last_at": iso_utc(self.last_at),
            "times": self.times,
            "note": self.note or None,
        }


def keep_unapplied(connection: Connection, kept: Unapplied, at: datetime) -> None:
    """Note it, in the caller's transaction; confirmed again it is open again."""
    row = _row(kept)
    if connection.execute(_AGAIN, {"of_digest": row["digest"], "at": at}).rowcount == 0:
        connection.execute(_ADD, {**row, "first_at": at, "last_at": at, "times": 1, "note": ""})


def reasons_of(connection: Connection, receipts: Iterable[ReceiptKey]) -> dict[ReceiptKey, str]:
    """Why each of these receipts counts for nothing, settled or not; those that are not known here are left out."""
    keys = [(each.method, each.receipt_id) for each in receipts]
    found = connection.execute(_REASONS, {"receipts": keys}).all() if keys else ()
    return {ReceiptKey(method=method, receipt_id=receipt_id): reason for method, receipt_id, reason in found}


class UnappliedPayments(OpenList[UnappliedRow]):
    """The list for people."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, _table, "unapplied payment", _as_row)


def _row(kept: Unapplied) -> dict[str, object]:
    facts = {
        "method": kept.key.method,
        "receipt_id": kept.key.receipt_id,
        "plan_id": kept.plan_id,
        "currency": kept.currency,
        "reference": kept.reference,
        "kind": kept.kind,
    }
    digest = hashlib.sha256(dumps({**facts, "amount": trimmed(kept.amount)})).hexdigest()
    return {**facts, "amount": kept.amount, "digest": digest, "reason": kept.reason, "paid_at": kept.paid_at}


def _as_row(row: RowMapping) -> UnappliedRow:
    key = ReceiptKey(method=row["method"], receipt_id=row["receipt_id"])
    facts = {name: row[name] for name in ("plan_id", "amount", "currency", "reference", "kind", "reason", "paid_at")}
    about = {name: row[name] for name in ("number", "first_at", "last_at", "times", "note")}
    return UnappliedRow(unapplied=Unapplied(key=key, **facts), **about)
