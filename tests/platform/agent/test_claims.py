"""Who begins a transaction completes it (decision 27)."""

from decimal import Decimal
from typing import Any

import pytest

from kiosk.domain.errors import NotFound
from kiosk.domain.requests import ProcessPayment
from kiosk.platform.payment_proof import ConfirmedOnly, PaymentDelivery, ScriptedPayments, take_delivery
from kiosk.platform.store.open_items import UnsettledRequests
from kiosk.platform.store.station_register import StationRegister
from kiosk.wire.exact_json import loads
from tests.builders import ELECTRICITY, NOON, plan_of
from tests.platform.agent_counter import OTHER_SWAP, PLAN, SWAP, Counter, Where, completion, count, open_counter, paid, payment, rows
from tests.platform.signing import SigningStation, enrolled, rotated

COMPLETE, PAY, VERIFY = "complete_service", "process_payment", "verify_service_quota"
BOOKED = ["SERVICE_COMPLETED_SUCCESS"]


def claim(**changes: Any) -> dict[str, Any]:
    """What a kiosk sends before it shows a payment reference."""
    asked = {"action": "VERIFY_SERVICE_QUOTA", "plan_id": PLAN, "correlation_id": SWAP, "timestamp": "2025-01-15T10:30:00Z"}
    return {**asked, "service_id": ELECTRICITY, "quantity": Decimal("25.6"), **changes}


@pytest.fixture
def first(counter: Counter) -> SigningStation:
    return enrolled(counter)


@pytest.fixture
def second(counter: Counter) -> SigningStation:
    return enrolled(counter, "STATION-2")


def owners(books: Where) -> list[tuple[str, str]]:
    return rows(books, "SELECT correlation_id, station_id FROM platform_claims ORDER BY 1")


def delivered(counter: Counter, receipt: str = "PAY-1", reference: str = SWAP, number: str = "D-1") -> None:
    paid_now = ProcessPayment(
        payment_amount=Decimal("12.48"),
        payment_receipt_id=receipt,
        payment_method="MOBILE_MONEY",
        correlation_id=reference,
        transaction_id=reference,
        payment_timestamp=NOON,
    )
    delivery = PaymentDelivery(delivery_id=number, plan_id=PLAN, currency="USD", payment=paid_now, content=receipt.encode())
    take_delivery(counter.store, delivery, NOON)


def told(books: Where) -> list[str]:
    """Where payment events go, in their order."""
    return [topic for (topic,) in rows(books, "SELECT topic FROM platform_outgoing_events ORDER BY number") if "payment_received" in topic]


def test_a_signed_question_of_quota_claims_the_transaction_and_books_nothing(counter: Counter, first: SigningStation, books: Where) -> None:
    response = first.send(counter, VERIFY, claim(attendant_station=first.id))
    assert response.answer is not None
    answer = loads(response.answer.payload)
    assert answer["signals"] == ["QUOTA_AVAILABLE"]
    assert "quota_check" in answer["metadata"]
    assert response.answer.topic == first.topic_of(VERIFY)
    assert owners(books) == [(SWAP, first.id)]
    assert count(books, "transactions") == 0


def test_an_exhausted_quota_claims_too(counter: Counter, first: SigningStation, books: Where) -> None:
    assert first.ask(counter, VERIFY, claim(quantity=500))["signals"] == ["QUOTA_EXHAUSTED"]
    assert owners(books) == [(SWAP, first.id)]


@pytest.mark.parametrize(("step", "body"), [(PAY, payment()), (COMPLETE, completion()), (VERIFY, claim())], ids=[PAY, COMPLETE, VERIFY])
def test_another_station_may_neither_pay_nor_complete_nor_ask(
    counter: Counter, first: SigningStation, second: SigningStation, books: Where, step: str, body: dict[str, Any]
) -> None:
    first.ask(counter, VERIFY, claim())
    theirs = {**body, "attendant_station": second.id}
    answer = second.ask(counter, step, theirs)
    assert "TRANSACTION_OWNED" in answer["signals"]
    assert first.id in answer["metadata"]["reason"]
    unsigned = counter.ask(step, {**body, "attendant_station": "STATION-OLD"})
    assert "TRANSACTION_OWNED" in unsigned["signals"]
    assert (count(books, "transactions"), count(books, "payment_events")) == (0, 0)
    assert owners(books) == [(SWAP, first.id)]
    assert first.ask(counter, COMPLETE, completion())["signals"] == BOOKED


def test_a_payment_for_a_transaction_by_another_is_refused_under_any_id_of_its_own(
    counter: Counter, first: SigningStation, second: SigningStation, books: Where
) -> None:
    first.ask(counter, VERIFY, claim())
    body = payment(correlation_id="att-9", transaction_id=SWAP, attendant_station=second.id)
    assert "TRANSACTION_OWNED" in second.ask(counter, PAY, body)["signals"]
    assert count(books, "payment_events") == 0


