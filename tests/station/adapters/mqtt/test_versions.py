"""MQTT 5 where it is spoken, 3.1.1 where it is not (contract, MQTT)."""

import asyncio
from collections.abc import Callable

import pytest

from kiosk.shared.mqtt.link import Delivery, LinkSettings, MqttMessage
from tests.brokers import old_broker, run, silent_server
from tests.station.adapters.mqtt.parties import Ears, linked

Link = Callable[..., LinkSettings]


def test_an_old_broker_is_spoken_to_in_3_1_1_and_what_only_5_carries_is_left_out(link: Link) -> None:
    async def scene() -> None:
        ears: Ears[MqttMessage] = Ears()
        async with old_broker() as port, linked(link(port)) as session:
            assert not session.speaks_5
            await session.ready(session.listen("call/+/x", ears))
            session.publish("call/plan/x", b"payload", Delivery(response_topic="rtrn", correlation_data=b"id", expiry_seconds=3))
            assert await ears.until() == [MqttMessage("call/plan/x", b"payload")]

    run(scene())


@pytest.mark.parametrize("refusal", [b"\x20\x02\x00\x01", b"\x20\x03\x00\x84\x00", b""], ids=["in 3.1.1", "in 5", "closes"])
def test_every_way_to_refuse_mqtt_5_leads_to_3_1_1(link: Link, refusal: bytes) -> None:
    versions: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connect = await reader.read(1024)
        versions.append(connect[8])
        writer.write(b"\x20\x02\x00\x00" if connect[8] == 4 else refusal)
        if connect[8] == 4:
            await reader.read(1024)
        writer.close()

    async def scene() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with linked(link(server.sockets[0].getsockname()[1])) as session:
            assert not session.speaks_5
        server.close()
        await server.wait_closed()

    run(scene())
    assert versions == [5, 4]


def test_a_silent_broker_is_not_taken_for_an_old_one(link: Link) -> None:
    async def scene() -> None:
        async with silent_server() as port:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.6), linked(link(port, connect_timeout=0.2)):
                    pytest.fail("a silent broker is no link")

    run(scene())
