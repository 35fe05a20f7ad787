"""The overlay where money goes back: which way, why, and the supervisor who approves it (decision 38).

Opened for a swap that was paid for and not completed. When it is done the page says what to hand over, with the number of the act; the swap
below has ended then, or is kept without its batteries, and the counter is free for the next customer. Nothing is recorded before that.
"""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QStackedLayout, QWidget

from kiosk.domain.errors import KioskError, NotApproved
from kiosk.domain.language import mark, tr
from kiosk.domain.messages import message_for
from kiosk.domain.money.cash import MoneyAct, MoneyEntry
from kiosk.domain.swap.swap import Swap
from kiosk.domain.written import write_amount
from kiosk.shared.formatting import format_method
from kiosk.station.ports import KeptSwap
from ui.pages.formatting import sentence_case
from ui.pages.overlays.status_pages import Overlay, Status
from ui.pages.page_context import PageContext, TypingView
from ui.widgets import Band, Segments, StatusHero, Widgets
from ui.widgets.frame import Action, FrameState

WAYS = {
    MoneyAct.REFUNDED: (mark("Cash back"), "money-bold"),
    MoneyAct.CREDITED: (mark("Keep as credit"), "wallet-bold"),
    MoneyAct.AT_DESK: (mark("Leave at desk"), "tray-bold"),
}
MAX_RECEIPTS = 4
REASONS = (mark("No battery is fit"), mark("Customer changed their mind"), mark("Paid by mistake"))
NEXT = {
    MoneyAct.REFUNDED: mark("Take it out of the drawer and give it to the customer."),
    MoneyAct.CREDITED: mark("The next swap of this customer begins with it. Give nothing back."),
    MoneyAct.AT_DESK: mark("The platform's desk settles it. Give nothing back."),
}


class MoneyBackView(QWidget):
    """The way and the reason; what is paid, and what the chosen way means."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self.ways = Segments(widgets, tuple((way, tr(words), icon) for way, (words, icon) in WAYS.items()))
        self.reasons = Segments(widgets, tuple((words, tr(words), "") for words in REASONS))
        self._amount, self._means, self._facts = widgets.figure("", "", "hero"), widgets.text("", "lead"), widgets.facts()
        self.ways.chosen.connect(self._say)
        panel = widgets.panel(
            widgets.text(tr("Recorded for this swap"), "body", "muted"), self._amount, self._means, ..., self._facts, gap="s"
        )
        self.setLayout(widgets.stack(self.ways, self.reasons, panel, gap="m", grow=(2,)))

    def begin(self, swap: Swap, ways: Sequence[MoneyAct]) -> None:
        """The ways that are open, the usual one chosen."""
        for way, segment in self.ways.segments.items():
            segment.setEnabled(way in ways)
        self.ways.choose(ways[0])
        self.reasons.choose(REASONS[0])
        currency = swap.payments[-1].currency
        self._amount.set_figure(write_amount(swap.amount_paid, currency), currency)
        self._facts.show_facts(tuple((format_method(each.method), each.receipt_id) for each in swap.payments[-MAX_RECEIPTS:]))
        self._say(ways[0])

    def _say(self, way: str) -> None:
        self._means.set_words(tr(NEXT[MoneyAct(way)]))


class GivenBackView(QWidget):
    """What was done, and what to hand over."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self._band = Band(widgets, "ok", tr("Recorded"), role="number")
        self._amount, self._next, self._facts = widgets.figure("", "", "hero"), widgets.text("", "lead"), widgets.facts()
        self.setLayout(widgets.stack(widgets.panel(self._band, ..., self._amount, self._next, ..., self._facts)))

    def show_act(self, entry: MoneyEntry) -> None:
        self._amount.set_figure(write_amount(entry.amount, entry.currency), entry.currency)
        self._next.set_words(tr(NEXT[entry.act]))
        number = tr("Number")
        facts = ((number, entry.number), (tr("Approved by"), entry.approved_by), (tr("Receipt id"), entry.about))
        self._facts.show_facts(facts, ids=frozenset({number, tr("Receipt id")}))


