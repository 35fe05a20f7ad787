"""A next step that goes on by itself, and what stops it."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPointingDevice
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.screens import frame_in, widgets_of
from ui.widgets.frame import Action, Frame, FrameState

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
GREEN = FrameState(title="Customer found", step=0, primary=Action(words="Read returned battery", goes_on_after=1.5))


class Clock:
    """Seconds that stand still until they are told to go on."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class Shown:
    """A frame that goes on by itself; what it has said."""

    def __init__(self, qtbot: QtBot) -> None:
        self.clock = Clock()
        self.frame = Frame(widgets_of(), self.clock)
        qtbot.addWidget(self.frame)
        self.said: list[str] = []
        for name in ("went_on", "held", "primary"):
            getattr(self.frame, name).connect(lambda name=name: self.said.append(name))
        self.frame.show()
        self.frame.show_state(GREEN)

    def after(self, seconds: float) -> None:
        self.clock.now += seconds
        self.frame.going_on._tick()


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    return Shown(qtbot)


def test_it_goes_on_once_after_its_time_and_presses_nothing(shown: Shown) -> None:
    shown.after(1.4)
    assert shown.said == []
    shown.after(0.2)
    assert shown.said == ["went_on"]
    assert not shown.frame.going_on.running


def test_the_button_says_how_many_seconds_are_left_and_its_edge_runs(shown: Shown) -> None:
    button = shown.frame.bar.primary
    assert button._said() == "Read returned battery (2)"
    shown.after(0.75)
    assert (button._said(), button.gone_part) == ("Read returned battery (1)", 0.5)
    before = button.grab().toImage()
    shown.after(0.6)
    assert button.grab().toImage() != before
    assert button.overflowing() == []


def touch(frame: Frame) -> None:
    window, device = frame.windowHandle(), QTest.createTouchDevice()
    assert isinstance(device, QPointingDevice)
    QTest.touchEvent(window, device).press(0, QPoint(300, 300)).commit()
    QTest.touchEvent(window, device).release(0, QPoint(300, 300)).commit()


def key(frame: Frame) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_B, Qt.KeyboardModifier.NoModifier, "b")
    QCoreApplication.sendEvent(frame.windowHandle(), event)


def click(frame: Frame) -> None:
    QTest.mouseClick(frame.pages, Qt.MouseButton.LeftButton, pos=QPointF(5, 5).toPoint())


@pytest.mark.parametrize("act", [touch, key, click])
def test_any_touch_or_key_stops_it(shown: Shown, act: object) -> None:
    assert callable(act)
    act(shown.frame)
    shown.after(10)
    assert shown.said[0] == "held"
    assert "went_on" not in shown.said
    assert shown.frame.bar.primary._said() == "Read returned battery"


def test_what_is_not_green_any_more_does_not_go_on(shown: Shown) -> None:
    shown.frame.show_state(replace(GREEN, primary=replace(GREEN.primary, goes_on_after=0.0)))
    shown.after(10)
    assert shown.said == []


def test_a_page_that_is_drawn_again_does_not_begin_anew(shown: Shown) -> None:
    shown.after(1.0)
    shown.frame.show_state(replace(GREEN, customer="Amina W."))
    shown.after(0.6)
    assert shown.said == ["went_on"]


def test_another_page_begins_anew(shown: Shown) -> None:
    shown.after(1.0)
    shown.frame.turn()
    shown.frame.show_state(replace(GREEN, title="Returned battery", step=1))
    shown.after(1.0)
    assert shown.said == []
    shown.after(0.6)
    assert shown.said == ["went_on"]


def test_nothing_goes_on_by_itself_unless_it_is_asked_for(qtbot: QtBot) -> None:
    frame = frame_in(widgets_of(), qtbot)
    frame.show_state(replace(GREEN, primary=Action(words="Complete swap")))
    assert not frame.going_on.running
