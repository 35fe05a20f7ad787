"""A platform on a fresh SQLite file that knows the contract's plan."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from gql.client import AsyncClientSession

from kiosk.platform.http.auth import ApiContext
from kiosk.platform.store.repository import PlatformStore
from tests.platform.agent_counter import Counter
from tests.platform.http.graphql.asking import client_of
from tests.platform.http.site import calling, context_on
from tests.postgres import Postgres


@pytest.fixture
def context(counter: Counter) -> ApiContext:
    return context_on(counter.store, clock=counter.clock)


@pytest.fixture
async def session(context: ApiContext) -> AsyncIterator[AsyncClientSession]:
    """gql on a real port."""
    async with client_of(context) as found:
        yield found


@pytest.fixture
async def caller(context: ApiContext) -> AsyncIterator[httpx.AsyncClient]:
    """Bare HTTP, without a socket."""
    async with calling(context) as found:
        yield found


@pytest.fixture
def postgres_context(postgres: Postgres) -> Iterator[ApiContext]:
    """The same on PostgreSQL."""
    store = PlatformStore(postgres.database())
    yield context_on(store)
    store.close()
