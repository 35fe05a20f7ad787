"""Which pack wears which sticker, what was done to that here, and how far the sync with the platform has come."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Nothing is bound."""
    op.create_table(
        "bindings",
        sa.Column("battery_id", sa.String(128), nullable=False),
        sa.Column("address", sa.String(36), nullable=False),
        sa.Column("family", sa.String(64), nullable=False),
        sa.Column("serial", sa.String(128), nullable=False),
        sa.Column("has_secret", sa.Boolean, nullable=False),
        sa.Column("bound_by", sa.Text, nullable=False),
        sa.Column("bound_at", _TIME, nullable=False),
        sa.Column("station_id", sa.Text, nullable=False),
        sa.Column("round_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("battery_id", name="pk_bindings"),
    )
    op.create_index("ix_bindings_address", "bindings", ["address"])
    op.create_table(
        "binding_changes",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("battery_id", sa.String(128), nullable=False),
        sa.Column("has_secret", sa.Boolean, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("refused", sa.Text, nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("number", name="pk_binding_changes"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "binding_sync",
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("cursor", sa.Text),
        sa.Column("fresh_at", _TIME),
        sa.PrimaryKeyConstraint("number", name="pk_binding_sync"),
    )


def downgrade() -> None:
    """What is bound is at the platform."""
    for table in ("binding_sync", "binding_changes", "bindings"):
        op.drop_table(table)
