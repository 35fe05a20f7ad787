"""PlatformStore: each method one transaction.

`decide` is called inside the transaction that books its outcome, with the plan's row locked, and called again when another worker was
quicker: it has no effect of its own. Every method raises StoreFailed when the database does not answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import ArgumentError, IntegrityError

from kiosk.adapters.store.engine import Database, make_engine
from kiosk.adapters.wire.exact_json import dumps
from kiosk.adapters.wire.plans import plan_to_document, read_plan
from kiosk.domain.errors import BadInput, StoreFailed
from kiosk.domain.plan import ServicePlan
from kiosk.platform.store.tables import metadata, outgoing_events, payment_events, plans, service_events, transactions
from kiosk.platform.store.values import (
    Asked,
    Books,
    Decision,
    EventToPublish,
    Key,
    PaymentFact,
    ReceiptKey,
    Recorded,
    RecordedPayment,
    ServiceFact,
)

MOST_ATTEMPTS = 5
Decide = Callable[[Books], Decision]
_THE_RECORDED = select(transactions.c.digest, transactions.c.response, transactions.c.action)


_PaymentRow = Row[str, str, str, str, Decimal, str, datetime]
_THE_PAYMENT = select(
    payment_events.c.method,
    payment_events.c.receipt_id,
    payment_events.c.owner,
    payment_events.c.plan_id,
    payment_events.c.amount,
    payment_events.c.currency,
    payment_events.c.at,
)


class _OvertakenError(Exception):
    """Another worker changed the plan since it was read."""


class PlatformStore(Database):
    """`where` is the path of an SQLite file or an SQLAlchemy URL. Tables that are missing are made. Raises StoreFailed."""

    def __init__(self, where: str | Path) -> None:
        super().__init__(make_engine(where))
        with self.writing() as connection:
            metadata.create_all(connection)

    def insert_plan(self, plan: ServicePlan, at: datetime) -> bool:
        """A new plan; False when there is one of this id, which stays as it is."""
        row = {"plan_id": plan.id, "customer_id": plan.customer_id, "document": _text(plan), "version": 1, "changed_at": at}
        try:
            with self.writing() as connection:
                connection.execute(insert(plans), row)
        except IntegrityError:
            return False
        return True

    def put_plan(self, plan: ServicePlan, at: datetime) -> None:
        """A supervisor's change: the plan as given, whatever it was before."""
        change = update(plans).where(plans.c.plan_id == plan.id)
        values = {"customer_id": plan.customer_id, "document": _text(plan), "version": plans.c.version + 1, "changed_at": at}
        with self.writing() as connection:
            known = connection.execute(change.values(values)).rowcount
        if not known:
            self.insert_plan(plan, at)

    def plan(self, plan_id: str) -> ServicePlan | None:
        """The plan as it is now."""
        with self.reading() as connection:
            found = connection.execute(select(plans.c.document).where(plans.c.plan_id == plan_id)).scalar_one_or_none()
        return None if found is None else read_plan(found)

    def recorded(self, key: Key) -> Recorded | None:
        """What was done with this key."""
        with self.reading() as connection:
            return _recorded(connection, key)

    def payment(self, receipt: ReceiptKey) -> RecordedPayment | None:
        """The payment that this receipt made."""
        with self.reading() as connection:
            return _payment(connection, receipt)

    def act(self, asked: Asked, decide: Decide) -> Decision | Recorded | None:
        """Decide and book in one transaction; what was done before, if anything was; None when there is no such plan."""
        for _attempt in range(MOST_ATTEMPTS):
            try:
                with self.writing() as connection:
                    return _act(connection, asked, decide)
            except (IntegrityError, _OvertakenError) as quicker:
                overtaken = quicker
        raise StoreFailed(f"other workers were quicker {MOST_ATTEMPTS} times") from overtaken

    def to_publish(self, limit: int = 100) -> tuple[EventToPublish, ...]:
        """Events stored and not yet published, oldest first."""
        table = outgoing_events
        query = select(table.c.number, table.c.event_id, table.c.topic, table.c.payload).where(table.c.published_at.is_(None))
        with self.reading() as connection:
            found = connection.execute(query.order_by(table.c.number).limit(limit)).all()
        return tuple(EventToPublish(number=n, event_id=i, topic=t, payload=p) for n, i, t, p in found)

    def record_published(self, numbers: Sequence[int], at: datetime) -> None:
        """These events have been handed to the broker."""
        change = update(outgoing_events).where(outgoing_events.c.number.in_(numbers))
        with self.writing() as connection:
            connection.execute(change.values(published_at=at))


