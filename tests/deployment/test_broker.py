"""The broker as packaging/platform sets it up: TLS, a user for each party, and only the platform speaks as the platform.

A denied message looks delivered to who sent it, so what counts here is what arrives: after each denied one the platform says something that
does arrive, and nothing came before it.
"""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest

from kiosk.domain.requests import CompleteService, CustomerCode
from kiosk.domain.swap.pending_swaps import Answer, Settled
from kiosk.platform.agent.mqtt_service import PlatformService
from kiosk.platform.run.serve import serve
from kiosk.platform.store.repository import PlatformStore
from kiosk.shared.mqtt.link import LinkChanged, LinkSettings, MqttMessage
from kiosk.shared.mqtt.session import MqttSession
from kiosk.station.adapters.mqtt.completion_channel import MqttCompletions
from kiosk.station.adapters.mqtt.plan_source import MqttPlans
from kiosk.wire.actions import Topics, filter_for_all, topic_for
from kiosk.wire.identification import question_to_payload
from tests.brokers import Mosquitto, run
from tests.builders import NOON, plan_of, swap_of
from tests.platform.agent_counter import FixedClock
from tests.postgres import Postgres
from tests.station.adapters.mqtt.parties import Ears, linked, unlinked

SHIPPED = Path(__file__).parents[2] / "packaging" / "platform"
CERTIFICATES = Path(__file__).parents[1] / "station" / "adapters" / "mqtt" / "certificates"
STATIONS = ("station-1", "station-2")
PLAN = "plan-deployed"
ANSWER = f"rtrn/abs/attendant/plan/{PLAN}/complete_service_response"
QUESTION = f"call/uxi/attendant/plan/{PLAN}/complete_service"
EVENT = f"event/abs/payment/plan/{PLAN}/payment_received"
WAIT_SECONDS = 20.0
KWH = Decimal("5.0")


@dataclass(frozen=True)
class Deployed:
    """The broker, and the password of everybody in a file of its own."""

    broker: Mosquitto
    folder: Path

    def link(self, user: str | None, password: str = "") -> LinkSettings:
        secret = self.folder / f"{user}.password"
        if password:
            secret = self.folder / "other.password"
            secret.write_text(password)
        return LinkSettings(
            host=self.broker.host,
            port=self.broker.port,
            client_id=f"{user}-{self.broker.port}",
            username=user,
            keepalive=5,
            password_file=secret if user else None,
            tls_ca=CERTIFICATES / "ca.pem",
            first_retry=0.05,
            most_retry=0.2,
        )


def add(user: str, folder: Path) -> None:
    """As packaging/platform/README.md says: a station by add-station, the other two by mosquitto_passwd."""
    password = f"secret of {user}"
    (folder / f"{user}.password").write_text(password + "\n")
    if user in STATIONS:
        subprocess.run([SHIPPED / "add-station", user, folder], input=password + "\n", text=True, check=True, timeout=30)
        return
    passwords = folder / "passwords"
    passwords.touch(mode=0o600)
    subprocess.run(["mosquitto_passwd", "-b", passwords, user, password], check=True, timeout=30, capture_output=True)


@pytest.fixture
def deployed(tmp_path: Path, own_mosquitto: Callable[..., Mosquitto]) -> Deployed:
    shutil.copy(SHIPPED / "acl", tmp_path / "acl")
    for user in ("abs-platform", "integrator", *STATIONS):
        add(user, tmp_path)
    text = (SHIPPED / "mosquitto.conf").read_text()
    for there, here in (("/etc/swap-kiosk/tls", CERTIFICATES), ("/etc/swap-kiosk/broker", tmp_path)):
        text = text.replace(there, str(here))
    lines = [each for each in text.splitlines() if each and not each.startswith(("#", "listener"))]
    return Deployed(broker=own_mosquitto(*lines), folder=tmp_path)


def test_a_kiosk_identifies_and_completes_through_the_shipped_broker(deployed: Deployed) -> None:
    async def swap() -> Answer:
        store = PlatformStore(deployed.folder / "platform.sqlite")
        store.insert_plan(plan_of(id=PLAN), NOON)
        service = PlatformService(deployed.link("abs-platform"), store, clock=FixedClock())
        await service.start()
        try:
            await service.wait_ready(WAIT_SECONDS)
            async with linked(deployed.link("station-1")) as session:
                return await swapped(session)
        finally:
            await service.stop()
            store.close()

    assert isinstance(run(swap()), Settled)


async def swapped(session: MqttSession) -> Answer:
    """One customer, one swap, by the kiosk's own ports."""
    answers: Ears[Answer] = Ears()
    plans = MqttPlans(session, Topics(), FixedClock(), station_id="station-1", attendant=lambda: "ATT-001")
    plan = await plans.identify(CustomerCode(text=PLAN, plan_id=PLAN), WAIT_SECONDS)
    channel = MqttCompletions(session, Topics())
    channel.on_answer = answers
    request = CompleteService(
        incoming_battery_id=plan.current_asset,
        incoming_kwh=KWH,
        outgoing_battery_id="BAT-67890",
        outgoing_kwh=KWH,
        attendant_id="ATT-001",
        attendant_station="station-1",
        transaction_timestamp=NOON,
        correlation_id="TXN-01JAAAAAAAAAAAAAAAAAAAAAAA",
    )
    await channel.send(channel.message(swap_of(plan), request))
    return (await answers.until())[0]


