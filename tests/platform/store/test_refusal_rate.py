"""What is made up to be refused does not drown what is true: so many rows a station and an hour, the rest is counted."""

from datetime import timedelta
from typing import Any

import pytest

from kiosk.domain.battery.binding import Binding, BindingChange
from kiosk.platform.payment_proof import ConfirmedOnly
from kiosk.platform.store.battery_register import BatteryRegister
from kiosk.platform.store.open_items import BindingConflicts, UnsettledRequests, UnsettledRow
from kiosk.platform.store.open_rows import COUNTED, REFUSALS_AN_HOUR, HourlyRate
from kiosk.platform.store.store_values import OpenState
from tests.builders import NOON, plan_of
from tests.platform.agent_counter import OTHER_SWAP, SWAP, Counter, Where, completion, paid, rows

MOST = 5
HOME, AWAY = "STATION-HOME", "STATION-AWAY"


@pytest.fixture
def limited(counter: Counter) -> Counter:
    """Few rows an hour; both stations have served somebody."""
    for number, station in enumerate((HOME, AWAY)):
        plan = plan_of(id=f"plan-{station}")
        counter.store.insert_plan(plan, NOON)
        counter.ask("complete_service", completion(correlation_id=f"TXN-SERVED-{number}", attendant_station=station), plan.id)
    counter.store.refusals = HourlyRate(MOST)
    return counter


def refuse(counter: Counter, number: int, station: str = HOME, **changes: Any) -> None:
    facts = {"incoming_battery_id": "BAT-9", "correlation_id": f"TXN-{station}-{number}", "attendant_station": station}
    counter.ask("complete_service", completion(**facts | changes))


def waiting(counter: Counter) -> tuple[UnsettledRow, ...]:
    return UnsettledRequests(counter.store).open()


def counted(counter: Counter) -> dict[str, int]:
    """What counts, and how many."""
    return {each.correlation_id: each.times for each in waiting(counter) if each.correlation_id.startswith(("MORE-", "UNKNOWN-"))}


def test_beyond_its_rate_a_stations_refusals_are_counted_and_those_of_another_are_listed(limited: Counter) -> None:
    for number in range(40):
        refuse(limited, number)
    refuse(limited, 0, AWAY)
    found = waiting(limited)
    assert len(found) == MOST + 2
    assert counted(limited) == {f"MORE-REFUSALS-{HOME}-2025-01-15T10": 40 - MOST}
    assert found[0].correlation_id == f"TXN-{AWAY}-0"
    assert f"the last was TXN-{HOME}-39: This is not the battery" in found[1].reason


def test_every_refusal_is_answered_with_its_reason_listed_or_not(limited: Counter) -> None:
    limited.store.refusals = HourlyRate(0)
    answer = limited.ask("complete_service", completion(incoming_battery_id="BAT-9"))
    assert "This is not the battery" in answer["metadata"]["reason"]


def test_the_next_hour_has_room_again(limited: Counter) -> None:
    for number in range(MOST + 3):
        refuse(limited, number)
    limited.clock.at += timedelta(hours=1)
    for number in range(100, 101 + MOST):
        refuse(limited, number)
    assert counted(limited) == {f"MORE-REFUSALS-{HOME}-2025-01-15T10": 3, f"MORE-REFUSALS-{HOME}-2025-01-15T11": 1}


def test_a_refusal_that_is_listed_stays_the_same_row_whatever_was_counted(limited: Counter) -> None:
    for number in range(MOST + 3):
        refuse(limited, number)
    refuse(limited, 0)
    assert {each.correlation_id: each.times for each in waiting(limited)}[f"TXN-{HOME}-0"] == 2


def test_what_was_only_counted_is_booked_when_it_is_put_right(limited: Counter, books: Where) -> None:
    for number in range(MOST + 1):
        refuse(limited, number)
    limited.ask("complete_service", completion(correlation_id=f"TXN-{HOME}-{MOST}", attendant_station=HOME))
    assert (f"TXN-{HOME}-{MOST}",) in rows(books, "SELECT correlation_id FROM platform_transactions")


