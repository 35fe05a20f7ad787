"""The technician's way back (decision 29): an empty file in the data folder, made by the machine's administrator.

    sudo touch <data folder>/technician-way-back

It counts for an hour and once: it is taken away as it is used. On a system with users it has to be root's, a plain file of one name: who
only works at the counter, as the kiosk's own user, cannot make one.
"""

import stat
import sys
import time
from pathlib import Path

NAME = "technician-way-back"
_SECONDS = 3600.0
_ADMINISTRATOR = 0


def take_way_back(folder: Path) -> bool:
    """Whether it was there; it is gone in any case. Nothing is raised: one that cannot be taken away does not count."""
    path = folder / NAME
    try:
        found = path.lstat()
        path.unlink()
    except OSError:
        return False
    is_plain = stat.S_ISREG(found.st_mode) and found.st_nlink == 1
    is_administrators = sys.platform == "win32" or found.st_uid == _ADMINISTRATOR
    return is_plain and is_administrators and 0 <= time.time() - found.st_mtime < _SECONDS
