"""Payments on the platform: confirmed once, paying once (decisions 9, 10, 22)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.battery.binding import Binding, BindingChange
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.plan.template import PaymentParameters, ServiceCompletion
from kiosk.domain.requests import CompleteService, ProcessPayment
from kiosk.platform.agent.wire_messages import Incoming
from kiosk.platform.payment_proof import ConfirmedOnly, ScriptedPayments
from kiosk.platform.store.battery_register import BatteryRegister
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.field_completions import completion_to_field
from kiosk.wire.payment_messages import PaymentAnswer, payment_answer_from_payload
from kiosk.wire.request_documents import request_from_json
from tests.builders import NOON, plan_of, plan_with, swap_of
from tests.platform.agent_counter import (
    OTHER_SWAP,
    PLAN,
    SWAP,
    Counter,
    Where,
    completion,
    count,
    open_counter,
    paid,
    payment,
    rows,
    used_kwh,
    with_config,
)

PAY, COMPLETE = "process_payment", "complete_service"


class CountingVerifier:
    """Takes every payment and counts the questions."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def verify(self, payment: ProcessPayment, plan: ServicePlan) -> None:
        self.asked.append((plan.id, payment.payment_receipt_id))


def test_a_payment_is_confirmed_and_its_event_published(counter: Counter, books: Where) -> None:
    reply = counter.send(PAY, payment())
    assert reply.answer is not None
    answer = payment_answer_from_payload(PLAN, reply.answer.payload)
    assert isinstance(answer, PaymentAnswer)
    assert answer.confirmed
    assert counter.ask(PAY, payment())["signals"] == ["PAYMENT_PROCESSED_SUCCESS", "IDEMPOTENT_OPERATION_DETECTED"]
    assert [each.event_id for each in reply.events] == ["EVT-PAY-1"]
    assert rows(books, "SELECT owner, amount, currency FROM platform_payment_events") == [(SWAP, "12.48", "USD")]


def test_a_payment_then_its_swap_is_one_payment_and_one_event(counter: Counter, books: Where) -> None:
    counter.store.put_plan(plan_with(used_kwh="390"), NOON)
    counter.ask(PAY, payment())
    reply = counter.send(COMPLETE, paid())
    assert [each.event_id for each in reply.events] == [f"EVT-SVC-{SWAP}"]
    assert count(books, "payment_events") == 1
    assert str(used_kwh(counter.store)) == "415.6"


def test_the_transaction_that_a_payment_names_owns_it(counter: Counter) -> None:
    counter.ask(PAY, payment(correlation_id="att-payment-001", transaction_id=SWAP))
    assert counter.ask(COMPLETE, paid())["signals"] == ["SERVICE_COMPLETED_SUCCESS"]


@pytest.mark.parametrize("written", ["PAY-1", "pay-1", " PAY-1 "])
def test_a_receipt_pays_once(counter: Counter, books: Where, written: str) -> None:
    counter.ask(PAY, payment())
    refused = counter.send(PAY, payment(receipt_id=written, correlation_id=OTHER_SWAP))
    assert refused.answer is not None
    answer = payment_answer_from_payload(PLAN, refused.answer.payload)
    assert isinstance(answer, PaymentAnswer)
    assert answer.used
    assert "used before" in answer.reason
    assert count(books, "payment_events") == 1


def test_a_receipt_shown_at_ten_counters_at_once_pays_once(books: Where) -> None:
    with open_counter(books) as first, open_counter(books) as second, ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda n: (first, second)[n % 2].ask(PAY, payment(correlation_id=f"TXN-{n}")), range(10)))
    assert sorted(each["signals"][0] for each in answers) == ["PAYMENT_FAILED"] * 9 + ["PAYMENT_PROCESSED_SUCCESS"]
    assert count(books, "outgoing_events") == 1


def test_a_swap_paid_with_a_used_receipt_is_refused_and_not_booked(counter: Counter, books: Where) -> None:
    counter.store.put_plan(plan_with(used_kwh="390", quota_kwh="410"), NOON)
    counter.ask(COMPLETE, paid())
    again = paid(correlation_id=OTHER_SWAP, incoming_battery_id="BAT-67890", outgoing_battery_id="BAT-3")
    answer = counter.ask(COMPLETE, again)
    assert answer["signals"] == ["SERVICE_COMPLETION_FAILED", "PAYMENT_FAILED"]
    assert "used before" in answer["metadata"]["reason"]
    assert count(books, "service_events") == 1


