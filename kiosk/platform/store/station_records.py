"""The record at the platform (decision 37): what people do here, as a chain; and how far the record of each station had come.

`record_act` writes one row in the transaction of the act. `note_head` is told the head of a station's record with each message that it
signed. A head says what the station had recorded when it signed; so two heads of one number are a fork, and a head that is lower than one
that was signed clearly earlier means that rows were cut off, as by a restore. Either is listed until a person acknowledges it, and the
record goes on from the new head.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from kiosk.domain.agent.specification_json import Json
from kiosk.platform.store.open_items import OpenItem, OpenList
from kiosk.platform.store.record_rows import record
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.tables import record_forks, station_heads
from kiosk.shared.record_chain import ChainCheck, Head, RecordRow
from kiosk.shared.sql.engine import Database
from kiosk.shared.sql.record_table import key_of

TOLERANCE = timedelta(minutes=1)  # what several programs of a station sign at once overtakes each other by less
KEPT_ROWS = 10_000  # how far back heads are compared
_PRUNED_EACH = 64
_OF = station_heads.c.station_id == bindparam("station")
_SAME = select(station_heads.c.hash).where(_OF, station_heads.c.number == bindparam("of_number"))
_LATEST = select(station_heads).where(_OF).order_by(station_heads.c.number.desc()).limit(1)
_ADD = insert(station_heads)
_FORGET = delete(station_heads).where(_OF, station_heads.c.number >= bindparam("since"))
_PRUNE = delete(station_heads).where(_OF, station_heads.c.number < bindparam("until"))
_ADD_FORK = insert(record_forks)
_ALL_LATEST = select(station_heads).order_by(station_heads.c.station_id, station_heads.c.number.desc())


class ForkKind(StrEnum):
    """FORK: another row of a number that was told before. CUT: the record ends before what was told earlier."""

    FORK = "fork"
    CUT = "cut"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFork(OpenItem):
    """A station's record that is not the one it was: what was known of it, and what was told instead."""

    station_id: str
    kind: ForkKind
    had_number: int
    had_hash: str
    told_number: int
    told_hash: str

    def facts(self) -> Json:
        return {
            "station_id": self.station_id,
            "kind": self.kind.value,
            "had": Head(self.had_number, self.had_hash).text,
            "told": Head(self.told_number, self.told_hash).text,
        }


class RecordForks(OpenList[RecordFork]):
    """The forks, for people."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, record_forks, "fork of a record", _fork)


def note_head(connection: Connection, station_id: str, head: Head, signed_at: datetime, at: datetime) -> ForkKind | None:
    """What a station's signed message says of its record, in the caller's transaction: None where it goes on from what is known.

    Two workers that are told the same new head at once violate the table's key: call it where that is tried again (`retry`).
    """
    known: str | None = connection.execute(_SAME, {"station": station_id, "of_number": head.number}).scalar_one_or_none()
    if known == head.hash:
        return None
    latest = connection.execute(_LATEST, {"station": station_id}).one_or_none()
    kind, had = _fork_of(head, signed_at, known, latest)
    if kind is not None and had is not None:
        connection.execute(_FORGET, {"station": station_id, "since": head.number})
        about = {"had_number": had.number, "had_hash": had.hash, "told_number": head.number, "told_hash": head.hash}
        row = {"station_id": station_id, "kind": kind.value, "first_at": at, "last_at": at, "times": 1, "note": ""}
        connection.execute(_ADD_FORK, {**row, **about})
    connection.execute(_ADD, {"station_id": station_id, "number": head.number, "hash": head.hash, "signed_at": signed_at})
    if head.number % _PRUNED_EACH == 0:
        connection.execute(_PRUNE, {"station": station_id, "until": head.number - KEPT_ROWS})
    return kind


def _fork_of(
    head: Head, signed_at: datetime, known: str | None, latest: Row[*tuple[Any, ...]] | None
) -> tuple[ForkKind | None, Head | None]:
    if known is not None:
        return ForkKind.FORK, Head(head.number, known)
    if latest is not None and latest.number > head.number and signed_at > latest.signed_at + TOLERANCE:
        return ForkKind.CUT, Head(latest.number, latest.hash)
    return None, None


class PlatformRecord:
    """Looking back at the record of the platform."""

    def __init__(self, store: PlatformStore) -> None:
        self._store = store

    def check(self) -> ChainCheck:
        """Look at all rows. Raises StoreFailed."""
        with self._store.reading() as connection:
            key = key_of(connection)
        return record.check(self._store, key)

    def rows(self) -> Iterator[RecordRow]:
        """All rows, in their order. Raises StoreFailed."""
        return (row for row, _ in record.rows(self._store))


def _fork(row: Any) -> RecordFork:  # noqa: ANN401  a row
    names = ("number", "first_at", "last_at", "times", "note", "station_id", "had_number", "had_hash", "told_number", "told_hash")
    return RecordFork(kind=ForkKind(row["kind"]), **{name: row[name] for name in names})
