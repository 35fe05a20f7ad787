"""When the next try to connect comes, and a person who does not wait for it; against a broker that is stopped and started."""

import asyncio
from collections.abc import Callable

from kiosk.shared.mqtt.link import LinkChanged, LinkSettings
from kiosk.shared.mqtt.session import MqttSession
from tests.brokers import Mosquitto, free_port, run
from tests.station.adapters.mqtt.parties import Ears, linked, unlinked
from tests.station.adapters.mqtt.test_session import is_down, is_up

Link = Callable[..., LinkSettings]
Brokers = Callable[..., Mosquitto]


async def wait_of(session: MqttSession) -> float:
    """The seconds until the next try, once none is under way."""
    async with asyncio.timeout(5):
        while (seconds := session.seconds_to_try) is None:
            await asyncio.sleep(0.01)
    return seconds


def test_try_now_connects_at_once_and_does_not_wait_for_the_next_try(own_mosquitto: Brokers, link: Link) -> None:
    broker = own_mosquitto()
    broker.stop()

    async def scene() -> None:
        events: Ears[LinkChanged] = Ears()
        async with unlinked(link(broker.port, first_retry=60.0, most_retry=60.0), events) as session:
            assert 20 < await wait_of(session) <= 60
            broker.start()
            session.try_now()
            async with asyncio.timeout(3):
                await events.until(is_up)
            assert session.seconds_to_try is None

    run(scene())


def test_a_try_that_fails_after_try_now_is_followed_by_the_usual_wait(link: Link) -> None:
    async def scene() -> None:
        async with unlinked(link(free_port(), first_retry=60.0, most_retry=60.0)) as session:
            for _ in range(2):
                await wait_of(session)
                session.try_now()
                await asyncio.sleep(0.05)
            assert await wait_of(session) > 20

    run(scene())


def test_try_now_while_the_link_is_up_changes_nothing(own_mosquitto: Brokers, link: Link) -> None:
    broker = own_mosquitto()

    async def scene() -> None:
        async with linked(link(broker.port, first_retry=60.0, most_retry=60.0)) as session:
            session.try_now()
            broker.kill()
            assert await wait_of(session) > 20

    run(scene())


def test_a_reason_that_changes_leaves_the_time_since_the_link_is_down(own_mosquitto: Brokers, link: Link) -> None:
    broker = own_mosquitto()

    async def scene() -> None:
        events: Ears[LinkChanged] = Ears()
        async with linked(link(broker.port, first_retry=0.05, most_retry=0.1), events):
            broker.kill()
            first, second, *_ = await events.until(is_down, count=2)
            assert first.reason != second.reason
            assert first.since == second.since

    run(scene())