def test_the_same_receipt_with_another_amount_is_refused(counter: Counter) -> None:
    counter.ask(PAY, payment())
    answer = counter.ask(COMPLETE, paid("15.00"))
    assert answer["signals"] == ["SERVICE_COMPLETION_FAILED", "PAYMENT_FAILED"]
    assert "12.48 USD" in answer["metadata"]["reason"]


@pytest.mark.parametrize(
    "wrong",
    [{"amount": "0"}, {"amount": "-5"}, {"amount": "1e15"}, {"receipt_id": " " * 3}, {"receipt_id": "P" * 100}, {"payment_method": " "}],
)
def test_what_can_be_no_payment_is_refused(counter: Counter, books: Where, wrong: dict[str, Any]) -> None:
    answer = counter.ask(PAY, payment(**wrong))
    assert answer["signals"][0] == "PAYMENT_FAILED"
    assert answer["metadata"]["reason"]
    assert count(books, "payment_events") == 0


@pytest.mark.parametrize(
    "code", [PLAN, "plan-of-another", "BAT-12345", "TXN-01JABCDEFGHJKMNPQRSTVWXYZ0", "https://example.org/pay", "PAY 1"]
)
def test_a_code_of_another_kind_is_no_receipt(counter: Counter, books: Where, code: str) -> None:
    counter.store.put_plan(replace(plan_of(), id="plan-of-another"), NOON)
    for topic, message in ((PAY, payment(receipt_id=code)), (COMPLETE, paid(receipt_id=code))):
        answer = counter.ask(topic, message)
        assert "PAYMENT_FAILED" in answer["signals"] or answer["metadata"]["passed"] is False
        assert any(each in answer["metadata"]["reason"] for each in ("receipt", "a code of a customer, a battery or a swap"))
    assert (count(books, "payment_events"), count(books, "service_events")) == (0, 0)


def test_a_receipt_that_does_not_fit_its_methods_pattern_is_refused(counter: Counter, books: Where) -> None:
    patterns = PaymentParameters(receipt_patterns={"MOBILE_MONEY": "^[A-Z0-9]{10}$"})
    counter.store.put_plan(with_config(payment=patterns), NOON)
    refused = counter.ask(PAY, payment(receipt_id="MP4471"))
    assert refused["signals"][0] == "PAYMENT_FAILED"
    assert "a receipt of MOBILE_MONEY does not look like MP4471" in refused["metadata"]["reason"]
    assert counter.ask(COMPLETE, paid(receipt_id="MP4471"))["metadata"]["passed"] is False
    assert count(books, "payment_events") == 0
    assert counter.ask(PAY, payment(receipt_id="qgh7x2k9lm"))["signals"] == ["PAYMENT_PROCESSED_SUCCESS"]


def test_a_receipt_that_is_in_the_books_counts_whatever_it_looks_like(counter: Counter) -> None:
    """Money that came is nobody's mistake: the pattern was set after it."""
    counter.store.put_plan(plan_with(used_kwh="390"), NOON)
    counter.ask(PAY, payment(receipt_id="MP4471"))
    plan, patterns = plan_with(used_kwh="390"), PaymentParameters(receipt_patterns={"MOBILE_MONEY": "^[A-Z0-9]{10}$"})
    config = replace(plan.template.agent_config, payment=patterns)
    counter.store.put_plan(replace(plan, template=replace(plan.template, agent_config=config)), NOON)
    assert counter.ask(COMPLETE, paid(receipt_id="MP4471"))["signals"] == ["SERVICE_COMPLETED_SUCCESS"]


def test_an_amount_that_its_currency_does_not_have_is_refused(counter: Counter, books: Where) -> None:
    answer = counter.ask(PAY, payment("12.481"))
    assert answer["signals"][0] == "PAYMENT_FAILED"
    assert "12.481 has more decimals than USD has" in answer["metadata"]["reason"]
    assert count(books, "payment_events") == 0
    assert counter.ask(PAY, payment("12.480"))["signals"] == ["PAYMENT_PROCESSED_SUCCESS"]


def test_a_refused_receipt_fails_the_payment_in_the_verifiers_words(books: Where) -> None:
    script = ScriptedPayments(refused={"PAY-1": "the customer has cancelled it"})
    with open_counter(books, verifier=script) as counter:
        answer = counter.ask(PAY, payment())
        assert answer["signals"] == ["PAYMENT_FAILED"]
        assert answer["metadata"]["reason"] == "the customer has cancelled it"
        script.refused.clear()
        assert counter.ask(PAY, payment())["signals"] == ["PAYMENT_PROCESSED_SUCCESS"]


