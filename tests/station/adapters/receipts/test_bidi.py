"""In which order letters of both directions stand."""

import json
from pathlib import Path

import pytest

from kiosk.station.adapters.receipts.bidi import levels_of, runs_of

RECORDED = Path(__file__).parents[3] / "fixtures" / "counter" / "bidi.json"
ISOLATES = "\u2066\u2067\u2068\u2069"


def placed_here(text: str) -> list[int]:
    """The places of the characters from left to right."""
    order = list[int]()
    for begin, end, leftward in runs_of(levels_of(text)):
        order += range(end - 1, begin - 1, -1) if leftward else range(begin, end)
    return order


@pytest.mark.parametrize("number", range(0, 400, 100))
def test_lines_stand_as_another_program_has_them(number: int) -> None:
    for text, seen in json.loads(RECORDED.read_text())["lines"][number : number + 100]:
        shown = "".join(text[place] for place in placed_here(text) if text[place] not in ISOLATES)
        assert shown == seen, ascii(text)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("BAT-12345", "BAT-12345"),
        ("Plan אבג 12345", "Plan 12345 גבא"),  # the number has gone to the left of the word that it follows
        ("Plan \u2068אבג\u2069 12345", "Plan גבא 12345"),
        ("CUST-דדד-001", "CUST-001-דדד"),
        ("\u2066CUST-\u200eדדד\u200e-001\u2069", "CUST-דדד-001"),
        ("אבג BAT-12345 אבג", "גבא BAT-12345 גבא"),
        ("אבג (BAT-1)", "(BAT-1) גבא"),
        ("אבג 12.50", "12.50 גבא"),
        ("\u2067אב\u2068a\u2069", "aבא"),
    ],
)
def test_words_ids_and_numbers_stand_whole(text: str, seen: str) -> None:
    mirrored = {"(": ")", ")": "("}
    levels = levels_of(text)
    shown = "".join(mirrored.get(text[place], text[place]) if levels[place] % 2 else text[place] for place in placed_here(text))
    assert "".join(each for each in shown if each not in ISOLATES + "\u200e") == seen


def test_nothing_stands_in_no_order() -> None:
    assert (levels_of(""), runs_of([])) == ([], [])
