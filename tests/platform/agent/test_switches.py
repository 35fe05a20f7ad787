"""The four switches of the agent's parameters, each seen at the broker: on beside off, on plans of one platform (decisions 21, 22)."""

import asyncio
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.plan.template import ElectricityTracking, ServiceCompletion
from kiosk.platform.payment_proof import ConfirmedOnly
from tests.brokers import Mosquitto, run
from tests.builders import plan_with
from tests.platform.agent_counter import Where, completion, paid, payment, with_config
from tests.platform.kiosks import FakeKiosk, kiosk_on, platform_with

COMPLETE = "complete_service"


def plan_named(used_kwh: str = "344.5", **config: Any) -> ServicePlan:
    """The contract's plan under an id that no other test uses."""
    plan = replace(plan_with(used_kwh=used_kwh), template=with_config(**config).template)
    return replace(plan, id=f"plan-{uuid.uuid4().hex}")


def transaction() -> str:
    return f"TXN-{uuid.uuid4().hex}"


async def told(kiosk: FakeKiosk, plan: ServicePlan, event_type: str) -> dict[str, Any]:
    """The plan's event of this type."""
    await kiosk.until(lambda: [each for each in kiosk.events(plan.id) if each["event_type"] == event_type])
    return next(each for each in kiosk.events(plan.id) if each["event_type"] == event_type)


def test_events_are_published_or_kept(mosquitto: Mosquitto, books: Where) -> None:
    silent, loud = plan_named(service_completion=ServiceCompletion(event_publishing_enabled=False)), plan_named()

    async def swap() -> FakeKiosk:
        async with platform_with(mosquitto, books, silent, loud), kiosk_on(mosquitto) as kiosk:
            for plan in (silent, loud):
                body = paid(receipt_id=f"PAY-{plan.id[-12:]}", correlation_id=transaction())
                assert (await kiosk.call(plan.id, COMPLETE, body))["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
            await told(kiosk, loud, "PAYMENT_RECEIVED")  # what the first swap might publish has come before it
            return kiosk

    kiosk = run(swap())
    assert kiosk.events(silent.id) == []
    assert {each["event_type"] for each in kiosk.events(loud.id)} == {"SERVICE_COMPLETED", "PAYMENT_RECEIVED"}


def test_receipts_are_made_or_not(mosquitto: Mosquitto, books: Where) -> None:
    without, with_one = plan_named(service_completion=ServiceCompletion(receipt_generation_enabled=False)), plan_named()

    async def swap() -> list[dict[str, Any]]:
        async with platform_with(mosquitto, books, without, with_one), kiosk_on(mosquitto) as kiosk:
            return [await kiosk.call(plan.id, COMPLETE, completion(correlation_id=transaction())) for plan in (without, with_one)]

    bare, whole = run(swap())
    assert "receipt" not in bare["metadata"]
    assert whole["metadata"]["receipt"]["electricity_delivered_kwh"] == Decimal("25.6")
    assert bare["metadata"]["quota_updates"] == whole["metadata"]["quota_updates"]


def test_a_typed_receipt_is_never_enough_where_only_confirmed_ones_count(mosquitto: Mosquitto, books: Where) -> None:
    strict = plan_named("390")
    trusting = plan_named("390", service_completion=ServiceCompletion(require_payment_confirmation=False))
    swaps = {plan.id: transaction() for plan in (strict, trusting)}

    async def swap() -> FakeKiosk:
        async with platform_with(mosquitto, books, strict, trusting, verifier=ConfirmedOnly()), kiosk_on(mosquitto) as kiosk:
            for plan in (strict, trusting):
                body = paid(receipt_id=f"PAY-{plan.id[-12:]}", correlation_id=swaps[plan.id])
                kiosk.send(f"call/uxi/attendant/plan/{plan.id}/{COMPLETE}", body)
            asked = payment(receipt_id="PAY-UNKNOWN", correlation_id=transaction())
            kiosk.send(f"call/uxi/attendant/plan/{trusting.id}/process_payment", asked)
            await kiosk.call(trusting.id, "activity_report", _report())  # what was asked before is answered before
            assert kiosk.answers(asked["correlation_id"]) == []
            return kiosk

    kiosk = run(swap())
    assert [kiosk.answers(each) for each in swaps.values()] == [[], []]


def _report() -> dict[str, Any]:
    who = {"attendant_id": "ATT-001", "attendant_station": "STATION_XYZ"}
    return {"action": "REPORT_ATTENDANT_ACTIVITY", "activity": "BATTERY_SWAP", "correlation_id": transaction(), **who}


def test_without_electricity_tracking_only_swaps_are_counted(mosquitto: Mosquitto, books: Where) -> None:
    counted, tracked = plan_named("399", electricity_tracking=ElectricityTracking(enabled=False)), plan_named("399")
    unread = {"incoming_kwh": None, "outgoing_kwh": None}

    async def swap() -> tuple[list[dict[str, Any]], dict[str, Any]]:
        async with platform_with(mosquitto, books, counted, tracked), kiosk_on(mosquitto) as kiosk:
            answers = [
                await kiosk.call(counted.id, COMPLETE, completion(correlation_id=transaction(), **unread)),
                await kiosk.call(tracked.id, COMPLETE, completion(correlation_id=transaction(), **unread)),
                await kiosk.call(tracked.id, COMPLETE, completion(correlation_id=transaction())),
            ]
            async with asyncio.timeout(20):
                return answers, await told(kiosk, counted, "SERVICE_COMPLETED")

    (done, unreadable, short), event = run(swap())
    assert done["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    assert [each["service_id"] for each in done["metadata"]["quota_updates"]] == ["svc-battery-fleet-kenya-premium"]
    assert done["metadata"]["receipt"]["electricity_delivered_kwh"] is None
    assert event["service_data"]["net_delivered_kwh"] is None
    assert unreadable["signals"] == ["SERVICE_COMPLETION_FAILED"]
    assert short["signals"] == ["SERVICE_COMPLETION_FAILED", "QUOTA_EXHAUSTED"]
