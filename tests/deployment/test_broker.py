"""The broker as packaging/platform sets it up: a swap goes through it, only the platform speaks as the platform, nobody comes in unknown.

A denied message looks delivered to who sent it, so what counts here is what arrives: after each denied one the platform says something that
does arrive, and nothing came before it.
"""

from decimal import Decimal

import pytest

from kiosk.domain.requests import CompleteService, CustomerCode
from kiosk.domain.swap.pending_swaps import Answer, Settled
from kiosk.platform.agent.mqtt_service import PlatformService
from kiosk.platform.store.repository import PlatformStore
from kiosk.shared.mqtt.link import LinkChanged, MqttMessage
from kiosk.shared.mqtt.session import MqttSession
from kiosk.station.adapters.mqtt.completion_channel import MqttCompletions
from kiosk.station.adapters.mqtt.plan_source import MqttPlans
from kiosk.wire.actions import Topics
from tests.brokers import run
from tests.builders import NOON, plan_of, swap_of
from tests.deployment.deployed import BACK_END, OLDER, OTHER, PLATFORM, STATION, Deployed
from tests.platform.agent_counter import FixedClock
from tests.station.adapters.mqtt.parties import Ears, linked, unlinked

PLAN = "plan-deployed"
ANSWER = f"rtrn/abs/attendant/plan/{PLAN}/complete_service_response"
ECHO = f"echo/abs/service/plan/{PLAN}/identify_customer"
EVENT = f"event/abs/payment/plan/{PLAN}/payment_received"
SWAP_EVENT = f"event/abs/service/plan/{PLAN}/service_completed"
OWN_ANSWER = f"rtrn/abs/station/{STATION}/complete_service"
OWN_EVENT = f"event/abs/station/{STATION}/payment_received"
QUESTION = f"call/uxi/attendant/plan/{PLAN}/complete_service"
ENROLMENT = f"call/uxi/attendant/station/{STATION}/enrol"
WAIT_SECONDS = 20.0
KWH = Decimal("5.0")


def test_an_older_kiosk_identifies_and_completes_through_the_shipped_broker(deployed: Deployed) -> None:
    async def swap() -> Answer:
        store = PlatformStore(deployed.folder / "platform.sqlite")
        store.insert_plan(plan_of(id=PLAN), NOON)
        service = PlatformService(deployed.link(PLATFORM), store, clock=FixedClock())
        await service.start()
        try:
            await service.wait_ready(WAIT_SECONDS)
            async with linked(deployed.link(OLDER)) as session:
                return await swapped(session)
        finally:
            await service.stop()
            store.close()

    assert isinstance(run(swap()), Settled)


async def swapped(session: MqttSession) -> Answer:
    """One customer, one swap, by the kiosk's own ports."""
    answers: Ears[Answer] = Ears()
    plans = MqttPlans(session, Topics(), FixedClock(), station_id=OLDER, attendant=lambda: "ATT-001")
    plan = await plans.identify(CustomerCode(text=PLAN, plan_id=PLAN), WAIT_SECONDS)
    channel = MqttCompletions(session, Topics())
    channel.on_answer = answers
    request = CompleteService(
        incoming_battery_id=plan.current_asset,
        incoming_kwh=KWH,
        outgoing_battery_id="BAT-67890",
        outgoing_kwh=KWH,
        attendant_id="ATT-001",
        attendant_station=OLDER,
        transaction_timestamp=NOON,
        correlation_id="TXN-01JAAAAAAAAAAAAAAAAAAAAAAA",
    )
    await channel.send(channel.message(swap_of(plan), request))
    return (await answers.until())[0]


@pytest.mark.parametrize(
    ("listener", "topic"),
    [(STATION, OWN_ANSWER), (STATION, OWN_EVENT), (OLDER, ANSWER), (OLDER, EVENT), (BACK_END, ANSWER), (BACK_END, SWAP_EVENT)],
)
@pytest.mark.parametrize("impostor", [OTHER, BACK_END])
def test_only_the_platform_speaks_as_the_platform(deployed: Deployed, listener: str, impostor: str, topic: str) -> None:
    assert run(first_heard_by(deployed, listener, impostor, topic, PLATFORM)) == PLATFORM.encode()


def test_a_station_cannot_answer_itself(deployed: Deployed) -> None:
    for topic in (OWN_ANSWER, OWN_EVENT):
        assert run(first_heard_by(deployed, STATION, STATION, topic, PLATFORM)) == PLATFORM.encode()


@pytest.mark.parametrize("impostor", [OTHER, BACK_END, OLDER])
def test_nobody_enrols_as_another_station(deployed: Deployed, impostor: str) -> None:
    assert run(first_heard_by(deployed, PLATFORM, impostor, ENROLMENT, STATION)) == STATION.encode()


async def first_heard_by(deployed: Deployed, listener: str, impostor: str, topic: str, rightful: str) -> bytes:
    """What `listener` hears first on a topic that `impostor` publishes on before the one does who may."""
    heard: Ears[MqttMessage] = Ears()
    async with linked(deployed.link(listener)) as ours, linked(deployed.link(impostor)) as theirs, linked(deployed.link(rightful)) as other:
        await ours.ready(ours.listen(topic, heard))
        await passed_on(theirs, topic, impostor)
        other.publish(topic, rightful.encode())
        return (await heard.until())[0].payload


async def passed_on(theirs: MqttSession, topic: str, impostor: str) -> None:
    """Publishes as the impostor; returns when the broker has dealt with it: it serves each client in order."""
    theirs.publish(topic, f"from {impostor}".encode())
    await theirs.ready(theirs.listen("barrier", lambda _: None))  # acknowledged after the message before it


@pytest.mark.parametrize("topic", [ANSWER, ECHO, EVENT, SWAP_EVENT])
def test_a_back_end_hears_what_is_told_to_all(deployed: Deployed, topic: str) -> None:
    async def scene() -> bytes:
        heard: Ears[MqttMessage] = Ears()
        async with linked(deployed.link(BACK_END)) as ours, linked(deployed.link(PLATFORM)) as platform:
            await ours.ready(ours.listen(topic, heard))
            platform.publish(topic, b"told")
            return (await heard.until())[0].payload

    assert run(scene()) == b"told"


@pytest.mark.parametrize(("user", "password"), [(STATION, "a guess"), ("nobody", "a guess"), (None, "")])
def test_nobody_comes_in_without_a_name_and_its_password(deployed: Deployed, user: str | None, password: str) -> None:
    async def reason() -> str:
        events: Ears[LinkChanged] = Ears()
        async with unlinked(deployed.link(user, password), events):
            return (await events.until())[0].reason

    assert "authori" in run(reason()).lower()
