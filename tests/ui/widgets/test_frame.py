"""The frame: what it shows, what it says when pressed, and what it keeps quiet about."""

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QEvent, Qt, SignalInstance
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from kiosk.domain.panel import Screen
from kiosk.domain.swap.swap import Step
from tests.ui.faults import SCREENS
from tests.ui.screens import frame_in, widgets_of
from ui.widgets import StatusItem
from ui.widgets.button import Button
from ui.widgets.frame import BACKSPACE, Action, Frame, FrameState
from ui.widgets.status_line import StatusButton, line_height
from ui.widgets.tokens import Tokens

STATE = FrameState(title="Check and complete", step=4, primary=Action(words="Complete swap", icon="check-bold"), customer="Amina W.")
WAITING = FrameState(
    title="Reading", step=1, primary=Action(words="Reading, please wait", enabled=False), other=Action(words="Stop reading", icon="x-bold")
)


@pytest.fixture
def frame(qtbot: QtBot) -> Frame:
    window = Frame(widgets_of())
    window.resize(1280, 800)
    qtbot.addWidget(window)
    window.show_who("Station 14", "Joseph M.")
    window.show_state(STATE)
    window.show()
    qtbot.waitExposed(window)
    return window


def heard(signal: SignalInstance) -> list[object]:
    said: list[object] = []
    signal.connect(lambda *values: said.append(values[0] if values else True))
    return said


def click(widget: QWidget) -> None:
    QApplication.processEvents()  # a person touches what is painted
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_the_buttons_say_which_was_pressed(frame: Frame) -> None:
    forward, back = heard(frame.primary), heard(frame.back)
    click(frame.bar.primary)
    click(frame.bar.back)
    assert (forward, back) == ([True], [True])


def test_enter_is_the_next_step_and_escape_is_back(frame: Frame) -> None:
    forward, back = heard(frame.primary), heard(frame.back)
    QTest.keyClick(frame, Qt.Key.Key_Return)
    QTest.keyClick(frame, Qt.Key.Key_Escape)
    assert (forward, back) == ([True], [True])


def test_enter_is_the_next_step_also_while_a_button_has_the_focus(frame: Frame) -> None:
    forward, back = heard(frame.primary), heard(frame.back)
    frame.bar.back.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(frame.bar.back, Qt.Key.Key_Return)
    assert (forward, back) == ([True], [])


def test_a_held_enter_is_one_step_and_not_many(frame: Frame) -> None:
    forward = heard(frame.primary)
    for repeated in (False, True, True):
        pressed = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "", repeated)
        QApplication.sendEvent(frame, pressed)
    assert forward == [True]


def test_a_next_step_that_is_off_is_deaf_to_touch_and_enter_while_stop_is_not(frame: Frame) -> None:
    forward, other = heard(frame.primary), heard(frame.other)
    frame.show_state(WAITING)
    click(frame.bar.primary)
    QTest.keyClick(frame, Qt.Key.Key_Return)
    click(frame.bar.other)
    assert (forward, other) == ([], [True])


def test_the_second_touch_of_a_double_touch_does_nothing(frame: Frame) -> None:
    forward = heard(frame.primary)
    click(frame.bar.primary)
    QTest.mouseDClick(frame.bar.primary, Qt.MouseButton.LeftButton)
    assert forward == [True]


def test_a_press_during_the_work_of_a_press_does_nothing(frame: Frame) -> None:
    forward: list[bool] = []

    def work() -> None:
        forward.append(True)
        QTest.keyClick(frame, Qt.Key.Key_Return)

    frame.primary.connect(work)
    click(frame.bar.primary)
    assert forward == [True]


def test_a_press_acts_on_release_inside_the_target_only(frame: Frame) -> None:
    forward, button = heard(frame.primary), frame.bar.primary
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    assert button.isDown()
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton, pos=button.rect().topLeft() - button.rect().center())
    assert forward == []


def test_back_is_absent_where_there_is_no_way_back(frame: Frame) -> None:
    back = heard(frame.back)
    frame.show_state(FrameState(title="Done", step=5, primary=Action(words="Next customer"), back=None))
    QTest.keyClick(frame, Qt.Key.Key_Escape)
    assert not frame.bar.back.isVisible()
    assert back == []


def test_what_is_typed_is_passed_on_character_by_character(frame: Frame) -> None:
    typed = heard(frame.typed)
    QTest.keyClicks(frame, "A7-")
    QTest.keyClick(frame, Qt.Key.Key_Backspace)
    assert typed == ["A", "7", "-", BACKSPACE]


def test_the_focus_ring_shows_after_a_key_and_goes_with_the_next_touch(frame: Frame, qtbot: QtBot) -> None:
    frame.activateWindow()
    qtbot.waitUntil(frame.isActiveWindow)
    click(frame.bar.back)
    assert not frame.bar.back.ringed()
    QTest.keyClick(frame.bar.back, Qt.Key.Key_Tab)
    focused = QApplication.focusWidget()
    assert isinstance(focused, Button)
    assert focused.ringed()
    QTest.mouseClick(frame, Qt.MouseButton.LeftButton)
    assert not focused.ringed()


