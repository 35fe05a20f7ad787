"""What is missing of the system is named line by line, and nothing else is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"
LIST = """# need   looked for                 package
qt       libno-such-library.so.9    libno-such-library9
qt       bin:sh                     dash
test     bin:no-such-broker         no-such-broker
"""


def missing(listing: Path, *needs: str) -> list[str]:
    command = [sys.executable, str(PACKAGING / "missing_packages.py"), str(listing), *needs]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout.splitlines()


def test_only_what_is_absent_and_needed_is_named(tmp_path: Path) -> None:
    listing = tmp_path / "list.txt"
    listing.write_text(LIST, encoding="utf-8")
    libraries = ["qt libno-such-library.so.9 libno-such-library9"] if sys.platform == "linux" else []
    assert missing(listing, "qt") == libraries
    assert missing(listing, "test") == ["test bin:no-such-broker no-such-broker"]
    assert missing(listing, "qt", "test") == [*libraries, "test bin:no-such-broker no-such-broker"]


def test_each_line_of_the_list_is_a_need_a_thing_and_a_package() -> None:
    lines = (PACKAGING / "system-packages.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    assert [row for row in rows if len(row) != 3 or row[0] not in {"qt", "x11", "wayland", "test"}] == []


SCRIPTS = ("system-packages", "missing_packages.py", "apt.sh")
TOOLS = ("sh", "dirname", "cut", "tr", "grep", "env", "mkdir", "touch", "chmod")


def program(folder: Path, name: str, *lines: str) -> None:
    """A shell script of that name."""
    path = folder / name
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A machine without PostgreSQL, whose apt-get brings it, in Debian's folder for it: its programs in `bin`, its root in `root`."""
    packaging, programs = tmp_path / "packaging", tmp_path / "bin"
    for each in (packaging, programs, tmp_path / "root"):
        each.mkdir()
    for name in SCRIPTS:
        shutil.copy(PACKAGING / name, packaging)
    (packaging / "system-packages.txt").write_text("test bin:pg_ctl postgresql\n", encoding="utf-8")
    for name in TOOLS:
        (programs / name).symlink_to(shutil.which(name) or name)
    program(programs, "id", "echo 1000")
    program(programs, "sudo", 'case "$*" in *apt-get*) shift; exec "$@" ;; esac')  # nothing else is done to this machine
    folder = tmp_path / "root" / "usr" / "lib" / "postgresql" / "17" / "bin"
    program(programs, "apt-get", f"mkdir -p {folder}", f"touch {folder}/pg_ctl", f"chmod 755 {folder}/pg_ctl")
    return tmp_path


def set_up(bare: Path) -> subprocess.CompletedProcess[str]:
    """What the machine needs for the tests."""
    command: list[str | Path] = [bare / "packaging" / "system-packages", sys.executable, "test"]
    environment = os.environ | {"PATH": str(bare / "bin"), "SYSTEM_ROOT": str(bare / "root")}
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, env=environment)


def test_what_has_just_been_installed_in_a_folder_of_its_own_is_found(bare: Path) -> None:
    done = set_up(bare)
    assert (done.returncode, done.stderr) == (0, "set-up: installing system packages: postgresql\n")
    again = set_up(bare)
    assert (again.returncode, again.stderr) == (0, "")


def test_what_could_not_be_installed_is_named_with_the_command_for_it(bare: Path) -> None:
    program(bare / "bin", "apt-get", "exit 100")
    done = set_up(bare)
    assert done.returncode == 1
    assert done.stderr.endswith("sudo apt-get install --no-install-recommends postgresql \n")
