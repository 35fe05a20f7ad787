"""What callers cannot do to the HTTP side, over real sockets: long bodies, slow clients, many connections, what is no HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from kiosk.platform.http.access import ANYBODY
from kiosk.platform.http.answers import HttpLimits
from kiosk.platform.http.app import make_app, platform_app
from kiosk.platform.http.auth import ApiContext
from kiosk.platform.http.payment_callback import PATH
from kiosk.platform.http.server import run_server
from kiosk.platform.http.web import routes as web
from tests.platform.http.confirming import signature
from tests.platform.http.site import BEARER, TOKEN, calling_port

QUICK = HttpLimits(header_seconds=0.3, body_seconds=0.3, write_seconds=0.3, linger_seconds=0.2, idle_seconds=1, connections=4, requests=2)
WAIT_SECONDS = 20.0
HEAD = f"POST {PATH} HTTP/1.1\r\nHost: platform\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n"


@asynccontextmanager
async def socket_to(url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    place = urlsplit(url)
    async with asyncio.timeout(WAIT_SECONDS):
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()


async def head_of(reader: asyncio.StreamReader) -> tuple[int, dict[str, object]]:
    """Status and error of one answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = next(int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length"))
    return int(head.split(" ")[1]), json.loads(await reader.readexactly(length))["error"]


async def until_closed(reader: asyncio.StreamReader) -> bytes:
    """All that comes before the other side closes, in good order or not."""
    found = b""
    try:
        while part := await reader.read(65_536):
            found += part
    except ConnectionResetError:
        pass
    return found


@pytest.fixture
def quick(context: ApiContext) -> ApiContext:
    """Impatient."""
    return replace(context, limits=QUICK)


async def test_a_body_that_says_it_is_long_is_refused_before_it_is_sent(context: ApiContext) -> None:
    async with run_server(platform_app(context)) as url, socket_to(url) as (reader, writer):
        writer.write(f"{HEAD}Content-Length: 10000000\r\n\r\n".encode())
        status, error = await head_of(reader)
    assert (status, error["code"]) == (413, "CONTENT_TOO_LARGE")


async def test_ten_megabytes_are_refused_and_the_client_can_read_why(context: ApiContext) -> None:
    async with calling_port(context) as client:
        answer = await client.post(PATH, content=b"x" * 10_000_000, headers={"content-type": "application/json"})
        assert answer.status_code == 413
        assert (await client.get("/healthz")).status_code == 200


async def test_chunks_that_never_end_are_refused_when_they_are_too_many(quick: ApiContext) -> None:
    sent = 0
    async with run_server(platform_app(quick), QUICK) as url, socket_to(url) as (reader, writer):
        writer.write(f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode())
        while not writer.transport.is_closing() and sent < 50_000_000:
            writer.write(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")
            sent += 0x1000
            try:
                await writer.drain()
            except ConnectionError:
                break
            if sent == 0x1000 * 20:
                assert (await head_of(reader))[0] == 413
            await asyncio.sleep(0)
    assert sent < 50_000_000


async def test_a_signed_body_over_the_limit_is_refused_however_it_is_sent(context: ApiContext) -> None:
    body = b"{" + b" " * 70_000 + b"}"

    async def chunks() -> AsyncIterator[bytes]:
        for place in range(0, len(body), 7_000):
            yield body[place : place + 7_000]

    headers = {"content-type": "application/json", "x-signature": signature(body)}
    async with calling_port(context) as client:
        assert (await client.post(PATH, content=body, headers=headers)).status_code == 413
        answer = await client.post(PATH, content=chunks(), headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "CONTENT_TOO_LARGE")


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nHost: pla", b"GET /healthz HTTP/1.1\r\nHost: platform\r\nX-Slow: "])
async def test_headers_that_do_not_come_are_not_waited_for(quick: ApiContext, sent: bytes) -> None:
    async with run_server(platform_app(quick), QUICK) as url, socket_to(url) as (reader, writer):
        writer.write(sent)
        assert await until_closed(reader) == b""


async def test_headers_that_trickle_are_cut_off_on_a_used_connection_too(quick: ApiContext) -> None:
    async with run_server(platform_app(quick), QUICK) as url, socket_to(url) as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: platform\r\n\r\n")
        assert b"200 OK" in await reader.readuntil(b"}")
        writer.write(b"GET /healthz HTTP/1.1\r\n")
        ended = asyncio.create_task(until_closed(reader))
        while not ended.done():
            writer.write(b"X-Slow: 1\r\n")
            await asyncio.wait([ended], timeout=0.05)
        assert ended.result() == b""


async def test_a_body_that_trickles_is_refused_in_time(quick: ApiContext) -> None:
    async with run_server(platform_app(quick), QUICK) as url, socket_to(url) as (reader, writer):
        writer.write(f"{HEAD}Content-Length: 1000\r\n\r\n{{".encode())
        answered = asyncio.create_task(head_of(reader))
        while not answered.done():
            writer.write(b" ")
            await asyncio.wait([answered], timeout=0.05)
        status, error = answered.result()
        assert (status, error["code"]) == (408, "REQUEST_TIMEOUT")
        assert await until_closed(reader) == b""


async def test_a_client_that_does_not_read_its_answer_is_cut_off(quick: ApiContext) -> None:
    async def much(_request: Request) -> Response:
        return PlainTextResponse(b"x" * 50_000_000)

    app = make_app(quick, [Route("/much", much)], {"GET /much": ANYBODY})
    async with run_server(app, QUICK) as url, socket_to(url) as (reader, writer):
        writer.write(b"GET /much HTTP/1.1\r\nHost: platform\r\n\r\n")
        transport = writer.transport
        assert isinstance(transport, asyncio.ReadTransport)
        transport.pause_reading()
        async with httpx.AsyncClient(base_url=url, headers=BEARER) as client:
            while True:
                try:
                    if (await client.get("/nowhere")).status_code == 404 and await _alone(client):
                        break
                except httpx.HTTPError:
                    continue
        transport.resume_reading()
        assert len(await until_closed(reader)) < 50_000_000


async def _alone(client: httpx.AsyncClient) -> bool:
    """The other request has ended when two at once are answered again; the limit is two."""
    answers = await asyncio.gather(*(client.get("/nowhere") for _ in range(2)))
    return all(each.status_code == 404 for each in answers)


async def test_the_oldest_idle_connection_gives_way_to_the_newest(quick: ApiContext) -> None:
    async with run_server(platform_app(quick), replace(QUICK, header_seconds=5)) as url, asyncio.timeout(WAIT_SECONDS):
        sockets = [await asyncio.open_connection(*url.removeprefix("http://").split(":")) for _ in range(6)]
        ended = [asyncio.create_task(until_closed(reader)) for reader, _ in sockets]
        done, waiting = await asyncio.wait(ended, timeout=2)
        assert (done, waiting) == (set(ended[:2]), set(ended[2:]))
        for _, writer in sockets:
            writer.transport.abort()
        await asyncio.wait(ended)


async def test_too_many_requests_at_once_are_told_so(quick: ApiContext) -> None:
    held = asyncio.Event()

    async def hold(_request: Request) -> Response:
        await held.wait()
        return PlainTextResponse("done")

    app = make_app(quick, [Route("/hold", hold)], {"GET /hold": ANYBODY})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://platform") as client:
        first = [asyncio.create_task(client.get("/hold")) for _ in range(2)]
        await asyncio.sleep(0)
        third = await client.get("/hold")
        held.set()
        assert [each.status_code for each in await asyncio.gather(*first)] == [200, 200]
    assert (third.status_code, third.json()["error"]["code"], third.headers["retry-after"]) == (503, "SERVICE_UNAVAILABLE", "1")


async def test_a_stream_that_does_not_end_does_not_hold_up_the_end(quick: ApiContext, caplog: pytest.LogCaptureFixture) -> None:
    async def beat() -> AsyncIterator[str]:
        while True:
            yield "beat\n"
            await asyncio.sleep(0.01)

    async def stream(_request: Request) -> Response:
        return StreamingResponse(beat())

    app = make_app(quick, [Route("/stream", stream)], {"GET /stream": ANYBODY})
    async with asyncio.timeout(WAIT_SECONDS), AsyncExitStack() as stack:
        url = await stack.enter_async_context(run_server(app, replace(QUICK, stop_seconds=1)))
        reader, writer = await asyncio.open_connection(*url.removeprefix("http://").split(":"))
        writer.write(b"GET /stream HTTP/1.1\r\nHost: platform\r\n\r\n")
        await reader.readuntil(b"beat")
        await stack.aclose()
        writer.transport.abort()
    assert not [each for each in caplog.records if each.levelname == "ERROR"]


async def test_an_ipv6_address_is_served(context: ApiContext) -> None:
    async with run_server(platform_app(context), address="[::1]:0") as url, httpx.AsyncClient(base_url=url) as client:
        assert url.startswith("http://[::1]:")
        assert (await client.get("/healthz")).status_code == 200


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x02\x00\x01\x00", b"hello\r\n\r\n", b"GET /x HTTP/1.1\r\nA: " + b"x" * 100_000])
async def test_what_is_no_http_is_answered_in_the_form_of_all_errors(context: ApiContext, sent: bytes) -> None:
    async with run_server(platform_app(context)) as url, socket_to(url) as (reader, writer):
        writer.write(sent)
        status, error = await head_of(reader)
    assert (status, error["code"]) == (400, "BAD_REQUEST")


async def test_a_bug_is_logged_and_told_to_nobody(context: ApiContext, caplog: pytest.LogCaptureFixture) -> None:
    async def bug(_request: Request) -> Response:
        raise RuntimeError("the secret is 7")

    app = make_app(context, [Route("/bug", bug)], {"GET /bug": ANYBODY})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://platform") as client:
        answer = await client.get("/bug")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "INTERNAL_SERVER_ERROR")
    assert "secret" not in answer.text
    assert "the secret is 7" in caplog.text


async def test_methods_that_an_address_does_not_take(context: ApiContext) -> None:
    async with calling_port(context) as client:
        wrong = await client.get(PATH)
        assert (wrong.status_code, wrong.headers["allow"], wrong.json()["error"]["code"]) == (405, "POST", "METHOD_NOT_ALLOWED")
        options = await client.options("/healthz")
        assert (options.status_code, set(options.headers["allow"].split(", "))) == (204, {"GET", "HEAD"})
        assert (await client.head("/healthz")).content == b""
        assert (await client.request("BREW", "/healthz")).status_code == 405


async def test_open_pages_leave_room_for_kiosks(context: ApiContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "MAX_STREAMS", 1)
    async with calling_port(context) as client, client.stream("GET", "/events/stream") as first:
        assert await anext(first.aiter_bytes()) == web.KEEP_ALIVE
        assert (await client.get("/events/stream")).status_code == 503
        assert (await client.get("/events")).status_code == 200
