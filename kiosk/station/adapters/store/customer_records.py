"""What the store holds of one customer: told, replaced by a pseudonym on demand, and replaced in what is old.

The money's record stays: swaps, their receipts, acts with money and completions keep their ids, times, amounts and batteries. The
customer's id and name give way in every text of the customer's rows; a cached plan goes, and so do the bytes that were sent for an old
swap. A swap that waits (begun, kept, not booked, or with money that the platform does not know of) is never touched.

SQLite leaves what was deleted in the file until it is written over: these transactions overwrite it, and `scrub` takes away the rest.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, or_, select, update

from kiosk.domain.errors import BadInput, PlanInvalid
from kiosk.domain.money.cash import MoneyAct
from kiosk.shared.sql.engine import Database
from kiosk.station.adapters.store import tables
from kiosk.station.adapters.store.tables import COMPLETED, KEPT, LEFT, NOT_BOOKED, RUNNING, add_entry
from kiosk.station.ports import CustomerRecords
from kiosk.wire.exact_json import text
from kiosk.wire.pseudonyms import Pseudonym, as_json, is_pseudonym, pseudonym_of
from kiosk.wire.stored_documents import plan_from_json, swap_from_json

_swaps, _outbox, _plans, _money = tables.swaps, tables.outbox, tables.plans, tables.money_acts
_OF_SWAPS = (tables.swaps, tables.outbox, tables.outbox_steps, tables.payments, tables.money_acts, tables.audit)
_TOLD = (tables.outbox, tables.outbox_steps, tables.payments, tables.money_acts, tables.audit)
_WAITS = or_(
    _swaps.c.status.in_((RUNNING, KEPT)),
    _swaps.c.correlation_id.in_(select(_outbox.c.correlation_id).where(_outbox.c.state.in_(NOT_BOOKED))),
    _swaps.c.correlation_id.in_(select(_money.c.correlation_id).where(_money.c.act == MoneyAct.AT_DESK.value, _money.c.told_at.is_(None))),
)
_OLD = select(_swaps.c.correlation_id, _swaps.c.journal).where(
    _swaps.c.forgotten_at.is_(None), _swaps.c.status.in_((COMPLETED, LEFT)), ~_WAITS
)
_CHUNK = 200
_KEYS = frozenset({"correlation_id", "receipt_id", "method", "series", "status", "state", "act"})  # what makes a payment pay once stays


class CustomerBook(Database):
    """The part of the store that is about customers."""

    def customer_records(self, customer_id: str) -> CustomerRecords:
        with self.reading() as connection:
            return _records(connection, customer_id)

    def customer_export(self, customer_id: str) -> dict[str, Any]:
        with self.reading() as connection:
            found = _records(connection, customer_id)
            swaps = list(_rows(connection, _swaps, found.swaps))
            return {
                "customer_id": customer_id,
                "names": list(found.names),
                "plans": [
                    as_json(dict(row)) for row in connection.execute(select(_plans).where(_plans.c.plan_id.in_(found.plan_ids))).mappings()
                ],
                "swaps": swaps,
                **{table.name: list(_rows(connection, table, found.swaps)) for table in _TOLD},
            }

    def erase_customer(self, customer_id: str, token: str, at: datetime) -> CustomerRecords:
        with self.writing() as connection:
            _overwrite_deleted(connection)
            found = _records(connection, customer_id)
            if found.waiting:
                return found
            pseudonym = pseudonym_of(customer_id, found.names, token)
            connection.execute(delete(_plans).where(_plans.c.plan_id.in_(found.plan_ids)))
            for table in _OF_SWAPS:
                _replace(connection, table, found.swaps, pseudonym)
            _mark(connection, found.swaps, at)
            if found.plan_ids or found.swaps:
                add_entry(connection, at, "customer erased", "", pseudonym.instead)
            return found

    def old_swaps(self, before: datetime, limit: int) -> tuple[str, ...]:
        with self.reading() as connection:
            rows = connection.execute(_OLD.where(_swaps.c.saved_at < before).order_by(_swaps.c.saved_at).limit(limit)).all()
        return tuple(row.correlation_id for row in rows)

    def forget_swaps(self, ids: Sequence[str], token: str, at: datetime) -> None:
        steps = tables.outbox_steps
        with self.writing() as connection:
            _overwrite_deleted(connection)
            for row in connection.execute(_OLD.where(_swaps.c.correlation_id.in_(ids))).all():
                customer_id, name = _customer_in(row.journal)
                if customer_id and not is_pseudonym(customer_id):
                    pseudonym = pseudonym_of(customer_id, [name], token)
                    for table in _OF_SWAPS:
                        _replace(connection, table, [row.correlation_id], pseudonym)
                connection.execute(update(steps).where(steps.c.correlation_id == row.correlation_id).values(payload=b"", answer=None))
                _mark(connection, [row.correlation_id], at)


def _records(connection: Connection, customer_id: str) -> CustomerRecords:
    """Looked for as JSON writes it, and read then: a damaged journal that names the customer counts too."""
    written = f'"customer_id":{text(customer_id)}'
    plans = connection.execute(select(_plans.c.plan_id, _plans.c.document).where(_holds(_plans.c.document, written))).all()
    journals = connection.execute(
        select(_swaps.c.correlation_id, _swaps.c.journal, _WAITS.label("waits"))
        .where(_holds(_swaps.c.journal, written))
        .order_by(_swaps.c.number)
    ).all()
    told = [(row, *_customer_in(row.journal)) for row in journals]
    own = [(row, name) for row, found, name in told if found in {customer_id, ""}]
    cached = [(row.plan_id, *_customer_of(row.document)) for row in plans]
    names = [name for _, name in own] + [name for _, found, name in cached if found in {customer_id, ""}]
    return CustomerRecords(
        names=tuple(dict.fromkeys(filter(None, names))),
        plan_ids=tuple(plan_id for plan_id, found, _ in cached if found in {customer_id, ""}),
        swaps=tuple(row.correlation_id for row, _ in own),
        waiting=tuple(row.correlation_id for row, _ in own if row.waits),
    )


def _holds(column: ColumnElement[str], written: str) -> ColumnElement[bool]:
    return column.contains(written, autoescape=True)


def _customer_in(journal: str) -> tuple[str, str]:
    """The customer's id and name; "" for both where the journal cannot be read."""
    try:
        plan = swap_from_json(journal).plan
    except (BadInput, PlanInvalid):
        return "", ""
    return plan.customer_id, plan.customer_name or ""


