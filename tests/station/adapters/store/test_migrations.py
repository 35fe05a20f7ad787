"""The two classic tests of migrations, and what goes wrong with them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from kiosk.domain.errors import StoreFailed
from kiosk.shared.sql.engine import Database, make_engine
from kiosk.shared.sql.migration import Revisions
from kiosk.station.adapters.store import sql_store, tables
from kiosk.station.adapters.store.migrations import HEAD, revisions
from kiosk.station.adapters.store.sql_store import open_store
from tests.station.adapters.store.tables import read

SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"


@pytest.fixture
def empty(database: Path) -> Iterator[Database]:
    """A database without a schema."""
    empty = Database(make_engine(database))
    yield empty
    empty.close()


def test_the_head_that_the_store_knows_is_the_newest_revision() -> None:
    assert revisions().known()[0] == HEAD


def test_the_newest_schema_equals_the_rows(empty: Database) -> None:
    sql_store.upgrade(empty)
    with empty.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []


def test_the_rows_alone_would_make_the_same_tables(empty: Database, tmp_path: Path) -> None:
    """Constraints and their names too, which Alembic does not compare."""
    sql_store.upgrade(empty)
    direct = make_engine(tmp_path / "direct.db")
    tables.metadata.create_all(direct)
    direct.dispose()
    migrated = {name: words(sql) for _, name, _, sql in read(tmp_path / "data" / "kiosk.db", SCHEMA) if name != "alembic_version"}
    assert migrated == {name: words(sql) for _, name, _, sql in read(tmp_path / "direct.db", SCHEMA)}


def words(sql: str) -> list[str]:
    """A statement's clauses, whatever their layout and order: a column that was added later stands in the line of the one before."""
    return sorted(filter(None, (line.strip().rstrip(",") for line in sql.replace(", ", ",\n").splitlines())))


def test_down_and_up_again_is_the_same_schema(empty: Database, database: Path) -> None:
    sql_store.upgrade(empty)
    made = read(database, SCHEMA)
    with empty.writing() as connection:
        command.downgrade(revisions().configuration(connection), "base")
    assert [name for _, name, _, _ in read(database, SCHEMA)] == ["alembic_version"]
    sql_store.upgrade(empty)
    assert read(database, SCHEMA) == made


def test_opening_twice_migrates_once(database: Path) -> None:
    open_store(database).close()
    made = read(database, "SELECT * FROM alembic_version"), read(database, SCHEMA)
    open_store(database).close()
    assert (read(database, "SELECT * FROM alembic_version"), read(database, SCHEMA)) == made
    assert made[0] == [(HEAD,)]


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty: Database, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half_way(history: Revisions, connection: Connection) -> None:
        command.upgrade(history.configuration(connection), "head")
        raise RuntimeError("a bug in the migration")

    monkeypatch.setattr(Revisions, "migrate", half_way)
    with pytest.raises(RuntimeError, match="a bug"):
        sql_store.upgrade(empty)
    assert read(database, SCHEMA) == []


def test_a_full_disk_in_a_migration_is_told_and_leaves_the_database_as_it_was(empty: Database, database: Path) -> None:
    with empty.reading() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 4")
    with pytest.raises(StoreFailed, match="disk is full"):
        sql_store.upgrade(empty)
    assert read(database, SCHEMA) == []
    sql_store.upgrade(empty)
    assert len(read(database, SCHEMA)) > len(tables.metadata.tables)
