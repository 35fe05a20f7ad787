"""The window under systemd: both threads answer, or nobody says that it lives."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from kiosk.shared.service_manager import ALIVE, READY, ServiceManager
from ui.bridge import Bridge
from ui.window.watchdog import Watchdog


class Told(ServiceManager):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.every_seconds, self.heard = 0.02, []  # type: ignore[var-annotated]  # typed where it is read

    def tell(self, words: str) -> None:
        self.heard.append(words)


@pytest.fixture
def bridge(qtbot: QtBot) -> Iterator[Bridge]:
    made = Bridge()
    made.start()
    yield made
    made.stop()


def test_before_there_is_a_wizard_the_window_speaks_for_itself(qtbot: QtBot) -> None:
    told, window = Told(), QObject()
    Watchdog(window, lambda: None, told)
    qtbot.waitUntil(lambda: told.heard.count(ALIVE) >= 3)
    assert told.heard[0] == READY


def test_an_io_thread_that_hangs_is_not_said_to_live(qtbot: QtBot, bridge: Bridge) -> None:
    told, window, gate, inside = Told(), QObject(), threading.Event(), threading.Event()

    async def hang() -> None:
        inside.set()
        gate.wait(30)

    try:
        Watchdog(window, lambda: bridge, told)
        qtbot.waitUntil(lambda: told.heard.count(ALIVE) >= 3)
        bridge.run(hang(), lambda _: None)
        assert inside.wait(10)
        qtbot.wait(100)
        before = len(told.heard)
        qtbot.wait(300)
        assert len(told.heard) == before
        gate.set()
        qtbot.waitUntil(lambda: len(told.heard) > before)
    finally:
        gate.set()


def test_the_command_tells_it_under_a_manager_that_watches(tmp_path: Path) -> None:
    """In a process of its own, as the unit starts it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(60)
        own = {"QT_QPA_PLATFORM": "offscreen", "SWAP_KIOSK_DATA": str(tmp_path / "data"), "SWAP_KIOSK_CONFIG": str(tmp_path / "kiosk.toml")}
        (tmp_path / "kiosk.toml").write_text("")
        watched = {"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "600000"}
        shell = f'WATCHDOG_PID=$$ exec "{sys.executable}" -m ui train'
        with subprocess.Popen(["sh", "-c", shell], env=os.environ | own | watched, stderr=subprocess.DEVNULL) as window:
            told = [manager.recv(100).decode() for _ in range(20)]  # some four seconds: the wizard is there long before
            window.send_signal(signal.SIGTERM)
            assert window.wait(60) == 0
    assert (told[0], set(told[1:])) == (READY, {ALIVE})
