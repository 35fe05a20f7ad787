"""The overlay where money goes back: which way, why, and the supervisor who approves it (decision 38).

Opened for a swap that was paid for and not completed. When it is done the page says what to hand over, with the number of the act; the swap
below has ended then, or is kept without its batteries, and the counter is free for the next customer. Nothing is recorded before that.
"""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QStackedLayout, QWidget

from kiosk.domain.language import mark, tr
from kiosk.domain.money.cash import MoneyAct, MoneyEntry
from kiosk.domain.people import Act
from kiosk.domain.swap.swap import Swap
from kiosk.domain.written import write_amount
from kiosk.shared.formatting import format_method
from kiosk.station.ports import KeptSwap
from ui.pages.approval import ApproveView
from ui.pages.overlays.status_pages import Overlay, Status
from ui.pages.page_context import PageContext
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
        self.choice, self._done, self._none = MoneyBackView(widgets), GivenBackView(widgets), StatusHero(widgets)
        self.approval = ApproveView(context, Act.MONEY_BACK)
        self._none.show_hero("muted", "wallet-bold", tr("Nothing to give back"), tr("No payment is recorded for this swap."))
        self._layers = QStackedLayout(self)
        for layer in (self._none, self.choice, self.approval, self._done):
            self._layers.addWidget(layer)
        self.approval.changed.connect(self.redrawn)

    # -- what is shown

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self.paid, self.entry = None, None
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
        """Whether who approves is asked for."""
        return self._layers.currentWidget() is self.approval

    def frame_state(self) -> FrameState:
        if self.entry is not None:
            return FrameState(title=tr("Money back"), step=0, primary=Action(words=tr("Next customer")), back=None)
        if self.paid is None:
            return FrameState(title=tr("Money back"), step=0, primary=Action(words=tr("Back to the swap")), back=None)
        if not self.approving:
            return FrameState(title=tr("Money back"), step=0, primary=Action(words=tr("To the supervisor")))
        return FrameState(title=self.approval.title, step=0, primary=self.approval.action(tr("Approve")))

    # -- what people do

    def type_character(self, character: str) -> None:
        if self.approving:
            self.approval.type_character(character)

    @property
    def is_typing(self) -> bool:
        return self.approving and self.approval.is_typing

    def take_badge(self, code: str) -> bool:
        return self.approving and self.approval.take_badge(code)

    def leave(self) -> None:
        self.approval.end()
        super().leave()

    def back(self) -> None:
        if self.approving:
            if not self.approval.back():
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
            self.approval.begin()
            self._layers.setCurrentWidget(self.approval)
            self.redrawn.emit()
        elif self.approval.is_ready:
            way, reason, who = MoneyAct(self.choice.ways.current), self.choice.reasons.current, self.approval.take()
            work = self.context.kiosk.money_back.give_back(self.paid, way, who.id, reason, who.pin)
            self.act(work, self._after, self._refuse)

    def _after(self, entry: MoneyEntry) -> None:
        self.entry = entry
        self.context.sounds.accepted()
        self._done.show_act(entry)
        self._layers.setCurrentWidget(self._done)
        self.redrawn.emit()

    def _refuse(self, error: Exception) -> None:
        if not self.approval.refuse(error):
            self._layers.setCurrentWidget(self.choice)
            self.redrawn.emit()
            self.context.bridge.unhandled.emit(error)
