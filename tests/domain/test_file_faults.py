"""Why a file could not be written: each cause in its own words, with its own repair."""

import errno
import os

import pytest

from kiosk.domain.file_faults import fault_phrase, fault_repair

TOLD_APART = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO, errno.EFBIG, errno.EMFILE, errno.ENOTDIR)


def fault(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def test_full_over_the_share_read_only_and_not_allowed_are_told_apart() -> None:
    assert len({fault_phrase(fault(each)) for each in TOLD_APART}) == len(TOLD_APART)
    assert fault_phrase(fault(errno.ENOSPC)) == "the disk is full"
    assert fault_phrase(fault(errno.EROFS)) == "the disk is read-only"


@pytest.mark.parametrize("number", TOLD_APART)
def test_each_has_a_repair(number: int) -> None:
    assert fault_repair(fault(number)).endswith(".")


def test_no_repair_of_a_full_or_read_only_disk_speaks_of_rights() -> None:
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO):
        assert "SWAP_KIOSK_DATA" not in fault_repair(fault(number))


def test_another_fault_is_said_as_the_system_says_it() -> None:
    assert fault_phrase(fault(errno.ELOOP)) == os.strerror(errno.ELOOP)
    assert fault_phrase(OSError("odd")) == "odd"
    assert fault_phrase(OSError()) == "OSError"
    assert fault_repair(fault(errno.ELOOP)) == ""
