"""The last MAX_READINGS battery readings made here: those that wait to be reported, and those that were.

queued -> reported | refused, which keeps the platform's reason. The oldest rows go when new ones come, whatever their state: telemetry is
not accounted for. Every statement finds its rows by an index and costs the same however many there are.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.battery.plausibility import KnownReading
from kiosk.domain.errors import BadInput, StoreFailed
from kiosk.domain.language import tr
from kiosk.shared.sql.engine import Database
from kiosk.station.adapters.store import tables
from kiosk.station.ports import QueuedReading
from kiosk.wire.telemetry_documents import reading_of, reading_text

MAX_READINGS = 10_000  # three weeks of a busy station offline
QUEUED, REPORTED, REFUSED = "queued", "reported", "refused"

_readings = tables.readings
_QUEUE = insert(_readings).returning(_readings.c.number)
_FORGET = delete(_readings).where(_readings.c.number <= bindparam("last")).returning(_readings.c.state)
_WAITING = (
    select(_readings.c.number, _readings.c.battery_id, _readings.c.document)
    .where(_readings.c.state == QUEUED)
    .order_by(_readings.c.number)
    .limit(bindparam("most"))
)
_REPORTED = update(_readings).where(_readings.c.number == bindparam("of")).values(state=bindparam("new"), reason=bindparam("why"))
_LAST = (
    select(_readings.c.document)
    .where(_readings.c.battery_id == bindparam("battery"), _readings.c.read_at < bindparam("before"))
    .order_by(_readings.c.number.desc())
    .limit(1)
)


class ReadingQueue(Database):
    """The part of the store that knows what was read."""

    def queue_reading(self, read: KnownReading) -> int:
        row = {
            "battery_id": normalise_id(read.reading.battery_id),
            "read_at": read.reading.timestamp,
            "document": reading_text(read),
            "state": QUEUED,
        }
        with self.writing() as connection:
            number = connection.execute(_QUEUE, row).scalar_one()
            forgotten = connection.execute(_FORGET, {"last": number - MAX_READINGS}).scalars().all()
        return forgotten.count(QUEUED)

    def readings_to_report(self, limit: int) -> tuple[QueuedReading, ...]:
        return tuple(
            QueuedReading(number=row.number, battery_id=row.battery_id, document=row.document)
            for row in self.rows(_WAITING, {"most": limit})
        )

    def record_reports(self, reports: Sequence[tuple[int, str]]) -> None:
        if reports:
            with self.writing() as connection:
                connection.execute(_REPORTED, [{"of": number, "new": REFUSED if why else REPORTED, "why": why} for number, why in reports])

    def last_reading(self, battery_id: str, before: datetime) -> KnownReading | None:
        found = self.rows(_LAST, {"battery": normalise_id(battery_id), "before": before})
        try:
            return next((reading_of(row.document) for row in found), None)
        except BadInput as damaged:
            raise StoreFailed(
                tr("a stored reading cannot be read ({where} {reason})", where=damaged.where, reason=damaged.reason)
            ) from damaged
