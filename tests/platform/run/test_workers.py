"""Many workers (`platform serve --workers N`): the load is shared, what dies is started again, and nothing is lost or told twice."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
import pytest

from kiosk.domain.errors import BadInput
from kiosk.platform.run.serve import run as serve
from kiosk.platform.run.supervisor import WorkerOptions
from kiosk.platform.store.repository import PlatformStore
from kiosk.shared.mqtt.link import Delivery
from kiosk.shared.signing_keys import read_signing_key
from kiosk.shared.system import SystemClock
from kiosk.wire.signed_messages import MessageRole, SignedParts, is_signed, read_signature
from tests.brokers import Mosquitto, Place, old_broker, run
from tests.builders import ELECTRICITY, NOON, plan_of
from tests.platform.agent_counter import completion, rows
from tests.platform.kiosks import FakeKiosk, kiosk_on
from tests.platform.signing import SigningStation, enrol_on
from tests.postgres import Postgres

PLANS = [f"shared-{number}" for number in range(8)]
COMPLETE = "complete_service"
_CODE = "import logging, pathlib, sys; from kiosk.platform.run.serve import run; logging.basicConfig(level='INFO'); "
_CODE += "run(*sys.argv[1:3], workers=int(sys.argv[3]), signing_key=pathlib.Path(sys.argv[4]) if sys.argv[4:] else None)"


@dataclass(slots=True)
class Serving:
    """`platform serve` in a process of its own, and what it says."""

    process: asyncio.subprocess.Process
    said: list[str] = field(default_factory=list)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def read(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            async with self.news:
                self.said.append(line.decode())
                self.news.notify_all()

    async def until_said(self, words: str, times: int = 1) -> None:
        async with asyncio.timeout(40), self.news:
            await self.news.wait_for(lambda: self.count(words) >= times)

    def count(self, words: str) -> int:
        return sum(words in each for each in self.said)

    @property
    def workers(self) -> list[psutil.Process]:
        found: list[psutil.Process] = psutil.Process(self.process.pid).children()
        return found

    async def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return await self.process.wait()


@asynccontextmanager
async def serving(broker_url: str, database: str, workers: int, *signing_key: str) -> AsyncIterator[Serving]:
    """Ready when the parent and all workers have a link."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _CODE, broker_url, database, str(workers), *signing_key, stderr=asyncio.subprocess.PIPE
    )
    found = Serving(process)
    reading = asyncio.create_task(found.read())
    try:
        yield found
    finally:
        if process.returncode is None:
            await found.stop()
        await reading


@pytest.fixture
def database(postgres: Postgres) -> str:
    """A fresh database that knows the plans."""
    url = postgres.database()
    store = PlatformStore(url)
    for each in PLANS:
        store.insert_plan(plan_of(id=each), NOON)
    store.close()
    return url


async def swap_on_each_plan(kiosk: FakeKiosk, *, times: int = 1) -> None:
    async with asyncio.TaskGroup() as counters:
        for each in PLANS:
            counters.create_task(kiosk.call(each, COMPLETE, completion(correlation_id=f"TXN-{each}"), times=times))


def booked(database: str) -> list[tuple[str, int]]:
    """Plan and swaps booked on it, of all plans that have any."""
    return [(plan, count) for plan, count in rows(database, "SELECT plan_id, count(*) FROM platform_service_events GROUP BY 1 ORDER BY 1")]


def test_two_workers_share_the_requests_and_each_event_leaves_once(mosquitto: Mosquitto, database: str) -> None:
    async def swap() -> FakeKiosk:
        async with serving(mosquitto.url, database, 2) as platform, kiosk_on(mosquitto) as kiosk:
            await platform.until_said("connected to", 3)
            await swap_on_each_plan(kiosk)
            await kiosk.until(lambda: all(kiosk.events(each) for each in PLANS))
            assert await platform.stop() == 0
            return kiosk

    kiosk = run(swap(), 60)
    assert [len(kiosk.answers(f"TXN-{each}")) for each in PLANS] == [1] * len(PLANS)
    assert [len(kiosk.events(each)) for each in PLANS] == [1] * len(PLANS)
    assert booked(database) == [(each, 1) for each in PLANS]
    assert rows(database, "SELECT count(DISTINCT stored_by), count(published_at) FROM platform_outgoing_events") == [(2, len(PLANS))]


def test_all_workers_sign_with_the_key_of_one_file(mosquitto: Mosquitto, database: str, tmp_path: Path) -> None:
    file = tmp_path / "platform" / "signing-key.pem"

    async def swap() -> FakeKiosk:
        async with serving(mosquitto.url, database, 2, str(file)) as platform, kiosk_on(mosquitto) as kiosk:
            await platform.until_said("connected to", 3)
            await swap_on_each_plan(kiosk)
            await kiosk.until(lambda: all(kiosk.events(each) for each in PLANS))
            return kiosk

    kiosk, key = run(swap(), 60), read_signing_key(file).public
    assert rows(database, "SELECT count(DISTINCT stored_by) FROM platform_outgoing_events") == [(2,)]
    assert len(kiosk.heard) == 2 * len(PLANS)
    for each in kiosk.heard:
        signature = read_signature(each.user_properties)
        role = MessageRole.EVENT if each.topic.startswith("event/") else MessageRole.ANSWER
        assert signature is not None
        assert is_signed(SignedParts(role=role, topic=each.topic, payload=each.payload), signature, key)


