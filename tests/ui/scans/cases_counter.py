"""Real keys at a real counter: run by `tests.ui.scans.run` on a screen of its own, never collected by themselves.

Every id is a plan here, so that each piece of a code would find another customer. What was asked, scanned and pressed is written down.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QDeadlineTimer, QEvent, QEventLoop, QObject, QPoint
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from kiosk.domain.errors import CustomerUnknown
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CustomerCode
from kiosk.domain.swap.swap import Swap
from tests.builders import plan_of, plan_with, reading
from tests.ui.scans.display import CAPS_LOCK, RETURN, TAB, Fingers
from tests.ui.scans.seeded import FRAMES, IN_A_ROW, LOOKS_UP, TYPING, SeededScan, plan_id_of, scan_of
from tests.ui.screens import frame_in, widgets_of
from tests.ui.window_counter import World
from ui.devices.barcode_scanner import BarcodeScanner
from ui.devices.sounds import Sounds
from ui.input_rules import Framing
from ui.pages.customer.page import CustomerPage
from ui.pages.customer.views import CustomerViewKind as View
from ui.pages.page_context import PageContext
from ui.window.wizard import PAGES, STATUS_PAGES, SwapWizard

PATIENCE_SECONDS = 10.0
MAX_TRIES = 5  # of a scan that this machine, too busy, has not delivered as it was sent
LEFTOVER = "1"  # what somebody typed and left in the field
pytestmark = pytest.mark.timeout(0)


@dataclass
class Asked:
    """A platform where every id is a plan, but NOBODY."""

    ids: list[str] = field(default_factory=list)
    plans: dict[str, ServicePlan] = field(default_factory=dict)
    only: frozenset[str] = frozenset()  # where there are any, these alone are plans

    async def identify(self, code: CustomerCode, timeout_seconds: float) -> ServicePlan:
        self.ids.append(code.plan_id)
        if code.plan_id == "NOBODY" or (self.only and code.plan_id not in self.only):
            raise CustomerUnknown(code.plan_id)
        return self.plans.get(code.plan_id) or plan_of(id=code.plan_id, customer_name="Amina Wanjiru")


@dataclass
class Seen:
    """What came of the keys."""

    scans: list[str] = field(default_factory=list)
    cuts: int = 0
    presses: list[str] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)


class Desk(QObject):
    """A window with every page of a swap, on this process's screen."""

    def __init__(self, world: World, fingers: Fingers) -> None:
        super().__init__()
        self.world, self.fingers, self.asked, self.seen = world, fingers, Asked(), Seen()
        world.kiosk.plans._source = self.asked
        widgets = widgets_of()
        self.frame = frame_in(widgets, world.qtbot)
        scanner = BarcodeScanner(time.monotonic)
        context = PageContext(
            widgets=widgets,
            bridge=world.bridge,
            kiosk=world.kiosk,
            sounds=Sounds(0.0, self.frame),
            now=world.clock.now,
            zone=UTC,
            payment_methods=("MOBILE_MONEY", "CASH"),
            barcode_scanner=scanner,
        )
        self.scanner, self.wizard = scanner, SwapWizard(self.frame, context, PAGES, STATUS_PAGES)
        self.wizard.start()
        self.frame.show()
        self.frame.activateWindow()
        spin(self.frame.isActiveWindow)
        scanner.is_typing = self.wizard.is_typing
        scanner.scanned.connect(self.wizard.scan)
        scanner.scanned.connect(lambda typed, _by_place: self.seen.scans.append(typed))
        scanner.cut.connect(self.wizard.refuse_cut)
        scanner.cut.connect(self._count_cut)
        scanner.key_seen.connect(lambda _key, _by_place, moment: self.seen.moments.append(moment))
        scanner.watch(self.frame.windowHandle())
        for name in ("primary", "back", "other"):
            getattr(self.frame, name).connect(lambda name=name: self.seen.presses.append(name))
        self._heard: set[int] = set()
        self.swaps: dict[str, Swap] = {}
        self._meant: list[float] = []

    def _count_cut(self) -> None:
        self.seen.cuts += 1

    def _note_press(self, words: str, *_: object) -> None:
        self.seen.presses.append(words)

    def _hear_buttons(self) -> None:
        """Every button there is, as it may be built at any time."""
        for button in self.frame.findChildren(QAbstractButton):
            if id(button) not in self._heard:
                self._heard.add(id(button))
                button.clicked.connect(partial(self._note_press, button.accessibleName()))

    @property
    def customer(self) -> CustomerPage:
        assert isinstance(self.wizard.page, CustomerPage)
        return self.wizard.page

    def go_to(self, page: str) -> None:
        """Show a page, as it is reached by people."""
        if page in {"done", "review", "payment"}:
            if page not in self.swaps:
                self.swaps[page] = self._swap_at(page)
            self.wizard.show_swap(self.swaps[page])
        else:
            self.wizard.show_swap(None)
            if page in {"found", "refused"}:
                self.wizard.scan("NOBODY" if page == "refused" else "SOMEBODY")
                spin(lambda: self.customer.view is (View.REFUSED if page == "refused" else View.FOUND))
            elif page in {"typing", "typed before"}:
                self.customer.start_typing(LEFTOVER if page == "typed before" else "")
        QApplication.processEvents()

    def _swap_at(self, page: str) -> Swap:
        """A swap of a customer of its own, with a battery of its own."""
        plan = replace(plan_with(used_kwh="400" if page == "payment" else "344.5", holds=f"BAT-1{page}"), id=f"PLAN-{page}")
        self.asked.plans[plan.id] = plan
        swap, swaps = self.world.begun(plan), self.world.kiosk.swaps
        swap = self.world.wait(swaps.accept_returned(swap, reading(f"BAT-1{page}")))
        swap = self.world.wait(swaps.accept_new(swap, reading(f"BAT-2{page}", "30.4")))
        return self.world.wait(swaps.complete(swap)) if page == "done" else swap

    def _disturbed(self, scan: SeededScan) -> bool:
        """Whether this machine was so busy that a key came later than the scanner sent it, by so much that it matters."""
        actual = [b - a for a, b in zip(self.seen.moments, self.seen.moments[1:], strict=False)]
        told_by_gap = scan.page in TYPING or scan.scanner.suffix == "none"
        limits = (scan.framing.slow_seconds, 0.5, *((scan.framing.gap_seconds,) if told_by_gap else ()))
        return any(meant / 1000 <= each < came for meant, came in zip(self._meant, actual, strict=False) for each in limits)

    def scan(self, scan: SeededScan) -> None:
        """Every key of a scan, handed to the X server at once."""
        prefix, suffix = FRAMES.get(scan.scanner.suffix, ("", ""))
        pace = 2 if scan.scanner.burst else scan.scanner.pace
        gaps = [scan.gaps[0], *[pace] * len(prefix), *scan.gaps[1:], *[pace] * len(suffix)]
        text, before = prefix + scan.code + suffix, 0.0
        self._meant = [*gaps[1:], *(after for _, after, _ in ends_of(scan))]
        for at, character in enumerate(text):
            following = gaps[at + 1] if at + 1 < len(text) else 1.0
            doubled = at + 1 < len(text) and text[at + 1] == character  # released and pressed in one millisecond, as by USB
            hold = round(following) if doubled else min(round(following) // 2, 20)
            self.fingers.character(character, max(0.0, round(gaps[at]) - before), hold=hold)
            before = hold
        for code, after, control in ends_of(scan):
            self.fingers.press(code, max(0.0, after - before), control=control)
            before = 0.0
        self.fingers.send()

    def type_keys(self, text: str, gap: float, *, enter: float | None = None) -> None:
        """Keys, and an Enter so many milliseconds later."""
        for character in text:
            self.fingers.character(character, gap)
        if enter is not None:
            self.fingers.press(RETURN, enter)
        self.fingers.send()

    def run(self, scan: SeededScan) -> str:
        """What went wrong with a scan; "" for nothing, "disturbed" where its keys did not come as they were sent and nothing was wrong."""
        self.go_to(scan.page)
        if self.scanner.rules.framing != scan.framing or scan.number % IN_A_ROW == 0:  # another station, with another scanner
            self.scanner.use_framing(scan.framing)
        (self.frame.bar.primary if scan.focused else self.frame).setFocus()
        self._hear_buttons()
        self.asked.ids.clear()
        self.seen.__init__()  # type: ignore[misc]  # all of it anew, in place
        step, page = self.wizard.swap, self.wizard.page
        self.scan(scan)
        keys = len(scan.code) + sum(map(len, FRAMES.get(scan.scanner.suffix, ("", "")))) + len(ends_of(scan))
        deadline = QDeadlineTimer(int(scan.milliseconds + PATIENCE_SECONDS * 1000))
        while not (self.seen.scans or self.seen.cuts) or len(self.seen.moments) < keys:
            if deadline.hasExpired() or (len(self.seen.moments) >= keys and self._disturbed(scan)):
                break
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)
        disturbed = self._disturbed(scan)
        while scan.page in LOOKS_UP and not (disturbed or self._found(plan_id_of(scan.code)) or deadline.hasExpired()):
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)
        QTest.qWait(1600 if disturbed else 1100 if scan.waits_for_nothing else 200)
        return self._fault(scan, step, page, disturbed=disturbed)

    def _found(self, plan_id: str) -> bool:
        page = self.wizard.page
        return isinstance(page, CustomerPage) and page.found is not None and page.found.swap.plan.id == plan_id

    def _fault(self, scan: SeededScan, step: Swap | None, page: object, *, disturbed: bool) -> str:
        wanted = [plan_id_of(scan.code)] if scan.page in LOOKS_UP else []
        # so slow that a person might have typed it: then Enter finds what stands in the field
        as_typed = {plan_id_of(scan.code), plan_id_of(LEFTOVER + scan.code)} if disturbed and scan.page in LOOKS_UP else set()
        facts = {
            "another customer": set(self.asked.ids) - set(wanted) - as_typed,
            "cut": not disturbed and (self.seen.cuts or self.seen.scans != [scan.code] or self.asked.ids != wanted),
            "pressed": self.seen.presses and not (as_typed and self.seen.presses == ["primary"] and self.asked.ids),
            "moved": scan.page not in LOOKS_UP and (self.wizard.swap is not step or self.wizard.page is not page),
            "not found": not disturbed and scan.page in LOOKS_UP and not self._found(plan_id_of(scan.code)),
        }
        wrong = [name for name, fact in facts.items() if fact]
        told = f"{', '.join(wrong)}: asked {self.asked.ids}, {asdict(self.seen)}, disturbed: {disturbed}"
        return told if wrong else "disturbed" if disturbed else ""


