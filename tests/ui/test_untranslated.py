"""The checker of translations finds what it is for, and lets data pass."""

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kiosk.domain.language import in_language, tr
from kiosk.shared.translations import PSEUDO, translations_of
from tests.ui.screens import widgets_of
from tests.ui.untranslated import outside_brackets, untranslated
from ui.widgets import Label


def window_with(qtbot: QtBot, *words: str) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    for each in words:
        Label(widgets_of(), each).setParent(window)
    window.show()
    return window


def test_a_text_that_is_in_no_catalogue_is_found(qtbot: QtBot) -> None:
    with in_language(translations_of(PSEUDO)):
        window = window_with(qtbot, tr("Back"), "Stop this swap")
    assert untranslated(window) == ["Stop this swap"]


def test_a_word_glued_to_a_translated_text_is_found(qtbot: QtBot) -> None:
    assert untranslated(window_with(qtbot, "[Kept ~] ago")) == ["[Kept ~] ago"]


@pytest.mark.parametrize("text", ["BAT-12345", "30.4 kWh", "+ 12.48 USD", "14:05", "BATTERY_LOST", "−61 dBm", "5.6 s", "Q"])
def test_ids_numbers_units_and_keys_are_data(qtbot: QtBot, text: str) -> None:
    assert untranslated(window_with(qtbot, text)) == []


def test_what_a_test_has_put_in_is_data(qtbot: QtBot) -> None:
    window = window_with(qtbot, "Amina W.")
    assert untranslated(window, {"Amina W."}) == []
    assert untranslated(window) == ["Amina W."]


def test_what_is_hidden_is_not_read(qtbot: QtBot) -> None:
    window = window_with(qtbot, "Stop this swap")
    for label in window.findChildren(Label):
        label.hide()
    assert untranslated(window) == []


def test_brackets_may_stand_in_one_another() -> None:
    assert outside_brackets("[Kept for later, [3 h ~] ~~~] x").split() == ["x"]