def test_the_theft_of_a_paid_transaction_fails_and_a_person_sees_it(
    counter: Counter, first: SigningStation, second: SigningStation, books: Where
) -> None:
    """Fault D2: the payment event names the transaction, and another station completes it with its own battery."""
    first.ask(counter, VERIFY, claim())
    delivered(counter)
    stolen = second.ask(counter, COMPLETE, paid(outgoing_battery_id="BAT-99999", attendant_station=second.id))
    assert stolen["signals"] == ["SERVICE_COMPLETION_FAILED", "TRANSACTION_OWNED"]
    (seen,) = UnsettledRequests(counter.store).open()
    assert (seen.correlation_id, seen.station_id) == (SWAP, second.id)
    assert first.ask(counter, COMPLETE, paid())["signals"] == BOOKED
    assert count(books, "service_events") == 1


def test_a_completed_transaction_is_not_told_to_another_station(counter: Counter, first: SigningStation, second: SigningStation) -> None:
    assert first.ask(counter, COMPLETE, completion())["signals"] == BOOKED
    again = second.ask(counter, COMPLETE, completion(attendant_station=second.id))
    assert again["signals"] == ["SERVICE_COMPLETION_FAILED", "TRANSACTION_OWNED"]


def test_both_keys_of_a_station_are_one_owner(counter: Counter, first: SigningStation, books: Where) -> None:
    first.ask(counter, VERIFY, claim())
    assert rotated(counter, first).ask(counter, COMPLETE, completion())["signals"] == BOOKED
    assert owners(books) == [(SWAP, first.id)]


def test_the_desk_frees_a_transaction_for_the_station_where_the_customer_stands(
    counter: Counter, first: SigningStation, second: SigningStation, books: Where
) -> None:
    first.ask(counter, VERIFY, claim())
    register = StationRegister(counter.store)
    assert register.free(SWAP, NOON, "the desk").station_id == first.id
    assert second.ask(counter, COMPLETE, completion(attendant_station=second.id))["signals"] == BOOKED
    late = first.ask(counter, COMPLETE, completion())
    assert late["signals"] == ["SERVICE_COMPLETION_FAILED", "TRANSACTION_OWNED"]
    assert rows(books, "SELECT who, what FROM platform_record ORDER BY number")[-1] == ("the desk", "transaction_freed")
    with pytest.raises(NotFound):
        register.free(OTHER_SWAP, NOON, "the desk")


def test_stations_that_do_not_sign_claim_nothing(counter: Counter, first: SigningStation, books: Where) -> None:
    counter.ask(VERIFY, claim())
    counter.ask(PAY, payment(attendant_station="STATION-OLD"))
    assert owners(books) == []
    assert first.ask(counter, COMPLETE, paid())["signals"] == BOOKED


def test_a_plan_that_is_not_known_is_no_transaction(counter: Counter, first: SigningStation, books: Where) -> None:
    answer = first.ask(counter, VERIFY, claim(plan_id="another"), plan_id="another")
    assert "SERVICE_PLAN_NOT_FOUND" in answer["signals"]
    assert owners(books) == []


def test_two_that_ask_in_one_batch_leave_one_owner(counter: Counter, first: SigningStation, second: SigningStation, books: Where) -> None:
    batch = [second.message(VERIFY, claim(attendant_station=second.id)), first.message(VERIFY, claim(attendant_station=first.id))]
    answers = [loads(each.answer.payload)["signals"] for each in counter.handler.handle_all(batch).responses if each.answer]
    assert answers == [["QUOTA_AVAILABLE"], ["VALIDATION_FAILED", "TRANSACTION_OWNED"]]
    assert owners(books) == [(SWAP, second.id)]


def test_a_claim_through_another_plan_takes_nothing_from_the_owner(
    counter: Counter, first: SigningStation, second: SigningStation, books: Where
) -> None:
    counter.store.insert_plan(plan_of(id="another"), NOON)
    first.ask(counter, VERIFY, claim())
    answer = second.ask(counter, VERIFY, claim(plan_id="another", attendant_station=second.id), plan_id="another")
    assert "TRANSACTION_OWNED" in answer["signals"]
    assert owners(books) == [(SWAP, first.id)]


# ------------------------------------------------------------ where payments are told


def test_a_payment_is_told_to_the_owner_on_its_own_topic_and_to_everybody_who_may_read_all(
    counter: Counter, first: SigningStation, second: SigningStation, books: Where
) -> None:
    first.ask(counter, VERIFY, claim())
    second.ask(counter, VERIFY, claim(correlation_id=OTHER_SWAP, attendant_station=second.id))
    delivered(counter)
    assert told(books) == [f"event/abs/payment/plan/{PLAN}/payment_received", f"event/abs/station/{first.id}/payment_received"]


