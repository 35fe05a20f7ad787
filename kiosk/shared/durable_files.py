"""Small files that must outlast a power cut: the bytes are on the disk before the file has its name, and its name before the call returns.

Raises OSError.
"""

import contextlib
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

_PROBE_BYTES = 65_536  # more than a directory entry: a full disk still makes empty files


def make_whole(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Whole or not at all: written beside, then linked to its name. Raises FileExistsError where somebody was quicker."""
    with _draft(path, content, mode) as draft:
        path.hardlink_to(draft)
    sync_folder(path.parent)


def replace_whole(path: Path, content: bytes, mode: int = 0o600) -> None:
    """The new content or the former one, never a part: written beside, then put in its place."""
    with _draft(path, content, mode) as draft:
        draft.replace(path)
    sync_folder(path.parent)


def write_fault(folder: Path) -> OSError | None:
    """Why nothing can be written into this folder, found out by doing so; None when it can."""
    probe = folder / f".probe.{secrets.token_hex(8)}"
    try:
        with _draft(probe, bytes(_PROBE_BYTES), 0o600):
            return None
    except OSError as error:
        return error


@contextlib.contextmanager
def _draft(path: Path, content: bytes, mode: int) -> Iterator[Path]:
    """A file beside it that is on the disk; gone at the end of the block, unless it got another name."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)


if sys.platform == "win32":

    def sync_folder(_folder: Path) -> None:
        """Windows writes names by itself, in their order."""

    @contextlib.contextmanager
    def one_at_a_time(_folder: Path) -> Iterator[None]:
        """Windows locks no folder."""
        yield
else:
    import fcntl

    def sync_folder(folder: Path) -> None:
        """The names in this folder are on the disk."""
        with _opened(folder) as number:
            os.fsync(number)

    @contextlib.contextmanager
    def one_at_a_time(folder: Path) -> Iterator[None]:
        """Alone among all that ask for this folder, in this process and others; waits for who has it. A lock ends with its process."""
        with _opened(folder) as number:
            fcntl.flock(number, fcntl.LOCK_EX)
            yield

    @contextlib.contextmanager
    def _opened(folder: Path) -> Iterator[int]:
        number = os.open(folder, os.O_RDONLY)
        try:
            yield number
        finally:
            os.close(number)
