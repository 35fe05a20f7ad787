"""What the commands leave on the disk is for its own user alone."""

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from kiosk.cli import main as terminal_main
from tests.builders import plan_of
from tests.cli.terminal import Terminal
from ui.__main__ import main as window_main


def modes_below(folder: Path) -> set[tuple[bool, int]]:
    return {(each.is_dir(), stat.S_IMODE(each.stat().st_mode)) for each in (folder, *folder.rglob("*"))}


@pytest.mark.parametrize("begin", [terminal_main, window_main])
def test_every_command_begins_by_closing_the_umask(begin: Callable[[Sequence[str]], int]) -> None:
    with pytest.raises(SystemExit):
        begin(["--version"])
    assert os.umask(0o022) == 0o077


def test_data_is_private_from_the_first_command_on(terminal: Terminal) -> None:
    assert terminal.run("plans", "import", str(terminal.plan_file(plan_of()))).code == 0
    assert modes_below(terminal.data) == {(True, 0o700), (False, 0o600)}


def test_data_of_an_earlier_release_is_closed_by_the_next_command(terminal: Terminal) -> None:
    assert terminal.run("plans", "import", str(terminal.plan_file(plan_of()))).code == 0
    terminal.data.chmod(0o755)
    (terminal.data / "kiosk.sqlite").chmod(0o644)
    ran = terminal.run("plans", "list")
    assert ran.code == 0
    assert modes_below(terminal.data) == {(True, 0o700), (False, 0o600)}


def test_doctor_tells_of_an_open_folder_that_it_leaves_as_it_is(terminal: Terminal) -> None:
    terminal.data.mkdir(mode=0o755)
    ran = terminal.here("doctor", "--json", SWAP_KIOSK_MQTT__CONNECT_SECONDS="0.3")
    disk = next(each for each in ran.json if each["name"] == "disk")
    assert (disk["ok"], disk["required"], disk["mend"]) == (False, False, f"chmod 700 {terminal.data}")
