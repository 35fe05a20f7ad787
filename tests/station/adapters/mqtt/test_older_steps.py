"""The steps of the older sequence over a real broker: one correlation id, a topic for each step (decision 21)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from kiosk.domain.requests import OLDER_STEPS
from kiosk.domain.swap.older_sequence import completion_requests
from kiosk.domain.swap.pending_swaps import Answer, Rejected, Settled
from kiosk.domain.swap.swap import Confirmation, Payment, Swap
from kiosk.shared.mqtt.link import LinkSettings, MqttMessage
from kiosk.shared.mqtt.session import MqttSession
from kiosk.station.adapters.mqtt.completion_channel import MqttCompletions
from kiosk.station.adapters.mqtt.payment_channel import MqttPayments
from kiosk.station.ports import OutgoingMessage
from kiosk.wire.actions import Topics
from kiosk.wire.exact_json import dumps, loads
from tests.brokers import Mosquitto, run
from tests.builders import NOON, kwh, plan_with, rolled_back, swap_with_batteries
from tests.station.adapters.mqtt.parties import Ears, linked

Link = Callable[..., LinkSettings]
TOPICS = Topics()
LEVELS = {
    "EQUIPMENT_CHECKIN": "equipment_checkin",
    "PROCESS_PAYMENT": "process_payment",
    "EQUIPMENT_CHECKOUT": "equipment_checkout",
    "REPORT_ATTENDANT_ACTIVITY": "activity_report",
}
PAYMENT = Payment(
    amount=kwh("12.48"), currency="USD", receipt_id="MP4471", method="MOBILE_MONEY", recorded_at=NOON, confirmation=Confirmation.PLATFORM
)


def paid_swap(plan_id: str) -> Swap:
    plan = replace(rolled_back(plan_with(used_kwh="390")), id=plan_id)
    return replace(swap_with_batteries(plan), payment=PAYMENT)


@dataclass
class Scene:
    """The kiosk's channel with the steps of one swap, and what the platform hears and says."""

    near: MqttSession
    far: MqttSession
    channel: MqttCompletions
    steps: tuple[OutgoingMessage, ...]
    answers: Ears[Answer]
    asked: Ears[MqttMessage]

    def say(self, step: str, **body: object) -> None:
        plan_id, correlation_id = self.steps[0].plan_id, self.steps[0].correlation_id
        self.far.publish(f"rtrn/abs/attendant/plan/{plan_id}/{LEVELS[step]}_response", dumps({"correlation_id": correlation_id, **body}))


@asynccontextmanager
async def scene_of(broker: Mosquitto, link: Link, plan_id: str) -> AsyncIterator[Scene]:
    async with linked(link(broker.port, client_id=plan_id)) as near, linked(link(broker.port, client_id=f"{plan_id}-far")) as far:
        channel, answers, asked = MqttCompletions(near, TOPICS), Ears[Answer](), Ears[MqttMessage]()
        channel.on_answer = answers
        swap = paid_swap(plan_id)
        steps = tuple(channel.message(swap, each) for each in completion_requests(swap, NOON))
        await far.ready(far.listen(f"call/uxi/attendant/plan/{plan_id}/+", asked))
        yield Scene(near, far, channel, steps, answers, asked)


def test_each_step_goes_to_its_own_topic_under_the_swaps_own_id(mosquitto: Mosquitto, link: Link) -> None:
    async def act() -> None:
        async with scene_of(mosquitto, link, "o-topics") as scene:
            for each in scene.steps:
                await scene.channel.send(each)
            asked = await scene.asked.until(count=4)
        call, back = "call/uxi/attendant/plan/o-topics", "rtrn/abs/attendant/plan/o-topics"
        assert [each.topic for each in asked] == [f"{call}/{LEVELS[step]}" for step in OLDER_STEPS]
        assert [each.response_topic for each in asked] == [f"{back}/{LEVELS[step]}_response" for step in OLDER_STEPS]
        bodies = [loads(each.payload) for each in asked]
        assert [each["action"] for each in bodies] == list(OLDER_STEPS)
        assert {each["correlation_id"] for each in bodies} == {scene.steps[0].correlation_id}
        assert {each.correlation_data for each in asked} == {scene.steps[0].correlation_id.encode()}

    run(act())


