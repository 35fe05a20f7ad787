"""The tests find no program of the machine that they did not name."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.machine import HIDDEN, path_without


@pytest.mark.parametrize("name", sorted(HIDDEN))
def test_no_test_finds_the_machines_own(name: str) -> None:
    assert shutil.which(name) is None


def test_what_is_hidden_is_hidden_from_a_program_too_and_all_else_is_there(tmp_path: Path) -> None:
    programs, empty = tmp_path / "programs", tmp_path / "empty"
    programs.mkdir()
    empty.mkdir()
    for name in ("lp", "lpstat", "lpx"):
        (programs / name).write_text("#!/bin/sh\necho here\n")
        (programs / name).chmod(0o755)
    stand_ins = tmp_path / "stand-ins"
    stand_ins.mkdir()
    path = path_without(HIDDEN, os.pathsep.join([str(programs), str(empty)]), stand_ins)
    assert path.split(os.pathsep) == [str(stand_ins / "0"), str(empty)]
    assert shutil.which("lp", path=path) is None
    found = shutil.which("lpx", path=path)
    assert found is not None
    assert subprocess.run([found], capture_output=True, text=True, timeout=30, check=True).stdout == "here\n"
