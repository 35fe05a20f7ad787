"""The journal: every step of a swap, and its end.

A swap is running or kept (set aside) until it is left or completed; from those two there is no way back: a late step of an ended swap
raises StoreFailed and changes nothing. The journal's text is made before the transaction begins, so that the database is held for the
writing alone.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from kiosk.domain.errors import KioskError, NotFound, StoreFailed
from kiosk.domain.language import tr
from kiosk.domain.swap.swap import Swap
from kiosk.shared.sql.engine import Database
from kiosk.station.adapters.store import tables
from kiosk.station.adapters.store.audit_trail import add_entry
from kiosk.station.adapters.store.outbox_queue import queue
from kiosk.station.adapters.store.used_receipts import own_receipts, release_receipts
from kiosk.station.ports import KeptSwap, OutgoingMessage
from kiosk.wire.stored_documents import swap_from_json, swap_to_json

_log = logging.getLogger(__name__)
_swaps = tables.swaps
_OPEN = _swaps.c.status.in_((tables.RUNNING, tables.KEPT))
_SAVE = (
    update(_swaps)
    .where(_swaps.c.correlation_id == bindparam("id"), _OPEN)
    .values(status=bindparam("status"), saved_at=bindparam("saved_at"), journal=bindparam("journal"))
)
_BEGIN = insert(_swaps)
_STATUS = select(_swaps.c.status).where(_swaps.c.correlation_id == bindparam("id"))
_LEAVE = (
    update(_swaps)
    .where(_swaps.c.correlation_id == bindparam("id"), _OPEN)
    .values(status=tables.LEFT, saved_at=bindparam("saved_at"), reason=bindparam("reason"))
)
_KEPT = select(_swaps.c.correlation_id, _swaps.c.journal, _swaps.c.saved_at, _swaps.c.status).where(_OPEN).order_by(_swaps.c.number.desc())


def read_swap(correlation_id: str, journal: str) -> Swap:
    """A swap from its journal. Raises StoreFailed when the text is damaged."""
    try:
        return swap_from_json(journal)
    except KioskError as fault:
        raise StoreFailed(tr("the journal of {correlation_id} cannot be read ({why})", correlation_id=correlation_id, why=fault)) from fault


class Journal(Database):
    """The part of the store that is the journal's."""

    def save_swap(self, swap: Swap, at: datetime, what: str, *, set_aside: bool = False) -> None:
        """One step with its audit entry `what`; the receipts of its payments are taken for this swap alone (decision 10).

        Raises PaymentUsed; StoreFailed, also when the swap has ended.
        """
        journal, status = swap_to_json(swap), tables.KEPT if set_aside else tables.RUNNING
        with self.writing() as connection:
            _write_step(connection, swap.correlation_id, status, at, journal)
            own_receipts(connection, swap.correlation_id, swap.payments)
            add_entry(connection, at, what, swap.correlation_id)

    def leave_swap(self, correlation_id: str, at: datetime, reason: str) -> None:
        """The swap ends without a completion and stays in the journal; its receipts have paid nothing and are free again.

        Raises NotFound when no such swap is running or kept; StoreFailed.
        """
        with self.writing() as connection:
            left = connection.execute(_LEAVE, {"id": correlation_id, "saved_at": at, "reason": reason})
            if left.rowcount == 0:
                raise NotFound("swap in progress", correlation_id)
            release_receipts(connection, correlation_id)
            add_entry(connection, at, "left", correlation_id, reason)

    def kept_swaps(self) -> tuple[KeptSwap, ...]:
        """Swaps running or kept, the one begun last first; a damaged one is logged and hides no other. Raises StoreFailed."""
        with self.reading() as connection:
            found = connection.execute(_KEPT).all()
        kept = []
        for correlation_id, journal, saved_at, status in found:
            try:
                swap = read_swap(correlation_id, journal)
            except StoreFailed as damaged:
                _log.error("%s", damaged.reason)
            else:
                kept.append(KeptSwap(swap=swap, saved_at=saved_at, set_aside=status == tables.KEPT))
        return tuple(kept)

    def complete(self, swap: Swap, *messages: OutgoingMessage) -> None:
        """The completed swap, its messages in order and its audit entry in one transaction (design: everything at the end, or nothing).

        Raises StoreFailed, also when the swap has ended before; PaymentUsed when one of its receipts paid another swap.
        Raises ValueError (a bug) for a swap without its end, no message, or one of another swap.
        """
        at = _check(swap, messages)
        journal = swap_to_json(swap)
        with self.writing() as connection:
            _write_step(connection, swap.correlation_id, tables.COMPLETED, at, journal)
            if swap.payments:
                own_receipts(connection, swap.correlation_id, swap.payments)
            queue(connection, swap, messages)
            add_entry(connection, at, "completed", swap.correlation_id)


def _write_step(connection: Connection, correlation_id: str, status: str, at: datetime, journal: str) -> None:
    saved = connection.execute(_SAVE, {"id": correlation_id, "status": status, "saved_at": at, "journal": journal})
    if saved.rowcount:
        return
    ended = connection.execute(_STATUS, {"id": correlation_id}).scalar_one_or_none()
    if ended is not None:
        raise StoreFailed(
            tr("the swap {correlation_id} is {ended} already; nothing was changed", correlation_id=correlation_id, ended=ended)
        )
    connection.execute(_BEGIN, {"correlation_id": correlation_id, "status": status, "saved_at": at, "journal": journal})


def _check(swap: Swap, messages: Sequence[OutgoingMessage]) -> datetime:
    if swap.completed_at is None or swap.outgoing is None or not messages:
        raise ValueError(f"the swap {swap.correlation_id} has no end to record")
    for message in messages:
        if (message.correlation_id, message.plan_id) != (swap.correlation_id, swap.plan.id):
            raise ValueError(f"the message {message.correlation_id} is not of the swap {swap.correlation_id}")
    return swap.completed_at
