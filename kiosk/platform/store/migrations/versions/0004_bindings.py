"""Which pack wears which sticker: the bindings, what was done to them, their secrets, and conflicts that wait for a person."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def _text() -> sa.String:
    """Compared byte by byte."""
    return sa.String(128).with_variant(sa.String(128, collation="C"), "postgresql")


def _number() -> sa.BigInteger:
    return sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """From 0003. Nothing is bound yet."""
    _make_bindings()
    _make_changes()
    _make_conflicts()
    op.create_table(
        "platform_battery_secrets",
        sa.Column("asset_id", _text(), nullable=False),
        sa.Column("secret", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("asset_id", name="pk_platform_battery_secrets"),
        sa.ForeignKeyConstraint(["asset_id"], ["platform_battery_bindings.asset_id"], name="fk_platform_battery_secrets_asset_id"),
    )


def _make_bindings() -> None:
    op.create_table(
        "platform_battery_bindings",
        sa.Column("asset_id", _text(), nullable=False),
        sa.Column("address", sa.String(36)),
        sa.Column("family", sa.String(64), nullable=False),
        sa.Column("serial", sa.String(128), nullable=False),
        sa.Column("bound_by", _text(), nullable=False),
        sa.Column("bound_at", _TIME, nullable=False),
        sa.Column("station_id", _text(), nullable=False),
        sa.Column("change", _number(), nullable=False),
        sa.PrimaryKeyConstraint("asset_id", name="pk_platform_battery_bindings"),
        sa.UniqueConstraint("address", name="uq_platform_battery_bindings_address"),
        sa.UniqueConstraint("change", name="uq_platform_battery_bindings_change"),
    )


def _make_changes() -> None:
    op.create_table(
        "platform_battery_binding_changes",
        sa.Column("number", _number(), nullable=False, autoincrement=False),
        sa.Column("asset_id", _text(), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("address", sa.String(36)),
        sa.Column("family", sa.String(64), nullable=False),
        sa.Column("serial", sa.String(128), nullable=False),
        sa.Column("bound_by", _text(), nullable=False),
        sa.Column("bound_at", _TIME, nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("station_id", _text(), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("change_id", _text()),
        sa.PrimaryKeyConstraint("number", name="pk_platform_battery_binding_changes"),
        sa.UniqueConstraint("change_id", name="uq_platform_battery_binding_changes_change_id"),
    )
    op.create_index("ix_platform_battery_binding_changes_asset_id_number", "platform_battery_binding_changes", ["asset_id", "number"])


def _make_conflicts() -> None:
    op.create_table(
        "platform_battery_conflicts",
        sa.Column("number", _number(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("asset_id", _text(), nullable=False),
        sa.Column("address", sa.String(36), nullable=False),
        sa.Column("family", sa.String(64), nullable=False),
        sa.Column("serial", sa.String(128), nullable=False),
        sa.Column("bound_by", _text(), nullable=False),
        sa.Column("bound_at", _TIME, nullable=False),
        sa.Column("station_id", _text(), nullable=False),
        sa.Column("standing", sa.Text, nullable=False),
        *(sa.Column(each, _TIME, nullable=False) for each in ("first_at", "last_at")),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("settled_at", _TIME),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_platform_battery_conflicts"),
        sa.UniqueConstraint("digest", name="uq_platform_battery_conflicts_digest"),
    )
    still = sa.text("settled_at IS NULL")
    op.create_index(
        "ix_platform_battery_conflicts_open", "platform_battery_conflicts", ["number"], sqlite_where=still, postgresql_where=still
    )
