"""The barcode scanner that types, with real key events and a clock of our own."""

from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.devices.barcode_scanner import BarcodeScanner, Framing

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen platform says so of every window
FAST, SLOW = 0.008, 0.200
NO_MODIFIER, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
ENTER = (Qt.Key.Key_Return, "\r")
TAB = (Qt.Key.Key_Tab, "\t")


@dataclass
class Counter:
    """A window with a field that takes the keys, a button, and a scanner that watches them."""

    window: QWidget
    line: QLineEdit
    barcode_scanner: BarcodeScanner
    time: list[float]
    scans: list[str] = field(default_factory=list)
    cuts: list[bool] = field(default_factory=list)

    def key(
        self, key: int, text: str = "", *, after: float = FAST, modifiers: Qt.KeyboardModifier = NO_MODIFIER, repeat: bool = False
    ) -> None:
        self.time[0] += after
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, modifiers, text, repeat)
            QCoreApplication.sendEvent(self.window.windowHandle(), event)

    def type(self, text: str, *, after: float = FAST) -> None:
        for character in text:
            upper = character.isupper()
            self.key(ord(character.upper()[0]), character, after=after, modifiers=SHIFT if upper else NO_MODIFIER)

    def scan(self, text: str, end: tuple[int, str] = ENTER) -> None:
        self.type(text)
        self.key(*end)


def counter_with(qtbot: QtBot, framing: Framing | None = None, *, is_typing: bool = False) -> Counter:
    window = QWidget()
    qtbot.addWidget(window)
    layout, line, button = QVBoxLayout(window), QLineEdit(), QPushButton("Next")
    button.setDefault(True)
    layout.addWidget(line)
    layout.addWidget(button)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    line.setFocus()
    time = [100.0]
    scanner = BarcodeScanner(lambda: time[0], framing, lambda: is_typing)
    scanner.watch(window.windowHandle())
    counter = Counter(window, line, scanner, time)
    scanner.scanned.connect(lambda text, _by_place: counter.scans.append(text))
    scanner.cut.connect(lambda: counter.cuts.append(True))
    return counter


@pytest.fixture
def counter(qtbot: QtBot) -> Counter:
    return counter_with(qtbot)


def test_a_scan_is_told_once_and_never_lands_in_the_field(counter: Counter) -> None:
    pressed: list[str] = []
    counter.line.returnPressed.connect(lambda: pressed.append("enter"))
    counter.scan("bss-plan-1")
    assert counter.scans == ["bss-plan-1"]
    assert counter.line.text() == ""
    assert pressed == []


def test_what_a_person_types_arrives_in_order_with_its_enter(counter: Counter, qtbot: QtBot) -> None:
    pressed: list[str] = []
    counter.line.returnPressed.connect(lambda: pressed.append(counter.line.text()))
    counter.type("Bat-1", after=SLOW)
    counter.key(*ENTER, after=SLOW)
    qtbot.waitUntil(lambda: counter.line.text() == "Bat-1")
    assert pressed == ["Bat-1"]
    assert counter.scans == []


def test_the_last_key_of_a_person_is_typed_after_a_pause_by_itself(counter: Counter, qtbot: QtBot) -> None:
    counter.type("7")
    assert counter.line.text() == ""
    qtbot.waitUntil(lambda: counter.line.text() == "7")


def test_a_scan_without_an_end_is_told_after_a_pause(counter: Counter, qtbot: QtBot) -> None:
    with qtbot.waitSignal(counter.barcode_scanner.scanned):
        counter.type("BAT-12345")
    assert counter.scans == ["BAT-12345"]
    assert counter.line.text() == ""


def test_tab_ends_a_scan_and_moves_no_focus(counter: Counter) -> None:
    counter.scan("BAT-12345", TAB)
    assert counter.scans == ["BAT-12345"]
    assert counter.window.focusWidget() is counter.line


@pytest.mark.parametrize("late", [0.008, 0.06, 0.12, 0.49])
def test_an_end_behind_a_scan_is_dropped(counter: Counter, late: float) -> None:
    pressed: list[str] = []
    counter.line.returnPressed.connect(lambda: pressed.append("enter"))
    counter.scan("BAT-12345")
    counter.key(*ENTER, after=late)
    assert pressed == []
    counter.key(*ENTER, after=1.01)
    assert pressed == ["enter"]


def test_upper_and_lower_case_and_signs_come_as_they_were_read(counter: Counter) -> None:
    counter.scan("Ab_9.z/é-ß水")
    assert counter.scans == ["Ab_9.z/é-ß水"]


