"""What `--version` prints: version, commit, Python, Qt."""

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from resources import read_text

COMMIT_FILE = "commit.txt"  # written into `resources` when a package is built (packaging/build_hook.py)
_ROOT = Path(__file__).resolve().parents[2]
_GIT_SECONDS = 5.0


def version_lines() -> tuple[str, ...]:
    """One fact a line; what is not there is left out."""
    facts = {
        "swap-kiosk": _installed("swap-kiosk"),
        "commit": commit(),
        "Python": platform.python_version(),
        "Qt": _installed("PySide6_Essentials"),
    }
    return tuple(f"{name} {fact}" for name, fact in facts.items() if fact)


def commit() -> str:
    """The commit that this was built from or is checked out; empty where nobody knows."""
    try:
        return read_text(COMMIT_FILE).strip()
    except FileNotFoundError:
        return checked_out(_ROOT)


def checked_out(root: Path) -> str:
    """The commit of a checkout, with `+` where files were changed since; empty where `root` is none or git is not there."""
    if not (root / ".git").exists():
        return ""
    command = ("git", "-C", str(root), "describe", "--always", "--exclude=*", "--abbrev=12", "--dirty=+")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_GIT_SECONDS, check=True)  # noqa: S603  our own words
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _installed(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""
