"""The outbox: completions from the moment they are stored until they are settled, or refused and resolved (decisions 16, 17, 20, 21).

A completion is sent in steps, mostly one. The bytes are stored once and never touched. The first step that is not closed waits for its
answer; success closes it, and the last one's settles the completion. unsettled -> settled | refused; refused -> settled (the platform has
booked it after all), unsettled (sent again on request, from the refused step on), resolved (by a person). A resolved one settles too when
the platform says so, with its note kept. Settled is the end: whatever is answered later changes nothing. An answer to another step than
the one that waits changes nothing, but for COMPLETE_SERVICE's success, which is that of the whole. An answer that changes nothing writes
nothing. A message whose digest the record does not have is `altered`, and is never sent: a person looks at it (decision 37).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Executable, Row, bindparam, func, insert, select, update

from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.errors import NotFound
from kiosk.domain.requests import CompleteService
from kiosk.domain.swap.pending_swaps import Answer, Rejected
from kiosk.domain.swap.swap import Swap
from kiosk.shared.record_chain import RecordKey, message_digest
from kiosk.shared.sql.engine import Database
from kiosk.shared.sql.record_table import key_of, object_in
from kiosk.station.adapters.store import tables
from kiosk.station.adapters.store.tables import NOT_BOOKED, add_entry
from kiosk.station.events import OutboxChanged
from kiosk.station.ports import OutboxEntry, OutboxState, OutgoingMessage

_outbox, _steps = tables.outbox, tables.outbox_steps
_recorded = tables.audit.alias("recorded")
_PROOF = tuple(_recorded.c[name].label(f"recorded_{name}") for name in ("number", "digests", "hash", "mac"))
_MESSAGE = "message-"
_BY_ID = _outbox.c.correlation_id == bindparam("id")
_each = _steps.alias("each_step")
_its = _each.c.correlation_id == _outbox.c.correlation_id
_last = select(func.max(_each.c.position)).where(_its).scalar_subquery()
_waiting = select(func.min(_each.c.position)).where(_its, _each.c.closed_at.is_(None)).scalar_subquery()
_NOW = (_steps.c.correlation_id == _outbox.c.correlation_id) & (_steps.c.position == func.coalesce(_waiting, _last))
_its_steps = _steps.c.correlation_id == _outbox.c.correlation_id
_AFTER = (_last - _steps.c.position).label("steps_after")
MESSAGES = (
    select(
        _outbox.c.number,
        _outbox.c.correlation_id,
        _outbox.c.plan_id,
        _outbox.c.state,
        _steps.c.action,
        _steps.c.topic,
        _steps.c.payload,
        _steps.c.position,
        *_PROOF,
    )
    .join_from(_outbox, _steps, _steps.c.correlation_id == _outbox.c.correlation_id)
    .outerjoin(_recorded, _recorded.c.number == _steps.c.recorded_in)
)
"""Every message, each with the row of the record that has its digest."""
_ENTRIES = select(
    _outbox.c.correlation_id,
    _outbox.c.plan_id,
    _outbox.c.state,
    _outbox.c.created_at,
    _outbox.c.tries,
    _outbox.c.last_sent_at,
    _outbox.c.reason,
    _outbox.c.note,
    _steps.c.action,
    _steps.c.topic,
    _steps.c.payload,
    _steps.c.position,
    _AFTER,
    *_PROOF,
).select_from(_outbox.join(_steps, _NOW).outerjoin(_recorded, _recorded.c.number == _steps.c.recorded_in))
_IN_STATE = _ENTRIES.where(_outbox.c.state == bindparam("state")).order_by(_outbox.c.number)
_ONE = _ENTRIES.where(_BY_ID)
_heads = _outbox.alias("heads")
_HEADS = select(func.min(_heads.c.number)).where(_heads.c.state == OutboxState.UNSETTLED.value).group_by(_heads.c.plan_id)
_waits = _outbox.alias("waits")
_SOME = select(_waits.c.number).where(_waits.c.number.in_(_HEADS)).order_by(_waits.c.tries, _waits.c.number).limit(bindparam("most"))
_TO_SEND = _ENTRIES.where(_outbox.c.number.in_(_SOME)).order_by(_outbox.c.tries, _outbox.c.number)  # steps are looked up for some alone
_COUNTS = select(_outbox.c.state, func.count(), func.min(_outbox.c.number)).where(_outbox.c.state.in_(NOT_BOOKED)).group_by(_outbox.c.state)
_SINCE = select(_outbox.c.created_at).where(_outbox.c.number == bindparam("number"))
_OF_ONE = (
    select(_outbox.c.plan_id, _steps.c.correlation_id, _steps.c.action, _steps.c.topic, _steps.c.payload)
    .join_from(_outbox, _steps, _its_steps)
    .where(_BY_ID)
    .order_by(_steps.c.position)
)
_QUEUE = insert(_outbox)
_SENT = update(_outbox).where(_BY_ID).values(tries=_outbox.c.tries + 1, last_sent_at=bindparam("at"))
_HELD = update(_outbox).where(_BY_ID, _outbox.c.state == OutboxState.UNSETTLED.value).values(reason=bindparam("why"))
_LOCK = select(_outbox.c.number).where(_BY_ID).with_for_update()
_STANDING = (
    select(_outbox.c.plan_id, _outbox.c.state, _steps.c.action, _steps.c.position, _AFTER).join_from(_outbox, _steps, _NOW).where(_BY_ID)
)  # a statement after the lock: PostgreSQL shows the steps as they were when a statement began, however long it waited
_STANDS = update(_outbox).where(_BY_ID).values(state=bindparam("new"), reason=bindparam("why"))
_ANSWERED = (
    update(_steps)
    .where(_steps.c.correlation_id == bindparam("id"), _steps.c.action == bindparam("to"))
    .values(answer=bindparam("raw"), closed_at=bindparam("closed"))
)
_ADD_STEPS = insert(_steps)
_REFUSED = _BY_ID & (_outbox.c.state == OutboxState.REFUSED.value)
_HOLD_BACK = (
    update(_outbox)
    .where(_BY_ID, _outbox.c.state == OutboxState.UNSETTLED.value)
    .values(state=OutboxState.REFUSED.value, reason=bindparam("why"))
)
_RETRY = update(_outbox).where(_REFUSED).values(state=OutboxState.UNSETTLED.value, reason="")
_RESOLVE = update(_outbox).where(_REFUSED).values(state=OutboxState.RESOLVED.value, note=bindparam("remark"))


def digests_of(messages: Sequence[OutgoingMessage], first: int = 0) -> dict[str, str]:
    """What the record has of messages that are stored, from this position on."""
    return {
        message_name(position): message_digest(each.correlation_id, each.plan_id, each.action, each.topic, each.payload)
        for position, each in enumerate(messages, first)
    }


def queue(connection: Connection, swap: Swap, messages: Sequence[OutgoingMessage], recorded_in: int) -> None:
    """The messages of a completed swap, in the order of sending, as part of the caller's transaction. Their digests are in that row of the
    record."""
    connection.execute(
        _QUEUE,
        {
            "correlation_id": swap.correlation_id,
            "plan_id": swap.plan.id,
            "incoming_battery_id": normalise_id(swap.incoming.battery_id) if swap.incoming else None,
            "outgoing_battery_id": normalise_id(swap.outgoing.battery_id) if swap.outgoing else "",
            "state": OutboxState.UNSETTLED.value,
            "created_at": swap.completed_at,
        },
    )
    _add_steps(connection, messages, 0, recorded_in)


def _add_steps(connection: Connection, messages: Sequence[OutgoingMessage], first: int, recorded_in: int) -> None:
    rows = [
        {
            "correlation_id": each.correlation_id,
            "position": position,
            "action": each.action,
            "topic": each.topic,
            "payload": each.payload,
            "recorded_in": recorded_in,
        }
        for position, each in enumerate(messages, first)
    ]
    connection.execute(_ADD_STEPS, rows)


def _entry(connection: Connection, row: Row[*tuple[Any, ...]], key: RecordKey | None) -> OutboxEntry:
    message = message_in(row)
    return OutboxEntry(
        message=message,
        altered=not is_recorded(connection, row, message, key),
        state=OutboxState(row.state),
        created_at=row.created_at,
        steps_after=row.steps_after,
        tries=row.tries,
        last_sent_at=row.last_sent_at,
        reason=row.reason,
        note=row.note,
    )


def message_name(position: int) -> str:
    """The name of a message's digest."""
    return f"{_MESSAGE}{position}"


