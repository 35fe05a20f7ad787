"""A real PostgreSQL for tests: a private cluster in a folder of its own, reached through a Unix socket there (`tests.bench.postgres`).

`postgres` is the cluster shared by the tests of a worker, started by the first test that asks; each test makes databases of its own.
`own_postgres` is one that a test may kill and start again. PostgreSQL is never skipped: where it is missing the test fails and says how to
install it.
"""

from collections.abc import Iterator

import pytest

from tests.bench.postgres import Cluster


class Postgres(Cluster):
    """Small, and with nothing that works by itself beside the tests."""

    def __init__(self, *, fsync: bool = False) -> None:
        super().__init__("shared_buffers=32MB", "autovacuum=off", fsync=fsync)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One running cluster for all tests of this worker: `postgres.database()` gives a fresh database's SQLAlchemy URL."""
    cluster = Postgres()
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A running cluster of this test's own, to `kill` and `start` again."""
    cluster = Postgres()
    cluster.start()
    yield cluster
    cluster.stop()
