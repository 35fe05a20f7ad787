"""The frame: what it shows, what it says when pressed, and what it keeps quiet about."""

import pytest
from PySide6.QtCore import QEvent, Qt, SignalInstance
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from kiosk.domain.swap.swap import Step
from tests.ui.screens import widgets_of
from ui.widgets import StatusItem
from ui.widgets.button import Button
from ui.widgets.frame import BACKSPACE, Action, Frame, FrameState
from ui.widgets.status_line import StatusButton, line_height
from ui.widgets.tokens import Screen, Tokens

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


def test_the_status_line_gives_way_in_order_and_cuts_nothing(frame: Frame) -> None:
    items = [StatusItem(key=str(n), icon="printer-bold", words="Printer", tone="muted") for n in range(2)]
    for words in ("Short", "A sentence that says much", "Another sentence of some length", "And one more that fills the line"):
        items.append(StatusItem(key=words, icon="warning-bold", words=words, tone="stop"))
        frame.show_status(tuple(items))
        assert frame.status_line.overflowing() == []
    assert {button.form for button in frame.findChildren(StatusButton) if button.calm and button.isVisible()} == {"icon"}


@pytest.mark.parametrize("inches", [12.1, 15.6, 24.0])
def test_a_block_has_room_in_the_status_line_on_a_panel_of_any_size(inches: float) -> None:
    tokens = Tokens(Screen(width=1920, height=1080, inches=inches))
    assert tokens.bar("signal") < line_height(tokens)


def test_the_step_rail_tells_done_current_to_come_and_not_needed(frame: Frame) -> None:
    frame.show_state(FrameState(title="Review", step=4, primary=Action(words="Complete swap"), skipped=frozenset({Step.PAYMENT})))
    assert [frame.rail.state(index) for index in range(6)] == ["done", "done", "done", "skipped", "current", "todo"]
    assert frame.rail.accessibleName() == "Step 5 of 6: Review"
