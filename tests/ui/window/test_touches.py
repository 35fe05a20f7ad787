"""Touches that came too early: begun on another page, or before the step that cannot be taken back was seen."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from kiosk.domain.swap.swap import Step
from tests.ui.page_counter import PATIENCE, Counter
from tests.ui.screens import widgets_of
from ui.pages import done, review
from ui.widgets.frame import Action, Frame, FrameState

FOUND = FrameState(title="Customer found", step=0, primary=Action(words="Go on"), other=Action(words="Somebody else"))
REVIEW = FrameState(title="Check and complete", step=4, primary=Action(words="Complete swap", armed_after=0.6))


class Touched:
    """A frame by a clock of its own, and how often its next step was taken."""

    def __init__(self, qtbot: QtBot) -> None:
        self.time = [100.0]
        self.frame = Frame(widgets_of(), clock=lambda: self.time[0])
        self.frame.resize(1280, 800)
        qtbot.addWidget(self.frame)
        self.steps: list[str] = []
        self.frame.primary.connect(lambda: self.steps.append("primary"))
        self.frame.other.connect(lambda: self.steps.append("other"))
        self.device = QTest.createTouchDevice()
        self.show(FOUND)
        with qtbot.waitExposed(self.frame):
            self.frame.show()
        self.frame.activateWindow()
        qtbot.waitUntil(self.frame.isActiveWindow)

    def show(self, state: FrameState) -> None:
        self.frame.show_state(state)
        QApplication.processEvents()

    def touch(self, button: QPushButton) -> None:
        window, at = self.frame.windowHandle(), button.mapTo(self.frame, QPoint(button.width() // 2, button.height() // 2))
        QTest.touchEvent(window, self.device).press(0, at).commit()
        QTest.touchEvent(window, self.device).release(0, at).commit()


@pytest.fixture
def touched(qtbot: QtBot) -> Iterator[Touched]:
    usual = QApplication.doubleClickInterval()
    QApplication.setDoubleClickInterval(0)  # touches one after the other are single ones, however fast the test is
    yield Touched(qtbot)
    QApplication.setDoubleClickInterval(usual)


def test_a_touch_is_a_press(touched: Touched) -> None:
    touched.touch(touched.frame.bar.primary)
    assert touched.steps == ["primary"]


def test_a_touch_that_began_before_the_page_turned_does_not_count(touched: Touched) -> None:
    button = touched.frame.bar.primary
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    touched.show(replace(REVIEW, primary=Action(words="Complete swap")))
    assert button.isDown()
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert touched.steps == []
    assert not button.isDown()
    touched.touch(button)
    assert touched.steps == ["primary"]


def test_a_touch_that_began_before_a_page_of_the_same_look_does_not_count(touched: Touched) -> None:
    button = touched.frame.bar.other
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    touched.frame.turn()
    touched.show(FOUND)
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert touched.steps == []


def test_a_touch_before_the_page_is_painted_does_not_count(touched: Touched) -> None:
    """As after a stall of the window: the touch was meant for the page that was on the glass."""
    button = touched.frame.bar.primary
    touched.frame.show_state(replace(REVIEW, primary=Action(words="Complete swap")))
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert touched.steps == []
    QApplication.processEvents()
    touched.touch(button)
    assert touched.steps == ["primary"]


def test_a_press_on_a_button_that_goes_away_does_not_count(qtbot: QtBot) -> None:
    button = widgets_of().button("Read", "")
    qtbot.addWidget(button)
    clicked: list[bool] = []
    button.clicked.connect(lambda: clicked.append(True))
    button.show()
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    button.hide()
    button.show()
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert clicked == []


def _enter(touched: Touched) -> None:
    QTest.keyClick(touched.frame, Qt.Key.Key_Return)


def _space(touched: Touched) -> None:
    touched.frame.bar.primary.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(touched.frame.bar.primary, Qt.Key.Key_Space)


PRESSES = {
    "touch": lambda touched: touched.touch(touched.frame.bar.primary),
    "mouse": lambda touched: QTest.mouseClick(touched.frame.bar.primary, Qt.MouseButton.LeftButton),
    "enter": _enter,
    "space": _space,
    "click": lambda touched: touched.frame.bar.primary.click(),
}


@pytest.mark.parametrize("press", PRESSES.values(), ids=PRESSES)
def test_a_step_is_armed_when_it_has_been_seen_for_its_time(touched: Touched, press: Callable[[Touched], None]) -> None:
    touched.show(REVIEW)
    for after in (0.0, 0.34, 0.25):
        touched.time[0] += after
        press(touched)
    assert touched.steps == []
    touched.time[0] += 0.02
    press(touched)
    assert touched.steps == ["primary"]


def test_the_time_begins_when_the_page_is_painted(touched: Touched) -> None:
    touched.frame.show_state(REVIEW)
    touched.time[0] += 5
    assert not touched.frame.bar.allows("primary")
    QApplication.processEvents()
    assert not touched.frame.bar.allows("primary")
    touched.time[0] += 0.61
    assert touched.frame.bar.allows("primary")


def test_a_page_that_comes_back_is_armed_anew(touched: Touched) -> None:
    touched.show(REVIEW)
    touched.time[0] += 1
    assert touched.frame.bar.allows("primary")
    touched.frame.turn()
    touched.show(REVIEW)
    assert not touched.frame.bar.allows("primary")


def test_a_redrawn_page_stays_armed(touched: Touched) -> None:
    touched.show(REVIEW)
    touched.time[0] += 1
    touched.show(replace(REVIEW, hint="The receipt is printed."))
    assert touched.frame.bar.allows("primary")


def test_a_touch_that_is_not_counted_still_gives_the_pressed_look(touched: Touched) -> None:
    button = touched.frame.bar.primary
    touched.show(REVIEW)
    before = button.grab().toImage()
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    assert button.isDown()
    assert button.grab().toImage() != before
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert (button.isDown(), touched.steps) == (False, [])


def test_the_second_touch_of_a_double_touch_gives_the_pressed_look(touched: Touched) -> None:
    button = touched.frame.bar.primary
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    looks: list[bool] = []
    button.pressed.connect(lambda: looks.append(button.isDown()))
    QTest.mouseDClick(button, Qt.MouseButton.LeftButton)
    assert looks == [True]
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert not button.isDown()
    assert touched.steps == ["primary"]


def test_the_button_fills_until_it_is_armed(touched: Touched) -> None:
    button, t = touched.frame.bar.primary, touched.frame.widgets.t
    touched.show(REVIEW)
    touched.time[0] += 0.3
    picture, y = button.grab().toImage(), button.height() // 6
    colours = [picture.pixelColor(round(button.width() * part), y).name().upper() for part in (0.1, 0.45, 0.55, 0.9)]
    assert colours == [t.colour["accent"], t.colour["accent"], t.colour["idle"], t.colour["idle"]]
    touched.time[0] += 0.3
    assert button.grab().toImage().pixelColor(round(button.width() * 0.9), y).name().upper() == t.colour["accent"]


# -- on the pages


def test_touches_that_come_too_soon_book_nothing(counter: Counter, qtbot: QtBot) -> None:
    counter.wizard.show_swap(counter.world.with_batteries("normal"))
    button = counter.frame.bar.primary
    while not counter.frame.bar.allows("primary"):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert not counter.page.acting or counter.frame.bar.allows("primary")  # it may have been armed in the meantime
        qtbot.wait(20)
    assert counter.frame.state is not None
    assert counter.frame.state.primary.armed_after == review.ARMED_SECONDS == 0.6
    if not counter.page.acting:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: counter.step is Step.DONE, timeout=PATIENCE)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QTest.keyClick(counter.frame, Qt.Key.Key_Return)
    assert counter.step is Step.DONE
    assert counter.frame.state.primary.armed_after == done.ARMED_SECONDS == 1.0
    counter.press("primary")
    qtbot.waitUntil(lambda: counter.step is Step.CUSTOMER, timeout=PATIENCE)
