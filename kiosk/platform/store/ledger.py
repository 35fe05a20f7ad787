"""One transaction over the books for many requests: read at once, decided one after the other, written at once.

A request sees what those before it in the same transaction did, as if each had one of its own; so its outcome is the same, and the database
is asked a few times for all of them instead of ten times for each. Where anything fails, nothing of the whole is written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, Insert, Row

from kiosk.domain.errors import NotFound
from kiosk.domain.messages import message_for
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import EquipmentCheckout
from kiosk.platform.store import statements as sql
from kiosk.platform.store.plan_rows import facts_of, plan_of, plan_text
from kiosk.platform.store.store_values import (
    ISSUE,
    RETURN,
    Asked,
    Books,
    Decision,
    Key,
    OpenState,
    Outcome,
    ReceiptKey,
    Recorded,
    RecordedPayment,
    ServiceFact,
    Unapplied,
    Wanted,
)
from kiosk.platform.store.unapplied import keep_unapplied, reasons_of
from kiosk.wire.exact_json import dumps

_PlanRow = Row[str, str, str, int]
_PaymentRow = Row[str, str, str, str, Decimal, str, datetime, str]
_INSERTS = (sql.ADD_TRANSACTION, sql.ADD_SERVICE_EVENT, sql.ADD_PAYMENT_EVENT)


class OvertakenError(Exception):
    """Another worker changed the plan since it was read."""


@dataclass(slots=True)
class _Page:
    """A plan of the books; `at` is None while it is as it was read, `station` where it was served last in this transaction."""

    plan: ServicePlan
    version: int
    station: str | None = None
    at: datetime | None = None


@dataclass(slots=True)
class _Open:
    """What waits for a person from now on; `asked` is the request by which it came to."""

    asked: Asked
    state: OpenState
    reason: str = ""
    refused: int = 0


class Ledger:
    """What is known about these requests. With `lock` the plans are this transaction's until its end."""

    def __init__(self, connection: Connection, asked: Sequence[Asked], *, lock: bool) -> None:
        self._connection = connection
        # locked in the order of their ids, so that workers wait for each other and never for ever; what is read after that holds
        read = _locked if lock else _read
        found = read(connection, sorted({each.plan_id for each in asked}))
        self._pages = {row.plan_id: _Page(plan_of(row.document, row.template), row.version) for row in found}
        named = {each.pays.correlation_id for each in asked if each.pays is not None}
        self._recorded = dict(_recorded(connection, named.union(each.key.correlation_id for each in asked)))
        self._payments = list(_payments(connection, asked))
        self._rows: dict[Insert, list[dict[str, object]]] = {each: [] for each in _INSERTS}
        self._booked: set[Key] = set()
        self._open: dict[Key, _Open] = {}
        self._bound: list[dict[str, object]] = []
        paid = {each.key for each in self._payments}
        self._unapplied = reasons_of(connection, {each.receipt for each in asked if each.receipt and each.receipt not in paid})
        self._kept: list[tuple[Unapplied, datetime]] = []

    def recorded(self, key: Key) -> Recorded | None:
        """What was done with this key."""
        return self._recorded.get(key)

    def books(self, asked: Asked) -> Books | None:
        """What a request is decided from; None where there is no such plan."""
        page = self._pages.get(asked.plan_id)
        if page is None:
            return None
        paid = next((each for each in self._payments if each.key == asked.receipt), None)
        owner = asked.key.correlation_id
        return Books(
            plan=page.plan,
            receipt_paid=paid,
            payments=tuple(each for each in self._payments if each.owner == owner),
            loose=tuple(each for each in self._payments if not each.owner and each.plan_id == asked.plan_id),
            unapplied=self._unapplied.get(asked.receipt, "") if asked.receipt else "",
            too_late=self._completed(asked.pays),
            elsewhere=self._elsewhere(asked),
        )

    def _completed(self, pays: Key | None) -> bool:
        """Whether no payment is awaited for it any more. The older sequence may pay after its check-out (decision 21)."""
        done = self._recorded.get(pays) if pays else None
        return done is not None and done.action != EquipmentCheckout.action

    def _elsewhere(self, asked: Asked) -> bool:
        """Whether it pays for what was begun on another plan."""
        named = asked.pays.correlation_id if asked.pays else ""
        return any(key.correlation_id == named and done.plan_id != asked.plan_id for key, done in self._recorded.items())

    def outcome(self, wanted: Wanted) -> Outcome:
        """Decide one request. Nothing is written yet."""
        asked = wanted.asked
        books = self.books(asked)
        recorded = self.recorded(asked.key)
        if recorded is not None:
            return recorded
        if books is None:
            return self._without_plan(wanted)
        decision = wanted.decide(books)
        if decision.plan is not None:
            self._change(decision.plan, asked, served=decision.final)
        if decision.final:
            self._book(asked, decision)
        elif decision.reason and not wanted.question:
            self._refuse(asked, decision.reason, OpenState.UNPROVEN if decision.waits else OpenState.REFUSED)
        return decision

    def _without_plan(self, wanted: Wanted) -> Decision | None:
        if wanted.without_plan is not None:
            self._book(wanted.asked, wanted.without_plan)
        elif not wanted.question:
            self._refuse(wanted.asked, message_for(NotFound("plan", wanted.asked.plan_id)).sentence)
        return wanted.without_plan

    def _change(self, plan: ServicePlan, asked: Asked, *, served: bool) -> None:
        """An action changes the plan and never its template; where it succeeds, the customer was served."""
        page = self._pages[asked.plan_id]
        page.plan, page.at = plan, asked.at
        if served and asked.station_id:
            page.station = asked.station_id

    def _refuse(self, asked: Asked, reason: str, state: OpenState = OpenState.REFUSED) -> None:
        before = self._open.get(asked.key)
        self._open[asked.key] = _Open(asked, state, reason, before.refused + 1 if before else 1)

    def _book(self, asked: Asked, decision: Decision) -> None:
        key, about = asked.key, {"correlation_id": asked.key.correlation_id, "plan_id": asked.plan_id}
        self._recorded[key] = Recorded(plan_id=asked.plan_id, digest=asked.digest, response=decision.response, action=asked.action)
        self._booked.add(key)
        self._open.pop(key, None)
        begun = _begun(asked, decision)
        if begun is not None and begun[0] not in self._recorded:
            self._open[begun[0]] = _Open(asked, begun[1])
        done = {"part": key.part, "action": asked.action, "digest": asked.digest, "request": asked.request, "done_at": asked.at}
        self._rows[sql.ADD_TRANSACTION].append({**about, **done, "response": decision.response})
        if decision.service is not None:
            self._rows[sql.ADD_SERVICE_EVENT].append({**about, **_service_row(decision.service), "at": asked.at})
        if decision.payment is not None:
            self._payments.append(decision.payment)
            self._rows[sql.ADD_PAYMENT_EVENT].append(_payment_row(decision.payment))
        for each in decision.bound:
            self._payments = [each if known.key == each.key else known for known in self._payments]
            self._bound.append({"by_method": each.key.method, "receipt": each.key.receipt_id, "of_owner": each.owner})
        for kept in decision.unapplied:
            self._unapplied.setdefault(kept.key, kept.reason)
            self._kept.append((kept, asked.at))

    # ------------------------------------------------------------ what is written

    def write(self) -> None:
        """All that was decided. Raises OvertakenError."""
        self._write_plans()
        for statement, rows in self._rows.items():
            if rows:
                self._connection.execute(statement, rows)
        if self._bound and self._connection.execute(sql.BIND_PAYMENT, self._bound).rowcount != len(self._bound):
            raise OvertakenError
        for kept, at in self._kept:
            keep_unapplied(self._connection, kept, at)
        if self._booked:
            keys = [(each.correlation_id, each.part) for each in self._booked]
            self._connection.execute(sql.FORGET_REFUSALS, {"keys": keys})
        for open_key, each in self._open.items():
            self._write_open(open_key, each)

    def _write_plans(self) -> None:
        rows = [
            {
                "plan": page.plan.id,
                "seen": page.version,
                "new_document": plan_text(page.plan),
                "at": page.at,
                "asset": facts_of(page.plan)["current_asset"],
                "station": page.station,
            }
            for page in self._pages.values()
            if page.at is not None
        ]
        if rows and self._connection.execute(sql.BOOK_PLAN, rows).rowcount != len(rows):
            raise OvertakenError

    def _write_open(self, key: Key, what: _Open) -> None:
        asked = what.asked
        about = {"of_plan": asked.plan_id, "station": asked.station_id, "attendant": asked.attendant_id, "asked_action": asked.action}
        known = {"correlation": key.correlation_id, "of_part": key.part, "new_state": what.state, "last_reason": what.reason}
        if self._connection.execute(sql.REFUSED_AGAIN, {**known, **about, "more": what.refused, "at": asked.at}).rowcount == 0:
            new = {"correlation_id": key.correlation_id, "part": key.part, "plan_id": asked.plan_id, "action": asked.action}
            who = {
                "station_id": asked.station_id,
                "attendant_id": asked.attendant_id,
                "state": what.state,
                "reason": what.reason,
                "note": "",
            }
            times = {"first_at": asked.at, "last_at": asked.at, "times": max(1, what.refused)}
            self._connection.execute(sql.ADD_REFUSAL, {**new, **who, **times})


