"""The rule for words that are wider than their place."""

from dataclasses import dataclass

import pytest

from ui.widgets.fitting import BREAK, CUT, breakable, end_of, fitted, least, lines, narrowest, shortened_to, split_tail

ID = "JBD-SP24S004-L24S-200A-FLEET-WEST-A-0002"


@dataclass
class Typewriter:
    """Each character is 10 px wide."""

    height: int = 20

    def width(self, text: str) -> int:
        return 10 * len(text)


ROOM = Typewriter()


def test_a_sentence_breaks_at_its_spaces_and_no_short_word_is_broken() -> None:
    assert lines(ROOM, "put it on the counter", 120) == ["put it on", "the counter"]
    assert lines(ROOM, "Reading", 30) == ["Reading"]  # a fault of the layout, to be seen as one


def test_an_id_takes_two_lines_and_breaks_after_a_sign() -> None:
    assert lines(ROOM, ID, 250) == ["JBD-SP24S004-L24S-200A-", "FLEET-WEST-A-0002"]


def test_an_id_that_has_no_room_in_two_lines_loses_its_head_and_says_so() -> None:
    shown = lines(ROOM, ID, 150)
    assert len(shown) == 2
    assert shown[0].startswith(CUT)
    assert ID.endswith("".join(shown)[1:])
    assert all(ROOM.width(line) <= 150 for line in shown)


@pytest.mark.parametrize("width", range(80, 420, 10))
def test_the_end_is_never_lost_or_broken_whatever_the_width(width: int) -> None:
    assert lines(ROOM, ID, width)[-1].endswith(ID[-6:])
    assert fitted(ROOM, f"Take {ID}", width, 2)[-1].endswith(ID[-6:])
    assert fitted(ROOM, ID, width, 1) == [shortened_to(ID, width // 10)]


def test_of_a_name_the_beginning_stays() -> None:
    assert shortened_to("Wanjirumwendwanjorogekamau", 10) == f"Wanjirumw{CUT}"


def test_a_place_is_never_as_wide_as_a_long_id() -> None:
    assert least(f"Read {ID} again") == f"Read {CUT}{ID[-13:]} again"
    assert narrowest(ROOM, f"Read {ID} again", 2) <= 200
    assert least("BAT-20417") == "BAT-20417"


ENDS = [("…200A-0002", "0002"), ("Take …200A-0002", "0002"), ("…SERIAL00012345678", "5678"), ("again", "")]


@pytest.mark.parametrize(("line", "tail"), ENDS)
def test_the_end_stands_out(line: str, tail: str) -> None:
    assert split_tail(line) == (line.removesuffix(tail), tail)


def test_qt_may_break_a_long_id_but_not_its_end_and_ordinary_words_stay() -> None:
    assert breakable("BAT-20417 did not answer") == "BAT-20417 did not answer"
    shown = breakable(f"{ID} did not answer")
    assert shown.replace(BREAK, "") == f"{ID} did not answer"
    assert f"{BREAK}A-0002 did" in shown
    assert breakable("X" * 98 + "-00002").replace(BREAK, "") == CUT + "X" * 33 + "-00002"


def test_of_what_is_typed_the_end_is_seen() -> None:
    assert end_of(ROOM, "ABCDEFGHIJ", 60) == f"{CUT}FGHIJ"
    assert end_of(ROOM, "ABC", 60) == "ABC"
