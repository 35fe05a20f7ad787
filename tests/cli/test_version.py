"""`--version` and `--log-level` on every command (contract, "Additions of the second round")."""

import subprocess
from pathlib import Path

import pytest

from kiosk.cli import main, make_parser, parsers_in
from kiosk.cli.versions import checked_out, commit, version_lines
from tests.cli.terminal import Terminal

COMMANDS = [each.prog.split()[1:] for each in parsers_in(make_parser()[0])]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_tells_the_version(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([*command, "--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out.splitlines() == list(version_lines())


def test_the_version_names_program_commit_python_and_qt() -> None:
    assert [line.split()[0] for line in version_lines() if not line.startswith("commit")] == ["swap-kiosk", "Python", "Qt"]


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", "-C", str(folder), *identity, *words], check=True, capture_output=True, text=True).stdout.strip()


def test_a_checkout_tells_its_commit_and_whether_it_was_changed(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "file").write_text("a")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "-qm", "a")
    git(tmp_path, "tag", "v1")
    head = git(tmp_path, "rev-parse", "HEAD")
    assert checked_out(tmp_path) == head[:12]
    (tmp_path / "file").write_text("b")
    assert checked_out(tmp_path) == f"{head[:12]}+"


def test_without_a_checkout_no_commit_is_made_up(tmp_path: Path) -> None:
    assert checked_out(tmp_path) == ""


def test_the_commit_of_a_package_is_the_one_that_it_was_built_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "commit.txt").write_text("0123456789ab\n")
    monkeypatch.setattr("resources._FOLDER", tmp_path)
    assert commit() == "0123456789ab"


@pytest.mark.parametrize(("level", "shown"), [("debug", True), ("DEBUG", True), ("error", False)])
def test_the_log_level_decides_what_is_shown(terminal: Terminal, level: str, shown: bool) -> None:  # noqa: FBT001  a parameter of the test
    ran = terminal.run("outbox", "list", "--log-level", level)
    assert (ran.code, "DEBUG" in ran.err or "INFO" in ran.err) == (0, shown)


def test_a_level_that_is_none_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["history", "--log-level", "loud"])
    assert end.value.code == 2
    assert "loud" in capsys.readouterr().err
