"""Completions of revoked stations, kept with their bytes until a person has booked or settled each (decision 26).

A revoked key can sign for ever, so of one station only so many wait; the answer is the same for what is not kept, and the counter keeps its
own bytes. Raises StoreFailed when the database does not answer.
"""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select, update

from kiosk.domain.errors import NotFound
from kiosk.platform.store.record_rows import record_act
from kiosk.platform.store.retry import retry
from kiosk.platform.store.station_tables import held_requests
from kiosk.platform.store.station_values import HeldRequest
from kiosk.shared.sql.engine import Database

MAX_HELD = 1000  # of one station
_OPEN = held_requests.c.settled_at.is_(None)
_OF_TRANSACTION = (held_requests.c.correlation_id == bindparam("transaction"), _OPEN)
_THERE = select(held_requests.c.number).where(
    held_requests.c.correlation_id == bindparam("transaction"), held_requests.c.part == bindparam("of_part")
)
_COUNT = select(func.count()).select_from(held_requests).where(held_requests.c.station_id == bindparam("station"), _OPEN)


class HeldRequests:
    """On the platform's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def hold(self, request: HeldRequest) -> bool:
        """Keep it; False where so many of its station wait already. The same again is the same one, and the first bytes stand."""
        return retry(self._database, lambda connection: _hold(connection, request))

    def waiting(self, transaction: str | None = None) -> tuple[HeldRequest, ...]:
        """What no person has settled, oldest first: all, or of one transaction."""
        query = select(held_requests).where(_OPEN).order_by(held_requests.c.number)
        if transaction is not None:
            query = query.where(held_requests.c.correlation_id == transaction)
        with self._database.reading() as connection:
            return tuple(map(_held, connection.execute(query).mappings()))

    def settle(self, transaction: str, act: str, note: str, at: datetime, who: str) -> None:
        """A person has decided about all of a transaction. Raises NotFound."""
        retry(self._database, lambda connection: _settle(connection, transaction, act, note, at, who))


def _hold(connection: Connection, request: HeldRequest) -> bool:
    if connection.execute(_THERE, {"transaction": request.correlation_id, "of_part": request.part}).scalar_one_or_none() is not None:
        return True
    if connection.execute(_COUNT, {"station": request.station_id}).scalar_one() >= MAX_HELD:
        return False
    connection.execute(insert(held_requests), {**asdict(request), "note": ""})
    return True


def _settle(connection: Connection, transaction: str, act: str, note: str, at: datetime, who: str) -> None:
    settled = update(held_requests).where(*_OF_TRANSACTION).values(settled_at=at, note=note)
    if connection.execute(settled, {"transaction": transaction}).rowcount == 0:
        raise NotFound("request that is held back", transaction)
    record_act(connection, at, act, who, transaction=transaction)


def _held(row: RowMapping) -> HeldRequest:
    facts: dict[str, Any] = {each.name: row[each.name] for each in fields(HeldRequest)}
    return HeldRequest(**facts)