def ends_of(scan: SeededScan) -> list[tuple[int, float, bool]]:
    """Code, milliseconds before it, with Control: the keys at the end."""
    pace = round(2 if scan.scanner.burst else scan.scanner.pace)
    enter, line_feed = (RETURN, float(pace), False), (44, float(pace), True)
    return {
        "enter": [enter],
        "late enter": [(RETURN, float(round(scan.scanner.late)), False)],
        "two enters": [enter, enter],
        "enter and line feed": [enter, line_feed],
        "tab": [(TAB, float(pace), False)],
    }.get(scan.scanner.suffix, [])


def spin(happened: Callable[[], bool]) -> None:
    """Run the window's loop until it happened."""
    deadline = QDeadlineTimer(int(PATIENCE_SECONDS * 1000))
    while not happened():
        assert not deadline.hasExpired(), "it did not happen"
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)


@pytest.fixture
def desk(world: World) -> Iterator[Desk]:
    fingers = Fingers()
    made = Desk(world, fingers)
    yield made
    made.wizard.stop()
    fingers.close()


def test_seeded_scans(desk: Desk) -> None:
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


def press_enter(desk: Desk) -> None:
    desk.fingers.press(RETURN)
    desk.fingers.send()


def test_an_enter_of_a_person_presses_a_second_after_a_scan_and_not_before(desk: Desk) -> None:
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


