"""The view of the review, three by two: both batteries with what is delivered between them; both quotas, and what is paid.

A warning about a reading takes the place of the quotas, which are on the receipt too: all else stays where it is.
"""

from dataclasses import dataclass, replace

from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from kiosk.domain.battery.battery import BatteryTelemetry
from kiosk.domain.errors import StepImpossible
from kiosk.domain.language import mark, tr, tr_count
from kiosk.domain.messages import DoubtMessage
from kiosk.domain.money.money import TopUp
from kiosk.domain.plan.quota import QuotaUpdate
from kiosk.domain.swap.swap import Confirmation, Swap
from kiosk.shared.formatting import format_money
from ui.pages.formatting import amount_words, battery_view, kwh_words, net_estimated, net_words, quota_change, swaps_words
from ui.pages.page_context import RebuiltPanel
from ui.widgets import BatteryCard, BatteryView, QuotaChange, QuotaChangeView, Widgets

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
    quotas: tuple[QuotaChangeView, ...]
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
    """A small card; that its energy is an estimate stands beside its name, where there is room for it."""
    return replace(battery_view(reading, tr(names[reading.estimated]), inspection=inspection, checked=True), estimated=False)


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


RECORDED = mark("Payment recorded")  # why Back is off
MAX_QUOTAS = 2
MAX_LINES = 2
NO_BATTERY = BatteryView(name="", battery_id="", kwh="")


class ReviewView(QWidget):
    """The last look before the swap is recorded."""

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        self._kit = kit
        self._returned, self._new = (BatteryCard(kit, NO_BATTERY) for _ in range(2))
        self._first = kit.panel(
            kit.text(tr("Returned"), "body", "muted"),
            kit.text(tr("Nothing"), "number"),
            ...,
            kit.say(tr("First visit, nothing returned"), "ok"),
        )
        self._caption = kit.centred(tr("Delivered →"), "lead", "accent")
        self._net, self._words = kit.figure("", "kWh", "hero", "accent", align="centre"), kit.centred("", "lead", "muted")
        self._estimate = kit.centred(tr("Estimate"), "strong", "attention")
        middle = kit.stack(..., self._caption, self._net, self._words, self._estimate, ..., gap="none")
        self._changes = [QuotaChange(kit, QuotaChangeView(name="")) for _ in range(MAX_QUOTAS)]
        self._pay_name, self._amount = kit.text("", "strong"), kit.figure()
        self._lines, self._state = [kit.text("", "small", "muted") for _ in range(MAX_LINES)], kit.say("", "ok")
        self.pay = kit.panel(self._pay_name, self._amount, ..., *self._lines, self._state, gap="xs")
        self._quotas, self.doubt = [kit.body(kit.stack(change)) for change in self._changes], RebuiltPanel(kit)
        self.doubt.set_colours("attention_soft", "attention", "hairline")
        returned = kit.body(kit.stack(self._returned, self._first))
        top = kit.columns((returned, 1), (kit.body(middle), 1), (self._new, 1))
        layout = kit.stack(top, self._bottom(kit), gap="m")
        layout.setStretch(0, 1)
        layout.setStretch(1, 1)
        self.setLayout(layout)

    def _bottom(self, kit: Widgets) -> QGridLayout:
        """Three columns as above; the warning lies over the first two. The gaps are columns too: Qt puts no spacing between two cells
        that a third widget spans, shown or not."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(0)
        for widget, column, width in ((self._quotas[0], 0, 1), (self._quotas[1], 2, 1), (self.doubt, 0, 3), (self.pay, 4, 1)):
            policy = QSizePolicy(QSizePolicy.Policy.Ignored, widget.sizePolicy().verticalPolicy())
            policy.setRetainSizeWhenHidden(widget in self._quotas)  # the columns stay where they are under the warning
            widget.setSizePolicy(policy)
            grid.addWidget(widget, 0, column, 1, width)
            grid.setColumnStretch(column, 1)
        for column in (1, 3):
            grid.setColumnMinimumWidth(column, kit.t.space("l"))
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
        self.show_doubt(None)

    def show_doubt(self, facts: DoubtMessage | None) -> None:
        """Readings that cannot be true, and what to do; it may come a moment after the rest. Two sentences are set smaller than one."""
        for quota in self._quotas:
            quota.setVisible(facts is None)
        self.doubt.setVisible(facts is not None)
        if facts is not None:
            role, advice = ("body", "strong") if len(facts.lines) == 1 else ("small", "label")
            lines = (self._kit.say(line, "attention", role=role) for line in facts.lines)
            self.doubt.rebuild(self._kit.stack(*lines, ..., self._kit.text(facts.advice, advice), gap="xs"))
