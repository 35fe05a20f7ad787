"""The platform's HTTP side, really served, and kiosks that know where it is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from kiosk.platform.http.app import platform_app
from kiosk.platform.http.server import run_server
from kiosk.platform.store.repository import PlatformStore
from kiosk.settings import PlatformSettings, Settings
from kiosk.shared.pins import Seal
from kiosk.shared.system import SystemClock
from tests.platform.http.site import context_on


@asynccontextmanager
async def http_on(books: Path, address: str = "127.0.0.1:0", seal: Seal | None = None) -> AsyncIterator[str]:
    """The platform's HTTP side on its books; gives its URL."""
    store = PlatformStore(books)
    async with run_server(platform_app(context_on(store, clock=SystemClock(), seal=seal)), address=address) as url:
        yield url
    store.close()


def with_http(settings: Settings, url: str, token: Path) -> Settings:
    """The same kiosk with the platform's address and token."""
    return settings.model_copy(update={"platform": PlatformSettings(url=url, token_file=token, timeout_seconds=5)})
