"""Widgets for tests: one per screen and look, the application dressed for it, a frame in its size, and the hands that press its buttons."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QDeadlineTimer, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.faults import LOOKS, SCREENS
from ui.widgets import Widgets, theme
from ui.widgets.button import Button
from ui.widgets.frame import Frame
from ui.widgets.tokens import Tokens

ARMING_MILLISECONDS = 5_000  # it takes one second at most
AWAKE_MILLISECONDS = 20


@cache
def _widgets_of(screen: str, look: str) -> Widgets:
    colours, training = LOOKS[look]
    return Widgets(Tokens(SCREENS[screen], colours, training=training))


def widgets_of(screen: str = "1280x800", look: str = "light") -> Widgets:
    """The widgets for a screen of `SCREENS` in a look of `LOOKS`; the running application takes its font and palette."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    widgets = _widgets_of(screen, look)
    theme.apply(application, widgets)
    return widgets


def frame_in(widgets: Widgets, qtbot: QtBot) -> Frame:
    """A frame that fills their screen, not yet shown."""
    frame = Frame(widgets)
    qtbot.addWidget(frame)
    frame.resize(widgets.t.screen.width, widgets.t.screen.height)
    return frame


def wait_until(happened: Callable[[], bool], deadline: QDeadlineTimer) -> bool:
    """Run the window's loop until it happened, or until the deadline; whether it happened. It sleeps between events: `processEvents` with
    a time does not, and takes the processor from everybody else."""
    awake = QTimer(interval=AWAKE_MILLISECONDS)
    awake.start()
    while not (came := happened()) and not deadline.hasExpired():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    return came


@dataclass(kw_only=True)
class Hands:
    """What a person does with a frame."""

    frame: Frame

    def press(self, which: str) -> None:
        """Press a button of the action bar, which must be on, when it is armed."""
        button: Button = getattr(self.frame.bar, which)
        assert button.isVisibleTo(self.frame.bar), f"{which} is not there"
        assert button.isEnabled(), f"{which} is off"
        assert wait_until(lambda: self.frame.bar.allows(which), QDeadlineTimer(ARMING_MILLISECONDS)), f"{which} is not armed"
        button.click()

    def words(self, which: str) -> str:
        """What stands on a button."""
        words: str = getattr(self.frame.bar, which).words
        return words