def test_stations_that_ask_at_once_through_two_workers_leave_one_owner(mosquitto: Mosquitto, database: str) -> None:
    stations = [SigningStation(f"STATION-{number}") for number in range(6)]
    store = PlatformStore(database)
    for each in stations:
        enrol_on(store, each, SystemClock())
    store.close()

    async def ask() -> None:
        async with serving(mosquitto.url, database, 2) as platform, kiosk_on(mosquitto) as kiosk:
            await platform.until_said("connected to", 3)
            for plan in PLANS:
                for each in stations:
                    body = {"correlation_id": f"TXN-{plan}", "service_id": ELECTRICITY, "quantity": 1, "attendant_station": each.id}
                    asked = each.message("verify_service_quota", body, plan_id=plan, at=SystemClock().now())
                    about = Delivery(correlation_data=asked.correlation_data, user_properties=asked.user_properties)
                    kiosk.send(asked.topic, asked.payload, replace(about, response_topic=asked.response_topic))
            await kiosk.until(lambda: len(kiosk.heard) == len(PLANS) * len(stations))
            for plan in PLANS:
                answers = [each["signals"] for each in kiosk.answers(f"TXN-{plan}")]
                assert sum(each == ["QUOTA_AVAILABLE"] for each in answers) == 1
                assert sum("TRANSACTION_OWNED" in each for each in answers) == len(stations) - 1

    run(ask(), 60)
    assert rows(database, "SELECT count(*) FROM platform_claims") == [(len(PLANS),)]


def test_a_worker_that_is_killed_is_started_again_and_its_requests_are_booked_once(mosquitto: Mosquitto, database: str) -> None:
    async def swap() -> None:
        async with serving(mosquitto.url, database, 2) as platform, kiosk_on(mosquitto) as kiosk:
            await platform.until_said("connected to", 3)
            victim = platform.workers[0]
            for each in PLANS:
                kiosk.send(f"call/uxi/attendant/plan/{each}/{COMPLETE}", completion(correlation_id=f"TXN-{each}"))
            victim.kill()
            await platform.until_said("connected to", 4)
            assert platform.count("is started again") == 1
            await swap_on_each_plan(kiosk)  # the same bytes again, as a kiosk does that has no answer
            await kiosk.until(lambda: all(kiosk.events(each) for each in PLANS))

    run(swap(), 90)
    assert booked(database) == [(each, 1) for each in PLANS]


def test_a_worker_that_is_told_to_end_does_so_in_good_order(mosquitto: Mosquitto, database: str) -> None:
    async def end() -> int:
        async with serving(mosquitto.url, database, 2) as platform:
            await platform.until_said("connected to", 3)
            platform.workers[0].terminate()
            await platform.until_said("ended (")
            return platform.count("ended (exit code 0)")

    assert run(end(), 60) == 1


def test_workers_end_when_the_process_that_started_them_is_killed(mosquitto: Mosquitto, database: str) -> None:
    async def live() -> list[psutil.Process]:
        async with serving(mosquitto.url, database, 2) as platform:
            await platform.until_said("connected to", 3)
            workers = platform.workers
            platform.process.kill()
            await platform.process.wait()
            return workers

    gone, alive = psutil.wait_procs(run(live(), 60), timeout=20)
    assert (len(gone), alive) == (2, [])


def test_on_a_broker_that_cannot_share_one_worker_says_so_and_serves_alone(database: str) -> None:
    async def swap() -> tuple[FakeKiosk, int, int]:
        async with old_broker() as port:
            broker = Place("127.0.0.1", port)
            async with serving(f"mqtt://127.0.0.1:{port}", database, 3) as platform, kiosk_on(broker) as kiosk:
                await platform.until_said("connected to", 2)
                await platform.until_said("this session hears everything, alone")
                await swap_on_each_plan(kiosk)
                await kiosk.until(lambda: all(kiosk.events(each) for each in PLANS))
                return kiosk, len(platform.workers), platform.count("one worker of 3 serves alone")

    kiosk, workers, said = run(swap(), 60)
    assert (workers, said) == (1, 1)
    assert [len(kiosk.answers(f"TXN-{each}")) for each in PLANS] == [1] * len(PLANS)
    assert booked(database) == [(each, 1) for each in PLANS]


def test_several_workers_on_sqlite_are_refused() -> None:
    with pytest.raises(BadInput, match="must be 1 on SQLite"):
        serve("mqtt://127.0.0.1", "sqlite:///platform.db", workers=2)


@pytest.mark.parametrize("workers", [0, -1, 1000])
def test_a_number_of_workers_that_cannot_be_is_refused(workers: int) -> None:
    with pytest.raises(BadInput, match="must be 1 to 64"):
        serve("mqtt://127.0.0.1", "postgresql+psycopg://nowhere/x", workers=workers)


def test_a_worker_is_told_everything_in_one_line() -> None:
    told = WorkerOptions(
        broker_url="mqtt://b",
        database_url="postgresql://u:secret@h/d",
        payments="confirmed",
        signing_key=Path("/keys/signing-key.pem"),
        log_level=10,
        root_log_level=40,
    )
    assert told.line().count(b"\n") == 1
    assert WorkerOptions.read(told.line()) == told
