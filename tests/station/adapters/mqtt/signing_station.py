"""A station that signs, at a real broker, with a platform that signs and a rogue beside them (decision 26)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.domain.money.payments import PaymentReceived
from kiosk.domain.swap.pending_swaps import Answer
from kiosk.shared.mqtt.link import LinkSettings, MqttMessage
from kiosk.shared.mqtt.session import MqttSession
from kiosk.shared.signing_keys import SigningKey
from kiosk.shared.system import SystemClock
from kiosk.station.adapters.mqtt.completion_channel import MqttCompletions
from kiosk.station.adapters.mqtt.enrolment import Enrolment
from kiosk.station.adapters.mqtt.payment_channel import MqttPayments
from kiosk.station.adapters.mqtt.plan_source import MqttPlans
from kiosk.station.adapters.mqtt.platform_time import PlatformTime
from kiosk.station.adapters.mqtt.refused_messages import RefusedMessages
from kiosk.station.adapters.mqtt.station_guard import StationGuard
from kiosk.station.adapters.mqtt.station_topics import StationTopics
from kiosk.station.adapters.station_identity import open_identity
from kiosk.station.ports import OutgoingMessage
from kiosk.wire.actions import Topics
from kiosk.wire.exact_json import loads
from tests.brokers import Mosquitto
from tests.fakes import FakeClock
from tests.signing_platform import STATION, SigningPlatform, enrolment_file
from tests.station.adapters.mqtt.parties import Ears, linked
from tests.station.adapters.mqtt.test_completions import begun, request, settled

Link = Callable[..., LinkSettings]
TOPICS = Topics()
PLAN = "plan-of-signing"
OWN = f"rtrn/abs/station/{STATION}/complete_service"
OWN_EVENTS = f"event/abs/station/{STATION}/payment_received"
SHARED = TOPICS.complete_service_response.replace("{plan_id}", PLAN)


@dataclass
class Station:
    """A station's session with its guard and its channels. `records` are the acts that it wrote down."""

    session: MqttSession
    guard: StationGuard
    folder: Path
    records: list[tuple[str, str]] = field(default_factory=list)
    events: Ears[PaymentReceived] = field(default_factory=Ears)
    answers: Ears[Answer] = field(default_factory=Ears)

    def __post_init__(self) -> None:
        own = StationTopics(self.guard.identity.station_id, alone=True)
        self.completions = MqttCompletions(self.session, TOPICS, own=own)
        self.completions.on_answer = self.answers
        self.payments = MqttPayments(self.session, TOPICS, self.events, own)  # type: ignore[arg-type]  # payments are all it announces
        self.plans = MqttPlans(self.session, TOPICS, SystemClock(), station_id=STATION, attendant=lambda: "ATT-001", own=own)

    def message(self) -> OutgoingMessage:
        """A completion as it is stored."""
        return self.completions.message(begun(PLAN), request())

    async def enrolled(self, **facts: object) -> None:
        """Its first contact is over."""
        enrolment = Enrolment(self.session, self.guard, lambda what, ids: self.records.append((what, ids)), **facts)  # type: ignore[arg-type]
        task = asyncio.get_running_loop().create_task(enrolment.run())
        try:
            await until(lambda: self.guard.identity.key is not None or self.guard.identity.refused)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def until(happened: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait for it."""
    async with asyncio.timeout(seconds):
        while not happened():
            await asyncio.sleep(0.01)


def guard_of(folder: Path, platform: SigningKey, station: str = STATION, clock: FakeClock | None = None) -> StationGuard:
    """Of a station that has its enrolment file."""
    folder.mkdir(exist_ok=True)
    identity = open_identity(folder, station, enrolment_file(folder, platform.public, station))
    clock_ = clock or SystemClock()
    return StationGuard(
        identity,
        PlatformTime(clock_, identity.offset),
        RefusedMessages(folder, clock_),
        own_events=f"event/abs/station/{station}/payment_received",
        own_probe=f"rtrn/abs/station/{station}/probe",
    )


@asynccontextmanager
async def station_on(link: Link, port: int, guard: StationGuard, folder: Path) -> AsyncIterator[Station]:
    """A station that is linked."""
    session = MqttSession(link(port, client_id=f"{folder.name}-station"), guard=guard, only_5=True)
    guard.send_again = session.publish
    await session.start()
    try:
        await session.wait_connected(10)
        yield Station(session, guard, folder)
    finally:
        await session.stop()


@dataclass
class Scene:
    """A platform and an enrolled station; `rogue` is anybody else on the broker."""

    station: Station
    platform: SigningPlatform
    rogue: MqttSession


def yes(_message: MqttMessage, body: dict[str, object]) -> dict[str, object]:
    """A completion is booked."""
    return dict(loads(settled(str(body["correlation_id"]))))


@asynccontextmanager
async def scene_on(broker: Mosquitto, link: Link, folder: Path, clock: FakeClock | None = None) -> AsyncIterator[Scene]:
    near, far = link(broker.port, client_id=f"{folder.name}-rogue"), link(broker.port, client_id=f"{folder.name}-platform")
    async with linked(near) as rogue, linked(far) as session:
        platform = SigningPlatform(session, yes)
        await platform.open()
        async with station_on(link, broker.port, guard_of(folder, platform.key, clock=clock), folder) as station:
            await station.enrolled()
            yield Scene(station, platform, rogue)
