"""A counter on each database, and the ERP system that delivers confirmations to its platform."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from kiosk.platform.store.repository import PlatformStore
from tests.builders import NOON, plan_with
from tests.platform.agent_counter import Counter
from tests.platform.http.site import calling, context_on
from tests.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def counter(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Counter]:
    """A counter on each database; the plan lacks 15.6 kWh for the swap, which cost 12.48 USD."""
    cluster: Postgres | None = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    store = PlatformStore(cluster.database() if cluster else tmp_path / "platform.sqlite")
    store.put_plan(plan_with(used_kwh="390"), NOON)
    yield Counter(store=store)
    store.close()


@pytest.fixture
async def erp(counter: Counter) -> AsyncIterator[httpx.AsyncClient]:
    """Who delivers, without a token."""
    async with calling(context_on(counter.store, clock=counter.clock), bearer=False) as client:
        yield client
