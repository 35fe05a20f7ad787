"""What the platform says over a real broker is signed, and each station is answered where it alone listens."""

import asyncio
from typing import Any

from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.station_register import StationRegister
from kiosk.shared.mqtt.link import Delivery, MqttMessage
from kiosk.shared.mqtt.session import MqttSession
from kiosk.wire.enrolment import enrolment_question, make_secret, secret_hash
from kiosk.wire.exact_json import loads
from kiosk.wire.signed_messages import MessageRole, SignedParts, is_signed, read_signature
from tests.brokers import Mosquitto, Place, old_broker, run
from tests.builders import NOON
from tests.platform.agent_counter import PLAN, SWAP, FixedClock, Where, completion, paid
from tests.platform.kiosks import kiosk_on, link_to, platform_on
from tests.platform.signing import SigningStation, enrol_on, seeded

KEY = seeded(7)
COMPLETE = "complete_service"


def role_of(message: MqttMessage) -> MessageRole:
    return MessageRole.EVENT if message.topic.startswith("event/") else MessageRole.ANSWER


def parts_of(message: MqttMessage) -> SignedParts:
    correlation = (message.correlation_data or b"").decode()
    return SignedParts(role=role_of(message), topic=message.topic, payload=message.payload, correlation=correlation)


def is_the_platforms(message: MqttMessage) -> bool:
    """Whether the platform signed exactly this, at the time of its clock."""
    signature = read_signature(message.user_properties)
    if signature is None or signature.at != NOON or signature.station != KEY.public.id:
        return False
    return is_signed(parts_of(message), signature, KEY.public)


def enrol_in(books: Where, station: SigningStation) -> None:
    store = PlatformStore(books)
    enrol_on(store, station, FixedClock())
    store.close()


def send(session: MqttSession, station: SigningStation, step: str, body: object) -> None:
    message = station.message(step, body)
    delivery = Delivery(
        response_topic=message.response_topic, correlation_data=message.correlation_data, user_properties=message.user_properties
    )
    session.publish(message.topic, message.payload, delivery)


def test_answers_and_events_are_signed_whoever_asked(mosquitto: Mosquitto, books: Where) -> None:
    async def swap() -> list[MqttMessage]:
        async with platform_on(mosquitto, books, PLAN, key=KEY), kiosk_on(mosquitto) as kiosk:
            await kiosk.call(PLAN, COMPLETE, paid())
            await kiosk.until(lambda: len(kiosk.heard) == 3)
            return kiosk.heard

    heard = run(swap())
    assert sorted(each.topic.rsplit("/", 1)[-1] for each in heard) == ["complete_service_response", "payment_received", "service_completed"]
    assert [is_the_platforms(each) for each in heard] == [True] * 3


def test_a_signature_of_the_platform_is_over_all_of_the_message(mosquitto: Mosquitto, books: Where) -> None:
    async def swap() -> MqttMessage:
        async with platform_on(mosquitto, books, PLAN, key=KEY), kiosk_on(mosquitto) as kiosk:
            kiosk.send(f"call/uxi/attendant/plan/{PLAN}/complete_service", completion(), Delivery(correlation_data=b"swap-1"))
            await kiosk.until(lambda: kiosk.answers(SWAP))
            return next(each for each in kiosk.heard if each.topic.startswith("rtrn"))

    answer = run(swap())
    signature = read_signature(answer.user_properties)
    assert signature is not None
    same: dict[str, Any] = {"topic": answer.topic, "payload": answer.payload, "correlation": "swap-1"}
    assert is_signed(SignedParts(role=MessageRole.ANSWER, **same), signature, KEY.public)
    for change in ({"topic": "rtrn/x"}, {"payload": b"{}"}, {"correlation": "swap-2"}, {"correlation": ""}):
        assert not is_signed(SignedParts(role=MessageRole.ANSWER, **{**same, **change}), signature, KEY.public)
    assert not is_signed(SignedParts(role=MessageRole.EVENT, **same), signature, KEY.public)


