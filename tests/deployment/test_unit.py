"""The units of packaging/: each starts a program that takes every option, is hardened, and is started again whatever happens."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from kiosk.cli import make_parser
from ui.__main__ import add_window_commands

PACKAGING = Path(__file__).parents[2] / "packaging"
PLATFORM, KIOSK = PACKAGING / "platform" / "swap-platform.service", PACKAGING / "kiosk" / "swap-kiosk.service"
both = pytest.mark.parametrize("unit", [PLATFORM, KIOSK], ids=lambda unit: unit.stem)
MAX_EXPOSURE = 3.0


def settings_of(unit: Path) -> dict[str, list[str]]:
    """The settings of a unit, each with its values in order."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text().replace("\\\n", " ").splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def command_line(unit: Path, environment: Path | None = None) -> list[str]:
    """ExecStart with the settings of its environment file, as systemd makes it."""
    lines = environment.read_text().splitlines() if environment else []
    values = {"CREDENTIALS_DIRECTORY": "/run/credentials", **dict(each.split("=", 1) for each in lines if each and each[0] != "#")}
    (words,) = settings_of(unit)["ExecStart"]
    return [re.sub(r"\$\{(\w+)\}", lambda name: values[name[1]], each) for each in words.split()]


def test_every_option_of_the_platforms_unit_is_the_programs() -> None:
    program, *arguments = command_line(PLATFORM, PACKAGING / "platform" / "platform.env")
    assert program.endswith("/swap-kiosk")
    options = make_parser()[0].parse_args(arguments)
    assert (options.workers, options.http, options.payments) == (2, "127.0.0.1:8080", "confirmed")
    assert str(options.database).startswith("postgresql+psycopg:///")


def test_the_kiosks_unit_opens_the_window() -> None:
    program, *arguments = command_line(KIOSK)
    parser, commands = make_parser()
    add_window_commands(commands)
    assert program.endswith("/swap-kiosk")
    assert parser.parse_args(arguments).command == "run"


@both
def test_systemd_calls_it_well_protected(unit: Path) -> None:
    """The measure of `systemd-analyze security`: 0 is shut, 10 is open."""
    command = shutil.which("systemd-analyze")
    assert command, "These tests need systemd-analyze: install it (Debian, Ubuntu: apt install systemd), then run again."
    done = subprocess.run(
        [command, "security", "--offline=true", "--no-pager", str(unit)], capture_output=True, text=True, check=False, timeout=60
    )
    level = re.search(r"exposure level for \S+: (\d+\.\d)", done.stdout)
    assert level, done.stderr
    assert float(level[1]) < MAX_EXPOSURE


@both
def test_it_is_started_again_however_it_ended_and_as_often_as_it_takes(unit: Path) -> None:
    found = settings_of(unit)
    assert (found["Restart"], found["StartLimitIntervalSec"]) == (["always"], ["0"])
    assert (found["Type"], found["NotifyAccess"], found["WatchdogSec"]) == (["notify"], ["main"], ["60"])
    assert {"MemoryMax", "MemoryHigh", "TasksMax", "RestartSec", "TimeoutStopSec"} <= set(found)


@both
def test_it_runs_without_rights_and_hides_its_data(unit: Path) -> None:
    found = settings_of(unit)
    assert found["User"] != ["root"]
    assert (found["NoNewPrivileges"], found["CapabilityBoundingSet"], found["AmbientCapabilities"]) == (["yes"], [""], [""])
    assert (found["UMask"], found["StateDirectoryMode"], found["LimitCORE"]) == (["0077"], ["0700"], ["0"])


def test_the_kiosk_keeps_what_a_counter_needs() -> None:
    """Bluetooth, display, sound and printer are reached over sockets of the system; a page writes into the configuration."""
    found = settings_of(KIOSK)
    assert found["RestrictAddressFamilies"] == ["AF_UNIX AF_INET AF_INET6"]
    assert found["SupplementaryGroups"] == ["bluetooth"]
    assert found["BindReadOnlyPaths"] == ["-/tmp/.X11-unix"]
    assert found["ProtectHome"] == ["read-only"]  # /run/user: Wayland, sound
    assert "SWAP_KIOSK_CONFIG=/var/lib/swap-kiosk/kiosk.toml" in found["Environment"][0]
    assert found["SystemCallFilter"][-1] == "adjtimex"
    assert "ProtectClock" not in found
