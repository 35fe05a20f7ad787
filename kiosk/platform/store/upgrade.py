"""Brings the platform's schema up to date when its store is opened, all in one transaction.

An empty database gets every table at once. One that a former version made is migrated; Alembic, which takes long to import, is needed for
that alone. Workers that start together wait for the one that does it. A failed migration leaves the database as it was; a revision that
this program does not know is a newer version's: StoreFailed.
"""

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, insert, inspect, select, text

from kiosk.domain.errors import StoreFailed
from kiosk.domain.language import tr
from kiosk.platform.store.migrations import HEAD, VERSION_TABLE, revisions
from kiosk.platform.store.station_tables import stations
from kiosk.platform.store.tables import record_head
from kiosk.shared.record_chain import NOTHING
from kiosk.shared.sql.engine import Database

_FIRST = "0001"
_LOCK = 0x53574150  # any number, the same in every worker
_versions = Table(
    VERSION_TABLE, MetaData(), Column("version_num", String(32)), PrimaryKeyConstraint("version_num", name=f"{VERSION_TABLE}_pkc")
)


def upgrade(database: Database) -> None:
    """Make or migrate the schema. Raises StoreFailed."""
    with database.reading() as connection:
        if _revision(connection) == HEAD:
            return
    with database.writing() as connection:
        _take_turns(connection)
        current = _revision(connection)
        if current is None and not inspect(connection).has_table("platform_plans"):
            stations.metadata.create_all(connection)  # of all tables: those of `tables` too
            connection.execute(insert(record_head), {"only": 1, "number": 0, "hash": NOTHING})
            _versions.create(connection, checkfirst=True)
            connection.execute(insert(_versions), {"version_num": HEAD})
        elif current != HEAD:
            history = revisions()
            if current is None:  # the first version noted no revision
                history.stamp(connection, _FIRST)
            elif current not in history.known():
                raise StoreFailed(tr("the database was written by a newer version of this program (revision {current})", current=current))
            history.migrate(connection)


def _take_turns(connection: Connection) -> None:
    """Until no other worker changes the schema, however long that and our own changes take. On SQLite its BEGIN has done that."""
    if connection.dialect.name == "postgresql":
        for limit in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(text(f"SET LOCAL {limit} = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _revision(connection: Connection) -> str | None:
    """None where no revision is noted."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(select(_versions.c.version_num)).scalar_one_or_none()
