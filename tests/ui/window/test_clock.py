"""A wall clock that is set while a swap is at the counter (case 18): it is said, marked, and the swap is booked once."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from kiosk.domain.swap.swap import Step
from tests.ui.window_counter import Window, World, window_on
from ui.pages.review import ReviewPage

TWO_DAYS = 2 * 86400
SAID = "The clock was set back by 48 h. This is noted."


@pytest.fixture
def window(world: World) -> Iterator[Window]:
    with window_on(world) as shown:
        shown.wizard._makers = {**shown.wizard._makers, Step.REVIEW: ReviewPage}
        shown.wizard._pages.pop(Step.REVIEW, None)
        yield shown


def test_a_clock_set_back_before_complete_is_said_marked_and_books_once(window: Window, world: World, qtbot: QtBot) -> None:
    swap = world.to_review()
    window.wizard.show_swap(swap)
    world.clock.jump(-TWO_DAYS)
    window.wizard._tick()
    assert window.frame.notice == SAID
    window.press("primary")
    qtbot.waitUntil(lambda: window.title == "done")
    stored = world.wait(world.kiosk.history.find(swap.correlation_id)).swap
    assert stored.clock_moved == -TWO_DAYS
    assert stored.outgoing is not None
    assert stored.completed_at is not None
    assert stored.completed_at >= stored.outgoing.timestamp
    assert len(world.wait(world.kiosk.history.completed())) == 1


def test_the_review_says_that_the_clock_was_set_during_the_swap(window: Window, world: World) -> None:
    swap = world.begun()
    world.clock.jump(-TWO_DAYS)
    window.wizard.show_swap(world.to_review_from(swap))
    assert window.frame.notice == SAID


def test_a_correction_of_less_than_a_minute_is_no_news(window: Window, world: World) -> None:
    window.wizard.show_swap(world.to_review())
    world.clock.jump(-45)
    window.wizard._tick()
    assert window.frame.notice == ""
