"""What a thief with a counter's own user tries at the packaged broker: to take the workers' requests, to throw others off the broker, to
hear what is another's.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from kiosk.bootstrap import COUNTER, TERMINAL, link_of
from kiosk.domain.requests import CustomerCode
from kiosk.platform.run.serve import link_for, serve
from kiosk.platform.store.repository import PlatformStore
from kiosk.settings import Settings
from kiosk.shared.mqtt.link import LinkChanged, MqttMessage
from kiosk.shared.mqtt.session import MqttSession
from kiosk.station.adapters.mqtt.plan_source import MqttPlans
from kiosk.wire.actions import Topics, filter_for_all, topic_for
from kiosk.wire.identification import question_to_payload
from tests.brokers import run
from tests.builders import NOON, plan_of
from tests.deployment.deployed import CERTIFICATES, OLDER, OTHER, PLATFORM, STATION, Deployed
from tests.platform.agent_counter import FixedClock
from tests.postgres import Postgres
from tests.station.adapters.mqtt.parties import Ears, linked

PLAN = "plan-deployed"
CODE = CustomerCode(text=PLAN, plan_id=PLAN)
WAIT_SECONDS = 20.0
QUESTIONS = 30
GUESSES = ("abs", PLATFORM, "request-group", "bare", "+", "a" * 32)
OF_ALL = (
    f"rtrn/abs/attendant/plan/{PLAN}/complete_service_response",
    f"echo/abs/service/plan/{PLAN}/identify_customer",
    f"echo/abs/attendant/plan/{PLAN}/identify_customer",
    f"event/abs/payment/plan/{PLAN}/payment_received",
    f"event/abs/service/plan/{PLAN}/service_completed",
)
OF_A_STATION = (f"rtrn/abs/station/{STATION}/identify_customer", f"event/abs/station/{STATION}/payment_received")
ASKED = (f"call/uxi/attendant/plan/{PLAN}/complete_service", f"emit/uxi/attendant/plan/{PLAN}/identify_customer")
OWN = f"rtrn/abs/station/{OTHER}/identify_customer"
EARS = (
    "#",
    "+/#",
    "rtrn/#",
    "echo/#",
    "event/#",
    "call/#",
    "emit/#",
    "rtrn/abs/station/+/identify_customer",
    "event/abs/station/+/payment_received",
    "$share/thieves/#",
    "$share/thieves/rtrn/abs/station/#",
    *OF_ALL,
    *OF_A_STATION,
    *ASKED,
)


# ------------------------------------------------------------ D4: the workers' group


def test_thieves_among_the_kiosks_cannot_join_the_workers(deployed: Deployed, postgres: Postgres) -> None:
    """A broker checks no rights for joining a group, and drops what reaches a member that may not read it: so no guess names the group."""
    database = filled_database(postgres)
    asked = filter_for_all(Topics().identify_customer)  # a group is of one filter: the workers' own

    async def answered() -> int:
        async with working(deployed, database), working(deployed, database), AsyncExitStack() as stack:
            asking = await stack.enter_async_context(asking_station(deployed))
            for number in range(9):
                thief = await stack.enter_async_context(linked(deployed.link(OTHER, client=f"thief-{number}")))
                for guess in GUESSES:
                    await thief.ready(thief.listen(f"$share/{guess}/{asked}", lambda _: None))
            return await answers_to(asking, QUESTIONS)

    assert run(answered(), 60) == QUESTIONS


def test_each_platform_has_a_group_of_its_own(postgres: Postgres) -> None:
    names = set()
    for _ in range(2):
        store = PlatformStore(postgres.database())
        names |= {store.secret("request-group"), store.secret("request-group")}
        store.close()
    assert sorted(map(len, names)) == [32, 32]


# ------------------------------------------------------------ D5: client ids


def guessed_ids() -> tuple[str, ...]:
    """What a thief knows: the program itself, the names of the others, and ids of earlier releases."""
    its_own = Settings.model_validate({"station": {"id": STATION}})
    formed = [link_of(its_own, each).client_id for each in (COUNTER, TERMINAL)]
    worker = link_for(f"mqtts://{PLATFORM}@127.0.0.1", tls_ca=CERTIFICATES / "ca.pem").client_id
    former = [f"swap-kiosk-{STATION}-{each}" for each in (COUNTER, TERMINAL, "doctor", "")]
    return (*formed, worker, *former, STATION, PLATFORM, f"swap-kiosk-{STATION}", "abs-platform-1", "")


def test_a_thief_throws_neither_a_kiosk_nor_a_worker_off_the_broker(deployed: Deployed, postgres: Postgres) -> None:
    settings = Settings.model_validate({"station": {"id": STATION}})
    changes: Ears[LinkChanged] = Ears()

    async def scene() -> int:
        ours = deployed.link(STATION, client=link_of(settings, COUNTER).client_id)
        async with AsyncExitStack() as stack:
            for each in (working(deployed, database), working(deployed, database)):
                await stack.enter_async_context(each)
            kiosk = await stack.enter_async_context(linked(ours, changes))
            asking = await stack.enter_async_context(asking_station(deployed))
            for guess in guessed_ids():
                async with linked(deployed.link(OTHER, client=guess)):
                    assert kiosk.connected
            return await answers_to(asking, QUESTIONS)

    database = filled_database(postgres)
    assert run(scene(), 60) == QUESTIONS
    assert [each.connected for each in changes.heard if each.connected] == [True]
    assert not [each for each in deployed.broker.log if "already connected" in each]


def test_no_two_links_have_one_id_and_none_is_short_of_128_random_bits() -> None:
    settings = Settings.model_validate({"station": {"id": STATION}})
    made = {link_of(settings, COUNTER).client_id for _ in range(100)} | {link_for("mqtt://localhost").client_id for _ in range(100)}
    assert len(made) == 200
    assert all(len(bytes.fromhex(each.rpartition("-")[2])) == 16 for each in made)


# ------------------------------------------------------------ D6: what is another's


@pytest.mark.parametrize("topic", [*OF_ALL, *OF_A_STATION, *ASKED])
def test_a_station_does_not_hear_what_is_not_for_it(deployed: Deployed, topic: str) -> None:
    async def scene() -> set[str]:
        heard: Ears[MqttMessage] = Ears()
        async with linked(deployed.link(OTHER)) as curious, linked(deployed.link(STATION if topic in ASKED else PLATFORM)) as speaker:
            await listen_to(curious, heard)
            speaker.publish(topic, b"for another")
            await speaker.ready(speaker.listen("barrier", lambda _: None))
            async with linked(deployed.link(PLATFORM)) as platform:
                platform.publish(OWN, b"for it")
            await heard.until(lambda each: each.topic == OWN)
            return {each.topic for each in heard.heard}

    assert run(scene()) == {OWN}


async def listen_to(curious: MqttSession, heard: Ears[MqttMessage]) -> None:
    for each in (*EARS, OWN):
        await curious.ready(curious.listen(each, heard))


def test_a_station_learns_nothing_of_the_broker_itself(deployed: Deployed) -> None:
    async def scene() -> list[str]:
        heard: Ears[MqttMessage] = Ears()
        async with linked(deployed.link(OTHER)) as curious, linked(deployed.link(PLATFORM)) as platform:
            for each in ("$SYS/#", "$SYS/broker/clients/#", OWN):
                await curious.ready(curious.listen(each, heard))
            async with linked(deployed.link(STATION)):
                pass
            platform.publish(OWN, b"for it")
            await heard.until()
            return [each.topic for each in heard.heard]

    assert run(scene()) == [OWN]


def test_a_thiefs_last_will_is_not_delivered_as_the_platforms(deployed: Deployed) -> None:
    """The last one is one that it may publish: it shows that a will arrives by then."""

    async def scene() -> list[str]:
        heard: Ears[MqttMessage] = Ears()
        async with linked(deployed.link(STATION)) as ours, linked(deployed.link(PLATFORM)) as platform:
            for each in OF_A_STATION:
                await ours.ready(ours.listen(each, heard))
            await platform.ready(platform.listen(ASKED[0], heard))
            for each in (*OF_A_STATION, ASKED[0]):
                await asyncio.to_thread(die_with_a_will, deployed, each)
            await heard.until(lambda each: each.topic == ASKED[0])
            platform.publish(OF_A_STATION[0], b"from the platform")
            await heard.until(lambda each: each.payload == b"from the platform")
            return [each.topic for each in heard.heard]

    assert run(scene()) == [ASKED[0], OF_A_STATION[0]]


def test_nothing_is_kept_at_the_broker_for_those_who_come_later(deployed: Deployed) -> None:
    """MQTT 3.1.1 is not told that the broker keeps nothing; a client that asks for it all the same may be sent away."""

    async def scene() -> list[bytes]:
        heard: Ears[MqttMessage] = Ears()
        await asyncio.to_thread(leave_behind, deployed, ASKED[0])
        async with linked(deployed.link(STATION)) as station, linked(deployed.link(PLATFORM)) as platform:
            await platform.ready(platform.listen(ASKED[0], heard))
            station.publish(ASKED[0], b"now")
            await heard.until(lambda each: each.payload == b"now")
            return [each.payload for each in heard.heard]

    assert run(scene()) == [b"now"]


def leave_behind(deployed: Deployed, topic: str) -> None:
    rogue = thief(deployed, "leaving", MQTTProtocolVersion.MQTTv311)
    rogue.connect(deployed.broker.host, deployed.broker.port, 5)
    rogue.loop(timeout=1.0)
    rogue.publish(topic, b"for those who come later", qos=0, retain=True)
    for _ in range(3):
        rogue.loop(timeout=0.2)
    rogue.disconnect()


def thief(deployed: Deployed, name: str, version: MQTTProtocolVersion) -> Client:
    """A client that keeps no rules of ours, with the user of a station."""
    made = Client(CallbackAPIVersion.VERSION2, name, protocol=version, reconnect_on_failure=False)
    made.username_pw_set(OTHER, (deployed.folder / f"{OTHER}.password").read_text().strip())
    made.tls_set(str(CERTIFICATES / "ca.pem"))
    return made


def die_with_a_will(deployed: Deployed, topic: str) -> None:
    """Connects, and breaks off without a word, so that the broker publishes the will; it may refuse such a client, too."""
    dying = thief(deployed, "dying", MQTTProtocolVersion.MQTTv5)
    dying.will_set(topic, b"from a thief")
    with suppress(OSError):
        dying.connect(deployed.broker.host, deployed.broker.port, 5)
        dying.loop(timeout=1.0)
        sock = dying.socket()
        if isinstance(sock, socket.socket):
            sock.shutdown(socket.SHUT_RDWR)
    dying.loop(timeout=0.2)


# ------------------------------------------------------------ who works and asks there


def filled_database(postgres: Postgres) -> str:
    database = postgres.database()
    store = PlatformStore(database)
    store.insert_plan(plan_of(id=PLAN), NOON)
    store.close()
    return database


@asynccontextmanager
async def working(deployed: Deployed, database: str) -> AsyncIterator[None]:
    """A worker, as the command runs it."""
    url, stop = f"mqtts://{PLATFORM}@{deployed.broker.host}:{deployed.broker.port}", asyncio.Event()
    secret, authority = deployed.folder / f"{PLATFORM}.password", Path(CERTIFICATES / "ca.pem")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(serve(url, database, password_file=secret, tls_ca=authority, stop=stop))
        try:
            yield
        finally:
            stop.set()


@asynccontextmanager
async def asking_station(deployed: Deployed) -> AsyncIterator[MqttSession]:
    """A kiosk that has been answered once, so that a worker is there. It is an older one: it may hear what is told to all."""
    async with linked(deployed.link(OLDER)) as asking:
        await MqttPlans(asking, Topics(), FixedClock(), station_id=OLDER, attendant=lambda: "ATT-001").identify(CODE, WAIT_SECONDS)
        yield asking


async def answers_to(asking: MqttSession, questions: int) -> int:
    """How many of so many questions, each asked once, are answered in time."""
    heard: Ears[MqttMessage] = Ears()
    await asking.ready(asking.listen(topic_for(Topics().identify_customer_service, PLAN), heard))
    for payload in payloads(questions):
        asking.publish(topic_for(Topics().identify_customer, PLAN), payload)
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            return len(await heard.until(count=questions))
    except TimeoutError:
        return len(heard.heard)


def payloads(questions: int) -> Iterable[bytes]:
    for number in range(questions):
        yield question_to_payload(CODE, f"TXN-{number:026}", NOON, "ATT-001", OLDER)
