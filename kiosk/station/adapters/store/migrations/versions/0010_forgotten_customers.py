"""When a pseudonym took the place of a swap's customer."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"

_NAMED = sa.text("forgotten_at IS NULL")


def upgrade() -> None:
    """Every swap names its customer still."""
    op.add_column("swaps", sa.Column("forgotten_at", sa.DateTime(timezone=True)))
    op.create_index("ix_swaps_named", "swaps", ["saved_at"], sqlite_where=_NAMED, postgresql_where=_NAMED)


def downgrade() -> None:
    """What was forgotten stays so."""
    op.drop_index("ix_swaps_named", "swaps")
    op.drop_column("swaps", "forgotten_at")
