"""Who else is on the broker in these tests: a platform that answers as it is told, and ears that wait for what is announced."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from kiosk.shared.mqtt.link import LinkSettings, MqttMessage
from kiosk.shared.mqtt.session import MqttSession


class Ears[T]:
    """Collects what it hears, and waits for the next that satisfies a wish."""

    def __init__(self) -> None:
        self.heard: list[T] = []
        self._news = asyncio.Event()

    def __call__(self, each: T) -> None:
        self.heard.append(each)
        self._news.set()

    async def until(self, wish: Callable[[T], bool] = lambda _: True, count: int = 1) -> list[T]:
        """Those that satisfy the wish, once there are `count` of them."""
        while len(found := [each for each in self.heard if wish(each)]) < count:
            self._news.clear()
            await self._news.wait()
        return found


@asynccontextmanager
async def linked(settings: LinkSettings, announce: Callable[..., None] = lambda _: None) -> AsyncIterator[MqttSession]:
    """A session that is up, and ended afterwards."""
    session = MqttSession(settings, announce)
    await session.start()
    try:
        await session.wait_connected(10)
        yield session
    finally:
        await session.stop()


@asynccontextmanager
async def unlinked(settings: LinkSettings, announce: Callable[..., None] = lambda _: None) -> AsyncIterator[MqttSession]:
    """A session that has begun to connect, and is ended afterwards."""
    session = MqttSession(settings, announce)
    await session.start()
    try:
        yield session
    finally:
        await session.stop()


class Platform:
    """Hears the kiosk's messages and answers with what `reply` gives for each (nothing for None)."""

    def __init__(self, session: MqttSession) -> None:
        self.session = session
        self.asked: Ears[MqttMessage] = Ears()

    async def answer(self, topic_filter: str, reply: Callable[[MqttMessage], tuple[str, bytes] | None]) -> None:
        """From now on."""

        def heard(message: MqttMessage) -> None:
            told = reply(message)
            if told is not None:
                self.session.publish(*told)
            self.asked(message)

        await self.session.ready(self.session.listen(topic_filter, heard))
