"""Databases as former versions wrote them: tests/fixtures/COMMIT says what is in them and how they were made."""

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

FIXTURES = Path(__file__).parent / "fixtures"


def restore(commit: str, name: str, path: Path) -> Path:
    """The database `name` of a former version as an SQLite file at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    statements = gzip.decompress((FIXTURES / commit / f"{name}.sql.gz").read_bytes()).decode()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(statements)
    return path


def counts(path: Path) -> dict[str, int]:
    """The tables of an SQLite file with their numbers of rows."""
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
        return {each: connection.execute(f"SELECT count(*) FROM {each}").fetchone()[0] for each in names}  # noqa: S608  our own table names