def _begun(asked: Asked, decision: Decision) -> tuple[Key, OpenState] | None:
    """The swap that this begins and does not complete: it was paid for, or its old battery has come back."""
    if asked.key.part == RETURN:
        return Key(correlation_id=asked.key.correlation_id, part=ISSUE), OpenState.RETURNED
    owner = decision.payment.owner if decision.payment else ""
    return (Key(correlation_id=owner, part=ISSUE), OpenState.PAID) if owner and asked.key.part != ISSUE else None


def settled(connection: Connection, wanted: Sequence[Wanted], worker: str) -> list[Outcome]:
    """Decides and books all of them; the events are stored for `worker` to publish. Raises OvertakenError, and what `decide` raises."""
    ledger = Ledger(connection, [each.asked for each in wanted], lock=True)
    outcomes = [ledger.outcome(each) for each in wanted]
    ledger.write()
    numbers = _queued(connection, wanted, outcomes, worker)
    return [_numbered(each, numbers) if isinstance(each, Decision) else each for each in outcomes]


def _queued(connection: Connection, wanted: Sequence[Wanted], outcomes: Sequence[Outcome], worker: str) -> Iterator[int]:
    """The numbers of the events, in their order."""
    rows = [
        {"event_id": event.event_id, "topic": event.topic, "payload": event.payload, "stored_at": each.asked.at, "stored_by": worker}
        for each, outcome in zip(wanted, outcomes, strict=True)
        if isinstance(outcome, Decision)
        for event in outcome.events
    ]
    return iter(connection.execute(sql.QUEUE_EVENTS, rows).scalars().all() if rows else ())


