"""The rows of a completed swap through a bare SQLAlchemy ORM: the journal's row as it stands, an outbox row with its one
step, an audit row, one commit.

The database file has the schema already. WAL, every commit flushed (FULL), foreign keys on.
"""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, ForeignKey, create_engine, event, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tests.bench.floors.rows import PRAGMAS, SwapRows


class _Base(DeclarativeBase):
    pass


class _Swap(_Base):
    __tablename__ = "swaps"
    number: Mapped[int] = mapped_column(primary_key=True)
    correlation_id: Mapped[str]
    status: Mapped[str]
    saved_at: Mapped[datetime]
    journal: Mapped[str]


class _Message(_Base):
    __tablename__ = "outbox"
    number: Mapped[int] = mapped_column(primary_key=True)
    correlation_id: Mapped[str]
    plan_id: Mapped[str]
    incoming_battery_id: Mapped[str]
    outgoing_battery_id: Mapped[str]
    state: Mapped[str]
    created_at: Mapped[datetime]


class _Step(_Base):
    __tablename__ = "outbox_steps"
    correlation_id: Mapped[str] = mapped_column(ForeignKey("outbox.correlation_id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str]
    topic: Mapped[str]
    payload: Mapped[bytes]


class _Audit(_Base):
    __tablename__ = "audit"
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    what: Mapped[str]
    correlation_id: Mapped[str]


def _set_up(connection: DBAPIConnection, _entry: object) -> None:
    cursor = connection.cursor()
    for each in PRAGMAS:
        cursor.execute(each)
    cursor.close()


def engine_for(file: Path) -> Engine:
    """An engine on the file."""
    engine = create_engine(f"sqlite:///{file}")
    event.listen(engine, "connect", _set_up)
    return engine


def commit(engine: Engine, rows: SwapRows) -> None:
    """One swap, committed."""
    with Session(engine) as session:
        swap = session.scalars(select(_Swap).where(_Swap.correlation_id == rows.correlation_id)).one()
        swap.status, swap.saved_at, swap.journal = "completed", rows.at, rows.journal
        session.add(
            _Message(
                correlation_id=rows.correlation_id,
                plan_id=rows.plan_id,
                incoming_battery_id=rows.incoming_battery_id,
                outgoing_battery_id=rows.outgoing_battery_id,
                state="unsettled",
                created_at=rows.at,
            )
        )
        session.add(
            _Step(correlation_id=rows.correlation_id, position=0, action="COMPLETE_SERVICE", topic=rows.topic, payload=rows.payload)
        )
        session.add(_Audit(at=rows.at, what="completed", correlation_id=rows.correlation_id))
        session.commit()
