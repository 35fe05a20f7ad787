"""A platform on a fresh SQLite file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platform.counter import Counter, open_counter


@pytest.fixture
def books(tmp_path: Path) -> Path:
    return tmp_path / "platform.db"


@pytest.fixture
def counter(books: Path) -> Iterator[Counter]:
    with open_counter(books) as found:
        yield found
