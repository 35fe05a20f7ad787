"""How far the sync of a station's plans has come."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """It was never begun."""
    op.create_table(
        "plan_syncs",
        sa.Column("station_id", sa.String(64), nullable=False),
        sa.Column("cursor", sa.Text, nullable=False),
        sa.Column("fresh_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("station_id", name="pk_plan_syncs"),
    )


def downgrade() -> None:
    """The next sync begins afresh."""
    op.drop_table("plan_syncs")
