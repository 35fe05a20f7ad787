"""Answers in IPP, as bytes."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.station.adapters.cups.ipp import IppAnswer, _answer, _request
from kiosk.station.adapters.cups.ipp import Operation as Ask

HEAD = struct.pack(">HHi", 0x0200, 0, 1)
CHARSET = b"\x01\x47\x00\x12attributes-charset\x00\x05utf-8"
STATE = b"\x23\x00\x0dprinter-state\x00\x04\x00\x00\x00\x05"
REASONS = b"\x44\x00\x15printer-state-reasons\x00\x06paused\x44\x00\x00\x00\x11media-empty-error"
ACCEPTING = b"\x22\x00\x19printer-is-accepting-jobs\x00\x01\x00"
UNREAD = b"\x31\x00\x04when\x00\x02ab"


def test_the_groups_behind_the_operations_own_are_read() -> None:
    data = HEAD + CHARSET + b"\x04" + STATE + REASONS + UNREAD + ACCEPTING + b"\x02\x03"
    first = {"printer-state": (5,), "printer-state-reasons": ("paused", "media-empty-error"), "printer-is-accepting-jobs": (False,)}
    assert _answer(data) == IppAnswer(0, (first, {}))


def test_an_answer_without_a_group_has_none() -> None:
    assert _answer(struct.pack(">HHi", 0x0200, 0x0406, 1) + CHARSET + b"\x03") == IppAnswer(0x0406, ())


def test_a_request_begins_with_its_charset_and_its_target() -> None:
    made = _request(Ask.CANCEL_JOB, {"printer-uri": "ipp://localhost/printers/till", "job-id": 7, "requesting-user-name": "me"})
    assert made[:4] == b"\x02\x00\x00\x08"
    assert made[8:].startswith(CHARSET)
    assert made.endswith(b"\x21\x00\x06job-id\x00\x04\x00\x00\x00\x07\x42\x00\x14requesting-user-name\x00\x02me\x03")


@given(st.binary(max_size=200))
def test_what_is_no_ipp_is_refused_as_such(tail: bytes) -> None:
    try:
        _answer(HEAD + tail)
    except ValueError as refusal:
        assert "IPP" in str(refusal)  # noqa: PT017  either way is right, and nothing else


@pytest.mark.parametrize("cut", range(8, len(HEAD + CHARSET + b"\x04" + STATE)))
def test_an_answer_that_is_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(ValueError, match="IPP"):
        _answer((HEAD + CHARSET + b"\x04" + STATE)[:cut])
