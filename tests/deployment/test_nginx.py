"""The reverse proxy as packaging/platform sets it up, with a real nginx before the real application."""

import asyncio
import contextlib
import shutil
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from kiosk.platform.http.addresses import Proxies
from kiosk.platform.http.app import platform_app
from kiosk.platform.http.auth import ApiContext
from kiosk.platform.http.payment_callback import PATH
from kiosk.platform.http.server import run_server
from tests.brokers import free_port
from tests.platform.agent_counter import Counter, open_counter
from tests.platform.http.confirming import deliver, delivery
from tests.platform.http.site import BEARER, context_on

SITE = Path(__file__).parents[2] / "packaging" / "platform" / "nginx.conf"
CERTIFICATES = Path(__file__).parents[1] / "station" / "adapters" / "mqtt" / "certificates"
NGINX = shutil.which("nginx", path=f"{Path('/usr/sbin')}:{Path('/usr/local/sbin')}") or shutil.which("nginx")
MAIN = """
worker_processes 1;
worker_rlimit_nofile 16384;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""
WAIT_SECONDS = 20.0
BOUND = {"address": "C8:47:8C:00:10:01", "bound_by": "SUP-1", "bound_at": "2025-01-15T10:30:00Z", "secret": "a-secret"}
ITS_SECRET = "/api/v1/batteries/BAT-1/secret"  # noqa: S105  no secret: an address
SLOW = f"POST {PATH} HTTP/1.1\r\nHost: platform\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{".encode()
Proxy = Callable[[str], int]


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    with open_counter(tmp_path / "platform.sqlite") as counter:
        yield counter


@pytest.fixture
def context(counter: Counter) -> ApiContext:
    return context_on(counter.store, clock=counter.clock, proxies=Proxies(["127.0.0.1"]))


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Proxy]:
    """Starts nginx before the application at this URL; gives its port."""
    started: list[subprocess.Popen[bytes]] = []

    def start(url: str) -> int:
        assert NGINX, "These tests need nginx: install it (Debian, Ubuntu: apt install nginx), then run again."
        port, folder = free_port(), tmp_path / "nginx"
        folder.mkdir()
        text = SITE.read_text()
        for there, here in (
            ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
            ("/etc/swap-kiosk/tls/platform.", f"{CERTIFICATES}/broker."),
            ("http://127.0.0.1:8080", url),
            ("rate=20r/s", "rate=1r/s"),  # so that a slow machine is too fast, too
        ):
            assert there in text
            text = text.replace(there, here)
        (folder / "site.conf").write_text(text)
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder))
        command = [NGINX, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
        tried = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=30, check=False)
        assert tried.returncode == 0, tried.stderr
        assert "[warn]" not in tried.stderr.replace('"user" directive', ""), tried.stderr
        started.append(subprocess.Popen(command))
        return port

    yield start
    for each in started:
        each.terminate()
        each.wait(WAIT_SECONDS)


@asynccontextmanager
async def proxied(context: ApiContext, nginx: Proxy, *sources: str) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Callers through the proxy, each from its address."""
    trust = ssl.create_default_context(cafile=CERTIFICATES / "ca.pem")
    async with run_server(platform_app(context), context.limits, proxies=context.proxies) as url, contextlib.AsyncExitStack() as stack:
        port = await asyncio.to_thread(nginx, url)
        clients = []
        for each in sources:
            transport = httpx.AsyncHTTPTransport(verify=trust, local_address=each)
            client = httpx.AsyncClient(transport=transport, base_url=f"https://127.0.0.1:{port}", timeout=10)
            clients.append(await stack.enter_async_context(client))
        await _until_it_answers(clients[0])
        yield clients


async def _until_it_answers(client: httpx.AsyncClient) -> None:
    began = time.monotonic()
    while time.monotonic() - began < WAIT_SECONDS:
        with contextlib.suppress(httpx.ConnectError):
            await client.get("/nowhere")
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nginx does not answer")


async def test_a_secret_comes_through_because_the_proxy_says_tls(context: ApiContext, nginx: Proxy) -> None:
    async with proxied(context, nginx, "127.0.0.2") as (client,):
        lie = {**BEARER, "X-Forwarded-Proto": "http", "X-Forwarded-For": "127.0.0.1"}
        assert (await client.put("/api/v1/batteries/BAT-1", json=BOUND, headers=lie)).status_code == 200
        assert (await client.get(ITS_SECRET, headers=BEARER)).json()["secret"] == BOUND["secret"]
        assert (await client.get(ITS_SECRET)).status_code == 401


async def test_health_and_figures_are_for_the_machine_itself(context: ApiContext, nginx: Proxy) -> None:
    async with proxied(context, nginx, "127.0.0.1", "127.0.0.2") as (here, elsewhere):
        for address in ("/healthz", "/metrics"):
            assert (await here.get(address)).status_code == 200
            assert (await elsewhere.get(address, headers={"X-Forwarded-For": "127.0.0.1"})).status_code == 403


async def test_who_asks_too_fast_is_told_so_and_others_are_served(context: ApiContext, nginx: Proxy) -> None:
    async with proxied(context, nginx, "127.0.0.2", "127.0.0.3") as (fast, other):
        statuses = [each.status_code for each in await asyncio.gather(*(fast.get("/nowhere") for _ in range(300)))]
        assert set(statuses) == {401, 429}
        assert (await other.get("/nowhere")).status_code == 401
        assert (await deliver(fast, delivery()))[0] == 200  # payments have a rate of their own


async def test_two_thousand_idle_and_slow_connections_turn_no_callback_away(context: ApiContext, nginx: Proxy) -> None:
    async with asyncio.timeout(120), proxied(context, nginx, "127.0.0.9") as (erp,), contextlib.AsyncExitStack() as stack:
        trust = ssl.create_default_context(cafile=CERTIFICATES / "ca.pem")

        writers: list[asyncio.StreamWriter] = []

        async def opened(number: int) -> None:
            encrypted = number % 8 == 0  # a handshake is dear for both ends, and both run here
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(
                    "127.0.0.1", erp.base_url.port, ssl=trust if encrypted else None, local_addr=("127.0.0.2", 0)
                )
                stack.callback(writer.transport.abort)
                writers.append(writer)
                writer.write((SLOW, SLOW[:40], b"")[number // 8 % 3] if encrypted else b"\x16\x03\x01"[: number % 3])

        for first in range(0, 2_000, 50):
            await asyncio.gather(*(opened(number) for number in range(first, first + 50)))
        assert len(writers) == 2_000
        statuses = [(await deliver(erp, delivery(receipt_id=f"PAY-{number}"), connection="close"))[0] for number in range(10)]
    assert statuses == [200] * 10
