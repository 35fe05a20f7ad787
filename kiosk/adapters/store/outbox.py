"""The outbox: completions from the moment they are stored until they are settled, or refused and resolved (decisions 16, 17, 20).

The bytes are stored once and never touched. unsettled -> settled | refused; refused -> settled (the platform has booked it after all),
unsettled (sent again on request), resolved (by a person). A resolved one settles too when the platform says so, with its note kept.
Settled is the end: whatever is answered later changes nothing. An answer that changes nothing writes nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from kiosk.adapters.store import rows
from kiosk.adapters.store.audit import add_entry
from kiosk.adapters.store.engine import Database
from kiosk.domain.answer import Answer, Settled
from kiosk.domain.battery import normalise_id
from kiosk.domain.errors import NotFound
from kiosk.domain.swap import Swap
from kiosk.ports import OutboxCounts, OutboxEntry, OutboxState, OutgoingMessage

_outbox = rows.outbox
_BY_ID = _outbox.c.correlation_id == bindparam("id")
_ENTRIES = select(
    _outbox.c.correlation_id,
    _outbox.c.plan_id,
    _outbox.c.topic,
    _outbox.c.payload,
    _outbox.c.state,
    _outbox.c.created_at,
    _outbox.c.tries,
    _outbox.c.last_sent_at,
    _outbox.c.reason,
    _outbox.c.note,
)
_IN_STATE = _ENTRIES.where(_outbox.c.state == bindparam("state")).order_by(_outbox.c.number)
_ONE = _ENTRIES.where(_BY_ID)
_UNSETTLED = _outbox.c.state == OutboxState.UNSETTLED.value
_HEADS = select(func.min(_outbox.c.number)).where(_UNSETTLED).group_by(_outbox.c.plan_id)
_TO_SEND = _ENTRIES.where(_outbox.c.number.in_(_HEADS)).order_by(_outbox.c.tries, _outbox.c.number).limit(bindparam("most"))
_COUNTS = (
    select(_outbox.c.state, func.count(), func.min(_outbox.c.number))
    .where(_outbox.c.state.in_((OutboxState.UNSETTLED.value, OutboxState.REFUSED.value)))
    .group_by(_outbox.c.state)
)
_SINCE = select(_outbox.c.created_at).where(_outbox.c.number == bindparam("number"))
_QUEUE = insert(_outbox)
_SENT = update(_outbox).where(_BY_ID).values(tries=_outbox.c.tries + 1, last_sent_at=bindparam("at"))
_STANDING = select(_outbox.c.plan_id, _outbox.c.state).where(_BY_ID).with_for_update()
_ANSWERED = (
    update(_outbox)
    .where(_BY_ID)
    .values(state=bindparam("new"), reason=bindparam("why"), answer=bindparam("raw"), answered_at=bindparam("at"))
)
_REFUSED = _BY_ID & (_outbox.c.state == OutboxState.REFUSED.value)
_RETRY = update(_outbox).where(_REFUSED).values(state=OutboxState.UNSETTLED.value, reason="")
_RESOLVE = update(_outbox).where(_REFUSED).values(state=OutboxState.RESOLVED.value, note=bindparam("remark"))


def queue(connection: Connection, swap: Swap, message: OutgoingMessage) -> None:
    """The message of a completed swap, as part of the caller's transaction."""
    row = {
        "correlation_id": message.correlation_id,
        "plan_id": message.plan_id,
        "topic": message.topic,
        "payload": message.payload,
        "incoming_battery_id": normalise_id(swap.incoming.battery_id) if swap.incoming else None,
        "outgoing_battery_id": normalise_id(swap.outgoing.battery_id) if swap.outgoing else "",
        "state": OutboxState.UNSETTLED.value,
        "created_at": swap.completed_at,
    }
    connection.execute(_QUEUE, row)


def _entry(row: Row[*tuple[Any, ...]]) -> OutboxEntry:
    return OutboxEntry(
        message=OutgoingMessage(correlation_id=row.correlation_id, plan_id=row.plan_id, topic=row.topic, payload=row.payload),
        state=OutboxState(row.state),
        created_at=row.created_at,
        tries=row.tries,
        last_sent_at=row.last_sent_at,
        reason=row.reason,
        note=row.note,
    )