def test_money_that_came_before_the_claim_is_told_with_the_claim(counter: Counter, first: SigningStation, books: Where) -> None:
    delivered(counter)
    delivered(counter, "PAY-2", "", "D-2")
    assert told(books) == [f"event/abs/payment/plan/{PLAN}/payment_received"] * 2
    response = first.send(counter, VERIFY, claim())
    assert [each.topic for each in response.events] == [f"event/abs/station/{first.id}/payment_received"] * 2
    assert [loads(each.payload)["payment_data"]["odoo_receipt_id"] for each in response.events] == ["PAY-1", "PAY-2"]
    assert first.send(counter, VERIFY, claim()).events == (), "told once"


def test_money_that_names_no_transaction_is_told_to_whoever_waits_at_its_plan(
    counter: Counter, first: SigningStation, second: SigningStation, books: Where
) -> None:
    first.ask(counter, VERIFY, claim())
    second.ask(counter, COMPLETE, completion(correlation_id=OTHER_SWAP, attendant_station=second.id))
    delivered(counter, reference="")
    assert told(books) == [f"event/abs/payment/plan/{PLAN}/payment_received", f"event/abs/station/{first.id}/payment_received"]


def test_a_payment_question_that_is_not_confirmed_yet_claims_and_stays_unanswered(books: Where) -> None:
    with open_counter(books, verifier=ScriptedPayments(silent={"PAY-1"})) as counter:
        first, second = enrolled(counter), enrolled(counter, "STATION-2")
        assert first.send(counter, PAY, payment(correlation_id="att-0", transaction_id=SWAP)).answer is None
        assert owners(books) == [(SWAP, first.id)]
        assert count(books, "refusals") == 0
        theirs = payment(correlation_id="att-1", transaction_id=SWAP, attendant_station=second.id)
        assert "TRANSACTION_OWNED" in second.ask(counter, PAY, theirs)["signals"]


# ------------------------------------------------------------ cash


CASH: dict[str, Any] = {"payment_method": "CASH", "payment_receipt_id": "CASH-STATION_XYZ-000001"}


@pytest.fixture
def till(books: Where) -> Any:
    with open_counter(books, verifier=ConfirmedOnly()) as counter:
        yield counter


def test_where_payments_must_be_confirmed_unsigned_cash_is_refused(till: Counter, books: Where) -> None:
    for step, body in ((PAY, payment(**CASH)), (COMPLETE, {**paid(), **CASH})):
        answer = till.ask(step, body)
        assert "PAYMENT_FAILED" in answer["signals"]
        assert "does not sign" in answer["metadata"]["reason"]
    assert count(books, "payment_events") == 0


def test_cash_of_an_enrolled_station_with_its_own_number_counts_as_confirmed(till: Counter, books: Where) -> None:
    station = enrolled(till)
    assert station.ask(till, COMPLETE, {**paid(), **CASH})["signals"] == BOOKED
    assert rows(books, "SELECT method, receipt_id FROM platform_payment_events") == [("CASH", "CASH-STATION_XYZ-000001")]


OTHER_NUMBERS = ["CASH-STATION-2-000001", "CASH-STATION_XYZ", "NOTE-1", "CASH-STATION_XYZ-1", "BACK-STATION_XYZ-000001"]


@pytest.mark.parametrize("receipt", OTHER_NUMBERS)
def test_cash_under_any_other_number_is_refused(till: Counter, books: Where, receipt: str) -> None:
    station = enrolled(till)
    enrolled(till, "STATION-2")
    answer = station.ask(till, PAY, payment(payment_method="CASH", payment_receipt_id=receipt))
    assert "PAYMENT_FAILED" in answer["signals"]
    assert count(books, "payment_events") == 0


def test_another_method_is_no_cash_whoever_signs(till: Counter, books: Where) -> None:
    station = enrolled(till)
    assert station.send(till, PAY, payment(payment_receipt_id="CASH-STATION_XYZ-000001")).answer is None
    assert count(books, "payment_events") == 0


def test_where_receipts_are_accepted_cash_goes_on_as_before(counter: Counter) -> None:
    assert counter.ask(COMPLETE, {**paid(), **CASH})["signals"] == BOOKED


def test_an_unsigned_kiosk_is_served_as_before(counter: Counter, books: Where) -> None:
    assert counter.ask(COMPLETE, paid())["signals"] == BOOKED
    assert told(books) == [f"event/abs/payment/plan/{PLAN}/payment_received"]