def test_plans_that_nobody_knows_are_counted_from_the_first_on(limited: Counter) -> None:
    for number in range(30):
        limited.ask("complete_service", completion(correlation_id=f"TXN-{number}", attendant_station=HOME), f"no-such-plan-{number}")
    assert counted(limited) == {f"UNKNOWN-PLANS-{HOME}-2025-01-15T10": 30}
    assert len(waiting(limited)) == 1
    assert waiting(limited)[0].plan_id == "no-such-plan-29"
    refuse(limited, 1)
    assert len(waiting(limited)) == 2


def test_stations_that_never_served_anybody_count_as_one(limited: Counter) -> None:
    for number in range(40):
        refuse(limited, number, f"MADE-UP-{number}")
        limited.ask("complete_service", completion(correlation_id=f"TXN-{number}", attendant_station=f"M-{number}"), f"none-{number}")
    assert len(waiting(limited)) == MOST + 2
    assert counted(limited) == {"MORE-REFUSALS-OTHER-STATIONS-2025-01-15T10": 35, "UNKNOWN-PLANS-OTHER-STATIONS-2025-01-15T10": 40}
    refuse(limited, 0)
    assert waiting(limited)[0].correlation_id == f"TXN-{HOME}-0"


def test_swaps_on_made_up_receipts_have_the_same_rate(limited: Counter) -> None:
    limited.verifier = ConfirmedOnly()
    for number in range(20):
        limited.send("complete_service", paid(correlation_id=f"TXN-{number}", receipt_id=f"PAY-{number}", attendant_station=HOME))
    assert len(waiting(limited)) == MOST + 1
    assert [each.state for each in waiting(limited)].count(OpenState.UNPROVEN) == MOST


def test_a_swap_that_is_begun_waits_however_many_were_refused(limited: Counter) -> None:
    limited.store.refusals = HourlyRate(0)
    limited.ask("equipment_checkin", {"equipment_id": "BAT-12345", "incoming_kwh": 4.8, "correlation_id": SWAP, "attendant_station": HOME})
    assert [(each.correlation_id, each.state) for each in waiting(limited)] == [(SWAP, OpenState.RETURNED)]


def test_a_row_that_counts_is_settled_and_opens_again(limited: Counter) -> None:
    limited.store.refusals = HourlyRate(0)
    refuse(limited, 1)
    kept = UnsettledRequests(limited.store)
    kept.settle(kept.open()[0].number, "a broken scanner", NOON)
    assert kept.open() == ()
    refuse(limited, 2)
    assert [(each.times, each.note) for each in kept.open()] == [(2, "a broken scanner")]


def test_no_request_can_name_a_row_that_counts(limited: Counter, books: Where) -> None:
    limited.store.refusals = HourlyRate(0)
    refuse(limited, 1)
    limited.ask("complete_service", completion(correlation_id=f"MORE-REFUSALS-{HOME}-2025-01-15T10", attendant_station=HOME))
    assert rows(books, "SELECT part, times FROM platform_refusals") == [(COUNTED, 1)]


def test_conflicts_of_bindings_have_the_same_rate(limited: Counter) -> None:
    register = BatteryRegister(limited.store)
    address = "C8:47:8C:00:10:01"
    register.change(change("BAT-1", address, "SUP-1"), "", NOON)
    for number in range(30):
        assert register.change(change("BAT-2", address, f"SUP-{number}"), "", NOON) is not None
    assert len(BindingConflicts(limited.store).open()) == MOST


def change(battery_id: str, address: str, by: str) -> BindingChange:
    binding = Binding(battery_id=battery_id, address=address, family="jk", bound_by=by, bound_at=NOON, station_id=HOME)
    return BindingChange(change_id="", battery_id=battery_id, binding=binding, at=NOON, by=by, station_id=HOME)


def test_a_flood_of_refusals_leave_the_true_one_on_the_first_page(counter: Counter) -> None:
    refuse(counter, 0, AWAY, correlation_id=OTHER_SWAP)
    for number in range(300):
        counter.ask("complete_service", completion(correlation_id=f"TXN-{number}", attendant_station=f"S-{number}"), f"none-{number}")
    assert {each.correlation_id for each in waiting(counter)} == {OTHER_SWAP, "UNKNOWN-PLANS-OTHER-STATIONS-2025-01-15T10"}
    assert REFUSALS_AN_HOUR == 200
