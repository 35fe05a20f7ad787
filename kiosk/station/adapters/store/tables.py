"""The tables, how values are kept in them, and what every part of the store does with rows. Private to the store; Alembic's migrations
make the same schema.

Times come back aware and in UTC, whatever the database keeps; a time without its zone is refused. Money is kept as exact text, never
as a binary float. Each table is numbered by the database in the order of its rows: that order, not the wall clock, is what "oldest" means.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import (
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
    insert,
    text,
)

from kiosk.domain.errors import StoreFailed
from kiosk.shared.sql.column_types import CONVENTION, ExactDecimal, UtcDateTime
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
)
"""What is sent for a completion, in order: mostly one message, the older sequence has several. The lowest that is not closed waits for its
answer; `closed_at` is when it was answered with success, or replaced by those after it."""

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

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("what", Text, nullable=False),
    Column("correlation_id", String(64), nullable=False, default="", server_default=""),
    Column("detail", Text, nullable=False, default="", server_default=""),
)

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

_ADD_ENTRY = insert(audit)


def add_entry(connection: Connection, at: datetime, what: str, correlation_id: str = "", detail: str = "") -> None:
    """One entry in the audit trail, as part of the caller's transaction: who did what to which swap. Rows are only ever added."""
    connection.execute(_ADD_ENTRY, {"at": at, "what": what, "correlation_id": correlation_id, "detail": detail})


def readable[R, T](rows: Iterable[R], read: Callable[[R], T]) -> tuple[T, ...]:
    """What `read` makes of each row; a damaged one (StoreFailed) is logged and hides no other."""
    found = []
    for row in rows:
        try:
            found.append(read(row))
        except StoreFailed as damaged:
            _log.error("%s", damaged.reason)
    return tuple(found)
