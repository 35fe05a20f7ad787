"""`platform serve --http`: one process answers kiosks over MQTT and everybody else over HTTP."""

import asyncio
import contextlib
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from kiosk.domain.errors import BadInput
from kiosk.platform.api.server import bind_http
from kiosk.platform.serve import serve
from tests.brokers import Mosquitto, free_port, run
from tests.platform.api.site import BEARER, http_options

WAIT_SECONDS = 40.0


@asynccontextmanager
async def platform_process(folder: Path, *arguments: str) -> AsyncIterator[tuple[str, str]]:
    """`platform serve --http` on a port of its own; gives its URL and what it has said until then."""
    command = (sys.executable, "-m", "kiosk", "platform", "serve", "--database", f"sqlite:///{folder / 'p.sqlite'}", "--http")
    process = await asyncio.create_subprocess_exec(
        *command, "127.0.0.1:0", *arguments, stderr=asyncio.subprocess.PIPE, env={**os.environ, "SWAP_KIOSK_DATA": str(folder)},
    )  # fmt: skip
    assert process.stderr is not None
    said = ""
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while (found := re.search(r"served on (http://\S+)", said)) is None:
                line = await process.stderr.readline()
                assert line, said
                said += line.decode()
            yield found[1], said
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        async with asyncio.timeout(WAIT_SECONDS):
            said += (await process.stderr.read()).decode()
            assert await process.wait() == 0, said
        assert "Traceback" not in said


def test_the_command_serves_http_beside_mqtt_and_ends_cleanly(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async def look() -> tuple[str, int, int]:
        async with platform_process(tmp_path, "--broker", mosquitto.url) as (url, said), httpx.AsyncClient(base_url=url) as client:
            token = (tmp_path / "platform" / "http-tokens").read_text().strip()
            async with asyncio.timeout(WAIT_SECONDS):
                while (await client.get("/healthz")).status_code != 200:
                    pass  # until the broker has answered
            with_token = await client.get("/nowhere", headers={"Authorization": f"Bearer {token}"})
            return said, (await client.get("/nowhere")).status_code, with_token.status_code

    said, without, with_token = run(look(), 2 * WAIT_SECONDS)
    assert (without, with_token) == (401, 404)
    assert said.count("A new secret was made") == 2


def test_health_tells_that_the_broker_is_away(tmp_path: Path) -> None:
    async def look() -> httpx.Response:
        broker = f"mqtt://127.0.0.1:{free_port()}"
        async with platform_process(tmp_path, "--broker", broker) as (url, _said), httpx.AsyncClient(base_url=url) as client:
            return await client.get("/healthz")

    answer = run(look(), 2 * WAIT_SECONDS)
    assert (answer.status_code, answer.json()["ok"], answer.json()["database"]) == (503, False, "ok")
    assert answer.json()["link"] not in ("", "ok")


@pytest.mark.parametrize("address", ["", "8080", "127.0.0.1:", ":8080", "127.0.0.1:99999", "no.such.host.invalid:80", "127.0.0.1:http"])
def test_an_address_that_cannot_be_one_is_refused(address: str) -> None:
    with pytest.raises(BadInput, match="--http"):
        bind_http(address)


def test_a_taken_address_is_refused_before_anything_is_answered(mosquitto: Mosquitto, books: Path) -> None:
    with bind_http("127.0.0.1:0") as taken:
        http = http_options(f"127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(BadInput, match="cannot be used"):
            run(serve(mosquitto.url, f"sqlite:///{books}", http=http, stop=asyncio.Event()))


def test_the_site_ends_with_the_platform(mosquitto: Mosquitto, books: Path) -> None:
    port = free_port()

    async def live() -> int:
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=BEARER) as client:
            group.create_task(serve(mosquitto.url, f"sqlite:///{books}", http=http_options(f"127.0.0.1:{port}"), stop=stop))
            status = 0
            while status != 200:
                with contextlib.suppress(httpx.ConnectError):
                    status = (await client.get("/healthz")).status_code
                await asyncio.sleep(0)
            stop.set()
        return status

    assert run(live()) == 200
    with bind_http(f"127.0.0.1:{port}"):
        pass
