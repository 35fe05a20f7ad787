"""SIGTERM and SIGHUP end the real program as closing its window does, and in time, whatever it is doing."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest

from kiosk.station.adapters.store.instance_lock import InstanceLock
from kiosk.station.adapters.store.sql_store import open_store
from ui.window.logs import FILE_NAME

LIMIT_SECONDS = 5.0
PROGRAM = """
import asyncio, sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QDialog
from ui.__main__ import open_window

def say(word):
    print(word, flush=True)

def hang(seconds):
    say("busy")
    time.sleep(seconds)

def dialog(window):
    QTimer.singleShot(0, lambda: say("busy"))
    QDialog(window.frame).exec()

async def work():
    say("busy")
    await asyncio.sleep(600)

async def deaf():
    say("busy")
    while True:
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            pass

BUSY = {
    "at rest": lambda window: say("busy"),
    "a page waits": lambda window: window.bridge.run(work(), print),
    "work does not let itself be cancelled": lambda window: window.bridge.run(deaf(), print),
    "a thread hangs": lambda window: window.bridge.run(asyncio.to_thread(hang, 600), print),
    "the window is busy": lambda window: hang(1),
    "the window hangs": lambda window: hang(600),
    "a dialog is open": dialog,
}

def watch(window):
    if sys.argv[2] == "starting":
        say("busy")
    else:
        window.ready.connect(lambda: QTimer.singleShot(0, lambda: BUSY[sys.argv[2]](window)))

sys.exit(open_window(training=sys.argv[1] == "train", watch=watch))
"""
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`start("run", "at rest")` gives the program once it is at that."""
    begun: list[subprocess.Popen[str]] = []
    (tmp_path / "kiosk.toml").write_text("[mqtt]\nport = 1\n", encoding="utf-8")  # nobody is there
    places = {"SWAP_KIOSK_DATA": str(tmp_path / "data"), "SWAP_KIOSK_CONFIG": str(tmp_path / "kiosk.toml")}
    (tmp_path / "screens.json").write_text('{"screens": [{"name": "panel", "width": 1280, "height": 800}]}')  # else 800x800: refused

    def started(mode: str, busy: str, *before: str) -> "subprocess.Popen[str]":
        command = [*before, sys.executable, "-c", PROGRAM, mode, busy]
        places["QT_QPA_PLATFORM"] = f"offscreen:configfile={tmp_path / 'screens.json'}"
        process = subprocess.Popen(command, env=os.environ | places, stdout=subprocess.PIPE, text=True)
        begun.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "busy\n"
        return process

    yield started
    for each in begun:
        each.kill()
        each.wait()
        if each.stdout is not None:
            each.stdout.close()


def ended(process: "subprocess.Popen[str]", number: signal.Signals) -> int:
    """The exit code, in time."""
    sent = monotonic()
    process.send_signal(number)
    code = process.wait(60)
    assert monotonic() - sent < LIMIT_SECONDS
    return code


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("mode", ["run", "train"])
def test_a_signal_closes_the_window_and_lets_go_of_the_data(start: Start, tmp_path: Path, mode: str, number: signal.Signals) -> None:
    assert ended(start(mode, "at rest"), number) == 0
    data = tmp_path / "data" if mode == "run" else tmp_path / "data" / "training"
    with InstanceLock(data):
        assert not list(data.glob("*-wal")), "the store was not closed"
        open_store(data / "kiosk.sqlite").close()
    assert "ERROR" not in (tmp_path / "data" / "logs" / FILE_NAME).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "busy",
    ["starting", "a page waits", "work does not let itself be cancelled", "a thread hangs", "the window is busy", "a dialog is open"],
)
def test_a_busy_program_ends_in_time_too(start: Start, busy: str) -> None:
    assert ended(start("run", busy), signal.SIGTERM) == 0


def test_a_window_that_hangs_is_left_as_it_is_and_says_so(start: Start, tmp_path: Path) -> None:
    assert ended(start("run", "the window hangs"), signal.SIGTERM) == 1
    assert "did not close in" in (tmp_path / "data" / "logs" / FILE_NAME).read_text(encoding="utf-8")


def test_a_second_signal_changes_nothing(start: Start) -> None:
    process = start("run", "a page waits")
    process.send_signal(signal.SIGHUP)
    assert ended(process, signal.SIGTERM) == 0


def test_where_the_end_of_the_terminal_is_ignored_it_stays_so(start: Start) -> None:
    process = start("run", "at rest", "nohup")
    process.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1)
    assert ended(process, signal.SIGTERM) == 0
