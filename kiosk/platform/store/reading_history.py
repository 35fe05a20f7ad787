"""The platform's history of battery readings, and the latest of each battery.

A reading is known by battery, time and station: the same one again changes nothing, another one under the same key neither, the first
stands. The latest is the one read last, whatever the order in which they arrive. Every method raises StoreFailed when the database does
not answer; a batch is stored whole or not at all.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from operator import attrgetter

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from kiosk.platform.store.retry import retry
from kiosk.platform.store.tables import telemetry
from kiosk.shared.sql.engine import Database

_KEY = (telemetry.c.asset_id, telemetry.c.read_at, telemetry.c.station_id)
_ADD = {
    "sqlite": sqlite.insert(telemetry).on_conflict_do_nothing(index_elements=_KEY).returning(telemetry.c.asset_id),
    "postgresql": postgresql.insert(telemetry).on_conflict_do_nothing(index_elements=_KEY).returning(telemetry.c.asset_id),
}
_ASKED = telemetry.c.asset_id == bindparam("asset_id")
_STANDING = select(telemetry.c.document).where(
    _ASKED, telemetry.c.read_at == bindparam("read_at"), telemetry.c.station_id == bindparam("station_id")
)
_LATEST = select(telemetry.c.document).where(_ASKED).order_by(telemetry.c.read_at.desc(), telemetry.c.station_id.desc()).limit(1)
_LATEST_BESIDE = _LATEST.where(telemetry.c.read_at != bindparam("beside"))


_key = attrgetter("asset_id", "read_at", "station_id")


class ReadingOutcome(StrEnum):
    """What became of a reading."""

    STORED = "stored"
    KNOWN = "known"
    CONTRADICTS = "contradicts"
    """Another reading of the same key is known; that one stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedReading:
    """A reading to keep: `asset_id` normalised, `document` its canonical JSON with every fact that was reported."""

    asset_id: str
    read_at: datetime
    station_id: str
    document: str


class ReadingHistory:
    """On the platform's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, readings: Sequence[ReportedReading], at: datetime) -> tuple[ReadingOutcome, ...]:
        """Store what is new, received `at`; what became of each, in the order given."""
        in_order = sorted(range(len(readings)), key=lambda each: _key(readings[each]))  # two batches at once cannot wait for each other

        def work(connection: Connection) -> tuple[ReadingOutcome, ...]:
            outcomes = {index: _keep(connection, readings[index], at) for index in in_order}
            return tuple(outcomes[index] for index in range(len(readings)))

        return retry(self._database, work)

    def latest(self, asset_id: str, beside: datetime | None = None) -> str | None:
        """The document of the newest reading; `asset_id` normalised. Of the readings that were not made at the time `beside`, where one is
        given: a reading may be reported before it is asked about."""
        statement = _LATEST if beside is None else _LATEST_BESIDE
        with self._database.reading() as connection:
            return connection.execute(statement, {"asset_id": asset_id, "beside": beside}).scalar_one_or_none()


def _keep(connection: Connection, reading: ReportedReading, at: datetime) -> ReadingOutcome:
    row = {**asdict(reading), "received_at": at}
    if connection.execute(_ADD[connection.dialect.name], row).one_or_none() is not None:
        return ReadingOutcome.STORED
    standing = connection.execute(_STANDING, row).scalar_one()
    return ReadingOutcome.KNOWN if standing == reading.document else ReadingOutcome.CONTRADICTS
