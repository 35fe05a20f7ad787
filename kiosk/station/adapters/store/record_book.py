"""Looking back at the record: whether it is whole, whether each message is the one that was recorded, and its rows for other programs."""

from collections.abc import Callable, Iterator, Sequence
from itertools import batched
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, select

from kiosk.shared.record_chain import BEGINNING, ChainCheck, Head, RecordFault, RecordFinding, RecordKey, RecordRow
from kiosk.shared.sql.engine import Database
from kiosk.shared.sql.record_table import PAGE, key_of, object_in
from kiosk.station.adapters.store import tables
from kiosk.station.adapters.store.outbox_queue import MESSAGES, is_message_name, is_recorded, message_in, message_name
from kiosk.station.ports import OutboxState
from kiosk.station.ports.record import ACCEPTED, Checked

_outbox = tables.outbox
_CLOSED = (OutboxState.SETTLED.value, OutboxState.RESOLVED.value)
_OPENS = ("completed", "refused", "sent again on request", "message held back", "step done", "goes on by the older sequence")
_ALL = MESSAGES.where(_outbox.c.number > bindparam("after")).order_by(_outbox.c.number).limit(PAGE)
_WAITING = _ALL.where(_outbox.c.state.in_(tables.NOT_BOOKED))
_STATES = select(_outbox.c.correlation_id, _outbox.c.state).where(
    _outbox.c.correlation_id.in_(bindparam("ids", expanding=True)),
    exists().where(tables.outbox_steps.c.correlation_id == _outbox.c.correlation_id),
)


class _Story:
    """What the rows say about completions, and the last row by which a person acknowledged findings."""

    def __init__(self) -> None:
        self.open: set[str] = set()
        self.accepted: RecordRow | None = None

    def hear(self, row: RecordRow) -> None:
        """The next row."""
        transaction = row.ids.get("transaction", "")
        if row.act in _OPENS and transaction:
            self.open.add(transaction)
        elif row.act in _CLOSED:
            self.open.discard(transaction)
        elif row.act == ACCEPTED:
            self.accepted = row


class RecordBook(Database):
    """The part of the store that looks back at the record."""

    def record_head(self) -> Head:
        with self.reading() as connection:
            return tables.record.head(connection) or BEGINNING

    def record_row(self, number: int) -> RecordRow | None:
        with self.reading() as connection:
            return tables.record.row(connection, number)

    def record_rows(self, after: int = 0) -> Iterator[RecordRow]:
        return (row for row, _ in tables.record.rows(self, after))

    def check_record(self, acknowledged: Head | None, *, whole: bool, stopped: Callable[[], bool] = lambda: False) -> Checked:
        with self.reading() as connection:
            key = key_of(connection)
        story = _Story()
        checked = tables.record.check(self, key, acknowledged, whole=whole, heard=story.hear, stopped=stopped)
        found = (*checked.findings, *self._altered(stopped, whole=whole), *self._misplaced(story, checked))
        return Checked(
            findings=found,
            rows=checked.rows,
            erased=checked.erased,
            anchored=checked.anchored,
            has_key=key is not None,
            head=checked.last,
            accepted=story.accepted,
        )

    def _altered(self, stopped: Callable[[], bool], *, whole: bool) -> Iterator[RecordFinding]:
        """The messages that are not as they were recorded, or are gone."""
        after = 0
        while not stopped():
            with self.reading() as connection:
                page = connection.execute(_ALL if whole else _WAITING, {"after": after}).all()
                key = key_of(connection)
                wrong = [row.correlation_id for row in page if not _is_as_recorded(connection, row, key)]
            yield from (RecordFinding(fault=RecordFault.MESSAGE, about=each) for each in dict.fromkeys((*wrong, *_incomplete(page))))
            if len(page) < PAGE:
                return
            after = page[-1].number - 1  # what was cut in two by the page is looked at as a whole

    def _misplaced(self, story: _Story, checked: ChainCheck) -> Iterator[RecordFinding]:
        """Completions that are gone, or closed, of which the record has no word. What was recorded meanwhile counts."""
        known: dict[str, str] = {}
        asked = sorted(story.open)
        for some in batched(asked, PAGE // 2, strict=False):
            known |= {row.correlation_id: row.state for row in self.rows(_STATES, {"ids": list(some)})}
        for row, _ in tables.record.rows(self, checked.last.number):
            story.hear(row)
        for each in asked:
            if each in story.open and known.get(each, _CLOSED[0]) in _CLOSED:
                yield RecordFinding(fault=RecordFault.COMPLETION, about=each)


def _is_as_recorded(connection: Connection, row: Row[*tuple[Any, ...]], key: RecordKey | None) -> bool:
    """A message of a closed completion may have been erased."""
    return (row.state in _CLOSED and not row.payload) or is_recorded(connection, row, message_in(row), key)


def _incomplete(page: Sequence[Row[*tuple[Any, ...]]]) -> Iterator[str]:
    """Completions of which the record has more messages than there are. The last of a full page is cut in two, and looked at again."""
    there, recorded = dict[str, set[str]](), dict[str, set[str]]()
    for row in page if len(page) < PAGE else page[:-1]:
        there.setdefault(row.correlation_id, set()).add(message_name(row.position))
        if row.recorded_number is not None:
            recorded.setdefault(row.correlation_id, set()).update(filter(is_message_name, object_in(row.recorded_digests)))
    last = page[-1].correlation_id if len(page) == PAGE else ""
    return (each for each, names in recorded.items() if each != last and not names <= there[each])
