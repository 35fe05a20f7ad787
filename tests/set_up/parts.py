"""Swap Kiosk where a part of it is installed only: this Python, in which the packages that a lock does not hold cannot be imported."""

import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
WHOLE = "requirements-dev.lock"
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)(?: ; [^\\]+)?(?: \\)?$")
_PROGRAM = """
import importlib.abc, sys

class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
sys.path.insert(0, {root!r})
from ui.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def pins(lock: str) -> dict[str, str]:
    """Canonical name to version, as pinned in a lock file."""
    matches = [PIN.match(line) for line in (ROOT / lock).read_text(encoding="utf-8").splitlines()]
    return {canonicalize_name(m["name"]): m["version"] for m in matches if m}


def absent(lock: str) -> frozenset[str]:
    """The modules that are here for the tests and not where this lock is installed."""
    others = pins(WHOLE).keys() - pins(lock).keys()
    brought = {name: {canonicalize_name(each) for each in by} for name, by in packages_distributions().items()}
    return frozenset(name for name, by in brought.items() if by <= others)


def holding(lock: str) -> tuple[str, ...]:
    """The command `swap-kiosk` where this lock is installed."""
    return (sys.executable, "-c", _PROGRAM.format(names=set(absent(lock)), root=str(ROOT)))
