"""Several confirmed receipts that pay for one swap together (decisions 9, 10, 49)."""

from decimal import Decimal

import httpx
import pytest

from tests.builders import NOON, plan_of
from tests.platform.agent_counter import SWAP, Counter, paid, payment
from tests.platform.http.confirming import deliver, delivery, events, stored

PAY, COMPLETE = "process_payment", "complete_service"
PAYMENTS = "SELECT receipt_id, owner, amount, currency FROM platform_payment_events ORDER BY number"


async def test_parts_that_were_confirmed_for_the_swap_add_up(counter: Counter, erp: httpx.AsyncClient) -> None:
    await deliver(erp, delivery("5.00", "PAY-1", reference=SWAP))
    counter.ask(PAY, payment("7.48", "PAY-2", "TXN-second", transaction_id=SWAP))
    answer = counter.ask(COMPLETE, paid("12.48", "PAY-2"))
    assert answer["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    assert str(answer["metadata"]["quota_updates"][1]["quota_after"]) == "415.6"
    assert [each[:3] for each in stored(counter.store, PAYMENTS)] == [("PAY-1", SWAP, "5.00"), ("PAY-2", SWAP, "7.48")]
    assert [str(each["payment_data"]["amount"]) for each in events(counter.store)[:2]] == ["5.00", "7.48"]
    assert answer["metadata"]["payment_event"] == events(counter.store)[1]


async def test_the_last_part_is_told_with_its_own_amount(counter: Counter, erp: httpx.AsyncClient) -> None:
    await deliver(erp, delivery("5.00", "PAY-1", reference=SWAP))
    told = counter.ask(COMPLETE, paid("12.48", "PAY-2"))["metadata"]["payment_event"]
    assert str(told["payment_data"]["amount"]) == "7.48"
    assert told in events(counter.store)


async def test_parts_that_arrived_without_a_transaction_are_taken_for_the_exact_sum(counter: Counter, erp: httpx.AsyncClient) -> None:
    for amount, receipt in (("5.00", "PAY-1"), ("3.00", "PAY-OTHER"), ("7.48", "PAY-2")):
        await deliver(erp, delivery(amount, receipt))
    assert counter.ask(COMPLETE, paid("12.48", "PAY-2"))["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    assert [each[:2] for each in stored(counter.store, PAYMENTS)] == [("PAY-1", SWAP), ("PAY-OTHER", ""), ("PAY-2", SWAP)]


@pytest.mark.parametrize("amount", ["12.49", "5.00", "20.00"])
async def test_a_sum_that_the_books_do_not_have_is_refused(counter: Counter, erp: httpx.AsyncClient, amount: str) -> None:
    await deliver(erp, delivery("5.00", "PAY-1", reference=SWAP))
    await deliver(erp, delivery("7.48", "PAY-2", reference=SWAP))
    answer = counter.ask(COMPLETE, paid(amount, "PAY-2"))
    assert answer["signals"] == ["SERVICE_COMPLETION_FAILED", "PAYMENT_FAILED"]
    assert "7.48 USD" in answer["metadata"]["reason"]


async def test_another_plans_parts_are_not_taken(counter: Counter, erp: httpx.AsyncClient) -> None:
    counter.store.insert_plan(plan_of(id="plan-2"), NOON)
    await deliver(erp, delivery("5.00", "PAY-1", plan_id="plan-2"))
    await deliver(erp, delivery("7.48", "PAY-2"))
    assert "PAYMENT_FAILED" in counter.ask(COMPLETE, paid("12.48", "PAY-2"))["signals"]


async def test_a_last_part_that_nobody_told_before_is_booked_with_its_own_amount(counter: Counter, erp: httpx.AsyncClient) -> None:
    await deliver(erp, delivery("5.00", "PAY-1", reference=SWAP))
    assert counter.ask(COMPLETE, paid("12.48", "PAY-2"))["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    assert [each[0:3:2] for each in stored(counter.store, PAYMENTS)] == [("PAY-1", "5.00"), ("PAY-2", "7.48")]
    assert str(events(counter.store)[-1]["payment_data"]["amount"]) == "7.48"


async def test_parts_that_arrived_without_a_transaction_pay_for_the_older_sequence_too(counter: Counter, erp: httpx.AsyncClient) -> None:
    await deliver(erp, delivery("5", receipt_id="PAY-1"))
    await deliver(erp, delivery("7.48", receipt_id="PAY-2"))
    assert counter.ask(PAY, payment("12.48", "PAY-2", transaction_id=SWAP))["signals"] == ["PAYMENT_PROCESSED_SUCCESS"]
    batteries = {"replacement_equipment_id": "BAT-67890", "incoming_equipment_id": "BAT-12345"}
    energy = {"incoming_kwh": Decimal("4.8"), "outgoing_kwh": Decimal("30.4")}
    assert "EQUIPMENT_CHECKOUT_SUCCESS" in counter.ask("equipment_checkout", {**batteries, **energy, "correlation_id": SWAP})["signals"]
    assert [each[1] for each in stored(counter.store, PAYMENTS)] == [SWAP, SWAP]
