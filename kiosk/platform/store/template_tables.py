"""The tables of the template catalogue. A version's content lies in `platform_templates` under its digest, as the plans' pins do."""

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from kiosk.platform.store.tables import ID, NUMBER, metadata
from kiosk.shared.sql.column_types import UtcDateTime

documents = Table(
    "platform_template_documents",
    metadata,
    Column("kind", String(32), nullable=False),
    Column("document_id", ID, nullable=False),
    Column("document", Text, nullable=False),
    PrimaryKeyConstraint("kind", "document_id"),
)

heads = Table(
    "platform_template_heads",
    metadata,
    Column("template_id", ID, primary_key=True),
    Column("status", String(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("created_by", ID, nullable=False),
)

versions = Table(
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

changes = Table(
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
