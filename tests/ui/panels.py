"""The panels that the counter is laid out for and those that it refuses, and whether every state of every page is sound on one of them.

`make panels` walks all of them; `make test` a core of states (`tests/ui/pages/test_panels.py`).
"""

from collections.abc import Callable, Collection, Iterator
from typing import Any

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kiosk.domain.language import ENGLISH, use_language
from kiosk.domain.panel import Screen
from kiosk.shared.translations import PSEUDO, translations_of
from tests.ui.faults import SCREENS, faults
from tests.ui.long_ids import LENGTHS, ends_unseen, lengthen_ids
from tests.ui.pages.battery.test_layout import ALL_STATES
from tests.ui.pages.customer.test_layout import STATES, prepare_people, prepared
from tests.ui.pages.page_states import shown
from tests.ui.pages.people.states import PEOPLE_STATES
from tests.ui.window_counter import World, window_on
from ui.widgets import Widgets
from ui.widgets.tokens import Tokens

LAID_OUT = {
    "10.1-1280x800": Screen(width=1280, height=800, inches=10.1),
    "10.1-1024x600": Screen(width=1024, height=600, inches=10.1),
    "11.6-1366x768": Screen(width=1366, height=768, inches=11.6),
    "12.1-1024x768": SCREENS["1024x768"],
    "12.1-1280x800": SCREENS["1280x800"],
    "15.6-1366x768": Screen(width=1366, height=768, inches=15.6),
    "15.6-1920x1080": SCREENS["1920x1080"],
    "21.5-portrait": Screen(width=1080, height=1920, inches=21.5),
    "27-1920x1080": Screen(width=1920, height=1080, inches=27.0),
    "27-2560x1440": Screen(width=2560, height=1440, inches=27.0),
    "46-3840x2160": Screen(width=3840, height=2160, inches=46.0),
}
REFUSED = {
    "7-800x480": Screen(width=800, height=480, inches=7.0),
    "7-1024x600": Screen(width=1024, height=600, inches=7.0),
    "8-1280x720": Screen(width=1280, height=720, inches=8.0),
}
WORDS = ("as written", "longer", "long ids")


def unsound(world: World, qtbot: QtBot, panel: str, words: str, only: Collection[str] = ()) -> dict[str, list[str]]:
    """What is wrong, by state, with every state (or `only` these) on a panel of LAID_OUT, in the WORDS. Empty when nothing is."""
    screen = LAID_OUT[panel]
    widgets = Widgets(Tokens(screen))
    use_language(translations_of(PSEUDO) if words == "longer" else ENGLISH)
    try:
        found = {name: _faults(window, screen, words) for name, window in _windows(world, qtbot, widgets, only)}
    finally:
        use_language(ENGLISH)
    assert not only or set(only) == set(found), "a state that is not there"
    return {name: each for name, each in found.items() if each}


def _windows(world: World, qtbot: QtBot, widgets: Widgets, only: Collection[str]) -> Iterator[tuple[str, QWidget]]:
    """Each state in a window that is shown, one after the other; those of the customer's page and behind the status line come second."""
    for name, state in _chosen(ALL_STATES, only):
        frame = shown(world, qtbot, widgets, state)
        yield name, frame
        frame.hide()
    for name, prepare in _chosen(STATES, only):
        with window_on(world, widgets) as window:
            prepared(world, window, prepare)
            yield name if only else f"customer: {name}", window.frame
            window.frame.hide()
    for name, people in _chosen(PEOPLE_STATES, only):
        with window_on(world, widgets) as window:
            prepare_people(world, window, people)
            yield name if only else f"people: {name}", window.frame
            window.frame.hide()


def _chosen(states: dict[str, Any] | dict[str, Callable[..., object]], only: Collection[str]) -> list[tuple[str, Any]]:
    return [(name, state) for name, state in states.items() if not only or name in only]


def _faults(window: QWidget, screen: Screen, words: str) -> list[str]:
    if words != "long ids":
        return faults(window, screen)
    lengthen_ids(window, max(LENGTHS))
    return [*faults(window, screen), *ends_unseen(window)]
