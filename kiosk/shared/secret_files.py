"""Reading a file that holds a secret: a password, a token, a private key.

One that others can change is refused: they could put their own secret there. One that others can read is used, because a counter must work,
and is said: in the log, once, and by `doctor`. Others are everybody but the file's owner; a group that root lets read is meant to (as
root:mosquitto 0640, or a credential that systemd hands over), a group that may write never is. Windows has no such modes.
"""

import logging
import os
import stat
import sys
from enum import Enum
from pathlib import Path

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr

log = logging.getLogger(__name__)
_said: set[Path] = set()


class Exposure(Enum):
    """What others can do to a file."""

    NONE = 0
    READABLE = 1
    WRITABLE = 2


def read_secret(file: Path) -> str:
    """The text of a file. Raises BadInput, with the mend, for one that others can change; OSError, UnicodeDecodeError."""
    with file.open("rb") as opened:
        _take(file, os.fstat(opened.fileno()))
        return opened.read().decode()


def check_secret(file: Path, *, may_be_read: bool = True) -> None:
    """The same look at a file that a library reads by itself; one that others may not even read is refused for that, too. Raises BadInput,
    OSError."""
    _take(file, file.stat(), may_be_read=may_be_read)


def exposure_of(file: Path) -> Exposure:
    """What others can do to this file. Raises OSError."""
    return _exposure(file, file.stat())


def exposure_words(file: Path, exposure: Exposure) -> str:
    """A phrase with the mend, to follow the file's name; "" where there is nothing to say."""
    if exposure is Exposure.NONE:
        return ""
    mode = f"{stat.S_IMODE(file.stat().st_mode):04o}"
    if exposure is Exposure.READABLE:
        return tr("can be read by others (mode {mode}); mend it with: chmod 600 {file}", mode=mode, file=file)
    if _is_open(file.parent):
        return tr("lies in a folder that others can change; mend it with: chmod go-w {folder}", folder=file.parent)
    return tr("can be changed by others (mode {mode}); mend it with: chmod 600 {file}", mode=mode, file=file)


def _take(file: Path, found: os.stat_result, *, may_be_read: bool = True) -> None:
    exposure = _exposure(file, found)
    if exposure is Exposure.WRITABLE or (exposure is Exposure.READABLE and not may_be_read):
        raise BadInput(str(file), exposure_words(file, exposure))
    if exposure is Exposure.READABLE and file not in _said:
        _said.add(file)
        log.warning("%s %s", file, exposure_words(file, exposure))


def _exposure(file: Path, found: os.stat_result) -> Exposure:
    if sys.platform == "win32" or not stat.S_ISREG(found.st_mode):
        return Exposure.NONE
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) or _is_open(file.parent):
        return Exposure.WRITABLE
    others = stat.S_IROTH | (stat.S_IRGRP if found.st_uid else 0)
    return Exposure.READABLE if found.st_mode & others else Exposure.NONE


def _is_open(folder: Path) -> bool:
    """Whether anybody may put another file in the place of one that lies there."""
    mode = folder.stat().st_mode
    return bool(mode & stat.S_IWOTH) and not mode & stat.S_ISVTX
