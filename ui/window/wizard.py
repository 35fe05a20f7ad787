"""SwapWizard shows a swap's page.

A page that has its fact emits `advanced`; the page that is left drops what it was doing. While a press is being worked on, further ones do
nothing. A scan that the page does not take changes nothing: it is answered by a sentence and a sound. A failure that no page has asked for
is shown the same way: a KioskError by its message, anything else as a fault of the program, which is logged. Pages behind the status line
lie over the current page, which goes on with its work; who works here decides whether any of them is seen (`ui.window.people_gate`).
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer

from kiosk.domain.errors import KioskError, StepImpossible
from kiosk.domain.language import mark, tr
from kiosk.domain.messages import message_for
from kiosk.domain.money.payments import is_battery_sticker
from kiosk.domain.swap.swap import Step, Swap, next_step
from kiosk.domain.swap.ways import step_before
from kiosk.shared.system import Moment
from kiosk.station.events import Event
from ui.devices.key_readings import ScannedCode
from ui.pages.battery.new_page import NewPage
from ui.pages.battery.returned_page import ReturnedPage
from ui.pages.customer.page import CustomerPage
from ui.pages.done import DonePage
from ui.pages.formatting import RAIL, clock_moved_words, clock_words, masked_name, skipped_steps
from ui.pages.overlays.hand_over_page import HandOverPage
from ui.pages.overlays.status_pages import Overlay, Status
from ui.pages.page_context import Page, PageContext
from ui.pages.payment.page import PaymentPage
from ui.pages.review import ReviewPage
from ui.widgets.frame import Frame, FrameState
from ui.window.behind_the_line import OverlayMaker
from ui.window.idle import IdleWatch
from ui.window.people_gate import PeopleGate

log = logging.getLogger(__name__)
PageMaker = Callable[[PageContext], Page]
TICK_MILLISECONDS = 1000
BUILD_MILLISECONDS = 15  # between two parts built ahead: the window answers touches in between
BATTERY_HERE = mark("That is a battery code. Scan the customer's card now.")
CUT_HERE = mark("Only a part of the code came. Scan it again.")
FAULT = mark("The program has made a mistake. It is noted for the technician. Try the step again, or call the supervisor.")
PAGES: Mapping[Step, PageMaker] = {
    Step.CUSTOMER: CustomerPage,
    Step.RETURNED: ReturnedPage,
    Step.NEW: NewPage,
    Step.PAYMENT: PaymentPage,
    Step.REVIEW: ReviewPage,
    Step.DONE: DonePage,
}


class SwapWizard(QObject):
    """Lives as long as the window. `status_makers` maps a key of the status line to the page behind it."""

    def __init__(
        self, frame: Frame, context: PageContext, makers: Mapping[Step, PageMaker], status_makers: Mapping[str, OverlayMaker]
    ) -> None:
        super().__init__(frame)
        self.frame, self.context = frame, context
        self.swap: Swap | None = None
        self.status = Status(practice=context.kiosk.training is not None, open_to_all=context.kiosk.open_to_all)
        self._makers, self._status_makers = makers, status_makers
        self._pages: dict[Step, Page] = {}
        self._overlays: dict[str, Overlay] = {}
        self.page: Page | None = None
        self.overlay: Overlay | None = None
        self.idle = IdleWatch(context.monotonic)
        self.gate = PeopleGate(frame, context, lambda: (self.swap, self._below()))
        self.gate.changed.connect(self._draw)
        self._moment = Moment(context.now(), context.monotonic())
        self._clock = QTimer(self, interval=TICK_MILLISECONDS)
        self._clock.timeout.connect(self._tick)
        frame.primary.connect(lambda: self._press("primary"))
        frame.back.connect(lambda: self._press("back"))
        frame.other.connect(lambda: self._press("other"))
        frame.went_on.connect(self._go_on)
        frame.held.connect(self._hold)
        frame.typed.connect(self._type_character)
        frame.status.connect(self.open_overlay)
        context.bridge.announced.connect(self.handle_event)
        context.bridge.unhandled.connect(self.show_failure)

    def start(self, status: Status | None = None) -> None:
        """Show the first page; the others are built one by one while nobody waits. `status` is what was announced before."""
        self.status = status or self.status
        station = self.context.kiosk.swaps.station
        self.frame.show_who(station.name, station.attendant_id)
        self.show_swap(None)
        self.gate.look()
        self._tick()
        self._clock.start()
        QTimer.singleShot(BUILD_MILLISECONDS, self, self._build_next)

    def stop(self) -> None:
        """Before the window closes: the page's work ends, and nothing is shown any more."""
        self._clock.stop()
        self.context.bridge.announced.disconnect(self.handle_event)
        self.context.bridge.unhandled.disconnect(self.show_failure)
        for page in self._shown():
            page.leave()

    # -- pages

    def _below(self) -> list[Page]:
        """The page of the swap and the one over it, as far as there are any."""
        return [page for page in (self.page, self.overlay) if page is not None]

    def _shown(self) -> list[Page]:
        """The same, and what lies over all of them."""
        return [*self._below(), *((self.gate.page,) if self.gate.page is not None else ())]

    def page_of(self, step: Step) -> Page:
        """The page for a step, built when it is first needed."""
        if step not in self._pages:
            page = self._makers[step](self.context)
            page.redrawn.connect(lambda: self._redraw(page))
            page.advanced.connect(lambda swap: self._advance(page, swap))
            page.stepped_back.connect(lambda swap: self._step_back(page, swap))
            page.noted.connect(self.gate.say)
            page.opened.connect(self.open_overlay)
            self.frame.add_page(page)
            self._pages[step] = page
        return self._pages[step]

    def _build_next(self) -> None:
        """One part at a time: first the pages, then what they need only later."""
        missing = next((step for step in self._makers if step not in self._pages), None)
        if missing is not None:
            self.page_of(missing)
        elif not any(page.build_next() for page in self._pages.values()):
            return
        QTimer.singleShot(BUILD_MILLISECONDS, self, self._build_next)

    def show_swap(self, swap: Swap | None) -> None:
        """Show the page for `next_step(swap)`."""
        self.swap = swap
        self._turn_to(next_step(swap)).enter(swap)
        self._after_turning(swap)

    def _turn_to(self, step: Step) -> Page:
        self.idle.touch()
        self.frame.turn()
        if self.page is not None:
            self.page.leave()
        self.page = self.page_of(step)
        return self.page

    def _after_turning(self, swap: Swap | None) -> None:
        self._draw()
        attended = swap if next_step(self.swap) in (Step.RETURNED, Step.NEW) else None
        self.context.bridge.run(self.context.kiosk.reads.attend(attended), lambda _none: None)

    @property
    def acting(self) -> bool:
        """Whether a press is being worked on."""
        return any(page.acting for page in self._shown())

    def show_language(self) -> None:
        """Build all pages anew, in the language of now: the same swap, and the same page over it where one is open. Not while `acting`."""
        before, key = self.page, next((key for key, side in self._overlays.items() if side is self.overlay), "")
        about = self.overlay.about if self.overlay is not None else ""
        old = (*self._pages.values(), *self._overlays.values())
        self._pages, self._overlays = {}, {}
        self.close_overlay()
        if before is not None:
            self._show_again(before)
        if key:
            self._show_overlay(key, about)
        self.gate.build_anew()
        self._draw()
        for page in old:
            self.frame.remove_page(page)
        self._show_status()
        QTimer.singleShot(BUILD_MILLISECONDS, self, self._build_next)

    def _show_again(self, before: Page) -> None:
        """What the page knows of its swap is newer than what the last page gave: a receipt may be recorded there."""
        self.swap = before.swap if self.swap is not None else None
        before.leave()
        self.frame.turn()
        self.page = self.page_of(next_step(self.swap))
        self.page.resume(before, self.swap)
        self._draw()

    def _advance(self, page: Page, swap: Swap | None) -> None:
        if page is self.page:
            self.gate.say("ok", "")
            self.show_swap(swap)

    def _step_back(self, page: Page, swap: Swap) -> None:
        """The page before, which knows of `swap` what it had found; the wizard's own swap is again as it was there."""
        if page is not self.page:
            return
        try:
            before = step_before(swap, next_step(self.swap))
        except StepImpossible as error:
            self.show_failure(error)
            return
        earlier = self._turn_to(before)
        earlier.return_to(swap)
        earlier.hold()  # who went back wants to look
        self.swap = earlier.swap
        self._after_turning(swap)

    def _redraw(self, page: Page) -> None:
        if page is self.front:
            self._draw()

    @property
    def front(self) -> Page | None:
        """The page that is seen."""
        return self.gate.page or self.overlay or self.page

    def _draw(self) -> None:
        page = self.front
        if page is None:
            return
        if self.frame.pages.currentWidget() is not page:
            self.frame.show_page(page)
            self.frame.setFocus()  # keys come to the frame again, not to a button of the page that is left
        self.frame.show_state(self._around(page.frame_state()))

    def _around(self, state: FrameState) -> FrameState:
        """What every page's frame says of the running swap; of the customer nothing where who works here is asked for."""
        if self.gate.page is not None:
            return replace(state, skipped=skipped_steps(self.swap) if state.step else state.skipped)
        step = RAIL[next_step(self.swap)] if self.overlay else state.step
        customer = state.customer or (masked_name(self.swap.plan) if self.swap is not None and step > 0 else "")
        return replace(state, step=step, customer=customer, skipped=state.skipped | skipped_steps(self.swap))

    # -- the pages behind the status line

    def open_overlay(self, key: str, about: str = "") -> None:
        """Show the page behind a status item; pressed again, it closes. `about` is the battery that a page opens it for."""
        if key in self._status_makers and not self.gate.refuses_others():
            self._show_overlay(key, about)

    def _show_overlay(self, key: str, about: str) -> None:
        if self.overlay is not None and self.overlay is self._overlays.get(key):
            self.close_overlay()
        else:
            self._drop_overlay()
            self.overlay = self._overlay_of(key)
            self.overlay.about = about
            self.overlay.enter(self.swap)
            self._draw()

    def close_overlay(self) -> None:
        """Back to the page of the swap."""
        closed = self._drop_overlay()
        if closed is not None:
            if self.page is not None:
                self.page.come_back(closed.bound)
            self._draw()

    def _drop_overlay(self) -> Overlay | None:
        self.gate.say("ok", "")
        closed, self.overlay = self.overlay, None
        if closed is not None:
            closed.leave()
        return closed

    def _overlay_of(self, key: str) -> Overlay:
        if key not in self._overlays:
            side = self._status_makers[key](self.context, lambda: self.status)
            side.redrawn.connect(lambda: self._redraw(side))
            side.opened.connect(self.open_overlay)
            side.closed.connect(self.close_overlay)
            side.advanced.connect(self._end_from_overlay)
            if isinstance(side, HandOverPage):
                side.taken_over.connect(self.gate.take_over)
                side.left.connect(self.frame.close)
            self.frame.add_page(side)
            self._overlays[key] = side
        return self._overlays[key]

    def _end_from_overlay(self, swap: Swap | None) -> None:
        """The swap of the page below has ended on the page over it."""
        self.close_overlay()
        self.show_swap(swap)

    # -- what people do

    def _press(self, what: str) -> None:
        page = self.front
        self.idle.touch()
        if page is None or page.acting:
            return
        self.frame.show_notice("ok", "")
        {"primary": page.primary, "back": page.back, "other": page.other}[what]()

    def _go_on(self) -> None:
        """Time has gone by on a page where all is green. What that does is the page's alone: most pages do nothing."""
        if self.page is not None and self.front is self.page and not self.page.acting:
            self.page.go_on()

    def _hold(self) -> None:
        if self.front is not None:
            self.front.hold()

    def _type_character(self, character: str) -> None:
        page = self.front
        self.idle.touch()
        if page is not None and not page.acting:
            self.frame.show_notice("ok", "")
            page.type_character(character)

    def scan(self, typed: str, by_place: str = "") -> None:
        """A code from the scanner, in its two readings (`ui.devices.key_readings`). On Done it is the next customer's; on a page behind the
        status line the page of the swap gets it, unless that page asks for one itself."""
        self.idle.touch()
        text = ScannedCode.of(typed, by_place)
        asked = self.overlay if self.overlay is not None and self.overlay.takes_scans else self.page
        if self.gate.takes(text, self.front) or asked is None:
            return
        if asked is self._pages.get(Step.DONE):
            refusal = tr(BATTERY_HERE) if is_battery_sticker(text) else self._next_customer(text)
        else:
            refusal = asked.handle_scan(text)
        if refusal:
            self.context.sounds.refused()
            self.frame.show_notice("stop", refusal)
            return
        self.context.sounds.accepted()
        if asked is not self.overlay:
            self.close_overlay()

    def refuse_cut(self) -> None:
        """A piece of a code came, and not its end."""
        self.context.sounds.refused()
        self.frame.show_notice("stop", tr(CUT_HERE))

    def is_typing(self) -> bool:
        """Whether Enter ends a text that a person types now."""
        return self.front is not None and self.front.is_typing

    def _next_customer(self, text: str) -> str:
        self.show_swap(None)
        return "" if self.page is None else self.page.handle_scan(text)

    # -- what happens

    def handle_event(self, event: Event) -> None:
        """An announcement of the kiosk; the page comes first, somebody waits for it."""
        before, self.status = self.status, self.status.after(event)
        for page in self._shown():
            page.handle_event(event)
        if self.status is not before:
            self._show_status()
        self.gate.look()

    def show_failure(self, error: Exception) -> None:
        """A failure without a page of its own."""
        self.context.sounds.refused()
        if isinstance(error, KioskError):
            log.warning("shown: %s", error.for_log)
            self.gate.say("stop", message_for(error).page_sentence)
        else:
            log.error("a fault of the program", exc_info=error)
            self.frame.show_notice("stop", tr(FAULT))

    def _tick(self) -> None:
        self._show_status()
        self._look_at_the_clock()
        self.gate.tick(touched=self.idle.was_touched())
        if not self.gate.locks:
            self.idle.look(self._shown(), self.frame.show_notice)

    def _look_at_the_clock(self) -> None:
        """Say that the wall clock was set; what was done before stays in its order."""
        before, self._moment = self._moment, Moment(self.context.now(), self.context.monotonic())
        moved = before.moved_by(self._moment)
        if moved:
            self.frame.show_notice("attention", clock_moved_words(moved))

    def _show_status(self) -> None:
        items = self.status.items(self.context.now())
        if items != self.frame.status_line.items():
            self.frame.show_status(items)
        time = clock_words(self.context.now(), self.context.zone)
        self.frame.show_clock(time, self.status.tone, tr("{time}, how everything is", time=time))
