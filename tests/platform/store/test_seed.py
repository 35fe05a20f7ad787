"""`platform seed`: a platform filled for measuring answers as one that was filled by kiosks."""

from datetime import timedelta
from pathlib import Path

from kiosk.cli import main
from kiosk.platform.store import seed
from tests.builders import NOON, plan_of
from tests.platform.agent_counter import Counter, Where, completion, count, rows, url_of

SHIPPED = Path("resources/plans/bss-plan-weekly-freedom-nairobi-v2-plan1.json")


def test_made_up_plans_are_served_like_others(counter: Counter, books: Where) -> None:
    assert list(seed.add_plans(counter.store, plan_of(), 30, NOON)) == [30]
    list(seed.add_swaps(counter.store, 30, 70, NOON))
    assert rows(books, "SELECT count(DISTINCT plan_id), count(*) FROM platform_service_events") == [(30, 70)]
    assert counter.store.to_publish() == ()
    plan = counter.store.plan("crowd-7")
    assert plan is not None
    assert (plan.customer_id, plan.current_asset) == ("CUST-7", "BAT-7")
    swap = counter.ask("complete_service", completion(incoming_battery_id="BAT-7"), "crowd-7")
    assert swap["signals"] == ["SERVICE_COMPLETED_SUCCESS"]


def test_begun_again_it_goes_on_where_it_was(counter: Counter, books: Where) -> None:
    for plans, swaps in ((3, 5), (8, 9), (8, 9)):
        list(seed.add_plans(counter.store, plan_of(), plans, NOON))
        list(seed.add_swaps(counter.store, plans, swaps, NOON + timedelta(days=1)))
    assert (count(books, "transactions"), count(books, "outgoing_events")) == (9, 9)
    assert rows(books, "SELECT count(*) FROM platform_plans WHERE plan_id LIKE 'crowd-%'") == [(9,)]


def test_the_command_fills_a_database(books: Where) -> None:
    arguments = ["platform", "seed", "--database", url_of(books), "--like", str(SHIPPED), "--plans", "20", "--events", "40"]
    assert main(arguments) == 0
    assert count(books, "service_events") == 40
