"""Tells the faults of the environment from our own bugs (SQLite names them by result code).

The environment's (disk full, read-only, damaged, locked, gone) become StoreFailed with a phrase for people. Everything else (an
unknown column, a broken statement, a constraint) goes on as it is: a constraint means something only to who made the statement.
"""

import sqlite3

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from kiosk.domain.errors import StoreFailed

_REASONS = {
    sqlite3.SQLITE_PERM: "the data folder does not allow access",
    sqlite3.SQLITE_BUSY: "another program holds the database",
    sqlite3.SQLITE_LOCKED: "another program holds the database",
    sqlite3.SQLITE_NOMEM: "there is not enough memory",
    sqlite3.SQLITE_READONLY: "the database is read-only",
    sqlite3.SQLITE_IOERR: "the disk does not read or write",
    sqlite3.SQLITE_CORRUPT: "the database is damaged",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened",
    sqlite3.SQLITE_PROTOCOL: "another program holds the database",
    sqlite3.SQLITE_NOLFS: "the disk does not hold files that large",
    sqlite3.SQLITE_AUTH: "the data folder does not allow access",
    sqlite3.SQLITE_NOTADB: "the file is not a database, or is damaged",
}
_PRIMARY_CODE = 0xFF  # the upper bits of a result code are details


def environment_fault(error: Exception) -> StoreFailed | None:
    """The StoreFailed that this error means, or None when it is not the environment's fault."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _sqlite_fault(cause)
    if isinstance(error, OperationalError | InterfaceError) and not isinstance(error, IntegrityError):
        return StoreFailed(f"the database does not answer ({_first_line(cause)})")
    return None


def _sqlite_fault(cause: sqlite3.Error) -> StoreFailed | None:
    code: int | None = getattr(cause, "sqlite_errorcode", None)  # absent where sqlite3 itself, not the library, complains
    reason = None if code is None else _REASONS.get(code & _PRIMARY_CODE)
    return None if reason is None else StoreFailed(f"{reason} ({cause})")


def _first_line(cause: BaseException | None) -> str:
    return next(iter(str(cause).splitlines()), "no reason given")