def _numbered(decision: Decision, numbers: Iterator[int]) -> Decision:
    return replace(decision, events=tuple(replace(each, number=next(numbers)) for each in decision.events))


def _read(connection: Connection, plan_ids: Sequence[str]) -> Sequence[_PlanRow]:
    return connection.execute(sql.THE_PLANS, {"plans": plan_ids}).all()


def _locked(connection: Connection, plan_ids: Sequence[str]) -> Sequence[_PlanRow]:
    """PostgreSQL leaves a plan out that was moved to another template while its lock was waited for: the template that it has now is not in
    what the statement looked at. So what is left out is asked for again."""
    found = connection.execute(sql.LOCK_PLANS, {"plans": plan_ids}).all()
    left_out = sorted({*plan_ids} - {row.plan_id for row in found})
    return [*found, *connection.execute(sql.LOCK_PLANS, {"plans": left_out}).all()] if left_out else found


def _recorded(connection: Connection, correlation_ids: set[str]) -> Iterator[tuple[Key, Recorded]]:
    for row in connection.execute(sql.RECORDED, {"correlations": sorted(correlation_ids)}):
        key = Key(correlation_id=row.correlation_id, part=row.part)
        yield key, Recorded(plan_id=row.plan_id, digest=row.digest, response=row.response, action=row.action)


def _payments(connection: Connection, asked: Sequence[Asked]) -> Iterator[RecordedPayment]:
    """Of these receipts, of these transactions, and of the plans where a receipt is shown those of no transaction; oldest first."""
    receipts: set[ReceiptKey] = {each.receipt for each in asked if each.receipt is not None}
    about = {
        "owners": sorted({each.key.correlation_id for each in asked}),
        "receipts": [(each.method, each.receipt_id) for each in receipts],
        "plans": sorted({each.plan_id for each in asked if each.receipt is not None}),
    }
    rows: Sequence[_PaymentRow] = connection.execute(sql.PAYMENTS if receipts else sql.PAYMENTS_OF_OWNERS, about).all()
    for method, receipt_id, owner, plan_id, amount, currency, at, event in rows:
        key = ReceiptKey(method=method, receipt_id=receipt_id)
        yield RecordedPayment(key=key, owner=owner, plan_id=plan_id, amount=amount, currency=currency, at=at, event=event)


def _service_row(fact: ServiceFact) -> dict[str, object]:
    return {
        "event_id": fact.event_id,
        "event_type": fact.event_type,
        "incoming_battery_id": fact.incoming_battery_id,
        "outgoing_battery_id": fact.outgoing_battery_id,
        "net_kwh": fact.net_kwh,
        "event": dumps(fact.event).decode(),
    }


def _payment_row(paid: RecordedPayment) -> dict[str, object]:
    return {
        "method": paid.key.method,
        "receipt_id": paid.key.receipt_id,
        "owner": paid.owner,
        "plan_id": paid.plan_id,
        "amount": paid.amount,
        "currency": paid.currency,
        "at": paid.at,
        "event": paid.event,
    }
