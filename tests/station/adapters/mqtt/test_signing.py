"""Clocks that differ, keys that follow, stations that were taken out of service, and two stations side by side (decision 26)."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.domain.swap.pending_swaps import Rejected, Settled
from kiosk.shared.mqtt.link import Delivery, MqttMessage
from kiosk.shared.signing_keys import SigningKey
from kiosk.station.adapters.mqtt.enrolment import Enrolment, trouble_of
from kiosk.station.adapters.mqtt.platform_time import PlatformTime
from kiosk.station.adapters.station_identity import open_identity
from kiosk.wire.exact_json import dumps
from kiosk.wire.published_keys import PublishedKey, succession_bytes
from tests.brokers import Mosquitto, run
from tests.fakes import FakeClock
from tests.signing_platform import STATION, signed
from tests.station.adapters.mqtt.parties import Ears
from tests.station.adapters.mqtt.signing_station import OWN, Link, guard_of, scene_on, station_on, until, yes
from tests.station.adapters.mqtt.test_completions import TXN, settled


@pytest.mark.parametrize("hours", [-26, 5])
def test_a_station_whose_clock_is_wrong_signs_again_by_the_platforms_and_keeps_it(
    mosquitto: Mosquitto, link: Link, tmp_path: Path, hours: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def act() -> None:
        clock = FakeClock(wall=datetime.now(UTC) + timedelta(hours=hours))
        async with scene_on(mosquitto, link, tmp_path, clock) as scene:
            station, message = scene.station, scene.station.message()
            assert scene.platform.refused[0] == "CLOCK_DIFFERS"  # to the enrolment
            learnt = len(scene.platform.refused)
            await station.completions.send(message)
            assert [type(each) for each in await station.answers.until()] == [Settled]
            assert len(scene.platform.refused) == learnt
            assert abs(station.guard.time.ahead + timedelta(hours=hours)) < timedelta(minutes=1)

    run(act())
    assert "the platform's clock is" in caplog.text


def test_a_clock_that_goes_wrong_later_costs_one_more_send_and_no_swap(mosquitto: Mosquitto, link: Link, tmp_path: Path) -> None:
    async def act() -> None:
        async with scene_on(mosquitto, link, tmp_path) as scene:
            ahead = timedelta(hours=3)
            scene.platform.at = lambda: datetime.now(UTC) + ahead
            station, message = scene.station, scene.station.message()
            await station.completions.send(message)
            assert [type(each) for each in await station.answers.until()] == [Settled]
            assert scene.platform.refused == ["CLOCK_DIFFERS"]
            sent = [each for each in scene.platform.asked.heard if each.topic == message.topic]
            assert [each.payload for each in sent] == [message.payload] * 2
        kept = open_identity(tmp_path, STATION, None).offset
        assert abs(kept - ahead) < timedelta(minutes=1)

    run(act())


def test_a_clock_that_differs_is_believed_once_and_only_of_the_platform(mosquitto: Mosquitto, link: Link, tmp_path: Path) -> None:
    """One that was recorded and is sent again, one that nobody signed, and one to nothing that was asked."""
    differs = dumps({"signals": ["CLOCK_DIFFERS"], "correlation_id": TXN, "metadata": {"platform_time": "2040-01-01T00:00:00Z"}})
    then = datetime(2040, 1, 1, tzinfo=UTC)

    async def act() -> None:
        async with scene_on(mosquitto, link, tmp_path) as scene:
            station = scene.station
            await station.completions.send(station.message())
            await station.answers.until()
            scene.rogue.publish(OWN, differs, Delivery(correlation_data=TXN.encode()))
            scene.rogue.publish(OWN, differs, signed(SigningKey.make(), OWN, differs, correlation=TXN.encode(), now=then))
            scene.rogue.publish(OWN, differs, signed(scene.platform.key, OWN, differs, correlation=b"TXN-OF-NOBODY", now=then))
            scene.platform.say(OWN, differs, TXN.encode())  # by the time that was signed by: nothing differs
            scene.platform.say(OWN, settled(), TXN.encode())
            await station.answers.until(count=2)
            assert station.guard.time.ahead == timedelta(0)

    run(act())


def test_the_platforms_time_holds_when_the_wall_clock_is_set_meanwhile() -> None:
    clock = FakeClock()
    right = clock.now()
    clock.jump(-7200)
    time = PlatformTime(clock)
    assert time.now() == right - timedelta(hours=2)
    assert time.learn(right) == timedelta(hours=2)
    clock.pass_time(60)
    clock.jump(7200)
    assert time.now() == right + timedelta(seconds=60)
    assert time.ahead == timedelta(0)


def test_a_key_that_followed_is_asked_for_and_then_believed(
    mosquitto: Mosquitto, link: Link, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.station.adapters.mqtt.enrolment.LOOK_SECONDS", 0.05)

    async def act() -> None:
        async with scene_on(mosquitto, link, tmp_path) as scene:
            old, new = scene.platform.key, SigningKey.make()
            followed = datetime(2026, 1, 31, 8, 15, tzinfo=UTC)
            signature = old.sign(succession_bytes(new.public, followed))
            line = PublishedKey(key=new.public, valid_from=followed, signed_by=old.public.id, signature=signature).as_json()

            async def keys() -> object:
                return {"keys": [line]}

            scene.platform.key = new
            station = scene.station
            enrolment = Enrolment(station.session, station.guard, lambda *_: None, ask_keys=keys)
            task = asyncio.get_running_loop().create_task(enrolment.run())
            await station.completions.send(station.message())
            await until(lambda: station.guard.identity.believed(new.public.id, datetime.now(UTC)))
            await station.completions.send(station.message())
            assert [type(each) for each in await station.answers.until()] == [Settled]
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    run(act())


def test_a_station_that_was_taken_out_of_service_is_told_so_in_a_sentence(mosquitto: Mosquitto, link: Link, tmp_path: Path) -> None:
    async def act() -> None:
        async with scene_on(mosquitto, link, tmp_path) as scene:
            revoked = {"signals": ["SERVICE_COMPLETION_FAILED", "STATION_REVOKED"], "correlation_id": TXN}
            scene.platform.reply = lambda _message, _body: revoked
            await scene.station.completions.send(scene.station.message())
            (answer,) = await scene.station.answers.until()
            assert isinstance(answer, Rejected)
            assert answer.signals[-1] == "STATION_REVOKED"
            assert trouble_of(scene.station.guard) == "the platform has taken this counter out of service"
            scene.platform.reply = yes
            await scene.station.completions.send(scene.station.message())
            await scene.station.answers.until(lambda each: isinstance(each, Settled))
            assert trouble_of(scene.station.guard) == ""

    run(act())


def test_two_stations_are_answered_each_on_its_own_topic_and_hear_nothing_of_the_other(
    mosquitto: Mosquitto, link: Link, tmp_path: Path
) -> None:
    async def act() -> None:
        async with scene_on(mosquitto, link, tmp_path) as scene:
            scene.platform.secrets["station-2"] = scene.platform.secrets[STATION]
            guard = guard_of(tmp_path / "second", scene.platform.key, "station-2")
            async with station_on(link, mosquitto.port, guard, tmp_path / "second") as second:
                await second.enrolled()
                heard: Ears[MqttMessage] = Ears()
                await scene.rogue.ready(scene.rogue.listen("rtrn/#", heard))
                for station in (scene.station, second):
                    await station.completions.send(station.message())
                    await station.answers.until()
                topics = [each.topic for each in await heard.until(lambda each: "complete" in each.topic, count=2)]
                assert topics == [OWN, OWN.replace(STATION, "station-2")]
                assert [len(each.answers.heard) for each in (scene.station, second)] == [1, 1]
                assert scene.platform.refused == []

    run(act())
