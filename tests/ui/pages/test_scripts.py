"""Names of the stations' scripts on the pages: letters and no boxes on a machine without fonts, words in their places, nothing cut off."""

import os
import threading
from dataclasses import replace

import pytest
from PySide6.QtGui import QFont, QFontDatabase, QTextLayout
from pytestqt.qtbot import QtBot

from kiosk.domain.display import cleaned
from kiosk.domain.language import tr
from kiosk.station.services.customer_lookup import FoundCustomer
from tests.ui.faults import SCREENS, faults
from tests.ui.pages.page_states import State, done, shown
from tests.ui.pages.shown_swaps import completed, exhausted
from tests.ui.screens import widgets_of
from tests.ui.window_counter import World
from ui.pages.customer.page import CustomerPage
from ui.pages.done import AnswerState, DonePage, PlatformAnswer, PrintState, ReceiptPrint
from ui.pages.page_context import Page
from ui.widgets import theme
from ui.widgets.tokens import FAMILIES
from ui.window.boot_settings import BootSettings
from ui.window.main_window import Window

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "OpenType support missing")
NAMES = {  # family that has the letters, a person, a plan
    "Arabic": ("Noto Sans Arabic", "محمد الطيب", "خطة أسبوعية 400 kWh"),
    "Urdu": ("Noto Sans Arabic", "ٹیپو گچپژ", "ہفتہ وار پلان"),
    "Hebrew": ("Noto Sans Hebrew", "דנה לוי", "תוכנית שבועית"),
    "Amharic": ("Noto Sans Ethiopic", "አበበ ቢቂላ", "ሳምንታዊ ዕቅድ አዲስ አበባ"),
    "Hindi": ("Noto Sans Devanagari", "क्षमा शक्ति", "साप्ताहिक योजना ज्ञान"),
    "Bengali": ("Noto Sans Bengali", "করিম ক্ষুদ্র", "সাপ্তাহিক পরিকল্পনা"),
}


@pytest.fixture(autouse=True)
def _loaded(qapp: object) -> None:
    theme.load_script_fonts()


def families(words: str) -> set[tuple[str, bool]]:
    """Which fonts draw these words, and whether one draws a box."""
    font = QFont(list(FAMILIES))
    font.setPixelSize(30)
    layout = QTextLayout(words, font)
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    return {(run.rawFont().familyName().lower(), 0 in run.glyphIndexes()) for run in layout.glyphRuns()}


@pytest.mark.parametrize("language", NAMES)
def test_the_letters_are_drawn_with_the_font_that_is_shipped(language: str) -> None:
    family, *names = NAMES[language]
    for words in names:
        found = families("".join(each for each in words if theme.needs_script_fonts(each)))
        assert found == {(family.lower(), False)}


def test_fonts_are_shipped_for_every_script_that_is_drawn() -> None:
    assert {family for family, *_ in NAMES.values()} <= set(QFontDatabase.families())


def test_latin_words_need_no_further_font() -> None:
    assert not theme.needs_script_fonts("Amélie – Nairobi № 7 · Ωμέγα Ж − ×")
    assert all(theme.needs_script_fonts(name) for _, *names in NAMES.values() for name in names)


def test_a_name_leaves_the_words_around_it_in_their_places() -> None:
    words = tr("It is {customer}'s battery", customer="محمد")
    assert cleaned(words) == "It is محمد's battery"
    assert words != cleaned(words)
    assert tr("It is {customer}'s battery", customer="Amélie") == "It is Amélie's battery"


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("language", NAMES)
def test_names_are_shown_whole(world: World, qtbot: QtBot, screen: str, language: str) -> None:
    _, person, plan = NAMES[language]
    swap = exhausted()
    template = replace(swap.plan.template, name=plan)
    swap = replace(swap, plan=replace(swap.plan, customer_name=person, customer_id="CUST-محمد-001", template=template))
    world.kiosk.receipts._station = replace(world.kiosk.receipts._station, name=f"{plan} {person}")

    def found(page: Page) -> None:
        assert isinstance(page, CustomerPage)
        page._show_found(FoundCustomer(swap=swap))

    printed = done(completed(swap), PlatformAnswer(state=AnswerState.WAITING), ReceiptPrint(state=PrintState.NOT_PRINTED, reason=person))
    states: dict[str, State] = {"found": (CustomerPage, found), "done": (DonePage, printed)}
    for name, state in states.items():
        frame = shown(world, qtbot, widgets_of(screen), state)
        assert faults(frame, SCREENS[screen]) == []
        if folder := os.environ.get("DRAW_OUT"):
            frame.grab().save(f"{folder}/{name}-{language}-{screen}.png")
        frame.hide()


@pytest.mark.parametrize(("station", "before"), [("Station 14", []), ("ቦሌ ጣቢያ", ["read"])])
def test_the_fonts_are_read_behind_the_first_picture_unless_it_needs_them(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, station: str, before: list[str]
) -> None:
    read = list[str]()
    monkeypatch.setattr(theme, "load_script_fonts", lambda: read.append("read"))
    monkeypatch.setattr(threading.Thread, "start", lambda _self: None)  # nothing else is loaded here
    window = Window(BootSettings(fullscreen=False, training=True, inches=12.1, station=station, attendant="ATT-001"))
    qtbot.addWidget(window.frame)
    assert read == before
    window.show()
    qtbot.waitUntil(lambda: len(read) == len(before) + 1)
