"""The rules for keys and touches, by calling them; with real keys: `tests/ui/scans`."""

import pytest

from ui.input_rules import AUTO, ENTER, NONE, TAB, Arming, Framing, KeyRules, KeyVerdict, Touch

FAST, SLOW = 0.004, 0.1


class TimedKeys:
    """Keys by a clock of their own."""

    def __init__(self, *, typing: bool = False, **framing: object) -> None:
        self.rules, self.moment, self.typing = KeyRules(Framing(**framing)), 100.0, typing  # type: ignore[arg-type]  # a test names its fields

    def keys(self, text: str, gap: float = FAST) -> KeyVerdict:
        verdict = KeyVerdict.HELD
        for character in text:
            self.moment += gap
            if self.rules.is_over(self.moment, typing=self.typing):
                self.decide()
            verdict = self.rules.add(character, self.moment, typing=self.typing)
        return verdict

    def decide(self) -> KeyVerdict:
        verdict = self.rules.decide()
        self.rules.forget_row()
        return verdict

    def end(self, after: float = FAST, end: str = ENTER) -> KeyVerdict:
        self.moment += after
        if self.rules.is_over(self.moment, typing=self.typing, end=True):
            self.decide()
        verdict = self.rules.end(self.moment, end, typing=self.typing)
        if verdict is not KeyVerdict.HELD:
            self.rules.forget_row()
        return verdict


@pytest.mark.parametrize("end", [ENTER, TAB])
def test_what_a_scanner_ends_with_is_learnt(end: str) -> None:
    row = TimedKeys()
    row.keys("25471001")
    assert (row.end(end=end), row.rules.learnt) == (KeyVerdict.SCAN, end)


def test_a_piece_is_never_looked_up_where_the_end_is_learnt() -> None:
    row = TimedKeys()
    row.keys("25471001")
    row.end()
    row.moment += 5
    row.keys("2547")
    assert row.decide() is KeyVerdict.CUT
    row.moment += 0.7
    row.keys("1001")
    assert row.end() is KeyVerdict.CUT
    row.moment += 0.3  # its end has come: the next is another
    row.keys("25471001")
    assert row.end() is KeyVerdict.SCAN


def test_a_piece_is_never_looked_up_where_the_end_is_set() -> None:
    row = TimedKeys(suffix=ENTER)
    for _ in range(5):
        row.moment += 5
        row.keys("2547")
        assert row.decide() is KeyVerdict.CUT


def test_a_scanner_that_was_changed_for_one_without_an_end_is_learnt_by_the_third_scan() -> None:
    row = TimedKeys()
    row.keys("25471001")
    row.end()
    told = []
    for _ in range(4):
        row.moment += 5
        row.keys("25471001")
        told.append(row.decide())
    assert told == [KeyVerdict.CUT, KeyVerdict.CUT, KeyVerdict.SCAN, KeyVerdict.SCAN]


def test_without_an_end_a_scan_is_whole_after_half_a_second() -> None:
    auto, none = TimedKeys(), TimedKeys(suffix=NONE)
    for row in (auto, none):
        row.keys("25471001")
    assert (auto.rules.wait_seconds(typing=False), none.rules.wait_seconds(typing=False)) == (0.5, 0.5)
    assert (auto.decide(), none.decide()) == (KeyVerdict.SCAN, KeyVerdict.SCAN)


def test_a_scan_that_begins_where_somebody_typed_within_the_second_is_refused() -> None:
    row = TimedKeys(typing=True)
    row.keys("PLA", 0.06)
    row.moment += 0.05
    row.keys("N-0001")
    assert row.end() is KeyVerdict.CUT


def test_a_piece_that_comes_three_times_is_no_code_where_an_end_follows_each() -> None:
    row = TimedKeys()
    row.keys("254711")
    row.end()
    for pause in (0.6, 0.6, 0.6, 1.2):
        row.moment += 5
        row.keys("2547")
        assert row.decide() is KeyVerdict.CUT
        row.moment += pause
        row.keys("11")
        assert row.end() in {KeyVerdict.CUT, KeyVerdict.DROPPED}


def test_the_end_of_a_rest_is_learnt() -> None:
    row = TimedKeys()
    row.keys("2547")
    row.decide()
    row.moment += 0.6
    row.keys("11")
    assert (row.end(), row.rules.learnt) == (KeyVerdict.CUT, ENTER)


@pytest.mark.parametrize("late", [0.515, 0.7, 0.99])
@pytest.mark.parametrize("suffix", [AUTO, ENTER])
def test_an_end_that_comes_late_behind_a_piece_is_no_press_where_a_person_types(late: float, suffix: str) -> None:
    row = TimedKeys(typing=True, suffix=suffix)
    row.rules.learnt = ENTER
    row.keys("PLAN-0001")
    assert row.end(late) is KeyVerdict.DROPPED
    row.moment += 0.2  # its end has come: the next is another
    row.keys("PLAN-0002")
    assert row.end() is KeyVerdict.SCAN
    assert row.end(1.01) is KeyVerdict.PRESS


