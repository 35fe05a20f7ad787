"""One transaction for many requests: read at once, decided one after the other, written at once.

A request sees what those before it in the same transaction did, as if each had one of its own; so its decision is the same, and the
database is asked a few times for all of them instead of ten times for each. Where anything fails, nothing of the whole is written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Insert, Row

from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import EquipmentCheckout
from kiosk.platform.store import statements as sql
from kiosk.platform.store.open_items import keep_unapplied, reasons_of
from kiosk.platform.store.open_rows import HourlyRate, OpenRow, write_open_row
from kiosk.platform.store.plan_rows import facts_of, plan_of, plan_text
from kiosk.platform.store.station_values import Claim
from kiosk.platform.store.store_values import (
    Decision,
    Known,
    OpenState,
    OwnedElsewhere,
    ReceiptKey,
    RecordedPayment,
    RecordedRequest,
    RequestFacts,
    RequestKey,
    Snapshot,
    Unapplied,
    Work,
)
from kiosk.wire.actions import ISSUE, RETURN
from kiosk.wire.exact_json import dumps

_PlanRow = Row[str, str, str, int]
_INSERTS = (sql.ADD_TRANSACTION, sql.ADD_SERVICE_EVENT, sql.ADD_PAYMENT_EVENT, sql.ADD_CLAIM)
WAITING = timedelta(days=1)
"""So long a station that began a transaction of a plan hears of money for that plan which names no transaction."""


class OvertakenError(Exception):
    """Another worker changed the plan since it was read."""


@dataclass(slots=True)
class _PlanState:
    """A plan in this transaction; `at` is None while it is as it was read, `station` where it was served last in this transaction."""

    plan: ServicePlan
    version: int
    station: str | None = None
    at: datetime | None = None


class Ledger:
    """What is known about these requests. With `lock` the plans are this transaction's until its end."""

    def __init__(self, connection: Connection, requests: Sequence[RequestFacts], *, lock: bool) -> None:
        self._connection = connection
        # locked in the order of their ids, so that workers wait for each other and never for ever; what is read after that holds
        plan_ids = sorted({each.plan_id for each in requests})
        found = _lock_plans(connection, plan_ids) if lock else connection.execute(sql.THE_PLANS, {"plans": plan_ids}).all()
        self._plans = {row.plan_id: _PlanState(plan_of(row.document, row.template), row.version) for row in found}
        paid_for = {each.pays_for.correlation_id for each in requests if each.pays_for is not None}
        correlations = sorted(paid_for.union(each.key.correlation_id for each in requests))
        self._recorded = {
            RequestKey(correlation_id=row.correlation_id, part=row.part): RecordedRequest(
                plan_id=row.plan_id, digest=row.digest, response=row.response, action=row.action
            )
            for row in connection.execute(sql.RECORDED, {"correlations": correlations})
        }
        self._claims, self._waiting = _read_claims(connection, requests)
        self._payments = list(_read_payments(connection, requests))
        self._rows: dict[Insert, list[dict[str, object]]] = {each: [] for each in _INSERTS}
        self._new: set[RequestKey] = set()
        self._open: dict[RequestKey, OpenRow] = {}
        self._assigned: list[dict[str, object]] = []
        paid = {each.key for each in self._payments}
        self._unapplied = reasons_of(connection, {each.receipt for each in requests if each.receipt and each.receipt not in paid})
        self._kept: list[tuple[Unapplied, datetime]] = []

    def known(self, facts: RequestFacts) -> Known:
        """What is known about one request, with what those before it in this transaction did."""
        claim = self._claims.get(facts.transaction)
        if claim is not None and facts.signer is not None and claim.station_id != facts.signer:
            return OwnedElsewhere(transaction=facts.transaction, station_id=claim.station_id)
        recorded = self._recorded.get(facts.key)
        if recorded is not None:
            return recorded
        state = self._plans.get(facts.plan_id)
        if state is None:
            return None
        done = self._recorded.get(facts.pays_for) if facts.pays_for else None
        paid_for = facts.pays_for.correlation_id if facts.pays_for else ""
        begins = bool(facts.signer) and claim is None
        return Snapshot(
            plan=state.plan,
            receipt_paid=next((each for each in self._payments if each.key == facts.receipt), None),
            payments=tuple(each for each in self._payments if each.owner == facts.key.correlation_id),
            unassigned=tuple(each for each in self._payments if not each.owner and each.plan_id == facts.plan_id),
            unapplied=self._unapplied.get(facts.receipt, "") if facts.receipt else "",
            too_late=done is not None and done.action != EquipmentCheckout.action,  # whose payment may come later (decision 21)
            of_other_plan=any(key.correlation_id == paid_for and each.plan_id != facts.plan_id for key, each in self._recorded.items()),
            claims=begins,
            paid_before=tuple(each for each in self._payments if begins and self._was_before(each, facts)),
            listening=self._listening(facts, claim),
        )

    @staticmethod
    def _was_before(paid: RecordedPayment, facts: RequestFacts) -> bool:
        return paid.plan_id == facts.plan_id and paid.owner in ("", facts.transaction)

    def _listening(self, facts: RequestFacts, claim: Claim | None) -> tuple[str, ...]:
        """Who waits for what this request pays: whose transaction it is, else whoever waits for money of this plan."""
        if claim is not None:
            return (claim.station_id,) if claim.plan_id == facts.plan_id else ()
        if facts.signer is None and not facts.transaction:
            return tuple(sorted({each.station_id for each in self._waiting if each.plan_id == facts.plan_id}))
        return (facts.signer,) if facts.signer else ()

    def decide(self, work: Work) -> Decision:
        """Decide one request. Nothing is written yet."""
        facts = work.facts
        known = self.known(facts)
        decision = work.decide(known)
        if decision.plan is not None:  # an action changes the plan and never its template
            state = self._plans[facts.plan_id]
            state.plan, state.at = decision.plan, facts.at
            if decision.final and facts.station_id:  # the customer was served
                state.station = facts.station_id
        if decision.claims and facts.signer:
            self._claim(Claim(correlation_id=facts.transaction, plan_id=facts.plan_id, station_id=facts.signer, claimed_at=facts.at))
        if decision.final:
            self._record(facts, decision)
        elif decision.reason:
            before = self._open.get(facts.key)
            why = OpenState.UNPROVEN if decision.waits else OpenState.REFUSED
            times = before.refused + 1 if before else 1
            self._open[facts.key] = OpenRow(facts, why, decision.reason, times, plan_known=known is not None)
        return decision

    def _claim(self, claim: Claim) -> None:
        self._claims[claim.correlation_id] = claim
        self._rows[sql.ADD_CLAIM].append(asdict(claim))

    def _record(self, facts: RequestFacts, decision: Decision) -> None:
        key, about = facts.key, {"correlation_id": facts.key.correlation_id, "plan_id": facts.plan_id}
        self._recorded[key] = RecordedRequest(plan_id=facts.plan_id, digest=facts.digest, response=decision.response, action=facts.action)
        self._new.add(key)
        self._open.pop(key, None)
        begun = _find_begun_swap(facts, decision)
        if begun is not None and begun[0] not in self._recorded:
            self._open[begun[0]] = OpenRow(facts, begun[1])
        for item in decision.to_settle:
            self._open[replace(key, part=item.part)] = OpenRow(facts, item.state, item.reason)
        done = {"part": key.part, "action": facts.action, "digest": facts.digest, "request": facts.request, "done_at": facts.at}
        self._rows[sql.ADD_TRANSACTION].append({**about, **done, "response": decision.response})
        if decision.service is not None:
            service = decision.service
            self._rows[sql.ADD_SERVICE_EVENT].append(
                {
                    **about,
                    "event_id": service.event_id,
                    "event_type": service.event_type,
                    "incoming_battery_id": service.incoming_battery_id,
                    "outgoing_battery_id": service.outgoing_battery_id,
                    "net_kwh": service.net_kwh,
                    "event": dumps(service.event).decode(),
                    "at": facts.at,
                }
            )
        if decision.payment is not None:
            paid = decision.payment
            self._payments.append(paid)
            self._rows[sql.ADD_PAYMENT_EVENT].append(
                {
                    "method": paid.key.method,
                    "receipt_id": paid.key.receipt_id,
                    "owner": paid.owner,
                    "plan_id": paid.plan_id,
                    "amount": paid.amount,
                    "currency": paid.currency,
                    "at": paid.at,
                    "event": paid.event,
                }
            )
        for each in decision.assigned:
            self._payments = [each if known.key == each.key else known for known in self._payments]
            self._assigned.append({"by_method": each.key.method, "receipt": each.key.receipt_id, "of_owner": each.owner})
        for kept in decision.unapplied:
            self._unapplied.setdefault(kept.key, kept.reason)
            self._kept.append((kept, facts.at))

    # ------------------------------------------------------------ what is written

    def write(self, rate: HourlyRate) -> None:
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
            self._connection.execute(sql.FORGET_REFUSALS, {"keys": [(each.correlation_id, each.part) for each in self._new]})
        for open_key, each in self._open.items():
            write_open_row(self._connection, open_key, each, rate)

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


