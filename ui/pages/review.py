"""The last look at a swap, and completing it.

Completing is one commit: a second press does nothing, and no wait is shown. A press counts when the page has been seen for a moment. Where
the disk does not take it, nothing is recorded and nothing is sent: the page says so, says not to hand over the battery, and offers to try
again or to keep the swap. After a payment Back is off, with its reason on the page, and the swap can be kept for later instead. A reading
that contradicts the last one known is shown as a warning, in the place of the quotas, which are on the receipt too; completing does not
wait for it.

The view is three by two: both batteries with what is delivered between them; both quotas, and what is paid.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from PySide6.QtWidgets import QGridLayout, QSizePolicy, QStackedLayout, QWidget

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.battery.plausibility import Doubt
from kiosk.domain.errors import KioskError, StepImpossible
from kiosk.domain.language import mark, tr, tr_count
from kiosk.domain.messages import Remedy
from kiosk.domain.money.money import TopUp
from kiosk.domain.plan.quota import QuotaUpdate
from kiosk.domain.swap.swap import Confirmation, Step, Swap
from kiosk.shared.formatting import format_money
from kiosk.station.services.doubtful_readings import read_anew, standing_doubts
from kiosk.station.services.kiosk import Kiosk
from ui.input_rules import COMPLETE_SECONDS
from ui.pages.doubt import Asked, DoubtStop
from ui.pages.formatting import (
    RAIL,
    amount_words,
    battery_view,
    clock_moved_words,
    kwh_words,
    net_estimated,
    net_words,
    notices_of,
    quota_change,
    swaps_words,
)
from ui.pages.page_context import Page, PageContext, action, error_view, remedies_of
from ui.pages.refusal_titles import title_of
from ui.pages.session_memory import WantedBattery
from ui.widgets import BatteryCard, BatteryView, ErrorPanel, QuotaChange, QuotaView, Widgets
from ui.widgets.frame import Action, FrameState

ARMED_SECONDS = COMPLETE_SECONDS  # rapid touches that were meant for the pages before
NOT_RECORDED = mark("Nothing is recorded. Do not hand over the battery.")
RECORDED = mark("Payment recorded")  # why Back is off
MAX_QUOTAS = 2
MAX_LINES = 2
NO_BATTERY = BatteryView(name="", battery_id="", kwh="")
RETURNED, NEW = (mark("Returned"), mark("Returned, estimate")), (mark("New"), mark("New, estimate"))  # measured, estimated
CONFIRMED = {
    Confirmation.PLATFORM: mark("{receipt} confirmed"),
    Confirmation.SUPERVISOR: mark("{receipt} approved by a supervisor"),
    Confirmation.NOT_NEEDED: mark("{receipt} recorded"),
    Confirmation.WAITING: mark("{receipt} not confirmed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidFacts:
    """What is paid: an amount with its currency, or a word; why, in lines; what stands at the bottom, with its tone."""

    number: str
    currency: str = ""
    lines: tuple[str, ...] = ()
    state: tuple[str, str] = ("", "ok")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewFacts:
    """All that the review shows. `returned` None is a first visit; `net` "" where energy is not counted, said by `net_words` then."""

    returned: BatteryView | None
    new: BatteryView
    net: str
    net_words: str
    estimated: bool
    quotas: tuple[QuotaView, ...]
    pay: PaidFacts


def review_facts(swap: Swap, updates: tuple[QuotaUpdate, ...], due: TopUp | None) -> ReviewFacts:
    """All that the review shows; `due` is what had to be bought, None where the plan covers the swap. Raises StepImpossible."""
    if swap.outgoing is None:
        raise StepImpossible("the new battery is not read")
    return ReviewFacts(
        returned=_card(swap.incoming, RETURNED, swap.inspection) if swap.incoming else None,
        new=_card(swap.outgoing, NEW),
        net=kwh_words(swap.net_kwh) if swap.net_kwh is not None else "",
        net_words=net_words(swap) if swap.net_kwh is not None else tr("Electricity is not counted in this plan"),
        estimated=net_estimated(swap),
        quotas=tuple(quota_change(swap.plan, update) for update in updates),
        pay=_pay(swap, due),
    )


def _card(reading: BatteryTelemetry, names: tuple[str, str], inspection: str = "") -> BatteryView:
    """A small card; that its energy is an estimate stands beside its name, where there is room for it. Of what a fit
    battery says of itself the last stands there, a code without a known meaning before a state: for a person to judge."""
    view = battery_view(reading, tr(names[reading.estimated]), inspection=inspection, checked=True)
    said = () if inspection else notices_of(reading)
    return replace(view, estimated=False, fitness=said[-1] if said else view.fitness)


def _pay(swap: Swap, due: TopUp | None) -> PaidFacts:
    payment = swap.payment
    if payment is None:
        return PaidFacts(number=tr("Nothing"), state=(tr("The plan covers it"), "ok"))
    several = tr_count(
        "{count} payment, last {receipt} confirmed",
        "{count} payments, last {receipt} confirmed",
        len(swap.payments),
        receipt=payment.receipt_id,
    )
    receipt = tr(CONFIRMED[payment.confirmation], receipt=payment.receipt_id)
    return PaidFacts(
        number=amount_words(swap.amount_paid, payment.currency),
        currency=payment.currency,
        lines=_missing(due) if due is not None else (tr("The plan covers it"),),
        state=(several if swap.parts else receipt, "ok"),
    )


def _missing(due: TopUp) -> tuple[str, ...]:
    """What ran out, how much was missing, and its rate: a line for each of the two quotas that was short."""
    parts = ((swaps_words(due.amount_swaps), due.price_swap), (f"{kwh_words(due.amount_kwh)} kWh", due.price_kwh))
    return tuple(
        tr("{missing} missing × {price}", missing=missing, price=format_money(price, due.currency))
        for missing, price in parts
        if price is not None
    )


class ReviewView(QWidget):
    """The last look before the swap is recorded."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self._widgets = widgets
        self._returned, self._new = (BatteryCard(widgets, NO_BATTERY) for _ in range(2))
        self._first = widgets.panel(
            widgets.text(tr("Returned"), "body", "muted"),
            widgets.text(tr("Nothing"), "number"),
            ...,
            widgets.say(tr("First visit, nothing returned"), "ok"),
        )
        self._caption = widgets.centred(tr("Delivered →"), "lead", "accent")
        self._net, self._words = widgets.figure("", "kWh", "hero", "accent", align="centre"), widgets.centred("", "lead", "muted")
        self._estimate = widgets.centred(tr("Estimate"), "strong", "attention")
        middle = widgets.stack(..., self._caption, self._net, self._words, self._estimate, ..., gap="none")
        self._changes = [QuotaChange(widgets, QuotaView(name="")) for _ in range(MAX_QUOTAS)]
        self._pay_name, self._amount = widgets.text("", "strong"), widgets.figure()
        self._lines, self._state = [widgets.text("", "small", "muted") for _ in range(MAX_LINES)], widgets.say("", "ok")
        self.pay = widgets.panel(self._pay_name, self._amount, ..., *self._lines, self._state, gap="xs")
        self._quotas = [widgets.body(widgets.stack(change)) for change in self._changes]
        returned = widgets.body(widgets.stack(self._returned, self._first))
        top = widgets.columns((returned, 1), (widgets.body(middle), 1), (self._new, 1))
        self.setLayout(widgets.stack(top, self._bottom(widgets), gap="s", grow=(0, 1)))

    def _bottom(self, widgets: Widgets) -> QGridLayout:
        """Three columns as above."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(widgets.t.space("l"))
        for column, widget in enumerate((*self._quotas, self.pay)):
            widget.setSizePolicy(QSizePolicy.Policy.Ignored, widget.sizePolicy().verticalPolicy())
            grid.addWidget(widget, 0, column)
            grid.setColumnStretch(column, 1)
        return grid

    def show_review(self, facts: ReviewFacts) -> None:
        self._returned.setVisible(facts.returned is not None)
        self._first.setVisible(facts.returned is None)
        self._returned.show_battery(facts.returned or NO_BATTERY)
        self._new.show_battery(facts.new)
        self._caption.setVisible(bool(facts.net))
        self._net.set_figure(facts.net, "kWh")
        self._net.setVisible(bool(facts.net))
        self._words.set_words(facts.net_words)
        self._estimate.setVisible(facts.estimated)
        for index, change in enumerate(self._changes):
            change.setVisible(index < len(facts.quotas))
            if index < len(facts.quotas):
                change.show_change(facts.quotas[index])
        self._pay_name.set_words(tr(RECORDED) if facts.pay.currency else tr("To pay"))
        self._amount.set_figure(facts.pay.number, facts.pay.currency)
        for line, words in zip(self._lines, (*facts.pay.lines, *[""] * MAX_LINES), strict=False):
            line.set_words(words)
            line.setVisible(bool(words))
        words, tone = facts.pay.state
        self._state.show_notice(tone, words)


class ReviewPage(Page):
    """Step 5. Emits `advanced` with the completed swap; None when it was kept for later."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.error: KioskError | None = None  # is shown in place of the review
        self.review, self.refused = ReviewView(context.widgets), ErrorPanel(context.widgets)
        self.doubt = DoubtStop(context, self.act)
        self.doubt.asked.connect(self._settle)
        self.doubt.approved.connect(self._complete_approved)
        self.doubt.redrawn.connect(self.redrawn)
        self._layers = QStackedLayout(self)
        for layer in (self.review, self.refused, self.doubt):
            self._layers.addWidget(layer)

    def build_next(self) -> bool:
        return self.doubt.approval.typing.build()

    @property
    def doubted(self) -> bool:
        """Whether a doubt stands in the way of completing."""
        return self._layers.currentWidget() is self.doubt

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        swap, swaps = self.running, self.context.kiosk.swaps
        try:
            due = swaps.due(swap) if swap.quota is not None and swap.quota.exhausted else None
            self.review.show_review(review_facts(swap, swaps.updates(swap), due))
        except KioskError as error:
            self._refuse(error)
        else:
            self._show(None)
            if swap.clock_moved:
                self.noted.emit("attention", clock_moved_words(timedelta(seconds=swap.clock_moved)))
            self._look_for_doubts(swap)

    def _look_for_doubts(self, swap: Swap) -> None:
        """Show a doubt about the readings as soon as there is one."""
        self.run(standing_doubts(self.context.kiosk.telemetry, swap), self.show_doubts)

    def show_doubts(self, found: tuple[Doubt, ...]) -> None:
        """They stand in the place of the review; none changes nothing."""
        if found and not self.doubted:
            self.doubt.show_doubts(self.running, found)
            self._layers.setCurrentWidget(self.doubt)
            self.context.sounds.attention()
            self.redrawn.emit()

    def _settle(self, asked: Asked, battery_id: str) -> None:
        if self.acting:
            return
        if asked is Asked.KEEP:
            self._take(Remedy.KEEP)
            return
        if asked is Asked.READ_AGAIN:
            self.context.memory.read_again(self.running, self.doubt.doubts[0].now)
        self.act(read_anew(self.context.kiosk.swaps, self.running, battery_id), self.advanced.emit, self._refuse)

    def _complete_approved(self, swap: Swap) -> None:
        self.swap = swap
        self._show(None)
        self._take(Remedy.TRY_AGAIN)

    def _show(self, error: KioskError | None) -> None:
        self.error = error
        self._layers.setCurrentWidget(self.review if error is None else self.refused)
        self.redrawn.emit()

    def frame_state(self) -> FrameState:
        if self.doubted:
            return self.doubt.frame_state()
        step, paid = RAIL[Step.REVIEW], bool(self.running.payments)
        back = self.way_back()
        if self.error is None:
            complete = Action(words=tr("Complete swap"), icon="check-bold", armed_after=ARMED_SECONDS)
            other = action(Remedy.KEEP if paid else Remedy.READ_AGAIN)
            return FrameState(title=tr("Check and complete"), step=step, primary=complete, back=back, other=other)
        first, second = self._ways()
        title = tr(RECORDED) if paid else title_of(self.error)
        return FrameState(title=title, step=step, primary=action(first), back=back, other=action(second))

    def _ways(self) -> tuple[Remedy, Remedy]:
        return remedies_of(self.error, (Remedy.TRY_AGAIN, Remedy.KEEP))

    def primary(self) -> None:
        if self.doubted:
            self.doubt.primary()
        else:
            self._take(Remedy.TRY_AGAIN if self.error is None else self._ways()[0])

    def other(self) -> None:
        if self.doubted:
            self.doubt.other()
        elif self.error is not None:
            self._take(self._ways()[1])
        elif self.running.payments:
            self._take(Remedy.KEEP)
        else:
            self._read_again()

    def _read_again(self) -> None:
        """The new battery is read once more: the swap is without it until then."""
        swap, battery = self.running, self.running.outgoing
        if battery is not None and not self.acting:
            self.context.memory.wanted = WantedBattery(battery_id=battery.battery_id, address=battery.address, anew=True)
            self.act(self.context.kiosk.swaps.back(swap), self.advanced.emit)

    def back(self) -> None:
        if not (self.doubted and self.doubt.back()):
            super().back()

    @property
    def is_typing(self) -> bool:
        return self.doubted and self.doubt.is_typing

    def type_character(self, character: str) -> None:
        if self.doubted:
            self.doubt.type_character(character)

    def handle_scan(self, text: str) -> str:
        return self.doubt.approval.scan_here if self.doubted and self.doubt.asks_who else super().handle_scan(text)

    def take_badge(self, code: str) -> bool:
        return self.doubted and self.doubt.asks_who and self.doubt.approval.take_badge(code)

    def leave(self) -> None:
        self.doubt.approval.end()
        super().leave()

    def _take(self, way: Remedy) -> None:
        if self.acting:
            return
        if way is Remedy.KEEP:
            self.act(self.context.kiosk.swaps.keep(self.running), lambda _none: self.advanced.emit(None), self._refuse)
        else:
            self.act(_complete(self.context.kiosk, self.running), self._show_completed, self._refuse)

    def _show_completed(self, result: "Swap | tuple[Doubt, ...]") -> None:
        if isinstance(result, Swap):
            self.advanced.emit(result)
        else:
            self.show_doubts(result)

    def _refuse(self, error: Exception) -> None:
        if isinstance(error, KioskError):
            self.context.sounds.refused()
            self.refused.show_error(error_view(error, recorded=NOT_RECORDED))
            self._show(error)
        else:
            self.context.bridge.unhandled.emit(error)


async def _complete(kiosk: Kiosk, swap: Swap) -> Swap | tuple[Doubt, ...]:
    """The completed swap, or the doubts that came between: what was read a moment ago may still be looked up. The last page prints the
    receipt; it is begun here, since making it takes longest. Raises as `complete` does."""
    doubts = await standing_doubts(kiosk.telemetry, swap)
    if doubts:
        return doubts
    completed = await kiosk.swaps.complete(swap)
    if completed.plan.makes_receipts:
        kiosk.receipts.begin(completed)
    return completed
