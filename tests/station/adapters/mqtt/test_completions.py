"""Completions out and answers in, with a real broker between; the answers that hurt are all here (decisions 16-18)."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kiosk.domain.errors import LinkDown
from kiosk.domain.requests import CompleteService
from kiosk.domain.swap.pending_swaps import Answer, Rejected, Settled
from kiosk.domain.swap.swap import Swap
from kiosk.shared.mqtt.link import LinkChanged, LinkSettings, MqttMessage
from kiosk.station.adapters.mqtt.completion_channel import MqttCompletions
from kiosk.wire.actions import Topics
from kiosk.wire.exact_json import dumps, loads
from tests.brokers import Mosquitto, run
from tests.builders import plan_of, swap_of
from tests.station.adapters.mqtt.parties import Ears, Platform, linked

Link = Callable[..., LinkSettings]
TXN = "TXN-01JHMN5Z000000000000000001"
OTHER = "TXN-01JHMN5Z000000000000000002"
TOPICS = Topics()


def request(correlation_id: str = TXN) -> CompleteService:
    return CompleteService(
        outgoing_battery_id="BAT-67890",
        outgoing_kwh=Decimal("30.4"),
        incoming_battery_id="BAT-12345",
        incoming_kwh=Decimal("4.8"),
        attendant_id="ATT-001",
        attendant_station="STATION_XYZ",
        transaction_timestamp=datetime(2025, 1, 15, 10, 30, tzinfo=UTC),
        correlation_id=correlation_id,
    )


def begun(plan_id: str) -> Swap:
    """A swap of this plan."""
    return swap_of(plan_of(id=plan_id))


def response_topic(plan_id: str) -> str:
    return TOPICS.complete_service_response.replace("{plan_id}", plan_id)


def settled(correlation_id: str = TXN) -> bytes:
    return dumps({"signals": ["SERVICE_COMPLETED_SUCCESS"], "metadata": {}, "fsmInputs": [], "correlation_id": correlation_id})


@dataclass
class Scene:
    """A kiosk's channel, its answers, and the platform across the broker."""

    channel: MqttCompletions
    answers: Ears[Answer]
    platform: Platform
    broker: Mosquitto


@asynccontextmanager
async def scene_on(broker: Mosquitto, link: Link, plan_id: str) -> AsyncIterator[Scene]:
    kiosk, platform = link(broker.port, client_id=f"{plan_id}-kiosk"), link(broker.port, client_id=f"{plan_id}-platform")
    async with linked(kiosk) as near, linked(platform) as far:
        channel, answers = MqttCompletions(near, TOPICS), Ears[Answer]()
        channel.on_answer = answers
        yield Scene(channel, answers, Platform(far), broker)


async def answered_with(scene: Scene, plan_id: str, *payloads: bytes) -> None:
    """The platform answers the next completion of the plan with all of these, in order."""

    def reply(message: MqttMessage) -> None:
        for payload in payloads:
            scene.platform.session.publish(response_topic(plan_id), payload)

    await scene.platform.answer(TOPICS.complete_service.replace("{plan_id}", plan_id), reply)


def test_the_stored_bytes_arrive_and_the_answer_settles(mosquitto: Mosquitto, link: Link) -> None:
    async def act() -> None:
        async with scene_on(mosquitto, link, "p-settles") as scene:
            await answered_with(scene, "p-settles", settled())
            message = scene.channel.message(begun("p-settles"), request())
            await scene.channel.send(message)
            assert await scene.answers.until() == [Settled(correlation_id=TXN, plan_id="p-settles", raw=settled())]
            (asked,) = scene.platform.asked.heard
        assert asked.payload == message.payload
        assert (asked.response_topic, asked.correlation_data) == (response_topic("p-settles"), TXN.encode())

    run(act())


def test_the_same_request_gives_the_same_bytes_flat_and_nothing_more(mosquitto: Mosquitto, link: Link) -> None:
    async def act() -> None:
        async with scene_on(mosquitto, link, "p-bytes") as scene:
            first, second = (scene.channel.message(begun("p-bytes"), request()) for _ in range(2))
        assert first == second
        assert set(loads(first.payload)) == {
            "action",
            "incoming_battery_id",
            "incoming_kwh",
            "outgoing_battery_id",
            "outgoing_kwh",
            "payment_occurred",
            "attendant_id",
            "attendant_station",
            "transaction_timestamp",
            "correlation_id",
        }

    run(act())