def _find_begun_swap(facts: RequestFacts, decision: Decision) -> tuple[RequestKey, OpenState] | None:
    """The swap that this begins and does not complete: it was paid for, or its returned battery has come in."""
    if facts.key.part == RETURN:
        return RequestKey(correlation_id=facts.key.correlation_id, part=ISSUE), OpenState.RETURNED
    owner = decision.payment.owner if decision.payment else ""
    return (RequestKey(correlation_id=owner, part=ISSUE), OpenState.PAID) if owner and facts.key.part != ISSUE else None


def decide_and_write(connection: Connection, works: Sequence[Work], worker: str, rate: HourlyRate) -> list[Decision]:
    """Decides all of them and writes the decisions; the events are stored for `worker` to publish, refusals within their `rate`. Raises
    OvertakenError, and what `decide` raises."""
    ledger = Ledger(connection, [each.facts for each in works], lock=True)
    decisions = [ledger.decide(each) for each in works]
    ledger.write(rate)
    rows = [
        {"event_id": event.event_id, "topic": event.topic, "payload": event.payload, "stored_at": work.facts.at, "stored_by": worker}
        for work, decision in zip(works, decisions, strict=True)
        for event in decision.events
    ]
    numbers = iter(connection.execute(sql.QUEUE_EVENTS, rows).scalars().all() if rows else ())
    return [replace(each, events=tuple(replace(event, number=next(numbers)) for event in each.events)) for each in decisions]


