"""A whole kiosk with an enrolment file, at a broker on which anybody speaks, with a platform that signs (decisions 26, 27)."""

from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.errors import TransactionOwned
from kiosk.shared.mqtt.link import MqttMessage
from kiosk.station.adapters.station_identity import KEY, STATE
from kiosk.wire.exact_json import dumps
from kiosk.wire.plan_documents import plan_to_document
from tests.brokers import Mosquitto
from tests.builders import plan_with
from tests.end_to_end.world import counter, plan_named, settings_in
from tests.platform.kiosks import link_to
from tests.signing_platform import SigningPlatform, enrolment_file
from tests.station.adapters.mqtt.parties import linked
from tests.station.adapters.mqtt.signing_station import until

STATION = "st-e2e"


def answers(plan_document: dict[str, Any], owned: set[str]) -> Any:
    """What the platform says to each verb; a transaction in `owned` is another station's."""

    def reply(message: MqttMessage, body: dict[str, Any]) -> dict[str, Any]:
        known, verb = body["correlation_id"], message.topic.rsplit("/", 1)[1]
        if verb == "identify_customer":
            metadata = {"service_plan": plan_document, "correlation_id": known}
            data = {"action": "IDENTIFY_CUSTOMER", "success": True, "signals": ["CUSTOMER_IDENTIFIED_SUCCESS"], "metadata": metadata}
            return {"plan_id": plan_document["id"], "correlation_id": known, "data": data}
        if body.get("transaction_id", known) in owned:
            return {"signals": ["TRANSACTION_OWNED"], "correlation_id": known, "metadata": {"reason": "another counter began it"}}
        signals = {"complete_service": "SERVICE_COMPLETED_SUCCESS", "verify_service_quota": "QUOTA_EXHAUSTED"}
        return {"signals": [signals.get(verb, "PAYMENT_PROCESSED_SUCCESS")], "correlation_id": known, "metadata": {}}

    return reply


async def test_a_counter_enrols_claims_and_settles_and_an_attacker_on_the_broker_changes_nothing(
    mosquitto: Mosquitto, folder: Path, tmp_path: Path
) -> None:
    plan = plan_named("enrolled", plan_with(used_kwh="397.5"))
    owned: set[str] = set()
    async with linked(link_to(mosquitto, "true")) as far, linked(link_to(mosquitto, "rogue")) as rogue:
        platform = SigningPlatform(far, answers(plan_to_document(plan), owned), secrets={STATION: "a-secret-of-one-station-only"})
        await platform.open()

        def lie(message: MqttMessage) -> None:
            """Faster than the platform, on each topic that could count: everything is booked and paid."""
            for topic in (message.response_topic or "", f"rtrn/abs/attendant/plan/{plan.id}/complete_service_response"):
                signals = ["SERVICE_COMPLETED_SUCCESS", "PAYMENT_PROCESSED_SUCCESS"]
                rogue.publish(topic, dumps({"signals": signals, "correlation_id": (message.correlation_data or b"").decode()}))

        await rogue.ready(rogue.listen("call/#", lie))
        settings = settings_in(folder, mosquitto, STATION)
        station = settings.station.model_copy(update={"enrolment_file": enrolment_file(tmp_path, platform.key.public, STATION)})
        async with counter(settings.model_copy(update={"station": station})) as shop:
            await until((folder / STATE).exists)
            swap = await shop.with_batteries(plan.id)
            assert shop.kiosk.swaps.needs_claim(swap)
            assert await shop.kiosk.swaps.claim(swap)
            swap = await shop.kiosk.swaps.confirm_payment(await shop.pay(swap))
            done = await shop.kiosk.swaps.complete(swap)
            await shop.settled(done)
            assert platform.refused == []

            other = await shop.with_batteries(plan.id, "BAT-77777")
            owned.add(other.correlation_id)
            with pytest.raises(TransactionOwned, match="another counter began it"):
                await shop.kiosk.swaps.claim(other)
        assert (folder / KEY).stat().st_mode & 0o777 == 0o600
        async with counter(settings) as shop:  # the enrolment file is needed no more
            swap = await shop.identify(plan.id)
            assert swap.plan.id == plan.id
        assert platform.refused == []
