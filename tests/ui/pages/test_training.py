"""The first page of training, in a training environment with its own broker, platform and batteries."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from ui.pages.training import TrainingPage
from ui.window.boot_settings import BootSettings
from ui.window.main_window import Window

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    monkeypatch.setenv("SWAP_KIOSK_DATA", str(tmp_path))
    monkeypatch.setenv("SWAP_KIOSK_CONFIG", str(tmp_path / "kiosk.toml"))
    (tmp_path / "kiosk.toml").write_text("", encoding="utf-8")
    made = Window(BootSettings(fullscreen=False, training=True, inches=12.1))
    qtbot.addWidget(made.frame)
    with qtbot.waitSignal(made.ready, timeout=30_000):
        made.show()
    yield made
    made.stop()


def page_of(window: Window) -> TrainingPage:
    assert window.wizard is not None
    assert isinstance(window.wizard.page, TrainingPage)
    return window.wizard.page


def title(window: Window) -> str:
    return window.frame.state.title if window.frame.state else ""


def choose(window: Window, qtbot: QtBot, name: str) -> None:
    rows = [row for row in page_of(window).findChildren(QPushButton) if row.isVisible() and name in row.accessibleName()]
    rows[0].click()
    qtbot.waitUntil(lambda: window.frame.bar.allows("primary"), timeout=20_000)


def test_a_situation_is_one_choice_and_the_card_one_more(window: Window, qtbot: QtBot) -> None:
    assert not window.frame.bar.allows("primary")
    assert window.frame.bar.primary.words == "Choose a situation"
    choose(window, qtbot, "Normal swap")
    assert window.frame.bar.primary.words == "Scan the card"
    window.frame.bar.primary.click()
    qtbot.waitUntil(lambda: title(window) == "Customer found", timeout=20_000)


def test_coming_back_nothing_is_chosen_so_that_no_used_up_world_is_met(window: Window, qtbot: QtBot) -> None:
    choose(window, qtbot, "First visit")
    window.frame.bar.primary.click()
    qtbot.waitUntil(lambda: title(window) == "Customer found", timeout=20_000)
    window.frame.bar.back.click()
    qtbot.waitUntil(lambda: title(window) == "Practise a swap")
    assert page_of(window).chosen is not None
    assert window.wizard is not None
    window.wizard.show_swap(None)
    assert page_of(window).chosen is None


def test_the_line_says_that_everything_is_practice(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(
        lambda: (
            [item.words for item in window.frame.status_line.items()]
            == ["Practice platform", "All confirmed", "Practice batteries", "Prints TRAINING"]
        )
    )
