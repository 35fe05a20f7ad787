"""Completed swaps: what was done here, newest first, and how often its receipt was printed."""

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from kiosk.domain.errors import NotFound, StoreFailed
from kiosk.domain.swap.pending_swaps import PendingSwaps
from kiosk.domain.swap.swap import Swap
from kiosk.shared.sql.engine import Database
from kiosk.station.adapters.store import tables
from kiosk.station.adapters.store.audit_trail import add_entry
from kiosk.station.adapters.store.journal import read_swap
from kiosk.station.ports import CompletedSwap, OutboxState

_log = logging.getLogger(__name__)
_swaps, _outbox, _plans = tables.swaps, tables.outbox, tables.plans
_COMPLETED = select(_swaps.c.correlation_id, _swaps.c.journal, _swaps.c.prints, _outbox.c.state, _outbox.c.reason).join_from(
    _outbox, _swaps, _outbox.c.correlation_id == _swaps.c.correlation_id
)
_NEWEST = _COMPLETED.order_by(_outbox.c.number.desc()).limit(bindparam("most"))
_ONE = _COMPLETED.where(_outbox.c.correlation_id == bindparam("id"))
_OF_PLAN = _COMPLETED.where(_outbox.c.plan_id == bindparam("plan")).order_by(_outbox.c.number)
_NOT_BOOKED = _outbox.c.state.in_((OutboxState.UNSETTLED.value, OutboxState.REFUSED.value))
_PENDING = _OF_PLAN.where(_NOT_BOOKED)
_TOLD = select(_plans.c.booked).where(_plans.c.plan_id == bindparam("plan")).scalar_subquery()  # NULL, so nothing, for a plan not cached
_SINCE_TOLD = _OF_PLAN.where(_NOT_BOOKED | (_outbox.c.number > _TOLD)).add_columns(_outbox.c.number)
_TOLD_AFTER = select(_plans.c.told_after).where(_plans.c.plan_id == bindparam("plan"))
_BY_ID = (_swaps.c.correlation_id == bindparam("id")) & (_swaps.c.status == tables.COMPLETED)
_PRINTS = select(_swaps.c.prints).where(_BY_ID)
_PRINTED = update(_swaps).where(_BY_ID).values(prints=_swaps.c.prints + 1)


def _read_completed(row: Row[*tuple[Any, ...]]) -> CompletedSwap:
    return CompletedSwap(
        swap=read_swap(row.correlation_id, row.journal), state=OutboxState(row.state), reason=row.reason, copies=max(0, row.prints - 1)
    )


class SwapHistory(Database):
    """The part of the store that looks back."""

    def history(self, limit: int = 100) -> tuple[CompletedSwap, ...]:
        """Completed swaps, last completed first, at most `limit`; a damaged one is logged and hides no other. Raises StoreFailed."""
        with self.reading() as connection:
            found = connection.execute(_NEWEST, {"most": limit}).all()
        completed = []
        for row in found:
            try:
                completed.append(_read_completed(row))
            except StoreFailed as damaged:
                _log.error("%s", damaged.reason)
        return tuple(completed)

    def completed_swap(self, correlation_id: str) -> CompletedSwap:
        """One completed swap. Raises NotFound, StoreFailed."""
        with self.reading() as connection:
            row = connection.execute(_ONE, {"id": correlation_id}).one_or_none()
        if row is None:
            raise NotFound("completed swap", correlation_id)
        return _read_completed(row)

    def pending_completions(self, plan_id: str) -> tuple[Swap, ...]:
        """Completed swaps of a plan that the platform has not booked, in the order they were completed (decision 19).

        Refused ones count until a person resolves them: the customer has had the energy and holds the battery. Raises StoreFailed.
        """
        with self.reading() as connection:
            found = connection.execute(_PENDING, {"plan": plan_id}).all()
        return tuple(read_swap(row.correlation_id, row.journal) for row in found)

    def pending_swaps(self, plan_id: str) -> PendingSwaps:
        """The pending ones, and those answered after the cached plan was asked for: what that plan may lack. Raises StoreFailed."""
        with self.reading() as connection:
            told_after = connection.execute(_TOLD_AFTER, {"plan": plan_id}).scalar() or 0
            found = connection.execute(_SINCE_TOLD, {"plan": plan_id}).all()
        swaps = [(row.number > told_after, read_swap(row.correlation_id, row.journal)) for row in found]
        return PendingSwaps(open=tuple(swap for later, swap in swaps if not later), later=tuple(swap for later, swap in swaps if later))

    def count_copy(self, correlation_id: str, at: datetime) -> int:
        """One more print: 0 for the first, then 1, 2, ... Raises NotFound, StoreFailed."""
        with self.writing() as connection:
            if connection.execute(_PRINTED, {"id": correlation_id}).rowcount == 0:
                raise NotFound("completed swap", correlation_id)
            copy = int(connection.execute(_PRINTS, {"id": correlation_id}).scalar_one()) - 1
            add_entry(connection, at, "printed", correlation_id, f"copy {copy}" if copy else "")
        return copy
