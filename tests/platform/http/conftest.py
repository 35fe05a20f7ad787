"""The platform's HTTP side on a fresh database, in memory and on a port."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from kiosk.platform.http.auth import ApiContext
from kiosk.platform.store.repository import PlatformStore
from tests.platform.agent_counter import Counter
from tests.platform.http.site import calling, context_on
from tests.postgres import Postgres


@pytest.fixture
def context(counter: Counter) -> ApiContext:
    """On SQLite, with the contract's plan."""
    return context_on(counter.store, clock=counter.clock)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, books: str) -> Iterator[PlatformStore]:
    """The platform's store on each database."""
    cluster: Postgres | None = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    store = PlatformStore(cluster.database() if cluster else books)
    yield store
    store.close()


@pytest.fixture
async def client(store: PlatformStore) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(context_on(store)) as client:
        yield client
