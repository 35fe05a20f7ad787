"""Brings the schema up to date when the store is opened, all in one transaction.

The database's revision is read by plain SQL; Alembic, which takes long to import, is called only when that is not the newest one.
A failed migration leaves the database as it was. A revision that this program does not know is a newer version's: StoreFailed.
"""

from sqlalchemy import Connection, inspect, text

from kiosk.domain.errors import StoreFailed
from kiosk.domain.language import tr
from kiosk.shared.sql.engine import Database
from kiosk.station.adapters.store import tables as rows
from kiosk.station.adapters.store.migrations import HEAD, VERSION_TABLE, revisions


def upgrade(database: Database) -> None:
    """Make or migrate the schema. Raises StoreFailed."""
    with database.reading() as connection:
        current = revision(connection)
    if current == HEAD:
        return
    history = revisions()
    if current is not None and current not in history.known():
        raise StoreFailed(tr("the database was written by a newer version of this program (revision {current})", current=current))
    with database.writing() as connection:
        if revision(connection) != HEAD:  # unless another process did it just now
            history.migrate(connection)


def revision(connection: Connection) -> str | None:
    """The revision of the schema, None for an empty database. Raises StoreFailed when the tables are not ours."""
    tables = set(inspect(connection).get_table_names())
    if VERSION_TABLE in tables:
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        if found is not None:
            return found
    if tables & set(rows.metadata.tables):
        raise StoreFailed(tr("the database has tables of another program, or is damaged"))
    return None
