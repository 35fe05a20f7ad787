"""The first schema: templates and plans, transactions, service events, payment events, events on their way out."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """From an empty database."""
    _make_plans()
    _make_transactions()
    _make_service_events()
    _make_payment_events()
    _make_outgoing_events()


def _make_plans() -> None:
    op.create_table(
        "platform_templates",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("template_id", sa.String(128), nullable=False),
        sa.Column("version", sa.String(128), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_platform_templates"),
    )
    op.create_index("ix_platform_templates_template_id_version", "platform_templates", ["template_id", "version"])
    op.create_table(
        "platform_plans",
        sa.Column("plan_id", sa.String(128), nullable=False),
        sa.Column("customer_id", sa.String(128), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("template_digest", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("plan_id", name="pk_platform_plans"),
        sa.ForeignKeyConstraint(["template_digest"], ["platform_templates.digest"], name="fk_platform_plans_template_digest"),
    )
    op.create_index("ix_platform_plans_customer_id", "platform_plans", ["customer_id"])


def _make_transactions() -> None:
    op.create_table(
        "platform_transactions",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("correlation_id", sa.String(128), nullable=False),
        sa.Column("part", sa.String(16), nullable=False),
        sa.Column("plan_id", sa.String(128), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("request", sa.LargeBinary, nullable=False),
        sa.Column("response", sa.LargeBinary, nullable=False),
        sa.Column("done_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_platform_transactions"),
        sa.UniqueConstraint("correlation_id", "part", name="uq_platform_transactions_correlation_id_part"),
    )
    op.create_index("ix_platform_transactions_plan_id", "platform_transactions", ["plan_id"])


def _make_service_events() -> None:
    op.create_table(
        "platform_service_events",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("event_id", sa.String(200), nullable=False),
        sa.Column("event_type", sa.String(64), nullable=False),
        sa.Column("plan_id", sa.String(128), nullable=False),
        sa.Column("correlation_id", sa.String(128), nullable=False),
        sa.Column("incoming_battery_id", sa.String(200)),
        sa.Column("outgoing_battery_id", sa.String(200)),
        sa.Column("net_kwh", sa.String(40)),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_platform_service_events"),
        sa.UniqueConstraint("event_id", name="uq_platform_service_events_event_id"),
    )
    for column in ("plan_id", "correlation_id"):
        op.create_index(f"ix_platform_service_events_{column}", "platform_service_events", [column])


def _make_payment_events() -> None:
    op.create_table(
        "platform_payment_events",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("method", sa.String(128), nullable=False),
        sa.Column("receipt_id", sa.String(128), nullable=False),
        sa.Column("owner", sa.String(128), nullable=False),
        sa.Column("plan_id", sa.String(128), nullable=False),
        sa.Column("amount", sa.String(40), nullable=False),
        sa.Column("currency", sa.String(8), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_platform_payment_events"),
        sa.UniqueConstraint("method", "receipt_id", name="uq_platform_payment_events_method_receipt_id"),
    )
    for column in ("owner", "plan_id"):
        op.create_index(f"ix_platform_payment_events_{column}", "platform_payment_events", [column])


def _make_outgoing_events() -> None:
    op.create_table(
        "platform_outgoing_events",
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("event_id", sa.String(200), nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("stored_at", _TIME, nullable=False),
        sa.Column("published_at", _TIME),
        sa.PrimaryKeyConstraint("number", name="pk_platform_outgoing_events"),
    )
    op.create_index("ix_platform_outgoing_events_published_at_number", "platform_outgoing_events", ["published_at", "number"])
