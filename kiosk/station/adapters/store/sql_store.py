"""Opening the store: the schema is brought up to date, then the parts are handed out as one.

Raises StoreFailed, with a phrase for people, when the file is no database, is damaged or cannot be written, when the disk does not take
the settings that keep a swap safe, when the database is a newer version's, and when its tables are another program's.
"""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from kiosk.domain.errors import StoreFailed
from kiosk.domain.language import tr
from kiosk.shared.sql.engine import Database, make_engine
from kiosk.shared.sql.record_table import KEY_OPTION, KeySource
from kiosk.station.adapters.store import tables as rows
from kiosk.station.adapters.store.binding_table import BindingTable
from kiosk.station.adapters.store.customer_records import CustomerBook
from kiosk.station.adapters.store.journal import Journal
from kiosk.station.adapters.store.migrations import HEAD, VERSION_TABLE, revisions
from kiosk.station.adapters.store.money_book import MoneyBook
from kiosk.station.adapters.store.outbox_queue import OutboxQueue
from kiosk.station.adapters.store.people_table import PeopleTable
from kiosk.station.adapters.store.plan_cache import PlanCache
from kiosk.station.adapters.store.reading_queue import ReadingQueue
from kiosk.station.adapters.store.record_book import RecordBook


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


class SqlStore(Journal, MoneyBook, OutboxQueue, PlanCache, ReadingQueue, BindingTable, PeopleTable, RecordBook, CustomerBook):
    """The `Store`, `BindingStore`, `PeopleStore`, `RecordStore` and `CustomerStore` of the ports on SQLAlchemy.

    Synchronous; one transaction a call, none held between calls; for one thread, but for `check_record`. Each part says of a method only
    what the port does not.
    """


def open_store(where: str | Path, key: KeySource | None = None) -> SqlStore:
    """The store in an SQLite file (a path; its folder is made) or at an SQLAlchemy URL; `key` gives the key that seals the record.

    Raises StoreFailed, BadInput for the URL.
    """
    engine = make_engine(where)
    store = SqlStore(engine.execution_options(**{KEY_OPTION: key}) if key else engine)
    try:
        upgrade(store)
    except BaseException:
        store.close()
        raise
    return store
