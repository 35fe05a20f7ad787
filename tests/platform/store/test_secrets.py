"""The platform's own secrets: made once, the same for all, and no two databases' alike."""

from concurrent.futures import ThreadPoolExecutor

from kiosk.platform.store.repository import REQUEST_GROUP, PlatformStore
from tests.platform.agent_counter import Counter, Where
from tests.postgres import Postgres


def test_a_secret_stays_the_same_and_no_other_is_like_it(books: Where) -> None:
    found = set()
    for _start in range(2):
        store = PlatformStore(books)
        found.add((store.secret(REQUEST_GROUP), store.secret("another")))
        store.close()
    ((group, another),) = found
    assert group != another
    assert len(group) == len(another) == 32


def test_workers_that_start_together_have_the_same_secret(postgres: Postgres) -> None:
    url = postgres.database()
    PlatformStore(url).close()

    def start(_number: int) -> str:
        store = PlatformStore(url)
        try:
            return store.secret(REQUEST_GROUP)
        finally:
            store.close()

    with ThreadPoolExecutor(8) as workers:
        assert len(set(workers.map(start, range(16)))) == 1


def test_another_platforms_secret_is_another(counter: Counter, postgres: Postgres) -> None:
    other = PlatformStore(postgres.database())
    try:
        assert other.secret(REQUEST_GROUP) != counter.store.secret(REQUEST_GROUP)
    finally:
        other.close()
