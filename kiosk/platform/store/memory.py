"""PlatformStore: each method one transaction.

`decide` is called inside the transaction that books its outcome, with the plan's row locked, and called again when another worker was
quicker: it has no effect of its own. Every method raises StoreFailed when the database does not answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Connection, Row
from sqlalchemy.exc import ArgumentError, IntegrityError

from kiosk.adapters.store.engine import Database, make_engine
from kiosk.adapters.wire.exact_json import dumps
from kiosk.domain.errors import BadInput, NotFound, StoreFailed
from kiosk.domain.messages import message_for
from kiosk.domain.plan import ServicePlan
from kiosk.domain.template import ServicePlanTemplate
from kiosk.platform.store import statements as sql
from kiosk.platform.store.plan_rows import facts_of, plan_of, plan_text, template_row
from kiosk.platform.store.schema import metadata
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
_PaymentRow = Row[str, str, str, str, Decimal, str, datetime]


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
        return self._write(lambda connection: _insert_plan(connection, plan, at))

    def put_plan(self, plan: ServicePlan, at: datetime) -> None:
        """A supervisor's change: the plan as given, whatever it was before."""
        self._write(lambda connection: _put_plan(connection, plan, at))

    def plan(self, plan_id: str) -> ServicePlan | None:
        """The plan as it is now."""
        with self.reading() as connection:
            row = connection.execute(sql.THE_PLAN, {"plan": plan_id}).one_or_none()
        return None if row is None else plan_of(row.document, row.template)

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
        return self._write(lambda connection: _act(connection, asked, decide))

    def to_publish(self, limit: int = 100) -> tuple[EventToPublish, ...]:
        """Events stored and not yet published, oldest first."""
        with self.reading() as connection:
            found = connection.execute(sql.TO_PUBLISH, {"most": limit}).all()
        return tuple(EventToPublish(number=n, event_id=i, topic=t, payload=p) for n, i, t, p in found)

    def record_published(self, numbers: Sequence[int], at: datetime) -> None:
        """These events have been handed to the broker."""
        with self.writing() as connection:
            connection.execute(sql.PUBLISHED, {"numbers": list(numbers), "at": at})

    def _write[T](self, work: Callable[[Connection], T]) -> T:
        """One transaction, begun again where another worker was quicker."""
        for _attempt in range(MOST_ATTEMPTS):
            try:
                with self.writing() as connection:
                    return work(connection)
            except (IntegrityError, _OvertakenError) as quicker:
                overtaken = quicker
        raise StoreFailed(f"other workers were quicker {MOST_ATTEMPTS} times") from overtaken


def open_store(url: str | Path) -> PlatformStore:
    """The store at a path or an SQLAlchemy URL. Raises BadInput for what is neither, StoreFailed."""
    try:
        return PlatformStore(url)
    except (ArgumentError, ImportError) as error:  # no such dialect, or its driver is not installed
        raise BadInput("--database", str(error)) from error


def _insert_plan(connection: Connection, plan: ServicePlan, at: datetime) -> bool:
    if connection.execute(sql.THE_PLAN, {"plan": plan.id}).one_or_none() is not None:
        return False
    digest = _keep_template(connection, plan.template)
    row = {"plan_id": plan.id, "document": plan_text(plan), "template_digest": digest, "version": 1, "changed_at": at}
    connection.execute(sql.ADD_PLAN, {**row, **facts_of(plan)})
    return True


def _put_plan(connection: Connection, plan: ServicePlan, at: datetime) -> None:
    digest = _keep_template(connection, plan.template)
    facts = facts_of(plan)
    about = {"customer": plan.customer_id, "asset": facts["current_asset"], "of_template": plan.template.id}
    values = {"new_document": plan_text(plan), "digest": digest, "at": at, "of_version": plan.template.version}
    if connection.execute(sql.REPLACE_PLAN, {"plan": plan.id, **about, **values}).rowcount == 0:
        _insert_plan(connection, plan, at)


def _keep_template(connection: Connection, template: ServicePlanTemplate) -> str:
    row = template_row(template)
    if connection.execute(sql.THE_TEMPLATE, {"digest": row.digest}).one_or_none() is None:
        about = {"template_id": template.id, "version": template.version}
        connection.execute(sql.ADD_TEMPLATE, {**about, "digest": row.digest, "document": row.document})
    return row.digest


