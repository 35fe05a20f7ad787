"""All tables of the platform. Energy and money are exact text, times aware and in UTC.

Rows are numbered by the database; the numbers are wide, because a hundred thousand stations write ten million rows a day.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from kiosk.shared.sql.column_types import CONVENTION, ExactDecimal, UtcDateTime
from kiosk.shared.sql.record_table import head_table, row_columns


def text_of(length: int) -> String:
    """Text that is compared byte by byte on every database: an index then finds what begins with some letters, whatever the locale."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


ID = text_of(128)
BATTERY = text_of(200)
NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only where the type is INTEGER, which is wide there
_WAITING = "published_at IS NULL"
_UNASSIGNED = "owner = ''"
_STILL_OPEN = "settled_at IS NULL"
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
    Column("state", String(16), nullable=False),  # of store_values.OpenState
    Column("reason", Text, nullable=False),  # the last one; empty where nothing was refused
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("times", Integer, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("note", Text, nullable=False),
    UniqueConstraint("correlation_id", "part"),
    Index("ix_platform_refusals_open", "number", sqlite_where=text(_STILL_OPEN), postgresql_where=text(_STILL_OPEN)),
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
    Index("ix_platform_payment_events_loose", "plan_id", sqlite_where=text(_UNASSIGNED), postgresql_where=text(_UNASSIGNED)),
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

# money that came and counts for no swap: another currency, no such plan, or against what was recorded; a person settles each
unapplied_payments = Table(
    "platform_unapplied_payments",
    metadata,
    Column("number", NUMBER, primary_key=True),
    Column("digest", String(64), nullable=False),  # of what was confirmed: confirmed again it is the same row
    Column("method", String(128), nullable=False),
    Column("receipt_id", String(128), nullable=False),
    Column("plan_id", ID, nullable=False, index=True),
    Column("amount", ExactDecimal, nullable=False),
    Column("currency", String(8), nullable=False),
    Column("reference", ID, nullable=False),  # the transaction that it names; empty: none
    Column("kind", String(32), nullable=False),
    Column("reason", Text, nullable=False),
    Column("paid_at", UtcDateTime, nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("times", Integer, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("note", Text, nullable=False),
    UniqueConstraint("digest"),
    Index(None, "method", "receipt_id"),
    Index("ix_platform_unapplied_payments_open", "number", sqlite_where=text(_STILL_OPEN), postgresql_where=text(_STILL_OPEN)),
)

# battery readings: the key is what makes a reading the same one, and finds the latest of a battery at one place of its index
telemetry = Table(
    "platform_telemetry",
    metadata,
    Column("asset_id", ID, nullable=False),  # normalised
    Column("read_at", UtcDateTime, nullable=False),
    Column("station_id", String(128), nullable=False),  # "" where the reading names none
    Column("document", Text, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("asset_id", "read_at", "station_id"),
)

# which pack wears which sticker (decision 84); an id that is unbound stays, without an address, so that every kiosk is told of it
battery_bindings = Table(
    "platform_battery_bindings",
    metadata,
    Column("asset_id", ID, primary_key=True),  # normalised
    Column("address", String(36)),
    Column("family", String(64), nullable=False),
    Column("serial", String(128), nullable=False),
    Column("bound_by", ID, nullable=False),
    Column("bound_at", UtcDateTime, nullable=False),
    Column("station_id", ID, nullable=False),
    Column("change", NUMBER, nullable=False),  # the number of its last row in `battery_binding_changes`
    UniqueConstraint("address"),
    UniqueConstraint("change"),
)

battery_binding_changes = Table(
    "platform_battery_binding_changes",
    metadata,
    Column("number", NUMBER, primary_key=True, autoincrement=False),  # given by the register, so that a lower one is never committed later
    Column("asset_id", ID, nullable=False),
    Column("what", String(16), nullable=False),  # bound, rebound, unbound
    Column("address", String(36)),
    Column("family", String(64), nullable=False),
    Column("serial", String(128), nullable=False),
    Column("bound_by", ID, nullable=False),
    Column("bound_at", UtcDateTime, nullable=False),  # by the clock of whoever did it
    Column("received_at", UtcDateTime, nullable=False),
    Column("station_id", ID, nullable=False),
    Column("note", Text, nullable=False),
    Column("change_id", ID),  # null: the change names none, or is the other half of one that does
    UniqueConstraint("change_id"),
    Index(None, "asset_id", "number"),
)

battery_secrets = Table(
    "platform_battery_secrets",
    metadata,
    Column("asset_id", ID, ForeignKey("platform_battery_bindings.asset_id"), primary_key=True),
    Column("secret", String(128), nullable=False),
)

# bindings that could not be, because another stood in the way; a person settles each
battery_conflicts = Table(
    "platform_battery_conflicts",
    metadata,
    Column("number", NUMBER, primary_key=True),
    Column("digest", String(64), nullable=False),  # of what was asked for: asked again it is the same row
    Column("asset_id", ID, nullable=False),
    Column("address", String(36), nullable=False),
    Column("family", String(64), nullable=False),
    Column("serial", String(128), nullable=False),
    Column("bound_by", ID, nullable=False),
    Column("bound_at", UtcDateTime, nullable=False),
    Column("station_id", ID, nullable=False),
    Column("standing", Text, nullable=False),  # what stood in the way then, as JSON
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("times", Integer, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("note", Text, nullable=False),
    UniqueConstraint("digest"),
    Index("ix_platform_battery_conflicts_open", "number", sqlite_where=text(_STILL_OPEN), postgresql_where=text(_STILL_OPEN)),
)

# what people do here, as a chain, and the row that says where it ends
record_rows = Table("platform_record", metadata, *row_columns(NUMBER))
record_head = head_table("platform_record_head", metadata, NUMBER)

station_heads = Table(
    "platform_station_heads",
    metadata,
    Column("station_id", ID, primary_key=True),
    Column("number", NUMBER, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
    Column("signed_at", UtcDateTime, nullable=False),
)
"""How far the record of each station had come, as it signed it itself."""

record_forks = Table(
    "platform_record_forks",
    metadata,
    Column("number", NUMBER, primary_key=True),
    Column("station_id", ID, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("had_number", BigInteger, nullable=False),
    Column("had_hash", String(64), nullable=False),
    Column("told_number", BigInteger, nullable=False),
    Column("told_hash", String(64), nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("times", Integer, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("note", Text, nullable=False),
    Index("ix_platform_record_forks_open", "number", sqlite_where=text(_STILL_OPEN), postgresql_where=text(_STILL_OPEN)),
)

# the templates: a version's content lies in `templates` under its digest, as the plans' pins do
template_documents = Table(
    "platform_template_documents",
    metadata,
    Column("kind", String(32), nullable=False),
    Column("document_id", ID, nullable=False),
    Column("document", Text, nullable=False),
    PrimaryKeyConstraint("kind", "document_id"),
)

template_heads = Table(
    "platform_template_heads",
    metadata,
    Column("template_id", ID, primary_key=True),
    Column("status", String(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("created_by", ID, nullable=False),
)

template_versions = Table(
    "platform_template_versions",
    metadata,
    Column("template_id", ID, ForeignKey("platform_template_heads.template_id"), nullable=False),
    Column("version", ID, nullable=False),
    Column("major", Integer, nullable=False),
    Column("minor", Integer, nullable=False),
    Column("patch", Integer, nullable=False),
    Column("digest", String(64), ForeignKey("platform_templates.digest"), nullable=False),
    PrimaryKeyConstraint("template_id", "version"),
    Index(None, "template_id", "major", "minor", "patch"),
)

template_changes = Table(
    "platform_template_changes",
    metadata,
    Column("number", NUMBER, primary_key=True),
    Column("template_id", ID, nullable=False),
    Column("version", ID, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", ID, nullable=False),
    Column("summary", Text, nullable=False),
    Column("reasons", Text, nullable=False),  # a JSON list of phrases
    Column("plans", Integer, nullable=False),  # moved here by a migration
    ForeignKeyConstraint(["template_id", "version"], ["platform_template_versions.template_id", "platform_template_versions.version"]),
    Index(None, "template_id", "number"),
)

plan_moves = Table(
    "platform_plan_moves",
    metadata,
    Column("number", NUMBER, primary_key=True),
    Column("plan_id", ID, ForeignKey("platform_plans.plan_id"), nullable=False, index=True),
    Column("change", NUMBER, ForeignKey("platform_template_changes.number"), nullable=False),
    Column("from_template_id", ID, nullable=False),
    Column("from_version", ID, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# people who may sign in at stations, or work at the desk (decision 29): without the file of the pepper nobody can try their PINs
people = Table(
    "platform_people",
    metadata,
    Column("person_key", ID, primary_key=True),  # the id in capitals
    Column("person_id", ID, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("sealed_pin", Text, nullable=False),
    Column("pin_number", NUMBER, nullable=False),  # the change that made the PIN
    Column("pin_mark", NUMBER, nullable=False),  # the change that wants it changed at the next sign-in
    Column("must_change", Boolean, nullable=False),
    Column("badge", String(64), nullable=False),
    Column("removed_at", UtcDateTime),
)

people_stations = Table(
    "platform_people_stations",
    metadata,
    Column("person_key", ID, ForeignKey("platform_people.person_key"), nullable=False),
    Column("station_id", ID, nullable=False),
    Column("is_member", Boolean, nullable=False),  # false: was one; the station is told
    Column("change", NUMBER, nullable=False),
    PrimaryKeyConstraint("person_key", "station_id"),
    Index(None, "station_id", "change"),
)

people_changes = Table(
    "platform_people_changes",
    metadata,
    Column("number", NUMBER, primary_key=True, autoincrement=False),  # given in turns, so that a lower one is never committed later
    Column("at", UtcDateTime, nullable=False),
    Column("act", String(32), nullable=False),
    Column("person_id", ID, nullable=False),
    Column("by", ID, nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "person_id", "number"),
)

# secrets that the platform makes by itself and all its workers share
secrets = Table("platform_secrets", metadata, Column("name", String(64), primary_key=True), Column("value", String(128), nullable=False))
