"""What is sent for a completion stands in a table of its own: the older sequence has several steps (decision 21).

A completion of before is a sequence of one. Its bytes, its answer and where it stands are kept.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_MOVED = ("topic", "payload", "answer", "answered_at")
_STEPS_OF_BEFORE = """
INSERT INTO outbox_steps (correlation_id, position, action, topic, payload, answer, closed_at)
SELECT correlation_id, 0, 'COMPLETE_SERVICE', topic, payload, answer, CASE WHEN state = 'settled' THEN answered_at END FROM outbox
"""


def upgrade() -> None:
    """Each message becomes the only step of its completion."""
    op.create_table(
        "outbox_steps",
        sa.Column("correlation_id", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("answer", sa.LargeBinary),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("correlation_id", "position", name="pk_outbox_steps"),
        sa.ForeignKeyConstraint(["correlation_id"], ["outbox.correlation_id"], name="fk_outbox_steps_correlation_id"),
    )
    op.execute(_STEPS_OF_BEFORE)
    for column in _MOVED:
        op.drop_column("outbox", column)


def downgrade() -> None:
    """Back to one message a completion, the first; for tests, which have none."""
    op.add_column("outbox", sa.Column("topic", sa.Text, nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("payload", sa.LargeBinary, nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("answer", sa.LargeBinary))
    op.add_column("outbox", sa.Column("answered_at", sa.DateTime(timezone=True)))
    op.drop_table("outbox_steps")