def open_store(url: str | Path) -> PlatformStore:
    """The store at a path or an SQLAlchemy URL. Raises BadInput for what is neither, StoreFailed."""
    try:
        return PlatformStore(url)
    except (ArgumentError, ImportError) as error:  # no such dialect, or its driver is not installed
        raise BadInput("--database", str(error)) from error


def _text(plan: ServicePlan) -> str:
    """The document with its state machines in full: a running contract outlives the release that made it (decision 23)."""
    return dumps(plan_to_document(plan, whole=True)).decode()


def _recorded(connection: Connection, key: Key) -> Recorded | None:
    query = _THE_RECORDED.where(transactions.c.correlation_id == key.correlation_id, transactions.c.part == key.part)
    found = connection.execute(query).one_or_none()
    return None if found is None else Recorded(digest=found.digest, response=found.response, action=found.action)


def _payment(connection: Connection, receipt: ReceiptKey) -> RecordedPayment | None:
    same = (payment_events.c.method == receipt.method, payment_events.c.receipt_id == receipt.receipt_id)
    found = connection.execute(_THE_PAYMENT.where(*same)).one_or_none()
    return None if found is None else _as_payment(found)


def _payments_of(connection: Connection, owner: str) -> tuple[RecordedPayment, ...]:
    found = connection.execute(_THE_PAYMENT.where(payment_events.c.owner == owner).order_by(payment_events.c.number))
    return tuple(_as_payment(each) for each in found)


def _as_payment(row: _PaymentRow) -> RecordedPayment:
    method, receipt_id, owner, plan_id, amount, currency, at = row
    key = ReceiptKey(method=method, receipt_id=receipt_id)
    return RecordedPayment(key=key, owner=owner, plan_id=plan_id, amount=amount, currency=currency, at=at)


def _act(connection: Connection, asked: Asked, decide: Decide) -> Decision | Recorded | None:
    lock = select(plans.c.document, plans.c.version).where(plans.c.plan_id == asked.plan_id).with_for_update()
    row = connection.execute(lock).one_or_none()
    if row is None:
        return None
    recorded = _recorded(connection, asked.key)
    if recorded is not None:
        return recorded
    books = Books(
        plan=read_plan(row.document),
        receipt_paid=_payment(connection, asked.receipt) if asked.receipt else None,
        payments=_payments_of(connection, asked.key.correlation_id),
    )
    decision = decide(books)
    if decision.plan is not None:
        _change_plan(connection, decision.plan, row.version, asked.at)
    return _book(connection, asked, decision) if decision.final else decision


def _change_plan(connection: Connection, plan: ServicePlan, version: int, at: datetime) -> None:
    change = update(plans).where(plans.c.plan_id == plan.id, plans.c.version == version)
    values = {"customer_id": plan.customer_id, "document": _text(plan), "version": version + 1, "changed_at": at}
    if connection.execute(change.values(values)).rowcount != 1:
        raise _OvertakenError


def _book(connection: Connection, asked: Asked, decision: Decision) -> Decision:
    """The record of the key, and what belongs to it; gives the decision back with the numbers of its events."""
    about = {"correlation_id": asked.key.correlation_id, "plan_id": asked.plan_id}
    done = {"part": asked.key.part, "action": asked.action, "digest": asked.digest, "request": asked.request}
    connection.execute(insert(transactions), {**about, **done, "response": decision.response, "done_at": asked.at})
    if decision.service is not None:
        connection.execute(insert(service_events), {**about, **_service_row(decision.service), "at": asked.at})
    if decision.payment is not None:
        connection.execute(insert(payment_events), _payment_row(decision.payment))
    return replace(decision, events=tuple(_queued(connection, each, asked.at) for each in decision.events))


def _service_row(fact: ServiceFact) -> dict[str, object]:
    return {
        "event_id": fact.event_id,
        "event_type": fact.event_type,
        "incoming_battery_id": fact.incoming_battery_id,
        "outgoing_battery_id": fact.outgoing_battery_id,
        "net_kwh": fact.net_kwh,
        "event": dumps(fact.event).decode(),
    }


def _payment_row(fact: PaymentFact) -> dict[str, object]:
    paid = fact.payment
    return {
        "method": paid.key.method,
        "receipt_id": paid.key.receipt_id,
        "owner": paid.owner,
        "plan_id": paid.plan_id,
        "amount": paid.amount,
        "currency": paid.currency,
        "at": paid.at,
        "event": dumps(fact.event).decode(),
    }


def _queued(connection: Connection, event: EventToPublish, at: datetime) -> EventToPublish:
    row = {"event_id": event.event_id, "topic": event.topic, "payload": event.payload, "stored_at": at}
    number = connection.execute(insert(outgoing_events).returning(outgoing_events.c.number), row).scalar_one()
    return replace(event, number=number)
