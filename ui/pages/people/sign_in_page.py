"""Who works here now? A badge, or a name and its PIN; a PIN that others may know is changed at once.

The same page takes over what is open on a locked counter: then it goes back to the locked page. What was typed is forgotten whenever the
page is left.
"""

from enum import Enum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedLayout

from kiosk.domain.errors import BadInput, KioskError, PinNeeded
from kiosk.domain.language import mark, tr
from kiosk.domain.messages import message_for
from kiosk.domain.people import Person
from ui.pages.at_work import change_and_sign_in
from ui.pages.page_context import Page, PageContext
from ui.pages.people.pin_views import PinView, PinViews
from ui.pages.people.rows import rows_of
from ui.pages.people.who_view import WhoView
from ui.widgets.frame import Action, FrameState, back_action

FORGOTTEN = (
    mark("PIN forgotten? A technician gives a new one."),
    mark("Badge forgotten? Sign in with your name and PIN."),
    mark("Badge lost? Tell the supervisor: it can be switched off."),
    mark("No technician here? The desk of the platform gives a new PIN."),
)
BADGE_HERE = mark("That is no badge. Scan your badge, or choose your name.")


class SignInView(Enum):
    """What the page shows."""

    WHO = "who"
    FORGOTTEN = "forgotten"
    PIN = "pin"
    NEW = "new"  # a new PIN is chosen
    AGAIN = "again"  # and typed a second time


