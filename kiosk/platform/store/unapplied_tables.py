"""Money that came and counts for no swap: another currency, no such plan, or against what was recorded. A person settles each."""

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from kiosk.platform.store.tables import ID, NUMBER, STILL_OPEN, metadata
from kiosk.shared.sql.column_types import ExactDecimal, UtcDateTime

unapplied_payments = Table(
    "platform_unapplied_payments",
    metadata,
    Column("number", NUMBER, primary_key=True),
    Column("digest", String(64), nullable=False),  # of what was confirmed: told again it is the same row
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
    Index("ix_platform_unapplied_payments_open", "number", sqlite_where=text(STILL_OPEN), postgresql_where=text(STILL_OPEN)),
)
