"""`platform privacy`: no byte of the database's file names an erased customer."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.cli import main
from tests.builders import NOON, plan_of
from tests.platform.agent_counter import completion, open_counter

PLAN = replace(plan_of(id="plan-1"), customer_id="CUST-4711", customer_name="Amina Wanjiku")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with open_counter(tmp_path / "platform.sqlite") as counter:
        counter.store.insert_plan(PLAN, NOON)
        reply = counter.send("complete_service", completion(), PLAN.id)
        counter.store.record_published([event.number for event in reply.events], NOON)
    return tmp_path / "platform.sqlite"


def named(file: Path) -> bool:
    content = b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))
    return b"CUST-4711" in content or b"wanjiku" in content.lower()


def test_an_erased_customer_is_in_no_byte_of_the_file(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert named(file)
    assert main(["platform", "privacy", "erase", "CUST-4711", "--database", f"sqlite:///{file}"]) == 0
    assert json.loads(capsys.readouterr().out)["plans"] == 1
    assert not named(file)
    assert main(["platform", "privacy", "erase", "CUST-4711", "--database", f"sqlite:///{file}"]) == 1
    assert "CUST-4711" in capsys.readouterr().err


def test_an_export_is_a_file_for_its_owner_alone(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "export.json"
    assert main(["platform", "privacy", "export", "CUST-4711", "--database", f"sqlite:///{file}", "--out", str(out)]) == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert json.loads(out.read_text())["names"] == ["Amina Wanjiku"]


def test_a_plans_id_that_names_the_customer_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_counter(tmp_path / "platform.sqlite") as counter:
        counter.store.insert_plan(replace(PLAN, id="plan-CUST-4711"), NOON)
    assert main(["platform", "privacy", "erase", "CUST-4711", "--database", f"sqlite:///{tmp_path / 'platform.sqlite'}"]) == 0
    assert "plan-CUST-4711" in capsys.readouterr().err
