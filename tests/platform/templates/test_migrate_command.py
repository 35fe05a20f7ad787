"""`platform migrate`: what it prints, its exit codes, and a run that is killed."""

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.cli import main
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.templates.template_service import ServicePlanTemplateService
from kiosk.wire.exact_json import loads
from tests.builders import NOON
from tests.platform.templates.wanted import ELECTRICITY, EXAMPLE, dearer, running

ROOT = Path(__file__).parents[3]
Templates = ServicePlanTemplateService
Printed = pytest.CaptureFixture[str]


@pytest.fixture
def old_plans(templates: Templates, store: PlatformStore) -> list[ServicePlan]:
    plans = running(templates, store, *(f"customer-{number}" for number in range(4)))
    templates.update_template(EXAMPLE, dearer(templates))
    return plans


def arguments(database: str, *more: str) -> list[str]:
    return ["platform", "migrate", "--database", database, "--from", f"{EXAMPLE}@1.0.0", "--to", f"{EXAMPLE}@2.0.0", *more]


def versions(store: PlatformStore, plans: list[ServicePlan]) -> list[str]:
    return [store.plans([each.id])[each.id].template.version for each in plans]


def test_a_dry_run_prints_one_document_and_changes_nothing(
    database: str, store: PlatformStore, old_plans: list[ServicePlan], capsys: Printed
) -> None:
    assert main(arguments(database, "--dry-run", "--json")) == 0
    told = loads(capsys.readouterr().out)
    assert {name: told[name] for name in ("from", "to", "dry_run", "moved", "cannot_move", "stay")} == {
        "from": f"{EXAMPLE}@1.0.0",
        "to": f"{EXAMPLE}@2.0.0",
        "dry_run": True,
        "moved": 4,
        "cannot_move": 0,
        "stay": 0,
    }
    assert [each["plan_id"] for each in told["plans"]] == [each.id for each in old_plans]
    assert f"the quota of {ELECTRICITY} becomes 500, used stays 344.5" in told["plans"][0]["what"]
    assert versions(store, old_plans) == ["1.0.0"] * 4


def test_a_run_moves_and_names_what_stays_with_exit_1(
    database: str, store: PlatformStore, old_plans: list[ServicePlan], capsys: Printed
) -> None:
    store.put_plan(replace(old_plans[2], service_state="ELSEWHERE"), NOON)
    assert main(arguments(database)) == 1
    printed = capsys.readouterr()
    assert f"{old_plans[2].id}  cannot move\n    the service cycle has no state ELSEWHERE\n" in printed.out
    assert printed.err == "3 moved, 1 cannot move, 0 have ended and stay.\n"
    assert versions(store, old_plans) == ["2.0.0", "2.0.0", "1.0.0", "2.0.0"]


def test_nothing_to_move_is_a_whole_document_too(database: str, templates: Templates, capsys: Printed) -> None:
    templates.update_template(EXAMPLE, dearer(templates))
    assert main(arguments(database, "--json")) == 0
    assert loads(capsys.readouterr().out)["plans"] == []


def test_a_name_that_is_none_is_wrong_usage_and_an_unknown_one_a_failure(database: str, store: PlatformStore, capsys: Printed) -> None:
    wrong = ["platform", "migrate", "--database", database, "--from", "A", "--to", "A@2.0.0"]
    unknown = ["platform", "migrate", "--database", database, "--from", "A@1.0.0", "--to", "A@2.0.0"]
    assert (main(wrong), main(unknown)) == (2, 1)
    assert "A@2.0.0" in capsys.readouterr().err


def test_a_run_that_is_killed_has_moved_whole_plans_and_goes_on(
    database: str, templates: Templates, store: PlatformStore, old_plans: list[ServicePlan]
) -> None:
    command = [sys.executable, "-m", "tests.platform.templates.dying_migration", "2", *arguments(database)]
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert versions(store, old_plans) == ["2.0.0", "2.0.0", "1.0.0", "1.0.0"]
    assert templates.template(EXAMPLE).change_log[-1].plans == 2
    assert main(arguments(database)) == 0
    assert versions(store, old_plans) == ["2.0.0"] * 4
    assert [each.plans for each in templates.template(EXAMPLE).change_log[-2:]] == [2, 2]