@pytest.mark.parametrize("kiosk_waits", [True, False])
def test_a_swap_with_a_refused_receipt_is_refused_whether_or_not_its_kiosk_waits(
    books: Where,
    kiosk_waits: bool,  # noqa: FBT001  a table's column
) -> None:
    with open_counter(books, verifier=ScriptedPayments(refused={PLAN: "no such payment"})) as counter:
        counter.store.put_plan(with_config(service_completion=ServiceCompletion(require_payment_confirmation=kiosk_waits)), NOON)
        assert counter.ask(COMPLETE, paid())["signals"] == ["SERVICE_COMPLETION_FAILED", "PAYMENT_FAILED"]
    assert count(books, "payment_events") == 0


def _completes(body: dict[str, Any]) -> CompleteService:
    request = request_from_json(body)
    assert isinstance(request, CompleteService)
    return request


def test_where_only_confirmed_payments_count_no_template_makes_an_invented_receipt_one(books: Where) -> None:
    """Decision 32; the field's completion is the same request in other words."""
    trusting = with_config(service_completion=ServiceCompletion(require_payment_confirmation=False))
    with open_counter(books, verifier=ConfirmedOnly()) as counter:
        counter.store.put_plan(replace(plan_with(used_kwh="390"), template=trusting.template), NOON)
        before = counter.store.plan(PLAN)
        invented = paid("1000")
        assert counter.send(COMPLETE, invented).answer is None
        assert counter.send(PAY, payment("1000", transaction_id=SWAP)).answer is None
        field = completion_to_field(swap_of(), _completes(invented))
        asked = Incoming(topic=f"emit/uxi/attendant/plan/{PLAN}/payment_and_service", payload=field)
        assert counter.handle(asked).answer is None
        assert counter.store.plan(PLAN) == before
    assert (count(books, "payment_events"), count(books, "transactions")) == (0, 0)


def test_a_payment_that_can_be_neither_confirmed_nor_refused_stays_unanswered(books: Where) -> None:
    with open_counter(books, verifier=ScriptedPayments(silent={"PAY-1"})) as counter:
        assert counter.send(PAY, payment()).answer is None
        assert counter.send(COMPLETE, paid()).answer is None
    assert (count(books, "payment_events"), count(books, "transactions")) == (0, 0)


def test_the_log_tells_of_an_unconfirmed_receipt_once(books: Where, caplog: pytest.LogCaptureFixture) -> None:
    script = ScriptedPayments(silent={"PAY-1", "PAY-2"})
    with open_counter(books, verifier=script) as counter:
        handler = counter.handler
        for receipt in ("PAY-1", "PAY-2", "PAY-1"):
            for step, body in ((PAY, payment(receipt_id=receipt)), (COMPLETE, paid(receipt_id=receipt))):
                topic = f"call/uxi/attendant/plan/{PLAN}/{step}"
                assert handler.handle_all([Incoming(topic=topic, payload=dumps(body))]).responses[0].answer is None
    wanted = "the payment callback has not confirmed receipt {} of plan {}; what shows it waits unanswered"
    told = [each.getMessage() for each in caplog.records if each.name == "kiosk.platform.agent.request_handler"]
    assert told == [wanted.format(each, PLAN) for each in ("PAY-1", "PAY-2")]


