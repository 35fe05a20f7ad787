"""Real keys at a real counter: run by `tests.ui.scans.run` on a screen of its own, never collected by themselves."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.scans.display import CAPS_LOCK, RETURN, Fingers
from tests.ui.scans.real_counter import RealCounter, spin
from tests.ui.scans.seeded import scan_of
from tests.ui.window_counter import World
from ui.input_rules import Framing
from ui.pages.customer.views import CustomerViewKind as View

LATE = 230  # milliseconds until a doubled character looks like a key that is held down
MAX_DOUBLED = 20
MAX_HELD = 10
MAX_TRIES = 3  # of a scan that this machine, too busy, has not delivered as it was sent
pytestmark = pytest.mark.timeout(0)


@pytest.fixture
def desk(world: World) -> Iterator[RealCounter]:
    fingers = Fingers()
    made = RealCounter(world, fingers)
    yield made
    made.wizard.stop()
    fingers.close()


def test_seeded_scans(desk: RealCounter) -> None:
    asked: dict[str, Any] = json.loads(os.environ["SCANS"])
    faults, disturbed, left = {}, 0, 0
    for number in range(asked["first"], asked["first"] + asked["count"]):
        scan = scan_of(number, asked["seed"])
        tries = 0
        while (outcome := desk.run(scan)) == "disturbed" and tries < MAX_TRIES:
            tries += 1
        disturbed += tries
        left += outcome == "disturbed"
        if outcome not in {"", "disturbed"}:
            faults[number] = f"{scan.page}, {scan.scanner}, {scan.framing}, {scan.code!r}: {outcome}"
    report = {"scans": asked["count"], "faults": faults, "disturbed": disturbed, "left": left}
    Path(asked["out"]).write_text(json.dumps(report), encoding="utf-8")


# -- presses


def press_enter(desk: RealCounter) -> None:
    desk.fingers.press(RETURN)
    desk.fingers.send()


def test_an_enter_of_a_person_presses_a_second_after_a_scan_and_not_before(desk: RealCounter) -> None:
    desk.go_to("found")
    spin(lambda: desk.frame.bar.allows("primary"))
    desk.wizard.scan("SOMEBODY-ELSE")
    spin(lambda: desk.customer.view is View.FOUND)
    desk.seen.presses.clear()
    desk.type_keys("SOMEBODY-2", 4, enter=4)
    spin(lambda: desk.seen.scans == ["SOMEBODY-2"] and desk.customer.view is View.FOUND)
    QTest.qWait(600)  # the late Enter of the scan would be over
    press_enter(desk)
    QTest.qWait(100)
    assert desk.seen.presses == []
    QTest.qWait(1100)
    press_enter(desk)
    spin(lambda: desk.seen.presses == ["primary"])


def test_a_key_that_is_held_down_is_typing(desk: RealCounter) -> None:
    """X repeats a key after 660 ms, every 40 ms; Qt calls nearly all of them repeats, and the page takes none of these."""
    desk.go_to("typing")
    repeats = Repeats(desk.frame)
    for _ in range(MAX_HELD):  # a busy X server repeats less often
        desk.fingers.character("5", 0, hold=1200)
        desk.fingers.send()
        QTest.qWait(1900)
        if repeats.count >= 8:
            break
    assert repeats.count >= 8
    assert set(desk.customer.typing_view.value) == {"5"}
    assert (desk.seen.scans, desk.seen.cuts, desk.asked.ids, desk.seen.presses) == ([], 0, [], [])


class Repeats(QObject):
    """Counts the repeats that come to a widget."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.count += isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.isAutoRepeat()
        return False


