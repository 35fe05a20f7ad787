"""The tables, how values are kept in them, and what every part of the store does with rows. Private to the store; Alembic's migrations
make the same schema.

Times come back aware and in UTC, whatever the database keeps; a time without its zone is refused. Money is kept as exact text, never
as a binary float. Each table is numbered by the database in the order of its rows: that order, not the wall clock, is what "oldest" means.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from kiosk.domain.errors import StoreFailed
from kiosk.shared.sql.column_types import CONVENTION, ExactDecimal, UtcDateTime
from kiosk.shared.sql.record_table import RecordedAct, RecordTable, head_table, row_columns
from kiosk.station.ports import OutboxState

_log = logging.getLogger(__name__)
metadata = MetaData(naming_convention=CONVENTION)
NOT_BOOKED = (OutboxState.UNSETTLED.value, OutboxState.REFUSED.value)
"""States of a completion that the platform has not booked."""

RUNNING, KEPT, LEFT, COMPLETED = "running", "kept", "left", "completed"
"""Where a swap of the journal stands: under way (or cut off), set aside by a person, ended without a completion, completed."""

_NAMED = "forgotten_at IS NULL"
swaps = Table(
    "swaps",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("correlation_id", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
    Column("journal", Text, nullable=False),
    Column("reason", Text, nullable=False, default="", server_default=""),
    Column("prints", Integer, nullable=False, default=0, server_default="0"),
    Column("forgotten_at", UtcDateTime),
    UniqueConstraint("correlation_id"),
    CheckConstraint(f"status IN ('{RUNNING}', '{KEPT}', '{LEFT}', '{COMPLETED}')", name="status"),
    Index(None, "status", "number"),
    Index("ix_swaps_named", "saved_at", sqlite_where=text(_NAMED), postgresql_where=text(_NAMED)),
)
"""`forgotten_at` is when a pseudonym took the customer's place."""

outbox = Table(
    "outbox",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("correlation_id", String(64), ForeignKey("swaps.correlation_id"), nullable=False),
    Column("plan_id", String(200), nullable=False),
    Column("incoming_battery_id", String(200)),
    Column("outgoing_battery_id", String(200), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False, default=0, server_default="0"),
    Column("last_sent_at", UtcDateTime),
    Column("reason", Text, nullable=False, default="", server_default=""),
    Column("note", Text, nullable=False, default="", server_default=""),
    UniqueConstraint("correlation_id"),
    CheckConstraint("state IN ('unsettled', 'settled', 'refused', 'resolved')", name="state"),
    Index(None, "state", "number"),
    Index(None, "plan_id", "number"),
    Index(None, "incoming_battery_id", "number"),
)

