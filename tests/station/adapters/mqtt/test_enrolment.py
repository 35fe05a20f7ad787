"""A station's first contact, and what it sends from then on: each send signed anew, the bytes as they are (decision 26)."""

import asyncio
from pathlib import Path

import pytest

from kiosk.domain.errors import LinkDown
from kiosk.domain.swap.pending_swaps import Settled
from kiosk.shared.mqtt.link import Delivery
from kiosk.shared.mqtt.session import MqttSession
from kiosk.shared.signing_keys import SigningKey
from kiosk.station.adapters.mqtt.enrolment import Enrolment, trouble_of
from kiosk.station.adapters.mqtt.refused_messages import last_refused
from kiosk.station.adapters.station_identity import open_identity
from kiosk.wire.signed_messages import read_signature
from tests.brokers import Mosquitto, old_broker, run
from tests.signing_platform import STATION, SigningPlatform
from tests.station.adapters.mqtt.parties import linked
from tests.station.adapters.mqtt.signing_station import OWN, Link, guard_of, scene_on, station_on, yes
from tests.station.adapters.mqtt.test_completions import TXN


def test_a_station_registers_its_key_and_signs_each_send_anew_with_the_same_bytes(mosquitto: Mosquitto, link: Link, tmp_path: Path) -> None:
    async def act() -> None:
        async with scene_on(mosquitto, link, tmp_path) as scene:
            station, platform = scene.station, scene.platform
            assert [each[0] for each in station.records] == ["station enrolled"]
            message = station.message()
            await station.completions.send(message)
            await station.answers.until()
            await asyncio.sleep(0.01)
            await station.completions.send(message, asking=True)
            answers = await station.answers.until(count=2)
            assert [type(each) for each in answers] == [Settled, Settled]
            assert platform.refused == []
            first, second = [each for each in platform.asked.heard if each.topic == message.topic]
            assert first.payload == second.payload == message.payload
            assert (first.response_topic, first.correlation_data) == (OWN, TXN.encode())
            one, two = read_signature(first.user_properties), read_signature(second.user_properties)
            assert one is not None
            assert two is not None
            assert one.station == two.station == STATION
            assert one.time < two.time

    run(act())


def test_a_lost_answer_to_the_enrolment_is_asked_for_again_with_the_same_key(
    mosquitto: Mosquitto, link: Link, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.station.adapters.mqtt.enrolment.TRY_SECONDS", 0.2)

    async def act() -> None:
        async with linked(link(mosquitto.port, client_id="lost-platform")) as session:
            platform = SigningPlatform(session, enrols=False)
            await platform.open()
            guard = guard_of(tmp_path, platform.key)
            async with station_on(link, mosquitto.port, guard, tmp_path) as station:
                enrolling = asyncio.get_running_loop().create_task(station.enrolled())
                await platform.asked.until(count=2)
                platform.enrols = True
                await enrolling
            assert guard.identity.key is not None
            assert platform.stations == {STATION: guard.identity.key.public}
        assert open_identity(tmp_path, STATION, None).key is not None

    run(act())


def test_before_it_is_enrolled_a_station_sends_its_enrolment_alone(mosquitto: Mosquitto, link: Link, tmp_path: Path) -> None:
    async def act() -> None:
        async with linked(link(mosquitto.port, client_id="alone-platform")) as session:
            platform = SigningPlatform(session)
            await platform.open()
            async with station_on(link, mosquitto.port, guard_of(tmp_path, platform.key), tmp_path) as station:
                with pytest.raises(LinkDown, match="not enrolled yet"):
                    await station.completions.send(station.message())
                assert platform.asked.heard == []

    run(act())


def test_a_command_that_begins_at_once_waits_for_the_first_contact(
    mosquitto: Mosquitto, link: Link, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.station.adapters.mqtt.enrolment.FIRST_SECONDS", 0.5)

    async def act() -> None:
        async with linked(link(mosquitto.port, client_id="first-platform")) as session:
            platform = SigningPlatform(session, yes, enrols=False)
            await platform.open()
            async with station_on(link, mosquitto.port, guard_of(tmp_path, platform.key), tmp_path) as station:
                enrolment = Enrolment(station.session, station.guard, lambda *_: None)
                await enrolment.first_contact()  # nobody answers: it ends all the same
                assert station.guard.identity.key is None
                platform.enrols = True
                await enrolment.first_contact()
                await station.completions.send(station.message())
                assert [type(each) for each in await station.answers.until()] == [Settled]

    run(act())


def test_what_cannot_be_signed_waits_and_ends_nothing(tmp_path: Path) -> None:
    guard = guard_of(tmp_path, SigningKey.make())
    guard.identity.finish_enrolment()
    with pytest.raises(LinkDown, match="control character"):
        guard.sign("call/x", b"", Delivery(correlation_data=b"TXN-1\nrtrn"))


def test_a_secret_that_was_used_by_another_key_is_refused_and_said(mosquitto: Mosquitto, link: Link, tmp_path: Path) -> None:
    async def act() -> None:
        async with linked(link(mosquitto.port, client_id="used-platform")) as session:
            platform = SigningPlatform(session, stations={STATION: SigningKey.make().public})
            await platform.open()
            guard = guard_of(tmp_path, platform.key)
            async with station_on(link, mosquitto.port, guard, tmp_path) as station:
                await station.enrolled()
                assert trouble_of(guard) == "the platform refuses the enrolment: the secret was used"
                assert [each[0] for each in station.records] == ["enrolment refused"]
                with pytest.raises(LinkDown, match="the secret was used"):
                    await station.completions.send(station.message())

    run(act())


def test_an_answer_to_the_enrolment_that_the_platform_did_not_sign_enrols_nobody(mosquitto: Mosquitto, link: Link, tmp_path: Path) -> None:
    async def act() -> None:
        async with (
            linked(link(mosquitto.port, client_id="false-platform")) as session,
            linked(link(mosquitto.port, client_id="false-true")) as far,
        ):
            false, true = SigningPlatform(session), SigningPlatform(far, enrols=False)
            await false.open()
            guard = guard_of(tmp_path, true.key)
            async with station_on(link, mosquitto.port, guard, tmp_path) as station:
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(1):
                        await station.enrolled()
            assert guard.identity.key is None
            known = last_refused(tmp_path)
            assert known is not None
            assert "no key of the platform" in known.reason

    run(act())


def test_an_enrolled_station_never_speaks_an_older_mqtt(link: Link, tmp_path: Path) -> None:
    async def act() -> None:
        async with old_broker() as port:
            session = MqttSession(link(port), guard=guard_of(tmp_path, SigningKey.make()), only_5=True)
            await session.start()
            try:
                with pytest.raises(LinkDown, match="This counter signs, which needs MQTT 5"):
                    await session.wait_connected(2)
                assert not session.connected
            finally:
                await session.stop()

    run(act())
