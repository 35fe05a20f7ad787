"""The end of an id is never lost: every state of every page, with ids of 40 and 104 characters, on three screens; measured as painted."""

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.ui.drawn import drawn_in
from tests.ui.faults import SCREENS, faults
from tests.ui.long_ids import LENGTHS, ends_unseen, lengthen_ids, long_id
from tests.ui.pages.battery.test_layout import ALL_STATES
from tests.ui.pages.page_states import PLAIN, reviewed, shown
from tests.ui.screens import widgets_of
from tests.ui.window_counter import World
from ui.pages.review import ReviewPage
from ui.widgets.labels import IdLabel

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("screen", SCREENS)
def test_the_end_of_an_id_is_seen_in_every_state(world: World, qtbot: QtBot, screen: str, length: int) -> None:
    found = {}
    for name, state in ALL_STATES.items():
        frame = shown(world, qtbot, widgets_of(screen), state)
        lengthen_ids(frame, length)
        found[name] = [*ends_unseen(frame), *faults(frame, SCREENS[screen])]
        frame.hide()
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("screen", SCREENS)
def test_two_ids_that_differ_in_their_end_alone_are_told_apart_on_the_review(world: World, qtbot: QtBot, screen: str, length: int) -> None:
    frame = shown(world, qtbot, widgets_of(screen), (ReviewPage, reviewed(PLAIN)))
    (page,) = frame.findChildren(ReviewPage)
    labels = [each for each in page.review.findChildren(IdLabel) if each.isVisible()]
    assert len(labels) == 2
    for label, end in zip(labels, ("20001", "20002"), strict=True):
        label.set_words(long_id(end, length))
    faults(frame, SCREENS[screen])
    first, second = (words_of(each) for each in labels)
    assert (first[-5:], second[-5:]) == ("20001", "20002")
    assert first != second


def words_of(widget: QWidget) -> str:
    """What is painted inside the widget, from its first line to its last."""
    return "".join(each.text for each in drawn_in(widget) if each.area.right() <= widget.width() + 2)
