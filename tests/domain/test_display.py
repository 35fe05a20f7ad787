"""Text that is only shown: one line, harmless, composed, and never refused."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.display import CUT, MAX_MARKS, cleaned

ODD = (
    "\u200d\u200c\u0301\u0300\u0315\u05b0\u034f \u00a0\u202f\r\n\t\0"
    "abe\u0915\u094d\u0646\u0627\u0628\ufffd\u202e\u2066\ud800\udc00\u0378\ue000\U000e0041"
)
TEXTS = st.text(st.characters(exclude_categories=()) | st.sampled_from(ODD), max_size=80)
SHOWN = [
    ("Amina\u00a0Otieno", "Amina Otieno"),
    ("Amina\u202fOtieno\u3000", "Amina Otieno"),
    ("Amina\r\nOtieno\r", "Amina Otieno"),
    ("Amina\tOtieno\0", "Amina Otieno"),
    ("Ami\u00adna \u200bOtieno\u200e\ufeff", "Amina Otieno"),
    ("\u202eAmina\u2066 Otieno\u2069", "Amina Otieno"),
    ("Ame\u0301lie", "Am\u00e9lie"),
    ("\u0301Amina", "Amina"),
    ("Amina \ud83d", "Amina ?"),
    ("Amina \ufffd\u0378\ue000", "Amina ???"),
    ("a" + "\u0315" * 500 + "b", "a" + "\u0315" * MAX_MARKS + "b"),
    ("نمی\u200cخواهم", "نمی\u200cخواهم"),  # Persian: without the joiner it is another word
    ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"),
    ("A\u200cmi\u200dna\u200c", "Amina"),
    ("نم\u200c", "نم"),
    ("አበበ", "አበበ"),
    (" \u00a0\r\n", ""),
]


@pytest.mark.parametrize(("told", "shown"), SHOWN, ids=[ascii(told)[:24] for told, _ in SHOWN])
def test_a_name_is_shown_without_what_does_harm(told: str, shown: str) -> None:
    assert cleaned(told) == shown


def test_a_letter_is_cut_off_with_its_marks() -> None:
    assert cleaned("abcd\u0323\u0315efgh", 7) == "abc..."
    assert cleaned("abcdefgh", 7) == "abcd..."


def test_ten_thousand_characters_are_one_short_line() -> None:
    for text in ("x" * 10_000, "\u0915\u094d\u0937 " * 10_000, "\u202e" * 10_000, "\u0301" * 10_000):
        assert len(cleaned(text)) <= 200


@settings(max_examples=500)
@given(text=TEXTS, most=st.integers(len(CUT) + 1, 40), keep=st.sampled_from(["", "\u00a0"]))
def test_any_text_becomes_a_line_that_cleaning_leaves_as_it_is(text: str, most: int, keep: str) -> None:
    shown = cleaned(text, most, keep=keep)
    assert cleaned(shown, most, keep=keep) == shown
    assert len(shown) <= most
    assert unicodedata.is_normalized("NFC", shown)
    assert shown == shown.strip(" ")
    assert not {unicodedata.category(each) for each in shown} & {"Cc", "Zl", "Zp", "Cs", "Co", "Cn"}
    assert not {each for each in shown if unicodedata.category(each) == "Cf"} - set("\u200c\u200d")
    assert {each for each in shown if each.isspace()} <= {" ", *keep}
    assert shown.encode().decode() == shown
