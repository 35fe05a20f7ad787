"""The start: first painted page, ready, the longest stall on the way, memory. Each start is a process of its own, in turn with the floors'.

The floor of the first page and of the memory is an empty window. The floor of being ready is the same empty window after importing, one
after the other, exactly the modules that ours has imported by then. Bytecode is written and warm: the first round does not count.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from kiosk.domain.errors import LinkDown
from tests.bench.figures import Figure, compared
from tests.bench.screen import choose_platform
from tests.bench.timing import Timed

_ROUNDS = 7
_CHILD_SECONDS = 60.0
_STALL_SECONDS = 0.030
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Starts:
    """Medians in seconds and bytes."""

    painted: Timed
    ready: Timed
    stall: float
    memory: Timed
    children: float
    platform: str


def start() -> Iterator[Figure]:
    """Process start to first painted page."""
    seen = _starts()
    yield compared("process start to first painted page", seen.painted, "ms", 1.3, f"floor: an empty window; platform {seen.platform}")


def ready() -> Iterator[Figure]:
    """Everything imported and ready, and the longest stall meanwhile."""
    seen = _starts()
    note = "the kiosk started and its first page there; floor: the same modules imported one after the other, then an empty window"
    yield compared("everything imported and ready", seen.ready, "ms", 1.3, note)
    yield Figure(
        figure="longest stall of the window meanwhile",
        ours=round(seen.stall * 1000, 2),
        floor=None,
        unit="ms",
        ratio=None,
        goal="at most 30 ms",
        met=seen.stall <= _STALL_SECONDS,
        note="from the first page until 300 ms after ready, while the other pages are built; median of the starts' longest",
    )


def memory() -> Iterator[Figure]:
    """Memory after start."""
    seen = _starts()
    note = f"RSS of the window's process; the process that makes receipts has {seen.children / _MEGABYTE:.0f} MB besides"
    yield compared("memory after start", seen.memory, "MB", 2.5, note)


@cache
def _starts() -> _Starts:
    platform = choose_platform() or "of the system"
    with TemporaryDirectory(prefix="swap-kiosk-bench-") as name:
        folder = Path(name)
        modules, environment = folder / "modules", _environment(folder)
        modules.write_text("\n".join(_child(environment, "tests.bench.watched")["modules"]), encoding="utf-8")
        rounds = [
            (
                _child(environment, "tests.bench.watched"),
                _child(environment, "tests.bench.floors.empty_window"),
                _child(environment, "tests.bench.floors.empty_window", str(modules)),
            )
            for _ in range(_ROUNDS + 1)
        ][1:]

    def middle(which: int, key: str) -> float:
        return float(median(each[which][key] for each in rounds))

    return _Starts(
        painted=Timed(middle(0, "painted"), middle(1, "painted")),
        ready=Timed(middle(0, "ready"), middle(2, "painted")),
        stall=middle(0, "stall"),
        memory=Timed(middle(0, "bytes"), middle(1, "bytes")),
        children=middle(0, "children_bytes"),
        platform=platform,
    )


def _environment(folder: Path) -> dict[str, str]:
    """A counter with data of its own and no broker to talk to; bytecode is written whatever this machine thinks of it."""
    config = folder / "kiosk.toml"
    config.write_text(f"data = '{folder / 'data'}'\n[mqtt]\nhost = '127.0.0.1'\nport = 9\n[ui]\nfullscreen = false\n", encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SWAP_KIOSK_") and name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "SWAP_KIOSK_CONFIG": str(config)}


def _child(environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    """What a child tells, its moments in seconds since it was started. Raises LinkDown when it does not tell."""
    began = time.monotonic()
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_CHILD_SECONDS, check=False)
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        raise LinkDown(f"{arguments[0]} did not start here: {done.stderr.strip()[-300:]}")
    told: dict[str, Any] = json.loads(lines[-1])
    for moment in ("painted", "ready"):
        if moment in told:
            told[moment] -= began
    return told
