"""A transaction claimed over a real broker, and what the platform says of money for another station's (decision 27, D2)."""

from decimal import Decimal
from pathlib import Path

import pytest

from kiosk.domain.errors import LinkDown, StationRefused, TransactionOwned
from kiosk.domain.swap.swap import Swap
from kiosk.shared.mqtt.link import MqttMessage
from kiosk.station.adapters.mqtt.payment_channel import FieldPayments, MqttPayments
from kiosk.station.adapters.mqtt.station_topics import StationTopics
from kiosk.wire.exact_json import loads
from tests.brokers import Mosquitto, run
from tests.builders import ELECTRICITY, FLEET, plan_of, plan_with, swap_with_batteries, switched
from tests.signing_platform import STATION, Body
from tests.station.adapters.mqtt.signing_station import TOPICS, Link, scene_on
from tests.station.adapters.mqtt.test_payments import PAYMENT

TOPIC = "call/uxi/attendant/plan/{}/verify_service_quota"
OWN = f"rtrn/abs/station/{STATION}/verify_service_quota"


def claimed(broker: Mosquitto, link: Link, folder: Path, swap: Swap, answer: Body, seconds: float = 5.0) -> MqttMessage:
    """Claim it; gives the question."""

    async def act() -> MqttMessage:
        async with scene_on(broker, link, folder) as scene:
            scene.platform.reply = lambda _message, body: {"correlation_id": body["correlation_id"], **answer} if answer else None
            await scene.station.payments.claim(swap, seconds)
            return scene.platform.asked.heard[-1]

    return run(act())


def test_a_claim_says_what_the_swap_needs_under_the_swaps_own_id(mosquitto: Mosquitto, link: Link, tmp_path: Path) -> None:
    swap = swap_with_batteries(plan_with(used_kwh="390"))
    asked = claimed(mosquitto, link, tmp_path, swap, {"signals": ["QUOTA_EXHAUSTED"], "metadata": {"reason": "short"}})
    assert (asked.topic, asked.response_topic) == (TOPIC.format(swap.plan.id), OWN)
    assert asked.correlation_data == swap.correlation_id.encode()
    body = loads(asked.payload)
    assert body.pop("timestamp").endswith("Z")
    assert body == {
        "action": "VERIFY_SERVICE_QUOTA",
        "plan_id": swap.plan.id,
        "correlation_id": swap.correlation_id,
        "service_id": ELECTRICITY,
        "quantity": Decimal("25.6"),
        "attendant_station": swap.station_id,
    }


def test_where_energy_is_not_counted_one_swap_is_asked_for(mosquitto: Mosquitto, link: Link, tmp_path: Path) -> None:
    swap = swap_with_batteries(switched(plan_of(), electricity_tracking={"enabled": False}))
    body = loads(claimed(mosquitto, link, tmp_path, swap, {"signals": ["QUOTA_AVAILABLE"]}).payload)
    assert (body["service_id"], body["quantity"]) == (FLEET, 1)


REFUSALS = {
    "another's": ({"signals": ["TRANSACTION_OWNED"], "metadata": {"reason": "station-2 began it"}}, TransactionOwned),
    "another's, whatever else": ({"signals": ["QUOTA_AVAILABLE", "TRANSACTION_OWNED"]}, TransactionOwned),
    "revoked": ({"signals": ["STATION_REVOKED"]}, StationRefused),
    "unknown": ({"signals": ["VALIDATION_FAILED", "STATION_UNKNOWN"]}, StationRefused),
    "no such service": ({"signals": ["VALIDATION_FAILED"]}, LinkDown),
}


@pytest.mark.parametrize(("answer", "error"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_claim_that_is_refused_is_none(mosquitto: Mosquitto, link: Link, tmp_path: Path, answer: Body, error: type[Exception]) -> None:
    with pytest.raises(error):
        claimed(mosquitto, link, tmp_path, swap_with_batteries(), answer)


@pytest.mark.parametrize("answer", [{}, {"signals": ["WHO_KNOWS"]}, {"signals": ["SERVICE_COMPLETED_SUCCESS"]}])
def test_no_word_about_the_claim_is_no_claim(mosquitto: Mosquitto, link: Link, tmp_path: Path, answer: Body) -> None:
    with pytest.raises(LinkDown, match=r"does not answer within 0\.5 s"):
        claimed(mosquitto, link, tmp_path, swap_with_batteries(), answer, 0.5)


def test_a_payment_for_anothers_transaction_is_told_as_that_and_not_as_unpaid(mosquitto: Mosquitto, link: Link, tmp_path: Path) -> None:
    async def act() -> None:
        async with scene_on(mosquitto, link, tmp_path) as scene:
            said = {"signals": ["PAYMENT_FAILED", "TRANSACTION_OWNED"], "metadata": {"reason": "station-2 began it"}}
            scene.platform.reply = lambda _message, body: {"correlation_id": body["correlation_id"], **said}
            with pytest.raises(TransactionOwned, match="station-2"):
                await scene.station.payments.confirm(swap_with_batteries(), PAYMENT, 5)
            said = {"signals": ["PAYMENT_FAILED", "STATION_REVOKED"]}
            with pytest.raises(StationRefused):
                await scene.station.payments.confirm(swap_with_batteries(), PAYMENT, 5)

    run(act())


async def test_only_a_station_that_signs_claims() -> None:
    from kiosk.shared.mqtt.link import LinkSettings
    from kiosk.shared.mqtt.session import MqttSession

    session = MqttSession(LinkSettings(host="127.0.0.1", client_id="claims"))
    for own, claims in ((None, False), (StationTopics(STATION), False), (StationTopics(STATION, alone=True), True)):
        assert MqttPayments(session, TOPICS, lambda _: None, own).claims is claims
    assert not FieldPayments().claims
