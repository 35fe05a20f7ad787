"""A counter on this process's screen, whose keys are pressed by X, and what came of them.

Every id is a plan here, so that each piece of a code would find another customer. What was asked, scanned and pressed is written down.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC
from functools import partial

from PySide6.QtCore import QDeadlineTimer, QObject
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from kiosk.domain.errors import CustomerUnknown
from kiosk.domain.plan.service_plan import ServicePlan
from kiosk.domain.requests import CustomerCode
from kiosk.domain.swap.swap import Swap
from tests.builders import plan_of, plan_with, reading
from tests.ui.scans.display import RETURN, TAB, Fingers
from tests.ui.scans.seeded import FRAMES, IN_A_ROW, LOOKS_UP, TYPING, SeededScan, plan_id_of
from tests.ui.screens import frame_in, wait_until, widgets_of
from tests.ui.window_counter import World
from ui.devices.barcode_scanner import BarcodeScanner
from ui.devices.sounds import Sounds
from ui.pages.customer.page import CustomerPage
from ui.pages.customer.views import CustomerViewKind as View
from ui.pages.page_context import PageContext
from ui.window.behind_the_line import STATUS_PAGES
from ui.window.wizard import PAGES, SwapWizard

PATIENCE_SECONDS = 60.0  # on a machine that does much else
STALL_SECONDS = 0.4  # a row is decided half a second after its last key has come
LEFTOVER = "1"  # what somebody typed and left in the field


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
    slowest: float = 0.0  # seconds from a press to its coming to the window


class RealCounter(QObject):
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
        scanner.key_seen.connect(lambda _key, _by_place, moment: self._note_key(moment))
        scanner.watch(self.frame.windowHandle())
        for name in ("primary", "back", "other"):
            getattr(self.frame, name).connect(lambda name=name: self.seen.presses.append(name))
        self._heard: set[int] = set()
        self.swaps: dict[str, Swap] = {}
        self._meant: list[float] = []

    def _count_cut(self) -> None:
        self.seen.cuts += 1

    def _note_key(self, moment: float) -> None:
        self.seen.moments.append(moment)
        self.seen.slowest = max(self.seen.slowest, time.monotonic() - moment)  # the X server's clock is the same

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
        if self.seen.slowest > STALL_SECONDS:
            return True
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
        deadline = QDeadlineTimer(int(scan.milliseconds + 10_000))
        seen = self.seen
        wait_until(lambda: len(seen.moments) >= keys and bool(seen.scans or seen.cuts or self._disturbed(scan)), deadline)
        disturbed = self._disturbed(scan)
        if scan.page in LOOKS_UP and not disturbed:
            wait_until(lambda: self._found(plan_id_of(scan.code)), deadline)
        QTest.qWait(1600 if disturbed else 1100 if scan.waits_for_nothing else 200)
        fault = self._fault(scan, step, page, disturbed=disturbed)
        self.leave_customer()
        return fault

    def leave_customer(self) -> None:
        """The swap that was begun ends: a station has few that are kept."""
        page = self.wizard.page
        if isinstance(page, CustomerPage) and page.found is not None:
            swap = page.found.swap
            page.flow.leave()
            self.world.wait(self.world.kiosk.swaps.leave(swap, "tried"))

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
    assert wait_until(happened, QDeadlineTimer(int(PATIENCE_SECONDS * 1000))), "it did not happen"
