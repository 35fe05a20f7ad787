"""The platform's HTTP side on a fresh database, in memory and on a port."""

import pytest

from kiosk.platform.http.auth import ApiContext
from tests.platform.agent_counter import Counter
from tests.platform.http.site import context_on


@pytest.fixture
def context(counter: Counter) -> ApiContext:
    """On SQLite, with the contract's plan."""
    return context_on(counter.store, clock=counter.clock)
