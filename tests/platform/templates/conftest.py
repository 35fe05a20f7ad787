"""The template service on a fresh platform, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.templates.template_service import ServicePlanTemplateService, open_templates
from tests.platform.agent_counter import FixedClock
from tests.postgres import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'platform.db'}"
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.database()


@pytest.fixture
def store(database: str) -> Iterator[PlatformStore]:
    found = PlatformStore(database)
    yield found
    found.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def templates(store: PlatformStore, clock: FixedClock) -> ServicePlanTemplateService:
    return open_templates(store, clock)
