"""What the platform keeps of one customer: told, and replaced by a pseudonym.

Every table with the id of a plan belongs to the plan's customer, and so do the events that were published on the plan's topics. Ids,
times, amounts, batteries and quotas stay: the money's record and whose hands a battery is in. A plan's id stays even where it holds the
customer's: a station may have a swap for it that was not sent yet. Kiosks are told of the plan anew, by their next sync.

Nothing is erased while something of the customer waits: an open refusal or payment, money that no swap has used, an event that is not
published. Raises StoreFailed when the database does not answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, func, or_, select, update

from kiosk.domain.errors import NotFound, StepImpossible
from kiosk.domain.language import tr
from kiosk.platform.store.tables import metadata, outgoing_events, payment_events, plans, refusals, unapplied_payments
from kiosk.shared.sql.engine import Database
from kiosk.wire.pseudonyms import Pseudonym, as_json, pseudonym_of

_KEYS = frozenset(  # what rows are found by, and what makes a repeated request the same one
    {"plan_id", "correlation_id", "event_id", "receipt_id", "owner", "reference", "method", "digest", "template_digest", "part", "state"}
)
_NAME = "customer_name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was done: `rows` that changed; `named_by` are ids of plans that hold the customer's."""

    plan_ids: tuple[str, ...]
    rows: int
    named_by: tuple[str, ...]


class PlatformCustomers:
    """Works on the platform's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def export(self, customer_id: str) -> dict[str, Any]:
        """All rows of a customer, as JSON has them, by table. Raises NotFound."""
        with self._database.reading() as connection:
            plan_ids, names = _find(connection, customer_id)
            found = {table.name: connection.execute(question).mappings().all() for table, question in _rows(plan_ids)}
        rows = {name: [as_json(dict(row)) for row in each] for name, each in found.items()}
        return {"customer_id": customer_id, "names": sorted(names), **rows}

    def erase(self, customer_id: str, token: str, at: datetime) -> Erased:
        """A pseudonym, made of `token`, takes the customer's place. Raises NotFound, StepImpossible."""
        with self._database.writing() as connection:
            connection.execute(select(plans.c.plan_id).where(plans.c.customer_id == customer_id).with_for_update())
            plan_ids, names = _find(connection, customer_id)
            _refuse_waiting(connection, plan_ids)
            pseudonym = replace(pseudonym_of(customer_id, names, token), kept=frozenset(plan_ids))
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA secure_delete = ON")
            count = sum(_replace(connection, table, question, pseudonym) for table, question in _rows(plan_ids))
            changed = {"version": plans.c.version + 1, "changed_at": at}
            connection.execute(update(plans).where(plans.c.plan_id.in_(plan_ids)).values(changed))
        return Erased(plan_ids=plan_ids, rows=count, named_by=tuple(each for each in plan_ids if pseudonym.names_in(each)))


def _find(connection: Connection, customer_id: str) -> tuple[tuple[str, ...], set[str]]:
    """Ids of the plans, and the names that stand in them and in what was sent for them."""
    rows = connection.execute(select(plans.c.plan_id).where(plans.c.customer_id == customer_id).order_by(plans.c.plan_id)).all()
    if not rows:
        raise NotFound("customer", customer_id)
    plan_ids = tuple(row.plan_id for row in rows)
    found = (as_json(dict(row)) for _, question in _rows(plan_ids) for row in connection.execute(question).mappings())
    return plan_ids, {name for row in found for name in _names_in(row)}


def _rows(plan_ids: tuple[str, ...]) -> Iterator[tuple[Table, Select[Any]]]:
    for table in metadata.sorted_tables:
        if "plan_id" in table.c:
            yield table, select(table).where(table.c.plan_id.in_(plan_ids))
    topics = [outgoing_events.c.topic.contains(f"/plan/{each}/", autoescape=True) for each in plan_ids]
    yield outgoing_events, select(outgoing_events).where(or_(*topics))


def _refuse_waiting(connection: Connection, plan_ids: tuple[str, ...]) -> None:
    topics = [outgoing_events.c.topic.contains(f"/plan/{each}/", autoescape=True) for each in plan_ids]
    waits = (
        (refusals, refusals.c.plan_id.in_(plan_ids) & refusals.c.settled_at.is_(None)),
        (unapplied_payments, unapplied_payments.c.plan_id.in_(plan_ids) & unapplied_payments.c.settled_at.is_(None)),
        (payment_events, payment_events.c.plan_id.in_(plan_ids) & (payment_events.c.owner == "")),
        (outgoing_events, or_(*topics) & outgoing_events.c.published_at.is_(None)),
    )
    open_items, payments, loose, events = (
        connection.execute(select(func.count()).select_from(table).where(condition)).scalar_one() for table, condition in waits
    )
    if open_items or payments or loose or events:
        raise StepImpossible(
            tr(
                "something of this customer waits and is never erased: {open_items} open requests, {payments} open payments, "
                "{loose} payments that no swap has used, {events} events to publish; settle these first",
                open_items=open_items,
                payments=payments,
                loose=loose,
                events=events,
            )
        )


def _replace(connection: Connection, table: Table, question: Select[Any], pseudonym: Pseudonym) -> int:
    count, keys = 0, list(table.primary_key.columns)
    for row in connection.execute(question).mappings().all():
        kept = _KEYS | {key.name for key in keys}
        texts = {name: value for name, value in row.items() if isinstance(value, str | bytes) and name not in kept}
        after = {name: pseudonym.in_value(value) for name, value in texts.items()}
        if "customer_id" in after and after["customer_id"] == pseudonym.customer_id:
            after["customer_id"] = pseudonym.instead  # too short to give way in every text, or a plan's id as well
        if changed := {name: value for name, value in after.items() if value != texts[name]}:
            connection.execute(update(table).where(and_(*(key == row[key.name] for key in keys))).values(changed))
            count += 1
    return count


def _names_in(value: Any) -> Iterator[str]:  # noqa: ANN401  any JSON value
    if isinstance(value, dict):
        for key, each in value.items():
            if key == _NAME and isinstance(each, str) and each.strip():
                yield each
            yield from _names_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _names_in(each)