class SignInPage(Page):
    """Emits `ended` when somebody is signed in and may work, and `went_back` where somebody else wanted to take over and does
    not."""

    ended = Signal()
    went_back = Signal()

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.takes_over = False
        self.view, self._title, self._old, self._new = SignInView.WHO, "", "", ""
        self.pin = PinViews(context, self)
        widgets = context.widgets
        lines = (tr("Hold it in front of the scanner, as a customer's card."), tr("Without a badge choose your name."))
        self._who, self._typing = WhoView(widgets, tr("Scan your badge"), *lines), PinView(widgets, self.pin)
        self._help = widgets.panel(
            widgets.text(tr("What to do"), "title"), widgets.rule(), widgets.numbered(*(tr(each) for each in FORGOTTEN)), ...
        )
        self._layers = QStackedLayout(self)
        for layer in (self._who, self._help, self._typing, self.pin.out):
            self._layers.addWidget(layer)
        self._who.chosen.connect(self.choose)
        self.pin.changed.connect(self._draw)

    # -- coming and going

    def begin(self, *, takes_over: bool) -> None:
        """From the start: anybody signs in, or somebody else `takes_over` what is open."""
        self.takes_over = takes_over
        self.show_who()

    def leave(self) -> None:
        self._forget()
        super().leave()

    def put_away(self, _reason: str) -> None:
        self.show_who()

    def _forget(self) -> None:
        self.pin.end()
        self._title = self._old = self._new = ""

    @property
    def shows_customer(self) -> bool:
        return False

    # -- what is shown

    def show_who(self) -> None:
        """A badge, or a name."""
        self._forget()
        self.show_people()
        self._show(SignInView.WHO)

    def show_people(self) -> None:
        """Those who may be chosen now."""
        now = self.context.at_work
        self._who.show_rows(rows_of(now.others if self.takes_over else now.people))

    def choose(self, person_id: str) -> None:
        """This person types the PIN."""
        person = self.context.at_work.person(person_id)
        if person is not None and not self.acting:
            self._ask_pin(person)

    def _ask_pin(self, person: Person) -> None:
        self._forget()
        self._typing.show_who(person, tr("Your PIN"), tr("Every swap from now on carries your name."))
        self._show(SignInView.PIN)
        self.pin.begin(person, tr("Your PIN"))

    def _ask_new(self, view: SignInView) -> None:
        person = self.pin.person
        if person is None:
            return
        caption = tr("New PIN") if view is SignInView.NEW else tr("The same once more")
        self._typing.show_who(person, caption, tr("No year, no date, no row of digits: nobody shall guess it."))
        self.pin.begin(person, caption)
        self._show(view)

    def _show(self, view: SignInView) -> None:
        self.view = view
        self._draw()

    def _draw(self) -> None:
        typing = self.pin.out if self.pin.waits else self._typing
        layers = {SignInView.WHO: self._who, SignInView.FORGOTTEN: self._help}
        self._layers.setCurrentWidget(layers.get(self.view, typing))
        self.redrawn.emit()

    def frame_state(self) -> FrameState:
        if self.view is SignInView.WHO:
            forgotten = Action(words=tr("Badge or PIN forgotten"), icon="question-bold", quiet=True)
            title = tr("Who takes over?") if self.takes_over else tr("Who works here now?")
            return FrameState(title=self._title or title, step=0, primary=forgotten, back=back_action() if self.takes_over else None)
        if self.view is SignInView.FORGOTTEN:
            return FrameState(title=tr("Badge or PIN forgotten"), step=0, primary=Action(words=tr("Back to sign in")), back=None)
        if self.pin.waits:
            other = Action(words=tr("Someone else"), icon="users-bold")
            return FrameState(title=tr("Too many wrong PINs"), step=0, primary=self.pin.action(""), other=other)
        titles = {SignInView.PIN: tr("Type your PIN"), SignInView.NEW: tr("Choose a new PIN"), SignInView.AGAIN: tr("Type it once more")}
        ready = {SignInView.PIN: tr("Take over") if self.takes_over else tr("Sign in")}.get(self.view, tr("Use this PIN"))
        icon = "arrow-right-bold" if self.view is SignInView.PIN else "check-bold"
        return FrameState(title=self._title or titles[self.view], step=0, primary=self.pin.action(ready, icon))

    # -- what people do

    @property
    def is_typing(self) -> bool:
        return self.view in {SignInView.PIN, SignInView.NEW, SignInView.AGAIN}

    def type_character(self, character: str) -> None:
        if self.is_typing:
            self._title = ""
            self.pin.type_character(character)

    def primary(self) -> None:
        if self.view is SignInView.WHO:
            self._show(SignInView.FORGOTTEN)
        elif self.view is SignInView.FORGOTTEN:
            self.show_who()
        elif self.pin.is_ready:
            self._take(self.pin.dots.take())

    def other(self) -> None:
        if self.pin.waits:
            self.show_who()

    def back(self) -> None:
        if self.view is not SignInView.WHO:
            self.show_who()
        elif self.takes_over:
            self.went_back.emit()

    def handle_scan(self, _text: str) -> str:
        return tr(BADGE_HERE)

    def take_badge(self, code: str) -> bool:
        """A badge was scanned."""
        if not self.acting:
            self._title = ""
            self.act(self.context.kiosk.people.sign_in_by_badge(code), lambda _person: self._end(), self._refuse_badge)
        return True

    # -- what comes of it

    def _take(self, pin: str) -> None:
        person, people = self.pin.person, self.context.kiosk.people
        if person is None:
            return
        if self.view is SignInView.PIN:
            self._old = pin
            self.act(people.sign_in(person.id, pin), self._after_pin, self._refuse)
        elif self.view is SignInView.NEW:
            self._new = pin
            self._ask_new(SignInView.AGAIN)
        elif pin != self._new:
            self._start_again(tr("These were two PINs. Choose one."))
        else:
            self.act(change_and_sign_in(people, person, self._old, pin), lambda _person: self._end(), self._refuse)

    def _after_pin(self, person: Person) -> None:
        if person.must_change_pin:
            self.context.sounds.accepted()
            self._ask_new(SignInView.NEW)
        else:
            self._end()

    def _end(self) -> None:
        self._forget()
        self.context.sounds.accepted()
        self.ended.emit()

    def _start_again(self, why: str) -> None:
        self.context.sounds.refused()
        self._ask_new(SignInView.NEW)
        self._title = why
        self.redrawn.emit()

    def _refuse_badge(self, error: Exception) -> None:
        if isinstance(error, PinNeeded):
            self.choose(error.person_id)
            return
        if isinstance(error, KioskError):
            self.show_who()
            self._title = message_for(error).what
        self._refuse_aloud(error)

    def _refuse(self, error: Exception) -> None:
        if isinstance(error, BadInput):
            self._start_again(tr("This PIN {reason}", reason=error.reason))
            return
        if isinstance(error, KioskError):
            self.pin.refuse(error)
            self._draw()
        self._refuse_aloud(error)

    def _refuse_aloud(self, error: Exception) -> None:
        if isinstance(error, KioskError):
            self.context.sounds.refused()
            self.redrawn.emit()
        else:
            self.context.bridge.unhandled.emit(error)
