"""What is known against the versions in the lock files, by pip-audit (`packaging/supply audit`).

A finding is a failure. A database of faults that cannot be reached is said and is none: a machine without the network, or one whose index
does not tell of faults, can still build. What was not looked at is counted, so that nobody takes it for sound.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
PIP_AUDIT = ROOT / "build/supply-venv/bin/pip-audit"
LOCKS = ("requirements.lock", "requirements-platform.lock", "requirements-dev.lock", "requirements-build.lock")
_OPTIONS = ("--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json")
_MAX_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of one lock file: how many packages were looked at and how many were not, and the findings as lines."""

    at: int = 0
    not_at: int = 0
    findings: list[str] = field(default_factory=list)


def read(report: str) -> Looked:
    """pip-audit's JSON; nothing was looked at where it is none."""
    try:
        packages = json.loads(report)["dependencies"]
        found = [
            f"{each['name']} {each['version']}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'no version'}"
            for each in packages
            for fault in each.get("vulns", [])
        ]
    except (ValueError, KeyError, TypeError):
        return Looked()
    skipped = sum("skip_reason" in each for each in packages)
    return Looked(at=len(packages) - skipped, not_at=skipped, findings=found)


def audit(program: Path, lock: str) -> Looked:
    """One lock file. A program that does not start or end is one that looked at nothing."""
    seconds = os.environ.get("AUDIT_SECONDS", "15")
    command = [str(program), "--requirement", str(ROOT / lock), *_OPTIONS, "--timeout", seconds]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_MAX_SECONDS, check=False)  # noqa: S603  our own words
    except (OSError, subprocess.TimeoutExpired):
        return Looked()
    return read(done.stdout)


def sentence(lock: str, looked: Looked) -> str:
    """What was found of one lock file, for people."""
    if not looked.at:
        return f"audit: {lock}: not looked at: the database of faults cannot be reached from here"
    count = f"{looked.at} packages looked at" + (f", {looked.not_at} not known there" if looked.not_at else "")
    return "\n".join([f"audit: {lock}: {count}, {len(looked.findings)} findings", *(f"  {each}" for each in looked.findings)])


def main(program: Path = PIP_AUDIT) -> int:
    """Exit 1 for a finding."""
    found = False
    for lock in LOCKS:
        looked = audit(program, lock)
        found = found or bool(looked.findings)
        print(sentence(lock, looked))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