def test_a_swap_on_an_unconfirmed_receipt_waits_for_people_to_see_until_it_is_booked(books: Where) -> None:
    waiting = "SELECT correlation_id, station_id, state, reason, times FROM platform_refusals"
    script = ScriptedPayments(silent={"PAY-1"})
    with open_counter(books, verifier=script) as counter:
        for _each in range(2):
            assert counter.send(COMPLETE, paid()).answer is None
        assert rows(books, waiting) == [(SWAP, "STATION_XYZ", "unproven", "The receipt PAY-1 is not confirmed yet.", 2)]
        script.silent.clear()
        assert counter.ask(COMPLETE, paid())["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    assert rows(books, waiting) == []


def test_the_verifier_is_asked_once_for_a_receipt(books: Where) -> None:
    verifier = CountingVerifier()
    with open_counter(books, verifier=verifier) as counter:
        for _each in range(3):
            counter.ask(PAY, payment())
            counter.ask(COMPLETE, paid())
    assert verifier.asked == [(PLAN, "PAY-1")]


def test_a_payment_for_an_unknown_plan_is_refused(counter: Counter) -> None:
    assert counter.send(PAY, payment(), "no-such-plan").answer is not None
    assert counter.ask(PAY, payment(), "no-such-plan")["signals"] == ["PAYMENT_FAILED", "SERVICE_PLAN_NOT_FOUND"]


def test_a_receipt_of_another_plan_is_used(counter: Counter) -> None:
    counter.store.insert_plan(plan_of(id="plan-2"), NOON)
    counter.ask(PAY, payment())
    assert counter.ask(PAY, payment(correlation_id=OTHER_SWAP), "plan-2")["signals"] == ["PAYMENT_FAILED"]


def test_too_little_money_completes_nothing(counter: Counter, books: Where) -> None:
    counter.store.put_plan(plan_with(used_kwh="390"), NOON)
    answer = counter.ask(COMPLETE, paid("12.47"))
    assert answer["signals"] == ["SERVICE_COMPLETION_FAILED", "QUOTA_EXHAUSTED"]
    assert (count(books, "payment_events"), str(used_kwh(counter.store))) == (0, "390")


def test_a_paid_deficit_credits_the_quota(counter: Counter) -> None:
    counter.store.put_plan(plan_with(used_kwh="390"), NOON)
    energy = counter.ask(COMPLETE, paid())["metadata"]["quota_updates"][1]
    assert (energy["quota_before"], energy["quota_after"], energy["used_after"]) == (400, Decimal("415.6"), Decimal("415.6"))


def test_a_payment_that_was_taken_before_is_told_as_it_was_recorded(counter: Counter, books: Where) -> None:
    counter.ask(PAY, payment(transaction_id=SWAP))
    counter.clock.at += timedelta(minutes=5)
    told = counter.ask(COMPLETE, paid())["metadata"]["payment_event"]
    assert [loads(event) for (event,) in rows(books, "SELECT event FROM platform_payment_events")] == [told]


def test_the_payment_without_a_swap_leaves_the_quota_alone(counter: Counter) -> None:
    counter.ask(PAY, payment())
    assert str(used_kwh(counter.store)) == "344.5"
    assert counter.ask(COMPLETE, completion())["signals"] == ["SERVICE_COMPLETED_SUCCESS"]


@pytest.mark.parametrize("code", ["pack-12345", "CUST-001", PLAN, PLAN.upper(), "PACK-9", "PACK-67890", "SW-1"])
@pytest.mark.parametrize("verb", [PAY, COMPLETE])
def test_a_code_that_the_platform_knows_is_no_receipt(books: Where, code: str, verb: str) -> None:
    """Of plans, customers, bound and swapped batteries, and swaps."""
    with open_counter(books) as counter:
        counter.store.put_plan(plan_with(used_kwh="390", holds="PACK-12345"), NOON)
        bound = Binding(
            battery_id="PACK-9",
            address="C8:47:8C:00:10:01",
            family="jk",
            serial="",
            has_secret=False,
            bound_by="SUP-7",
            bound_at=NOON,
            station_id="STATION_XYZ",
        )
        change = BindingChange(change_id="CHG-1", battery_id="PACK-9", binding=bound, by="SUP-7", at=NOON)
        BatteryRegister(counter.store).change(change, "", NOON)
        first = paid(incoming_battery_id="PACK-12345", outgoing_battery_id="PACK-67890", correlation_id="SW-1")
        assert "SERVICE_COMPLETED_SUCCESS" in counter.ask(COMPLETE, first)["signals"]
        asked = payment(receipt_id=code, correlation_id=OTHER_SWAP) if verb == PAY else paid(receipt_id=code, correlation_id=OTHER_SWAP)
        assert "PAYMENT_FAILED" in counter.ask(verb, asked)["signals"]
        assert count(books, "payment_events") == 1


def test_a_cash_number_is_a_receipt_of_cash_alone(counter: Counter) -> None:
    number = "CASH-STATION_XYZ-000001"
    assert "PAYMENT_FAILED" in counter.ask(PAY, payment(receipt_id=number))["signals"]
    cash = payment(receipt_id=number, payment_method="CASH", correlation_id=OTHER_SWAP)
    assert counter.ask(PAY, cash)["signals"] == ["PAYMENT_PROCESSED_SUCCESS"]
