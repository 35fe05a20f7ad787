"""VERIFY_SERVICE_QUOTA on the platform: answered from the plan as it is now, noted in it, and nothing booked (decision 35)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.plan.template import QuotaValidation
from kiosk.wire.exact_json import loads
from tests.brokers import Mosquitto, run
from tests.builders import ELECTRICITY, NOON, plan_of, plan_with, specified
from tests.platform.agent_counter import PLAN, SWAP, Counter, Where, completion, count, used_kwh, with_config
from tests.platform.kiosks import kiosk_on, platform_with

VERIFY, COMPLETE = "verify_service_quota", "complete_service"
TABLES = ("transactions", "service_events", "payment_events", "outgoing_events", "refusals")


def question(**changes: Any) -> dict[str, Any]:
    return {"action": "VERIFY_SERVICE_QUOTA", "service_id": ELECTRICITY, "quantity": Decimal("25.6"), "correlation_id": SWAP, **changes}


def noted(counter: Counter) -> Any:
    plan = counter.store.plan(PLAN)
    assert plan is not None
    return plan.agent_state.get("last_quota_check")


def test_a_question_is_answered_and_noted_in_the_plan_and_books_nothing(counter: Counter, books: Where) -> None:
    answer = counter.ask(VERIFY, question())
    check = specified("checkout_sufficient")["metadata"]["quota_check"]
    asked = {"service_id": ELECTRICITY, "quantity": Decimal("25.6"), "strict_mode": True}
    assert answer == {"signals": ["QUOTA_AVAILABLE"], "metadata": {**asked, "quota_check": check}, "fsmInputs": [], "correlation_id": SWAP}
    stored = counter.store.plan(PLAN)
    assert stored == replace(plan_of(), agent_state={"last_quota_check": {**asked, **check, "at": "2025-01-15T10:30:00Z"}})
    assert [count(books, table) for table in TABLES] == [0] * len(TABLES)


def test_an_exhausted_quota_waits_for_no_person(counter: Counter, books: Where) -> None:
    counter.store.put_plan(plan_with(used_kwh="390"), NOON)
    answer = counter.ask(VERIFY, question())
    assert answer["signals"] == ["QUOTA_EXHAUSTED"]
    assert answer["metadata"]["quota_check"] == specified("checkout_exhausted")["metadata"]["quota_check"]
    assert (noted(counter)["status"], count(books, "refusals")) == ("exhausted", 0)


def test_the_same_question_is_answered_anew(counter: Counter) -> None:
    first = counter.ask(VERIFY, question())
    counter.ask(COMPLETE, completion())
    again = counter.ask(VERIFY, question())
    assert first["metadata"]["quota_check"]["remaining_before"] == Decimal("55.5")
    assert again["signals"] == ["QUOTA_AVAILABLE"]
    assert again["metadata"]["quota_check"]["remaining_before"] == Decimal("29.9")


def test_the_swap_that_was_asked_about_is_booked_under_the_same_id_and_keeps_the_note(counter: Counter) -> None:
    counter.ask(VERIFY, question())
    before = noted(counter)
    assert counter.ask(COMPLETE, completion())["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    assert (str(used_kwh(counter.store)), noted(counter)) == ("370.1", before)
    assert counter.identify(PLAN)["data"]["metadata"]["service_plan"]["agent_state"]["last_quota_check"] == before


def test_a_tolerant_plan_books_beyond_its_quota_once(counter: Counter) -> None:
    config = with_config(quota_validation=QuotaValidation(strict_mode=False, tolerance_kwh=Decimal(1))).template
    counter.store.put_plan(replace(plan_with(used_kwh="375.4"), template=config), NOON)
    assert counter.ask(VERIFY, question())["metadata"]["strict_mode"] is False
    assert counter.ask(COMPLETE, completion())["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    assert str(used_kwh(counter.store)) == "401"
    assert counter.ask(VERIFY, question(quantity=Decimal("0.1")))["metadata"]["quota_check"]["deficit_kwh"] == Decimal("1.1")


@pytest.mark.parametrize("changes", [{"service_id": "svc-other"}, {"quantity": 0}, {"quantity": "25.6"}, {"action": "COMPLETE_SERVICE"}])
def test_a_question_that_cannot_be_one_gets_its_reason_and_leaves_no_trace(counter: Counter, books: Where, changes: dict[str, Any]) -> None:
    answer = counter.ask(VERIFY, question(**changes))
    assert answer["signals"] == ["VALIDATION_FAILED"]
    assert answer["metadata"]["reason"]
    assert (counter.store.plan(PLAN), count(books, "refusals")) == (plan_of(), 0)


def test_a_question_about_an_unknown_plan_leaves_no_trace(counter: Counter, books: Where) -> None:
    answer = counter.ask(VERIFY, question(), plan_id="nobodys")
    assert answer["signals"] == ["VALIDATION_FAILED", "SERVICE_PLAN_NOT_FOUND"]
    assert count(books, "refusals") == 0


def test_a_question_needs_no_id(counter: Counter) -> None:
    bare = question()
    del bare["correlation_id"], bare["action"]
    assert counter.ask(VERIFY, bare)["correlation_id"].startswith("UNNAMED-")


def test_a_question_through_the_broker_is_answered_on_its_own_topic(mosquitto: Mosquitto, books: Where) -> None:
    plan = replace(plan_of(), id="plan-that-is-asked-about")

    async def ask() -> tuple[str, dict[str, Any]]:
        async with platform_with(mosquitto, books, plan), kiosk_on(mosquitto) as kiosk:
            await kiosk.call(plan.id, VERIFY, question())
            return kiosk.heard[0].topic, loads(kiosk.heard[0].payload)

    topic, answer = run(ask())
    assert topic == f"rtrn/abs/attendant/plan/{plan.id}/verify_service_quota_response"
    assert (answer["signals"], answer["correlation_id"]) == (["QUOTA_AVAILABLE"], SWAP)
