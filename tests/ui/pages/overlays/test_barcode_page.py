"""The page "Try the scanner": three scans are measured, and what they tell is stored and holds at once."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from pytestqt.qtbot import QtBot

from kiosk.domain.errors import BadInput
from kiosk.domain.keyboard import FITS, KeyboardState
from tests.ui.faults import SCREENS, faults
from tests.ui.pages.page_states import LOOKS, State, shown
from tests.ui.screens import widgets_of
from tests.ui.untranslated import untranslated
from tests.ui.window_counter import Window, World
from ui.input_rules import ENTER, NONE, Framing
from ui.pages.overlays.barcode_page import BarcodePage
from ui.pages.overlays.scanner_measure import CODE, Key, Measured, framing_for, measure, remark
from ui.pages.overlays.status_pages import SCANNER, ScannerPage, Status
from ui.pages.page_context import BARCODE

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
SCAN = Measured(gap_ms=42, before_end_ms=64, end=ENTER, prefix="", suffix="", keyboard=FITS)


def keys(text: str, gap: float, *, end: float | None = None, by_place: str = "") -> list[Key]:
    came = [Key(typed=each, by_place=other, moment=at * gap) for at, (each, other) in enumerate(zip(text, by_place or text, strict=True))]
    return came if end is None else [*came, Key(typed="\n", by_place="", moment=came[-1].moment + end)]


def test_a_scan_tells_its_gap_and_its_end() -> None:
    assert measure(keys(CODE, 0.042, end=0.064)) == SCAN


def test_what_a_scanner_adds_is_told_by_the_code_between() -> None:
    measured = measure(keys(f"~{CODE}\x03", 0.002))
    assert measured is not None
    assert (measured.prefix, measured.suffix, measured.end) == ("~", "\x03", NONE)
    assert framing_for((measured,) * 3) == Framing(gap_seconds=0.035, prefix="~", suffix="\x03")


def test_three_times_the_longest_gap_is_used() -> None:
    assert framing_for((SCAN, replace(SCAN, gap_ms=38), SCAN)) == Framing(gap_seconds=0.126, suffix=ENTER)


def test_scans_that_end_differently_leave_the_end_to_be_learnt() -> None:
    scans = (SCAN, replace(SCAN, end=NONE), SCAN)
    assert framing_for(scans).suffix == "auto"
    assert remark(scans)[0] == "attention"


def test_a_keyboard_that_does_not_fit_is_said() -> None:
    measured = measure(keys(CODE.swapcase(), 0.004, end=0.004, by_place=CODE))
    assert measured is not None
    assert measured.keyboard == KeyboardState(caps_lock=True)
    assert remark((measured,)) == ("stop", "Caps Lock is on. Set keyboard and scanner to one language, Caps Lock off.")


# -- the page


def path_of(_section: str, _values: object) -> Path:
    return Path("/etc/swap-kiosk/kiosk.toml")


@pytest.fixture
def page(window: Window) -> Iterator[BarcodePage]:
    scanner = window.context.barcode_scanner
    scanner.scanned.connect(window.wizard.scan)
    scanner.watch(window.frame.windowHandle())
    window.wizard._status_makers = {**window.wizard._status_makers, BARCODE: partial(BarcodePage, store=path_of)}
    window.wizard.open_overlay(SCANNER)
    assert isinstance(window.wizard.overlay, ScannerPage)
    window.wizard.overlay.doors()[0].click()  # type: ignore[attr-defined]  # it is a button
    made = window.wizard.overlay
    assert isinstance(made, BarcodePage)
    yield made
    made.leave()


def scan(window: Window, text: str, *, at: int, gap: int = 42, end: int | None = 64) -> None:
    """Keys with the system's own times, in milliseconds."""
    moments = [at + number * gap for number in range(len(text))]
    presses = [(ord(each.upper()), each, moment) for each, moment in zip(text, moments, strict=True)]
    presses += [] if end is None else [(int(Qt.Key.Key_Return), "\r", moments[-1] + end)]
    for key, character, moment in presses:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, character)
            event.setTimestamp(moment)
            QCoreApplication.sendEvent(window.frame.windowHandle(), event)


def measured(page: BarcodePage, count: int) -> bool:
    return len(page.scans) == count


