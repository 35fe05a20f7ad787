"""Nothing is cut, too small or too near on any sample page: three screens, four looks, and words 40 % longer."""

import pytest
from PySide6.QtCore import QRect
from pytestqt.qtbot import QtBot

from tests.ui.faults import LOOKS, SCREENS, faults, lengthen
from tests.ui.samples import SAMPLES, sample_window
from tests.ui.screens import widgets_of
from ui.widgets.frame import Frame

PLAIN_LOOKS = ("light", "training")  # dark differs in colours only; its pages are checked once below


@pytest.mark.parametrize("look", PLAIN_LOOKS)
@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("page", SAMPLES)
def test_a_page_has_no_fault_in_english_and_in_a_longer_language(page: str, screen: str, look: str, qtbot: QtBot) -> None:
    window = shown(page, screen, look, qtbot)
    assert faults(window, SCREENS[screen]) == []
    lengthen(window)
    assert faults(window, SCREENS[screen]) == []


@pytest.mark.parametrize("look", [look for look in LOOKS if look not in PLAIN_LOOKS])
def test_dark_changes_no_place(look: str, qtbot: QtBot) -> None:
    light = look.replace("-dark", "").replace("dark", "light")
    assert places(shown("payment", "1280x800", look, qtbot)) == places(shown("payment", "1280x800", light, qtbot))


def shown(page: str, screen: str, look: str, qtbot: QtBot) -> Frame:
    window = sample_window(widgets_of(screen, look), page)
    qtbot.addWidget(window)
    window.show()
    return window


def places(window: Frame) -> dict[str, QRect]:
    """What the hand learns: Back, the next step, title, steps, status line, page."""
    faults(window, SCREENS["1280x800"])  # settles the layout
    parts = {
        "back": window.bar.back,
        "next": window.bar.primary,
        "title": window.heading,
        "steps": window.rail,
        "status": window.status_line,
        "page": window.pages,
    }
    return {name: QRect(part.mapTo(window, part.rect().topLeft()), part.size()) for name, part in parts.items()}


def test_status_steps_title_back_and_next_step_are_in_the_same_places_on_every_page(qtbot: QtBot) -> None:
    seen = [places(shown(page, "1280x800", "light", qtbot)) for page in SAMPLES]
    assert all(place == seen[0] for place in seen)


def test_training_has_the_same_places_and_sizes_as_the_real_thing(qtbot: QtBot) -> None:
    real, training = (places(shown("review", "1280x800", look, qtbot)) for look in ("light", "training"))
    assert real == training


@pytest.mark.parametrize("screen", SCREENS)
def test_back_and_the_next_step_are_far_apart_and_of_the_designed_size(screen: str, qtbot: QtBot) -> None:
    window = shown("payment", screen, "light", qtbot)
    per_mm = SCREENS[screen].px_per_mm
    back, following = window.bar.back.geometry(), window.bar.primary.geometry()
    assert following.left() - back.right() >= 60 * per_mm
    assert following.width() >= 83 * per_mm
    assert following.height() >= 20 * per_mm - 1
    assert back.width() >= 39.5 * per_mm
