"""The set-up believes a Python only after running it."""

import shlex
import subprocess
import sys
from pathlib import Path

FIND_PYTHON = Path(__file__).parents[2] / "packaging" / "find-python"
OLD = 'case "$*" in -V) echo Python 3.11.2 ;; *) exit 1 ;; esac'
SHIM_OF_A_VERSION_NOT_SWITCHED_ON = "echo 'pyenv: python3.13: command not found' >&2; exit 127"
SUITABLE = f'exec {shlex.quote(sys.executable)} "$@"'


def script(path: Path, text: str) -> Path:
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def find_python(**environment: object) -> str:
    """What find-python prints in this environment and no other."""
    variables = {name: str(value) for name, value in environment.items()}
    return subprocess.run([FIND_PYTHON], env=variables, capture_output=True, text=True, timeout=30, check=True).stdout


def this_python() -> str:
    return f"{getattr(sys, '_base_executable', sys.executable)}\n"


def test_a_shim_that_does_not_run_is_passed_over_for_the_version_in_pyenvs_folder(tmp_path: Path) -> None:
    script(tmp_path / "bin" / "python3.13", SHIM_OF_A_VERSION_NOT_SWITCHED_ON)
    script(tmp_path / "bin" / "python3", OLD)
    script(tmp_path / "pyenv" / "versions" / "3.13.9" / "bin" / "python3", SUITABLE)
    assert find_python(PATH=tmp_path / "bin", PYENV_ROOT=tmp_path / "pyenv") == this_python()


def test_a_python_that_is_named_comes_first(tmp_path: Path) -> None:
    named = script(tmp_path / "elsewhere" / "my python", SUITABLE)
    script(tmp_path / "bin" / "python3.13", "echo /the/one/on/PATH")
    assert find_python(PATH=tmp_path / "bin", PYTHON=named) == this_python()


def test_a_named_python_that_is_too_old_is_passed_over(tmp_path: Path) -> None:
    named = script(tmp_path / "elsewhere" / "python", OLD)
    script(tmp_path / "bin" / "python3.13", SUITABLE)
    assert find_python(PATH=tmp_path / "bin", PYTHON=named) == this_python()
