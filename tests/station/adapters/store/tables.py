"""Looking into the file beside the store, with plain sqlite3."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def beside(database: Path) -> Iterator[sqlite3.Connection]:
    """Another program's connection, committed at the end."""
    with closing(sqlite3.connect(database)) as connection, connection:
        yield connection


def read(database: Path, sql: str) -> list[tuple[Any, ...]]:
    """All rows of a statement."""
    with beside(database) as connection:
        return connection.execute(sql).fetchall()


def column(database: Path, sql: str) -> list[Any]:
    """The first column of a statement."""
    return [row[0] for row in read(database, sql)]


def counts(database: Path) -> tuple[int, int, int]:
    """How many completed swaps, messages and audit entries of a completion there are."""
    return (
        column(database, "SELECT count(*) FROM swaps WHERE status = 'completed'")[0],
        column(database, "SELECT count(*) FROM outbox")[0],
        column(database, "SELECT count(*) FROM audit WHERE what = 'completed'")[0],
    )