outbox_steps = Table(
    "outbox_steps",
    metadata,
    Column("correlation_id", String(64), ForeignKey("outbox.correlation_id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("action", String(64), nullable=False),
    Column("topic", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("answer", LargeBinary),
    Column("closed_at", UtcDateTime),
    Column("recorded_in", Integer),
)
"""What is sent for a completion, in order: mostly one message, the older sequence has several. The lowest that is not closed waits for its
answer; `closed_at` is when it was answered with success, or replaced by those after it. `recorded_in` is the row of the record that has the
message's digest."""

plans = Table(
    "plans",
    metadata,
    Column("plan_id", String(200), primary_key=True),
    Column("document", Text, nullable=False),
    Column("as_of", UtcDateTime, nullable=False),
    Column("current_asset", String(200)),
    Column("told_after", Integer, nullable=False),
    Column("booked", Integer, nullable=False),
)

plan_syncs = Table(
    "plan_syncs",
    metadata,
    Column("station_id", String(64), primary_key=True),
    Column("cursor", Text, nullable=False),
    Column("fresh_at", UtcDateTime, nullable=False),
)

payments = Table(
    "payments",
    metadata,
    Column("method", String(64), primary_key=True),
    Column("receipt_id", String(64), primary_key=True),
    Column("correlation_id", String(64), ForeignKey("swaps.correlation_id"), nullable=False),
    Column("amount", ExactDecimal, nullable=False),
    Column("currency", String(8), nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Index(None, "correlation_id"),
)

money_series = Table(
    "money_series",
    metadata,
    Column("series", String(64), primary_key=True),
    Column("restart", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("why", Text, nullable=False),
)
"""The last number of each series of a station's acts with money; the one with the highest restart is in use."""

money_acts = Table(
    "money_acts",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("receipt_id", String(64), nullable=False),
    Column("series", String(64), nullable=False),
    Column("act", String(16), nullable=False),
    Column("correlation_id", String(64), ForeignKey("swaps.correlation_id"), nullable=False),
    Column("amount", ExactDecimal, nullable=False),
    Column("currency", String(8), nullable=False),
    Column("given", ExactDecimal),
    Column("about", Text, nullable=False),
    Column("approved_by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("told_at", UtcDateTime),
    UniqueConstraint("receipt_id"),
    CheckConstraint("act IN ('received', 'cancelled', 'refunded', 'credited', 'at_desk')", name="act"),
    Index(None, "correlation_id"),
)
"""Cash that came in and went out, and payments that stayed elsewhere, each with its number. Rows are only ever added; `told_at` is when the
platform knew of what stays at its desk."""

audit = Table("audit", metadata, *row_columns())
"""The record: a chain of rows, each written in the transaction of its act. Rows are only ever added."""

record_head = head_table("record_head", metadata)
record = RecordTable(audit, record_head)

readings = Table(
    "readings",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("battery_id", String(200), nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
    Column("document", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False, default="", server_default=""),
    CheckConstraint("state IN ('queued', 'reported', 'refused')", name="state"),
    Index(None, "state", "number"),
    Index(None, "battery_id", "number"),
)

bindings = Table(
    "bindings",
    metadata,
    Column("battery_id", String(128), primary_key=True),
    Column("address", String(36), nullable=False),
    Column("family", String(64), nullable=False),
    Column("serial", String(128), nullable=False),
    Column("has_secret", Boolean, nullable=False),
    Column("bound_by", Text, nullable=False),
    Column("bound_at", UtcDateTime, nullable=False),
    Column("station_id", Text, nullable=False),
    Column("round_at", UtcDateTime, nullable=False),
    Index(None, "address"),
)
"""Which pack wears which sticker, as the platform told it; `round_at` is when the round over everything began that it is of."""

binding_changes = Table(
    "binding_changes",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("battery_id", String(128), nullable=False),
    Column("has_secret", Boolean, nullable=False),
    Column("document", Text, nullable=False),
    Column("refused", Text, nullable=False, default="", server_default=""),
    sqlite_autoincrement=True,
)
"""What was bound and unbound here and is not in the platform's table; `refused` is the platform's reason, which waits for a supervisor."""

binding_sync = Table(
    "binding_sync",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("cursor", Text),
    Column("fresh_at", UtcDateTime),
)
"""One row: how often `bindings` and `binding_changes` have changed, and how far their sync has come."""

people = Table(
    "people",
    metadata,
    Column("person_key", String(64), primary_key=True),
    Column("person_id", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("must_change_pin", Boolean, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("badge", String(64), nullable=False),
    Column("from_platform", Boolean, nullable=False),
    Column("pin_number", BigInteger, nullable=False),
    Column("pin_mark", BigInteger, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("round_at", UtcDateTime),
)
"""Who may sign in here, and who was removed. `person_key` is the id in capitals, `round_at` when the round over everything began that the
platform told of them in. No PIN is here, and without the file of the pepper a verifier is worth nothing."""

pin_locks = Table(
    "pin_locks",
    metadata,
    Column("person_key", String(64), primary_key=True),
    Column("wrong", Integer, nullable=False),
    Column("locks", Integer, nullable=False),
    Column("left_ms", BigInteger, nullable=False),
    Column("machine_run", String(64), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)
"""Wrong PINs in a row, and what was left of a lock at a moment of a run of the machine."""

people_sync = Table(
    "people_sync",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("cursor", Text),
    Column("fresh_at", UtcDateTime),
    Column("told_at", UtcDateTime),
)
"""One row: how often `people` and `pin_locks` have changed, how far the sync has come, and when a round ended last."""


def add_entry(
    connection: Connection,
    at: datetime,
    what: str,
    correlation_id: str = "",
    detail: str = "",
    *,
    who: str = "",
    ids: Mapping[str, str] | None = None,
    digests: Mapping[str, str] | None = None,
) -> int:
    """One row of the record, as part of the caller's transaction; its number. `what`, `who` and `ids` name nobody's customer: what a person
    said or wrote is the `detail`."""
    act = RecordedAct(at=at, what=what, who=who, correlation_id=correlation_id, ids=ids or {}, digests=digests or {}, detail=detail)
    return record.append(connection, act)


def readable[R, T](rows: Iterable[R], read: Callable[[R], T]) -> tuple[T, ...]:
    """What `read` makes of each row; a damaged one (StoreFailed) is logged and hides no other."""
    found = []
    for row in rows:
        try:
            found.append(read(row))
        except StoreFailed as damaged:
            _log.error("%s", damaged.reason)
    return tuple(found)
