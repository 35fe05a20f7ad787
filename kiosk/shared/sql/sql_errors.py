"""Separates faults of the environment from our own bugs (SQLite names them by result code, PostgreSQL by SQLSTATE).

The environment's (disk full, read-only, damaged, locked, gone) become StoreFailed with a phrase for people. Everything else (an
unknown column, a broken statement, a constraint) goes on as it is: a constraint means something only to who made the statement.
"""

import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError  # noqa: A004  the pool's own

from kiosk.domain.errors import StoreFailed
from kiosk.domain.language import mark, tr

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
_PASSING = frozenset({"40001", "40P01", "55P03"})  # a conflict of transactions, a deadlock, a lock that was not to be had in time
_STANDBY = "25006"  # the database has become a read-only one
_PRIMARY_CODE = 0xFF  # the upper bits of a result code are details


def environment_fault(error: Exception) -> StoreFailed | None:
    """The StoreFailed that this error means, or None when it is not the environment's fault."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _sqlite_fault(cause)
    if isinstance(error, OperationalError | InterfaceError) or _has_gone(error):
        return StoreFailed(tr("the database does not answer ({cause})", cause=_first_line(cause)))
    if isinstance(error, TimeoutError):
        return StoreFailed(tr("the database answers too slowly: every connection is in use"))
    return None


def _has_gone(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and (error.connection_invalidated or _sqlstate(error) == _STANDBY)


def _sqlstate(error: DBAPIError) -> str | None:
    found: str | None = getattr(error.orig, "sqlstate", None)
    return found


def passes(fault: Exception) -> bool:
    """Whether the same transaction may succeed when it is begun again at once: another one was in its way, or its connection broke."""
    cause = fault.__cause__
    return isinstance(cause, DBAPIError) and (cause.connection_invalidated or _sqlstate(cause) in _PASSING)


def _sqlite_fault(cause: sqlite3.Error) -> StoreFailed | None:
    code: int | None = getattr(cause, "sqlite_errorcode", None)  # absent where sqlite3 itself, not the library, complains
    reason = None if code is None else _REASONS.get(code & _PRIMARY_CODE)
    return None if reason is None else StoreFailed(f"{tr(reason)} ({cause})")


def _first_line(cause: BaseException | None) -> str:
    return next(iter(str(cause).splitlines()), tr("no reason given"))