class MoneyBackPage(Overlay):
    """`about` is the correlation id of the swap. Emits `advanced` with None when the money went back."""

    def __init__(self, context: PageContext, status: Callable[[], Status]) -> None:
        super().__init__(context, status)
        widgets = context.widgets
        self.paid: Swap | None = None
        self.entry: MoneyEntry | None = None
        self._unknown = ""
        self.choice, self._done, self._none = MoneyBackView(widgets), GivenBackView(widgets), StatusHero(widgets)
        self.typing = TypingView(widgets, tr("Supervisor's id"))
        self._none.show_hero("muted", "wallet-bold", tr("Nothing to give back"), tr("No payment is recorded for this swap."))
        self._layers = QStackedLayout(self)
        for layer in (self._none, self.choice, self.typing, self._done):
            self._layers.addWidget(layer)
        self.typing.changed.connect(self.redrawn)

    # -- what is shown

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self.paid, self.entry, self._unknown = None, None, ""
        self._layers.setCurrentWidget(self._none)
        self.run(self.context.kiosk.money_back.paid(), self._show)

    def _show(self, found: tuple[KeptSwap, ...]) -> None:
        self.paid = next((each.swap for each in found if each.swap.correlation_id == self.about), None)
        ways = self.context.kiosk.money_back.ways(self.paid) if self.paid is not None else ()
        if ways and self.paid is not None:
            self.choice.begin(self.paid, ways)
            self._layers.setCurrentWidget(self.choice)
        self.redrawn.emit()

    @property
    def approving(self) -> bool:
        """Whether the supervisor's id is typed."""
        return self._layers.currentWidget() is self.typing

    def frame_state(self) -> FrameState:
        if self.entry is not None:
            return FrameState(title=tr("Money back"), step=0, primary=Action(words=tr("Next customer")), back=None)
        if self.paid is None:
            return FrameState(title=tr("Money back"), step=0, primary=Action(words=tr("Back to the swap")), back=None)
        if not self.approving:
            return FrameState(title=tr("Money back"), step=0, primary=Action(words=tr("To the supervisor")))
        typed = bool(self.typing.value)
        primary = Action(words=tr("Approve") if typed else tr("Type the id first"), icon="check-bold", enabled=typed)
        return FrameState(title=self._unknown or tr("Type the supervisor's id"), step=0, primary=primary)

    # -- what people do

    def type_character(self, character: str) -> None:
        if self.approving:
            self._unknown = ""
            self.typing.type_character(character.upper())

    def back(self) -> None:
        if self.approving:
            self._layers.setCurrentWidget(self.choice)
            self.redrawn.emit()
        elif self.entry is None:
            self.closed.emit()

    def primary(self) -> None:
        if self.entry is not None:
            self.advanced.emit(None)
        elif self.paid is None:
            self.closed.emit()
        elif not self.approving:
            self._unknown = ""
            self.typing.set_value("")
            self._layers.setCurrentWidget(self.typing)
            self.redrawn.emit()
        elif self.typing.value:
            way, reason = MoneyAct(self.choice.ways.current), self.choice.reasons.current
            work = self.context.kiosk.money_back.give_back(self.paid, way, self.typing.value, reason)
            self.act(work, self._after, self._refuse)

    def _after(self, entry: MoneyEntry) -> None:
        self.entry = entry
        self.context.sounds.accepted()
        self._done.show_act(entry)
        self._layers.setCurrentWidget(self._done)
        self.redrawn.emit()

    def _refuse(self, error: Exception) -> None:
        if not isinstance(error, KioskError):
            self.context.bridge.unhandled.emit(error)
            return
        self.context.sounds.refused()
        self._unknown = sentence_case(error.reason) if isinstance(error, NotApproved) else message_for(error).what
        self.redrawn.emit()