def is_message_name(name: str) -> bool:
    """Whether a digest of this name is a message's."""
    return name.startswith(_MESSAGE)


def message_in(row: Row[*tuple[Any, ...]]) -> OutgoingMessage:
    """The message of a row."""
    return OutgoingMessage(correlation_id=row.correlation_id, plan_id=row.plan_id, topic=row.topic, payload=row.payload, action=row.action)


def is_recorded(connection: Connection, row: Row[*tuple[Any, ...]], message: OutgoingMessage, key: RecordKey | None) -> bool:
    """Whether this message stands in a row of the record that can be believed (decision 37)."""
    if row.recorded_number is None:
        return False
    ((name, digest),) = digests_of((message,), row.position).items()
    if object_in(row.recorded_digests).get(name) != digest:
        return False
    proof = (row.recorded_digests, row.recorded_hash, row.recorded_mac)
    return tables.record.believes(connection, row.recorded_number, proof, key)


def _state_after(standing: Row[*tuple[Any, ...]], answer: Answer, *, replaced: bool) -> OutboxState | None:
    """None when the answer changes nothing."""
    if standing.plan_id != answer.plan_id:
        return None
    before, awaited = OutboxState(standing.state), answer.action == standing.action
    if isinstance(answer, Rejected):
        if before is not OutboxState.UNSETTLED or not awaited:
            return None
        return OutboxState.UNSETTLED if replaced else OutboxState.REFUSED
    if before is OutboxState.SETTLED or not (awaited or answer.action == CompleteService.action):
        return None
    if answer.action == CompleteService.action or standing.steps_after == 0:
        return OutboxState.SETTLED
    return None if before is OutboxState.RESOLVED else OutboxState.UNSETTLED


