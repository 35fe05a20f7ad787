"""Batteries that cut, join, shift, repeat, flood, answer late or for another request, and vanish: the recorded values or a sentence.

The short form of `make fuzz`: the same inputs, fewer of them.
"""

import tracemalloc
from dataclasses import replace

import pytest

from tests.fuzz.hostile import Input, Source, meet, other_families, player, recorded_families, sources
from tests.fuzz.streams import try_inputs

ONE_EACH = [found[-1] for found in sources().values()]
SENTENCES = {"ReadingPrevented", "BatteryUnreadable", "BatteryUnreachable", "TimeoutError", "BleakError"}
PIECES = [b"AT\r\n", b"\x55\xaa\xeb\x90" * 100, b"\xdd" * 500, b"\xd2\x03" * 250, b"\x7e\xa1" * 250, b"\xaa\x55\xaa\xff" * 100, bytes(512)]
FLOOD = 300


@pytest.mark.parametrize("family", recorded_families())
def test_a_damaged_stream_reads_as_recorded_or_ends_in_a_sentence(family: str) -> None:
    tally = try_inputs(family, 0, 250)
    assert not tally.faults
    assert tally.outcomes["read"] > 25
    assert tally.outcomes.keys() <= {"read", *SENTENCES}


@pytest.mark.parametrize("family", other_families())
def test_any_bytes_to_a_family_that_nobody_recorded_end_in_a_sentence(family: str) -> None:
    tally = try_inputs(family, 0, 12)
    assert not tally.faults
    assert tally.outcomes.keys() <= {"read", *SENTENCES}


@pytest.mark.parametrize("source", ONE_EACH, ids=lambda source: source.family)
def test_a_link_lost_after_any_byte_ends_in_time_in_a_sentence(source: Source) -> None:
    size = sum(len(data) for _, told in source.answers for data in told)
    for lost_after in range(size):
        outcome = meet(Input(source.family, source.pack, source.values, lost_after))
        assert outcome == "BleakError" or not isinstance(outcome, str)  # "the link was lost", or all values had come
        assert isinstance(outcome, str) or lost_after > size // 4


def flooding(source: Source, piece: bytes) -> Source:
    """The pack sends this so many times before and after each of its answers."""
    answers = [(request, [*[piece] * FLOOD, *told, *[piece] * FLOOD]) for request, told in source.answers]
    return replace(source, pack=replace(source.pack, on_write=player(source.notify, answers)))


@pytest.mark.parametrize("source", ONE_EACH, ids=lambda source: source.family)
@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece[:4].hex())
def test_a_flood_ends_in_time_and_costs_little_memory(source: Source, piece: bytes) -> None:
    flood = flooding(source, piece)
    meet(Input(flood.family, source.pack, flood.values))  # what is imported and kept at the first reading
    tracemalloc.start()
    try:
        outcome = meet(Input(flood.family, flood.pack, flood.values))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert not isinstance(outcome, str) or outcome in SENTENCES
    assert peak < 4_000_000


@pytest.mark.parametrize("family", ["jbd", "jk", "ant", "ant_leg", "daly"])
def test_an_answer_that_comes_after_its_time_is_no_value_for_another_request(family: str) -> None:
    for source in sources()[family]:
        for late in (0.5, 2.5, 4.5):
            outcome = meet(Input(family, replace(source.pack, read_seconds=late), source.values))
            assert not isinstance(outcome, str) or outcome in SENTENCES


@pytest.mark.parametrize("family", ["jbd", "jk", "ant", "ant_leg", "daly"])
def test_one_answer_to_every_request_is_no_other_value(family: str) -> None:
    for source in sources()[family]:
        for _, told in source.answers:
            pack = replace(source.pack, on_write=player(source.notify, [(b"", told)]))
            outcome = meet(Input(family, pack, source.values))
            assert not isinstance(outcome, str) or outcome in SENTENCES
