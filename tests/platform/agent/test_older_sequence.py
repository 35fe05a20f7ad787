"""EQUIPMENT_CHECKIN, EQUIPMENT_CHECKOUT, PROCESS_PAYMENT, REPORT_ATTENDANT_ACTIVITY on the platform (decision 21)."""

from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.plan.template import ServiceCompletion
from kiosk.platform.payment_proof import ScriptedPayments
from kiosk.wire.exact_json import loads
from tests.builders import NOON, plan_of, plan_with, specified
from tests.platform.agent_counter import PLAN, SWAP, Counter, Where, completion, count, open_counter, payment, rows, used_kwh, with_config

CHECKIN, CHECKOUT, REPORT = "equipment_checkin", "equipment_checkout", "activity_report"
REPEATED = "IDEMPOTENT_OPERATION_DETECTED"


def checkin(**changes: Any) -> dict[str, Any]:
    return {"action": "EQUIPMENT_CHECKIN", "equipment_id": "BAT-12345", "incoming_kwh": Decimal("4.8"), "correlation_id": SWAP, **changes}


def checkout(**changes: Any) -> dict[str, Any]:
    return {**specified("checkout_request"), "correlation_id": SWAP, **changes}


def report(**changes: Any) -> dict[str, Any]:
    facts = {"attendant_id": "ATT-001", "attendant_station": "STATION_XYZ", "activity": "BATTERY_SWAP"}
    return {"action": "REPORT_ATTENDANT_ACTIVITY", **facts, "correlation_id": SWAP, **changes}


def test_the_specifications_checkout_gets_the_specifications_answer(counter: Counter) -> None:
    answer = counter.ask(CHECKOUT, specified("checkout_request"))
    assert answer.pop("correlation_id").startswith("UNNAMED-")
    assert answer == specified("checkout_sufficient")


def test_the_specifications_exhausted_checkout_gets_the_specifications_answer(counter: Counter, books: Where) -> None:
    counter.store.put_plan(plan_with(used_kwh="390"), NOON)
    assert counter.ask(CHECKOUT, checkout()) == {**specified("checkout_exhausted"), "correlation_id": SWAP}
    assert count(books, "transactions") == 0


def test_the_whole_sequence_books_one_swap(counter: Counter, books: Where) -> None:
    steps = ((CHECKIN, checkin()), (CHECKOUT, checkout()), (REPORT, report()))
    for step, body in (*steps, *steps):
        counter.ask(step, body)
    plan = counter.store.plan(PLAN)
    assert plan is not None
    assert (str(used_kwh(counter.store)), plan.current_asset, plan.service_state) == ("370.1", "BAT-67890", "BATTERY_ISSUED")
    history = rows(books, "SELECT event_type, net_kwh FROM platform_service_events ORDER BY number")
    assert history == [("EQUIPMENT_CHECKIN", None), ("EQUIPMENT_CHECKOUT", "25.6"), ("REPORT_ATTENDANT_ACTIVITY", None)]


def test_a_payment_may_come_after_the_checkout_and_credits_nothing(counter: Counter, books: Where) -> None:
    for step, body in ((CHECKIN, checkin()), (CHECKOUT, checkout())):
        counter.ask(step, body)
    before = counter.store.plan(PLAN)
    answer = counter.ask("process_payment", payment(correlation_id="att-payment-1", transaction_id=SWAP))
    assert answer["signals"] == ["PAYMENT_PROCESSED_SUCCESS"]
    counter.ask(REPORT, report())
    after = counter.store.plan(PLAN)
    assert before is not None
    assert after is not None
    assert after.service_states == before.service_states
    assert rows(books, "SELECT owner, amount FROM platform_payment_events") == [(SWAP, "12.48")]
    assert count(books, "refusals") == 0


@pytest.mark.parametrize(("step", "body"), [(CHECKIN, checkin()), (CHECKOUT, checkout()), (REPORT, report())])
def test_each_step_again_gets_its_first_answer(counter: Counter, step: str, body: dict[str, Any]) -> None:
    first = counter.ask(step, body)
    assert counter.ask(step, body) == {**first, "signals": [*first["signals"], REPEATED]}