def test_thieves_among_the_kiosks_cannot_join_the_workers(deployed: Deployed, postgres: Postgres) -> None:
    """A broker checks no rights for joining a group, and drops what reaches a member that may not read it: so no guess names the group."""
    database = postgres.database()
    store = PlatformStore(database)
    store.insert_plan(plan_of(id=PLAN), NOON)
    store.close()
    asked = filter_for_all(Topics().identify_customer)  # a group is of one filter: the workers' own

    async def answered() -> int:
        async with working(deployed, database), AsyncExitStack() as stack:
            async with linked(deployed.link("station-1")) as first:  # answered once the worker is there
                await MqttPlans(first, Topics(), FixedClock(), station_id="station-1", attendant=lambda: "ATT-001").identify(
                    CODE, WAIT_SECONDS
                )
            asking = await stack.enter_async_context(linked(deployed.link("station-1")))
            for number in range(9):
                link = replace(deployed.link("station-2"), client_id=f"thief-{number}")
                thief = await stack.enter_async_context(linked(link))
                for guess in GUESSES:
                    await thief.ready(thief.listen(f"$share/{guess}/{asked}", lambda _: None))
            return await answers_to(asking, QUESTIONS)

    assert run(answered(), 60) == QUESTIONS


GUESSES = ("abs", "abs-platform", "request-group", "bare")
QUESTIONS = 30
CODE = CustomerCode(text=PLAN, plan_id=PLAN)


@asynccontextmanager
async def working(deployed: Deployed, database: str) -> AsyncIterator[None]:
    """A worker, as the command runs it."""
    url, stop = f"mqtts://abs-platform@{deployed.broker.host}:{deployed.broker.port}", asyncio.Event()
    secret, authority = deployed.folder / "abs-platform.password", CERTIFICATES / "ca.pem"
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(serve(url, database, password_file=secret, tls_ca=authority, stop=stop))
        try:
            yield
        finally:
            stop.set()


async def answers_to(asking: MqttSession, questions: int) -> int:
    """How many of so many questions, each asked once, are answered in time."""
    heard: Ears[MqttMessage] = Ears()
    await asking.ready(asking.listen(topic_for(Topics().identify_customer_service, PLAN), heard))
    for number in range(questions):
        payload = question_to_payload(CODE, f"TXN-{number:026}", NOON, "ATT-001", "station-1")
        asking.publish(topic_for(Topics().identify_customer, PLAN), payload)
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            return len(await heard.until(count=questions))
    except TimeoutError:
        return len(heard.heard)


@pytest.mark.parametrize("topic", [ANSWER, EVENT])
def test_a_kiosk_cannot_speak_as_the_platform(deployed: Deployed, topic: str) -> None:
    assert run(first_heard_by(deployed, "station-2", "station-1", topic)) == b"from the platform"


@pytest.mark.parametrize("topic", [ANSWER, EVENT])
def test_an_integrator_only_listens(deployed: Deployed, topic: str) -> None:
    assert run(first_heard_by(deployed, "station-2", "integrator", topic)) == b"from the platform"


async def first_heard_by(deployed: Deployed, listener: str, impostor: str, topic: str) -> bytes:
    """What `listener` hears first on a topic that `impostor` publishes on before the platform does."""
    heard: Ears[MqttMessage] = Ears()
    async with (
        linked(deployed.link(listener)) as ours,
        linked(deployed.link(impostor)) as theirs,
        linked(deployed.link("abs-platform")) as platform,
    ):
        await ours.ready(ours.listen(topic, heard))
        await passed_on(theirs, topic)
        platform.publish(topic, b"from the platform")
        return (await heard.until())[0].payload


async def passed_on(theirs: MqttSession, topic: str) -> None:
    """Publishes as the impostor; returns when the broker has dealt with it: it serves each client in order."""
    theirs.publish(topic, b"from an impostor")
    await theirs.ready(theirs.listen("barrier", lambda _: None))  # acknowledged after the message before it


def test_a_kiosk_does_not_hear_what_other_kiosks_ask(deployed: Deployed) -> None:
    async def scene() -> list[str]:
        heard: Ears[MqttMessage] = Ears()
        at_work: Ears[MqttMessage] = Ears()
        async with (
            linked(deployed.link("station-1")) as curious,
            linked(deployed.link("station-2")) as asking,
            linked(deployed.link("abs-platform")) as platform,
        ):
            await curious.ready(curious.listen("#", heard))
            await platform.ready(platform.listen(QUESTION, at_work))
            asking.publish(QUESTION, b"{}")
            await at_work.until()
            platform.publish(ANSWER, b"{}")
            await heard.until(lambda each: each.topic == ANSWER)
            return [each.topic for each in heard.heard]

    assert run(scene()) == [ANSWER]


@pytest.mark.parametrize(("user", "password"), [("station-1", "a guess"), ("nobody", "a guess"), (None, "")])
def test_nobody_comes_in_without_a_name_and_its_password(deployed: Deployed, user: str | None, password: str) -> None:
    async def reason() -> str:
        events: Ears[LinkChanged] = Ears()
        async with unlinked(deployed.link(user, password), events):
            return (await events.until())[0].reason

    assert "authori" in run(reason()).lower()
