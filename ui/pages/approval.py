"""Where a supervisor approves what the rules stop, in place: the reason, and who says so.

Where people are known it is a name, or a badge, and always the PIN; else the id of a configured supervisor. The service checks it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from kiosk.domain.errors import KioskError, NotApproved, PeopleError
from kiosk.domain.language import mark, tr
from kiosk.domain.messages import message_for
from kiosk.domain.people import Act, Person
from ui.pages.formatting import sentence_case
from ui.pages.page_context import PageContext, TypingView
from ui.pages.people.pin_views import PinView, PinViews
from ui.pages.people.rows import rows_of, short_name
from ui.pages.people.who_view import WhoView
from ui.widgets import Segments
from ui.widgets.frame import Action

TYPE_HERE = mark("Type the id of the supervisor now.")
BADGE_HERE = mark("Scan the badge of who approves, or choose the name.")
NO_APPROVER = mark("Only a supervisor or a technician may approve.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """Who approves, with the PIN where people are known."""

    id: str
    pin: str = ""


class ApproveView(QWidget):
    """`reasons` to choose from, by key, the likeliest first and chosen; none where the page asks for them itself."""

    changed = Signal()

    def __init__(self, context: PageContext, act: Act, reasons: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._context, self._act, self._words = context, act, reasons or {}
        self._with_people, self._said = False, ""
        widgets = context.widgets
        self._reasons = Segments(widgets, tuple((key, tr(words), "") for key, words in self._words.items()))
        self.typing = TypingView(widgets, tr("Supervisor's id"))
        self._who = WhoView(widgets, tr("Scan the badge"), tr("Or choose the name of who approves."))
        self.pin = PinViews(context, self)
        self._pin_view = PinView(widgets, self.pin)
        below = QWidget()
        self._layers = QStackedLayout(below)
        for layer in (self.typing, self._who, self._pin_view, self.pin.out):
            self._layers.addWidget(layer)
        self.typing.changed.connect(self.changed)
        self._who.chosen.connect(self._choose)
        self.pin.changed.connect(self._draw)
        self.setLayout(widgets.stack(self._reasons, below, gap="m", grow=(1,)))

    # -- what is shown

    def begin(self, *, asks_id: bool = True) -> None:
        """Nothing typed yet. Without `asks_id` the reason alone is chosen."""
        self._said, self._with_people = "", asks_id and self._context.at_work.known
        self.pin.end()
        if self._words:
            self._reasons.choose(next(iter(self._words)))
        self.typing.setVisible(asks_id)
        self.typing.set_value("")
        self._show_people()
        self._draw()

    def end(self) -> None:
        """The page is left: no PIN is kept."""
        self.pin.end()

    def _show_people(self) -> None:
        now = self._context.at_work
        asker = now.signed_in.id if self._act.needs_two and now.signed_in is not None else ""
        self._who.show_rows(rows_of(now.approvers, barred={asker: tr("asks for it: another one approves")}))

    @property
    def _typing_pin(self) -> bool:
        return self._with_people and self.pin.person is not None

    def _draw(self) -> None:
        layers = (self._who, self.pin.out if self.pin.waits else self._pin_view) if self._with_people else (self.typing, self.typing)
        self._layers.setCurrentWidget(layers[self._typing_pin])
        self._reasons.setVisible(bool(self._words) and not self._typing_pin)  # the keys need its room
        self.changed.emit()

    @property
    def title(self) -> str:
        """Of the page: why it was not approved, or what to do."""
        if self._typing_pin:
            return self._said or tr("Type the PIN")
        return self._said or (tr("Who approves?") if self._with_people else tr("Type the supervisor's id"))

    def action(self, ready: str, icon: str = "check-bold") -> Action:
        """The next step: `ready` once it may be asked."""
        if self._typing_pin:
            return self.pin.action(ready, icon)
        if self._with_people:
            return Action(words=tr("Waiting for a badge"), icon="hourglass-medium-bold", enabled=False)
        typed = bool(self.typing.value) or self.typing.isHidden()
        return Action(words=ready if typed else tr("Type the id first"), icon=icon, enabled=typed)

    # -- what people do

    def _choose(self, person_id: str) -> None:
        person = self._context.at_work.person(person_id)
        if person is not None:
            self._ask_pin(person)

    def _ask_pin(self, person: Person) -> None:
        self._said = ""
        self._pin_view.show_who(person, tr("PIN of {name}", name=short_name(person)), tr("The approval is recorded with this name."))
        self.pin.begin(person)
        self._draw()

    def type_character(self, character: str) -> None:
        """From a keyboard."""
        self._said = ""
        if self._typing_pin:
            self.pin.type_character(character)
        elif not self._with_people and not self.typing.isHidden():
            self.typing.type_character(character.upper())

    @property
    def is_typing(self) -> bool:
        """Whether Enter ends a text or a PIN."""
        return self._typing_pin or not (self._with_people or self.typing.isHidden())

    @property
    def scan_here(self) -> str:
        """What to do instead of scanning a code."""
        return tr(BADGE_HERE if self._with_people else TYPE_HERE)

    def take_badge(self, code: str) -> bool:
        """Whether the badge of who approves is asked for here: it says who, the PIN is typed."""
        if not self._with_people:
            return False
        try:
            person = self._context.kiosk.people.by_badge(code).person
        except PeopleError as error:
            self.refuse(error)
            return True
        if person.id in {each.id for each in self._context.at_work.approvers}:
            self._ask_pin(person)
        else:
            self._refuse(tr(NO_APPROVER))
        return True

    def back(self) -> bool:
        """Whether the press was meant for this view: from the PIN back to the names."""
        was = self._typing_pin
        self.pin.end()
        self._said = ""
        if was:
            self._show_people()
        self._draw()
        return was

    # -- what was asked

    @property
    def reason(self) -> str:
        """As the record keeps it, in English."""
        return self._words[self._reasons.current]

    @property
    def is_ready(self) -> bool:
        """Whether all is there that the service is asked with."""
        return self.action("").enabled

    def take(self) -> Approver:
        """Who approves; the PIN is forgotten here with it."""
        person = self.pin.person
        if self._typing_pin and person is not None:
            return Approver(id=person.id, pin=self.pin.dots.take())
        return Approver(id=self.typing.value)

    def refuse(self, error: Exception) -> bool:
        """Whether it is about who approves: then this says why not."""
        if isinstance(error, NotApproved):
            self._refuse(sentence_case(error.reason))
        elif isinstance(error, PeopleError):
            if self._typing_pin:
                self.pin.refuse(error)
            self._refuse(_what(error))
        else:
            return False
        return True

    def _refuse(self, why: str) -> None:
        self._said = why
        self._context.sounds.refused()
        self._draw()


def _what(error: KioskError) -> str:
    return message_for(error).what
