"""The engine, and the two kinds of transaction that every part of the store uses.

SQLite: write-ahead log, every commit flushed to the disk (FULL), foreign keys checked, a bounded wait for another writer; each is read
back on every new connection, and a database that does not take them is refused with StoreFailed. The driver's implicit transactions
are off: SQLAlchemy's own BEGIN opens them, IMMEDIATE where something is written, so that a writer never fails half way for a lock.

PostgreSQL: every wait has an end that the database itself keeps: for a connection, a lock, a statement, an idle transaction's end. So a
worker that hangs does not block others for longer, and one on a dead connection comes back.

Any fault of the environment inside a transaction rolls it back, drops the connections that may be broken and raises StoreFailed; the next
transaction opens a new connection. So a disk or a server that comes back is used again without a restart. SQLite names such faults by
result code, PostgreSQL by SQLSTATE. Everything else (an unknown column, a broken statement, a constraint) goes on as it is: a constraint
means something only to who made the statement.
"""

import sqlite3
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Executable, Row, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, TimeoutError  # noqa: A004  the pool's own
from sqlalchemy.pool import ConnectionPoolEntry

from kiosk.domain.errors import BadInput, StoreFailed
from kiosk.domain.file_faults import fault_phrase, fault_repair
from kiosk.domain.language import mark, tr
from kiosk.shared.durable_files import write_fault
from kiosk.shared.private_folder import close_database

BUSY_TIMEOUT_SECONDS = 5  # a write of another process takes milliseconds; more than this is a fault
POOL_TIMEOUT_SECONDS = 5
_WRITES = "kiosk_writes"
_POSTGRES = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15_000}
_LIMITS = {"lock_timeout": "3s", "statement_timeout": "10s", "idle_in_transaction_session_timeout": "20s"}
_PRAGMAS = (
    ("busy_timeout", str(BUSY_TIMEOUT_SECONDS * 1000), str(BUSY_TIMEOUT_SECONDS * 1000)),
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", "2"),
    ("foreign_keys", "ON", "1"),
)
_REASONS = {
    sqlite3.SQLITE_PERM: mark("the data folder does not allow access"),
    sqlite3.SQLITE_BUSY: mark("another program holds the database"),
    sqlite3.SQLITE_LOCKED: mark("another program holds the database"),
    sqlite3.SQLITE_NOMEM: mark("there is not enough memory"),
    sqlite3.SQLITE_READONLY: mark("the database is read-only"),
    sqlite3.SQLITE_IOERR: mark("the disk does not read or write"),
    sqlite3.SQLITE_CORRUPT: mark("the database is damaged"),
    sqlite3.SQLITE_FULL: mark("the disk is full"),
    sqlite3.SQLITE_CANTOPEN: mark("the database cannot be opened"),
    sqlite3.SQLITE_PROTOCOL: mark("another program holds the database"),
    sqlite3.SQLITE_NOLFS: mark("the disk does not hold files that large"),
    sqlite3.SQLITE_AUTH: mark("the data folder does not allow access"),
    sqlite3.SQLITE_NOTADB: mark("the file is not a database, or is damaged"),
}
_WRITING = frozenset(  # what a folder that cannot be written shows itself by
    {sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH}
)
_PASSING = frozenset({"40001", "40P01", "55P03"})  # a conflict of transactions, a deadlock, a lock that was not to be had in time
_STANDBY = "25006"  # the database has become a read-only one
_PRIMARY_CODE = 0xFF  # the upper bits of a result code are details