def _state_after(before: OutboxState, answer: Answer) -> OutboxState | None:
    if isinstance(answer, Settled):
        return None if before is OutboxState.SETTLED else OutboxState.SETTLED
    return OutboxState.REFUSED if before is OutboxState.UNSETTLED else None


class Outbox(Database):
    """The part of the store that is the outbox's."""

    def unsettled(self) -> tuple[OutboxEntry, ...]:
        """Completions not answered yet, in the order they were stored. Raises StoreFailed."""
        return self._in_state(OutboxState.UNSETTLED)

    def refused(self) -> tuple[OutboxEntry, ...]:
        """Completions refused and not resolved, in the order they were stored. Raises StoreFailed."""
        return self._in_state(OutboxState.REFUSED)

    def to_send(self, limit: int) -> tuple[OutboxEntry, ...]:
        """The head of each plan's queue; what was sent least often goes first, so that a fresh swap does not wait behind an old heap.

        Raises StoreFailed.
        """
        with self.reading() as connection:
            return tuple(_entry(row) for row in connection.execute(_TO_SEND, {"most": limit}))

    def outbox_counts(self) -> OutboxCounts:
        """How much waits and is refused. Raises StoreFailed."""
        with self.reading() as connection:
            found = {state: (count, first) for state, count, first in connection.execute(_COUNTS)}
            unsettled, first = found.get(OutboxState.UNSETTLED.value, (0, None))
            oldest = None if first is None else connection.execute(_SINCE, {"number": first}).scalar_one()
        refused, _ = found.get(OutboxState.REFUSED.value, (0, None))
        return OutboxCounts(unsettled=unsettled, oldest=oldest, refused=refused)

    def _in_state(self, state: OutboxState) -> tuple[OutboxEntry, ...]:
        with self.reading() as connection:
            return tuple(_entry(row) for row in connection.execute(_IN_STATE, {"state": state.value}))

    def outbox_entry(self, correlation_id: str) -> OutboxEntry:
        """One completion. Raises NotFound, StoreFailed."""
        with self.reading() as connection:
            row = connection.execute(_ONE, {"id": correlation_id}).one_or_none()
        if row is None:
            raise NotFound("completion", correlation_id)
        return _entry(row)

    def record_sent(self, sent: Sequence[tuple[str, datetime]]) -> None:
        """One more try of each, with its time. An id that is not known changes nothing. Raises StoreFailed."""
        with self.writing() as connection:
            connection.execute(_SENT, [{"id": correlation_id, "at": at} for correlation_id, at in sent])

    def record_answer(self, answer: Answer, at: datetime) -> bool:
        """Settle or refuse, with the answer's bytes and an audit entry; True when that changed something.

        False for an id not known here, another plan's answer, and one that comes too late to change anything. Raises StoreFailed.
        """
        with self.writing() as connection:
            standing = connection.execute(_STANDING, {"id": answer.correlation_id}).one_or_none()
            if standing is None or standing.plan_id != answer.plan_id:
                return False
            new = _state_after(OutboxState(standing.state), answer)
            if new is None:
                return False
            why = "" if isinstance(answer, Settled) else answer.reason
            changed = {"id": answer.correlation_id, "new": new.value, "why": why, "raw": answer.raw, "at": at}
            connection.execute(_ANSWERED, changed)
            add_entry(connection, at, new.value, answer.correlation_id, why)
            return True

    def retry(self, correlation_id: str, at: datetime) -> None:
        """A refused completion becomes unsettled again. Raises NotFound when no completion with this id is refused; StoreFailed."""
        with self.writing() as connection:
            if connection.execute(_RETRY, {"id": correlation_id}).rowcount == 0:
                raise NotFound("refused completion", correlation_id)
            add_entry(connection, at, "sent again on request", correlation_id)

    def resolve(self, correlation_id: str, note: str, at: datetime) -> None:
        """A person has settled a refused completion. Raises NotFound when no completion with this id is refused; StoreFailed."""
        with self.writing() as connection:
            if connection.execute(_RESOLVE, {"id": correlation_id, "remark": note}).rowcount == 0:
                raise NotFound("refused completion", correlation_id)
            add_entry(connection, at, "resolved", correlation_id, note)