def three_scans(window: Window, page: BarcodePage, qtbot: QtBot) -> None:
    for number in range(3):
        assert window.words("primary") == f"Waiting for scan {number + 1}"
        assert not window.frame.bar.allows("primary")
        scan(window, CODE, at=10_000 * (number + 1))
        qtbot.waitUntil(partial(measured, page, number + 1))


def test_three_scans_are_measured_stored_and_used(window: Window, page: BarcodePage, qtbot: QtBot) -> None:
    three_scans(window, page, qtbot)
    assert page.scans == (SCAN, SCAN, SCAN)
    window.press("primary")
    qtbot.waitUntil(lambda: page.stored)
    assert window.context.barcode_scanner.rules.framing == Framing(gap_seconds=0.126, suffix=ENTER)
    assert page._notice.text() == "Stored in the settings of this kiosk."
    window.press("primary")
    assert window.wizard.overlay is None
    assert not window.context.barcode_scanner.measuring


def test_where_nothing_can_be_stored_it_is_said_and_used_all_the_same(window: Window, page: BarcodePage, qtbot: QtBot) -> None:
    def refuse(_section: str, _values: object) -> Path:
        raise BadInput("/etc/kiosk.toml", "Read-only file system")

    page._store = refuse
    three_scans(window, page, qtbot)
    window.press("primary")
    qtbot.waitUntil(lambda: page.stored)
    words = "Not stored: Read-only file system. Used until the window closes."
    assert page._notice.text() == words
    assert window.context.barcode_scanner.rules.framing.gap_seconds == 0.126


def test_nothing_that_is_scanned_here_is_looked_up_or_presses(world: World, window: Window, page: BarcodePage, qtbot: QtBot) -> None:
    scan(window, world.know(), at=10_000, gap=4, end=400)
    qtbot.waitUntil(lambda: len(page.scans) == 1)
    assert window.wizard.swap is None
    assert window.wizard.overlay is page
    window.press("other")
    assert page.scans == ()


def test_back_is_the_battery_readers_page(window: Window, page: BarcodePage) -> None:
    window.press("back")
    assert isinstance(window.wizard.overlay, ScannerPage)


# -- how it looks


def after(*scans: Measured, stored: str = "") -> Callable[[BarcodePage], None]:
    def prepare(page: BarcodePage) -> None:
        page.enter(None)
        page.scans = scans
        page.draw()
        if stored:
            page._show_stored("attention", stored)

    return prepare


def barcode_page(context: object) -> BarcodePage:
    return BarcodePage(context, Status)  # type: ignore[arg-type]  # what `shown` gives


LONG = replace(SCAN, gap_ms=133, before_end_ms=480, prefix="\x02~", suffix="\x03~", keyboard=KeyboardState(caps_lock=True, layout="fr"))
STORED = "Not stored: Read-only file system. Used until the window closes."
STATES: dict[str, State] = {
    "nothing yet": (barcode_page, after()),
    "two": (barcode_page, after(SCAN, SCAN)),
    "three": (barcode_page, after(SCAN, SCAN, SCAN)),
    "a keyboard": (barcode_page, after(LONG, LONG, LONG)),
    "without an end": (barcode_page, after(replace(SCAN, end=NONE, before_end_ms=None))),
    "not stored": (barcode_page, after(SCAN, SCAN, SCAN, stored=STORED)),
}


@pytest.mark.parametrize(("screen", "look"), LOOKS)
def test_the_page_has_no_fault_at_any_size(world: World, qtbot: QtBot, screen: str, look: str) -> None:
    found = {}
    for name, state in STATES.items():
        frame = shown(world, qtbot, widgets_of(screen, look), state)
        found[name] = faults(frame, SCREENS[screen])
        frame.hide()
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.usefixtures("pseudo")
@pytest.mark.parametrize("screen", SCREENS)
def test_the_page_has_no_fault_in_a_longer_language(world: World, qtbot: QtBot, screen: str) -> None:
    found = {}
    for name, state in STATES.items():
        frame = shown(world, qtbot, widgets_of(screen), state)
        found[name] = [*faults(frame, SCREENS[screen]), *untranslated(frame, ("Amina W.", "Enter", "STX", "ETX", STORED))]
        frame.hide()
    assert {name: each for name, each in found.items() if each} == {}
