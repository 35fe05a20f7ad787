"""A command on a data folder that is a full disk, or a read-only one: a real file system in a mount namespace of the command's own.

An ordinary user makes one where the system lets everybody have namespaces. Where it does not, the nearest thing that the user can make
stands in (no file may grow; a folder that may not be written), and `Disk.words` says what the command then finds.
"""

import os
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_NAMESPACE = ("unshare", "--mount") if os.geteuid() == 0 else ("unshare", "--user", "--map-root-user", "--mount")
_MOUNT = 'mount -t tmpfs -o size=512k,mode=755 tmpfs "$1"'
_FILL = 'head -c $((524288 - $2)) /dev/zero > "$1/filling" 2>/dev/null || true'
_READ_ONLY = 'mount -o remount,ro "$1"'
_RUN = 'shift 2; exec "$@"'


@cache
def _may_mount() -> bool:
    done = subprocess.run([*_NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False)
    return done.returncode == 0


@dataclass(frozen=True, slots=True)
class Disk:
    """`before` starts a command on it, `words` are what is wrong with it."""

    before: tuple[str, ...]
    words: str


def full_disk(folder: Path, left: int) -> Disk:
    """`folder` on a disk with so many bytes left, in whole pages."""
    folder.mkdir(exist_ok=True)
    if _may_mount():
        script = f"{_MOUNT} && {{ {_FILL}; {_RUN}; }}"
        return Disk((*_NAMESPACE, "sh", "-c", script, "sh", str(folder), str(left)), "the disk is full")
    return Disk(("prlimit", f"--fsize={left}"), "files may not grow that large on this disk")


def read_only_disk(folder: Path) -> Disk:
    """`folder` on a disk that cannot be written."""
    folder.mkdir(exist_ok=True)
    if _may_mount():
        script = f"{_MOUNT} && {_READ_ONLY} && {{ {_RUN}; }}"
        return Disk((*_NAMESPACE, "sh", "-c", script, "sh", str(folder), "0"), "the disk is read-only")
    if os.geteuid() == 0:
        return Disk(("prlimit", "--fsize=0"), "files may not grow that large on this disk")
    folder.chmod(0o555)
    return Disk((), "the kiosk's user may not write there")
