"""The engine of both ends: what happens to connections that are in use when it is closed."""

from pathlib import Path

import pytest
from sqlalchemy import text

from kiosk.shared.sql.engine import Database, make_engine


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(make_engine(tmp_path / "some.sqlite"))


def test_a_connection_in_use_while_the_database_is_closed_is_closed_afterwards(database: Database) -> None:
    with database.reading() as late:
        raw = late.connection.dbapi_connection
        database.close()
        assert late.execute(text("SELECT 1")).scalar() == 1  # who is at work ends it
    assert raw is not None
    with pytest.raises(Exception, match="closed database"):
        raw.cursor().execute("SELECT 1")


def test_a_connection_is_used_again_by_the_next_transaction(database: Database) -> None:
    used = []
    for _ in range(3):
        with database.reading() as connection:
            used.append(connection.connection.dbapi_connection)
    assert len(set(map(id, used))) == 1
    database.close()