def test_an_answer_is_told_by_its_topic(mosquitto: Mosquitto, link: Link) -> None:
    async def act() -> list[Answer]:
        async with scene_of(mosquitto, link, "o-answers") as scene:
            await scene.channel.send(scene.steps[0])
            scene.say("EQUIPMENT_CHECKIN", signals=["EQUIPMENT_CHECKIN_SUCCESS"])
            scene.say("PROCESS_PAYMENT", signals=["PAYMENT_PROCESSED_SUCCESS", "IDEMPOTENT_OPERATION_DETECTED"])
            scene.say("EQUIPMENT_CHECKOUT", signals=["QUOTA_AVAILABLE", "EQUIPMENT_CHECKOUT_SUCCESS"])
            scene.say("REPORT_ATTENDANT_ACTIVITY", signals=["ATTENDANT_ACTIVITY_REPORTED"])
            return await scene.answers.until(count=4)

    answers = run(act())
    assert [type(each) for each in answers] == [Settled] * 4
    assert [each.action for each in answers] == list(OLDER_STEPS)
    assert [isinstance(each, Settled) and each.repeated for each in answers] == [False, True, False, False]


@pytest.mark.parametrize(
    ("step", "signals"),
    [
        ("EQUIPMENT_CHECKIN", ["EQUIPMENT_CHECKIN_FAILED"]),
        ("PROCESS_PAYMENT", ["PAYMENT_FAILED"]),
        ("EQUIPMENT_CHECKOUT", ["QUOTA_EXHAUSTED"]),
        ("EQUIPMENT_CHECKOUT", ["EQUIPMENT_CHECKOUT_FAILED", "QUOTA_AVAILABLE"]),
        ("REPORT_ATTENDANT_ACTIVITY", ["VALIDATION_FAILED"]),
    ],
)
def test_a_refusal_names_its_step(mosquitto: Mosquitto, link: Link, step: str, signals: list[str]) -> None:
    async def act() -> list[Answer]:
        async with scene_of(mosquitto, link, f"o-no-{step}-{len(signals)}") as scene:
            await scene.channel.send(scene.steps[0])
            scene.say(step, signals=signals, metadata={"reason": "no"})
            return await scene.answers.until()

    (answer,) = run(act())
    assert isinstance(answer, Rejected)
    assert (answer.action, answer.reason, answer.signals) == (step, "no", tuple(signals))


def test_the_payment_page_and_the_sequence_both_hear_the_answers_to_payments(mosquitto: Mosquitto, link: Link) -> None:
    async def act() -> None:
        async with scene_of(mosquitto, link, "o-both") as scene:
            payment = scene.steps[1]
            await scene.channel.send(payment)
            payments = MqttPayments(scene.near, TOPICS, lambda _: None)
            waiting = asyncio.create_task(payments.confirm(paid_swap("o-both"), PAYMENT, 5.0))
            question = loads((await scene.asked.until(count=2))[1].payload)
            scene.say("PROCESS_PAYMENT", signals=["PAYMENT_PROCESSED_SUCCESS"], correlation_id=question["correlation_id"])
            await waiting
            scene.say("PROCESS_PAYMENT", signals=["PAYMENT_PROCESSED_SUCCESS"])
            answers = await scene.answers.until(lambda each: each.correlation_id == payment.correlation_id)
            assert answers[-1].action == "PROCESS_PAYMENT"

    run(act())


def test_a_listener_that_goes_leaves_the_topic_to_the_others(mosquitto: Mosquitto, link: Link) -> None:
    async def act() -> None:
        async with linked(link(mosquitto.port, client_id="o-l")) as near, linked(link(mosquitto.port, client_id="o-l-far")) as far:
            one, other = Ears[MqttMessage](), Ears[MqttMessage]()
            first, second = near.listen("o/shared", one), near.listen("o/shared", other)
            await near.ready(first)
            await near.ready(second)
            far.publish("o/shared", b"both")
            await other.until()
            near.forget(first)
            far.publish("o/shared", b"one")
            await other.until(count=2)
            assert [each.payload for each in one.heard] == [b"both"]

    run(act())
