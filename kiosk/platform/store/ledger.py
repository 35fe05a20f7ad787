"""One transaction for many requests: read at once, decided one after the other, written at once.

A request sees what those before it in the same transaction did, as if each had one of its own; so its decision is the same, and the
database is asked a few times for all of them instead of ten times for each. Where anything fails, nothing of the whole is written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, Insert, Row

from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import EquipmentCheckout
from kiosk.platform.store import statements as sql
from kiosk.platform.store.open_items import keep_unapplied, reasons_of
from kiosk.platform.store.plan_rows import facts_of, plan_of, plan_text
from kiosk.platform.store.store_values import (
    Decision,
    Known,
    OpenState,
    ReceiptKey,
    RecordedPayment,
    RecordedRequest,
    RequestFacts,
    RequestKey,
    ServiceFact,
    Snapshot,
    Unapplied,
    Work,
)
from kiosk.wire.actions import ISSUE, RETURN
from kiosk.wire.exact_json import dumps

_PlanRow = Row[str, str, str, int]
_PaymentRow = Row[str, str, str, str, Decimal, str, datetime, str]
_INSERTS = (sql.ADD_TRANSACTION, sql.ADD_SERVICE_EVENT, sql.ADD_PAYMENT_EVENT)


class OvertakenError(Exception):
    """Another worker changed the plan since it was read."""


@dataclass(slots=True)
class _PlanState:
    """A plan in this transaction; `at` is None while it is as it was read, `station` where it was served last in this transaction."""

    plan: ServicePlan
    version: int
    station: str | None = None
    at: datetime | None = None


@dataclass(slots=True)
class _OpenItem:
    """What waits for a person from now on, and the request that caused it."""

    facts: RequestFacts
    state: OpenState
    reason: str = ""
    refused: int = 0


class Ledger:
    """What is known about these requests. With `lock` the plans are this transaction's until its end."""

    def __init__(self, connection: Connection, requests: Sequence[RequestFacts], *, lock: bool) -> None:
        self._connection = connection
        # locked in the order of their ids, so that workers wait for each other and never for ever; what is read after that holds
        read = _lock_plans if lock else _read_plans
        found = read(connection, sorted({each.plan_id for each in requests}))
        self._plans = {row.plan_id: _PlanState(plan_of(row.document, row.template), row.version) for row in found}
        paid_for = {each.pays_for.correlation_id for each in requests if each.pays_for is not None}
        self._recorded = dict(_read_recorded(connection, paid_for.union(each.key.correlation_id for each in requests)))
        self._payments = list(_read_payments(connection, requests))
        self._rows: dict[Insert, list[dict[str, object]]] = {each: [] for each in _INSERTS}
        self._new: set[RequestKey] = set()
        self._open: dict[RequestKey, _OpenItem] = {}
        self._assigned: list[dict[str, object]] = []
        paid = {each.key for each in self._payments}
        self._unapplied = reasons_of(connection, {each.receipt for each in requests if each.receipt and each.receipt not in paid})
        self._kept: list[tuple[Unapplied, datetime]] = []

    def known(self, facts: RequestFacts) -> Known:
        """What is known about one request, with what those before it in this transaction did."""
        recorded = self._recorded.get(facts.key)
        if recorded is not None:
            return recorded
        state = self._plans.get(facts.plan_id)
        if state is None:
            return None
        paid = next((each for each in self._payments if each.key == facts.receipt), None)
        owner = facts.key.correlation_id
        return Snapshot(
            plan=state.plan,
            receipt_paid=paid,
            payments=tuple(each for each in self._payments if each.owner == owner),
            unassigned=tuple(each for each in self._payments if not each.owner and each.plan_id == facts.plan_id),
            unapplied=self._unapplied.get(facts.receipt, "") if facts.receipt else "",
            too_late=self._is_completed(facts.pays_for),
            of_other_plan=self._is_of_other_plan(facts),
        )

    def _is_completed(self, key: RequestKey | None) -> bool:
        """Whether no payment is awaited for it any more. The older sequence may pay after its check-out (decision 21)."""
        done = self._recorded.get(key) if key else None
        return done is not None and done.action != EquipmentCheckout.action

    def _is_of_other_plan(self, facts: RequestFacts) -> bool:
        """Whether it pays for what was begun on another plan."""
        paid_for = facts.pays_for.correlation_id if facts.pays_for else ""
        return any(key.correlation_id == paid_for and done.plan_id != facts.plan_id for key, done in self._recorded.items())

    def decide(self, work: Work) -> Decision:
        """Decide one request. Nothing is written yet."""
        facts = work.facts
        decision = work.decide(self.known(facts))
        if decision.plan is not None:
            self._change(decision.plan, facts, served=decision.final)
        if decision.final:
            self._record(facts, decision)
        elif decision.reason:
            self._keep_refusal(facts, decision)
        return decision

    def _change(self, plan: ServicePlan, facts: RequestFacts, *, served: bool) -> None:
        """An action changes the plan and never its template; where it succeeds, the customer was served."""
        state = self._plans[facts.plan_id]
        state.plan, state.at = plan, facts.at
        if served and facts.station_id:
            state.station = facts.station_id

    def _keep_refusal(self, facts: RequestFacts, decision: Decision) -> None:
        before = self._open.get(facts.key)
        state = OpenState.UNPROVEN if decision.waits else OpenState.REFUSED
        self._open[facts.key] = _OpenItem(facts, state, decision.reason, before.refused + 1 if before else 1)

    def _record(self, facts: RequestFacts, decision: Decision) -> None:
        key, about = facts.key, {"correlation_id": facts.key.correlation_id, "plan_id": facts.plan_id}
        self._recorded[key] = RecordedRequest(plan_id=facts.plan_id, digest=facts.digest, response=decision.response, action=facts.action)
        self._new.add(key)
        self._open.pop(key, None)
        begun = _find_begun_swap(facts, decision)
        if begun is not None and begun[0] not in self._recorded:
            self._open[begun[0]] = _OpenItem(facts, begun[1])
        done = {"part": key.part, "action": facts.action, "digest": facts.digest, "request": facts.request, "done_at": facts.at}
        self._rows[sql.ADD_TRANSACTION].append({**about, **done, "response": decision.response})
        if decision.service is not None:
            self._rows[sql.ADD_SERVICE_EVENT].append({**about, **_service_row(decision.service), "at": facts.at})
        if decision.payment is not None:
            self._payments.append(decision.payment)
            self._rows[sql.ADD_PAYMENT_EVENT].append(_payment_row(decision.payment))
        for each in decision.assigned:
            self._payments = [each if known.key == each.key else known for known in self._payments]
            self._assigned.append({"by_method": each.key.method, "receipt": each.key.receipt_id, "of_owner": each.owner})
        for kept in decision.unapplied:
            self._unapplied.setdefault(kept.key, kept.reason)
            self._kept.append((kept, facts.at))

    # ------------------------------------------------------------ what is written

    def write(self) -> None:
        """All that was decided. Raises OvertakenError."""
        self._write_plans()
        for statement, rows in self._rows.items():
            if rows:
                self._connection.execute(statement, rows)
        if self._assigned and self._connection.execute(sql.ASSIGN_PAYMENT, self._assigned).rowcount != len(self._assigned):
            raise OvertakenError
        for kept, at in self._kept:
            keep_unapplied(self._connection, kept, at)
        if self._new:
            keys = [(each.correlation_id, each.part) for each in self._new]
            self._connection.execute(sql.FORGET_REFUSALS, {"keys": keys})
        for open_key, each in self._open.items():
            self._write_open(open_key, each)

    def _write_plans(self) -> None:
        rows = [
            {
                "plan": state.plan.id,
                "seen": state.version,
                "new_document": plan_text(state.plan),
                "at": state.at,
                "asset": facts_of(state.plan)["current_asset"],
                "station": state.station,
            }
            for state in self._plans.values()
            if state.at is not None
        ]
        if rows and self._connection.execute(sql.UPDATE_PLAN, rows).rowcount != len(rows):
            raise OvertakenError

    def _write_open(self, key: RequestKey, item: _OpenItem) -> None:
        facts = item.facts
        about = {"of_plan": facts.plan_id, "station": facts.station_id, "attendant": facts.attendant_id, "asked_action": facts.action}
        known = {"correlation": key.correlation_id, "of_part": key.part, "new_state": item.state, "last_reason": item.reason}
        if self._connection.execute(sql.REFUSED_AGAIN, {**known, **about, "more": item.refused, "at": facts.at}).rowcount == 0:
            new = {"correlation_id": key.correlation_id, "part": key.part, "plan_id": facts.plan_id, "action": facts.action}
            who = {"station_id": facts.station_id, "attendant_id": facts.attendant_id}
            why = {"state": item.state, "reason": item.reason, "note": ""}
            times = {"first_at": facts.at, "last_at": facts.at, "times": max(1, item.refused)}
            self._connection.execute(sql.ADD_REFUSAL, {**new, **who, **why, **times})