def _lock_plans(connection: Connection, plan_ids: Sequence[str]) -> Sequence[_PlanRow]:
    """PostgreSQL leaves a plan out that was moved to another template while its lock was waited for: the template that it has now is not in
    what the statement looked at. So what is left out is asked for again."""
    found = connection.execute(sql.LOCK_PLANS, {"plans": plan_ids}).all()
    left_out = sorted({*plan_ids} - {row.plan_id for row in found})
    return [*found, *connection.execute(sql.LOCK_PLANS, {"plans": left_out}).all()] if left_out else found


def _read_claims(connection: Connection, requests: Sequence[RequestFacts]) -> tuple[dict[str, Claim], tuple[Claim, ...]]:
    """Who began these transactions; and where money comes that names none, who waits for some of its plan."""
    named = sorted({each.transaction for each in requests} - {""})
    found = connection.execute(sql.THE_CLAIMS, {"transactions": named}).mappings() if named else ()
    loose = [each for each in requests if each.signer is None and not each.transaction]
    if not loose:
        return {row["correlation_id"]: Claim(**row) for row in found}, ()
    about = {"plans": sorted({each.plan_id for each in loose}), "since": min(each.at for each in loose) - WAITING}
    waiting = connection.execute(sql.OPEN_CLAIMS, about).mappings()
    return {row["correlation_id"]: Claim(**row) for row in found}, tuple(Claim(**row) for row in waiting)


def _read_payments(connection: Connection, requests: Sequence[RequestFacts]) -> Iterator[RecordedPayment]:
    """Of these receipts, of these transactions, and of the plans where a receipt is shown those of no transaction; oldest first."""
    receipts: set[ReceiptKey] = {each.receipt for each in requests if each.receipt is not None}
    showing = [each for each in requests if each.receipt is not None or each.signer]  # a station that signs may begin a transaction
    about = {
        "owners": sorted({each.key.correlation_id for each in requests} | {each.transaction for each in requests if each.signer}),
        "receipts": [(each.method, each.receipt_id) for each in receipts],
        "plans": sorted({each.plan_id for each in showing}),
    }
    rows = connection.execute(sql.PAYMENTS if showing else sql.PAYMENTS_OF_OWNERS, about).all()
    for method, receipt_id, owner, plan_id, amount, currency, at, event in rows:
        key = ReceiptKey(method=method, receipt_id=receipt_id)
        yield RecordedPayment(key=key, owner=owner, plan_id=plan_id, amount=amount, currency=currency, at=at, event=event)
