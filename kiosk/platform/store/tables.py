"""The platform's own tables: plans, what was done, refused and told. Energy and money are exact text, times aware and in UTC.

Rows are numbered by the database; the numbers are wide, because a hundred thousand stations write ten million rows a day.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint, text

from kiosk.shared.sql.column_types import CONVENTION, ExactDecimal, UtcDateTime


def text_of(length: int) -> String:
    """Text that is compared byte by byte on every database: an index then finds what begins with some letters, whatever the locale."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


ID = text_of(128)
BATTERY = text_of(200)
NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only where the type is INTEGER, which is wide there
_WAITING = "published_at IS NULL"
_LOOSE = "owner = ''"
STILL_OPEN = "settled_at IS NULL"
metadata = MetaData(naming_convention=CONVENTION)

templates = Table(
    "platform_templates",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("template_id", ID, nullable=False),
    Column("version", ID, nullable=False),
    Column("document", Text, nullable=False),
    Index(None, "template_id", "version"),
)

plans = Table(
    "platform_plans",
    metadata,
    Column("plan_id", ID, primary_key=True),
    Column("customer_id", ID, nullable=False, index=True),
    Column("document", Text, nullable=False),
    Column("template_digest", String(64), ForeignKey("platform_templates.digest"), nullable=False),
    Column("template_id", ID, nullable=False),
    Column("template_version", ID, nullable=False),
    Column("station_id", ID),  # where it was last served; null: nowhere yet
    Column("current_asset", BATTERY, index=True),  # normalised, for search; the document is what counts
    Column("version", Integer, nullable=False),  # grows by one with every change; the optimistic check
    Column("changed_at", UtcDateTime, nullable=False),
    Index(None, "station_id", "changed_at", "plan_id"),
    Index(None, "template_id", "template_version", "plan_id"),
)

transactions = Table(
    "platform_transactions",
    metadata,
    Column("number", NUMBER, primary_key=True),
    Column("correlation_id", ID, nullable=False),
    Column("part", String(16), nullable=False),  # the older sequence does several things under one correlation id, each once
    Column("plan_id", ID, nullable=False, index=True),
    Column("action", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("response", LargeBinary, nullable=False),
    Column("done_at", UtcDateTime, nullable=False),
    UniqueConstraint("correlation_id", "part"),
)

# what was refused, or begun and not completed: open until a person has settled it, and again where the same key is refused again;
# booking the key takes it away
refusals = Table(
    "platform_refusals",
    metadata,
    Column("number", NUMBER, primary_key=True),
    Column("correlation_id", ID, nullable=False),
    Column("part", String(16), nullable=False),
    Column("plan_id", ID, nullable=False, index=True),
    Column("station_id", ID, nullable=False),  # empty where the request does not say
    Column("attendant_id", ID, nullable=False),
    Column("action", String(64), nullable=False),
    Column("state", String(16), nullable=False),  # of values.OpenState
    Column("reason", Text, nullable=False),  # the last one; empty where nothing was refused
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("times", Integer, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("note", Text, nullable=False),
    UniqueConstraint("correlation_id", "part"),
    Index("ix_platform_refusals_open", "number", sqlite_where=text(STILL_OPEN), postgresql_where=text(STILL_OPEN)),
    sqlite_autoincrement=True,  # rows are taken away: a number that a person has read never names another one
)

service_events = Table(
    "platform_service_events",
    metadata,
    Column("number", NUMBER, primary_key=True),
    Column("event_id", String(200), nullable=False),
    Column("event_type", String(64), nullable=False),
    Column("plan_id", ID, nullable=False, index=True),
    Column("correlation_id", ID, nullable=False, index=True),
    Column("incoming_battery_id", BATTERY, index=True),
    Column("outgoing_battery_id", BATTERY, index=True),
    Column("net_kwh", ExactDecimal),
    Column("at", UtcDateTime, nullable=False),
    Column("event", Text, nullable=False),
    UniqueConstraint("event_id"),
    Index(None, "event_type", "number"),
)

payment_events = Table(
    "platform_payment_events",
    metadata,
    Column("number", NUMBER, primary_key=True),
    Column("method", String(128), nullable=False),
    Column("receipt_id", ID, nullable=False, index=True),
    Column("owner", ID, nullable=False, index=True),  # the transaction that this receipt pays
    Column("plan_id", ID, nullable=False, index=True),
    Column("amount", ExactDecimal, nullable=False),
    Column("currency", String(8), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("event", Text, nullable=False),
    UniqueConstraint("method", "receipt_id"),  # one receipt pays once (decision 10)
    Index("ix_platform_payment_events_loose", "plan_id", sqlite_where=text(_LOOSE), postgresql_where=text(_LOOSE)),
)

outgoing_events = Table(
    "platform_outgoing_events",
    metadata,
    Column("number", NUMBER, primary_key=True),
    Column("event_id", String(200), nullable=False),
    Column("topic", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("stored_at", UtcDateTime, nullable=False),
    Column("stored_by", String(64)),  # the worker that publishes it; null: any
    Column("published_at", UtcDateTime),
    Index("ix_platform_outgoing_events_waiting", "number", sqlite_where=text(_WAITING), postgresql_where=text(_WAITING)),
)
