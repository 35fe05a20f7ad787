"""A store in a real SQLite file, fresh for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.station.adapters.store.sql_store import SqlStore, open_store
from kiosk.station.ports import Store


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where the store's file is."""
    return tmp_path / "data" / "kiosk.db"


@pytest.fixture
def sql_store(database: Path) -> Iterator[SqlStore]:
    """The store as the adapter shows it."""
    store = open_store(database)
    yield store
    store.close()


@pytest.fixture
def store(sql_store: SqlStore) -> Store:
    """The store as the services know it."""
    return sql_store
