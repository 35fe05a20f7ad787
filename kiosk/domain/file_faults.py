"""Why a file could not be read or written, in words: a phrase to follow "Reason: ", and what a person does about it.

Full, over the user's share, read-only and not allowed are told apart, because each is repaired in another way.
"""

import errno

from kiosk.domain.language import mark, tr

_NO_ROOM = mark("Free some space: the kiosk refuses swaps on a full disk.")
_QUOTA = mark("Delete files of the kiosk's user. Or give this user more room.")
_READ_ONLY = mark("Restart this computer. A disk that is read-only again is failing: replace it.")
_RIGHTS = mark("Give the kiosk's user the folder, or set SWAP_KIOSK_DATA.")
_FAILING = mark("Check the disk and its cable; replace a disk that fails again.")
_FAULTS: dict[int, tuple[str, str]] = {
    errno.ENOSPC: (mark("the disk is full"), _NO_ROOM),
    errno.EDQUOT: (mark("this user's share of the disk is used up"), _QUOTA),
    errno.EFBIG: (mark("files may not grow that large on this disk"), _QUOTA),
    errno.EROFS: (mark("the disk is read-only"), _READ_ONLY),
    errno.EACCES: (mark("the kiosk's user may not write there"), _RIGHTS),
    errno.EPERM: (mark("the kiosk's user may not write there"), _RIGHTS),
    errno.EIO: (mark("the disk does not read or write"), _FAILING),
    errno.ENOTDIR: (mark("a file stands where a folder should be"), _RIGHTS),
    errno.EEXIST: (mark("a file stands where a folder should be"), _RIGHTS),
    errno.ENOENT: (mark("it is not there"), _RIGHTS),
    errno.EMFILE: (mark("too many files are open"), mark("Restart this computer.")),
}


def fault_phrase(error: OSError) -> str:
    """What is wrong, in the words of this table where it has some, else in the system's."""
    known = _FAULTS.get(error.errno or 0)
    return tr(known[0]) if known else error.strerror or str(error) or type(error).__name__


def fault_repair(error: OSError) -> str:
    """What a person does about it; "" where that is not known."""
    known = _FAULTS.get(error.errno or 0)
    return tr(known[1]) if known else ""
