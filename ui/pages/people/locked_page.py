"""The counter is locked: a PIN or a badge opens it again, and somebody else may take over. Nothing of a customer is here."""

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from kiosk.domain.errors import KioskError, PinNeeded
from kiosk.domain.language import mark, tr
from kiosk.domain.messages import message_for
from kiosk.domain.people import Person
from kiosk.domain.swap.swap import Step, Swap, next_step
from ui.pages.formatting import RAIL, clock_words
from ui.pages.page_context import Page, PageContext
from ui.pages.people.pin_views import PinViews
from ui.widgets import Band, Widgets
from ui.widgets.frame import Action, FrameState

STEPS = {
    Step.CUSTOMER: mark("customer"),
    Step.RETURNED: mark("returned battery"),
    Step.NEW: mark("new battery"),
    Step.PAYMENT: mark("payment"),
    Step.REVIEW: mark("review"),
    Step.DONE: mark("done"),
}
LOCKED_HERE = mark("The counter is locked. Scan your badge, or type your PIN.")


class LockedPage(Page):
    """Emits `ended` when it is unlocked, and `taken_over` when somebody else wants to go on."""

    ended = Signal()
    taken_over = Signal()

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._since, self._title = context.now(), ""
        self._open: Swap | None = None
        widgets = context.widgets
        self.pin = PinViews(context, self)
        self._caption, self._facts = widgets.text("", "label", "muted"), widgets.facts()
        self._band = Band(widgets, "attention")
        self._hand = widgets.say(tr("Leave the batteries where they are."), "text", "hand-palm-bold")
        self._hidden = widgets.say(tr("The customer is hidden until then."), "muted", "lock-key-bold")
        self._layers = QStackedLayout(self)
        for layer in (widgets.body(widgets.columns((self._left(widgets), 7), (self._right(widgets), 5))), self.pin.out):
            self._layers.addWidget(layer)
        self.pin.changed.connect(self._draw)

    def _left(self, widgets: Widgets) -> QWidget:
        badge = widgets.say(tr("or scan the badge"), "muted", "identification-badge-bold")
        head = widgets.row(widgets.stack(self._caption, self.pin.dots, gap="xs"), badge, gap="m", grow=(0,))
        layout = widgets.stack(head, self.pin.said, self.pin.pad, gap="s", grow=(2,))
        return widgets.frame(layout)

    def _right(self, widgets: Widgets) -> QWidget:
        self._rule = widgets.rule()
        return widgets.panel(self._band, self._facts, ..., self._rule, self._hand, self._hidden, gap="s")

    # -- coming and going

    def begin(self, swap: Swap | None, since: datetime) -> None:
        """Locked since then, over this swap or none."""
        self._open, self._since, self._title = swap, since, ""
        self._show_open()
        person = self.context.at_work.signed_in
        if person is not None:
            self._ask(person)

    def _ask(self, person: Person) -> None:
        self.pin.begin(person)
        self._caption.set_words(self.pin.name)

    def _show_open(self) -> None:
        swap, zone = self._open, self.context.zone
        locked = (tr("Locked since"), clock_words(self._since, zone))
        if swap is None or next_step(swap) is Step.DONE:
            self._band.show_band("ok", tr("No swap is open"), tr("You go on where you were."))
            self._facts.show_facts((locked,))
        else:
            self._band.show_band("attention", tr("A swap is open"), tr("Nothing is lost."))
            step = next_step(swap)
            where = tr("{step} of {count}, {what}", step=RAIL[step] + 1, count=len(RAIL), what=tr(STEPS[step]))
            started = (tr("Open since"), clock_words(swap.started_at, zone))
            self._facts.show_facts((started, (tr("Step"), where), (tr("Batteries read"), str(len(swap.battery_ids))), locked))
        for part in (self._rule, self._hand, self._hidden):
            part.setVisible(swap is not None)

    def leave(self) -> None:
        self.pin.end()
        super().leave()

    def put_away(self, _reason: str) -> None:
        self.pin.dots.clear()

    @property
    def shows_customer(self) -> bool:
        return False

    def _draw(self) -> None:
        self._layers.setCurrentIndex(1 if self.pin.waits else 0)
        self.redrawn.emit()

    def frame_state(self) -> FrameState:
        step = RAIL[next_step(self._open)]
        someone = Action(words=tr("Someone else"), icon="users-bold")
        over = Action(words=tr("Hand over"), icon="swap-bold")
        primary = self.pin.action(tr("Unlock"), "lock-open-bold")
        title = self._title or tr("Locked")
        return FrameState(title=title, step=step, primary=primary, back=None, other=someone if self.pin.waits else over)

    # -- what people do

    @property
    def is_typing(self) -> bool:
        return True

    def type_character(self, character: str) -> None:
        self._title = ""
        self.pin.type_character(character)

    def primary(self) -> None:
        if self.pin.is_ready:
            self.act(self.context.kiosk.people.unlock(self.pin.dots.take()), lambda _none: self._end(), self._refuse)

    def other(self) -> None:
        self.taken_over.emit()

    def handle_scan(self, _text: str) -> str:
        return tr(LOCKED_HERE)

    def take_badge(self, code: str) -> bool:
        """Of the same person it unlocks, of another it hands over."""
        if not self.acting:
            self._title = ""
            self.act(self.context.kiosk.people.sign_in_by_badge(code), lambda _person: self._end(), self._refuse)
        return True

    # -- what comes of it

    def _end(self) -> None:
        self.pin.end()
        self.context.sounds.accepted()
        self.ended.emit()

    def _refuse(self, error: Exception) -> None:
        if not isinstance(error, KioskError):
            self.context.bridge.unhandled.emit(error)
            return
        self.context.sounds.refused()
        person = self.context.at_work.signed_in
        if isinstance(error, PinNeeded) and (person is None or person.id != error.person_id):
            self.taken_over.emit()
            return
        self.pin.refuse(error)
        self._title = message_for(error).what
        self._draw()
