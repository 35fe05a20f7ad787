"""`platform serve --http`: one process answers kiosks over MQTT and everybody else over HTTP."""

import asyncio
import contextlib
import os
import re
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from kiosk.domain.errors import BadInput
from kiosk.domain.times import iso_utc
from kiosk.platform.http.server import bind_http
from kiosk.platform.run.serve import serve
from kiosk.platform.store.repository import PlatformStore
from kiosk.wire.exact_json import dumps
from tests.brokers import Mosquitto, free_port, run
from tests.builders import NOON, plan_of
from tests.platform.agent_counter import payment
from tests.platform.http.confirming import deliver, delivery, signature
from tests.platform.http.site import BEARER, http_options
from tests.platform.kiosks import FakeKiosk, kiosk_on
from tests.postgres import Postgres
from tests.set_up.parts import holding

WAIT_SECONDS = 40.0
WHOLE = (sys.executable, "-m", "kiosk")


@asynccontextmanager
async def platform_process(folder: Path, *arguments: str, program: tuple[str, ...] = WHOLE) -> AsyncIterator[tuple[str, str]]:
    """`platform serve --http` on a port of its own; gives its URL and what it has said until then."""
    command = [*program, "platform", "serve", "--http", "127.0.0.1:0", *arguments]
    if "--database" not in arguments:
        command += ["--database", f"sqlite:///{folder / 'p.sqlite'}"]
    process = await asyncio.create_subprocess_exec(
        *command, stderr=asyncio.subprocess.PIPE, env={**os.environ, "SWAP_KIOSK_DATA": str(folder)}
    )
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


@pytest.mark.parametrize("program", [WHOLE, holding("requirements-platform.lock")], ids=["whole", "platform-only"])
def test_the_command_serves_http_beside_mqtt_and_ends_cleanly(program: tuple[str, ...], mosquitto: Mosquitto, tmp_path: Path) -> None:
    async def look() -> tuple[str, int, int]:
        serving = platform_process(tmp_path, "--broker", mosquitto.url, program=program)
        async with serving as (url, said), httpx.AsyncClient(base_url=url) as client:
            token = (tmp_path / "platform" / "http-tokens").read_text().strip()
            async with asyncio.timeout(WAIT_SECONDS):
                while (await client.get("/healthz")).status_code != 200:
                    pass  # until the broker has answered
            with_token = await client.get("/nowhere", headers={"Authorization": f"Bearer {token}"})
            return said, (await client.get("/nowhere")).status_code, with_token.status_code

    said, without, with_token = run(look(), 2 * WAIT_SECONDS)
    assert (without, with_token) == (401, 404)
    assert said.count("A new secret was made") == 2


def test_tokens_are_replaced_while_the_platform_serves(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """A new file counts without a restart; a wrong one keeps the former tokens, and health says so without a word of it."""
    file = tmp_path / "tokens"
    first, second = "desk front-1 the-first-token-of-it", "desk front-1 the-second-token-of-it"
    file.write_text(f"{first}\n")

    async def look() -> dict[str, str]:
        serving = platform_process(tmp_path, "--broker", mosquitto.url, "--token-file", str(file))
        async with serving as (url, _said), httpx.AsyncClient(base_url=url) as client, asyncio.timeout(WAIT_SECONDS):

            async def status(line: str) -> int:
                return (await client.get("/plans", headers={"Authorization": f"Bearer {line.split()[2]}"})).status_code

            assert (await status(first), await status(second)) == (200, 401)
            file.write_text(f"{second}\n")
            while await status(second) != 200:
                await asyncio.sleep(0.05)
            assert await status(first) == 401
            file.write_text(f"{first}\n{first.split()[2]} desk front-1\n")
            while "tokens" not in (health := (await client.get("/healthz")).json()):
                await asyncio.sleep(0.05)
            assert (await status(first), await status(second)) == (401, 200)
            return dict(health)

    told = run(look(), 2 * WAIT_SECONDS)["tokens"]
    assert told.startswith("tokens, line 2: ")
    assert "the-first-token" not in told


def test_health_tells_that_the_broker_is_away(tmp_path: Path) -> None:
    async def look() -> httpx.Response:
        broker = f"mqtt://127.0.0.1:{free_port()}"
        async with platform_process(tmp_path, "--broker", broker) as (url, _said), httpx.AsyncClient(base_url=url) as client:
            return await client.get("/healthz")

    answer = run(look(), 2 * WAIT_SECONDS)
    assert (answer.status_code, answer.json()["ok"], answer.json()["database"]) == (503, False, "ok")
    assert answer.json()["link"] not in ("", "ok")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_callback_is_heard_at_the_broker_and_all_workers_are_counted(
    mosquitto: Mosquitto, postgres: Postgres, tmp_path: Path, workers: str
) -> None:
    database, plan = postgres.database(), f"plan-{uuid.uuid4().hex}"
    store = PlatformStore(database)
    store.insert_plan(plan_of(id=plan), NOON)
    store.close()
    arguments = ("--broker", mosquitto.url, "--database", database, "--workers", workers)

    async def pay() -> tuple[list[str], dict[str, float]]:
        async with (
            kiosk_on(mosquitto) as kiosk,
            platform_process(tmp_path, *arguments) as (url, _),
            httpx.AsyncClient(base_url=url) as client,
        ):
            await _until_served(kiosk, plan)
            assert await _paid(client, tmp_path, plan) == "BOOKED"
            await kiosk.until(lambda: kiosk.events(plan))
            return [each["event_id"] for each in kiosk.events(plan)], _figures((await client.get("/metrics")).text)

    events, figures = run(pay(), 3 * WAIT_SECONDS)
    assert events == ["EVT-PAY-1"]
    assert figures['swap_platform_answers_total{action="PROCESS_PAYMENT",signal="PAYMENT_FAILED"}'] >= 1
    assert figures['swap_platform_http_requests_total{method="POST",route="/api/v1/payments/confirmations",status="200"}'] == 1


async def _until_served(kiosk: FakeKiosk, plan: str) -> None:
    """Nobody says when it hears; a kiosk asks again."""
    while not kiosk.answers("TXN-asked"):
        kiosk.send(f"call/uxi/attendant/plan/{plan}/process_payment", payment("0", correlation_id="TXN-asked"))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                await kiosk.until(lambda: kiosk.answers("TXN-asked"))


async def _paid(client: httpx.AsyncClient, folder: Path, plan: str) -> str:
    secret = (folder / "platform" / "payment-secret").read_text().strip().encode()
    body = dumps(delivery(plan_id=plan, sent_at=iso_utc(datetime.now(UTC))))
    status, answer = await deliver(client, body, x_signature=signature(body, secret))
    assert status == 200, answer
    return str(answer["verdict"])


def _figures(text: str) -> dict[str, float]:
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if not line.startswith("#")}


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
