"""Events that wait to be published. Each is stored in the transaction of its swap or payment, by the worker that is to publish it, and is
published once in the ordinary case.

A worker publishes what it stored, and notes that it has left. What names no worker (a command stored it) is adopted by whoever looks
first. Events that two looks of the same worker find waiting, some seconds apart, are orphans: their worker has died or has no link. They
are adopted by one other, under the same event id. No clocks are compared.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, Row

from kiosk.platform.store import statements as sql
from kiosk.platform.store.retry import retry
from kiosk.platform.store.store_values import EventToPublish
from kiosk.shared.sql.engine import Database


class EventStore(Database):
    """`worker` is who publishes what is stored through this object: a name that no other has, ever."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.worker = uuid.uuid4().hex

    def to_publish(self, limit: int = 100) -> tuple[EventToPublish, ...]:
        """This worker's events and those that name no worker, not yet published, oldest first."""
        retry(self, lambda connection: connection.execute(sql.ADOPT_FREE, {"me": self.worker}))
        with self.reading() as connection:
            found = connection.execute(sql.TO_PUBLISH, {"me": self.worker, "most": limit}).all()
        return tuple(EventToPublish(number=n, event_id=i, topic=t, payload=p) for n, i, t, p in found)

    def count_waiting(self) -> int:
        """Events stored and not yet published, MAX_COUNTED at most."""
        with self.reading() as connection:
            return connection.execute(sql.COUNT_WAITING).scalar_one()

    def others_waiting(self) -> Sequence[Row[str, int, int]]:
        """Of each other worker that has not published all (`stored_by`): the numbers of its `oldest` event and of the `newest` seen."""
        with self.reading() as connection:
            return connection.execute(sql.WAITING, {"me": self.worker}).all()

    def adopt(self, orphans: Row[str, int, int]) -> None:
        """Make these events this worker's, but for those that have left or found another meanwhile."""
        of = {"me": self.worker, "owner": orphans.stored_by, "newest": orphans.newest}
        retry(self, lambda connection: connection.execute(sql.ADOPT_ORPHANS, of))

    def record_published(self, numbers: Sequence[int], at: datetime) -> None:
        """These events have been handed to the broker."""
        retry(self, lambda connection: note_published(connection, numbers, at))


class OrphanWatch:
    """One worker's looks at the events of the others. For one thread."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._seen: dict[str, Row[str, int, int]] = {}

    def look(self) -> None:
        """Adopt what the last look saw, too. Between two looks lie some seconds, in which a worker that lives would have published."""
        seen = {each.stored_by: each for each in self._store.others_waiting()}
        for worker, waiting in seen.items():
            before = self._seen.get(worker)
            if before is not None and before.oldest == waiting.oldest:
                self._store.adopt(before)
        self._seen = seen


def note_published(connection: Connection, numbers: Sequence[int], at: datetime) -> None:
    """As `record_published`, in the caller's transaction."""
    if numbers:
        connection.execute(sql.PUBLISHED, {"numbers": list(numbers), "at": at})
