"""What waits for a person, on both databases: until it is booked or settled, and again where it is refused again."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from kiosk.domain.errors import NotFound
from kiosk.platform.store.open_items import MAX_LISTED, UnappliedPayments, UnsettledRequests, UnsettledRow
from kiosk.platform.store.store_values import OpenState
from kiosk.platform.store.tables import refusals
from tests.builders import NOON
from tests.platform.agent_counter import OTHER_SWAP, PLAN, SWAP, Counter, Where, completion, count, paid, payment, rows

WRONG = completion(incoming_battery_id="BAT-9")


def unsettled(counter: Counter) -> tuple[UnsettledRow, ...]:
    return UnsettledRequests(counter.store).open()


def waiting(counter: Counter) -> list[tuple[str, OpenState]]:
    return [(each.correlation_id, each.state) for each in unsettled(counter)]


def settle(counter: Counter, note: str = "resolved at the kiosk") -> None:
    """All that waits."""
    for each in unsettled(counter):
        UnsettledRequests(counter.store).settle(each.number, note, NOON + timedelta(hours=1))


def test_refusals_come_newest_first_with_their_reason(counter: Counter) -> None:
    for each in ("TXN-3", "TXN-4"):
        counter.ask("complete_service", completion(correlation_id=each, incoming_battery_id="BAT-9"))
    newest, oldest = unsettled(counter)
    assert (newest.correlation_id, oldest.correlation_id) == ("TXN-4", "TXN-3")
    assert "BAT-9" in newest.reason
    assert [each.correlation_id for each in UnsettledRequests(counter.store).open(newest.number)] == ["TXN-3"]


def test_a_swap_that_was_paid_for_waits_until_it_is_completed(counter: Counter) -> None:
    counter.ask("process_payment", payment(correlation_id="att-payment-1", transaction_id=SWAP))
    assert waiting(counter) == [(SWAP, OpenState.PAID)]
    counter.ask("complete_service", paid())
    assert waiting(counter) == []


def test_a_swap_whose_old_battery_came_back_waits_until_a_new_one_is_issued(counter: Counter) -> None:
    counter.ask("equipment_checkin", {"equipment_id": "BAT-12345", "incoming_kwh": 4.8, "correlation_id": SWAP})
    assert waiting(counter) == [(SWAP, OpenState.RETURNED)]
    checkout = {"replacement_equipment_id": "BAT-67890", "incoming_equipment_id": "BAT-12345", "incoming_kwh": 4.8, "outgoing_kwh": 30.4}
    counter.ask("equipment_checkout", {**checkout, "correlation_id": SWAP})
    assert waiting(counter) == []


def test_a_refusal_after_the_payment_says_what_is_wrong(counter: Counter) -> None:
    counter.ask("process_payment", payment(correlation_id="att-payment-1", transaction_id=SWAP))
    counter.ask("complete_service", paid(incoming_battery_id="BAT-9"))
    assert waiting(counter) == [(SWAP, OpenState.REFUSED)]


def test_a_payment_that_is_told_after_its_swap_is_refused_and_opens_no_swap(counter: Counter) -> None:
    counter.ask("complete_service", completion())
    counter.ask("process_payment", payment(correlation_id="att-payment-1", transaction_id=SWAP))
    assert waiting(counter) == [("att-payment-1", OpenState.REFUSED)]


def test_what_a_person_has_settled_waits_no_more_and_its_note_is_kept(counter: Counter, books: Where) -> None:
    counter.ask("complete_service", WRONG)
    settle(counter)
    assert waiting(counter) == []
    assert rows(books, "SELECT correlation_id, note FROM platform_refusals") == [(SWAP, "resolved at the kiosk")]


def test_the_others_wait_on(counter: Counter) -> None:
    counter.ask("complete_service", WRONG)
    settle(counter)
    counter.ask("complete_service", {**WRONG, "correlation_id": OTHER_SWAP})
    assert waiting(counter) == [(OTHER_SWAP, OpenState.REFUSED)]


def test_a_settled_one_that_is_refused_again_waits_again_and_says_what_was_done(counter: Counter) -> None:
    counter.ask("complete_service", WRONG)
    settle(counter)
    counter.ask("complete_service", WRONG)
    assert [(each.correlation_id, each.times, each.note) for each in unsettled(counter)] == [(SWAP, 2, "resolved at the kiosk")]


def test_a_settled_one_that_is_paid_for_later_waits_again(counter: Counter) -> None:
    counter.ask("complete_service", WRONG)
    settle(counter)
    counter.ask("process_payment", payment(correlation_id="att-payment-1", transaction_id=SWAP))
    assert waiting(counter) == [(SWAP, OpenState.PAID)]


def test_a_settled_one_that_is_booked_after_all_is_gone(counter: Counter, books: Where) -> None:
    counter.ask("complete_service", WRONG)
    settle(counter)
    assert counter.ask("complete_service", completion())["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    assert count(books, "refusals") == 0


def test_a_number_that_a_person_has_read_names_nothing_else_later(counter: Counter) -> None:
    counter.ask("complete_service", WRONG)
    read = unsettled(counter)[0].number
    counter.ask("complete_service", completion())
    counter.ask("complete_service", {**WRONG, "correlation_id": OTHER_SWAP})
    with pytest.raises(NotFound):
        UnsettledRequests(counter.store).settle(read, "resolved at the kiosk", NOON)
    assert waiting(counter) == [(OTHER_SWAP, OpenState.REFUSED)]


def refuse_many(counter: Counter, many: int, *, settled: bool) -> None:
    """As many refusals, older than what comes next."""
    about = {
        "part": "issue",
        "plan_id": PLAN,
        "station_id": "",
        "attendant_id": "",
        "action": "COMPLETE_SERVICE",
        "state": "refused",
        "reason": "",
        "first_at": NOON,
        "last_at": NOON,
        "times": 1,
        "settled_at": NOON if settled else None,
        "note": "",
    }
    with counter.store.writing() as connection:
        connection.execute(insert(refusals), [{**about, "correlation_id": f"{settled}-{number:05d}"} for number in range(many)])


def test_all_that_waits_is_found_page_by_page_once(counter: Counter) -> None:
    refuse_many(counter, 2 * MAX_LISTED + 1, settled=False)
    refuse_many(counter, 3, settled=True)
    numbers = [each.number for each in UnsettledRequests(counter.store).all_open()]
    assert (len(numbers), numbers) == (2 * MAX_LISTED + 1, sorted(set(numbers), reverse=True))


@pytest.mark.parametrize("of", [UnsettledRequests, UnappliedPayments])
def test_what_waits_is_found_by_an_index_of_the_open_alone(counter: Counter, of: type[UnsettledRequests | UnappliedPayments]) -> None:
    table = {UnsettledRequests: "platform_refusals", UnappliedPayments: "platform_unapplied_payments"}[of]
    refuse_many(counter, 2000, settled=True)
    with counter.store.reading() as connection:
        served = connection.dialect.name == "postgresql"
        if served:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # a small table would be read through
        asked = f"SELECT * FROM {table} WHERE settled_at IS NULL AND number < 9000 ORDER BY number DESC LIMIT 50"  # noqa: S608  names
        plan = " ".join(map(str, connection.exec_driver_sql(f"{'EXPLAIN' if served else 'EXPLAIN QUERY PLAN'} {asked}")))
    assert f"ix_{table}_open" in plan
    assert "sort" not in plan.lower()
    assert "temp b-tree" not in plan.lower()