def test_an_exhausted_checkout_passes_when_its_payment_has_come(counter: Counter) -> None:
    counter.store.put_plan(plan_with(used_kwh="390"), NOON)
    counter.ask(CHECKIN, checkin())
    assert counter.ask(CHECKOUT, checkout())["signals"] == ["QUOTA_EXHAUSTED"]
    counter.ask("process_payment", payment())
    assert counter.ask(CHECKOUT, checkout())["signals"] == ["QUOTA_AVAILABLE", "EQUIPMENT_CHECKOUT_SUCCESS"]
    plan = counter.store.plan(PLAN)
    assert plan is not None
    assert plan.electricity is not None
    assert (plan.electricity.used, plan.electricity.quota) == (Decimal("415.6"), Decimal("415.6"))


def test_a_checkout_told_by_its_charge_is_paid_for_like_any_other(counter: Counter, books: Where) -> None:
    counter.store.put_plan(plan_with(used_kwh="390"), NOON)
    charged = checkout(incoming_kwh=None, outgoing_kwh=None, incoming_soc_percent=15, outgoing_soc_percent=95)
    assert counter.ask(CHECKOUT, charged)["metadata"]["quota_check"]["deficit_kwh"] == Decimal("15.6")
    counter.ask("process_payment", payment())
    answer = counter.ask(CHECKOUT, charged)
    assert answer["metadata"]["electricity_calculation"]["estimated"] is True
    [(event,)] = rows(books, "SELECT event FROM platform_service_events")
    assert loads(event)["service_data"]["electricity_calculation"] == answer["metadata"]["electricity_calculation"]


def test_a_payment_that_is_too_small_leaves_the_checkout_exhausted(counter: Counter) -> None:
    counter.store.put_plan(plan_with(used_kwh="390"), NOON)
    counter.ask("process_payment", payment("12.47"))
    assert counter.ask(CHECKOUT, checkout())["signals"] == ["QUOTA_EXHAUSTED"]
    plan = counter.store.plan(PLAN)
    assert plan is not None
    assert plan.electricity == plan_with(used_kwh="390").electricity


@pytest.mark.parametrize(
    ("first", "second", "failure"),
    [
        ((CHECKOUT, checkout()), ("complete_service", completion()), "SERVICE_COMPLETION_FAILED"),
        (("complete_service", completion()), (CHECKOUT, checkout()), "EQUIPMENT_CHECKOUT_FAILED"),
    ],
)
def test_one_correlation_id_issues_one_battery_by_whatever_action(
    counter: Counter, first: tuple[str, dict[str, Any]], second: tuple[str, dict[str, Any]], failure: str
) -> None:
    counter.ask(*first)
    assert counter.ask(*second)["signals"] == [failure]
    assert str(used_kwh(counter.store)) == "370.1"


@pytest.mark.parametrize(
    ("step", "body", "failure"),
    [
        (CHECKIN, checkin(equipment_id="BAT-9"), "EQUIPMENT_CHECKIN_FAILED"),
        (CHECKIN, checkin(equipment_id=7), "EQUIPMENT_CHECKIN_FAILED"),
        (CHECKOUT, checkout(outgoing_kwh=-1), "EQUIPMENT_CHECKOUT_FAILED"),
        (CHECKOUT, checkout(action="COMPLETE_SERVICE"), "EQUIPMENT_CHECKOUT_FAILED"),
        (CHECKOUT, checkout(plan_id="another"), "EQUIPMENT_CHECKOUT_FAILED"),
        (REPORT, report(attendant_id=None), "VALIDATION_FAILED"),
    ],
)
def test_a_wrong_step_is_refused_with_a_reason(counter: Counter, step: str, body: dict[str, Any], failure: str) -> None:
    answer = counter.ask(step, body)
    assert answer["signals"] == [failure]
    assert answer["metadata"]["reason"]
    assert counter.store.plan(PLAN) == plan_of()


def test_a_payment_without_any_id_is_nobodys_and_unanswered(counter: Counter, books: Where) -> None:
    assert counter.send("process_payment", payment(correlation_id="")).answer is None
    assert count(books, "payment_events") == 0


def test_the_sequences_payment_gets_the_verifiers_word_whatever_the_template_asks_for(books: Where) -> None:
    """Decision 32: as COMPLETE_SERVICE; the template says only whether the kiosk waits."""
    with open_counter(books, verifier=ScriptedPayments(refused={PLAN: "no such payment"})) as counter:
        step, question = payment(transaction_id=SWAP), payment(correlation_id="att-payment-PAY-1", transaction_id=SWAP)
        assert counter.ask("process_payment", step)["signals"] == ["PAYMENT_FAILED"]
        counter.store.put_plan(with_config(service_completion=ServiceCompletion(require_payment_confirmation=False)), NOON)
        for asked in (question, step):
            assert counter.ask("process_payment", asked)["signals"] == ["PAYMENT_FAILED"]