UNINTELLIGIBLE = {
    "not JSON": b"\x00\xffboom",
    "not an object": b"[1, 2]",
    "for another plan": dumps({"signals": ["SERVICE_COMPLETED_SUCCESS"], "plan_id": "another", "correlation_id": TXN}),
    "without an id": dumps({"signals": ["SERVICE_COMPLETED_SUCCESS"]}),
    "to another action": dumps({"signals": ["CUSTOMER_IDENTIFIED_SUCCESS"], "data": {"success": True}, "correlation_id": TXN}),
    "a repeat of another action": dumps({"signals": ["PAYMENT_PROCESSED_SUCCESS", "IDEMPOTENT_OPERATION_DETECTED"], "correlation_id": TXN}),
    "a flag alone": dumps({"success": True, "correlation_id": TXN}),
    "neither yes nor no": dumps({"signals": ["SOMETHING_ELSE"], "correlation_id": TXN}),
    "of the wrong shape": dumps({"signals": {"a": 1}, "metadata": [1], "data": "x", "correlation_id": [TXN]}),
    "NaN": b'{"correlation_id": "x", "signals": [], "n": NaN}',
    "empty": b"",
}


@pytest.mark.parametrize("payload", UNINTELLIGIBLE.values(), ids=UNINTELLIGIBLE.keys())
def test_an_answer_that_means_nothing_is_logged_and_the_next_one_counts(
    mosquitto: Mosquitto, link: Link, payload: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def act() -> None:
        async with scene_on(mosquitto, link, "p-odd") as scene:
            await answered_with(scene, "p-odd", payload, settled())
            await scene.channel.send(scene.channel.message(begun("p-odd"), request()))
            assert [type(each) for each in await scene.answers.until()] == [Settled]

    run(act())
    assert "an answer on" in caplog.text


def test_answers_to_other_swaps_twice_and_late_all_reach_whoever_keeps_the_books(mosquitto: Mosquitto, link: Link) -> None:
    async def act() -> None:
        async with scene_on(mosquitto, link, "p-late") as scene:
            await answered_with(scene, "p-late", settled(OTHER), settled(), settled())
            await scene.channel.send(scene.channel.message(begun("p-late"), request()))
            answers = await scene.answers.until(count=3)
            assert [each.correlation_id for each in answers] == [OTHER, TXN, TXN]

    run(act())


def test_a_failure_signal_overrides_success_and_brings_the_platforms_reason(mosquitto: Mosquitto, link: Link) -> None:
    refusal = dumps(
        {
            "success": True,
            "signals": ["SERVICE_COMPLETED_SUCCESS", "BATTERY_MISMATCH"],
            "data": {"metadata": {"correlation_id": TXN + "re_abs", "reason": "not his battery"}},
        }
    )

    async def act() -> None:
        async with scene_on(mosquitto, link, "p-refused") as scene:
            await answered_with(scene, "p-refused", refusal)
            await scene.channel.send(scene.channel.message(begun("p-refused"), request()))
            (answer,) = await scene.answers.until()
        assert isinstance(answer, Rejected)
        assert (answer.correlation_id, answer.reason) == (TXN, "not his battery")

    run(act())


def test_a_broker_that_dies_in_mid_swap_loses_nothing_that_is_sent_again(own_mosquitto: Callable[..., Mosquitto], link: Link) -> None:
    broker = own_mosquitto()

    async def act() -> None:
        events: Ears[LinkChanged] = Ears()
        async with linked(link(broker.port, client_id="k"), events) as near:
            channel, answers = MqttCompletions(near, TOPICS), Ears[Answer]()
            channel.on_answer = answers
            message = channel.message(begun("p-dies"), request())
            await channel.prepare("p-dies")
            broker.kill()
            await events.until(lambda each: not each.connected)
            with pytest.raises(LinkDown):
                await channel.send(message)
            broker.start()
            await events.until(lambda each: each.connected, count=2)
            async with linked(link(broker.port, client_id="p")) as far:
                await answered_with(Scene(channel, answers, Platform(far), broker), "p-dies", settled())
                await channel.send(message)
                assert [each.correlation_id for each in await answers.until()] == [TXN]

    run(act())


def test_only_the_topics_of_plans_in_use_are_listened_to(mosquitto: Mosquitto, link: Link) -> None:
    async def act() -> None:
        async with linked(link(mosquitto.port, client_id="lru-kiosk")) as near, linked(link(mosquitto.port, client_id="lru-far")) as far:
            channel, answers = MqttCompletions(near, TOPICS, max_plans=2), Ears[Answer]()
            channel.on_answer = answers
            for plan_id in ("lru-1", "lru-2", "lru-3"):
                await channel.prepare(plan_id)
            await channel.prepare("lru-2")
            for plan_id in ("lru-1", "lru-other", "lru-2", "lru-3"):
                far.publish(response_topic(plan_id), settled())
            assert [each.plan_id for each in await answers.until(count=2)] == ["lru-2", "lru-3"]
            await channel.prepare("lru-1")
            far.publish(response_topic("lru-1"), settled())
            assert (await answers.until(count=3))[2].plan_id == "lru-1"

    run(act())