def test_a_piece_without_its_end_is_refused_where_the_end_is_known(desk: RealCounter) -> None:
    desk.go_to("idle")
    desk.type_keys("25471001", 4, enter=4)
    spin(lambda: desk.asked.ids == ["25471001"] and desk.customer.view is View.FOUND)
    desk.go_to("idle")
    QTest.qWait(1100)
    desk.type_keys("2547", 4)
    spin(lambda: desk.seen.cuts == 1)
    desk.type_keys("1001", 4, enter=4)  # the rest comes after a long silence of the radio
    spin(lambda: desk.seen.cuts == 2)
    assert desk.asked.ids == ["25471001"]
    assert desk.frame.notice == "Only a part of the code came. Scan it again."


@pytest.mark.parametrize("late", [515, 700])
def test_the_late_enter_of_a_piece_finds_nobody_by_what_stands_in_the_field(desk: RealCounter, late: int) -> None:
    desk.scanner.use_framing(Framing(suffix="enter"))
    desk.go_to("typed before")
    desk.type_keys("25471001", 4, enter=late)
    spin(lambda: desk.seen.cuts == 1)
    QTest.qWait(late)
    assert (desk.asked.ids, desk.seen.scans, desk.seen.presses) == ([], [], [])
    assert desk.frame.notice == "Only a part of the code came. Scan it again."


@pytest.mark.parametrize("page", ["idle", "typing"])
@pytest.mark.parametrize("pace", [4, 120])
def test_a_doubled_digit_that_comes_late_finds_nobody(desk: RealCounter, page: str, pace: int) -> None:
    """Released and pressed in one millisecond, as by USB: Qt calls the second a repeat. Where this machine is too busy for that, the
    code is whole, and is found; it is scanned once more."""
    for _ in range(MAX_DOUBLED):
        desk.go_to(page)
        desk.asked.ids.clear()
        for digit in "2547":
            desk.fingers.character(digit, pace)
        desk.fingers.character("1", pace, hold=LATE)
        desk.fingers.character("1", 0)
        desk.fingers.press(RETURN, pace)
        desk.fingers.send()
        spin(lambda: bool(desk.seen.cuts or desk.asked.ids))
        QTest.qWait(300)
        if desk.seen.cuts:
            break
        assert desk.asked.ids == ["254711"]
        desk.leave_customer()
        QTest.qWait(1100)
    assert (desk.seen.cuts, desk.asked.ids, desk.seen.scans.count("25471")) == (1, [], 0)


def test_a_contact_card_is_one_code_and_refused_once(desk: RealCounter) -> None:
    desk.go_to("idle")
    for line in ("BEGIN:VCARD", "VERSION:3.0", "FN:Amina W.", "UID:PLAN-NAIROBI-0001", "END:VCARD"):
        desk.type_keys(line, 4, enter=4)
    spin(lambda: desk.customer.view is View.REFUSED)
    QTest.qWait(700)
    assert (len(desk.seen.scans), desk.asked.ids) == (1, [])


def test_a_code_of_several_lines_is_looked_up_once(desk: RealCounter) -> None:
    desk.go_to("idle")
    for line in ("2547001", "2547", "1001", "22"):
        desk.type_keys(line, 4, enter=4)
    spin(lambda: desk.customer.view is View.FOUND)
    QTest.qWait(700)
    assert (desk.seen.scans, desk.asked.ids, desk.seen.presses) == (["2547001"], ["2547001"], [])


