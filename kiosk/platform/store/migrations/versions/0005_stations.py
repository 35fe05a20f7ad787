"""Stations that sign: the register with its keys, who began which transaction, what is held back, the platform's keys."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def _text() -> sa.String:
    """Compared byte by byte."""
    return sa.String(128).with_variant(sa.String(128, collation="C"), "postgresql")


def _number() -> sa.BigInteger:
    return sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """From 0004. Nobody is enrolled yet."""
    _make_stations()
    _make_keys()
    _make_claims()
    _make_held_requests()
    op.create_table(
        "platform_switches",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_platform_switches"),
    )


def _make_stations() -> None:
    op.create_table(
        "platform_stations",
        sa.Column("station_id", _text(), nullable=False),
        sa.Column("folded_id", _text(), nullable=False),
        sa.Column("added_at", _TIME, nullable=False),
        sa.Column("secret_hash", sa.String(64)),
        *(sa.Column(each, _TIME) for each in ("secret_until", "secret_used_at", "revoked_since", "refused_at")),
        sa.Column("refused_why", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("station_id", name="pk_platform_stations"),
        sa.UniqueConstraint("folded_id", name="uq_platform_stations_folded_id"),
    )
    op.create_table(
        "platform_unsigned_stations",
        sa.Column("station_id", _text(), nullable=False),
        *(sa.Column(each, _TIME, nullable=False) for each in ("first_at", "last_at")),
        sa.PrimaryKeyConstraint("station_id", name="pk_platform_unsigned_stations"),
    )
    op.create_index("ix_platform_unsigned_stations_last_at", "platform_unsigned_stations", ["last_at"])


def _make_keys() -> None:
    op.create_table(
        "platform_station_keys",
        sa.Column("public_key", sa.String(44), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("station_id", _text(), nullable=False),
        sa.Column("valid_from", _TIME, nullable=False),
        *(sa.Column(each, _TIME) for each in ("valid_until", "revoked_since")),
        sa.PrimaryKeyConstraint("public_key", name="pk_platform_station_keys"),
        sa.ForeignKeyConstraint(["station_id"], ["platform_stations.station_id"], name="fk_platform_station_keys_station_id"),
    )
    for each in ("key_id", "station_id"):
        op.create_index(f"ix_platform_station_keys_{each}", "platform_station_keys", [each])
    op.create_table(
        "platform_keys",
        sa.Column("public_key", sa.String(44), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("valid_from", _TIME, nullable=False),
        sa.Column("valid_until", _TIME),
        sa.Column("signed_by", sa.String(16), nullable=False),
        sa.Column("signature", sa.String(88), nullable=False),
        sa.PrimaryKeyConstraint("public_key", name="pk_platform_keys"),
    )
    op.create_index("ix_platform_keys_key_id", "platform_keys", ["key_id"])


def _make_claims() -> None:
    op.create_table(
        "platform_claims",
        *(sa.Column(each, _text(), nullable=False) for each in ("correlation_id", "plan_id", "station_id")),
        sa.Column("claimed_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("correlation_id", name="pk_platform_claims"),
    )
    for each in ("plan_id", "station_id"):
        op.create_index(f"ix_platform_claims_{each}_claimed_at", "platform_claims", [each, "claimed_at"])


def _make_held_requests() -> None:
    op.create_table(
        "platform_held_requests",
        sa.Column("number", _number(), nullable=False),
        sa.Column("correlation_id", _text(), nullable=False),
        sa.Column("part", sa.String(16), nullable=False),
        *(sa.Column(each, _text(), nullable=False) for each in ("plan_id", "station_id")),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("held_at", _TIME, nullable=False),
        sa.Column("settled_at", _TIME),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_platform_held_requests"),
        sa.UniqueConstraint("correlation_id", "part", name="uq_platform_held_requests_correlation_id_part"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_platform_held_requests_station_id", "platform_held_requests", ["station_id"])
    still = sa.text("settled_at IS NULL")
    op.create_index("ix_platform_held_requests_open", "platform_held_requests", ["number"], sqlite_where=still, postgresql_where=still)
