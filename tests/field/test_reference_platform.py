"""The reference platform hears the field's completion too: a kiosk that is configured for the field dialect, against it."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kiosk.wire.exact_json import dumps
from tests.brokers import Mosquitto
from tests.builders import plan_with
from tests.end_to_end.world import NEW, booked, counter, plan_named, settings_in
from tests.field.recorded import recorded
from tests.platform.agent_counter import count
from tests.platform.kiosks import FakeKiosk, kiosk_on, platform_with
from tests.stores import store_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kiosk"


@pytest.fixture
def books(tmp_path: Path) -> Path:
    return tmp_path / "platform.db"


async def test_an_ordinary_swap_is_booked_with_its_net_and_once(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    plan = plan_named("field")
    async with kiosk_on(mosquitto) as ears, platform_with(mosquitto, books, plan):
        async with counter(settings_in(folder, mosquitto, dialect="field")) as shop:
            done = await shop.kiosk.swaps.complete(await shop.with_batteries(plan.id))
            await shop.settled(done)
            sent = store_of(shop.kiosk).outbox_entry(done.correlation_id).message
        ears.session.publish(sent.topic, sent.payload)
        await ears.until(lambda: len(ears.answers(done.correlation_id)) == 2)
        await ears.until(lambda: ears.events(plan.id))
    first, again = ears.answers(done.correlation_id)
    assert (first["data"]["success"], first["data"]["signals"]) == (True, ["SERVICE_COMPLETED"])
    assert again["data"]["signals"] == ["SERVICE_COMPLETED", "IDEMPOTENT_OPERATION_DETECTED"]
    assert booked(books, plan.id) == (Decimal(7), Decimal("348.1"), NEW)
    assert [event["service_data"]["net_delivered_kwh"] for event in ears.events(plan.id)] == [Decimal("3.6")]
    assert count(books, "service_events") == 1


async def test_a_short_plan_is_topped_up_with_the_swap(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    plan = plan_named("field-short", plan_with(used_kwh="398"))
    async with kiosk_on(mosquitto) as ears, platform_with(mosquitto, books, plan):
        async with counter(settings_in(folder, mosquitto, dialect="field")) as shop:
            done = await shop.kiosk.swaps.complete(await shop.pay(await shop.with_batteries(plan.id)))
            await shop.settled(done)
        await ears.until(lambda: len(ears.events(plan.id)) == 2)
    assert ears.answers(done.correlation_id)[0]["data"]["signals"] == ["PAYMENT_AND_SERVICE_COMPLETED"]
    assert booked(books, plan.id) == (Decimal(7), Decimal("401.6"), NEW)


async def test_a_first_visit_and_a_refusal_in_the_fields_words(mosquitto: Mosquitto, folder: Path, books: Path) -> None:
    first, other = plan_named("field-first", plan_with(holds=None)), plan_named("field-other", plan_with(holds="BAT-00000"))
    async with kiosk_on(mosquitto) as ears, platform_with(mosquitto, books, first, other):
        async with counter(settings_in(folder, mosquitto, dialect="field")) as shop:
            done = await shop.kiosk.swaps.complete(await shop.with_batteries(first.id))
            await shop.settled(done)
        refused = await answer_to(ears, other.id, recorded("request_complete").document)
    assert booked(books, first.id)[2] == NEW
    assert (refused["success"], refused["signals"][0]) == (False, "SERVICE_COMPLETION_FAILED")
    assert "BAT-00000" in refused["metadata"]["reason"]


MALFORMED = {
    "another action": {"action": "COMPLETE_SERVICE"},
    "no batteries": {"service_data": {}},
    "energy below zero": {"service_data": {"new_battery_id": "B", "energy_transferred": -1}},
    "a deposit": {"payment_data": {**recorded("request_paid").document["data"]["payment_data"], "payment_type": "DEPOSIT"}},
}


@pytest.mark.parametrize("changes", MALFORMED.values(), ids=MALFORMED.keys())
async def test_what_cannot_be_read_is_refused_and_books_nothing(mosquitto: Mosquitto, books: Path, changes: dict[str, Any]) -> None:
    plan, document = plan_named("field-odd"), recorded("request_complete").document
    async with kiosk_on(mosquitto) as ears, platform_with(mosquitto, books, plan):
        refused = await answer_to(ears, plan.id, {**document, "data": {**document["data"], **changes}})
    assert (refused["success"], refused["signals"][0]) == (False, "SERVICE_COMPLETION_FAILED")
    assert count(books, "service_events") == 0


async def answer_to(ears: FakeKiosk, plan_id: str, envelope: dict[str, Any]) -> dict[str, Any]:
    """What the platform answers to this completion of a plan."""
    correlation_id = f"TXN-{plan_id}"
    body = {**envelope, "plan_id": plan_id, "correlation_id": correlation_id}
    ears.session.publish(f"emit/uxi/attendant/plan/{plan_id}/payment_and_service", dumps(body))
    await ears.until(lambda: ears.answers(correlation_id))
    data: dict[str, Any] = ears.answers(correlation_id)[0]["data"]
    return data
