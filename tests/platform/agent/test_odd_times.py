"""A time that cannot be right is never a reason to refuse: the swap is booked, marked and listed (fault D17)."""

import pytest

from kiosk.platform.store.open_items import UnsettledRequests
from kiosk.wire.exact_json import loads
from tests.platform.agent_counter import SWAP, Counter, Where, completion, count, rows

COMPLETE = "complete_service"


def mark_of(books: Where) -> object:
    ((event,),) = rows(books, "SELECT event FROM platform_service_events")
    return loads(event)["service_context"].get("transaction_time")


@pytest.mark.parametrize(
    ("time", "mark"),
    [
        ("2001-01-01T00:00:00Z", "late"),
        ("2024-12-16T10:29:59Z", "late"),
        ("2025-01-15T10:40:01Z", "future"),
        ("2040-01-01T00:00:00Z", "future"),
    ],
)
def test_a_late_or_future_swap_is_booked_marked_and_listed(counter: Counter, books: Where, time: str, mark: str) -> None:
    answer = counter.ask(COMPLETE, completion(transaction_timestamp=time))
    assert answer["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    assert answer["metadata"]["service_event"]["service_context"]["transaction_time"] == mark == mark_of(books)
    ((published,),) = rows(books, "SELECT payload FROM platform_outgoing_events")
    assert loads(published)["service_context"]["transaction_time"] == mark
    (listed,) = UnsettledRequests(counter.store).open()
    assert (listed.correlation_id, listed.state.value, listed.station_id) == (SWAP, "odd_time", "STATION_XYZ")
    assert time in listed.reason
    assert "2025-01-15T10:30:00Z" in listed.reason


@pytest.mark.parametrize("time", ["2024-12-16T10:30:00Z", "2025-01-15T10:40:00Z", "2025-01-15T10:30:00Z"])
def test_a_time_that_can_be_right_is_not_marked(counter: Counter, books: Where, time: str) -> None:
    answer = counter.ask(COMPLETE, completion(transaction_timestamp=time))
    assert answer["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    assert mark_of(books) is None
    assert count(books, "refusals") == 0


def test_a_repeated_odd_swap_is_listed_once(counter: Counter, books: Where) -> None:
    for _each in range(3):
        counter.ask(COMPLETE, completion(transaction_timestamp="2040-01-01T00:00:00Z"))
    assert (count(books, "refusals"), count(books, "transactions")) == (1, 1)
