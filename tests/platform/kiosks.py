"""Kiosks that are only a link: what they send, and all that they hear. And a platform on a broker."""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.platform.agent.mqtt_service import PlatformService
from kiosk.platform.store.repository import PlatformStore
from kiosk.shared.mqtt.link import Delivery, LinkSettings, MqttMessage
from kiosk.shared.mqtt.session import MqttSession
from kiosk.wire.exact_json import dumps, loads
from tests.brokers import Mosquitto, Place
from tests.builders import NOON, plan_of
from tests.platform.agent_counter import FixedClock, Where

WAIT_SECONDS = 20.0
HEARD = ("rtrn/abs/#", "echo/abs/#", "event/abs/#")


def link_to(broker: Mosquitto | Place, name: str) -> LinkSettings:
    """A link with a client id of its own and short waits."""
    return LinkSettings(
        host=broker.host, port=broker.port, client_id=f"{name}-{uuid.uuid4().hex[:12]}", first_retry=0.05, most_retry=0.2, keepalive=5
    )


@dataclass(slots=True)
class FakeKiosk:
    """Sends bytes and collects what the platform says."""

    session: MqttSession
    heard: list[MqttMessage] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    _answers: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    _events: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def hear(self, message: MqttMessage) -> None:
        self.heard.append(message)
        document = loads(message.payload)
        if message.topic.startswith("event/"):
            self._events[document["plan_id"]].append(document)
        else:
            self._answers[document["correlation_id"]].append(document)
        self.news.set()

    def send(self, topic: str, body: object, delivery: Delivery | None = None) -> None:
        self.session.publish(topic, body if isinstance(body, bytes) else dumps(body), delivery)

    async def call(self, plan_id: str, step: str, body: dict[str, Any], *, times: int = 1) -> dict[str, Any]:
        """Send `times` times and wait for as many answers; the last."""
        before = len(self.answers(body["correlation_id"]))
        for _each in range(times):
            self.send(f"call/uxi/attendant/plan/{plan_id}/{step}", body)
        await self.until(lambda: len(self.answers(body["correlation_id"])) >= before + times)
        return self.answers(body["correlation_id"])[-1]

    async def until(self, there: Callable[[], object]) -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            while not there():
                self.news.clear()
                await self.news.wait()

    def answers(self, correlation_id: str) -> list[dict[str, Any]]:
        return self._answers[correlation_id]

    def events(self, plan_id: str) -> list[dict[str, Any]]:
        return self._events[plan_id]


@asynccontextmanager
async def kiosk_on(broker: Mosquitto | Place) -> AsyncIterator[FakeKiosk]:
    """A kiosk whose subscriptions stand."""
    session = MqttSession(link_to(broker, "kiosk"))
    kiosk = FakeKiosk(session=session)
    for each in HEARD:
        session.listen(each, kiosk.hear)
    await session.start()
    try:
        await session.wait_connected(WAIT_SECONDS)
        yield kiosk
    finally:
        await session.stop()


@asynccontextmanager
async def platform_on(broker: Mosquitto | Place, books: Where, plan_id: str, **facts: Any) -> AsyncIterator[PlatformService]:
    """A platform that knows the contract's plan under `plan_id`, ready to answer; its clock stands still unless another one is given."""
    async with platform_with(broker, books, plan_of(id=plan_id), **{"clock": FixedClock(), **facts}) as service:
        yield service


@asynccontextmanager
async def platform_with(broker: Mosquitto | Place, books: Where, *plans: ServicePlan, **facts: Any) -> AsyncIterator[PlatformService]:
    """A platform that knows these plans, ready to answer; what it has booked on them before stands."""
    store = PlatformStore(books)
    for plan in plans:
        store.insert_plan(plan, NOON)
    service = PlatformService(link_to(broker, "platform"), store, **{"look_seconds": 0.1, **facts})
    await service.start()
    try:
        await service.wait_ready(WAIT_SECONDS)
        yield service
    finally:
        await service.stop()
        store.close()
