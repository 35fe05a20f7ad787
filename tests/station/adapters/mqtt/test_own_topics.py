"""A station without a key is answered on its own topics where the broker lets it, else on the contract's."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.domain.swap.pending_swaps import Answer, Settled
from kiosk.shared.mqtt.link import LinkChanged, LinkSettings, MqttMessage
from kiosk.shared.system import SystemClock
from kiosk.station.adapters.mqtt.completion_channel import MqttCompletions
from kiosk.station.adapters.mqtt.payment_channel import MqttPayments
from kiosk.station.adapters.mqtt.plan_source import MqttPlans
from kiosk.station.adapters.mqtt.station_topics import StationTopics
from kiosk.wire.actions import Topics
from kiosk.wire.customer_codes import parse_customer_code
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.plan_documents import plan_to_document
from tests.brokers import Mosquitto, run
from tests.builders import plan_of, specified
from tests.station.adapters.mqtt.parties import Ears, Platform, linked
from tests.station.adapters.mqtt.test_completions import TXN, begun, request, settled

Link = Callable[..., LinkSettings]
Brokers = Callable[..., Mosquitto]
TOPICS = Topics()
PLAN, STATION = "own-plan", "st-1"
OWN = f"rtrn/abs/station/{STATION}/"
ASKED = "topic readwrite call/#\ntopic readwrite emit/#\n"
SHARED_ONLY = f"{ASKED}topic readwrite rtrn/abs/attendant/#\ntopic readwrite echo/#\ntopic readwrite event/abs/payment/#\n"
OWN_ONLY = f"{ASKED}topic readwrite rtrn/abs/station/{STATION}/#\ntopic readwrite event/abs/station/{STATION}/#\n"
ALL = "topic readwrite #\n"


def answered(message: MqttMessage) -> tuple[str, bytes] | None:
    """As a platform that answers where it is asked to."""
    body = loads(message.payload)
    known, topic = body["correlation_id"], message.response_topic or ""
    if message.topic.endswith("identify_customer"):
        metadata = {"service_plan": plan_to_document(plan_of(id=PLAN)), "correlation_id": known}
        data = {"action": "IDENTIFY_CUSTOMER", "success": True, "signals": ["CUSTOMER_IDENTIFIED_SUCCESS"], "metadata": metadata}
        return topic, dumps({"plan_id": PLAN, "correlation_id": known, "data": data})
    return topic, settled(known)


def broker_with(brokers: Brokers, folder: Path, rules: str) -> Mosquitto:
    file = folder / "acl"
    file.write_text(rules)
    file.chmod(0o600)
    return brokers(f"acl_file {file}")


@pytest.mark.parametrize(
    ("rules", "answer_topics"),
    [
        (ALL, [f"{OWN}identify_customer", f"{OWN}complete_service"]),
        (OWN_ONLY, [f"{OWN}identify_customer", f"{OWN}complete_service"]),
        (
            SHARED_ONLY,
            [
                f"{OWN}identify_customer",
                f"echo/abs/service/plan/{PLAN}/identify_customer",
                f"rtrn/abs/attendant/plan/{PLAN}/complete_service_response",
            ],
        ),
    ],
    ids=["all", "its own", "the contract's"],
)
def test_it_is_answered_where_the_broker_lets_it_be(
    own_mosquitto: Brokers, link: Link, tmp_path: Path, rules: str, answer_topics: list[str]
) -> None:
    broker = broker_with(own_mosquitto, tmp_path, rules)

    async def act() -> None:
        events: Ears[LinkChanged] = Ears()
        async with linked(link(broker.port, client_id="far")) as far, linked(link(broker.port, client_id="near"), events) as near:
            platform, own = Platform(far), StationTopics(STATION)
            for topic in ("call/#", "emit/#"):
                await platform.answer(topic, answered)
            plans = MqttPlans(near, TOPICS, SystemClock(), station_id=STATION, attendant=lambda: "ATT", own=own)
            assert (await plans.identify(parse_customer_code(PLAN), 2.0)).id == PLAN
            completions, answers = MqttCompletions(near, TOPICS, own=own), Ears[Answer]()
            completions.on_answer = answers
            await completions.send(completions.message(begun(PLAN), request()))
            assert [type(each) for each in await answers.until()] == [Settled]
            assert [each.response_topic for each in platform.asked.heard] == answer_topics
            assert all(each.forbidden == "" for each in events.heard)

    run(act())


def test_payments_are_heard_on_its_own_topic_and_on_the_contracts(mosquitto: Mosquitto, link: Link) -> None:
    async def act() -> None:
        heard: Ears[object] = Ears()
        async with linked(link(mosquitto.port, client_id="pay-far")) as far, linked(link(mosquitto.port, client_id="pay-near")) as near:
            payments = MqttPayments(near, TOPICS, heard, StationTopics(STATION))
            await payments.prepare(PLAN)
            body = dumps(specified("payment_received_event") | {"plan_id": PLAN})
            far.publish(f"event/abs/station/{STATION}/payment_received", b"[]")
            far.publish(f"event/abs/station/{STATION}/payment_received", body)
            far.publish(f"event/abs/payment/plan/{PLAN}/payment_received", body)
            await heard.until(count=2)

    run(act())


def test_an_answer_on_its_own_topic_to_nothing_that_it_asked_settles_nothing(mosquitto: Mosquitto, link: Link) -> None:
    """D3, before there are keys: another's answer that was sent here."""

    async def act() -> None:
        async with linked(link(mosquitto.port, client_id="odd-far")) as far, linked(link(mosquitto.port, client_id="odd-near")) as near:
            completions, answers = MqttCompletions(near, TOPICS, own=StationTopics(STATION)), Ears[Answer]()
            completions.on_answer = answers
            await completions.prepare(PLAN)
            far.publish(f"{OWN}complete_service", settled())
            await completions.send(completions.message(begun(PLAN), request()))
            far.publish(f"{OWN}complete_service", settled("TXN-01JHMN5Z000000000000000009"))
            far.publish(f"{OWN}complete_service", b"\xff")
            far.publish(f"{OWN}complete_service", settled())
            assert [each.correlation_id for each in await answers.until()] == [TXN]

    run(act())
