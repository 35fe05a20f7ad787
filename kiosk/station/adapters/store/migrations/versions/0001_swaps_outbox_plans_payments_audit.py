"""The first schema: swaps, outbox, plans, payments, audit."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """From an empty database."""
    op.create_table(
        "swaps",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("correlation_id", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("journal", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("prints", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("number", name="pk_swaps"),
        sa.UniqueConstraint("correlation_id", name="uq_swaps_correlation_id"),
        sa.CheckConstraint("status IN ('running', 'kept', 'left', 'completed')", name="ck_swaps_status"),
    )
    op.create_index("ix_swaps_status_number", "swaps", ["status", "number"])
    op.create_table(
        "outbox",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("correlation_id", sa.String(64), nullable=False),
        sa.Column("plan_id", sa.String(200), nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("incoming_battery_id", sa.String(200)),
        sa.Column("outgoing_battery_id", sa.String(200), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("last_sent_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        sa.Column("answer", sa.LargeBinary),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("number", name="pk_outbox"),
        sa.ForeignKeyConstraint(["correlation_id"], ["swaps.correlation_id"], name="fk_outbox_correlation_id"),
        sa.UniqueConstraint("correlation_id", name="uq_outbox_correlation_id"),
        sa.CheckConstraint("state IN ('unsettled', 'settled', 'refused', 'resolved')", name="ck_outbox_state"),
    )
    op.create_index("ix_outbox_state_number", "outbox", ["state", "number"])
    op.create_index("ix_outbox_plan_id_number", "outbox", ["plan_id", "number"])
    op.create_index("ix_outbox_incoming_battery_id_number", "outbox", ["incoming_battery_id", "number"])
    op.create_table(
        "plans",
        sa.Column("plan_id", sa.String(200), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("current_asset", sa.String(200)),
        sa.Column("told_after", sa.Integer, nullable=False),
        sa.Column("booked", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("plan_id", name="pk_plans"),
    )
    op.create_table(
        "payments",
        sa.Column("method", sa.String(64), nullable=False),
        sa.Column("receipt_id", sa.String(64), nullable=False),
        sa.Column("correlation_id", sa.String(64), nullable=False),
        sa.Column("amount", sa.String(40), nullable=False),
        sa.Column("currency", sa.String(8), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("method", "receipt_id", name="pk_payments"),
        sa.ForeignKeyConstraint(["correlation_id"], ["swaps.correlation_id"], name="fk_payments_correlation_id"),
    )
    op.create_index("ix_payments_correlation_id", "payments", ["correlation_id"])
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("correlation_id", sa.String(64), nullable=False, server_default=""),
        sa.Column("detail", sa.Text, nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )


def downgrade() -> None:
    """To an empty database."""
    for table in ("audit", "payments", "plans", "outbox", "swaps"):
        op.drop_table(table)
