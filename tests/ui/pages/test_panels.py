"""Every panel that is laid out, in the states that need the most room, 40 % longer and with ids of 104 characters.

All states on all panels are the long form, `make panels`: several minutes. It sets PANELS=all for this file.
"""

import os

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.panels import LAID_OUT, REFUSED, WORDS, unsound
from tests.ui.window_counter import World
from ui.widgets.tokens import TARGET_MM, TYPE_MM, Tokens

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
ALL = os.environ.get("PANELS") == "all"
CORE = (
    *(
        "entry",
        "entry, part",
        "cash",
        "cash, both short",
        "both short",
        "why",
        "more, approving",
        "list",
        "review, parts",
        "review, telling",
    ),
    *("done, not printed", "wrong", "found, energy to pay", "idle with all", "note", "health broken"),
    *("sign in", "sign in, wrong", "locked over a swap", "locked, locked out", "hand over, technician"),
)


@pytest.mark.parametrize("words", WORDS if ALL else WORDS[1:])
@pytest.mark.parametrize("panel", LAID_OUT)
def test_every_state_is_sound_on_every_panel(world: World, qtbot: QtBot, panel: str, words: str) -> None:
    assert unsound(world, qtbot, panel, words, () if ALL else CORE) == {}


@pytest.mark.parametrize("panel", LAID_OUT)
def test_what_is_laid_out_has_room_and_type_that_is_lower_than_its_button(panel: str) -> None:
    tokens = Tokens(LAID_OUT[panel])
    assert tokens.screen.has_room
    assert tokens.target("least") >= TARGET_MM["least"] * tokens.screen.px_per_mm - 1
    assert tokens.type_px("lead") * 1.3 < tokens.target("least")
    assert all(tokens.type_px(role) >= 13 for role in TYPE_MM)


@pytest.mark.parametrize("panel", REFUSED)
def test_what_is_refused_has_no_room(panel: str) -> None:
    assert not REFUSED[panel].has_room