def test_touches_and_clicks_of_a_hand_in_a_hurry_complete_nothing(desk: RealCounter) -> None:
    """C2: touches every 80 ms on the place of the next step, as real touches and as a mouse, until Complete is armed."""
    device, window = QTest.createTouchDevice(), desk.frame.windowHandle()
    desk.go_to("review")
    button = desk.frame.bar.primary
    middle = button.mapTo(desk.frame, QPoint(button.width() // 2, button.height() // 2))
    until = time.monotonic() + 0.45
    while time.monotonic() < until:
        QTest.touchEvent(window, device).press(0, middle).commit()
        QTest.touchEvent(window, device).release(0, middle).commit()
        at = desk.frame.mapToGlobal(middle)
        desk.fingers.click(at.x(), at.y())
        QTest.qWait(80)
    assert desk.seen.presses == []
    assert desk.wizard.swap is desk.swaps["review"]
    spin(lambda: desk.frame.bar.allows("primary"))
    QTest.qWait(QApplication.doubleClickInterval() + 100)
    at = desk.frame.mapToGlobal(middle)
    desk.fingers.click(at.x(), at.y())
    spin(lambda: desk.seen.presses == ["primary"])


# -- keyboards


@pytest.mark.parametrize(
    ("layout", "code"),
    [(layout, code) for layout in ("fr", "de", "gb") for code in ("PLAN-NAIROBI-0001", '{"plan_id": "PLAN-NAIROBI-0001"}')],
)
def test_a_scan_is_found_whatever_the_keyboard_is_set_to(desk: RealCounter, layout: str, code: str) -> None:
    desk.asked.only = frozenset({"PLAN-NAIROBI-0001"})
    with keyboard(layout):
        desk.go_to("idle")
        desk.type_keys(code, 4, enter=4)
        spin(lambda: desk.customer.view is View.FOUND)
    assert desk.asked.ids[-1] == "PLAN-NAIROBI-0001"


def test_a_scan_is_found_with_caps_lock_on(desk: RealCounter) -> None:
    desk.asked.only = frozenset({"PLAN-Nairobi-0001"})
    with caps_lock(desk):
        desk.go_to("idle")
        desk.type_keys("PLAN-Nairobi-0001", 4, enter=4)
        spin(lambda: desk.customer.view is View.FOUND)
    assert desk.asked.ids == ["plan-nAIROBI-0001", "PLAN-Nairobi-0001"]


def test_a_card_that_is_no_plan_is_refused_with_the_words_of_the_keyboard(desk: RealCounter) -> None:
    desk.asked.only = frozenset({"nothing"})
    with caps_lock(desk):
        desk.go_to("idle")
        desk.type_keys("PLAN-NAIROBI-0001", 4, enter=4)
        spin(lambda: desk.customer.view is View.REFUSED)
    assert "Caps Lock is on." in words_of(desk)
    with keyboard("fr"):
        desk.go_to("idle")
        desk.type_keys("PLAN-NAIROBI-0001", 4, enter=4)
        spin(lambda: desk.customer.view is View.REFUSED)
    assert "The keyboard is set to French." in words_of(desk)


def words_of(desk: RealCounter) -> str:
    """What is said of the code that was refused."""
    from kiosk.domain.messages import message_for

    assert desk.customer.error is not None
    return message_for(desk.customer.error).sentence


class keyboard:  # noqa: N801  reads as what it is in a `with`
    """The X server's keyboard in another layout."""

    def __init__(self, layout: str) -> None:
        self._layout = layout

    def __enter__(self) -> None:
        subprocess.run(["setxkbmap", self._layout], check=True)
        QTest.qWait(300)  # Qt reads the new map from the server

    def __exit__(self, *_: object) -> None:
        subprocess.run(["setxkbmap", "us"], check=True)
        QTest.qWait(300)


class caps_lock:  # noqa: N801
    """Caps Lock, on as by a hand and off again."""

    def __init__(self, desk: RealCounter) -> None:
        self._desk = desk

    def _press(self) -> None:
        self._desk.fingers.press(CAPS_LOCK, 50, hold=20)
        self._desk.fingers.send()
        QTest.qWait(200)

    def __enter__(self) -> None:
        self._press()

    def __exit__(self, *_: object) -> None:
        self._press()


def test_the_framing_of_the_station_is_kept(desk: RealCounter, qtbot: QtBot) -> None:
    desk.scanner.use_framing(Framing(prefix="~", suffix="enter"))
    desk.go_to("idle")
    desk.type_keys("~PLAN-1", 4, enter=4)
    spin(lambda: desk.asked.ids == ["PLAN-1"])