def _find_begun_swap(facts: RequestFacts, decision: Decision) -> tuple[RequestKey, OpenState] | None:
    """The swap that this begins and does not complete: it was paid for, or its returned battery has come in."""
    if facts.key.part == RETURN:
        return RequestKey(correlation_id=facts.key.correlation_id, part=ISSUE), OpenState.RETURNED
    owner = decision.payment.owner if decision.payment else ""
    return (RequestKey(correlation_id=owner, part=ISSUE), OpenState.PAID) if owner and facts.key.part != ISSUE else None


def decide_and_write(connection: Connection, works: Sequence[Work], worker: str) -> list[Decision]:
    """Decides all of them and writes the decisions; the events are stored for `worker` to publish. Raises OvertakenError, and what
    `decide` raises."""
    ledger = Ledger(connection, [each.facts for each in works], lock=True)
    decisions = [ledger.decide(each) for each in works]
    ledger.write()
    rows = [
        {"event_id": event.event_id, "topic": event.topic, "payload": event.payload, "stored_at": work.facts.at, "stored_by": worker}
        for work, decision in zip(works, decisions, strict=True)
        for event in decision.events
    ]
    numbers = iter(connection.execute(sql.QUEUE_EVENTS, rows).scalars().all() if rows else ())
    return [replace(each, events=tuple(replace(event, number=next(numbers)) for event in each.events)) for each in decisions]


