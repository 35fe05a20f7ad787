"""The pages from the returned battery to the last one, and that of a binding: sound at every size and look, and 40 % longer."""

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.faults import SCREENS, faults
from tests.ui.pages.battery import more_states
from tests.ui.pages.binding_states import BINDING_STATES
from tests.ui.pages.page_states import DATA, LOOKS, STATES, shown
from tests.ui.screens import widgets_of
from tests.ui.untranslated import untranslated
from tests.ui.window_counter import World

ALL_STATES = {**STATES, **more_states.STATES, **BINDING_STATES}
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.mark.parametrize(("screen", "look"), LOOKS)
def test_every_state_is_sound(world: World, qtbot: QtBot, screen: str, look: str) -> None:
    found = {}
    for name, state in ALL_STATES.items():
        frame = shown(world, qtbot, widgets_of(screen, look), state)
        found[name] = faults(frame, SCREENS[screen])
        frame.hide()
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.usefixtures("pseudo")
@pytest.mark.parametrize("screen", SCREENS)
def test_every_state_is_sound_and_translated_40_percent_longer(world: World, qtbot: QtBot, screen: str) -> None:
    found = {}
    for name, state in ALL_STATES.items():
        frame = shown(world, qtbot, widgets_of(screen), state)
        found[name] = [*faults(frame, SCREENS[screen]), *untranslated(frame, (*DATA, "NAIROBI-WEST"))]
        frame.hide()
    assert {name: each for name, each in found.items() if each} == {}
