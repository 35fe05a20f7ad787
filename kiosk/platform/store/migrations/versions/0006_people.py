"""People who may sign in at stations, or work at the desk (decision 29)."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def _text() -> sa.String:
    """Compared byte by byte."""
    return sa.String(128).with_variant(sa.String(128, collation="C"), "postgresql")


def _number() -> sa.BigInteger:
    return sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Nobody is known yet."""
    op.create_table(
        "platform_people",
        sa.Column("person_key", _text(), nullable=False),
        sa.Column("person_id", _text(), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("sealed_pin", sa.Text, nullable=False),
        *(sa.Column(each, _number(), nullable=False) for each in ("pin_number", "pin_mark")),
        sa.Column("must_change", sa.Boolean, nullable=False),
        sa.Column("badge", sa.String(64), nullable=False),
        sa.Column("removed_at", _TIME),
        sa.PrimaryKeyConstraint("person_key", name="pk_platform_people"),
    )
    op.create_table(
        "platform_people_stations",
        *(sa.Column(each, _text(), nullable=False) for each in ("person_key", "station_id")),
        sa.Column("is_member", sa.Boolean, nullable=False),
        sa.Column("change", _number(), nullable=False),
        sa.PrimaryKeyConstraint("person_key", "station_id", name="pk_platform_people_stations"),
        sa.ForeignKeyConstraint(["person_key"], ["platform_people.person_key"], name="fk_platform_people_stations_person_key"),
    )
    op.create_index("ix_platform_people_stations_station_id_change", "platform_people_stations", ["station_id", "change"])
    op.create_table(
        "platform_people_changes",
        sa.Column("number", _number(), nullable=False, autoincrement=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("act", sa.String(32), nullable=False),
        *(sa.Column(each, _text(), nullable=False) for each in ("person_id", "by")),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_platform_people_changes"),
    )
    op.create_index("ix_platform_people_changes_person_id_number", "platform_people_changes", ["person_id", "number"])
