"""One link that stays, against real brokers."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput, LinkDown
from kiosk.shared.mqtt.link import Delivery, LinkChanged, LinkSettings, MqttMessage, client_id, topic_for_log
from kiosk.shared.mqtt.session import MqttSession
from tests.brokers import Mosquitto, free_port, run, silent_server
from tests.station.adapters.mqtt.parties import Ears, linked, unlinked

Link = Callable[..., LinkSettings]
Brokers = Callable[..., Mosquitto]


def is_down(event: LinkChanged) -> bool:
    return not event.connected


def is_up(event: LinkChanged) -> bool:
    return event.connected


def test_a_message_arrives_byte_for_byte_with_what_mqtt_5_says_beside_it(mosquitto: Mosquitto, link: Link) -> None:
    async def scene() -> None:
        ears: Ears[MqttMessage] = Ears()
        payload = bytes(range(256))
        async with linked(link(mosquitto.port, client_id="bytes-1")) as session:
            await session.ready(session.listen("bytes/here", ears))
            session.publish("bytes/here", payload, Delivery(response_topic="a/b", correlation_data=b"\0\1id", expiry_seconds=300))
            (heard,) = await ears.until()
            assert session.speaks_5
        assert heard == MqttMessage("bytes/here", payload, "a/b", b"\0\1id")

    run(scene())


@pytest.mark.parametrize("length", [0, 100, 200, 20_000])
def test_what_stands_beside_a_message_may_be_of_any_length(mosquitto: Mosquitto, link: Link, length: int) -> None:
    async def scene() -> None:
        ears: Ears[MqttMessage] = Ears()
        async with linked(link(mosquitto.port, client_id=f"lengths-{length}")) as session:
            await session.ready(session.listen(f"lengths/{length}", ears))
            session.publish(f"lengths/{length}", b"", Delivery(correlation_data=b"x" * length))
            (heard,) = await ears.until()
        assert heard.correlation_data == b"x" * length

    run(scene())


def test_a_long_message_that_the_socket_does_not_take_at_once_arrives_whole(mosquitto: Mosquitto, link: Link) -> None:
    async def scene() -> None:
        ears: Ears[MqttMessage] = Ears()
        payload = b"0123456789" * 400_000
        async with linked(link(mosquitto.port, client_id="long-1")) as session:
            await session.ready(session.listen("long", ears))
            session.publish("long", payload)
            session.publish("long", b"after it")
            heard = await ears.until(count=2)
        assert [each.payload for each in heard] == [payload, b"after it"]

    run(scene())


def test_a_handler_may_publish_and_an_exception_in_one_stops_nothing(
    mosquitto: Mosquitto, link: Link, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene() -> None:
        ears: Ears[MqttMessage] = Ears()
        async with linked(link(mosquitto.port, client_id="handlers-1")) as session:

            def answer(message: MqttMessage) -> None:
                session.publish("handlers/echo", message.payload)
                raise RuntimeError("after the answer")

            await session.ready(session.listen("handlers/+/call", answer))
            await session.ready(session.listen("handlers/echo", ears))
            session.publish("handlers/1/call", b"one")
            session.publish("handlers/2/call", b"two")
            assert [each.payload for each in await ears.until(count=2)] == [b"one", b"two"]

    run(scene())
    assert "a message on handlers/1/call was not handled" in caplog.text


def test_what_is_forgotten_is_no_longer_heard(mosquitto: Mosquitto, link: Link) -> None:
    async def scene() -> None:
        forgotten: Ears[MqttMessage] = Ears()
        ears: Ears[MqttMessage] = Ears()
        async with linked(link(mosquitto.port, client_id="forget-1")) as session:
            subscription = session.listen("forget/1", forgotten)
            await session.ready(subscription)
            session.forget(subscription)
            await session.ready(session.listen("forget/2", ears))
            session.publish("forget/1", b"")
            session.publish("forget/2", b"")
            await ears.until()
        assert forgotten.heard == []

    run(scene())


def test_a_topic_that_is_no_text_is_dropped(mosquitto: Mosquitto, link: Link) -> None:
    async def scene() -> None:
        ears: Ears[MqttMessage] = Ears()
        async with linked(link(mosquitto.port, client_id="topics-1")) as session:
            await session.ready(session.listen("topics/#", ears))
            session.publish("topics/ü", b"")
            assert [each.topic for each in await ears.until()] == ["topics/ü"]

    run(scene())


def test_a_broker_that_is_killed_and_started_again_is_found_and_all_is_subscribed_again(own_mosquitto: Brokers, link: Link) -> None:
    broker = own_mosquitto()

    async def scene() -> None:
        events: Ears[LinkChanged] = Ears()
        ears: Ears[MqttMessage] = Ears()
        async with linked(link(broker.port), events) as session:
            await session.ready(session.listen("again/+/wild", ears))
            await session.ready(session.listen("again/exact", ears))
            broker.kill()
            await events.until(is_down)
            with pytest.raises(LinkDown):
                session.publish("again/exact", b"lost")
            await asyncio.to_thread(broker.start)
            await events.until(is_up, count=2)
            session.publish("again/1/wild", b"wild")
            session.publish("again/exact", b"exact")
            assert {each.payload for each in await ears.until(count=2)} == {b"wild", b"exact"}

    run(scene())


def test_what_is_listened_to_while_the_link_is_down_stands_when_it_is_up(own_mosquitto: Brokers, link: Link) -> None:
    broker = own_mosquitto()
    broker.stop()

    async def scene() -> None:
        ears: Ears[MqttMessage] = Ears()
        async with unlinked(link(broker.port)) as session:
            subscription = session.listen("later", ears)
            with pytest.raises(LinkDown):
                await session.ready(subscription)
            await asyncio.to_thread(broker.start)
            await session.wait_connected(10)
            await session.ready(subscription)
            session.publish("later", b"now")
            await ears.until()

    run(scene())


def test_nobody_on_the_port_is_a_reason_and_not_an_error(link: Link) -> None:
    async def scene() -> None:
        events: Ears[LinkChanged] = Ears()
        async with unlinked(link(free_port()), events) as session:
            (event,) = await events.until()
            assert "refused" in event.reason
            with pytest.raises(LinkDown, match="refused"):
                session.publish("x", b"")

    run(scene())


def test_a_name_that_nobody_knows_is_a_reason(link: Link) -> None:
    async def scene() -> None:
        events: Ears[LinkChanged] = Ears()
        async with unlinked(link(1883, host="no-such-host.invalid"), events):
            (event,) = await events.until()
            assert "no-such-host.invalid is not known" in event.reason or "does not answer" in event.reason

    run(scene())


def test_a_broker_that_accepts_and_stays_silent_is_given_up_within_the_deadline(link: Link) -> None:
    async def scene() -> None:
        events: Ears[LinkChanged] = Ears()
        async with silent_server() as port, unlinked(link(port, connect_timeout=0.3), events):
            (event,) = await events.until()
            assert "does not answer" in event.reason

    run(scene(), seconds=5)


def test_a_broker_that_falls_silent_after_its_first_word_is_noticed_by_the_subscription(link: Link) -> None:
    connack_5 = b"\x20\x03\x00\x00\x00"

    async def scene() -> None:
        events: Ears[LinkChanged] = Ears()
        async with silent_server(connack_5) as port, linked(link(port, ack_timeout=0.3), events) as session:
            with pytest.raises(LinkDown, match="does not answer"):
                await session.ready(session.listen("x", print))
            (event,) = await events.until(is_down)
            assert "does not answer" in event.reason

    run(scene(), seconds=5)


@asynccontextmanager
async def scripted_server(*replies: bytes) -> AsyncIterator[int]:
    """A broker that gives these replies, one to each packet, and closes after the last: its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for each in replies:
            await reader.read(1024)
            writer.write(each)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def test_a_subscription_that_the_broker_refuses_is_no_link_for_whoever_needs_it(link: Link) -> None:
    connack, refused = b"\x20\x03\x00\x00\x00", b"\x90\x04\x00\x01\x00\x87"

    async def scene() -> None:
        async with scripted_server(connack, refused, b"") as port, linked(link(port)) as session:
            with pytest.raises(LinkDown, match="does not let this kiosk read secret"):
                await session.ready(session.listen("secret", print))

    run(scene(), seconds=5)


