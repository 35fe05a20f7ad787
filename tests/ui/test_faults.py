"""The fault finder finds each fault it is for: a check that sees nothing would pass every page."""

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.ui.faults import SCREENS, faults, longer
from tests.ui.screens import widgets_of
from ui.widgets import Button, Label, Widgets

SCREEN = SCREENS["1280x800"]


def window_with(qtbot: QtBot, *parts: QWidget) -> QWidget:
    window = QWidget()
    window.resize(SCREEN.width, SCREEN.height)
    for part in parts:
        part.setParent(window)
    qtbot.addWidget(window)
    window.show()
    return window


def button_at(widgets: Widgets, x: int, y: int, words: str = "Read again") -> Button:
    button = widgets.button(words)
    button.setGeometry(x, y, 200, 72)
    return button


def test_a_sound_window_has_no_fault(qtbot: QtBot) -> None:
    widgets = widgets_of("1280x800", "light")
    assert faults(window_with(qtbot, button_at(widgets, 100, 100)), SCREEN) == []


def test_a_word_wider_than_its_label_is_found(qtbot: QtBot) -> None:
    label = Label(widgets_of("1280x800", "light"), "Electricity", "title")
    label.setGeometry(50, 50, 60, 200)
    assert any("clipped: 'Electricity'" in fault for fault in faults(window_with(qtbot, label), SCREEN))


def test_a_sentence_higher_than_its_label_is_found(qtbot: QtBot) -> None:
    label = Label(widgets_of("1280x800", "light"), "Keep it within 1 m of the counter and switched on.")
    label.setGeometry(50, 50, 200, 30)
    assert any("clipped" in fault for fault in faults(window_with(qtbot, label), SCREEN))


def test_words_that_do_not_fit_a_button_are_found(qtbot: QtBot) -> None:
    button = button_at(widgets_of("1280x800", "light"), 100, 100, "Choose another battery from the list")
    assert any("clipped" in fault for fault in faults(window_with(qtbot, button), SCREEN))


def test_what_leaves_the_window_is_found(qtbot: QtBot) -> None:
    button = button_at(widgets_of("1280x800", "light"), 1200, 100)
    assert any("outside the window" in fault for fault in faults(window_with(qtbot, button), SCREEN))


def test_a_target_under_12_mm_is_found(qtbot: QtBot) -> None:
    button = button_at(widgets_of("1280x800", "light"), 100, 100)
    button.setFixedHeight(50)
    assert any("under 12 mm" in fault for fault in faults(window_with(qtbot, button), SCREEN))


def test_targets_too_near_to_each_other_are_found(qtbot: QtBot) -> None:
    widgets = widgets_of("1280x800", "light")
    window = window_with(qtbot, button_at(widgets, 100, 100), button_at(widgets, 304, 100, "Stop"))
    assert any("too near to each other" in fault for fault in faults(window, SCREEN))


def test_a_button_at_the_edge_of_the_glass_is_found(qtbot: QtBot) -> None:
    button = button_at(widgets_of("1280x800", "light"), 5, 100)
    assert any("too near to the edge" in fault for fault in faults(window_with(qtbot, button), SCREEN))


def test_parts_on_each_other_are_found(qtbot: QtBot) -> None:
    widgets = widgets_of("1280x800", "light")
    first, second = Label(widgets, "Expected"), Label(widgets, "Read")
    first.setGeometry(50, 50, 200, 40)
    second.setGeometry(100, 60, 200, 40)
    assert any("overlap" in fault for fault in faults(window_with(qtbot, first, second), SCREEN))


def test_a_control_without_a_name_is_found(qtbot: QtBot) -> None:
    button = button_at(widgets_of("1280x800", "light"), 100, 100, "")
    assert any("no accessible name" in fault for fault in faults(window_with(qtbot, button), SCREEN))


def test_the_pseudo_locale_leaves_ids_names_numbers_and_units_alone() -> None:
    assert longer("BAT-20417 30.4 kWh 12.48 USD Amina W.") == "BAT-20417 30.4 kWh 12.48 USD Amina W."
    assert len(longer("Electricity")) >= 1.4 * len("Electricity")
