"""The tables of stations that sign: who they are, their keys, what they began, and what of theirs is held back.

Times are the platform's clock. Nothing here is a secret but for `secret_hash`, which enrols one station for a day and no longer.
"""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table, Text, UniqueConstraint, text

from kiosk.platform.store.tables import ID, NUMBER, metadata
from kiosk.shared.sql.column_types import UtcDateTime

_STATION = "platform_stations.station_id"
_STILL_HELD = "settled_at IS NULL"

stations = Table(
    "platform_stations",
    metadata,
    Column("station_id", ID, primary_key=True),
    Column("folded_id", ID, nullable=False),  # in capitals: two stations must not differ by that alone
    Column("added_at", UtcDateTime, nullable=False),
    Column("secret_hash", String(64)),  # of the enrolment that waits or was used last
    Column("secret_until", UtcDateTime),
    Column("secret_used_at", UtcDateTime),
    Column("revoked_since", UtcDateTime),  # null: it counts
    Column("refused_at", UtcDateTime),  # when a message in its name was refused last, and why
    Column("refused_why", String(32), nullable=False),
    UniqueConstraint("folded_id"),
)

station_keys = Table(
    "platform_station_keys",
    metadata,
    Column("public_key", String(44), primary_key=True),
    Column("key_id", String(16), nullable=False, index=True),
    Column("station_id", ID, ForeignKey(_STATION), nullable=False, index=True),
    Column("valid_from", UtcDateTime, nullable=False),
    Column("valid_until", UtcDateTime),
    Column("revoked_since", UtcDateTime),
)

# who asked without a signature and was answered, in mode `open`
unsigned_stations = Table(
    "platform_unsigned_stations",
    metadata,
    Column("station_id", ID, primary_key=True),  # empty for requests that name none
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False, index=True),
)

# what an operator has switched by a command
switches = Table("platform_switches", metadata, Column("name", String(64), primary_key=True), Column("value", String(64), nullable=False))

platform_keys = Table(
    "platform_keys",
    metadata,
    Column("public_key", String(44), primary_key=True),
    Column("key_id", String(16), nullable=False, index=True),
    Column("valid_from", UtcDateTime, nullable=False),
    Column("valid_until", UtcDateTime),
    Column("signed_by", String(16), nullable=False),  # the key before; empty for the first
    Column("signature", String(88), nullable=False),
)

# who began a transaction: the station alone may complete it
claims = Table(
    "platform_claims",
    metadata,
    Column("correlation_id", ID, primary_key=True),
    Column("plan_id", ID, nullable=False),
    Column("station_id", ID, nullable=False),
    Column("claimed_at", UtcDateTime, nullable=False),
    Index(None, "plan_id", "claimed_at"),
    Index(None, "station_id", "claimed_at"),
)

# completions of revoked stations, with their bytes: a person books them, or does not
held_requests = Table(
    "platform_held_requests",
    metadata,
    Column("number", NUMBER, primary_key=True),
    Column("correlation_id", ID, nullable=False),
    Column("part", String(16), nullable=False),
    Column("plan_id", ID, nullable=False),
    Column("station_id", ID, nullable=False, index=True),
    Column("action", String(64), nullable=False),
    Column("topic", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("held_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("note", Text, nullable=False),
    UniqueConstraint("correlation_id", "part"),
    Index("ix_platform_held_requests_open", "number", sqlite_where=text(_STILL_HELD), postgresql_where=text(_STILL_HELD)),
    sqlite_autoincrement=True,
)
