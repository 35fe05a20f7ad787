"""What the platform did not sign for this question settles, refuses and confirms nothing (decision 26).

The attacks are the fault list's: D1 (another's name), D3 (an answer to another question), D14 (anybody speaks).
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.domain.swap.pending_swaps import Rejected
from kiosk.shared.mqtt.link import Delivery, MqttMessage
from kiosk.shared.signing_keys import SigningKey
from kiosk.station.adapters.mqtt.refused_messages import last_refused
from kiosk.wire.actions import BY_NAME
from kiosk.wire.exact_json import dumps
from kiosk.wire.signed_messages import MessageRole
from tests.brokers import Mosquitto, run
from tests.builders import specified
from tests.signing_platform import STATION, signed
from tests.station.adapters.mqtt.parties import Ears
from tests.station.adapters.mqtt.signing_station import OWN, OWN_EVENTS, PLAN, SHARED, TOPICS, Link, Scene, scene_on, until
from tests.station.adapters.mqtt.test_completions import TXN, settled


def _publish(scene: Scene, topic: str, payload: bytes, delivery: Delivery | None = None) -> None:
    scene.rogue.publish(topic, payload, delivery or Delivery(correlation_data=TXN.encode()))


def _unsigned(scene: Scene) -> None:
    _publish(scene, OWN, settled())


def _by_another_key(scene: Scene) -> None:
    _publish(scene, OWN, settled(), signed(SigningKey.make(), OWN, settled(), correlation=TXN.encode()))


def _as_the_platform_by_another_key(scene: Scene) -> None:
    forged = signed(SigningKey.make(), OWN, settled(), correlation=TXN.encode())
    properties = tuple((name, scene.platform.key.public.id if name == "sk-station" else value) for name, value in forged.user_properties)
    _publish(scene, OWN, settled(), Delivery(correlation_data=TXN.encode(), user_properties=properties))


def _by_a_station(scene: Scene) -> None:
    key = scene.station.guard.identity.key
    assert key is not None
    _publish(scene, OWN, settled(), signed(key, OWN, settled(), correlation=TXN.encode()))


def _as_an_event(scene: Scene) -> None:
    _publish(scene, OWN, settled(), signed(scene.platform.key, OWN, settled(), correlation=TXN.encode(), role=MessageRole.EVENT))


def _as_a_request(scene: Scene) -> None:
    _publish(scene, OWN, settled(), signed(scene.platform.key, OWN, settled(), correlation=TXN.encode(), role=MessageRole.REQUEST))


def _of_another_topic(scene: Scene) -> None:
    """As the platform signed it for another verb or another station (D3)."""
    for topic in (f"rtrn/abs/station/{STATION}/identify_customer", "rtrn/abs/station/station-2/complete_service", SHARED):
        _publish(scene, OWN, settled(), signed(scene.platform.key, topic, settled(), correlation=TXN.encode()))


def _of_another_correlation(scene: Scene) -> None:
    made = signed(scene.platform.key, OWN, settled(), correlation=b"TXN-01JHMN5Z000000000000000009")
    _publish(scene, OWN, settled(), Delivery(correlation_data=TXN.encode(), user_properties=made.user_properties))


def _with_two_ids(scene: Scene) -> None:
    """Signed by the platform as the answer to another question of this station, with this swap's id inside (D3)."""
    other = "TXN-01JHMN5Z000000000000000009"
    scene.station.completions._answers["COMPLETE_SERVICE"].delivery(BY_NAME["COMPLETE_SERVICE"], PLAN, other, 60)
    _publish(scene, OWN, settled(), signed(scene.platform.key, OWN, settled(), correlation=other.encode()))


def _of_another_payload(scene: Scene) -> None:
    refusal = dumps({"signals": ["SERVICE_COMPLETION_FAILED"], "correlation_id": TXN})
    _publish(scene, OWN, settled(), signed(scene.platform.key, OWN, refusal, correlation=TXN.encode()))


def _old(scene: Scene) -> None:
    """Recorded a quarter of an hour ago, and sent again."""
    then = datetime.now(UTC) - timedelta(minutes=15)
    _publish(scene, OWN, settled(), signed(scene.platform.key, OWN, settled(), correlation=TXN.encode(), now=then))


def _of_the_future(scene: Scene) -> None:
    then = datetime.now(UTC) + timedelta(minutes=15)
    _publish(scene, OWN, settled(), signed(scene.platform.key, OWN, settled(), correlation=TXN.encode(), now=then))


def _with_a_property_twice(scene: Scene) -> None:
    made = signed(scene.platform.key, OWN, settled(), correlation=TXN.encode())
    _publish(
        scene, OWN, settled(), Delivery(correlation_data=TXN.encode(), user_properties=(*made.user_properties, made.user_properties[0]))
    )


def _cut(scene: Scene) -> None:
    made = signed(scene.platform.key, OWN, settled(), correlation=TXN.encode())
    for place in range(len(made.user_properties)):
        rest = made.user_properties[:place] + made.user_properties[place + 1 :]
        _publish(scene, OWN, settled(), Delivery(correlation_data=TXN.encode(), user_properties=rest))


