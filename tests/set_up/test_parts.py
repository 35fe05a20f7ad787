"""The platform's machine has no window and no radio, and needs none; what it cannot do there it says in a sentence."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.set_up.parts import ROOT, absent, holding

EXAMPLE = ROOT / "resources" / "plans" / "bss-plan-monthly-premium-nairobi-plan1.json"
PLATFORM, RUN = "requirements-platform.lock", "requirements.lock"


def ran(lock: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command with these arguments, in a folder of its own."""
    environment = {**os.environ, "SWAP_KIOSK_DATA": str(folder), "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.run(
        [*holding(lock), *arguments], capture_output=True, text=True, cwd=folder, env=environment, timeout=60, check=False
    )


def test_the_platform_brings_no_window_no_radio_no_printer_and_no_broker() -> None:
    assert {"PySide6", "shiboken6", "bleak", "aiobmsble", "reportlab", "uharfbuzz", "zxingcpp", "iotcore", "httpx"} <= absent(PLATFORM)


def test_a_counter_brings_no_tools_of_tests_benchmark_or_build() -> None:
    assert {"segno", "psutil", "pytest", "hypothesis", "hatchling", "editables"} <= absent(RUN)


def test_serving_has_help_there(tmp_path: Path) -> None:
    done = ran(PLATFORM, tmp_path, "platform", "serve", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: swap-kiosk platform serve")


def test_the_platforms_books_are_filled_and_read_there(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'books.sqlite'}"
    filled = ran(PLATFORM, tmp_path, "platform", "seed", "--database", database, "--like", str(EXAMPLE), "--plans", "2", "--events", "3")
    assert filled.returncode == 0, filled.stderr
    for listing in ("unapplied", "unsettled"):
        listed = ran(PLATFORM, tmp_path, "platform", listing, "--database", database, "--json")
        assert (listed.returncode, "Traceback" in listed.stderr) == (0, False), listed.stderr


@pytest.mark.parametrize(
    ("arguments", "missing"), [(("run",), "PySide6"), (("train",), "PySide6"), (("demo",), "PySide6"), (("battery", "scan"), "")], ids=str
)
def test_what_only_a_counter_can_do_is_refused_there_in_a_sentence(arguments: tuple[str, ...], missing: str, tmp_path: Path) -> None:
    done = ran(PLATFORM, tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"needs {missing}" in done.stderr
    assert "packaging/set-up run" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_benchmark_is_refused_in_a_sentence_where_its_tools_are_missing(tmp_path: Path) -> None:
    done = ran(RUN, tmp_path, "bench", "--only", "complete")
    assert done.returncode == 1
    assert "is not installed" in done.stderr
    assert "Traceback" not in done.stderr
