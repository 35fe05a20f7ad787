"""What people look at, on both databases: newest first, page by page, found by the beginnings of ids."""

import pytest

from kiosk.platform.store.queries import PlatformQueries
from tests.builders import NOON, plan_of
from tests.platform.agent_counter import PLAN, SWAP, Counter, completion, paid


@pytest.fixture
def browser(counter: Counter) -> PlatformQueries:
    """After two swaps, one of them paid for."""
    counter.store.insert_plan(plan_of(id="Plan-Ä", customer_id="CUST-002"), NOON)
    counter.ask("complete_service", paid(outgoing_battery_id="BAT-1"))
    counter.ask("complete_service", completion(correlation_id="TXN-2", outgoing_battery_id="BAT-2"), "Plan-Ä")
    return PlatformQueries(counter.store)


def test_swaps_come_newest_first_and_page_by_page(browser: PlatformQueries) -> None:
    first = browser.swaps(1)
    assert [each.correlation_id for each in first] == ["TXN-2"]
    assert [each.correlation_id for each in browser.swaps(5, before=first[-1].number)] == [SWAP]


def test_plans_go_on_after_an_id(browser: PlatformQueries) -> None:
    first = browser.plans(1)
    assert {first[0].plan_id, *(each.plan_id for each in browser.plans(5, after=first[0].plan_id))} == {PLAN, "Plan-Ä"}


@pytest.mark.parametrize("text", ["Plan-Ä", "Plan", "CUST-002", "cust-002", "BAT-2", "bat-2"])
def test_a_plan_is_found_by_itself_its_customer_and_its_battery(browser: PlatformQueries, text: str) -> None:
    assert [each.plan_id for each in browser.plans_like(text, 5)] == ["Plan-Ä"]


@pytest.mark.parametrize("text", ["TXN-2", "txn-2", "BAT-2"])
def test_a_swap_is_found_by_its_transaction_and_its_batteries(browser: PlatformQueries, text: str) -> None:
    assert [each.correlation_id for each in browser.swaps_like(text, 5)] == ["TXN-2"]


def test_what_matches_in_two_places_is_found_once(browser: PlatformQueries) -> None:
    assert len(browser.swaps_like("BAT", 5)) == 2


@pytest.mark.parametrize("text", ["PAY-1", "pay", SWAP])
def test_a_payment_is_found_by_its_receipt_and_its_transaction(browser: PlatformQueries, text: str) -> None:
    assert [(each.receipt_id, each.owner) for each in browser.payments_like(text, 5)] == [("PAY-1", SWAP)]


@pytest.mark.parametrize("text", ["lan-Ä", "%", "_", "\\", "zzz"])
def test_only_beginnings_are_found(browser: PlatformQueries, text: str) -> None:
    assert (browser.plans_like(text, 5), browser.swaps_like(text, 5), browser.payments_like(text, 5)) == ((), (), ())
