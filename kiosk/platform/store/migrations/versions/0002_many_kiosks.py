"""Plans are found by station, battery and template; refusals, telemetry, templates with their changes, money that could not be applied.

Ids are compared byte by byte and rows are numbered widely on PostgreSQL; SQLite does both by itself. What plans are found by is read from
their documents and from their last swap.
"""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from alembic import op

from kiosk.platform.store.plan_rows import facts_of, plan_of
from kiosk.wire.exact_json import loads

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_AT_ONCE = 500
_NUMBERED = ("transactions", "service_events", "payment_events", "outgoing_events")
_IDS = {
    "templates": ("template_id", "version"),
    "plans": ("plan_id", "customer_id"),
    "transactions": ("correlation_id", "plan_id"),
    "service_events": ("plan_id", "correlation_id"),
    "payment_events": ("receipt_id", "owner", "plan_id"),
}
_BATTERIES = ("incoming_battery_id", "outgoing_battery_id")


def _text(length: int = 128) -> sa.String:
    """Compared byte by byte."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _number() -> sa.BigInteger:
    return sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """From 0001. Nothing is lost."""
    if op.get_bind().dialect.name == "postgresql":
        _widen_numbers()
        _compare_bytes()
    _extend_plans()
    _extend_events()
    _make_refusals()
    _make_telemetry()
    _make_templates()
    _make_moves()
    _make_unapplied_payments()


def _widen_numbers() -> None:
    for table in _NUMBERED:
        op.alter_column(f"platform_{table}", "number", type_=sa.BigInteger, existing_type=sa.Integer, existing_nullable=False)
        op.execute(f"ALTER SEQUENCE platform_{table}_number_seq AS bigint")


def _compare_bytes() -> None:
    for table, columns in _IDS.items():
        for column in columns:
            op.alter_column(f"platform_{table}", column, type_=_text(), existing_type=sa.String(128), existing_nullable=False)
    for column in _BATTERIES:
        op.alter_column("platform_service_events", column, type_=_text(200), existing_type=sa.String(200), existing_nullable=True)


# ------------------------------------------------------------ plans


def _extend_plans() -> None:
    for name, kind in (("template_id", _text()), ("template_version", _text()), ("station_id", _text()), ("current_asset", _text(200))):
        op.add_column("platform_plans", sa.Column(name, kind))
    of_its_template = "(SELECT t.{} FROM platform_templates t WHERE t.digest = platform_plans.template_digest)"
    names = (("template_id", "template_id"), ("template_version", "version"))
    op.execute("UPDATE platform_plans SET " + ", ".join(f"{to} = {of_its_template.format(each)}" for to, each in names))  # noqa: S608  names
    _fill_plans(op.get_bind())
    with op.batch_alter_table("platform_plans") as plans:
        for name in ("template_id", "template_version"):
            plans.alter_column(name, existing_type=_text(), nullable=False)
    for columns in (["station_id", "changed_at", "plan_id"], ["template_id", "template_version", "plan_id"], ["current_asset"]):
        op.create_index(f"ix_platform_plans_{'_'.join(columns)}", "platform_plans", columns)


def _fill_plans(connection: sa.Connection) -> None:
    """The battery of each plan and the station of its last swap."""
    change = sa.text("UPDATE platform_plans SET current_asset = :battery, station_id = :station WHERE plan_id = :plan")
    for rows in _pages(connection):
        stations = _stations(connection, [each.plan_id for each in rows])
        found = [
            {
                "plan": each.plan_id,
                "battery": facts_of(plan_of(each.document, each.template))["current_asset"],
                "station": stations.get(each.plan_id),
            }
            for each in rows
        ]
        connection.execute(change, found)


def _pages(connection: sa.Connection) -> Iterator[Sequence[sa.Row[*tuple[str, ...]]]]:
    page = sa.text(
        "SELECT p.plan_id, p.document, t.document AS template FROM platform_plans p "
        "JOIN platform_templates t ON t.digest = p.template_digest WHERE p.plan_id > :after ORDER BY p.plan_id LIMIT :most"
    )
    after = ""
    while rows := connection.execute(page, {"after": after, "most": _AT_ONCE}).all():
        yield rows
        after = rows[-1].plan_id


def _stations(connection: sa.Connection, plan_ids: list[str]) -> dict[str, str]:
    last = sa.text(
        "SELECT plan_id, event FROM platform_service_events WHERE number IN (SELECT max(number) FROM platform_service_events "
        "WHERE event_type = 'SERVICE_COMPLETED' AND plan_id IN :plans GROUP BY plan_id)"
    ).bindparams(sa.bindparam("plans", expanding=True))
    told = {
        plan_id: loads(event)["service_context"]["attendant_station"] for plan_id, event in connection.execute(last, {"plans": plan_ids})
    }
    return {plan_id: station for plan_id, station in told.items() if station and len(station) <= 128}


# ------------------------------------------------------------ events


def _extend_events() -> None:
    for column in _BATTERIES:
        op.create_index(f"ix_platform_service_events_{column}", "platform_service_events", [column])
    op.create_index("ix_platform_service_events_event_type_number", "platform_service_events", ["event_type", "number"])
    op.create_index("ix_platform_payment_events_receipt_id", "platform_payment_events", ["receipt_id"])
    loose = sa.text("owner = ''")
    op.create_index("ix_platform_payment_events_loose", "platform_payment_events", ["plan_id"], sqlite_where=loose, postgresql_where=loose)
    op.add_column("platform_outgoing_events", sa.Column("stored_by", sa.String(64)))
    op.drop_index("ix_platform_outgoing_events_published_at_number", "platform_outgoing_events")
    waiting = sa.text("published_at IS NULL")
    op.create_index(
        "ix_platform_outgoing_events_waiting", "platform_outgoing_events", ["number"], sqlite_where=waiting, postgresql_where=waiting
    )


# ------------------------------------------------------------ what is new


def _make_refusals() -> None:
    op.create_table(
        "platform_refusals",
        sa.Column("number", _number(), nullable=False),
        sa.Column("correlation_id", _text(), nullable=False),
        sa.Column("part", sa.String(16), nullable=False),
        *(sa.Column(each, _text(), nullable=False) for each in ("plan_id", "station_id", "attendant_id")),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("first_at", _TIME, nullable=False),
        sa.Column("last_at", _TIME, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("settled_at", _TIME),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_platform_refusals"),
        sa.UniqueConstraint("correlation_id", "part", name="uq_platform_refusals_correlation_id_part"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_platform_refusals_plan_id", "platform_refusals", ["plan_id"])
    _index_open("refusals")


def _make_telemetry() -> None:
    op.create_table(
        "platform_telemetry",
        sa.Column("asset_id", _text(), nullable=False),
        sa.Column("read_at", _TIME, nullable=False),
        sa.Column("station_id", sa.String(128), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("asset_id", "read_at", "station_id", name="pk_platform_telemetry"),
    )


def _make_templates() -> None:
    op.create_table(
        "platform_template_documents",
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("document_id", _text(), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("kind", "document_id", name="pk_platform_template_documents"),
    )
    op.create_table(
        "platform_template_heads",
        sa.Column("template_id", _text(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("created_by", _text(), nullable=False),
        sa.PrimaryKeyConstraint("template_id", name="pk_platform_template_heads"),
    )
    op.create_table(
        "platform_template_versions",
        sa.Column("template_id", _text(), nullable=False),
        sa.Column("version", _text(), nullable=False),
        *(sa.Column(each, sa.Integer, nullable=False) for each in ("major", "minor", "patch")),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("template_id", "version", name="pk_platform_template_versions"),
        sa.ForeignKeyConstraint(["template_id"], ["platform_template_heads.template_id"], name="fk_platform_template_versions_template_id"),
        sa.ForeignKeyConstraint(["digest"], ["platform_templates.digest"], name="fk_platform_template_versions_digest"),
    )
    order = ["template_id", "major", "minor", "patch"]
    op.create_index("ix_platform_template_versions_template_id_major_minor_patch", "platform_template_versions", order)


def _make_moves() -> None:
    op.create_table(
        "platform_template_changes",
        sa.Column("number", _number(), nullable=False),
        sa.Column("template_id", _text(), nullable=False),
        sa.Column("version", _text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("by", _text(), nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("plans", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_platform_template_changes"),
        sa.ForeignKeyConstraint(
            ["template_id", "version"],
            ["platform_template_versions.template_id", "platform_template_versions.version"],
            name="fk_platform_template_changes_template_id_version",
        ),
    )
    op.create_index("ix_platform_template_changes_template_id_number", "platform_template_changes", ["template_id", "number"])
    op.create_table(
        "platform_plan_moves",
        sa.Column("number", _number(), nullable=False),
        sa.Column("plan_id", _text(), nullable=False),
        sa.Column("change", _number(), nullable=False),
        sa.Column("from_template_id", _text(), nullable=False),
        sa.Column("from_version", _text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_platform_plan_moves"),
        sa.ForeignKeyConstraint(["plan_id"], ["platform_plans.plan_id"], name="fk_platform_plan_moves_plan_id"),
        sa.ForeignKeyConstraint(["change"], ["platform_template_changes.number"], name="fk_platform_plan_moves_change"),
    )
    op.create_index("ix_platform_plan_moves_plan_id", "platform_plan_moves", ["plan_id"])


def _make_unapplied_payments() -> None:
    op.create_table(
        "platform_unapplied_payments",
        sa.Column("number", _number(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("method", sa.String(128), nullable=False),
        sa.Column("receipt_id", sa.String(128), nullable=False),
        sa.Column("plan_id", _text(), nullable=False),
        sa.Column("amount", sa.String(40), nullable=False),
        sa.Column("currency", sa.String(8), nullable=False),
        sa.Column("reference", _text(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        *(sa.Column(each, _TIME, nullable=False) for each in ("paid_at", "first_at", "last_at")),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("settled_at", _TIME),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_platform_unapplied_payments"),
        sa.UniqueConstraint("digest", name="uq_platform_unapplied_payments_digest"),
    )
    for columns in (["method", "receipt_id"], ["plan_id"]):
        op.create_index(f"ix_platform_unapplied_payments_{'_'.join(columns)}", "platform_unapplied_payments", columns)
    _index_open("unapplied_payments")


def _index_open(name: str) -> None:
    """Of what a person has not settled yet."""
    still = sa.text("settled_at IS NULL")
    op.create_index(f"ix_platform_{name}_open", f"platform_{name}", ["number"], sqlite_where=still, postgresql_where=still)
