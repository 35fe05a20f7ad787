"""Floods: a worker that gets more than it can answer stays up, keeps its memory, and answers what is asked afterwards."""

import asyncio
import contextlib
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import psutil
import pytest

from kiosk.platform.store.repository import PlatformStore
from kiosk.wire.exact_json import dumps
from tests.brokers import Mosquitto, run
from tests.builders import NOON, plan_of
from tests.platform.agent.test_over_the_broker import HOSTILE, REQUEST_TOPICS
from tests.platform.agent_counter import OTHER_SWAP, SWAP, completion, count, rows
from tests.platform.kiosks import FakeKiosk, kiosk_on
from tests.platform.run.test_workers import serving

PLAN, OTHER_PLAN = "flooded", "served-afterwards"
COMPLETE = f"call/uxi/attendant/plan/{PLAN}/complete_service"
GARBAGE, VALID, AT_ONCE = 30_000, 12_000, 500
MAX_MORE_BYTES = 100 * 2**20
Sent = tuple[str, bytes]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Books that know both plans."""
    path = tmp_path / "platform.db"
    store = PlatformStore(path)
    for each in (PLAN, OTHER_PLAN):
        store.insert_plan(plan_of(id=each), NOON)
    store.close()
    return path


def garbage() -> Iterator[Sent]:
    """What nobody can answer with success, on every topic; now and then a long one."""
    topics = [each.format(plan_id) for plan_id in (PLAN, "no-such-plan") for each in REQUEST_TOPICS]
    short = [each for each in HOSTILE.values() if len(each) < 2000]
    payloads = [*short * 20, b'{"correlation_id": "TXN-1", "a": "' + b"x" * 60_000 + b'"}']
    return islice(zip(cycle(topics), cycle(payloads), strict=False), GARBAGE)


def valid() -> Iterator[Sent]:
    """One completion, over and over."""
    return islice(cycle([(COMPLETE, dumps(completion()))]), VALID)


async def flood(kiosk: FakeKiosk, messages: Iterator[Sent]) -> None:
    """All of them, as fast as the link takes them."""
    while some := list(islice(messages, AT_ONCE)):
        for topic, payload in some:
            kiosk.send(topic, payload)
        await asyncio.sleep(0)


async def served(kiosk: FakeKiosk) -> None:
    """A swap of another plan, asked again until it is answered, as a kiosk does: a message of a flood may be dropped."""
    topic = f"call/uxi/attendant/plan/{OTHER_PLAN}/complete_service"
    async with asyncio.timeout(90):
        while not kiosk.answers(OTHER_SWAP):
            kiosk.send(topic, completion(correlation_id=OTHER_SWAP))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2):
                    await kiosk.until(lambda: kiosk.answers(OTHER_SWAP))


async def flooded(broker: Mosquitto, database: Path, messages: Iterator[Sent]) -> tuple[FakeKiosk, int]:
    """The kiosk afterwards, and how many bytes more the worker holds."""
    async with serving(broker.url, f"sqlite:///{database}", 1) as platform, kiosk_on(broker) as kiosk:
        await platform.until_said("connected to")
        worker = psutil.Process(platform.process.pid)
        before = worker.memory_info().rss
        await flood(kiosk, messages)
        await served(kiosk)
        more = worker.memory_info().rss - before
        assert await platform.stop() == 0
        return kiosk, more


def test_a_flood_of_garbage_books_nothing_and_the_next_customer_is_served(mosquitto: Mosquitto, database: Path) -> None:
    kiosk, more = run(flooded(mosquitto, database, garbage()), 120)
    assert "SERVICE_COMPLETED_SUCCESS" in kiosk.answers(OTHER_SWAP)[0]["signals"]
    assert more < MAX_MORE_BYTES
    assert rows(database, "SELECT plan_id, correlation_id FROM platform_transactions") == [(OTHER_PLAN, OTHER_SWAP)]


def test_a_flood_of_one_completion_is_booked_once_and_the_next_customer_is_served(mosquitto: Mosquitto, database: Path) -> None:
    kiosk, more = run(flooded(mosquitto, database, valid()), 120)
    assert "SERVICE_COMPLETED_SUCCESS" in kiosk.answers(OTHER_SWAP)[0]["signals"]
    assert more < MAX_MORE_BYTES
    assert all(each["signals"][0] == "SERVICE_COMPLETED_SUCCESS" for each in kiosk.answers(SWAP))
    assert (count(database, "transactions"), count(database, "service_events")) == (2, 2)
