"""The older sequence: what is sent, in which order, and which plans it completes (decision 21)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kiosk.domain.agent.agent_result import AgentContext
from kiosk.domain.agent.service_agent import service_agent
from kiosk.domain.errors import PlanInvalid
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CompleteService, EquipmentCheckin, EquipmentCheckout, ProcessPayment, ReportAttendantActivity
from kiosk.domain.swap.older_sequence import completion_requests, older_steps, work_out
from kiosk.domain.swap.swap import Confirmation, Payment, Swap, completion, next_step, start_swap, with_payment
from tests.builders import NOON, RULES, plan_of, plan_with, rolled_back, swap_with_batteries

CONTEXT = AgentContext(now=NOON)
TXN = "TXN-01JHMN5Z000000000000000001"


def paid(swap: Swap, amount: str = "12.48") -> Swap:
    payment = Payment(
        amount=Decimal(amount),
        currency="USD",
        receipt_id="MP4471",
        method="MOBILE_MONEY",
        recorded_at=NOON,
        confirmation=Confirmation.PLATFORM,
    )
    return with_payment(swap, payment, RULES)


def begin(plan: ServicePlan) -> Swap:
    return start_swap(plan, correlation_id=TXN, plan_as_of=NOON, now=NOON, attendant_id="ATT-001", station_id="STATION_XYZ")


def test_where_complete_service_is_listed_it_is_all_that_is_sent() -> None:
    swap = swap_with_batteries()
    assert completion_requests(swap, NOON) == (completion(swap, NOON),)


def test_an_ordinary_swap_is_checked_in_checked_out_and_reported() -> None:
    assert completion_requests(swap_with_batteries(rolled_back()), NOON) == (
        EquipmentCheckin(equipment_id="BAT-12345", incoming_kwh=Decimal("4.8"), correlation_id=TXN),
        EquipmentCheckout(
            replacement_equipment_id="BAT-67890",
            incoming_equipment_id="BAT-12345",
            incoming_kwh=Decimal("4.8"),
            outgoing_kwh=Decimal("30.4"),
            correlation_id=TXN,
        ),
        ReportAttendantActivity(attendant_id="ATT-001", attendant_station="STATION_XYZ", correlation_id=TXN),
    )


def test_on_a_first_visit_nothing_is_checked_in() -> None:
    first, *rest = completion_requests(swap_with_batteries(rolled_back(plan_with(holds=None))), NOON)
    assert isinstance(first, EquipmentCheckout)
    assert (first.incoming_equipment_id, first.incoming_kwh) == (None, None)
    assert [type(each) for each in rest] == [ReportAttendantActivity]


def test_a_payment_goes_before_the_battery_is_issued() -> None:
    swap = paid(swap_with_batteries(rolled_back(plan_with(used_kwh="390"))))
    steps = completion_requests(swap, NOON)
    assert [type(each) for each in steps] == [EquipmentCheckin, ProcessPayment, EquipmentCheckout, ReportAttendantActivity]
    payment = steps[1]
    assert isinstance(payment, ProcessPayment)
    assert (payment.payment_amount, payment.payment_receipt_id, payment.transaction_id) == (Decimal("12.48"), "MP4471", TXN)


def test_of_several_receipts_the_last_is_processed_with_the_sum() -> None:
    swap = swap_with_batteries(rolled_back(plan_with(used_kwh="390")))
    part = paid(swap, "12.48").payment
    assert part is not None
    whole = replace(swap, parts=(replace(part, amount=Decimal(5), receipt_id="MP1"),), payment=replace(part, amount=Decimal("7.48")))
    (payment,) = [each for each in older_steps(whole, NOON) if isinstance(each, ProcessPayment)]
    assert payment.payment_amount == Decimal("12.48")
    assert completion(whole, NOON).payment_amount == Decimal("12.48")


def test_a_plan_with_neither_way_names_what_is_missing() -> None:
    with pytest.raises(PlanInvalid) as missing:
        begin(rolled_back(None, "PROCESS_PAYMENT", "EQUIPMENT_CHECKOUT"))
    assert missing.value.where == "agent_config.available_actions"
    assert missing.value.reason.endswith("missing: PROCESS_PAYMENT, EQUIPMENT_CHECKOUT")


def test_a_first_visit_needs_no_check_in() -> None:
    assert begin(rolled_back(plan_with(holds=None), "EQUIPMENT_CHECKIN")).plan.first_visit
    with pytest.raises(PlanInvalid, match="EQUIPMENT_CHECKIN"):
        begin(rolled_back(None, "EQUIPMENT_CHECKIN"))


def test_with_complete_service_nothing_else_is_needed() -> None:
    plan = plan_of()
    config = replace(plan.template.agent_config, available_actions=frozenset({"COMPLETE_SERVICE"}))
    assert begin(replace(plan, template=replace(plan.template, agent_config=config))).plan.completes_at_once


@pytest.mark.parametrize("used", ["344.5", "390"])
def test_the_steps_one_after_the_other_do_what_complete_service_does(used: str) -> None:
    """But for the credit of a payment, which the platform adds before the check-out."""
    plan = rolled_back(plan_with(used_kwh=used, quota_kwh="500"))
    swap = swap_with_batteries(plan)
    stepwise = plan
    for each in completion_requests(swap, NOON):
        result = service_agent(each, stepwise, CONTEXT)
        assert result.metadata.get("passed") is not False
        stepwise = result.plan
    at_once = work_out(completion(swap, NOON), plan, CONTEXT).plan
    assert stepwise.service_states == at_once.service_states
    assert (stepwise.service_state, stepwise.payment_state) == (at_once.service_state, at_once.payment_state)


def test_what_is_worked_out_here_is_the_same_whichever_way_it_is_sent() -> None:
    one, other = swap_with_batteries(), swap_with_batteries(rolled_back())
    results = [work_out(completion(each, NOON), each.plan, CONTEXT) for each in (one, other)]
    assert results[0].response() == results[1].response()
    assert results[1].plan.template == other.plan.template
    assert next_step(other) is next_step(one)
    assert isinstance(completion(other, NOON), CompleteService)
