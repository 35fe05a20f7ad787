"""The audit trail becomes a chain, and each message of the outbox has its digest in it (decision 37)."""

import json
import secrets
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from kiosk.shared.record_chain import BEGINNING, TEXT, Head, RecordRow, message_digest, seal, text_digest
from kiosk.shared.sql.column_types import UtcDateTime

revision = "0008"
down_revision = "0007"

_PAGE = 1000
_TEXTS = {"who": sa.Text(), "ids": sa.Text(), "digests": sa.Text(), "salt": sa.String(32)}
_CHAIN = {"previous": sa.String(64), "sealed_by": sa.String(16), "hash": sa.String(64), "mac": sa.String(64)}
_audit = sa.table(
    "audit", *(sa.column(name) for name in ("number", "what", "correlation_id", "detail", *_TEXTS, *_CHAIN)), sa.column("at", UtcDateTime)
)
_outbox = sa.table("outbox", sa.column("correlation_id"), sa.column("plan_id"))
_steps = sa.table("outbox_steps", *map(sa.column, ("correlation_id", "position", "action", "topic", "payload", "recorded_in")))
_head = sa.table("record_head", *map(sa.column, ("only", "number", "hash")))


def upgrade() -> None:
    """The rows that there are become the chain as they are; the row of a completion gets the digests of its messages."""
    added = tuple(sa.Column(name, kind, nullable=False, server_default="") for name, kind in {**_TEXTS, **_CHAIN}.items())
    _change("audit", (*_audit_before(), *added), sa.PrimaryKeyConstraint("number", name="pk_audit"))
    _change("outbox_steps", (*_steps_before(), sa.Column("recorded_in", sa.Integer)), *_steps_keys())
    op.create_table(
        "record_head",
        sa.Column("only", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("only", name="pk_record_head"),
    )
    connection = op.get_bind()
    _name_rows(connection)
    last = BEGINNING
    for row in _in_pages(connection):
        last = _chain(connection, row, last)
    connection.execute(sa.insert(_head), {"only": 1, "number": last.number, "hash": last.hash})


def _audit_before() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("correlation_id", sa.String(64), nullable=False, server_default=""),
        sa.Column("detail", sa.Text, nullable=False, server_default=""),
    )


def _steps_before() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("correlation_id", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("answer", sa.LargeBinary),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
    )


def _steps_keys() -> tuple[sa.Constraint, ...]:
    return (
        sa.PrimaryKeyConstraint("correlation_id", "position", name="pk_outbox_steps"),
        sa.ForeignKeyConstraint(["correlation_id"], ["outbox.correlation_id"], name="fk_outbox_steps_correlation_id"),
    )


def _change(table: str, columns: tuple[sa.Column[Any], ...], *constraints: sa.Constraint) -> None:
    """These columns: on SQLite in a table made anew, so that its text in the schema is that of a new database."""
    there = [each["name"] for each in sa.inspect(op.get_bind()).get_columns(table)]
    wanted = [each.name for each in columns]
    if op.get_bind().dialect.name != "sqlite":
        for column in (each for each in columns if each.name not in there):
            op.add_column(table, column)
        for name in (each for each in there if each not in wanted):
            op.drop_column(table, name)
        return
    both = ", ".join(each for each in there if each in wanted)
    op.rename_table(table, f"former_{table}")
    op.create_table(table, *columns, *constraints)
    op.execute(sa.text(f"INSERT INTO {table} ({both}) SELECT {both} FROM former_{table} ORDER BY rowid"))  # noqa: S608  our own names
    op.drop_table(f"former_{table}")


def _name_rows(connection: sa.Connection) -> None:
    """Each message names the row of its completion."""
    completed = (
        sa.select(sa.func.min(_audit.c.number))
        .where(_audit.c.what == "completed", _audit.c.correlation_id == _steps.c.correlation_id)
        .scalar_subquery()
    )
    connection.execute(sa.text("CREATE INDEX record_migration ON audit (correlation_id)"))  # one look a message, however many rows
    connection.execute(sa.update(_steps).values(recorded_in=completed))
    connection.execute(sa.text("DROP INDEX record_migration"))


def _in_pages(connection: sa.Connection) -> Iterator[Any]:
    after = -1
    while True:
        page = connection.execute(sa.select(_audit).where(_audit.c.number > after).order_by(_audit.c.number).limit(_PAGE)).all()
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].number


def _chain(connection: sa.Connection, stored: Any, last: Head) -> Head:  # noqa: ANN401  a row
    salt = secrets.token_hex(16) if stored.detail else ""
    digests = {TEXT: text_digest(salt, stored.detail)} if salt else {}
    if stored.what == "completed":
        digests |= _digests(connection, stored.number, stored.correlation_id)
    row = seal(
        RecordRow(
            number=stored.number,
            at=stored.at,
            act=stored.what,
            who="",
            ids={"transaction": stored.correlation_id} if stored.correlation_id else {},
            digests=digests,
            before=last.hash,
        ),
        None,
    )
    values = {"digests": json.dumps(digests) if digests else "", "salt": salt, "previous": row.before, "hash": row.hash}
    connection.execute(sa.update(_audit).where(_audit.c.number == row.number).values(values))
    return row.head


def _digests(connection: sa.Connection, number: int, correlation_id: str) -> dict[str, str]:
    found = connection.execute(
        sa.select(_steps.c.position, _steps.c.action, _steps.c.topic, _steps.c.payload, _outbox.c.plan_id)
        .join_from(_steps, _outbox, _steps.c.correlation_id == _outbox.c.correlation_id)
        .where(_steps.c.correlation_id == correlation_id, _steps.c.recorded_in == number)
    )
    return {
        f"message-{row.position}": message_digest(correlation_id, row.plan_id, row.action, row.topic, bytes(row.payload)) for row in found
    }


def downgrade() -> None:
    """The chain is lost: a later upgrade makes a new one of the rows as they are then."""
    op.drop_table("record_head")
    _change("outbox_steps", _steps_before(), *_steps_keys())
    _change("audit", _audit_before(), sa.PrimaryKeyConstraint("number", name="pk_audit"))
