"""Swaps by a screen reader's means alone: `at_spi_cases.py`, on a real accessibility bus with its registry, and a real X server."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ui.scans.display import screen

ROOT = Path(__file__).parents[3]
CASES = "tests/ui/accessible/at_spi_cases.py"


@pytest.mark.timeout(240)
def test_a_swap_by_at_spi_alone(tmp_path: Path) -> None:
    with screen() as display:
        own = {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
        folders = {"XDG_RUNTIME_DIR": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}  # where the accessibility bus has its socket
        known = {name: value for name, value in os.environ.items() if name not in {"WAYLAND_DISPLAY", "AT_SPI_BUS_ADDRESS"}}
        done = subprocess.run(
            ["dbus-run-session", "--", sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:xdist", CASES],
            cwd=ROOT,
            env={**known, **own, **folders},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
