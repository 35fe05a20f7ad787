"""Acts with money, each with a number of a series (decisions 31, 38)."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """No number is used yet."""
    op.create_table(
        "money_series",
        sa.Column("series", sa.String(64), nullable=False),
        sa.Column("restart", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.Column("begun_at", _TIME, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("series", "restart", name="pk_money_series"),
    )
    op.create_table(
        "money_acts",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("receipt_id", sa.String(64), nullable=False),
        sa.Column("series", sa.String(64), nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("correlation_id", sa.String(64), nullable=False),
        sa.Column("amount", sa.String(40), nullable=False),
        sa.Column("currency", sa.String(8), nullable=False),
        sa.Column("given", sa.String(40)),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("approved_by", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("told_at", _TIME),
        sa.PrimaryKeyConstraint("number", name="pk_money_acts"),
        sa.ForeignKeyConstraint(["correlation_id"], ["swaps.correlation_id"], name="fk_money_acts_correlation_id"),
        sa.UniqueConstraint("receipt_id", name="uq_money_acts_receipt_id"),
        sa.CheckConstraint("act IN ('received', 'cancelled', 'refunded', 'credited', 'at_desk')", name="ck_money_acts_act"),
    )
    op.create_index("ix_money_acts_correlation_id", "money_acts", ["correlation_id"])


def downgrade() -> None:
    """The numbers are lost: a later upgrade begins above those of the receipts that paid."""
    for table in ("money_acts", "money_series"):
        op.drop_table(table)
