"""Pages of plans: rounds of the kiosks' sync, and the plans of a template."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput
from kiosk.platform.store.plan_pages import NEW_FOR, OVERLAP, ChangesPage, PlanPages
from kiosk.platform.store.repository import PlatformStore
from kiosk.wire.exact_json import loads
from tests.builders import NOON, plan_of
from tests.platform.agent_counter import Counter, FixedClock, completion
from tests.postgres import Postgres

HERE, THERE = "STATION_XYZ", "STATION-2"
LATER = NOON + timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PlatformStore]:
    postgres: Postgres | None = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    store = PlatformStore(postgres.database() if postgres else tmp_path / "pages.db")
    yield store
    store.close()


@pytest.fixture
def pages(store: PlatformStore) -> PlanPages:
    return PlanPages(store)


def add(store: PlatformStore, *ids: str, at: datetime = NOON) -> None:
    """Plans that were served nowhere yet."""
    for each in ids:
        store.insert_plan(plan_of(id=each), at)


def serve(store: PlatformStore, plan_id: str, station_id: str, at: datetime) -> None:
    """A swap of this plan there."""
    counter = Counter(store=store, clock=FixedClock(at))
    body = completion(correlation_id=f"TXN-{at.timestamp():026.0f}", plan_id=plan_id, attendant_station=station_id)
    answer = counter.ask("complete_service", body, plan_id)
    assert answer["metadata"].get("passed") is not False, answer


def ids_of(page: ChangesPage) -> list[str]:
    return [each.plan_id for each in page.plans]


def round_of(pages: PlanPages, since: str | None = None, now: datetime = LATER, first: int = 2) -> tuple[list[str], str]:
    """Every plan of a round at HERE, and the cursor at its end."""
    found: list[str] = []
    while True:
        page = pages.changes(HERE, since, first, now)
        found += ids_of(page)
        since = page.cursor
        if not page.more:
            return found, since


def test_a_round_tells_every_plan_once_the_oldest_change_first(store: PlatformStore, pages: PlanPages) -> None:
    add(store, "plan-b", "plan-a", "plan-c")
    add(store, "plan-0", at=NOON + SECOND)
    assert round_of(pages)[0] == ["plan-a", "plan-b", "plan-c", "plan-0"]


def test_a_station_has_the_plans_last_served_there_and_those_served_nowhere(store: PlatformStore, pages: PlanPages) -> None:
    add(store, "plan-here", "plan-there", "plan-nowhere", "plan-moved")
    serve(store, "plan-here", HERE, NOON + SECOND)
    serve(store, "plan-there", THERE, NOON + 2 * SECOND)
    serve(store, "plan-moved", THERE, NOON + 3 * SECOND)
    assert round_of(pages)[0] == ["plan-nowhere", "plan-here"]


def test_what_was_served_nowhere_is_new_for_a_time_and_what_was_served_here_stays(store: PlatformStore, pages: PlanPages) -> None:
    add(store, "plan-here", "plan-old", at=NOON - SECOND)
    add(store, "plan-new", at=NOON + SECOND)
    serve(store, "plan-here", HERE, NOON - SECOND)
    assert round_of(pages, now=NOON + NEW_FOR)[0] == ["plan-here", "plan-new"]
    assert round_of(pages, now=NOON + 2 * NEW_FOR)[0] == ["plan-here"]


def test_what_is_new_when_a_round_begins_is_told_however_long_it_takes(store: PlatformStore, pages: PlanPages) -> None:
    add(store, "plan-a", "plan-b", "plan-c")
    first = pages.changes(HERE, None, 2, NOON + NEW_FOR - SECOND)
    assert round_of(pages, first.cursor, now=NOON + NEW_FOR + SECOND)[0] == ["plan-c"]


def test_an_old_plan_that_changes_is_new_again(store: PlatformStore, pages: PlanPages) -> None:
    add(store, "plan-a", "plan-b")
    _, cursor = round_of(pages, now=NOON + 2 * NEW_FOR)
    changed = NOON + 2 * NEW_FOR + SECOND
    store.put_plan(plan_of(id="plan-b", payment_state="DEPOSIT_DUE"), changed)
    assert round_of(pages, cursor, now=changed)[0] == ["plan-b"]


def test_the_next_round_tells_what_has_changed_since(store: PlatformStore, pages: PlanPages) -> None:
    add(store, "plan-a", "plan-b", "plan-c")
    _, cursor = round_of(pages)
    assert round_of(pages, cursor) == ([], cursor)
    serve(store, "plan-b", HERE, LATER + SECOND)
    assert round_of(pages, cursor, now=LATER + OVERLAP)[0] == ["plan-b"]


def test_what_was_stamped_before_a_round_and_committed_after_is_told_in_the_next(store: PlatformStore, pages: PlanPages) -> None:
    add(store, "plan-a", "plan-b", "plan-c")
    first = pages.changes(HERE, None, 2, LATER)
    add(store, "plan-late", at=LATER - OVERLAP / 2)  # its transaction was slow
    _, cursor = round_of(pages, first.cursor, now=LATER + OVERLAP)
    add(store, "plan-later", at=LATER - OVERLAP / 2)
    assert round_of(pages, cursor, now=LATER + 2 * OVERLAP)[0] == ["plan-late", "plan-later"]


def test_a_round_that_broke_off_goes_on_where_it_was(store: PlatformStore, pages: PlanPages) -> None:
    add(store, "plan-a", "plan-b", "plan-c")
    first = pages.changes(HERE, None, 2, LATER)
    assert (ids_of(first), first.more) == (["plan-a", "plan-b"], True)
    assert round_of(pages, first.cursor)[0] == ["plan-c"]


def test_a_plan_that_changes_during_a_round_is_told_again_as_it_is_then(store: PlatformStore, pages: PlanPages) -> None:
    add(store, "plan-a", "plan-b", "plan-c")
    first = pages.changes(HERE, None, 2, LATER)
    serve(store, "plan-a", HERE, LATER)
    second = pages.changes(HERE, first.cursor, 2, LATER)
    assert ids_of(second) == ["plan-c", "plan-a"]
    changed = loads(str(second.plans[1].document.encoded_json))
    assert changed["serviceStates"][1]["used"] > Decimal("344.5")


def test_a_template_is_told_once_a_page(store: PlatformStore, pages: PlanPages) -> None:
    add(store, "plan-a", "plan-b", "plan-c")
    page = pages.changes(HERE, None, 10, LATER)
    assert {each.template_key for each in page.plans} == set(page.templates)
    assert len(page.templates) == 1


def test_no_plans_are_a_page_too(pages: PlanPages) -> None:
    page = pages.changes(HERE, None, 10, LATER)
    assert (page.plans, page.templates, page.more) == ((), {}, False)


def test_the_plans_of_a_version_come_by_id(store: PlatformStore, pages: PlanPages) -> None:
    add(store, "plan-b", "plan-a", "plan-c")
    newer = plan_of(id="plan-0")
    store.insert_plan(replace(newer, template=replace(newer.template, version="3.0.0")), NOON)
    template_id = newer.template.id
    first = pages.plans(template_id=template_id, version="2.0.0", first=2)
    second = pages.plans(template_id=template_id, version="2.0.0", after=first.cursor, first=2)
    assert [each.id for each in (*first.plans, *second.plans)] == ["plan-a", "plan-b", "plan-c"]
    assert second.cursor is None
    assert [each.id for each in pages.plans(template_id=template_id).plans] == ["plan-a", "plan-b", "plan-c", "plan-0"]


@pytest.mark.parametrize("cursor", ["x", "WyJhIl0=", "é", "bnVsbA==", "WyIyMDI1LTAxLTE1IiwiYSIsIiJd", "[]"])
def test_a_cursor_of_nobody_is_refused(pages: PlanPages, cursor: str) -> None:
    with pytest.raises(BadInput) as refused:
        pages.changes(HERE, cursor, 10, LATER)
    assert refused.value.where == "cursor"
