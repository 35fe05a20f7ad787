"""People who may sign in, and what is kept of wrong PINs (decision 29)."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Nobody is known yet: all works as before."""
    op.create_table(
        "people",
        sa.Column("person_key", sa.String(64), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("must_change_pin", sa.Boolean, nullable=False),
        sa.Column("verifier", sa.Text, nullable=False),
        sa.Column("badge", sa.String(64), nullable=False),
        sa.Column("from_platform", sa.Boolean, nullable=False),
        sa.Column("pin_number", sa.BigInteger, nullable=False),
        sa.Column("pin_mark", sa.BigInteger, nullable=False),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.Column("round_at", _TIME),
        sa.PrimaryKeyConstraint("person_key", name="pk_people"),
    )
    op.create_table(
        "pin_locks",
        sa.Column("person_key", sa.String(64), nullable=False),
        sa.Column("wrong", sa.Integer, nullable=False),
        sa.Column("locks", sa.Integer, nullable=False),
        sa.Column("left_ms", sa.BigInteger, nullable=False),
        sa.Column("machine_run", sa.String(64), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("person_key", name="pk_pin_locks"),
    )
    op.create_table(
        "people_sync",
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("cursor", sa.Text),
        sa.Column("fresh_at", _TIME),
        sa.Column("told_at", _TIME),
        sa.PrimaryKeyConstraint("number", name="pk_people_sync"),
    )


def downgrade() -> None:
    """The people are lost: the counter works with its configured ids again."""
    for table in ("people_sync", "pin_locks", "people"):
        op.drop_table(table)