def test_a_json_code_of_512_characters_with_lines_in_it_is_one_scan(counter: Counter) -> None:
    document = '{"plan_id": "' + "x" * 480 + '", "a": {"b": 1}}'
    head, tail = document[:13], document[13:]
    counter.type(head)
    counter.key(*ENTER)
    counter.scan(tail)
    assert counter.scans == [f"{head}\n{tail}"]
    assert len(document) >= 510


def test_a_code_beyond_the_most_is_cut_and_still_no_typing(qtbot: QtBot) -> None:
    counter = counter_with(qtbot, Framing(most=600))
    counter.scan("y" * 700)
    assert [len(scan) for scan in counter.scans] == [600]
    assert counter.line.text() == ""


def test_a_key_held_down_is_a_person(counter: Counter, qtbot: QtBot) -> None:
    counter.type("5")
    for at in range(9):
        counter.key(ord("5"), "5", after=0.03 if at else 0.25, repeat=True)
    qtbot.waitUntil(lambda: counter.line.text() == "5" * 10)
    assert counter.scans == []


def test_three_fast_keys_are_a_person(counter: Counter) -> None:
    counter.type("asd")
    counter.key(*ENTER)
    assert counter.line.text() == "asd"
    assert counter.scans == []


def test_a_command_ends_the_waiting_and_acts_after_the_keys_before_it(counter: Counter) -> None:
    counter.type("12", after=FAST)
    counter.key(Qt.Key.Key_Backspace, "\b")
    assert counter.line.text() == "1"


def test_shift_pressed_on_its_own_does_not_break_a_scan(counter: Counter) -> None:
    counter.type("BA")
    counter.key(Qt.Key.Key_Shift, modifiers=SHIFT)
    counter.scan("T-1")
    assert counter.scans == ["BAT-1"]


def test_braces_typed_with_alt_gr_belong_to_a_scan(counter: Counter) -> None:
    alt_gr = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    counter.key(ord("7"), "{", modifiers=alt_gr)
    counter.type('"a":1')
    counter.key(ord("0"), "}", modifiers=alt_gr)
    counter.key(*ENTER)
    assert counter.scans == ['{"a":1}']


def test_a_character_spelled_with_alt_and_its_number_belongs_to_a_scan(counter: Counter) -> None:
    alt = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.KeypadModifier
    counter.type("CAF")
    for digit in "0233":
        counter.key(ord(digit), digit, modifiers=alt)
    counter.key(0, "é")
    counter.key(*ENTER)
    assert counter.scans == ["CAFé"]


def test_start_and_end_characters_are_taken_off(qtbot: QtBot) -> None:
    counter = counter_with(qtbot, Framing(prefix="\x02", suffix="\x03"))
    control = Qt.KeyboardModifier.ControlModifier
    counter.key(ord("B"), "\x02", modifiers=control)
    counter.type("BAT-12345")
    counter.key(ord("C"), "\x03", modifiers=control)
    assert counter.scans == ["BAT-12345"]


def test_where_a_start_character_is_set_up_fast_keys_without_it_are_typed(qtbot: QtBot) -> None:
    counter = counter_with(qtbot, Framing(prefix="~"))
    counter.scan("12345")
    counter.scan("~BAT-1", ENTER)
    assert counter.line.text() == "12345"
    assert counter.scans == ["BAT-1"]


def test_people_stay_slow_by_the_systems_time_when_the_window_stalls(counter: Counter, qtbot: QtBot) -> None:
    for index, character in enumerate("12345"):
        event = QKeyEvent(QEvent.Type.KeyPress, ord(character), NO_MODIFIER, character)
        event.setTimestamp(5_000 + index * 150)
        QCoreApplication.sendEvent(counter.window.windowHandle(), event)
    qtbot.waitUntil(lambda: counter.line.text() == "12345")
    assert counter.scans == []


def test_two_scans_one_after_the_other_are_two(counter: Counter) -> None:
    counter.scan("BAT-11111")
    counter.time[0] += 1
    counter.scan("BAT-22222")
    assert counter.scans == ["BAT-11111", "BAT-22222"]


def test_a_line_feed_sent_as_control_j_ends_a_scan(counter: Counter) -> None:
    counter.type("BAT-12345")
    counter.key(ord("J"), "\n", modifiers=Qt.KeyboardModifier.ControlModifier)
    assert counter.scans == ["BAT-12345"]


