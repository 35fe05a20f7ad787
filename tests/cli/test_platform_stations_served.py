"""A station's whole life with a platform that runs: added by a command, enrolled over the broker, believed, imitated in vain, revoked."""

import asyncio
from dataclasses import replace
from pathlib import Path

from kiosk.platform.agent.wire_messages import Incoming
from kiosk.shared.mqtt.link import Delivery, MqttMessage
from kiosk.shared.mqtt.session import MqttSession
from kiosk.shared.system import SystemClock
from kiosk.wire.enrolment import EnrolmentFile, enrolment_question, read_enrolment_file
from kiosk.wire.exact_json import loads
from kiosk.wire.signed_messages import MessageRole, SignedParts, is_signed, read_signature
from kiosk.wire.station_topics import enrol_topic, own_answer_topic
from tests.brokers import Mosquitto, run
from tests.builders import plan_of
from tests.cli.terminal import Terminal, platform_process
from tests.platform.agent_counter import OTHER_SWAP, PLAN, SWAP, completion, rows
from tests.platform.kiosks import link_to
from tests.platform.signing import SigningStation

ID, COMPLETE = "STATION_XYZ", "complete_service"
CONTRACT_TOPIC = f"rtrn/abs/attendant/plan/{PLAN}/complete_service_response"


def station_command(terminal: Terminal, books: Path, *arguments: str) -> int:
    action, *rest = arguments
    return terminal.here("platform", "station", action, "--database", f"sqlite:///{books}", *rest).code


def given_file(terminal: Terminal) -> EnrolmentFile:
    return read_enrolment_file((terminal.folder / f"{ID}.enrolment.json").read_bytes())


async def ask(broker: Mosquitto, asked: Incoming) -> MqttMessage:
    """The first answer to a message."""
    heard: asyncio.Queue[MqttMessage] = asyncio.Queue()
    session = MqttSession(link_to(broker, "kiosk"))
    session.listen("rtrn/abs/#", heard.put_nowait)
    await session.start()
    try:
        await session.wait_connected(10)
        about = Delivery(
            response_topic=asked.response_topic, correlation_data=asked.correlation_data, user_properties=asked.user_properties
        )
        session.publish(asked.topic, asked.payload, about)
        return await asyncio.wait_for(heard.get(), 10)
    finally:
        await session.stop()


def is_by(file: EnrolmentFile, answer: MqttMessage) -> bool:
    """Whether the platform that wrote the file signed this answer."""
    signature = read_signature(answer.user_properties)
    correlation = (answer.correlation_data or b"").decode()
    parts = SignedParts(role=MessageRole.ANSWER, topic=answer.topic, payload=answer.payload, correlation=correlation)
    return signature is not None and is_signed(parts, signature, file.platform_key)


def test_a_station_from_its_file_to_its_end(mosquitto: Mosquitto, tmp_path: Path) -> None:
    terminal, station, clock = Terminal(tmp_path), SigningStation(ID), SystemClock()
    terminal.configure(mosquitto)

    def signed(swap: str) -> Incoming:
        return station.message(COMPLETE, completion(correlation_id=swap), at=clock.now())

    with platform_process(mosquitto, tmp_path / "platform", plan_of()) as books:
        assert station_command(terminal, books, "add", ID) == 0
        file = given_file(terminal)
        body = enrolment_question(file.secret, ID, station.key.public, clock.now()).write()
        question = station.message("enrol", body, at=clock.now(), topic=enrol_topic(ID), response_topic=own_answer_topic(ID, "enrol"))
        enrolled = run(ask(mosquitto, question), 20)
        assert loads(enrolled.payload)["enrolled"] is True
        assert is_by(file, enrolled)

        imitated = run(ask(mosquitto, replace(signed(SWAP), user_properties=())), 20)
        assert (imitated.topic, loads(imitated.payload)["signals"][-1]) == (CONTRACT_TOPIC, "STATION_UNSIGNED")

        booked = run(ask(mosquitto, signed(SWAP)), 20)
        assert (booked.topic, loads(booked.payload)["signals"]) == (station.topic_of(COMPLETE), ["SERVICE_COMPLETED_SUCCESS"])
        assert is_by(file, booked)

        assert station_command(terminal, books, "revoke", ID) == 0
        refused = run(ask(mosquitto, signed(OTHER_SWAP)), 20)
        assert loads(refused.payload)["signals"][-1] == "STATION_REVOKED"
        assert is_by(file, refused)
    assert rows(books, "SELECT correlation_id FROM platform_transactions") == [(SWAP,)]
    assert rows(books, "SELECT correlation_id FROM platform_held_requests") == [(OTHER_SWAP,)]
