"""A record as two tables: its rows, and the one row that says where it ends. Both stores use it (decision 37).

A row is written in the transaction of its act. The row of the end is read and changed in it too: on SQLite a writing transaction is alone,
on PostgreSQL the row stays locked until the end, so that two acts at once follow each other in the record.
"""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, Row, String, Table, Text, bindparam, func, insert, select, update
from sqlalchemy.types import TypeEngine

from kiosk.shared.record_chain import NOTHING, TEXT, ChainCheck, Head, RecordFault, RecordKey, RecordRow, holds, seal, text_digest
from kiosk.shared.sql.column_types import UtcDateTime
from kiosk.shared.sql.engine import Database

PAGE = 1000
KEY_OPTION = "record_key"
"""Of an engine: what gives the key of now, or None."""
KeySource = Callable[[], RecordKey | None]
_ONLY = 1
_TRANSACTION = "transaction"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAct:
    """What is to be recorded. `what` and `who` are ids and constant words; `detail` is what was said."""

    at: datetime
    what: str
    who: str = ""
    correlation_id: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""


def row_columns(number: TypeEngine[int] | type[Integer] = Integer) -> tuple[Column[Any], ...]:
    """The columns of the rows."""
    return (
        Column("number", number, primary_key=True),
        Column("at", UtcDateTime, nullable=False),
        Column("what", Text, nullable=False),
        Column("correlation_id", String(64), nullable=False, default="", server_default=""),
        Column("detail", Text, nullable=False, default="", server_default=""),
        Column("who", Text, nullable=False, default="", server_default=""),
        Column("ids", Text, nullable=False, default="", server_default=""),
        Column("digests", Text, nullable=False, default="", server_default=""),
        Column("salt", String(32), nullable=False, default="", server_default=""),
        Column("previous", String(64), nullable=False, default="", server_default=""),
        Column("sealed_by", String(16), nullable=False, default="", server_default=""),
        Column("hash", String(64), nullable=False, default="", server_default=""),
        Column("mac", String(64), nullable=False, default="", server_default=""),
    )


def head_table(name: str, metadata: MetaData, number: TypeEngine[int] | type[Integer] = Integer) -> Table:
    """The table of the one row that says where a record ends."""
    return Table(
        name,
        metadata,
        Column("only", Integer, primary_key=True, autoincrement=False),
        Column("number", number, nullable=False),
        Column("hash", String(64), nullable=False),
    )


def key_of(connection: Connection) -> RecordKey | None:
    """The key of now, where the engine was given one."""
    source: KeySource | None = connection.get_execution_options().get(KEY_OPTION)
    return source() if source else None


