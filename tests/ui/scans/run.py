"""Scans by real key events, at many counters at once, each on a screen of its own: `python -m tests.ui.scans.run` (`make scans`).

Prints what became of the scans; ends with 1 and each that found another customer, was cut, or pressed a button.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.ui.scans.display import screen
from tests.ui.scans.seeded import IN_A_ROW, scan_of

ROOT = Path(__file__).parents[3]
CASES = "tests/ui/scans/cases_counter.py"
COUNTERS = 8  # a counter waits for keys nearly all the time


@dataclass
class Report:
    """What became of scans; `faults` by their number. `disturbed` counts tries whose keys this machine did not deliver as they were
    sent: they may be refused, and must find nobody else and press nothing; `left` scans that were never delivered as sent."""

    scans: int = 0
    faults: dict[int, str] = field(default_factory=dict)
    disturbed: int = 0
    left: int = 0

    def add(self, part: dict[str, object]) -> None:
        """What one counter has seen."""
        faults = part["faults"]
        assert isinstance(faults, dict)
        self.scans += int(str(part["scans"]))
        self.disturbed += int(str(part["disturbed"]))
        self.left += int(str(part["left"]))
        self.faults |= {int(number): str(words) for number, words in faults.items()}


def at_a_counter(cases: Sequence[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run cases in a process with a screen of its own."""
    with screen() as display:
        known = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", **environment}
        known.pop("WAYLAND_DISPLAY", None)
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:xdist", *cases],
            cwd=ROOT,
            env=known,
            capture_output=True,
            text=True,
            check=False,
        )


def scans_at_a_counter(first: int, count: int, seed: int) -> dict[str, object]:
    """The report of one counter on scans in a row."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "report.json")
        asked = {"first": first, "count": count, "seed": seed, "out": str(out)}
        done = at_a_counter([f"{CASES}::test_seeded_scans"], SCANS=json.dumps(asked))
        if not out.exists():
            raise AssertionError(done.stdout + done.stderr)
        report: dict[str, object] = json.loads(out.read_text(encoding="utf-8"))
        return report


def run(count: int, seed: int = 0, counters: int = COUNTERS) -> Report:
    """So many scans, shared out among counters."""
    share = -(-count // (counters * IN_A_ROW)) * IN_A_ROW
    firsts = range(0, count, share)
    report = Report()
    with ThreadPoolExecutor(counters) as pool:
        for part in pool.map(lambda first: scans_at_a_counter(first, min(share, count - first), seed), firsts):
            report.add(part)
    return report


def tables(count: int, seed: int) -> list[str]:
    """What was scanned, for people."""
    scans = [scan_of(number, seed) for number in range(count)]
    paces = Counter(f"{10 ** len(str(int(scan.scanner.pace))) // 10:>3}+ ms" for scan in scans if not scan.scanner.burst)
    counted = {
        "pages": Counter(scan.page for scan in scans),
        "ends": Counter(scan.scanner.suffix for scan in scans),
        "a character": paces + Counter(f"bursts of {scan.scanner.burst}" for scan in scans if scan.scanner.burst),
        "set up": Counter("measured" if scan.framing.suffix != "auto" else "as it comes" for scan in scans),
    }
    return [f"{name}: {', '.join(f'{key} {number}' for key, number in sorted(table.items()))}" for name, table in counted.items()]


def main() -> int:
    """The long form."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--counters", type=int, default=COUNTERS)
    options = parser.parse_args()
    began = time.monotonic()
    report = run(options.count, options.seed, options.counters)
    print(*tables(options.count, options.seed), sep="\n")
    for number, words in sorted(report.faults.items()):
        print(f"FAULT {number}: {words}")
    disturbed = f"{report.disturbed} tries disturbed by the machine's load, {report.left} scans in all of theirs"
    print(f"{report.scans} scans, {len(report.faults)} faults ({disturbed}), {time.monotonic() - began:.0f} s")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
