"""The journal: every step of a swap, its end, the receipts that pay it, and the look back at what was completed, newest first.

A swap is running or kept (set aside) until it is left or completed; from those two there is no way back: a late step of an ended swap
raises StoreFailed and changes nothing. The journal's text is made before the transaction begins, so that the database is held for the
writing alone.

A swap owns exactly the receipts of its payments (decision 10): one that the platform refused, or that belongs to a swap which ended without
a completion, has paid nothing and is free again. Receipt ids and methods are compared trimmed and in upper case.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from kiosk.domain.errors import NotFound
from kiosk.domain.swap.pending_swaps import PendingSwaps
from kiosk.domain.swap.swap import Swap
from kiosk.shared.sql.engine import Database
from kiosk.station.adapters.store import tables
from kiosk.station.adapters.store.money_book import own_receipts, read_swap, used_since, write_step
from kiosk.station.adapters.store.outbox_queue import digests_of, queue
from kiosk.station.adapters.store.tables import add_entry, readable
from kiosk.station.ports import CompletedSwap, KeptSwap, OutboxState, OutgoingMessage
from kiosk.wire.stored_documents import swap_to_json

_swaps, _outbox, _plans, _payments = tables.swaps, tables.outbox, tables.plans, tables.payments
_IS = _swaps.c.correlation_id == bindparam("id")
_OPEN = _swaps.c.status.in_((tables.RUNNING, tables.KEPT))
_LEAVE = update(_swaps).where(_IS, _OPEN).values(status=tables.LEFT, saved_at=bindparam("saved_at"), reason=bindparam("reason"))
_KEPT = select(_swaps.c.correlation_id, _swaps.c.journal, _swaps.c.saved_at, _swaps.c.status).where(_OPEN).order_by(_swaps.c.number.desc())

_COMPLETED = select(_swaps.c.correlation_id, _swaps.c.journal, _swaps.c.prints, _outbox.c.state, _outbox.c.reason).join_from(
    _outbox, _swaps, _outbox.c.correlation_id == _swaps.c.correlation_id
)
_NEWEST = _COMPLETED.order_by(_outbox.c.number.desc()).limit(bindparam("most"))
_ONE = _COMPLETED.where(_outbox.c.correlation_id == bindparam("id"))
_OF_PLAN = _COMPLETED.where(_outbox.c.plan_id == bindparam("plan")).order_by(_outbox.c.number)
_NOT_BOOKED = _outbox.c.state.in_(tables.NOT_BOOKED)
_PENDING = _OF_PLAN.where(_NOT_BOOKED)
_TOLD = select(_plans.c.booked).where(_plans.c.plan_id == bindparam("plan")).scalar_subquery()  # NULL, so nothing, for a plan not cached
_SINCE_TOLD = _OF_PLAN.where(_NOT_BOOKED | (_outbox.c.number > _TOLD)).add_columns(_outbox.c.number)
_TOLD_AFTER = select(_plans.c.told_after).where(_plans.c.plan_id == bindparam("plan"))
_BY_ID = _IS & (_swaps.c.status == tables.COMPLETED)
_PRINTS = select(_swaps.c.prints).where(_BY_ID)
_PRINTED = update(_swaps).where(_BY_ID).values(prints=_swaps.c.prints + 1)


class Journal(Database):
    """The part of the store that is the journal's."""

    def save_swap(
        self, swap: Swap, at: datetime, what: str, *, detail: str = "", ids: Mapping[str, str] | None = None, set_aside: bool = False
    ) -> None:
        """One step with its row in the record; the receipts of its payments are taken for this swap alone (decision 10).

        Raises PaymentUsed; StoreFailed, also when the swap has ended.
        """
        journal, status = swap_to_json(swap), tables.KEPT if set_aside else tables.RUNNING
        with self.writing() as connection:
            write_step(connection, swap.correlation_id, status, at, journal)
            own_receipts(connection, swap.correlation_id, swap.payments, at)
            add_entry(connection, at, what, swap.correlation_id, detail, who=swap.attendant_id, ids=ids)

    def leave_swap(self, correlation_id: str, at: datetime, reason: str) -> None:
        """The swap ends without a completion and stays in the journal; its receipts have paid nothing and are free again.

        Raises NotFound when no such swap is running or kept; StoreFailed.
        """
        with self.writing() as connection:
            if connection.execute(_LEAVE, {"id": correlation_id, "saved_at": at, "reason": reason}).rowcount == 0:
                raise NotFound("swap in progress", correlation_id)
            own_receipts(connection, correlation_id, (), at)
            add_entry(connection, at, "left", correlation_id, reason)

    def kept_swaps(self) -> tuple[KeptSwap, ...]:
        """Swaps running or kept, the one begun last first; a damaged one is logged and hides no other. Raises StoreFailed."""
        return readable(
            self.rows(_KEPT), lambda row: KeptSwap(swap=read_swap(row), saved_at=row.saved_at, set_aside=row.status == tables.KEPT)
        )

    def complete(self, swap: Swap, *messages: OutgoingMessage) -> None:
        """The completed swap, its messages in order and its audit entry in one transaction (design: everything at the end, or nothing).

        Raises StoreFailed, also when the swap has ended before; PaymentUsed when one of its receipts paid another swap.
        Raises ValueError (a bug) for a swap without its end, no message, or one of another swap.
        """
        at = _check(swap, messages)
        journal = swap_to_json(swap)
        with self.writing() as connection:
            write_step(connection, swap.correlation_id, tables.COMPLETED, at, journal)
            if swap.payments:
                own_receipts(connection, swap.correlation_id, swap.payments, at)
            number = add_entry(connection, at, "completed", swap.correlation_id, who=swap.attendant_id, digests=digests_of(messages))
            queue(connection, swap, messages, number)

    def history(self, limit: int = 100) -> tuple[CompletedSwap, ...]:
        """Completed swaps, last completed first, at most `limit`; a damaged one is logged and hides no other. Raises StoreFailed."""
        return readable(self.rows(_NEWEST, {"most": limit}), _read_completed)

    def completed_swap(self, correlation_id: str) -> CompletedSwap:
        found = self.rows(_ONE, {"id": correlation_id})
        if not found:
            raise NotFound("completed swap", correlation_id)
        return _read_completed(found[0])

    def pending_completions(self, plan_id: str) -> tuple[Swap, ...]:
        """Completed swaps of a plan that the platform has not booked, in the order they were completed (decision 19).

        Refused ones count until a person resolves them: the customer has had the energy and holds the battery. Raises StoreFailed.
        """
        return tuple(read_swap(row) for row in self.rows(_PENDING, {"plan": plan_id}))

    def pending_swaps(self, plan_id: str) -> PendingSwaps:
        with self.reading() as connection:
            told_after = connection.execute(_TOLD_AFTER, {"plan": plan_id}).scalar() or 0
            found = connection.execute(_SINCE_TOLD, {"plan": plan_id}).all()
        swaps = [(row.number > told_after, read_swap(row)) for row in found]
        return PendingSwaps(open=tuple(swap for later, swap in swaps if not later), later=tuple(swap for later, swap in swaps if later))

    def count_copy(self, correlation_id: str, at: datetime) -> int:
        with self.writing() as connection:
            if connection.execute(_PRINTED, {"id": correlation_id}).rowcount == 0:
                raise NotFound("completed swap", correlation_id)
            copy = int(connection.execute(_PRINTS, {"id": correlation_id}).scalar_one()) - 1
            add_entry(connection, at, "printed", correlation_id, f"copy {copy}" if copy else "")
        return copy

    def payment_used_at(self, method: str, receipt_id: str, *, except_swap: str) -> datetime | None:
        """When this receipt paid another swap here, by that swap's clock; None when it did not. Raises StoreFailed."""
        with self.reading() as connection:
            return used_since(connection, method, receipt_id, except_swap)

    def audit(
        self,
        at: datetime,
        what: str,
        correlation_id: str = "",
        detail: str = "",
        *,
        who: str = "",
        ids: Mapping[str, str] | None = None,
        digests: Mapping[str, str] | None = None,
    ) -> None:
        with self.writing() as connection:
            add_entry(connection, at, what, correlation_id, detail, who=who, ids=ids, digests=digests)


def _read_completed(row: Row[*tuple[Any, ...]]) -> CompletedSwap:
    return CompletedSwap(swap=read_swap(row), state=OutboxState(row.state), reason=row.reason, prints=row.prints)


def _check(swap: Swap, messages: Sequence[OutgoingMessage]) -> datetime:
    if swap.completed_at is None or swap.outgoing is None or not messages:
        raise ValueError(f"the swap {swap.correlation_id} has no end to record")
    for message in messages:
        if (message.correlation_id, message.plan_id) != (swap.correlation_id, swap.plan.id):
            raise ValueError(f"the message {message.correlation_id} is not of the swap {swap.correlation_id}")
    return swap.completed_at
