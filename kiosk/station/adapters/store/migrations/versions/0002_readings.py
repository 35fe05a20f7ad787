"""Battery readings: those waiting to be reported, and the last ones of each battery read here."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Nothing is known of earlier readings."""
    op.create_table(
        "readings",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("battery_id", sa.String(200), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("number", name="pk_readings"),
        sa.CheckConstraint("state IN ('queued', 'reported', 'refused')", name="ck_readings_state"),
    )
    op.create_index("ix_readings_state_number", "readings", ["state", "number"])
    op.create_index("ix_readings_battery_id_number", "readings", ["battery_id", "number"])


def downgrade() -> None:
    """The readings are forgotten."""
    op.drop_table("readings")
