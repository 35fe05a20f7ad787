"""Start and end of the window: the first picture, the kiosk behind it, what stops it, faults that are survived, no orphan."""

import asyncio
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kiosk.domain.errors import DataUnusable, StoreInUse
from kiosk.domain.panel import Screen
from kiosk.station.adapters.store.instance_lock import InstanceLock
from kiosk.station.events import Announce
from tests.ui.faults import faults
from ui.widgets import Label
from ui.window.boot_settings import BootSettings, read_boot_settings
from ui.window.logs import FILE_NAME, start_logging
from ui.window.main_window import Window, run_window
from ui.window.opening import Counter, open_training
from ui.window.people_gate import MAY_NOT_LEAVE, PeopleGate
from ui.window.wizard import FAULT

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "grabbing the keyboard")
LOOK = BootSettings(fullscreen=False, training=True, inches=12.1, station="Station 14", attendant="ATT-001")


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder and a configuration of its own, and the log handlers as they were."""
    monkeypatch.setenv("SWAP_KIOSK_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SWAP_KIOSK_CONFIG", str(tmp_path / "kiosk.toml"))
    (tmp_path / "kiosk.toml").write_text("", encoding="utf-8")
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield tmp_path / "data"
    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


@contextmanager
def opened(qtbot: QtBot, opener: "Callable[[Announce], object] | None" = None) -> Iterator[Window]:
    window = Window(LOOK, opener)  # type: ignore[arg-type]  # openers of tests may raise instead of returning
    qtbot.addWidget(window.frame)
    window.show()
    try:
        yield window
    finally:
        window.stop()


def words(window: Window, which: str) -> str:
    text: str = getattr(window.frame.bar, which).words
    return text


def test_the_first_page_says_getting_ready_and_then_goes_live(qtbot: QtBot) -> None:
    with opened(qtbot) as window:
        assert words(window, "primary") == "Getting ready"
        assert not window.frame.bar.allows("primary")
        with qtbot.waitSignal(window.ready, timeout=30_000):
            pass
        assert window.frame.state is not None
        assert window.frame.state.title == "Practise a swap"


def test_keys_of_the_window_reach_the_scanner(qtbot: QtBot) -> None:
    with opened(qtbot) as window:
        with qtbot.waitSignal(window.ready, timeout=30_000):
            pass
        assert window.barcode_scanner is not None
        with qtbot.waitSignal(window.barcode_scanner.scanned) as scan:
            for character in "nobody-here\r":
                event = QKeyEvent(QEvent.Type.KeyPress, ord(character.upper()), Qt.KeyboardModifier.NoModifier, character)
                QApplication.sendEvent(window.frame.windowHandle(), event)
        assert scan.args == ["nobody-here", ""]
        qtbot.waitUntil(lambda: window.frame.state is not None and window.frame.state.title == "This code is not known")


def test_a_second_kiosk_on_the_data_says_so_and_can_try_again(qtbot: QtBot, data: Path) -> None:
    lock = InstanceLock(data / "training")
    lock.acquire()
    with opened(qtbot) as window:
        with qtbot.waitSignal(window.refused, timeout=30_000) as refused:
            pass
        assert isinstance((refused.args or [None])[0], StoreInUse)
        assert window.frame.state is not None
        assert window.frame.state.title == "The kiosk cannot start"
        assert (words(window, "primary"), words(window, "other")) == ("Try again", "Close")
        lock.release()
        with qtbot.waitSignal(window.ready, timeout=30_000):
            window.frame.bar.primary.click()


def test_a_disk_that_cannot_be_written_is_the_reason_and_no_swap_is_spoken_of(qtbot: QtBot) -> None:
    async def unusable(_announce: Announce) -> Counter:
        raise DataUnusable("the disk is read-only", "Restart this computer.")

    with opened(qtbot, unusable) as window:
        with qtbot.waitSignal(window.refused, timeout=30_000):
            pass
        assert window.frame.state is not None
        assert window.frame.state.title == "The kiosk cannot start"
        said = [label.text() for label in window.frame.findChildren(Label)]
        assert {"The kiosk cannot open its data", "Restart this computer."} <= set(said)
        assert any("the disk is read-only" in each for each in said)
        assert not any("hand over" in each for each in said)


def test_a_setting_that_is_wrong_is_named(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "kiosk.toml").write_text("[ui]\ntheem = 'dark'\n", encoding="utf-8")
    with opened(qtbot) as window:
        with qtbot.waitSignal(window.refused, timeout=30_000) as refused:
            pass
        assert "ui.theem" in str((refused.args or [None])[0])


def test_a_fault_while_starting_is_shown_and_the_window_stays(qtbot: QtBot) -> None:
    async def broken(_announce: Announce) -> Counter:
        raise ZeroDivisionError("a fault of ours")

    with opened(qtbot, broken) as window:
        with qtbot.waitSignal(window.refused, timeout=30_000):
            pass
        assert window.frame.isVisible()
        assert words(window, "primary") == "Try again"


def test_a_fault_in_another_thread_is_logged_and_said(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    with opened(qtbot) as window:
        with qtbot.waitSignal(window.ready, timeout=30_000):
            pass
        with caplog.at_level(logging.CRITICAL):
            window.report(ZeroDivisionError("somewhere"))
        qtbot.waitUntil(lambda: window.frame.notice == FAULT)
        assert "somewhere" in caplog.text
        assert window.frame.isVisible()


def test_a_fault_in_a_task_of_the_io_thread_is_said(qtbot: QtBot) -> None:
    with opened(qtbot) as window:
        with qtbot.waitSignal(window.ready, timeout=30_000):
            pass
        assert window.bridge is not None

        async def fail_later() -> None:
            loop = asyncio.get_running_loop()
            loop.call_soon(lambda: loop.call_exception_handler({"message": "a task", "exception": ZeroDivisionError("in a task")}))

        window.bridge.run(fail_later(), lambda _none: None)
        qtbot.waitUntil(lambda: window.frame.notice == FAULT)


def test_stopping_leaves_no_thread_and_lets_go_of_the_data(qtbot: QtBot, data: Path) -> None:
    with opened(qtbot) as window, qtbot.waitSignal(window.ready, timeout=30_000):
        pass
    assert all(thread.name not in {"io", "imports"} for thread in threading.enumerate())
    with InstanceLock(data / "training"):
        pass


def test_the_window_runs_until_it_is_closed(qtbot: QtBot) -> None:
    hooks = sys.excepthook, threading.excepthook
    seen: list[Window] = []

    def shown(window: Window) -> None:
        seen.append(window)
        window.ready.connect(window.frame.close)

    assert run_window(LOOK, open_training, shown=shown) == 0
    assert seen[0].wizard is not None
    assert (sys.excepthook, threading.excepthook) == hooks


def test_nothing_heavy_is_imported_for_the_first_picture() -> None:
    heavy = (
        "sqlalchemy",
        "alembic",
        "pydantic",
        "reportlab",
        "bleak",
        "paho",
        "asyncio",
        "kiosk.station.services",
        "kiosk.station.adapters",
        "tomllib",
    )
    script = f"import sys, ui.window.main_window, ui.window.boot_settings; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


# -- nobody leaves it


def test_a_full_window_with_people_is_closed_by_a_technician_or_the_system_only(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.window.main_window.screen_for", lambda _look: Screen(width=1280, height=800, inches=12.1))
    window = Window(replace(LOOK, fullscreen=True), open_training)
    qtbot.addWidget(window.frame)
    with qtbot.waitSignal(window.ready, timeout=30_000):
        window.show()
    monkeypatch.setattr(PeopleGate, "may_leave", property(lambda _gate: False))
    assert not window.frame.close()
    assert (window.frame.isVisible(), window.frame.notice) == (True, MAY_NOT_LEAVE)
    monkeypatch.setattr(QApplication, "exit", lambda _code: None)  # of no loop of ours
    window.close()  # SIGTERM and SIGHUP come here
    assert not window.frame.isVisible()
    window.stop()


def test_a_window_that_does_not_fill_the_screen_is_a_window_as_any(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(qtbot) as window, qtbot.waitSignal(window.ready, timeout=30_000):
        monkeypatch.setattr(PeopleGate, "may_leave", property(lambda _gate: False))
    assert window.frame.close()


# -- the look


def test_the_look_is_read_from_the_file_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "[ui]\ntheme = 'dark'\nfullscreen = false\ndiagonal_inches = 15.6\n[station]\nname = 'Station 9'\n"
    (tmp_path / "kiosk.toml").write_text(text, encoding="utf-8")
    look = read_boot_settings()
    assert (look.theme, look.fullscreen, look.inches, look.station) == ("dark", False, 15.6, "Station 9")
    monkeypatch.setenv("SWAP_KIOSK_UI__THEME", "light")
    assert read_boot_settings().theme == "light"


@pytest.mark.parametrize("text", ["[ui", "ui = 3", "[ui]\ntheme = 7\ndiagonal_inches = 'wide'\n", "\x00"])
def test_a_file_that_cannot_be_read_still_gives_a_window_to_say_it_in(tmp_path: Path, text: str) -> None:
    (tmp_path / "kiosk.toml").write_text(text, encoding="utf-8")
    assert (read_boot_settings().theme, read_boot_settings().inches) == ("light", None)


# -- the log


def test_the_log_is_a_file_in_the_data_folder_and_never_doubled(tmp_path: Path) -> None:
    start_logging(tmp_path / "logs")
    start_logging(tmp_path / "logs")
    logging.getLogger("tests").warning("one line")
    assert (tmp_path / "logs" / FILE_NAME).read_text(encoding="utf-8").count("one line") == 1


def test_a_folder_that_cannot_be_written_leaves_standard_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    start_logging(tmp_path / "file" / "logs")
    assert "standard error only" in caplog.text


@pytest.mark.parametrize(("size", "inches"), [((800, 480), None), ((800, 480), 7.0), ((1024, 600), 7.0), ((1280, 720), 8.0)])
def test_a_panel_without_room_is_refused_on_the_first_page_with_what_to_do(
    qtbot: QtBot, size: tuple[int, int], inches: float | None
) -> None:
    window = Window(replace(LOOK, size=size, inches=inches))
    qtbot.addWidget(window.frame)
    with qtbot.waitSignal(window.refused, timeout=30_000):
        window.show()
    said = " ".join(label.text() for label in window.frame.findChildren(Label))
    assert f"{size[0]} x {size[1]} px" in said
    assert "[ui] diagonal_inches" in said
    assert words(window, "primary") == "Try again"
    assert (window.bridge, window.wizard) == (None, None), "nothing is started for it"
    assert faults(window.frame, window.widgets.t.screen) == []
    with qtbot.waitSignal(window.refused, timeout=30_000):
        window.frame.primary.emit()
    window.stop()


def test_a_panel_with_room_is_not_refused(qtbot: QtBot) -> None:
    window = Window(replace(LOOK, size=(1024, 600), inches=10.1))
    qtbot.addWidget(window.frame)
    with qtbot.waitSignal(window.ready, timeout=30_000):
        window.show()
    window.stop()
