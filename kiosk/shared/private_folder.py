"""Customers, money and keys lie in files: nobody but the user of this program is to read them.

New files are private because every program of ours begins with `close_umask`. What lies there from earlier, or was copied, is mended at
each start. A folder that others cannot enter protects all below it: so what lies in one is looked at only where the folder itself was
open. What cannot be mended (it is another user's) is logged, and told by `doctor`. Windows has no such modes: its folders of a user are the
user's.
"""

import logging
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

log = logging.getLogger(__name__)
OTHERS = stat.S_IRWXG | stat.S_IRWXO
_FILES = "kiosk.*"  # database, log, lock, with what belongs to them
_FOLDERS = ("logs", "receipts", "battery-secrets", "training", "platform")
_BESIDE = ("", "-wal", "-shm", "-journal")  # SQLite's


def close_umask() -> None:
    """From now on what this process makes is for its own user alone."""
    os.umask(OTHERS)


def make_private(folder: Path) -> None:
    """Make the data folder, 0700, and close what is open of our own in it; other files there are left alone. Raises OSError where it cannot
    be made."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_mode & stat.S_ISVTX:
        log.warning("%s is a folder of all users: what lies there is not hidden", folder)
        return
    _close([folder, *folder.glob(_FILES), *(found for name in _FOLDERS for found in _open_below(folder / name))])


def close_database(file: Path) -> None:
    """Close an SQLite database that is there already, wherever it lies."""
    _close(file.with_name(file.name + each) for each in _BESIDE)


def is_open(path: Path) -> bool:
    """Whether others may enter this folder or read this file. Raises OSError."""
    return sys.platform != "win32" and bool(path.stat().st_mode & OTHERS)


def _open_below(folder: Path) -> Iterator[Path]:
    """An open folder, and all below it."""
    if folder.is_dir() and not folder.is_symlink() and is_open(folder):
        yield folder
        for where, folders, files in folder.walk():
            yield from (where / each for each in (*folders, *files))


def _close(paths: Iterable[Path]) -> None:
    for path in paths:
        try:
            if not path.is_symlink() and is_open(path):
                path.chmod(stat.S_IMODE(path.stat().st_mode) & ~OTHERS)
                log.info("%s was open to other users, and is closed now", path)
        except FileNotFoundError:
            pass
        except OSError as error:
            log.warning("%s is open to other users and cannot be closed: %s", path, error.strerror)
