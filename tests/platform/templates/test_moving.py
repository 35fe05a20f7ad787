"""Plans moved from one version to another: a dry run, then each all or nothing, logged (decision 23)."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from threading import Barrier
from typing import Any

import psycopg
import pytest

from kiosk.domain.errors import BadInput, KioskError, NotFound, TemplateInactive
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.templates.compatibility import CannotMove, Moved, migrate
from kiosk.platform.store import plan_changes
from kiosk.platform.store.plan_changes import move_plan
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.store_values import ChangeKind, TemplateChange
from kiosk.platform.templates.migration_run import Migration, PlanOutcome, PlanReport, parse_version_name
from kiosk.platform.templates.template_service import ServicePlanTemplateService
from tests.builders import NOON
from tests.platform.agent_counter import Counter, FixedClock, completion
from tests.platform.templates.wanted import ELECTRICITY, EXAMPLE, created, dearer, running, services

Templates = ServicePlanTemplateService
OLD, NEW = f"{EXAMPLE}@1.0.0", f"{EXAMPLE}@2.0.0"


def migration(store: PlatformStore, source: str = OLD, target: str = NEW, by: str = "ops") -> Migration:
    return Migration(store, FixedClock(), parse_version_name("--from", source), parse_version_name("--to", target), by)


def plan_in(store: PlatformStore, plan: ServicePlan) -> ServicePlan:
    found = store.plan(plan.id)
    assert found is not None
    return found


def moves(templates: Templates, version: str = "2.0.0") -> list[int]:
    """What the change log says of migrations to a version."""
    return [each.plans for each in templates.template(EXAMPLE).change_log if (each.kind, each.version) == (ChangeKind.MIGRATION, version)]


@pytest.fixture
def old_plans(templates: Templates, store: PlatformStore) -> list[ServicePlan]:
    """Five plans of the old version; there is a new one."""
    plans = running(templates, store, *(f"customer-{number}" for number in range(5)))
    templates.update_template(EXAMPLE, dearer(templates))
    return plans


def stray(store: PlatformStore, plan: ServicePlan) -> None:
    """A plan that no version can take over."""
    store.put_plan(replace(plan, currency="USD", service_state="ELSEWHERE"), NOON)


def test_a_dry_run_says_what_would_change_and_writes_nothing(
    templates: Templates, store: PlatformStore, old_plans: list[ServicePlan]
) -> None:
    before = templates.template(EXAMPLE)
    reports = list(migration(store).dry_run())
    changes = (f"the quota of {ELECTRICITY} becomes 500, used stays 344.5", f"unit_price of {ELECTRICITY} is 60, not 55")
    assert reports == [PlanReport(plan_id=each.id, outcome=PlanOutcome.MOVED, what=changes) for each in old_plans]
    assert [plan_in(store, each) for each in old_plans] == old_plans
    assert templates.template(EXAMPLE) == before


def test_a_run_does_what_the_dry_run_said(templates: Templates, store: PlatformStore, old_plans: list[ServicePlan]) -> None:
    said = list(migration(store).dry_run())
    assert list(migration(store).run()) == said
    target = templates.template(EXAMPLE, "2.0.0").template
    for plan in (plan_in(store, each) for each in old_plans):
        assert plan.template == target
        assert plan.electricity is not None
        assert (str(plan.electricity.used), str(plan.electricity.quota), plan.current_asset) == ("344.5", "500", "BAT-12345")
    last = templates.template(EXAMPLE).change_log[-1]
    assert (last.kind, last.by, last.version, last.plans) == (ChangeKind.MIGRATION, "ops", "2.0.0", 5)
    assert OLD in last.summary


def test_a_plan_that_cannot_move_stays_and_says_why_and_the_others_go_on(
    templates: Templates, store: PlatformStore, old_plans: list[ServicePlan]
) -> None:
    stray(store, old_plans[1])
    store.put_plan(replace(old_plans[3], service_state="COMPLETE"), NOON)
    reports = list(migration(store).run())
    assert [each.outcome for each in reports] == [
        PlanOutcome.MOVED,
        PlanOutcome.CANNOT,
        PlanOutcome.MOVED,
        PlanOutcome.STAYS,
        PlanOutcome.MOVED,
    ]
    assert reports[1].what == ("the currency is KES, not USD", "the service cycle has no state ELSEWHERE")
    assert [plan_in(store, old_plans[each]).template.version for each in (1, 3)] == ["1.0.0", "1.0.0"]
    assert moves(templates) == [3]


def test_a_run_that_is_broken_off_goes_on_with_the_rest(
    templates: Templates, store: PlatformStore, old_plans: list[ServicePlan], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_changes, "MAX_AT_ONCE", 2)
    broken_off = migration(store).run()
    done = [next(broken_off) for _each in range(3)]
    rest = list(migration(store).run())
    assert [each.plan_id for each in (*done, *rest)] == [each.id for each in old_plans]
    assert moves(templates) == [3, 2]
    assert list(migration(store).run()) == []
    assert moves(templates) == [3, 2]


def test_two_runs_at_once_move_every_plan_once(
    database: str, templates: Templates, store: PlatformStore, old_plans: list[ServicePlan]
) -> None:
    start = Barrier(2)

    def run(by: str) -> list[PlanReport]:
        own = PlatformStore(database)
        try:
            going = migration(own, by=by)
            start.wait(30)
            return list(going.run())
        finally:
            own.close()

    with ThreadPoolExecutor(2) as threads:
        reports = [each for found in threads.map(run, ("a", "b")) for each in found]
    moved = [each.plan_id for each in reports if each.outcome is PlanOutcome.MOVED]
    assert sorted(moved) == [each.id for each in old_plans]
    assert sum(moves(templates)) == len(old_plans)


def swap_on(database: str, plan: ServicePlan) -> Any:
    """A kiosk's completion, at a worker of its own."""
    own = PlatformStore(database)
    try:
        return Counter(store=own).ask("complete_service", completion(), plan_id=plan.id)
    finally:
        own.close()