def _what_happened(new: OutboxState, answer: Answer) -> tuple[str, str]:
    """For the audit trail: what, and the detail."""
    if isinstance(answer, Rejected):
        return ("refused" if new is OutboxState.REFUSED else "goes on by the older sequence"), answer.reason
    return (new.value, "") if new is OutboxState.SETTLED else ("step done", answer.action)


class OutboxQueue(Database):
    """The part of the store that is the outbox's."""

    def unsettled(self) -> tuple[OutboxEntry, ...]:
        return self._entries(_IN_STATE, {"state": OutboxState.UNSETTLED.value})

    def refused(self) -> tuple[OutboxEntry, ...]:
        return self._entries(_IN_STATE, {"state": OutboxState.REFUSED.value})

    def to_send(self, limit: int) -> tuple[OutboxEntry, ...]:
        """The head of each plan's queue; what was sent least often goes first, so that a fresh swap does not wait behind an old heap.

        Raises StoreFailed.
        """
        return self._entries(_TO_SEND, {"most": limit})

    def _entries(self, statement: Executable, values: Mapping[str, Any]) -> tuple[OutboxEntry, ...]:
        with self.reading() as connection:
            key = key_of(connection)
            return tuple(_entry(connection, row, key) for row in connection.execute(statement, values).all())

    def outbox_counts(self) -> OutboxChanged:
        with self.reading() as connection:
            found = {state: (count, first) for state, count, first in connection.execute(_COUNTS)}
            unsettled, first = found.get(OutboxState.UNSETTLED.value, (0, None))
            oldest = None if first is None else connection.execute(_SINCE, {"number": first}).scalar_one()
        return OutboxChanged(unsettled=unsettled, oldest=oldest, refused=found.get(OutboxState.REFUSED.value, (0, None))[0])

    def outbox_entry(self, correlation_id: str) -> OutboxEntry:
        found = self._entries(_ONE, {"id": correlation_id})
        if not found:
            raise NotFound("completion", correlation_id)
        return found[0]

    def outbox_messages(self, correlation_id: str) -> tuple[OutgoingMessage, ...]:
        return tuple(map(message_in, self.rows(_OF_ONE, {"id": correlation_id})))

    def record_sent(self, sent: Sequence[tuple[str, datetime]]) -> None:
        """One more try of each, with its time. An id that is not known changes nothing. Raises StoreFailed."""
        with self.writing() as connection:
            connection.execute(_SENT, [{"id": correlation_id, "at": at} for correlation_id, at in sent])

    def record_held(self, correlation_id: str, reason: str) -> None:
        """Why an unsettled completion does not leave. An id that is not known changes nothing. Raises StoreFailed."""
        with self.writing() as connection:
            connection.execute(_HELD, {"id": correlation_id, "why": reason})

    def record_answer(self, answer: Answer, at: datetime, instead: Sequence[OutgoingMessage] = ()) -> OutboxState | None:
        """Where the completion stands after this answer, kept with the answer's bytes and an audit entry: settled, refused, or unsettled
        with its next step to send. `instead` are the steps that a refused one is replaced by, in the same transaction.

        None for an id not known here, another plan's answer, another step's, and one that comes too late to change anything. Raises
        StoreFailed.
        """
        with self.writing() as connection:
            connection.execute(_LOCK, {"id": answer.correlation_id})
            standing = connection.execute(_STANDING, {"id": answer.correlation_id}).one_or_none()
            new = None if standing is None else _state_after(standing, answer, replaced=bool(instead))
            if standing is None or new is None:
                return None
            refused, known = new is OutboxState.REFUSED, {"id": answer.correlation_id}
            connection.execute(_ANSWERED, {**known, "to": answer.action, "raw": answer.raw, "closed": None if refused else at})
            first, added = standing.position + 1, instead if isinstance(answer, Rejected) and not refused else ()
            what, detail = _what_happened(new, answer)
            number = add_entry(connection, at, what, answer.correlation_id, detail, digests=digests_of(added, first))
            if added:
                _add_steps(connection, added, first, number)
            connection.execute(_STANDS, {**known, "new": new.value, "why": detail if refused else ""})
            return new

    def hold_back(self, correlation_id: str, reason: str, at: datetime) -> None:
        """An id that is not unsettled changes nothing. Raises StoreFailed."""
        with self.writing() as connection:
            if connection.execute(_HOLD_BACK, {"id": correlation_id, "why": reason}).rowcount:
                add_entry(connection, at, "message held back", correlation_id)

    def retry(self, correlation_id: str, at: datetime, who: str = "") -> None:
        """A refused completion becomes unsettled again. Raises NotFound when no completion with this id is refused; StoreFailed."""
        with self.writing() as connection:
            if connection.execute(_RETRY, {"id": correlation_id}).rowcount == 0:
                raise NotFound("refused completion", correlation_id)
            add_entry(connection, at, "sent again on request", correlation_id, who=who)

    def resolve(self, correlation_id: str, note: str, at: datetime, who: str = "") -> None:
        """A person has settled a refused completion. Raises NotFound when no completion with this id is refused; StoreFailed."""
        with self.writing() as connection:
            if connection.execute(_RESOLVE, {"id": correlation_id, "remark": note}).rowcount == 0:
                raise NotFound("refused completion", correlation_id)
            add_entry(connection, at, "resolved", correlation_id, note, who=who)
