"""A platform's database that cannot be opened is told as what it is."""

from pathlib import Path

import pytest

from kiosk.cli import main


def test_a_database_that_does_not_answer_is_said_without_a_counter_in_mind(capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    assert main(["platform", "serve", "--broker", "mqtt://127.0.0.1:1", "--database", nowhere]) == 1
    told = capsys.readouterr().err
    assert "The platform's database cannot be used." in told
    assert "Connection refused" in told
    assert "battery" not in told


COMMANDS = {
    "migrate": ("--from", "A@1.0.0", "--to", "A@2.0.0"),
    "input": ("--payment", "DEPOSIT_PAID", "plan-1"),
    "documents": ("--kind", "contract_terms", "terms.json"),
    "unapplied": (),
    "unsettled": (),
    "serve": ("--broker", "mqtt://127.0.0.1:1"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the commands run; what they make by a relative path would lie there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "terms.json").write_text('{"id": "terms-1"}')
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("wrong", ["nonsense", "platform.sqlite", "mysql://host/name"])
def test_what_is_no_url_of_a_database_is_refused_and_nothing_made(
    command: str, wrong: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["platform", command, "--database", wrong, *COMMANDS[command]]) == 2
    told = capsys.readouterr().err
    assert "--database" in told
    assert "database.url" not in told
    assert [each.name for each in folder.iterdir()] == ["terms.json"]


@pytest.mark.parametrize("command", [each for each in COMMANDS if each != "serve"])
def test_only_serving_makes_a_database(command: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["platform", command, "--database", "sqlite:///mistyped.sqlite", *COMMANDS[command]]) == 2
    assert "there is no file mistyped.sqlite" in capsys.readouterr().err
    assert [each.name for each in folder.iterdir()] == ["terms.json"]
