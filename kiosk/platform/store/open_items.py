"""What waits for a person: rows of a table that are open until a person has settled them, with a note of what was done.

Such a table has a `number`, `settled_at` (null: open) and `note`, and an index over its open rows alone, so that a page costs the same
after a million settled ones. What happens again is the same row, which is open again and keeps its note.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol

from sqlalchemy import RowMapping, Table, bindparam, select, update

from kiosk.domain.agent.specification_json import Json
from kiosk.domain.errors import NotFound
from kiosk.shared.sql.engine import Database

MAX_LISTED = 200
_NEWEST = 2**62


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
