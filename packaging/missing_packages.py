"""Print those lines of a system-packages file whose need is named and that this machine lacks.

Usage: missing_packages.py FILE NEED...
Libraries are really loaded, so the answer holds on any Linux, whatever installed them. Standard library only: it runs
before anything is installed.
"""

import ctypes
import shutil
import sys
from pathlib import Path


def is_present(looked_for: str) -> bool:
    """Whether the library loads or the program (`bin:NAME`) is on PATH."""
    if looked_for.startswith("bin:"):
        return shutil.which(looked_for.removeprefix("bin:")) is not None
    if sys.platform != "linux":
        return True  # the wheels of Qt bring everything on the other systems
    try:
        ctypes.CDLL(looked_for)
    except OSError:
        return False
    return True


def missing(lines: list[str], needs: set[str]) -> list[str]:
    """The lines whose need is one of `needs` and whose library or program is absent, fields one blank apart."""
    rows = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    return [" ".join(row) for row in rows if row[0] in needs and not is_present(row[1])]


if __name__ == "__main__":
    for row in missing(Path(sys.argv[1]).read_text(encoding="utf-8").splitlines(), set(sys.argv[2:])):
        print(row)
