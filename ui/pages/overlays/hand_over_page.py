"""The page behind who works here: hand over to somebody else with all that is open, lock, or sign out.

A badge hands over at once; without one the receiver's name is chosen and the PIN typed, on the page where people sign in. Nothing that is
open ends: it stays open, kept or on its way, under the receiver's name from then on.
"""

from collections.abc import Callable

from PySide6.QtCore import Signal

from kiosk.domain.errors import KioskError, PinNeeded
from kiosk.domain.language import mark, tr, tr_count
from kiosk.domain.messages import message_for
from kiosk.domain.people import Person, Role
from kiosk.domain.swap.swap import Swap, next_step
from kiosk.station.events import Event, PeopleChanged, SignedIn
from kiosk.station.ports import KeptSwap
from ui.pages.formatting import RAIL
from ui.pages.overlays.status_pages import Overlay, Status
from ui.pages.page_context import PageContext, RebuiltPanel
from ui.pages.people.rows import short_name
from ui.pages.people.sign_in_page import BADGE_HERE
from ui.widgets import Button, StatusHero
from ui.widgets.frame import Action, FrameState

OPEN_SWAP = mark("A swap is open. Finish it or hand it over first.")


class HandOverPage(Overlay):
    """Emits `taken_over` with the id of who shall type the PIN, "" where the name is still to be chosen; `left` when a technician closes
    the program."""

    taken_over = Signal(str)
    left = Signal()

    def __init__(self, context: PageContext, status: Callable[[], Status]) -> None:
        super().__init__(context, status)
        self._kept: tuple[KeptSwap, ...] = ()
        self._title = ""
        widgets = context.widgets
        self._what, hero = RebuiltPanel(widgets), StatusHero(widgets)
        words = tr("Who takes over scans the badge.")
        hero.show_hero("accent", "identification-badge-bold", tr("Whose turn is it?"), words)
        self.setLayout(widgets.columns((self._what, 7), (hero, 5)))

    # -- what is shown

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self._kept, self._title = (), ""
        self._show_what()
        self.run(self.context.kiosk.swaps.kept(), self._show_kept)

    def handle_event(self, event: Event) -> None:
        if isinstance(event, SignedIn):
            self.closed.emit()
        elif not isinstance(event, PeopleChanged):
            self._show_what()

    @property
    def shows_customer(self) -> bool:
        return False

    def _show_kept(self, kept: tuple[KeptSwap, ...]) -> None:
        self._kept = tuple(each for each in kept if each.set_aside)
        self._show_what()

    def _show_what(self) -> None:
        """Who hands over, and what goes along."""
        widgets, present = self.context.widgets, self.context.at_work.signed_in
        if present is None:
            return
        head = widgets.row(widgets.text(short_name(present), "number"), widgets.icon("arrow-right-bold", "accent", "title"), ..., gap="m")
        safe = widgets.say(tr("The cash stays in the drawer. Count it together."), "muted", "money-bold")
        facts = widgets.facts(*self._along())
        doors = widgets.row(*self._doors(present), ...)
        doors.setSpacing(widgets.t.between())
        self._what.rebuild(widgets.stack(head, widgets.rule(), facts, ..., safe, doors, gap="m"))

    def _along(self) -> tuple[tuple[str, str], ...]:
        lines = []
        if self.swap is not None:
            where = tr("Open swap, step {step} of {count}", step=RAIL[next_step(self.swap)] + 1, count=len(RAIL))
            lines.append((where, tr("stays open")))
        kept, box = len(self._kept), self.status().outbox
        if kept:
            lines.append((tr_count("{count} kept for later", "{count} kept for later", kept), tr("stays kept")))
        if box is not None and box.unsettled:
            lines.append((tr_count("{count} not confirmed", "{count} not confirmed", box.unsettled), tr("is sent")))
        return tuple(lines) or ((tr("Open swaps"), tr("none")),)

    def _doors(self, present: Person) -> list[Button]:
        widgets = self.context.widgets
        doors = [widgets.button(tr("Lock"), "lock-bold"), widgets.button(tr("Sign out"), "sign-out-bold")]
        doors[0].clicked.connect(self._lock)
        doors[1].clicked.connect(self._sign_out)
        if present.role is Role.TECHNICIAN:
            doors.append(widgets.button(tr("Close"), "power-bold", name=tr("Close the program")))
            doors[2].clicked.connect(self.left)
        return doors

    def frame_state(self) -> FrameState:
        waiting = Action(words=tr("Waiting for a badge"), icon="hourglass-medium-bold", enabled=False)
        other = Action(words=tr("Use a PIN"), icon="lock-key-bold")
        return FrameState(title=self._title or tr("Hand over to another attendant"), step=0, primary=waiting, other=other)

    # -- what people do

    def primary(self) -> None:
        """It only waits for a badge."""

    def other(self) -> None:
        self.taken_over.emit("")

    def _lock(self) -> None:
        if not self.acting:
            self.act(self.context.kiosk.people.lock(), lambda _none: self.closed.emit())

    def _sign_out(self) -> None:
        if self.swap is not None:
            self._title = tr(OPEN_SWAP)
            self.redrawn.emit()
        elif not self.acting:
            self.act(self.context.kiosk.people.sign_out(), lambda _none: self.closed.emit())

    def take_badge(self, code: str) -> bool:
        """The receiver's: with it the counter is handed over."""
        if not self.acting:
            self._title = ""
            self.act(self.context.kiosk.people.hand_over_by_badge(code), lambda _person: self._end(), self._refuse)
        return True

    def _end(self) -> None:
        self.context.sounds.accepted()
        self.closed.emit()

    def _refuse(self, error: Exception) -> None:
        if isinstance(error, PinNeeded):
            self.taken_over.emit(error.person_id)
        elif isinstance(error, KioskError):
            self.context.sounds.refused()
            self._title = message_for(error).what
            self.redrawn.emit()
        else:
            self.context.bridge.unhandled.emit(error)

    def handle_scan(self, _text: str) -> str:
        return tr(BADGE_HERE)