def _recorded(connection: Connection, key: Key) -> Recorded | None:
    found = connection.execute(sql.RECORDED, {"correlation": key.correlation_id, "of_part": key.part}).one_or_none()
    return None if found is None else Recorded(digest=found.digest, response=found.response, action=found.action)


def _payment(connection: Connection, receipt: ReceiptKey) -> RecordedPayment | None:
    found = connection.execute(sql.PAYMENT_OF_RECEIPT, {"by_method": receipt.method, "receipt": receipt.receipt_id}).one_or_none()
    return None if found is None else _as_payment(found)


def _payments_of(connection: Connection, owner: str) -> tuple[RecordedPayment, ...]:
    return tuple(_as_payment(each) for each in connection.execute(sql.PAYMENTS_OF_OWNER, {"of_owner": owner}))


def _as_payment(row: _PaymentRow) -> RecordedPayment:
    method, receipt_id, owner, plan_id, amount, currency, at = row
    key = ReceiptKey(method=method, receipt_id=receipt_id)
    return RecordedPayment(key=key, owner=owner, plan_id=plan_id, amount=amount, currency=currency, at=at)


def _act(connection: Connection, asked: Asked, decide: Decide) -> Decision | Recorded | None:
    row = connection.execute(sql.LOCK_PLAN, {"plan": asked.plan_id}).one_or_none()
    if row is None:
        _note_refusal(connection, asked, message_for(NotFound("plan", asked.plan_id)).sentence)
        return None
    recorded = _recorded(connection, asked.key)
    if recorded is not None:
        return recorded
    books = Books(
        plan=plan_of(row.document, row.template),
        receipt_paid=_payment(connection, asked.receipt) if asked.receipt else None,
        payments=_payments_of(connection, asked.key.correlation_id),
    )
    decision = decide(books)
    if decision.plan is not None:
        _change_plan(connection, decision.plan, row.version, asked, served=decision.final)
    if decision.final:
        connection.execute(sql.FORGET_REFUSAL, {"correlation": asked.key.correlation_id, "of_part": asked.key.part})
        return _book(connection, asked, decision)
    if decision.reason:
        _note_refusal(connection, asked, decision.reason)
    return decision


def _note_refusal(connection: Connection, asked: Asked, reason: str) -> None:
    key = {"correlation": asked.key.correlation_id, "of_part": asked.key.part}
    about = {"of_plan": asked.plan_id, "station": asked.station_id, "attendant": asked.attendant_id, "asked_action": asked.action}
    if connection.execute(sql.REFUSED_AGAIN, {**key, **about, "last_reason": reason, "at": asked.at}).rowcount == 0:
        new = {"correlation_id": asked.key.correlation_id, "part": asked.key.part, "plan_id": asked.plan_id, "action": asked.action}
        who = {"station_id": asked.station_id, "attendant_id": asked.attendant_id, "reason": reason}
        connection.execute(sql.ADD_REFUSAL, {**new, **who, "first_at": asked.at, "last_at": asked.at, "times": 1})


def _change_plan(connection: Connection, plan: ServicePlan, version: int, asked: Asked, *, served: bool) -> None:
    """An action changes the plan and never its template; where it succeeds, the customer was served."""
    station = asked.station_id if served and asked.station_id else None
    values = {"new_document": plan_text(plan), "at": asked.at, "asset": facts_of(plan)["current_asset"], "station": station}
    if connection.execute(sql.BOOK_PLAN, {"plan": plan.id, "seen": version, **values}).rowcount != 1:
        raise _OvertakenError


def _book(connection: Connection, asked: Asked, decision: Decision) -> Decision:
    """The record of the key, and what belongs to it; gives the decision back with the numbers of its events."""
    about = {"correlation_id": asked.key.correlation_id, "plan_id": asked.plan_id}
    done = {"part": asked.key.part, "action": asked.action, "digest": asked.digest, "request": asked.request}
    connection.execute(sql.ADD_TRANSACTION, {**about, **done, "response": decision.response, "done_at": asked.at})
    if decision.service is not None:
        connection.execute(sql.ADD_SERVICE_EVENT, {**about, **_service_row(decision.service), "at": asked.at})
    if decision.payment is not None:
        connection.execute(sql.ADD_PAYMENT_EVENT, _payment_row(decision.payment))
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
    return replace(event, number=connection.execute(sql.QUEUE_EVENT, row).scalar_one())