@pytest.mark.parametrize("lost", [True, False])
@pytest.mark.parametrize("after", [0.21, 0.45])
def test_a_scan_in_which_a_key_was_lost_is_refused_and_its_rest_with_it(lost: bool, after: float) -> None:  # noqa: FBT001  a fact
    row = TimedKeys()
    row.keys("1000")
    row.moment += after
    assert row.rules.interrupt(row.moment, lost=lost) is KeyVerdict.CUT
    row.rules.forget_row()
    row.keys("2547")
    assert row.end() is KeyVerdict.CUT


@pytest.mark.parametrize("typing", [True, False])
@pytest.mark.parametrize("rest", ["", "0", "00012"])
@pytest.mark.parametrize("gap", [FAST, SLOW])
def test_a_slow_scan_in_which_a_key_was_lost_is_refused_at_its_end(typing: bool, rest: str, gap: float) -> None:  # noqa: FBT001  a fact
    row = TimedKeys(typing=typing)
    row.keys("11", SLOW)
    row.moment += 0.21
    assert row.rules.interrupt(row.moment, lost=True) is KeyVerdict.TYPING
    row.rules.forget_row()
    row.keys(rest, gap)
    assert row.end(SLOW) is KeyVerdict.CUT


def test_a_key_that_was_held_down_is_forgotten_after_a_second_and_where_no_scanner_is() -> None:
    row = TimedKeys(typing=True)
    row.keys("1005", SLOW)
    row.moment += 0.66
    row.rules.interrupt(row.moment, lost=True)
    row.rules.forget_row()
    assert row.end(1.01) is KeyVerdict.PRESS
    alone = TimedKeys(typing=True)
    alone.keys("5")
    alone.decide()
    alone.moment += 0.66
    alone.rules.interrupt(alone.moment, lost=True)
    assert alone.end(0.3) is KeyVerdict.PRESS


@pytest.mark.parametrize(("typing", "verdict"), [(False, KeyVerdict.SCAN), (True, KeyVerdict.HELD)])
def test_a_suffix_ends_a_slow_scan_where_nobody_types(typing: bool, verdict: KeyVerdict) -> None:  # noqa: FBT001  a fact
    row = TimedKeys(typing=typing, prefix="\x02", suffix="\x03")
    assert row.keys("\x022547100\x03", SLOW) is verdict


def test_what_is_typed_in_a_field_is_typing_at_any_pace_of_a_person() -> None:
    row = TimedKeys(typing=True)
    row.keys("PLAN-0001", SLOW)
    assert row.end(SLOW) is KeyVerdict.PRESS


@pytest.mark.parametrize(("seconds", "held_down"), [(0.001, False), (0.12, False), (0.199, False), (0.2, True), (0.66, True)])
def test_a_repeat_is_a_key_that_is_held_down_after_200_milliseconds_only(seconds: float, held_down: bool) -> None:  # noqa: FBT001  a fact
    rules = KeyRules(Framing())
    assert not rules.is_held_down(10, 5.0, repeated=False)
    assert rules.is_held_down(10, 5.0 + seconds, repeated=True) is held_down


def test_a_key_that_is_held_down_goes_on_being_held_down() -> None:
    rules = KeyRules(Framing())
    rules.is_held_down(10, 5.0, repeated=False)
    assert all(rules.is_held_down(10, 5.66 + at * 0.04, repeated=True) for at in range(20))


def test_the_lines_of_a_contact_card_are_one_row() -> None:
    row = TimedKeys()
    for line in ("BEGIN:VCARD", "VERSION:3.0", "UID:PLAN-NAIROBI-0001"):
        row.keys(line)
        assert row.end() is KeyVerdict.HELD
    row.keys("END:VCARD")
    assert row.end() is KeyVerdict.SCAN


def test_text_that_only_begins_like_a_document_is_whole_after_its_end() -> None:
    row = TimedKeys(suffix=AUTO)
    row.keys('{"plan_id": "f"')
    assert (row.end(), row.decide()) == (KeyVerdict.HELD, KeyVerdict.SCAN)


def test_a_touch_counts_when_it_begins_on_what_was_painted_and_the_page_stays() -> None:
    touch = Touch()
    touch.begin()
    assert touch.counts
    touch.turn()
    assert not touch.counts
    touch.begin()
    assert not touch.counts
    touch.paint()
    touch.begin()
    assert touch.counts


def test_an_armed_step_counts_from_its_painting_on() -> None:
    arming = Arming()
    assert arming.part(0) == 1
    arming.begin(0.6)
    assert arming.part(9) == 0
    assert arming.paint(10.0)
    assert not arming.paint(10.1)
    assert [arming.part(moment) for moment in (10.0, 10.3, 10.6, 11)] == [0, pytest.approx(0.5), pytest.approx(1), 1]
