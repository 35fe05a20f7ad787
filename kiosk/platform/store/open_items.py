"""What waits for a person: rows of a table that are open until a person has settled them, with a note of what was done.

Such a table has a `number`, `settled_at` (null: open) and `note`, and an index over its open rows alone, so that a page costs the same
after a million settled ones. What happens again is the same row, which is open again and keeps its note.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import RowMapping, Table, bindparam, select, update

from kiosk.domain.agent.specification_json import Json
from kiosk.domain.errors import NotFound
from kiosk.domain.times import iso_utc
from kiosk.platform.store.store_values import OpenState
from kiosk.platform.store.tables import refusals
from kiosk.shared.sql.engine import Database

_FACTS = ("number", "correlation_id", "plan_id", "station_id", "attendant_id", "action", "reason", "first_at", "last_at", "times", "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsettledRow:
    """What was refused, with the last reason, or begun and not completed; in either case not booked since.

    `note` is what was done when a person settled it before, empty where nobody did.
    """

    number: int
    correlation_id: str
    plan_id: str
    station_id: str
    attendant_id: str
    action: str
    state: OpenState
    reason: str
    first_at: datetime
    last_at: datetime
    times: int
    note: str = ""

    def as_json(self) -> Json:
        """Every fact, for the terminal."""
        return {
            "number": self.number,
            "state": self.state.value,
            "reason": self.reason,
            "plan_id": self.plan_id,
            "correlation_id": self.correlation_id,
            "action": self.action,
            "station_id": self.station_id or None,
            "attendant_id": self.attendant_id or None,
            "first_at": iso_utc(self.first_at),
            "last_at": iso_utc(self.last_at),
            "times": self.times,
            "note": self.note or None,
        }


class OpenItem(Protocol):
    """One of a list, for a person."""

    @property
    def number(self) -> int:
        """By which it is settled."""

    def as_json(self) -> Json:
        """Every fact, for the terminal."""


class OpenList[Row: OpenItem]:
    """The open rows of a table; `what` names one of them to a person."""

    def __init__(self, database: Database, table: Table, what: str, listed: Callable[[RowMapping], Row]) -> None:
        self._database, self._what, self._listed = database, what, listed
        numbered = table.c.number == bindparam("of_number")
        self._settle = update(table).where(numbered).values(settled_at=bindparam("at"), note=bindparam("why"))
        before = select(table).where(table.c.settled_at.is_(None), table.c.number < bindparam("before"))
        self._open = before.order_by(table.c.number.desc()).limit(bindparam("most"))

    def open(self, before: int | None = None, limit: int = 50) -> tuple[Row, ...]:
        """Not settled yet, newest first; the next page is `before` the last number of this one. Raises StoreFailed."""
        where = {"most": min(limit, MAX_LISTED), "before": _NEWEST if before is None else before}
        with self._database.reading() as connection:
            found = connection.execute(self._open, where).mappings().all()
        return tuple(map(self._listed, found))

    def all_open(self) -> Iterator[Row]:
        """All that are not settled, page by page. Raises StoreFailed."""
        page = self.open(limit=MAX_LISTED)
        while page:
            yield from page
            page = self.open(page[-1].number, MAX_LISTED)

    def settle(self, number: int, note: str, at: datetime) -> None:
        """A person has dealt with it, as the note says. Raises NotFound, StoreFailed."""
        with self._database.writing() as connection:
            if connection.execute(self._settle, {"of_number": number, "why": note, "at": at}).rowcount == 0:
                raise NotFound(self._what, str(number))


class UnsettledRequests(OpenList[UnsettledRow]):
    """The list for people."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, refusals, "unsettled request", _as_row)


def _as_row(row: RowMapping) -> UnsettledRow:
    return UnsettledRow(state=OpenState(row["state"]), **{name: row[name] for name in _FACTS})


MAX_LISTED = 200

_NEWEST = 2**62