class RecordTable:
    """The record in these two tables."""

    def __init__(self, rows: Table, head: Table) -> None:
        self._add = insert(rows)
        self._head = select(head.c.number, head.c.hash)
        newest = select(func.coalesce(func.max(rows.c.number), 0)).scalar_subquery().label("newest")
        self._lock = select(head.c.number, head.c.hash, newest).with_for_update(of=head)
        self._newest = select(newest)
        self._begin = insert(head)
        self._move = update(head).values(number=bindparam("to"), hash=bindparam("its"))
        self._page = select(rows).where(rows.c.number > bindparam("after")).order_by(rows.c.number).limit(PAGE)
        self._one = select(rows).where(rows.c.number == bindparam("of"))
        self._sealed = select(rows.c.number).where(rows.c.sealed_by == bindparam("by")).limit(1)
        self._believed: dict[tuple[object, ...], None] = {}

    def append(self, connection: Connection, act: RecordedAct) -> int:
        """One row, as part of the caller's transaction; its number."""
        found = connection.execute(self._lock).one_or_none()
        if found is None:
            last = Head(connection.execute(self._newest).scalar_one(), NOTHING)
        else:
            last = Head(max(found.number, found.newest), found.hash)  # a note that was set back is found, and stops nobody
        salt = secrets.token_hex(16) if act.detail else ""
        row = seal(sealable(act, last, salt), key_of(connection))
        connection.execute(self._add, columns_of(row, act, salt))
        if found is None:
            connection.execute(self._begin, {"only": _ONLY, "number": row.number, "hash": row.hash})
        else:
            connection.execute(self._move, {"to": row.number, "its": row.hash})
        return row.number

    def head(self, connection: Connection) -> Head | None:
        """Where the record says that it ends; None where that is not noted."""
        found = connection.execute(self._head).one_or_none()
        return None if found is None else Head(found.number, found.hash)

    def row(self, connection: Connection, number: int) -> RecordRow | None:
        """One row."""
        found = connection.execute(self._one, {"of": number}).one_or_none()
        return None if found is None else row_of(found)

    def believes(self, connection: Connection, number: int, seen: tuple[str, ...], key: RecordKey | None) -> bool:
        """Whether the row of this number can be believed: it holds, and where this key did not seal it, those after it lead to a row that
        the key did. After the last such row nothing is believed that the key did not seal; before the first one there was no key.

        `seen` are the columns that count for the caller, its digests and what proves them: the same ones are looked at once.
        """
        asked = (number, *seen, key.id if key else "")
        if asked in self._believed:
            return True
        row = self.row(connection, number)
        if row is None or not holds(row, key):
            return False
        if key is not None and row.key != key.id and not self._leads_to_seal(connection, row, key):
            return False
        self._believed[asked] = None
        while len(self._believed) > PAGE:
            del self._believed[next(iter(self._believed))]
        return True

    def _leads_to_seal(self, connection: Connection, row: RecordRow, key: RecordKey) -> bool:
        last = row
        while page := connection.execute(self._page, {"after": last.number}).all():
            for each in map(row_of, page):
                if each.before != last.hash or not holds(each, key):
                    return False
                if each.key == key.id:
                    return True
                last = each
        return connection.execute(self._sealed, {"by": key.id}).first() is None

    def rows(self, database: Database, after: int = 0) -> Iterator[tuple[RecordRow, Row[*tuple[Any, ...]]]]:
        """All rows after a number, with what stands beside them, page by page; for any thread. Raises StoreFailed."""
        while True:
            found = database.rows(self._page, {"after": after})
            for each in found:
                yield row_of(each), each
            if len(found) < PAGE:
                return
            after = found[-1].number

    def check(
        self,
        database: Database,
        key: RecordKey | None,
        acknowledged: Head | None = None,
        *,
        whole: bool = True,
        heard: Callable[[RecordRow], None] = lambda _row: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> ChainCheck:
        """Look at all rows, or at those after the acknowledged one, and have each `heard`. Rows may be added meanwhile. A check that is
        `stopped` has seen no end. Raises StoreFailed."""
        known = None
        if acknowledged is not None:
            with database.reading() as connection:
                known = self.row(connection, acknowledged.number)
        replaced = known is not None and acknowledged is not None and known.hash != acknowledged.hash
        checked = ChainCheck(key, None if whole or replaced else known)
        if replaced and known is not None:
            checked.note(RecordFault.REPLACED, known.number, known.number)
        while True:
            seen = checked.rows
            for row, beside in self.rows(database, checked.last.number):
                if stopped():
                    return checked
                checked.take(row, beside.salt, beside.detail)
                heard(row)
            with database.reading() as connection:
                head = self.head(connection)
            if head is None or head.number <= checked.last.number or checked.rows == seen:
                checked.end(head, acknowledged)
                return checked


def sealable(act: RecordedAct, last: Head, salt: str) -> RecordRow:
    """The row of an act after `last`, not sealed yet."""
    ids = {_TRANSACTION: act.correlation_id, **act.ids} if act.correlation_id else act.ids
    digests = {**act.digests, TEXT: text_digest(salt, act.detail)} if salt else act.digests
    return RecordRow(number=last.number + 1, at=act.at, act=act.what, who=act.who, ids=ids, digests=digests, before=last.hash)


def columns_of(row: RecordRow, act: RecordedAct, salt: str) -> dict[str, Any]:
    """What is stored of a row."""
    return {
        "number": row.number,
        "at": row.at,
        "what": row.act,
        "correlation_id": act.correlation_id,
        "detail": act.detail,
        "who": row.who,
        "ids": json.dumps(dict(act.ids)) if act.ids else "",
        "digests": json.dumps(dict(row.digests)) if row.digests else "",
        "salt": salt,
        "previous": row.before,
        "sealed_by": row.key,
        "hash": row.hash,
        "mac": row.mac,
    }


def row_of(stored: Row[*tuple[Any, ...]]) -> RecordRow:
    """A row as stored; what is no JSON was changed, and makes a row that does not hold."""
    ids = object_in(stored.ids)
    return RecordRow(
        number=stored.number,
        at=stored.at,
        act=stored.what,
        who=stored.who,
        ids={_TRANSACTION: stored.correlation_id, **ids} if stored.correlation_id else ids,
        digests=object_in(stored.digests),
        before=stored.previous,
        key=stored.sealed_by,
        hash=stored.hash,
        mac=stored.mac,
    )


def object_in(text: str) -> dict[str, str]:
    """The ids or digests of a row, from their column."""
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        return {"unreadable": text}
    return found if isinstance(found, dict) else {"unreadable": text}