def test_an_answer_to_correlation_data_that_is_no_text_goes_unsigned(mosquitto: Mosquitto, books: Where) -> None:
    async def swap() -> MqttMessage:
        async with platform_on(mosquitto, books, PLAN, key=KEY), kiosk_on(mosquitto) as kiosk:
            kiosk.send(f"call/uxi/attendant/plan/{PLAN}/complete_service", completion(), Delivery(correlation_data=b"\x00\xff"))
            await kiosk.until(lambda: kiosk.answers(SWAP))
            return next(each for each in kiosk.heard if each.topic.startswith("rtrn"))

    answer = run(swap())
    assert (answer.correlation_data, answer.user_properties) == (b"\x00\xff", ())


def test_a_signed_swap_is_answered_and_its_payment_told_on_the_stations_own_topics(mosquitto: Mosquitto, books: Where) -> None:
    station = SigningStation("STATION_XYZ")
    enrol_in(books, station)

    async def swap() -> list[MqttMessage]:
        async with platform_on(mosquitto, books, PLAN, key=KEY), kiosk_on(mosquitto) as kiosk:
            send(kiosk.session, station, COMPLETE, paid())
            await kiosk.until(lambda: len(kiosk.heard) == 4)
            return kiosk.heard

    heard = run(swap())
    assert {each.topic for each in heard} == {
        station.topic_of(COMPLETE),
        f"event/abs/service/plan/{PLAN}/service_completed",
        f"event/abs/payment/plan/{PLAN}/payment_received",
        "event/abs/station/STATION_XYZ/payment_received",
    }
    assert all(map(is_the_platforms, heard))


def test_a_station_enrols_itself_over_the_broker_and_then_signs(mosquitto: Mosquitto, books: Where) -> None:
    station, secret = SigningStation("STATION_XYZ"), make_secret()
    store = PlatformStore(books)
    StationRegister(store).add(station.id, secret_hash(secret), NOON, "the desk")
    store.close()

    async def enrol() -> list[MqttMessage]:
        heard: list[MqttMessage] = []
        news = asyncio.Event()

        def hear(message: MqttMessage) -> None:
            heard.append(message)
            news.set()

        async with platform_on(mosquitto, books, PLAN, key=KEY):
            session = MqttSession(link_to(mosquitto, "kiosk"))
            session.listen("rtrn/abs/station/STATION_XYZ/#", hear)
            await session.start()
            try:
                await session.wait_connected(10)
                body = enrolment_question(secret, station.id, station.key.public, NOON).write()
                asked = station.message("enrol", body, topic="call/uxi/attendant/station/STATION_XYZ/enrol")
                about = Delivery(
                    response_topic=asked.response_topic, correlation_data=asked.correlation_data, user_properties=asked.user_properties
                )
                session.publish(asked.topic, asked.payload, about)
                async with asyncio.timeout(10):
                    await news.wait()
                send(session, station, COMPLETE, completion())
                async with asyncio.timeout(10):
                    while len(heard) < 2:
                        news.clear()
                        await news.wait()
            finally:
                await session.stop()
        return heard

    enrolled, booked = run(enrol())
    assert loads(enrolled.payload)["enrolled"] is True
    assert loads(booked.payload)["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    assert is_the_platforms(enrolled)
    assert is_the_platforms(booked)


def test_on_a_broker_of_mqtt_3_1_1_unsigned_stations_are_answered_as_before(books: Where) -> None:
    async def swap() -> list[MqttMessage]:
        async with old_broker() as port:
            broker = Place("127.0.0.1", port)
            async with platform_on(broker, books, PLAN, key=KEY), kiosk_on(broker) as kiosk:
                await kiosk.call(PLAN, COMPLETE, completion())
                return kiosk.heard

    heard = run(swap(), 30)
    assert heard[0].topic == f"rtrn/abs/attendant/plan/{PLAN}/complete_service_response"
    assert heard[0].user_properties == ()
