"""What is read out when a page changes: titles, notices, bands, bars and fields; and that nothing is where no screen reader runs."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent, QAccessibleValueChangeEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.faults import settle
from tests.ui.pages.battery.test_layout import ALL_STATES
from tests.ui.pages.page_states import shown
from tests.ui.screens import frame_in, widgets_of
from tests.ui.window_counter import World
from ui.widgets import Field, Notice
from ui.widgets.frame import Action, Frame, FrameState

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
POLITE, URGENT = QAccessible.AnnouncementPoliteness.Polite, QAccessible.AnnouncementPoliteness.Assertive
STATE = FrameState(title="Choose the new battery", step=2, primary=Action(words="Take it"), customer="Amina W.")


class Heard:
    """Announcements with how urgent they are, and other values."""

    def __init__(self) -> None:
        self.said: list[tuple[str, QAccessible.AnnouncementPoliteness]] = []
        self.values: list[object] = []

    def hear(self, event: QAccessibleEvent) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            self.said.append((event.message(), event.politeness()))
        elif isinstance(event, QAccessibleValueChangeEvent):
            self.values.append(event.value())


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """A screen reader runs."""
    made = Heard()
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(QAccessible, "updateAccessibility", made.hear)
    return made


@pytest.fixture
def frame(qtbot: QtBot) -> Iterator[Frame]:
    made = frame_in(widgets_of(), qtbot)
    made.show()
    QApplication.processEvents()
    yield made
    made.hide()


def test_a_new_title_is_read_out_with_the_customer(heard: Heard, frame: Frame) -> None:
    frame.show_state(STATE)
    settle()
    assert heard.said == [("Choose the new battery, Amina W.", POLITE)]
    frame.show_state(replace(STATE, hint="8 near"))
    settle()
    assert len(heard.said) == 1  # the title is the same


def test_a_sentence_in_the_place_of_the_title_is_read_out_once(heard: Heard, frame: Frame) -> None:
    frame.show_notice("attention", "This code is not a customer's")
    frame.show_notice("attention", "This code is not a customer's")
    settle()
    assert heard.said == [("This code is not a customer's", POLITE)]
    frame.show_notice("stop", "The code was cut")
    frame.show_notice("muted", "")
    settle()
    assert len(heard.said) == 1  # it went before it was seen


def test_a_refusal_is_urgent(heard: Heard, world: World, qtbot: QtBot) -> None:
    shown(world, qtbot, widgets_of(), ALL_STATES["used"])
    settle()
    assert ("The receipt MP4471KENYA was used before", URGENT) in heard.said


def test_the_result_of_a_swap_is_read_out(heard: Heard, world: World, qtbot: QtBot) -> None:
    shown(world, qtbot, widgets_of(), ALL_STATES["done"])
    settle()
    assert any(words.startswith("Swap complete") for words, _ in heard.said)


def test_what_is_hidden_is_not_read_out(heard: Heard, qtbot: QtBot) -> None:
    notice = Notice(widgets_of())
    qtbot.addWidget(notice)
    notice.show_notice("ok", "Printed")
    notice.hide()
    settle()
    assert heard.said == []


def test_a_bar_and_a_field_tell_their_new_values(heard: Heard, qtbot: QtBot) -> None:
    widgets = widgets_of()
    bar, field = widgets.bar(), Field(widgets, "Amount received")
    window = widgets.body(widgets.stack(bar, field))
    qtbot.addWidget(window)
    window.show()
    bar.set_level(0.5)
    bar.describe("Wait", "5 of 10 s")
    field.set_value("12.48")
    field.set_value("12.48")
    assert heard.values == ["5 of 10 s", "12.48"]


def test_where_no_screen_reader_runs_nothing_is_told(monkeypatch: pytest.MonkeyPatch, frame: Frame) -> None:
    told = Heard()
    monkeypatch.setattr(QAccessible, "isActive", lambda: False)
    monkeypatch.setattr(QAccessible, "updateAccessibility", told.hear)
    frame.show_state(STATE)
    frame.show_notice("stop", "The code was cut")
    settle()
    assert (told.said, told.values) == ([], [])