def environment_fault(error: Exception, folder: Path | None = None) -> StoreFailed | None:
    """The StoreFailed that this error means, or None when it is not the environment's fault. `folder` is the database's, where it has one:
    SQLite says that it cannot write, and the folder why."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        code: int | None = getattr(cause, "sqlite_errorcode", None)  # absent where sqlite3 itself, not the library, complains
        reason = None if code is None else _REASONS.get(code & _PRIMARY_CODE)
        fault = write_fault(folder) if code is not None and code & _PRIMARY_CODE in _WRITING and folder is not None else None
        if fault is not None:
            return StoreFailed(fault_phrase(fault), fault_repair(fault))
        return None if reason is None else StoreFailed(f"{tr(reason)} ({cause})")
    has_gone = isinstance(error, DBAPIError) and (error.connection_invalidated or _sqlstate(error) == _STANDBY)
    if has_gone or isinstance(error, OperationalError | InterfaceError):
        return StoreFailed(tr("the database does not answer ({cause})", cause=next(iter(str(cause).splitlines()), tr("no reason given"))))
    return StoreFailed(tr("the database answers too slowly: every connection is in use")) if isinstance(error, TimeoutError) else None


def passes(fault: Exception) -> bool:
    """Whether the same transaction may succeed when it is begun again at once: another one was in its way, or its connection broke."""
    cause = fault.__cause__
    return isinstance(cause, DBAPIError) and (cause.connection_invalidated or _sqlstate(cause) in _PASSING)


def _sqlstate(error: DBAPIError) -> object:
    return getattr(error.orig, "sqlstate", None)


def make_engine(where: str | Path) -> Engine:
    """An engine for a path of an SQLite file, or for an SQLAlchemy URL (recognised by its `://`). Nothing is opened yet.

    Raises BadInput for a URL that cannot be used, StoreFailed when the folder of an SQLite file cannot be made.
    """
    try:
        url = make_url(where) if isinstance(where, str) and "://" in where else URL.create("sqlite", database=str(where))
        if url.get_backend_name() != "sqlite":
            return _served_engine(url)
        engine = create_engine(url, hide_parameters=True, connect_args={"isolation_level": None, "check_same_thread": False})
    except (ArgumentError, ModuleNotFoundError) as unfit:  # no URL, no such kind of database, or its driver is not installed
        raise BadInput("database.url", str(unfit).splitlines()[0]) from unfit
    if url.database and url.database != ":memory:" and not url.database.startswith("file:"):
        try:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            close_database(Path(url.database))
        except OSError as fault:
            why = tr("the data folder cannot be made ({strerror})", strerror=fault_phrase(fault))
            raise StoreFailed(why, fault_repair(fault)) from fault
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return _closing_late(engine)


def _served_engine(url: URL) -> Engine:
    """A database that is a server. Connections that broke while they were not in use are replaced."""
    if url.get_driver_name() != "psycopg":
        return _closing_late(create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_timeout=POOL_TIMEOUT_SECONDS))
    limits = {name: url.query.get(name, limit) for name, limit in _POSTGRES.items()}
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_timeout=POOL_TIMEOUT_SECONDS, connect_args=limits)
    event.listen(engine, "connect", _set_up_postgres)
    return _closing_late(engine)


def _closing_late(engine: Engine) -> Engine:
    """A connection in use while the engine is disposed of goes back to a pool that is gone, which would leave it open: closed then."""

    def belongs(_connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        entry.info["pool"] = engine.pool

    def close(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        if entry.info.get("pool") is not engine.pool:
            entry.close()

    event.listen(engine, "connect", belongs)
    event.listen(engine, "checkin", close)
    return engine


def _set_up_postgres(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for name, limit in _LIMITS.items():
        cursor.execute(f"SET {name} = '{limit}'")
    cursor.close()
    connection.commit()


def _set_up_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    try:
        for name, value, expected in _PRAGMAS:
            _set(connection, name, value, expected)
    except BaseException:
        connection.close()  # the pool has not taken it yet and would leave it open
        raise


def _set(connection: DBAPIConnection, name: str, value: str, expected: str) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA {name} = {value}")
    cursor.execute(f"PRAGMA {name}")
    row = cursor.fetchone()
    cursor.close()
    if row is None or str(row[0]) != expected:
        raise StoreFailed(tr("the database does not take {name} = {value}; is it on a local disk?", name=name, value=value))


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get(_WRITES) else "BEGIN")


class Database:
    """An engine with its two transactions. The base of every part of the store; has no state besides."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{_WRITES: True})
        file = engine.url.database if engine.dialect.name == "sqlite" else None
        self._folder = Path(file).parent if file and file != ":memory:" and not file.startswith("file:") else None

    def reading(self) -> AbstractContextManager[Connection]:
        """One consistent look. Raises StoreFailed."""
        return self._transaction(self._engine.connect)

    def writing(self) -> AbstractContextManager[Connection]:
        """All or nothing: committed and flushed to the disk at the end, rolled back on any error. Raises StoreFailed."""
        return self._transaction(self._writer.begin)

    @contextmanager
    def _transaction(self, begin: Callable[[], AbstractContextManager[Connection]]) -> Generator[Connection]:
        try:
            with begin() as connection:
                yield connection
        except (DBAPIError, TimeoutError, sqlite3.Error) as error:
            fault = environment_fault(error, self._folder)
            if fault is None:
                raise
            if self._engine.dialect.name == "sqlite":  # a server's broken connections are replaced by the pool
                self._engine.dispose()
            raise fault from error

    def rows(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Row[*tuple[Any, ...]]]:
        """All rows that one statement finds. Raises StoreFailed."""
        with self.reading() as connection:
            return connection.execute(statement, values).all()

    def scrub(self) -> None:
        """What was deleted stays readable nowhere in an SQLite file; a server cleans up by itself. Raises StoreFailed where another program
        holds the database.
        """
        if self._engine.dialect.name != "sqlite":
            return
        with self._transaction(self._engine.connect) as connection:
            cursor = (
                connection.connection.cursor()
            )  # below SQLAlchemy: a transaction is begun with the first statement, and VACUUM has none
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.close()

    def close(self) -> None:
        """Close every connection. Nothing is lost by not calling it."""
        self._engine.dispose()