def _on_the_contracts_topic(scene: Scene) -> None:
    """Signed and right, where this station does not listen any more."""
    _publish(scene, SHARED, settled(), signed(scene.platform.key, SHARED, settled(), correlation=TXN.encode()))


def _another_success(scene: Scene) -> None:
    """Signed and right, but the success of another verb (D3)."""
    for signals in (["CUSTOMER_IDENTIFIED_SUCCESS"], ["QUOTA_AVAILABLE"], ["PAYMENT_PROCESSED_SUCCESS", "IDEMPOTENT_OPERATION_DETECTED"]):
        payload = dumps({"signals": signals, "success": True, "correlation_id": TXN})
        _publish(scene, OWN, payload, signed(scene.platform.key, OWN, payload, correlation=TXN.encode()))


FORGERIES = (
    _unsigned,
    _by_another_key,
    _as_the_platform_by_another_key,
    _by_a_station,
    _as_an_event,
    _as_a_request,
    _of_another_topic,
    _of_another_correlation,
    _with_two_ids,
    _of_another_payload,
    _old,
    _of_the_future,
    _with_a_property_twice,
    _cut,
    _on_the_contracts_topic,
    _another_success,
)


@pytest.mark.parametrize("forge", FORGERIES, ids=[each.__name__.removeprefix("_") for each in FORGERIES])
def test_what_the_platform_did_not_sign_for_this_question_settles_and_refuses_nothing(
    mosquitto: Mosquitto, link: Link, tmp_path: Path, forge: Callable[[Scene], None]
) -> None:
    async def act() -> None:
        async with scene_on(mosquitto, link, tmp_path) as scene:
            scene.platform.reply = lambda _message, _body: None
            await scene.station.completions.send(scene.station.message())
            await scene.platform.asked.until(lambda each: each.topic.endswith("complete_service"))
            forge(scene)
            await _said_after(scene)
            assert [type(each) for each in scene.station.answers.heard] == [Rejected]

    run(act())


async def _said_after(scene: Scene) -> None:
    """The platform's own refusal, sent behind all that the rogue sent: what was to be believed of it has been heard by then."""
    heard: Ears[MqttMessage] = Ears()
    await scene.rogue.ready(scene.rogue.listen("test/behind", heard))
    scene.rogue.publish("test/behind", b"")
    await heard.until()
    refusal = dumps({"signals": ["SERVICE_COMPLETION_FAILED"], "correlation_id": TXN})
    scene.platform.say(OWN, refusal, TXN.encode())
    await scene.station.answers.until()


def test_a_payment_event_that_the_platform_did_not_sign_is_not_announced(mosquitto: Mosquitto, link: Link, tmp_path: Path) -> None:
    """D14: on a broker without users anybody confirms a payment."""
    body = specified("payment_received_event") | {"plan_id": PLAN}
    payload = dumps(body)
    shared = TOPICS.payment_received.replace("{plan_id}", PLAN)

    async def act() -> None:
        async with scene_on(mosquitto, link, tmp_path) as scene:
            await scene.station.payments.prepare(PLAN)
            scene.rogue.publish(OWN_EVENTS, payload)
            scene.rogue.publish(shared, payload)
            scene.rogue.publish(OWN_EVENTS, payload, signed(SigningKey.make(), OWN_EVENTS, payload, role=MessageRole.EVENT))
            scene.rogue.publish(OWN_EVENTS, payload, signed(scene.platform.key, OWN_EVENTS, payload, role=MessageRole.ANSWER))
            scene.rogue.publish(OWN_EVENTS, payload, signed(scene.platform.key, shared, payload, role=MessageRole.EVENT))
            heard: Ears[MqttMessage] = Ears()
            await scene.rogue.ready(scene.rogue.listen("test/events-behind", heard))
            scene.rogue.publish("test/events-behind", b"")
            await heard.until()
            assert scene.station.events.heard == []
            scene.platform.say(OWN_EVENTS, payload, role=MessageRole.EVENT)
            (event,) = await scene.station.events.until()
            assert event.plan_id == PLAN

    run(act())


def test_the_reason_is_kept_for_doctor_on_one_line_and_cut(
    mosquitto: Mosquitto, link: Link, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def act() -> None:
        async with scene_on(mosquitto, link, tmp_path) as scene:
            await scene.station.completions.prepare(PLAN)
            for name in ("a\u2028b" + "x" * 5000, "x" * 200):
                bad = (("sk-station", name), ("sk-time", "2026-01-31T08:15:00.123Z"), ("sk-signature", "?"))
                scene.rogue.publish(OWN, settled(), Delivery(user_properties=bad))
            await until(lambda: last_refused(tmp_path))

    run(act())
    known = last_refused(tmp_path)
    assert known is not None
    assert len(known.reason) <= 200
    assert known.topic == repr(OWN)
    assert all("\n" not in each.getMessage() and len(each.getMessage()) < 600 for each in caplog.records)