def test_a_key_that_is_held_down_is_typing(desk: Desk) -> None:
    """X repeats a key after 660 ms, every 40 ms; the page takes it once."""
    desk.go_to("typing")
    repeats = Repeats(desk.frame)
    desk.fingers.character("5", 0, hold=1200)
    desk.fingers.send()
    spin(lambda: repeats.count >= 8)
    QTest.qWait(700)
    assert (desk.customer.typing_view.value, desk.seen.scans, desk.seen.cuts, desk.asked.ids) == ("5", [], 0, [])


class Repeats(QObject):
    """Counts the repeats that come to a widget."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.count += isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.isAutoRepeat()
        return False


def test_a_piece_without_its_end_is_refused_where_the_end_is_known(desk: Desk) -> None:
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


def test_a_contact_card_is_one_code_and_refused_once(desk: Desk) -> None:
    desk.go_to("idle")
    for line in ("BEGIN:VCARD", "VERSION:3.0", "FN:Amina W.", "UID:PLAN-NAIROBI-0001", "END:VCARD"):
        desk.type_keys(line, 4, enter=4)
    spin(lambda: desk.customer.view is View.REFUSED)
    QTest.qWait(700)
    assert (len(desk.seen.scans), desk.asked.ids) == (1, [])


def test_a_code_of_several_lines_is_looked_up_once(desk: Desk) -> None:
    desk.go_to("idle")
    for line in ("2547001", "2547", "1001", "22"):
        desk.type_keys(line, 4, enter=4)
    spin(lambda: desk.customer.view is View.FOUND)
    QTest.qWait(700)
    assert (desk.seen.scans, desk.asked.ids, desk.seen.presses) == (["2547001"], ["2547001"], [])


def test_touches_and_clicks_of_a_hand_in_a_hurry_complete_nothing(desk: Desk) -> None:
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
def test_a_scan_is_found_whatever_the_keyboard_is_set_to(desk: Desk, layout: str, code: str) -> None:
    desk.asked.only = frozenset({"PLAN-NAIROBI-0001"})
    with keyboard(layout):
        desk.go_to("idle")
        desk.type_keys(code, 4, enter=4)
        spin(lambda: desk.customer.view is View.FOUND)
    assert desk.asked.ids[-1] == "PLAN-NAIROBI-0001"


def test_a_scan_is_found_with_caps_lock_on(desk: Desk) -> None:
    desk.asked.only = frozenset({"PLAN-Nairobi-0001"})
    with caps_lock(desk):
        desk.go_to("idle")
        desk.type_keys("PLAN-Nairobi-0001", 4, enter=4)
        spin(lambda: desk.customer.view is View.FOUND)
    assert desk.asked.ids == ["plan-nAIROBI-0001", "PLAN-Nairobi-0001"]


def test_a_card_that_is_no_plan_is_refused_with_the_words_of_the_keyboard(desk: Desk) -> None:
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


def words_of(desk: Desk) -> str:
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

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def _press(self) -> None:
        self._desk.fingers.press(CAPS_LOCK, 50, hold=20)
        self._desk.fingers.send()
        QTest.qWait(200)

    def __enter__(self) -> None:
        self._press()

    def __exit__(self, *_: object) -> None:
        self._press()


def test_the_framing_of_the_station_is_kept(desk: Desk, qtbot: QtBot) -> None:
    desk.scanner.use_framing(Framing(prefix="~", suffix="enter"))
    desk.go_to("idle")
    desk.type_keys("~PLAN-1", 4, enter=4)
    spin(lambda: desk.asked.ids == ["PLAN-1"])
