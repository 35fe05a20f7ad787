"""A kiosk of version 513e648 works with today's platform in mode `open`: it signs nothing, and listens to the contract's topics.

The bytes are those that it stored (tests/fixtures/513e648); topics, response topics and correlation data are those that it sends them with.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

import pytest

from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.station_register import StationRegister
from kiosk.platform.store.station_values import StationMode
from kiosk.shared.mqtt.link import Delivery, MqttMessage
from kiosk.wire.exact_json import dumps, loads
from tests.brokers import Mosquitto, run
from tests.builders import NOON, plan_of
from tests.former import restore
from tests.platform.agent_counter import PLAN, Where, payment
from tests.platform.kiosks import FakeKiosk, kiosk_on, platform_with
from tests.platform.signing import seeded

VERBS = {
    "COMPLETE_SERVICE": "complete_service",
    "EQUIPMENT_CHECKIN": "equipment_checkin",
    "EQUIPMENT_CHECKOUT": "equipment_checkout",
    "PROCESS_PAYMENT": "process_payment",
    "REPORT_ATTENDANT_ACTIVITY": "activity_report",
}
STORED = """
SELECT o.plan_id, s.correlation_id, s.action, s.payload FROM outbox_steps s JOIN outbox o USING (correlation_id)
ORDER BY s.correlation_id, s.position
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """What that version publishes for a row of its outbox."""

    plan_id: str
    correlation_id: str
    action: str
    payload: bytes

    @property
    def verb(self) -> str:
        return VERBS[self.action]

    @property
    def topic(self) -> str:
        return f"call/uxi/attendant/plan/{self.plan_id}/{self.verb}"

    @property
    def answered_on(self) -> str:
        return f"rtrn/abs/attendant/plan/{self.plan_id}/{self.verb}_response"

    @property
    def delivery(self) -> Delivery:
        return Delivery(response_topic=self.answered_on, correlation_data=self.correlation_id.encode(), expiry_seconds=300)


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> list[Sent]:
    path = restore("513e648", "kiosk", tmp_path_factory.mktemp("former") / "kiosk.sqlite")
    with closing(sqlite3.connect(path)) as connection:
        return [Sent(*row) for row in connection.execute(STORED)]


def plans_for(sent: list[Sent]) -> list[ServicePlan]:
    """A plan for each swap, in which the battery is out that comes back."""
    found: dict[str, ServicePlan] = {}
    for each in sent:
        body = loads(each.payload)
        returned = body.get("incoming_battery_id") or body.get("equipment_id")
        if each.plan_id not in found:
            plan = plan_of(id=each.plan_id)
            states = [replace(state, current_asset=returned) if state.current_asset else state for state in plan.service_states]
            found[each.plan_id] = plan.with_states(*states)
    return list(found.values())


def test_the_fixture_holds_whole_swaps_and_swaps_in_steps(sent: list[Sent]) -> None:
    assert {each.action for each in sent} == set(VERBS) - {"PROCESS_PAYMENT"}


@pytest.mark.parametrize("key", [None, seeded(7)], ids=["a platform that signs nothing", "a platform that signs"])
def test_its_stored_bytes_are_booked_and_answered_where_it_listens(
    mosquitto: Mosquitto, books: Where, sent: list[Sent], key: object
) -> None:
    async def swaps() -> list[MqttMessage]:
        async with platform_with(mosquitto, books, *plans_for(sent), key=key), kiosk_on(mosquitto) as kiosk:
            for number, each in enumerate(sent, 1):
                kiosk.send(each.topic, each.payload, each.delivery)
                await kiosk.until(partial(answered, kiosk, number))
            return answers_in(kiosk.heard)

    heard = run(swaps(), 60)
    assert [(each.topic, each.correlation_data) for each in heard] == [(each.answered_on, each.correlation_id.encode()) for each in sent]
    refused = [
        each for each in map(_signals, heard) if any("SIGN" in signal or "STATION" in signal or "OWNED" in signal for signal in each)
    ]
    assert refused == []
    settled = [each for asked, each in zip(sent, map(_signals, heard), strict=True) if asked.action == "COMPLETE_SERVICE"]
    assert ["SERVICE_COMPLETED_SUCCESS"] in settled


def answered(kiosk: FakeKiosk, times: int) -> bool:
    return len(answers_in(kiosk.heard)) >= times


def answers_in(heard: list[MqttMessage]) -> list[MqttMessage]:
    return [each for each in heard if each.topic.startswith("rtrn")]


def _signals(message: MqttMessage) -> list[str]:
    return list(loads(message.payload)["signals"])


def test_it_pays_completes_and_hears_of_the_payment_as_before(mosquitto: Mosquitto, books: Where) -> None:
    asked = Sent(PLAN, "att-1", "PROCESS_PAYMENT", dumps(payment(correlation_id="att-1", transaction_id="TXN-1")))

    async def pay() -> list[MqttMessage]:
        async with platform_with(mosquitto, books, plan_of(), key=seeded(7)), kiosk_on(mosquitto) as kiosk:
            kiosk.send(asked.topic, asked.payload, asked.delivery)
            await kiosk.until(lambda: len(kiosk.heard) == 2)
            return kiosk.heard

    assert {each.topic for each in run(pay())} == {asked.answered_on, f"event/abs/payment/plan/{PLAN}/payment_received"}


def test_the_operator_shuts_it_out_by_the_mode_and_it_is_told_where_it_listens(
    mosquitto: Mosquitto, books: Where, sent: list[Sent]
) -> None:
    store = PlatformStore(books)
    StationRegister(store).set_mode(StationMode.ENROLLED, NOON, "the desk")
    store.close()
    first = sent[0]

    async def swap() -> MqttMessage:
        async with platform_with(mosquitto, books, *plans_for(sent), key=seeded(7)), kiosk_on(mosquitto) as kiosk:
            kiosk.send(first.topic, first.payload, first.delivery)
            await kiosk.until(lambda: kiosk.heard)
            return kiosk.heard[0]

    told = run(swap())
    assert (told.topic, _signals(told)) == (first.answered_on, ["SERVICE_COMPLETION_FAILED", "STATION_UNSIGNED"])
