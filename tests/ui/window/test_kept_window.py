"""A counter's window that fills the screen cannot be left by who works there, under a window manager too; the system ends it always."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.scans.display import screen
from ui.window.kept_window import KeptWindow

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "does not support", "keyboard")
ROOT = Path(__file__).parents[3]
TRY_SECONDS = 120


def kept(qtbot: QtBot, *, may_leave: bool = False) -> tuple[QWidget, KeptWindow]:
    window = QWidget()
    qtbot.addWidget(window)
    keeper = KeptWindow(window, lambda: may_leave)
    window.showFullScreen()
    keeper.look()
    return window, keeper


def test_a_close_is_refused_and_said(qtbot: QtBot) -> None:
    window, keeper = kept(qtbot)
    with qtbot.waitSignal(keeper.refused):
        assert not window.close()
    assert window.isVisible()
    keeper.let_go()
    assert window.close()


def test_a_minimised_window_comes_back(qtbot: QtBot) -> None:
    window, keeper = kept(qtbot)
    window.showMinimized()
    QApplication.sendEvent(window, QEvent(QEvent.Type.WindowDeactivate))
    qtbot.waitUntil(lambda: not window.isMinimized())
    assert window.windowState() & Qt.WindowState.WindowFullScreen
    keeper.let_go()


def test_who_may_leave_does(qtbot: QtBot) -> None:
    window, _ = kept(qtbot, may_leave=True)
    window.showMinimized()
    qtbot.wait(100)
    assert window.isMinimized()
    assert window.close()


def test_no_key_of_the_window_manager_and_no_other_program_leaves_it() -> None:
    """On a real display with openbox: its shortcuts, an icon, another window, and a close."""
    with screen() as display:
        environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        environment.pop("WAYLAND_DISPLAY", None)
        manager = subprocess.Popen(["openbox"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(1.0)  # openbox tells nobody when it is ready
            tried = subprocess.run(
                [sys.executable, "-m", "tests.ui.window.kept_at_display"],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                timeout=TRY_SECONDS,
                check=False,
            )
        finally:
            manager.terminate()
            manager.wait(10)
    assert tried.returncode == 0, tried.stderr
    found = json.loads(tried.stdout)
    assert {name for name, stands in found.items() if not stands} == set()
    assert len(found) == 11
