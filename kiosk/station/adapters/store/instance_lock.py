"""One kiosk on one data folder.

The operating system holds the lock for as long as this process holds its file open, so that a crash or a kill releases it and nothing stale
is left to clean up. A second kiosk gets StoreInUse at once; a folder that cannot be written raises StoreFailed. The commands for support
do not take the lock: SQLite lets them read and write beside a running kiosk.
"""

import sys
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from kiosk.domain.errors import StoreFailed, StoreInUse
from kiosk.domain.file_faults import fault_phrase, fault_repair
from kiosk.domain.language import tr

LOCK_NAME = "kiosk.lock"

if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _give(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _take(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _give(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)  # closing alone waits for a child that is just being started


class InstanceLock:
    """`with InstanceLock(folder):` holds the folder for this process. The file stays behind; only the lock on it means anything."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None

    def acquire(self) -> None:
        """Take the folder. Raises StoreInUse when another kiosk has it, StoreFailed when the folder cannot be used."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            file = (self._folder / LOCK_NAME).open("ab")
        except OSError as fault:
            raise StoreFailed(tr("the data folder cannot be used ({why})", why=fault_phrase(fault)), fault_repair(fault)) from fault
        try:
            _take(file)
        except OSError as fault:
            file.close()
            if isinstance(fault, BlockingIOError | PermissionError):  # flock's and msvcrt's way to say: taken
                raise StoreInUse(str(self._folder)) from fault
            raise StoreFailed(tr("the data folder cannot be locked ({why})", why=fault_phrase(fault)), fault_repair(fault)) from fault
        self._file = file

    def release(self) -> None:
        """Let the folder go. Doing so twice is no error."""
        if self._file is not None:
            _give(self._file)
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()