def _read_plans(connection: Connection, plan_ids: Sequence[str]) -> Sequence[_PlanRow]:
    return connection.execute(sql.THE_PLANS, {"plans": plan_ids}).all()


def _lock_plans(connection: Connection, plan_ids: Sequence[str]) -> Sequence[_PlanRow]:
    """PostgreSQL leaves a plan out that was moved to another template while its lock was waited for: the template that it has now is not in
    what the statement looked at. So what is left out is asked for again."""
    found = connection.execute(sql.LOCK_PLANS, {"plans": plan_ids}).all()
    left_out = sorted({*plan_ids} - {row.plan_id for row in found})
    return [*found, *connection.execute(sql.LOCK_PLANS, {"plans": left_out}).all()] if left_out else found


def _read_recorded(connection: Connection, correlation_ids: set[str]) -> Iterator[tuple[RequestKey, RecordedRequest]]:
    for row in connection.execute(sql.RECORDED, {"correlations": sorted(correlation_ids)}):
        key = RequestKey(correlation_id=row.correlation_id, part=row.part)
        yield key, RecordedRequest(plan_id=row.plan_id, digest=row.digest, response=row.response, action=row.action)


def _read_payments(connection: Connection, requests: Sequence[RequestFacts]) -> Iterator[RecordedPayment]:
    """Of these receipts, of these transactions, and of the plans where a receipt is shown those of no transaction; oldest first."""
    receipts: set[ReceiptKey] = {each.receipt for each in requests if each.receipt is not None}
    about = {
        "owners": sorted({each.key.correlation_id for each in requests}),
        "receipts": [(each.method, each.receipt_id) for each in receipts],
        "plans": sorted({each.plan_id for each in requests if each.receipt is not None}),
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