@pytest.mark.parametrize("late", [0.06, 0.12, 0.49])
def test_a_scan_whose_enter_comes_late_is_told_once(counter: Counter, qtbot: QtBot, late: float) -> None:
    pressed: list[str] = []
    counter.line.returnPressed.connect(lambda: pressed.append("enter"))
    with qtbot.waitSignal(counter.barcode_scanner.scanned):
        counter.type("BAT-12345")
    counter.key(*ENTER, after=late)
    assert (counter.scans, counter.cuts, pressed) == (["BAT-12345"], [], [])


@pytest.mark.parametrize("gap", [0.045, 0.08, 0.12, 0.15])
@pytest.mark.parametrize("end", [ENTER, TAB])
def test_a_slow_scan_is_told_with_its_end(counter: Counter, gap: float, end: tuple[int, str]) -> None:
    pressed: list[str] = []
    counter.line.returnPressed.connect(lambda: pressed.append("enter"))
    counter.type("BAT-70002", after=gap)
    counter.key(*end, after=gap)
    assert (counter.scans, counter.cuts, pressed) == (["BAT-70002"], [], [])
    assert counter.window.focusWidget() is counter.line


def test_a_scan_in_pieces_presses_nothing_at_its_end(counter: Counter) -> None:
    """A Bluetooth scanner: four keys at once, a pause, the rest."""
    pressed: list[str] = []
    counter.line.returnPressed.connect(lambda: pressed.append("enter"))
    for piece in ("2547", "1001", "22"):
        counter.key(ord(piece[0]), piece[0], after=0.3)
        counter.type(piece[1:])
    counter.key(*ENTER, after=0.3)
    assert (counter.scans, pressed) == (["2547100122"], [])


@pytest.mark.parametrize("is_typing", [True, False])
def test_a_doubled_character_that_comes_late_refuses_the_scan(qtbot: QtBot, is_typing: bool) -> None:  # noqa: FBT001  a fact
    """It looks like a key that is held down; without it the code is another customer's."""
    counter = counter_with(qtbot, is_typing=is_typing)
    pressed: list[str] = []
    counter.line.returnPressed.connect(lambda: pressed.append("enter"))
    counter.type("25471")
    counter.key(ord("1"), "1", after=0.21, repeat=True)
    counter.key(*ENTER)
    counter.key(*ENTER, after=0.7)
    assert (counter.scans, counter.cuts, pressed, counter.line.text()) == ([], [True], [], "")


def test_a_command_inside_a_scan_refuses_it_and_its_rest(counter: Counter) -> None:
    counter.type("25471")
    counter.key(Qt.Key.Key_F5)
    counter.scan("2547")
    assert (counter.scans, counter.cuts, counter.line.text()) == ([], [True, True], "")


def test_an_enter_counts_a_second_after_the_last_key_of_a_scanner(counter: Counter) -> None:
    pressed: list[str] = []
    counter.line.returnPressed.connect(lambda: pressed.append("enter"))
    counter.type("BAT-70002", after=0.045)
    counter.key(*ENTER, after=0.9)
    assert (counter.scans, pressed) == ([], [])
    counter.key(*ENTER, after=0.2)
    assert pressed == ["enter"]


def test_where_a_person_types_a_quick_enter_ends_the_text(qtbot: QtBot) -> None:
    counter = counter_with(qtbot, is_typing=True)
    pressed: list[str] = []
    counter.line.returnPressed.connect(lambda: pressed.append(counter.line.text()))
    counter.type("PLAN", after=0.1)
    counter.type("-2547", after=0.1)
    counter.key(*ENTER, after=0.1)
    assert (counter.scans, pressed) == ([], ["PLAN-2547"])


def test_the_quick_end_of_what_a_person_types_is_no_code(counter: Counter) -> None:
    counter.type("PLAN", after=0.3)
    counter.key(ord("2"), "2", after=0.3)
    counter.type("547", after=0.1)
    counter.key(*ENTER, after=0.1)
    assert (counter.scans, counter.line.text()) == ([], "PLAN2547")


def test_a_space_in_a_slow_scan_presses_no_button(counter: Counter, qtbot: QtBot) -> None:
    clicked: list[str] = []
    button = counter.window.findChild(QPushButton)
    assert isinstance(button, QPushButton)
    button.clicked.connect(lambda: clicked.append("space"))
    button.setFocus()
    for character in "AB 123":
        counter.key(ord(character), character, after=0.045)
    counter.key(*ENTER, after=0.045)
    assert (counter.scans, clicked) == (["AB 123"], [])
    counter.key(Qt.Key.Key_Space, " ", after=1.1)
    qtbot.waitUntil(lambda: clicked == ["space"])