def _customer_of(document: str) -> tuple[str, str]:
    try:
        plan = plan_from_json(document)
    except (BadInput, PlanInvalid):
        return "", ""
    return plan.customer_id, plan.customer_name or ""


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[at : at + _CHUNK] for at in range(0, len(ids), _CHUNK))


def _rows(connection: Connection, table: Table, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Rows of these swaps, as JSON has them."""
    for some in _chunks(ids):
        for row in connection.execute(select(table).where(table.c.correlation_id.in_(some))).mappings():
            yield as_json(dict(row))


def _replace(connection: Connection, table: Table, ids: Sequence[str], pseudonym: Pseudonym) -> None:
    """In every text and every message of these swaps' rows."""
    keys = list(table.primary_key.columns)
    for some in _chunks(ids):
        for row in connection.execute(select(table).where(table.c.correlation_id.in_(some))).mappings().all():
            changed = _changed(dict(row), pseudonym)
            if changed:
                connection.execute(update(table).where(and_(*(key == row[key.name] for key in keys))).values(changed))


def _changed(cells: dict[str, Any], pseudonym: Pseudonym) -> dict[str, Any]:
    texts = {name: value for name, value in cells.items() if isinstance(value, str | bytes) and name not in _KEYS}
    after = {name: pseudonym.in_value(value) for name, value in texts.items()}
    return {name: value for name, value in after.items() if value != texts[name]}


def _mark(connection: Connection, ids: Sequence[str], at: datetime) -> None:
    for some in _chunks(ids):
        connection.execute(update(_swaps).where(_swaps.c.correlation_id.in_(some)).values(forgotten_at=at))


def _overwrite_deleted(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")  # for this connection; it costs others nothing
