"""What is known of money that counts for no swap yet; written with the delivery that brought it, settled by a person."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, tuple_, update

from kiosk.adapters.store.engine import Database
from kiosk.adapters.wire.exact_json import dumps
from kiosk.domain.errors import NotFound
from kiosk.domain.numbers import trimmed
from kiosk.domain.payloads import Json
from kiosk.domain.times import iso_utc
from kiosk.platform.store.unapplied_tables import unapplied_payments as _table
from kiosk.platform.store.values import ReceiptKey, Unapplied

MOST_LISTED = 200

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
_SETTLE = update(_table).where(_table.c.number == bindparam("of_number")).values(settled_at=bindparam("at"), note=bindparam("why"))
_OPEN = (
    select(_table)
    .where(_table.c.settled_at.is_(None), _table.c.number < bindparam("before"))
    .order_by(_table.c.number.desc())
    .limit(bindparam("most"))
)
_NEWEST = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class UnappliedRow:
    """One of the list, for a person."""

    number: int
    unapplied: Unapplied
    first_at: datetime
    last_at: datetime
    times: int

    def as_json(self) -> Json:
        """Every fact, for the terminal."""
        kept = self.unapplied
        return {
            "number": self.number, "kind": kept.kind, "reason": kept.reason, "plan_id": kept.plan_id, "amount": kept.amount,
            "currency": kept.currency, "payment_method": kept.key.method, "receipt_id": kept.key.receipt_id,
            "reference": kept.reference or None, "paid_at": iso_utc(kept.paid_at), "first_at": iso_utc(self.first_at),
            "last_at": iso_utc(self.last_at), "times": self.times,
        }  # fmt: skip


def keep_unapplied(connection: Connection, kept: Unapplied, at: datetime) -> None:
    """Note it, in the caller's transaction; told again it is open again."""
    row = _row(kept)
    if connection.execute(_AGAIN, {"of_digest": row["digest"], "at": at}).rowcount == 0:
        connection.execute(_ADD, {**row, "first_at": at, "last_at": at, "times": 1, "note": ""})


def reasons_of(connection: Connection, receipts: Iterable[ReceiptKey]) -> dict[ReceiptKey, str]:
    """Why each of these receipts counts for nothing, settled or not; those that are not known here are left out."""
    wanted = [(each.method, each.receipt_id) for each in receipts]
    found = connection.execute(_REASONS, {"receipts": wanted}).all() if wanted else ()
    return {ReceiptKey(method=method, receipt_id=receipt_id): reason for method, receipt_id, reason in found}


class UnappliedPayments:
    """The list for people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, before: int = _NEWEST, limit: int = 50) -> tuple[UnappliedRow, ...]:
        """Not settled yet, newest first; the next page is `before` the last number of this one. Raises StoreFailed."""
        with self._database.reading() as connection:
            found = connection.execute(_OPEN, {"most": min(limit, MOST_LISTED), "before": before}).mappings().all()
        return tuple(_listed(each) for each in found)

    def all_open(self) -> Iterator[UnappliedRow]:
        """All that are not settled, page by page. Raises StoreFailed."""
        page = self.open(limit=MOST_LISTED)
        while page:
            yield from page
            page = self.open(page[-1].number, MOST_LISTED)

    def settle(self, number: int, note: str, at: datetime) -> None:
        """A person has dealt with it, as the note says. Raises NotFound, StoreFailed."""
        with self._database.writing() as connection:
            if connection.execute(_SETTLE, {"of_number": number, "why": note, "at": at}).rowcount == 0:
                raise NotFound("unapplied payment", str(number))


def _row(kept: Unapplied) -> dict[str, object]:
    told = {
        "method": kept.key.method, "receipt_id": kept.key.receipt_id, "plan_id": kept.plan_id, "currency": kept.currency,
        "reference": kept.reference, "kind": kept.kind,
    }  # fmt: skip
    digest = hashlib.sha256(dumps({**told, "amount": trimmed(kept.amount)})).hexdigest()
    return {**told, "amount": kept.amount, "digest": digest, "reason": kept.reason, "paid_at": kept.paid_at}


def _listed(row: RowMapping) -> UnappliedRow:
    key = ReceiptKey(method=row["method"], receipt_id=row["receipt_id"])
    facts = {name: row[name] for name in ("plan_id", "amount", "currency", "reference", "kind", "reason", "paid_at")}
    about = {name: row[name] for name in ("number", "first_at", "last_at", "times")}
    return UnappliedRow(unapplied=Unapplied(key=key, **facts), **about)
