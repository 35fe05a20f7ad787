"""PAYMENT_RECEIVED and the answers to PROCESS_PAYMENT: what is read, what means nothing (specification 4.1; decisions 10, 22)."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from kiosk.wire.completion_answers import Unintelligible
from kiosk.wire.exact_json import dumps
from kiosk.wire.payment_messages import PaymentAnswer, payment_answer_from_payload, payment_event_from_payload

PLAN = "plan-1"
PAID = {
    "amount": Decimal("12.48"),
    "currency": "USD",
    "payment_method": "MOBILE_MONEY",
    "odoo_receipt_id": "PAY-1",
    "payment_timestamp": "2025-01-15T10:24:30Z",
}
EVENT: dict[str, Any] = {
    "event_type": "PAYMENT_RECEIVED",
    "plan_id": PLAN,
    "timestamp": "2025-01-15T10:30:00Z",
    "payment_data": PAID,
    "service_context": {"transaction_id": "TXN-1"},
}


def event(**changes: Any) -> Any:
    return payment_event_from_payload(PLAN, dumps({**EVENT, **changes}))


def test_an_event_is_read_in_full() -> None:
    read = event()
    assert (read.plan_id, read.receipt_id, read.method, read.amount, read.currency, read.transaction_id) == (
        PLAN,
        "PAY-1",
        "MOBILE_MONEY",
        Decimal("12.48"),
        "USD",
        "TXN-1",
    )
    assert read.paid_at == datetime(2025, 1, 15, 10, 24, 30, tzinfo=UTC)


@pytest.mark.parametrize("context", [{}, {"service_context": {}}, {"service_context": {"transaction_id": None}}])
def test_an_event_may_name_no_transaction(context: dict[str, Any]) -> None:
    without = {name: each for name, each in EVENT.items() if name != "service_context"}
    assert payment_event_from_payload(PLAN, dumps({**without, **context})).transaction_id == ""  # type: ignore[union-attr]  # it is read


@pytest.mark.parametrize("when", ["yesterday", 17, None, "2025-13-01T00:00:00Z"])
def test_a_time_that_cannot_be_read_is_the_events(when: object) -> None:
    assert event(payment_data={**PAID, "payment_timestamp": when}).paid_at == datetime(2025, 1, 15, 10, 30, tzinfo=UTC)
    assert event(payment_data={**PAID, "payment_timestamp": when}, timestamp=when).paid_at is None


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "is not JSON"),
        (b"[1]", "document"),
        (dumps({**EVENT, "event_type": "SERVICE_COMPLETED"}), "is no PAYMENT_RECEIVED but SERVICE_COMPLETED"),
        (dumps({**EVENT, "plan_id": "plan-2"}), "is for another plan, plan-2"),
        (dumps({**EVENT, "payment_data": {**PAID, "amount": -1}}), "payment_data.amount"),
        (dumps({**EVENT, "payment_data": {**PAID, "odoo_receipt_id": ""}}), "payment_data.odoo_receipt_id"),
        (dumps({**EVENT, "payment_data": {**PAID, "currency": "dollars"}}), "payment_data.currency"),
    ],
)
def test_what_is_no_payment_of_this_plan_says_why_and_raises_nothing(payload: bytes, reason: str) -> None:
    read = payment_event_from_payload(PLAN, payload)
    assert isinstance(read, Unintelligible)
    assert reason in read.reason


def answer(*signals: str, **metadata: Any) -> PaymentAnswer | Unintelligible:
    document = {"signals": list(signals), "metadata": metadata, "correlation_id": "TXN-1"}
    return payment_answer_from_payload(PLAN, dumps(document))


def test_a_processed_payment_is_confirmed() -> None:
    assert answer("PAYMENT_PROCESSED_SUCCESS") == PaymentAnswer(correlation_id="TXN-1", confirmed=True)


def test_a_refused_payment_says_why() -> None:
    assert answer("PAYMENT_FAILED", reason="it is no receipt") == PaymentAnswer(
        correlation_id="TXN-1", confirmed=False, reason="it is no receipt"
    )


@pytest.mark.parametrize("signal", ["PAYMENT_ALREADY_USED", "PAYMENT_USED", "PAYMENT_RECEIPT_USED"])
def test_a_receipt_that_paid_before_is_told_from_one_that_is_none(signal: str) -> None:
    read = answer(signal)
    assert isinstance(read, PaymentAnswer)
    assert (read.confirmed, read.used) == (False, True)


def test_the_code_of_a_reason_tells_a_used_receipt_too() -> None:
    read = answer("PAYMENT_FAILED", reasons=[{"code": "PaymentUsed"}])
    assert isinstance(read, PaymentAnswer)
    assert (read.confirmed, read.used) == (False, True)


@pytest.mark.parametrize("payload", [b"", b"{}", dumps({"signals": [], "metadata": {}, "correlation_id": "TXN-1"})])
def test_an_answer_that_says_nothing_is_no_refusal(payload: bytes) -> None:
    assert isinstance(payment_answer_from_payload(PLAN, payload), Unintelligible)
