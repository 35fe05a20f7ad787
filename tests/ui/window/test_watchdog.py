"""The window under systemd: both threads answer, or nobody says that it lives."""

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from kiosk.shared.service_manager import ALIVE, READY, ServiceManager
from ui.bridge import Bridge
from ui.window.boot_settings import BootSettings
from ui.window.main_window import Window
from ui.window.watchdog import Watchdog

LOOK = BootSettings(fullscreen=False, training=True, inches=12.1)


class Told(ServiceManager):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.every_seconds, self.heard = 0.02, []  # type: ignore[var-annotated]  # typed where it is read

    def tell(self, words: str) -> None:
        self.heard.append(words)


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    """Not shown, so that nothing else begins."""
    made = Window(LOOK)
    qtbot.addWidget(made.frame)
    yield made
    made.stop()


def test_a_window_without_a_wizard_speaks_for_itself(qtbot: QtBot, window: Window) -> None:
    told = Told()
    Watchdog(window, told)
    qtbot.waitUntil(lambda: told.heard.count(ALIVE) >= 3)
    assert told.heard[0] == READY


def test_an_io_thread_that_hangs_is_not_said_to_live(qtbot: QtBot, window: Window) -> None:
    told, gate, inside = Told(), threading.Event(), threading.Event()

    async def hang() -> None:
        inside.set()
        gate.wait(30)

    window.bridge = Bridge()
    window.bridge.start()
    window.wizard = object()  # type: ignore[assignment]  # that there is one is all that counts
    try:
        Watchdog(window, told)
        qtbot.waitUntil(lambda: told.heard.count(ALIVE) >= 3)
        window.bridge.run(hang(), lambda _: None)
        assert inside.wait(10)
        qtbot.wait(100)
        before = len(told.heard)
        qtbot.wait(300)
        assert len(told.heard) == before
        gate.set()
        qtbot.waitUntil(lambda: len(told.heard) > before)
    finally:
        gate.set()
        window.wizard = None
