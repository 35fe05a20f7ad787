"""A full disk and a read-only one: the commands and the start name the cause, and what is to be done about that and nothing else."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.terminal import COMMAND, ROOT, RUN_SECONDS, Terminal
from tests.small_disks import Disk, full_disk, read_only_disk

REPAIRS = {
    "the disk is full": "Free some space: the kiosk refuses swaps on a full disk.",
    "files may not grow that large on this disk": "Delete files of the kiosk's user. Or give this user more room.",
    "the disk is read-only": "Restart this computer. A disk that is read-only again is failing: replace it.",
    "the kiosk's user may not write there": "Give the kiosk's user the folder, or set SWAP_KIOSK_DATA.",
}
START = """
from kiosk.bootstrap import COUNTER, build_kiosk
from kiosk.domain.errors import KioskError
from kiosk.domain.messages import message_for
from kiosk.settings import load_settings
try:
    build_kiosk(load_settings(), print, instance=COUNTER)
except KioskError as error:
    message = message_for(error)
    print(type(error).__name__, message.what, message.why, *message.steps, sep="|")
"""


def on(disk: Disk, terminal: Terminal, *command: str) -> "subprocess.CompletedProcess[str]":
    variables = terminal.variables(SWAP_KIOSK_MQTT__CONNECT_SECONDS="0.2")
    done = subprocess.run(
        [*disk.before, *command], capture_output=True, text=True, timeout=RUN_SECONDS, env=variables, cwd=ROOT, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def disk_of(kind: str, folder: Path) -> Disk:
    return read_only_disk(folder) if kind == "read-only" else full_disk(folder, int(kind))


@pytest.mark.parametrize("kind", ["4096", "0", "read-only"])
def test_doctor_names_what_is_wrong_with_the_disk_and_its_repair(terminal: Terminal, kind: str) -> None:
    terminal.configure()
    disk = disk_of(kind, terminal.data)
    done = on(disk, terminal, *COMMAND, "doctor", "--json")
    assert done.returncode == 1, done.stderr
    found: dict[str, dict[str, Any]] = {each["name"]: each for each in json.loads(done.stdout)}
    assert found["disk"]["what"] == f"{terminal.data} cannot be written: {disk.words}."
    assert found["disk"]["mend"] == REPAIRS[disk.words]
    assert not found["database"]["ok"]
    assert disk.words in found["database"]["what"].lower()
    assert found["database"]["mend"] == REPAIRS[disk.words]
    assert "swap" not in found["database"]["what"].lower()


def test_doctor_says_when_little_is_left(terminal: Terminal) -> None:
    terminal.configure()
    disk = full_disk(terminal.data, 131_072)
    found = {each["name"]: each for each in json.loads(on(disk, terminal, *COMMAND, "doctor", "--json").stdout)}
    if disk.words == "the disk is full":  # else the disk is the machine's own, and large
        assert found["disk"]["what"] == f"{terminal.data}: 0 MB are free."
        assert found["disk"]["mend"] == REPAIRS["the disk is full"]
    else:
        assert found["disk"]["ok"]


@pytest.mark.parametrize("kind", ["0", "read-only"])
def test_the_start_says_that_the_data_cannot_be_opened_and_speaks_of_no_swap(terminal: Terminal, kind: str) -> None:
    terminal.configure()
    disk = disk_of(kind, terminal.data)
    (line,) = on(disk, terminal, sys.executable, "-c", START).stdout.splitlines()
    name, what, why, *steps = line.split("|")
    assert (name, what) == ("DataUnusable", "The kiosk cannot open its data")
    assert disk.words in why
    assert steps == [REPAIRS[disk.words], "Then try again."]


@pytest.mark.parametrize("kind", ["0", "read-only"])
def test_a_command_that_reads_the_data_says_the_same(terminal: Terminal, kind: str) -> None:
    terminal.configure()
    disk = disk_of(kind, terminal.data)
    done = on(disk, terminal, *COMMAND, "history")
    assert done.returncode != 0
    assert disk.words in done.stderr
    assert REPAIRS[disk.words] in done.stderr
    assert "Do not hand over" not in done.stderr