def test_a_link_that_breaks_while_a_subscription_is_awaited_ends_the_wait_at_once(link: Link) -> None:
    connack = b"\x20\x03\x00\x00\x00"

    async def scene() -> None:
        async with scripted_server(connack, b"") as port, linked(link(port)) as session:
            with pytest.raises(LinkDown, match="broke"):
                await session.ready(session.listen("x", print))

    run(scene(), seconds=3)


def test_a_broker_that_falls_silent_on_an_idle_link_is_noticed_by_the_keep_alive(link: Link) -> None:
    connack_5 = b"\x20\x03\x00\x00\x00"

    async def scene() -> None:
        events: Ears[LinkChanged] = Ears()
        async with silent_server(connack_5) as port, linked(link(port, keepalive=1), events):
            (event,) = await events.until(is_down)
            assert "the link broke" in event.reason

    run(scene(), seconds=10)


@pytest.mark.parametrize(
    "nonsense", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x20\x03\x00\x00\x7f", b"\xff" * 64, b"\x20\xff\xff\xff\xff\xff"]
)
def test_a_broker_that_speaks_something_else_costs_the_link_and_nothing_more(link: Link, nonsense: bytes) -> None:
    async def scene() -> None:
        events: Ears[LinkChanged] = Ears()
        async with silent_server(nonsense) as port, unlinked(link(port, connect_timeout=0.3), events) as session:
            assert (await events.until())[0].reason
            assert not session.connected

    run(scene(), seconds=10)


