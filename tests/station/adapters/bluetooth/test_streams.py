"""Streams that are not aligned to notifications: packs of public captures, read at any notification size; and what a stream may keep."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.battery.battery import FitnessLimits, check_reading
from kiosk.domain.errors import ReadingPrevented
from kiosk.domain.messages import message_for
from kiosk.domain.read_obstacle import ReadObstacle
from kiosk.station.adapters.bluetooth.frame_stream import SHAPES, FrameStream
from tests.station.adapters.bluetooth.cases import CAPTURED, Answers, answers_of, device_of
from tests.station.adapters.bluetooth.packs import read, recordings

AT, JK_SETTINGS = b"AT\r\n", 21


def assert_right(number: int, answers: Answers | None = None) -> None:
    """The case reads as its source annotated it."""
    reading = read(device_of(number, answers))
    check_reading(reading, FitnessLimits())
    volts, amp_hours, soc, kwh, protocol = CAPTURED[number]
    assert (reading.voltage, reading.charge_ah, reading.soc_percent) == (Decimal(volts), Decimal(amp_hours), Decimal(soc))
    assert (reading.kwh_remaining, reading.protocol) == (Decimal(kwh), protocol)


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("number", CAPTURED)
def test_a_captured_pack_reads_as_annotated(number: int) -> None:
    assert_right(number)


@pytest.mark.parametrize("number", CAPTURED)
@pytest.mark.parametrize("size", [1, 3, 7, 20, 23, 100, 128, 152, 182, 244, 299, 300, 301, 509])
def test_the_size_of_notifications_does_not_matter(number: int, size: int) -> None:
    assert_right(number, [(request, cut(b"".join(told), size)) for request, told in answers_of(number)])


@pytest.mark.parametrize("size", [20, 128, 244])
@pytest.mark.parametrize("lost", [1, 150, 299, 301, 420])
def test_a_stream_that_is_met_in_the_middle_is_read_from_the_next_frame_on(size: int, lost: int) -> None:
    about, values = answers_of(20)
    assert_right(20, [about, (values[0], cut(b"".join(values[1])[lost:], size))])


@pytest.mark.parametrize("at", [1, 4, 127, 128, 299])
@pytest.mark.parametrize("size", [20, 128, 509])
def test_a_line_of_the_radio_module_in_the_middle_of_a_frame_is_taken_out(at: int, size: int) -> None:
    about, (request, told) = answers_of(23)
    frame = b"".join(told)
    assert_right(23, [about, (request, cut(AT + frame[:at] + AT + frame[at:] + AT, size))])


def test_a_frame_of_settings_between_is_passed_over() -> None:
    about, (request, told) = answers_of(JK_SETTINGS)
    settings_frame, values_frame = b"".join(told)[:300], b"".join(told)[300:600]
    assert_right(JK_SETTINGS, [about, (request, cut(settings_frame * 3 + values_frame, 244))])


def test_firmware_that_is_too_old_is_told_so() -> None:
    with pytest.raises(ReadingPrevented) as old:
        read(device_of(24))
    assert old.value.obstacle is ReadObstacle.OLD_FIRMWARE
    assert message_for(old.value).what == "The firmware of this battery is too old to be read"


# ---------------------------------------------------------------- the stream alone

FRAMES = {
    "jk": b"".join(answers_of(23)[1][1]),
    "jbd": b"".join(recordings()["JBD-D"].exchange[0][1]),
    "ant": b"".join(answers_of(30)[0][1]),
    "ant_leg": b"".join(answers_of(16)[0][1]),
    "daly": b"".join(recordings()["DL-41"].exchange[0][1]),
}

REQUEST = recordings()["DL-41"].exchange[0][0]  # only Daly's frames need to be asked for


def found(family: str, data: bytes, size: int) -> list[bytes]:
    """The frames of a stream, and no more is kept than one of them."""
    stream, frames = FrameStream(SHAPES[family]), list[bytes]()
    stream.request = REQUEST
    for piece in cut(data, size):
        frames += stream.feed(piece)
        assert stream.pending < 300
    return frames


def test_every_family_of_frames_has_one_here() -> None:
    assert FRAMES.keys() == SHAPES.keys()


@given(st.sampled_from(list(SHAPES)), st.integers(1, 600), st.integers(1, 5), st.binary(max_size=20))
def test_frames_are_found_wherever_they_are_cut_or_joined(family: str, size: int, count: int, before: bytes) -> None:
    frame = FRAMES[family]
    assert found(family, before + frame * count, size)[-count:] == [frame] * count


@given(st.sampled_from(list(SHAPES)), st.integers(1, 600), st.data())
def test_a_frame_that_was_cut_hides_none_that_comes_after_it(family: str, size: int, data: st.DataObject) -> None:
    frame = FRAMES[family]
    broken = frame[: data.draw(st.integers(0, len(frame) - 1))]
    assert found(family, broken + frame, size) == [frame]


@given(st.sampled_from(list(SHAPES)), st.integers(1, 600), st.data())
def test_the_rest_of_a_frame_is_no_frame(family: str, size: int, data: st.DataObject) -> None:
    frame = FRAMES[family]
    assert found(family, frame[data.draw(st.integers(1, len(frame))) :], size) == []


@pytest.mark.parametrize("family", SHAPES)
def test_a_flood_of_heads_keeps_no_more_than_one_frame(family: str) -> None:
    for head in SHAPES[family].heads:
        assert found(family, head * 2000, 512) == []


@settings(max_examples=30)
@given(st.sampled_from(list(SHAPES)), st.binary(min_size=1, max_size=2000), st.integers(1, 512))
def test_bytes_of_any_kind_are_no_frame_of_strong_checksums(family: str, data: bytes, size: int) -> None:
    assert found(family, data, size) == []