def test_a_button_that_is_switched_off_hands_its_focus_on_without_a_ring(frame: Frame, qtbot: QtBot) -> None:
    frame.activateWindow()
    qtbot.waitUntil(frame.isActiveWindow)
    click(frame.bar.primary)
    frame.bar.primary.setEnabled(False)
    assert not any(button.ringed() for button in frame.findChildren(Button))


def test_a_status_item_is_a_target_that_names_itself(frame: Frame) -> None:
    pressed = heard(frame.status)
    frame.show_status((StatusItem(key="printer", icon="printer-bold", words="Paper out", tone="attention"),))
    click(frame.findChildren(StatusButton)[0])
    assert pressed == ["printer"]


def test_status_items_change_in_place(frame: Frame) -> None:
    frame.show_status((StatusItem(key="link", icon="cloud-check-bold", words="Connected"),))
    before = frame.findChildren(StatusButton)
    frame.show_status((StatusItem(key="link", icon="cloud-slash-bold", words="Offline 12 min", tone="attention"),))
    assert frame.findChildren(StatusButton) == before
    assert before[0].accessibleName() == "Offline 12 min"


CALM = (("link", "Connected"), ("outbox", "All confirmed"), ("scanner", "Battery reader"), ("printer", "Printer"))
WORST = (("link", "Offline 59 min"), ("outbox", "3 refused, 12 waiting"), ("scanner", "No reader"), ("printer", "Not connected"))


def items(words: Sequence[tuple[str, str]], tone: str) -> tuple[StatusItem, ...]:
    return tuple(StatusItem(key=key, icon="warning-bold", words=each, tone=tone) for key, each in words)


@pytest.mark.parametrize("look", ["light", "training"])
@pytest.mark.parametrize("screen", SCREENS)
def test_what_turns_amber_in_the_status_line_moves_nothing(qtbot: QtBot, screen: str, look: str) -> None:
    frame = frame_in(widgets_of(screen, look), qtbot)
    frame.show_who("Station 14", "Joseph M.")
    frame.show_clock("14:05")
    frame.show()
    line, seen = frame.status_line, []
    for words, tone in ((CALM, "muted"), (WORST, "attention"), (WORST, "stop"), (CALM, "unknown"), ((*CALM[:3], ("printer", "")), "muted")):
        frame.show_status(items(words, tone))
        frame.show_clock("14:05", tone)
        assert "icon" not in {button.form for button in line.findChildren(StatusButton) if button.words}, f"{words} do not fit"
        assert line.overflowing() == []
        seen.append([button.geometry().getRect() for button in line.findChildren(StatusButton)])
    assert len(seen[0]) == 5
    assert seen == [seen[0]] * 5


def test_the_slots_are_as_wide_as_they_were_drawn(qtbot: QtBot) -> None:
    frame = frame_in(widgets_of("1280x800"), qtbot)
    frame.show_status(items(CALM, "muted"))
    frame.show()
    by_key = {button.item.key: button.width() / frame.widgets.t.screen.px_per_mm for button in frame.findChildren(StatusButton)}
    assert {key: round(by_key[key]) for key in ("link", "outbox", "scanner", "printer")} == {
        "link": 36,
        "outbox": 46,
        "scanner": 36,
        "printer": 31,
    }


def test_words_that_are_too_long_for_their_slot_break_and_then_leave_the_sign(frame: Frame) -> None:
    forms = []
    for words in ("Connected", "Practice platform here", "Verbindungsunterbrechungen"):
        frame.show_status(items((("link", words),), "stop"))
        (button,) = (each for each in frame.findChildren(StatusButton) if each.item.key == "link")
        forms.append(button.form)
        assert button.accessibleName() == words
    assert forms == ["full", "two", "icon"]


def test_tab_goes_through_the_status_line_from_left_to_right(frame: Frame) -> None:
    frame.show_status(items(CALM, "muted"))
    buttons = {button.item.key: button for button in frame.findChildren(StatusButton)}
    names: list[str] = []
    at: QWidget = buttons["link"]
    while len(names) < 5:
        if at.focusPolicy() is not Qt.FocusPolicy.NoFocus:
            names.append(at.item.key if isinstance(at, StatusButton) else type(at).__name__)
        following = at.nextInFocusChain()
        assert following is not None
        at = following
    assert names == ["link", "outbox", "scanner", "printer", "health"]


def test_the_clock_opens_how_everything_is(frame: Frame) -> None:
    pressed = heard(frame.status)
    frame.show_clock("14:05", "attention", "14:05, how everything is")
    clock = next(button for button in frame.findChildren(StatusButton) if button.item.key == "health")
    click(clock)
    assert pressed == ["health"]
    assert clock.accessibleName() == "14:05, how everything is"


@pytest.mark.parametrize("inches", [12.1, 15.6, 24.0])
def test_a_block_has_room_in_the_status_line_on_a_panel_of_any_size(inches: float) -> None:
    tokens = Tokens(Screen(width=1920, height=1080, inches=inches))
    assert tokens.bar("signal") < line_height(tokens)


def test_the_step_rail_tells_done_current_to_come_and_not_needed(frame: Frame) -> None:
    frame.show_state(FrameState(title="Review", step=4, primary=Action(words="Complete swap"), skipped=frozenset({Step.PAYMENT})))
    assert [frame.rail.state(index) for index in range(6)] == ["done", "done", "done", "skipped", "current", "todo"]
    assert frame.rail.accessibleName() == "Step 5 of 6: Review"
