"""Many connections that say nothing or too little: whoever opens them displaces only itself. Real sockets, addresses of this machine."""

import asyncio
import contextlib
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from kiosk.platform.http.access import ANYBODY, Line, TokenRole
from kiosk.platform.http.addresses import Proxies
from kiosk.platform.http.app import make_app, platform_app
from kiosk.platform.http.auth import ApiContext
from kiosk.platform.http.payment_callback import PATH
from kiosk.platform.http.server import run_server
from tests.platform.http.confirming import deliver, delivery
from tests.platform.http.site import bearer_of, context_on
from tests.platform.http.test_limits import HEAD

NOTHING, HEADERS, BODY = b"", b"GET /healthz HTTP/1.1\r\nHost: platform\r\nX-Slow: ", f"{HEAD}Content-Length: 1000\r\n\r\n{{".encode()
STRANGER = f"POST {PATH} HTTP/1.1\r\nHost: platform\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{".encode()
UNREAD = b"GET /graphql/files/react-dom.production.min.js HTTP/1.1\r\nHost: platform\r\n\r\n"
MANY = 2_000
ERP = "127.0.0.9"
SECONDS = 60.0


@pytest.fixture(autouse=True)
def _files() -> Iterator[None]:
    """Both ends of every connection are in this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16_384), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Flood:
    """Connections from these addresses, in turn, each of which says one of these and then nothing more."""

    def __init__(self, url: str, addresses: list[str], words: list[bytes]) -> None:
        place = urlsplit(url)
        self._host, self._port = place.hostname or "", place.port
        self._addresses, self._words, self._count = addresses, words, 0
        self._writers: list[asyncio.StreamWriter] = []

    async def open(self) -> None:
        self._count += 1
        says, source = self._words[self._count % len(self._words)], self._addresses[self._count % len(self._addresses)]
        with contextlib.suppress(ConnectionError):
            reader, writer = await asyncio.open_connection(self._host, self._port, local_addr=(source, 0))
            assert isinstance(writer.transport, asyncio.ReadTransport)
            writer.transport.pause_reading()
            self._writers.append(writer)
            writer.write(says)
            del reader

    async def go_on(self) -> None:
        """For ever: as one is closed another is opened."""
        while True:
            await self.open()
            await asyncio.sleep(0.005)

    def end(self) -> None:
        for each in self._writers:
            each.transport.abort()


@asynccontextmanager
async def flooded(context: ApiContext, addresses: list[str], words: list[bytes], many: int = MANY) -> AsyncIterator[httpx.AsyncClient]:
    """A caller from another address, while so many connections are open and new ones come."""
    async with asyncio.timeout(SECONDS), run_server(platform_app(context), context.limits) as url:
        flood = Flood(url, addresses, words)
        for _ in range(many // 50):
            await asyncio.gather(*(flood.open() for _ in range(50)))
        going = asyncio.create_task(flood.go_on())
        transport = httpx.AsyncHTTPTransport(local_address=ERP)
        try:
            async with httpx.AsyncClient(transport=transport, base_url=url, timeout=10) as client:
                yield client
        finally:
            going.cancel()
            flood.end()


async def confirmed(client: httpx.AsyncClient) -> list[int]:
    """The answers to ten payments, each on a connection of its own."""
    answers = []
    for number in range(10):
        status, _ = await deliver(client, delivery(receipt_id=f"PAY-{number}"), connection="close")
        answers.append(status)
    return answers


@pytest.mark.parametrize(
    "words",
    [[NOTHING], [HEADERS], [STRANGER], [BODY], [NOTHING, HEADERS, STRANGER, BODY]],
    ids=["idle", "headers", "bodies", "bodies-with-a-token", "all"],
)
async def test_two_thousand_idle_and_slow_connections_turn_no_callback_away(context: ApiContext, words: list[bytes]) -> None:
    async with flooded(context, ["127.0.0.2"], words) as client:
        assert await confirmed(client) == [200] * 10


async def test_nor_do_they_from_twenty_addresses(context: ApiContext) -> None:
    async with flooded(context, [f"127.0.1.{number}" for number in range(1, 21)], [NOTHING, HEADERS, STRANGER]) as client:
        assert await confirmed(client) == [200] * 10


async def test_strangers_who_do_not_read_leave_room(context: ApiContext) -> None:
    async with flooded(context, [f"127.0.2.{number}" for number in range(1, 21)], [UNREAD], 600) as client:
        assert await confirmed(client) == [200] * 10


async def test_one_address_with_too_many_requests_is_told_so_and_others_are_served(context: ApiContext) -> None:
    """Behind a proxy that is believed, each of those whom it names has limits of its own."""
    held = asyncio.Event()

    async def hold(_request: Request) -> Response:
        await held.wait()
        return PlainTextResponse("done")

    limits = type(context.limits)(requests=20, requests_each=3, strangers=20)
    proxied = context_on(context.store, limits=limits, proxies=Proxies(["127.0.0.1"]))
    app = make_app(proxied, [Route("/hold", hold)], {"GET /hold": ANYBODY})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://platform") as client:

        async def ask(origin: str) -> int:
            return (await client.get("/hold", headers={"x-forwarded-for": origin})).status_code

        first = [asyncio.create_task(ask(f"10.9.9.9, 10.0.0.{number % 2}")) for number in range(8)]
        for _ in range(20):
            await asyncio.sleep(0)
        refused = [each for each in first if each.done()]
        other = asyncio.create_task(ask("10.0.0.7"))
        held.set()
        assert [each.result() for each in refused] == [429, 429]
        assert await other == 200
        assert sorted(await asyncio.gather(*first)) == [200] * 6 + [429] * 2


@pytest.mark.parametrize(("role", "statuses"), [(TokenRole.KIOSK, [200] * 3 + [429] * 2), (TokenRole.ADMIN, [200] * 5)])
async def test_one_token_with_too_many_requests_is_told_so_wherever_they_come_from(
    context: ApiContext, role: TokenRole, statuses: list[int]
) -> None:
    held = asyncio.Event()

    async def hold(_request: Request) -> Response:
        await held.wait()
        return PlainTextResponse("done")

    limited = context_on(context.store, limits=type(context.limits)(requests=20, requests_each=3), proxies=Proxies(["127.0.0.1"]))
    app = make_app(limited, [Route("/hold", hold)], {"GET /hold": Line(roles=frozenset(TokenRole))})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://platform") as client:

        async def ask(origin: str, asking: TokenRole) -> int:
            return (await client.get("/hold", headers={"x-forwarded-for": origin, **bearer_of(asking)})).status_code

        tasks = [asyncio.create_task(ask(f"10.0.0.{number}", role)) for number in range(5)]
        for _ in range(20):
            await asyncio.sleep(0)
        other = asyncio.create_task(ask("10.0.0.99", TokenRole.DESK))
        await asyncio.sleep(0)
        held.set()
        assert sorted(await asyncio.gather(*tasks)) == statuses
        assert await other == 200
