"""A real PostgreSQL for tests: a private cluster in a folder of its own, reached through a Unix socket there (`tests.bench.postgres`).

`postgres` is the cluster shared by the tests of a worker, started by the first test that asks; each test has databases of its own.
`own_postgres` is one that a test may kill and start again. PostgreSQL is never skipped: where it is missing the test fails and says how to
install it.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.postgres import Cluster

_MEMORY, _ROOM_BYTES = Path("/dev/shm"), 1 << 30  # noqa: S108  a thousand small files a database: nowhere are they made and removed as fast


class Postgres(Cluster):
    """Small, and with nothing that works by itself beside the tests. In memory where there is room, unless its data are to be flushed."""

    def __init__(self, *, fsync: bool = False) -> None:
        has_room = not fsync and _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM_BYTES
        super().__init__("shared_buffers=32MB", "autovacuum=off", fsync=fsync, place=_MEMORY if has_room else None)


@pytest.fixture(scope="session")
def shared_postgres() -> Iterator[Postgres]:
    """One running cluster for all tests of this worker."""
    cluster = Postgres()
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def postgres(shared_postgres: Postgres) -> Iterator[Postgres]:
    """The running cluster: `postgres.database()` gives a fresh database's SQLAlchemy URL. What this test made goes with it, else a worker
    leaves hundreds of databases of a thousand files, whose removal at the end takes longer than a test may."""
    yield shared_postgres
    shared_postgres.drop_databases()


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A running cluster of this test's own, to `kill` and `start` again."""
    cluster = Postgres()
    cluster.start()
    yield cluster
    cluster.stop()
