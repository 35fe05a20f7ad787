"""The page for people in a real browser: Chromium without a screen, against the application on a port of its own."""

import asyncio
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from kiosk.platform.http.app import platform_app
from kiosk.platform.http.server import run_server
from tests.platform.agent_counter import Counter, open_counter
from tests.platform.http.site import TOKEN, context_on

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
WAIT_SECONDS = 30.0
WAIT_MS = WAIT_SECONDS * 1000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a file. No longer: while it is driven, its loop runs in this thread, and no asynchronous test can."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.fail("These tests need Chromium: install it (Debian, Ubuntu: apt install chromium), then run again.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=_QUIET)
        yield browser
        browser.close()


@dataclass(frozen=True)
class Site:
    """The platform's books, and where its page is."""

    counter: Counter
    url: str


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """On SQLite, with the contract's plan, served from a thread of its own."""
    with open_counter(tmp_path / "platform.db") as counter, _served(counter) as url:
        yield Site(counter=counter, url=url)


@contextmanager
def _served(counter: Counter) -> Iterator[str]:
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    urls: list[str] = []
    ready = threading.Event()

    async def serve() -> None:
        context = context_on(counter.store, clock=counter.clock)
        async with run_server(platform_app(context), context.limits) as url:
            urls.append(url)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert ready.wait(WAIT_SECONDS)
        yield urls[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(WAIT_SECONDS)
        loop.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, site: Site) -> Iterator[OpenPage]:
    """`open_page("/plans", width=1024, java_script_enabled=False)`: a page of a visitor who knows the password.

    Whatever the page asks for from elsewhere, and whatever its script complains about, fails the test.
    """
    opened = []
    faults: list[str] = []

    def opens(path: str, width: int = 1280, height: int = 800, **facts: Any) -> Page:
        known = {"http_credentials": {"username": "anybody", "password": TOKEN}}
        context = chromium.new_context(viewport={"width": width, "height": height}, **known | facts)
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("request", lambda each: None if each.url.startswith((site.url, "data:")) else faults.append(each.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(site.url + path)
        return page

    yield opens
    for each in opened:
        each.close()
    assert not faults
