"""A platform on a fresh database: tests of agent, payments, run and store run on SQLite and on PostgreSQL, the others on SQLite."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platform.agent_counter import Counter, Where, open_counter
from tests.postgres import Postgres

_HERE = Path(__file__).parent
_ON_BOTH = {_HERE / each for each in ("agent", "payments", "run", "store")}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test of those folders that has books, once with each kind."""
    if "books" in metafunc.fixturenames and metafunc.definition.path.parent in _ON_BOTH:
        metafunc.parametrize("books", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Where:
    """Where the platform's database is or will be: the path of an SQLite file, or the URL of an empty database."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return tmp_path / "platform.db"
    cluster: Postgres = request.getfixturevalue("postgres")
    return cluster.database()


@pytest.fixture
def counter(books: Where) -> Iterator[Counter]:
    with open_counter(books) as found:
        yield found
