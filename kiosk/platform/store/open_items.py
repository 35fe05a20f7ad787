"""What waits for a person: rows of a table that are open until a person has settled them, with a note of what was done.

There are three such tables: requests that were refused, or begun and not completed; money that counts for no swap yet, written with the
delivery that brought it; and bindings of batteries that another one stood in the way of. Each has a `number`, `settled_at` (null: open) and
`note`, and an index over its open rows alone, so that a page costs the same after a million settled ones. What happens again is the same
row, which is open again and keeps its note.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, bindparam, insert, select, tuple_, update

from kiosk.domain.agent.specification_json import Json
from kiosk.domain.decimals import trimmed
from kiosk.domain.errors import NotFound
from kiosk.domain.times import iso_utc
from kiosk.platform.store.record_rows import record_act
from kiosk.platform.store.store_values import OpenState, ReceiptKey, Unapplied
from kiosk.platform.store.tables import battery_conflicts, refusals
from kiosk.platform.store.tables import unapplied_payments as _payments
from kiosk.shared.sql.engine import Database
from kiosk.wire.exact_json import dumps, loads

MAX_LISTED = 200
_NEWEST = 2**62
_AGAIN = (
    update(_payments)
    .where(_payments.c.digest == bindparam("of_digest"))
    .values(times=_payments.c.times + 1, last_at=bindparam("at"), settled_at=None)
)
_ADD = insert(_payments)
_REASONS = (
    select(_payments.c.method, _payments.c.receipt_id, _payments.c.reason)
    .where(tuple_(_payments.c.method, _payments.c.receipt_id).in_(bindparam("receipts", expanding=True)))
    .order_by(_payments.c.number)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """One of a list, for a person; `note` is what was done when a person settled it before, empty where nobody did."""

    number: int
    first_at: datetime
    last_at: datetime
    times: int
    note: str = ""

    def as_json(self) -> Json:
        """Every fact, for the terminal."""
        times = {"first_at": iso_utc(self.first_at), "last_at": iso_utc(self.last_at), "times": self.times}
        return {"number": self.number, **self.facts(), **times, "note": self.note or None}

    def facts(self) -> Json:
        """What it is about."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsettledRow(OpenItem):
    """What was refused, with the last reason, or begun and not completed; in either case not booked since."""

    correlation_id: str
    plan_id: str
    station_id: str
    attendant_id: str
    action: str
    state: OpenState
    reason: str

    def facts(self) -> Json:
        return {
            "state": self.state.value,
            "reason": self.reason,
            "plan_id": self.plan_id,
            "correlation_id": self.correlation_id,
            "action": self.action,
            "station_id": self.station_id or None,
            "attendant_id": self.attendant_id or None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class UnappliedRow(OpenItem):
    """Money that counts for no swap."""

    unapplied: Unapplied

    def facts(self) -> Json:
        kept = self.unapplied
        return {
            "kind": kept.kind,
            "reason": kept.reason,
            "plan_id": kept.plan_id,
            "amount": kept.amount,
            "currency": kept.currency,
            "payment_method": kept.key.method,
            "receipt_id": kept.key.receipt_id,
            "reference": kept.reference or None,
            "paid_at": iso_utc(kept.paid_at),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingConflict(OpenItem):
    """A battery that could not be bound; `standing` are the bindings that stood in the way when it was asked for last, as JSON."""

    asset_id: str
    address: str
    family: str
    serial: str
    bound_by: str
    bound_at: datetime
    station_id: str
    standing: str

    def facts(self) -> Json:
        return {
            "asset_id": self.asset_id,
            "address": self.address,
            "family": self.family,
            "serial": self.serial,
            "bound_by": self.bound_by,
            "bound_at": iso_utc(self.bound_at),
            "station_id": self.station_id or None,
            "standing": loads(self.standing),
        }


class OpenList[Row: OpenItem]:
    """The open rows of a table; `what` names one of them to a person."""

    def __init__(self, database: Database, table: Table, what: str, listed: Callable[[RowMapping], Row]) -> None:
        self._database, self._what, self._listed = database, what, listed
        of_number, before = table.c.number == bindparam("of_number"), table.c.number < bindparam("before")
        self._settle = update(table).where(of_number).values(settled_at=bindparam("at"), note=bindparam("why"))
        self._open = select(table).where(table.c.settled_at.is_(None), before).order_by(table.c.number.desc()).limit(bindparam("most"))

    def open(self, before: int | None = None, limit: int = 50) -> tuple[Row, ...]:
        """Not settled yet, newest first; the next page is `before` the last number of this one. Raises StoreFailed."""
        where = {"most": min(limit, MAX_LISTED), "before": _NEWEST if before is None else before}
        with self._database.reading() as connection:
            return tuple(map(self._listed, connection.execute(self._open, where).mappings()))

    def all_open(self) -> Iterator[Row]:
        """All that are not settled, page by page. Raises StoreFailed."""
        page = self.open(limit=MAX_LISTED)
        while page:
            yield from page
            page = self.open(page[-1].number, MAX_LISTED)

    def settle(self, number: int, note: str, at: datetime, who: str = "") -> None:
        """A person has dealt with it, as the note says; recorded with who it was. Raises NotFound, StoreFailed."""
        with self._database.writing() as connection:
            if connection.execute(self._settle, {"of_number": number, "why": note, "at": at}).rowcount == 0:
                raise NotFound(self._what, str(number))
            record_act(connection, at, f"settled: {self._what}", who, note, number=str(number))


class UnsettledRequests(OpenList[UnsettledRow]):
    """The requests, for people."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, refusals, "unsettled request", _unsettled_row)


class UnappliedPayments(OpenList[UnappliedRow]):
    """The money, for people."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, _payments, "unapplied payment", _unapplied_row)


class BindingConflicts(OpenList[BindingConflict]):
    """The bindings, for people."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            database, battery_conflicts, "conflict of bindings", lambda row: BindingConflict(**_fields_in(row, BindingConflict))
        )


def keep_unapplied(connection: Connection, kept: Unapplied, at: datetime) -> None:
    """Note money that counts for no swap, in the caller's transaction; confirmed again it is open again."""
    facts = {
        "method": kept.key.method,
        "receipt_id": kept.key.receipt_id,
        "plan_id": kept.plan_id,
        "currency": kept.currency,
        "reference": kept.reference,
        "kind": kept.kind,
    }
    digest = hashlib.sha256(dumps({**facts, "amount": trimmed(kept.amount)})).hexdigest()
    if connection.execute(_AGAIN, {"of_digest": digest, "at": at}).rowcount == 0:
        about = {"digest": digest, "amount": kept.amount, "reason": kept.reason, "paid_at": kept.paid_at}
        connection.execute(_ADD, {**facts, **about, "first_at": at, "last_at": at, "times": 1, "note": ""})


def reasons_of(connection: Connection, receipts: Iterable[ReceiptKey]) -> dict[ReceiptKey, str]:
    """Why each of these receipts counts for nothing, settled or not; those that are not known here are left out."""
    keys = [(each.method, each.receipt_id) for each in receipts]
    found = connection.execute(_REASONS, {"receipts": keys}).all() if keys else ()
    return {ReceiptKey(method=method, receipt_id=receipt_id): reason for method, receipt_id, reason in found}


def _unsettled_row(row: RowMapping) -> UnsettledRow:
    return UnsettledRow(**{**_fields_in(row, UnsettledRow), "state": OpenState(row["state"])})


def _unapplied_row(row: RowMapping) -> UnappliedRow:
    key = ReceiptKey(method=row["method"], receipt_id=row["receipt_id"])
    return UnappliedRow(unapplied=Unapplied(key=key, **_fields_in(row, Unapplied)), **_fields_in(row, UnappliedRow))


def _fields_in(row: RowMapping, kind: type[OpenItem | Unapplied]) -> dict[str, Any]:
    """What a row says about a value of this kind."""
    return {each.name: row[each.name] for each in fields(kind) if each.name in row}