def until_somebody_waits(database: str) -> None:
    """For a lock, at PostgreSQL. SQLite does not tell: there the swap is only asked for."""
    if not database.startswith("postgresql"):
        return
    with psycopg.connect(database.replace("+psycopg", ""), autocommit=True) as connection:
        for _look in range(1500):
            waiting = "SELECT pg_sleep(0.02), count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            found = connection.execute(waiting).fetchone()
            if found and found[1]:
                return
    pytest.fail("nobody waits for the plan")


def test_a_swap_during_the_move_is_decided_on_the_moved_plan(
    database: str, templates: Templates, store: PlatformStore, old_plans: list[ServicePlan]
) -> None:
    plan, target = old_plans[0], templates.template(EXAMPLE, "2.0.0").template
    change = TemplateChange(at=NOON, by="ops", version="2.0.0", kind=ChangeKind.MIGRATION, summary="")
    with ThreadPoolExecutor(1) as kiosk:
        asked: list[Future[Any]] = []

        def decide(found: ServicePlan) -> Moved | CannotMove:
            asked.append(kiosk.submit(swap_on, database, found))
            until_somebody_waits(database)
            return migrate(found, target)

        decided, _number = move_plan(store, plan.id, parse_version_name("--from", OLD), decide, change, None)
        answer = asked[0].result(60)
    assert isinstance(decided, Moved)
    assert answer["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    now = plan_in(store, plan)
    assert now.electricity is not None
    assert (now.template.version, str(now.electricity.used), str(now.electricity.quota)) == ("2.0.0", "370.1", "500")


def test_a_swap_that_was_booked_before_the_move_is_answered_again_the_same(
    templates: Templates, store: PlatformStore, old_plans: list[ServicePlan]
) -> None:
    counter, plan = Counter(store=store), old_plans[0]
    first = counter.ask("complete_service", completion(), plan_id=plan.id)
    list(migration(store).run())
    again = counter.ask("complete_service", completion(), plan_id=plan.id)
    assert again["metadata"] == first["metadata"]
    now = plan_in(store, plan)
    assert now.electricity is not None
    assert str(now.electricity.used) == "370.1"


def test_plans_may_move_to_another_template_that_can_take_them_over(
    templates: Templates, store: PlatformStore, old_plans: list[ServicePlan]
) -> None:
    services_of = services(templates, quota=Decimal(450))
    templates.create_template(created(id="other", service_configurations=services_of))
    reports = list(migration(store, target="other@1.0.0").run())
    assert {each.outcome for each in reports} == {PlanOutcome.MOVED}
    assert plan_in(store, old_plans[0]).template == templates.template("other").template
    assert templates.template("other").change_log[-1].plans == len(old_plans)


def test_plans_may_move_back_where_the_contract_allows_it(templates: Templates, store: PlatformStore) -> None:
    plans = running(templates, store, "customer-1")
    templates.update_template(EXAMPLE, dearer(templates, quota="400"))
    list(migration(store).run())
    assert [each.outcome for each in migration(store, NEW, OLD).run()] == [PlanOutcome.MOVED]
    assert plan_in(store, plans[0]) == plans[0]


@pytest.mark.parametrize(
    ("source", "target", "error"),
    [
        (OLD, OLD, BadInput),
        (OLD, f"{EXAMPLE}@9.0.0", NotFound),
        ("nothing@1.0.0", NEW, NotFound),
        (OLD, "nothing@1.0.0", NotFound),
        (EXAMPLE, NEW, BadInput),
        (OLD, "@2.0.0", BadInput),
        (OLD, f"{EXAMPLE}@", BadInput),
        ("", NEW, BadInput),
    ],
)
def test_versions_that_cannot_be_are_refused(
    store: PlatformStore, old_plans: list[ServicePlan], source: str, target: str, error: type[KioskError]
) -> None:
    with pytest.raises(error):
        migration(store, source, target)


def test_no_plan_moves_to_a_deprecated_template(templates: Templates, store: PlatformStore, old_plans: list[ServicePlan]) -> None:
    templates.deprecate_template(EXAMPLE, "management")
    with pytest.raises(TemplateInactive):
        migration(store)


def test_a_version_that_nobody_has_any_more_moves_nobody_and_logs_nothing(templates: Templates, store: PlatformStore) -> None:
    templates.update_template(EXAMPLE, dearer(templates))
    assert list(migration(store).run()) == []
    assert moves(templates) == []
