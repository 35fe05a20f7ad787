"""The platform's tables. Energy and money are exact text, times aware and in UTC."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint

from kiosk.adapters.store.rows import CONVENTION, ExactDecimal, UtcDateTime

ID = String(128)
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
    Column("version", Integer, nullable=False),  # grows by one with every change; the optimistic check
    Column("changed_at", UtcDateTime, nullable=False),
)

transactions = Table(
    "platform_transactions",
    metadata,
    Column("number", Integer, primary_key=True),
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

service_events = Table(
    "platform_service_events",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("event_id", String(200), nullable=False),
    Column("event_type", String(64), nullable=False),
    Column("plan_id", ID, nullable=False, index=True),
    Column("correlation_id", ID, nullable=False, index=True),
    Column("incoming_battery_id", String(200)),
    Column("outgoing_battery_id", String(200)),
    Column("net_kwh", ExactDecimal),
    Column("at", UtcDateTime, nullable=False),
    Column("event", Text, nullable=False),
    UniqueConstraint("event_id"),
)

payment_events = Table(
    "platform_payment_events",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("method", String(128), nullable=False),
    Column("receipt_id", String(128), nullable=False),
    Column("owner", ID, nullable=False, index=True),  # the transaction that this receipt pays
    Column("plan_id", ID, nullable=False, index=True),
    Column("amount", ExactDecimal, nullable=False),
    Column("currency", String(8), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("event", Text, nullable=False),
    UniqueConstraint("method", "receipt_id"),  # one receipt pays once (decision 10)
)

outgoing_events = Table(
    "platform_outgoing_events",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("event_id", String(200), nullable=False),
    Column("topic", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("stored_at", UtcDateTime, nullable=False),
    Column("published_at", UtcDateTime),
    Index(None, "published_at", "number"),
)