def test_a_second_session_with_the_same_client_id_takes_the_place_of_the_first(own_mosquitto: Brokers, link: Link) -> None:
    broker = own_mosquitto()

    async def scene() -> None:
        events: Ears[LinkChanged] = Ears()
        first, second = (link(broker.port, client_id="one", first_retry=wait, most_retry=wait) for wait in (60.0, 0.1))
        async with linked(first, events) as old, linked(second) as new:
            (event,) = await events.until(is_down)
            assert event.reason.startswith("the link broke")
            assert (old.connected, new.connected) == (False, True)

    run(scene())


def test_each_link_has_an_id_of_its_own_that_names_its_station_and_cannot_be_guessed() -> None:
    first, second = (client_id("swap-kiosk", "STATION 1/a", "x7") for _ in range(2))
    assert re.fullmatch("swap-kiosk-STATION_1_a-x7-[0-9a-f]{32}", first)
    assert first != second


def test_a_wrong_password_is_the_brokers_reason(own_mosquitto: Brokers, link: Link, tmp_path: Path) -> None:
    broker = own_mosquitto("allow_anonymous false")
    secret = tmp_path / "password"
    secret.write_text("wrong\n")

    async def scene() -> None:
        events: Ears[LinkChanged] = Ears()
        async with unlinked(link(broker.port, username="kiosk", password_file=secret), events):
            assert "not authorized" in (await events.until())[0].reason.lower()

    run(scene())


def test_a_password_file_that_cannot_be_read_is_a_reason(mosquitto: Mosquitto, link: Link, tmp_path: Path) -> None:
    async def scene() -> None:
        events: Ears[LinkChanged] = Ears()
        async with unlinked(link(mosquitto.port, username="kiosk", password_file=tmp_path / "absent"), events):
            assert "mqtt.password_file cannot be read" in (await events.until())[0].reason

    run(scene())


def test_a_certificate_authority_that_is_none_is_refused_at_once(link: Link, tmp_path: Path) -> None:
    wrong = tmp_path / "ca.pem"
    wrong.write_text("no certificate")
    with pytest.raises(BadInput, match=r"mqtt\.tls_ca"):
        MqttSession(link(1, tls_ca=wrong))


def test_the_wait_between_tries_doubles_up_to_its_limit_and_is_scattered(link: Link) -> None:
    session = MqttSession(link(1, first_retry=0.5, most_retry=30.0), spread=lambda: 1.0)
    assert [session._wait(tries) for tries in (0, 1, 2, 3, 20)] == [0.25, 0.25, 0.5, 1.0, 15.0]


class DeafLoop(asyncio.SelectorEventLoop):
    """A loop that cannot watch sockets, as Windows' default one."""

    def add_reader(self, *_args: object) -> None:
        raise NotImplementedError

    def remove_reader(self, *_args: object) -> bool:
        raise NotImplementedError


def test_a_loop_that_cannot_watch_sockets_gets_the_same_by_a_thread(own_mosquitto: Brokers, link: Link) -> None:
    broker = own_mosquitto()

    async def scene() -> None:
        events: Ears[LinkChanged] = Ears()
        ears: Ears[MqttMessage] = Ears()
        async with linked(link(broker.port), events) as session:
            await session.ready(session.listen("thread", ears))
            session.publish("thread", b"1", Delivery(correlation_data=b"c"))
            assert (await ears.until())[0].correlation_data == b"c"
            broker.kill()
            await events.until(is_down)
            broker.start()
            await events.until(is_up, count=2)
            session.publish("thread", b"2")
            await ears.until(count=2)

    with asyncio.Runner(loop_factory=DeafLoop) as runner:
        runner.run(asyncio.wait_for(scene(), 30))


def test_a_topic_in_a_log_names_no_plan() -> None:
    assert topic_for_log("echo/abs/service/plan/Amina Wanjiku/identify_customer") == "echo/abs/service/plan/…/identify_customer"
    assert topic_for_log("rtrn/abs/station/ST-1/#") == "rtrn/abs/station/ST-1/#"
