"""The record of what people do at the platform, and how far each station's record had come (decision 37)."""

import sqlalchemy as sa
from alembic import op

from kiosk.shared.record_chain import NOTHING

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def _text() -> sa.String:
    """Compared byte by byte."""
    return sa.String(128).with_variant(sa.String(128, collation="C"), "postgresql")


def _number() -> sa.BigInteger:
    return sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """From 0004. Nothing is recorded yet."""
    _make_record()
    op.create_table(
        "platform_station_heads",
        sa.Column("station_id", _text(), nullable=False),
        sa.Column("number", _number(), nullable=False, autoincrement=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("signed_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("station_id", "number", name="pk_platform_station_heads"),
    )
    op.create_table(
        "platform_record_forks",
        sa.Column("number", _number(), nullable=False),
        sa.Column("station_id", _text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("had_number", sa.BigInteger, nullable=False),
        sa.Column("had_hash", sa.String(64), nullable=False),
        sa.Column("told_number", sa.BigInteger, nullable=False),
        sa.Column("told_hash", sa.String(64), nullable=False),
        *(sa.Column(each, _TIME, nullable=False) for each in ("first_at", "last_at")),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("settled_at", _TIME),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_platform_record_forks"),
    )
    still = sa.text("settled_at IS NULL")
    op.create_index("ix_platform_record_forks_open", "platform_record_forks", ["number"], sqlite_where=still, postgresql_where=still)


def _make_record() -> None:
    texts = {"correlation_id": sa.String(64), "detail": sa.Text(), "who": sa.Text(), "ids": sa.Text(), "digests": sa.Text()}
    chain = {"salt": 32, "previous": 64, "sealed_by": 16, "hash": 64, "mac": 64}
    op.create_table(
        "platform_record",
        sa.Column("number", _number(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        *(sa.Column(name, kind, nullable=False, server_default="") for name, kind in texts.items()),
        *(sa.Column(name, sa.String(length), nullable=False, server_default="") for name, length in chain.items()),
        sa.PrimaryKeyConstraint("number", name="pk_platform_record"),
    )
    head = op.create_table(
        "platform_record_head",
        sa.Column("only", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("number", _number(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("only", name="pk_platform_record_head"),
    )
    op.bulk_insert(head, [{"only": 1, "number": 0, "hash": NOTHING}])
