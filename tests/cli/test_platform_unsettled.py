"""`platform unsettled`: what a person sees of requests that were refused, and how they go from the list."""

import json
from pathlib import Path
from typing import Any

import pytest

from kiosk.cli import main
from tests.platform.agent_counter import OTHER_SWAP, PLAN, SWAP, completion, open_counter


@pytest.fixture
def database(tmp_path: Path) -> str:
    """One completion that was refused once, and one that was twice."""
    with open_counter(tmp_path / "platform.sqlite") as counter:
        for each in (SWAP, OTHER_SWAP, OTHER_SWAP):
            counter.ask("complete_service", completion(correlation_id=each, incoming_battery_id="BAT-9"))
    return f"sqlite:///{tmp_path / 'platform.sqlite'}"


def listed(database: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    assert main(["platform", "unsettled", "--database", database, "--json"]) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def settle(database: str, number: int, note: str) -> int:
    return main(["platform", "unsettled", "--database", database, "--settle", str(number), "--note", note])


def test_they_are_listed_newest_first(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    newest, oldest = listed(database, capsys)
    assert (newest["correlation_id"], newest["state"], newest["times"], newest["note"]) == (OTHER_SWAP, "refused", 2, None)
    assert (oldest["correlation_id"], oldest["plan_id"], oldest["action"]) == (SWAP, PLAN, "COMPLETE_SERVICE")


def test_without_json_each_is_a_line(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["platform", "unsettled", "--database", database]) == 0
    newest, oldest = capsys.readouterr().out.splitlines()
    assert OTHER_SWAP in newest
    assert SWAP in oldest


def test_what_was_settled_is_listed_no_more(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert settle(database, listed(database, capsys)[0]["number"], "resolved at the kiosk") == 0
    assert "Settled: resolved at the kiosk" in capsys.readouterr().err
    assert [each["correlation_id"] for each in listed(database, capsys)] == [SWAP]


@pytest.mark.parametrize(("number", "note", "code"), [(99, "resolved", 1), (1, " ", 2)])
def test_an_unknown_number_or_an_empty_note_settles_nothing(
    database: str, number: int, note: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert settle(database, number, note) == code
    assert len(listed(database, capsys)) == 2
