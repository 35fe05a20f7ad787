"""PaymentFlow: the work of the payment page: record a receipt, wait until the platform confirms it, and take what arrives by itself.

One thing at a time: what arrives while a receipt is being recorded, or waits to be confirmed, is taken afterwards, so that no step is taken
on a swap that another one has changed. A receipt that the platform refuses is dropped from the swap, journalled, and another one can be
typed. A wait that ends without an answer loses nothing: it can be tried again, and the platform's event, or the link that comes back, goes
on with it. A part leaves the page where it is, with the rest to pay.
"""

from collections.abc import Sequence
from enum import StrEnum

from PySide6.QtCore import QElapsedTimer
from PySide6.QtWidgets import QStackedLayout, QWidget

from kiosk.domain.decimals import ZERO
from kiosk.domain.errors import KioskError, LinkDown, PaymentRefused, PaymentUsed, StationRefused, TransactionOwned
from kiosk.domain.language import mark, tr
from kiosk.domain.money.payments import PaymentReceived
from kiosk.domain.people import Act
from kiosk.domain.swap.swap import Payment, Swap
from kiosk.shared.mqtt.link import LinkChanged
from kiosk.station.events import Event
from kiosk.station.services.payment_arrivals import Arrival
from ui.pages.approval import ApproveView
from ui.pages.page_context import Page, TypingView, error_view
from ui.pages.payment.text import Note, arrived_facts, foreign_note, part_note, twice_view
from ui.pages.payment.views import ArrivedView, PaymentForm, RefusedView, WaitingView
from ui.pages.payment.why import WhyView
from ui.widgets import Wait

TICK_MILLISECONDS = 200
ARRIVED_MILLISECONDS = 3000  # long enough to read an amount and a receipt id
USUAL_SECONDS = 3
UNCLAIMED = mark("Offline: a payment by code is confirmed when the link is back.")
RECORDED = mark("The payment is recorded")
RECORDED_ONLY = mark("The payment is recorded with this swap. Nothing else is recorded.")
NOTHING_RECORDED = mark("Nothing is recorded, and no receipt is used up.")
WAIT_PHASES = (mark("Payment recorded on this kiosk"), mark("Asking the platform"), mark("Confirmed"))


class PaymentViewKind(StrEnum):
    """What the page shows."""

    ENTRY = "entry"
    TWICE = "twice"  # a question about the amount
    LETTERS = "letters"
    WAITING = "waiting"
    ARRIVED = "arrived"
    WHY = "why"
    REFUSED = "refused"
    SUPERVISOR = "supervisor"


KEYBOARDS = {PaymentViewKind.LETTERS: mark("Receipt id")}


class PaymentFlow:
    """Works for `page`, whose swap it changes, with the views that it puts into the page."""

    def __init__(self, page: Page) -> None:
        self._page, self.context = page, page.context
        widgets = self.context.widgets
        self.view = PaymentViewKind.ENTRY
        self.error: KioskError | None = None
        self.form = PaymentForm(self.context)
        self.waiting, self.arrived, self.refused = WaitingView(widgets), ArrivedView(widgets), RefusedView(widgets)
        self.why = WhyView(widgets)
        self.keyboards = {view: TypingView(widgets, tr(name)) for view, name in KEYBOARDS.items()}
        self.approval = ApproveView(self.context, Act.PAYMENT)
        self.approval.changed.connect(page.redrawn)
        for keyboard in self.keyboards.values():
            keyboard.changed.connect(page.redrawn)
        self._widgets: dict[PaymentViewKind, QWidget] = {
            PaymentViewKind.ENTRY: self.form.view,
            PaymentViewKind.WAITING: self.waiting,
            PaymentViewKind.ARRIVED: self.arrived,
            PaymentViewKind.WHY: self.why,
            PaymentViewKind.SUPERVISOR: self.approval,
            **self.keyboards,
        }
        self._layers = QStackedLayout(page)
        for widget in (*self._widgets.values(), self.refused):
            self._layers.addWidget(widget)
        self._since, self._timer = QElapsedTimer(), page.timer(TICK_MILLISECONDS, self._tick)
        self._goes_on = page.timer(ARRIVED_MILLISECONDS, self.go_on, once=True)
        self._look_again = False
        self._noted_foreign: frozenset[str] = frozenset()  # receipts in another currency
        self._with_code, self._unclaimed = True, False

    def show_view(self, view: PaymentViewKind) -> None:
        """A refusal, and the question about the amount, stand on the same panel."""
        self.view = view
        self._layers.setCurrentWidget(self._widgets.get(view, self.refused))
        self._page.redrawn.emit()
        if self._look_again:
            self.look()

    @property
    def swap(self) -> Swap:
        """The page's swap, as it is by now."""
        return self._page.running

    @property
    def recorded(self) -> bool:
        """Whether money is recorded for the swap, be it a part: it can only be kept then."""
        return bool(self.swap.payments)

    @property
    def waits(self) -> bool:
        """Whether a recorded receipt is not confirmed yet."""
        return self.swap.payment is not None and not self.swap.paid

    # -- coming and going

    def begin(self) -> None:
        """The page is shown: ask for what is due, or go on with a wait."""
        self.error, self._look_again, self._noted_foreign = None, False, frozenset()
        self.form.clear()
        self.form.method = ""
        if self.waits:
            self.wait()
        else:
            self._look_again = True
            self._unclaimed = self.context.kiosk.swaps.needs_claim(self.swap)
            self._with_code = not self._unclaimed
            if self.ask(self.swap) and self._unclaimed:
                self._claim()

    # -- whose transaction it is (decision 27)

    def _claim(self) -> None:
        """The code to pay by is shown once the platform knows whose swap it is, or cannot be asked."""
        self._page.run(self.context.kiosk.swaps.claim(self.swap), self._after_claim, self._handle_refused_claim)

    def _after_claim(self, claimed: bool) -> None:  # noqa: FBT001  a result
        self._unclaimed, shown = not claimed, self._with_code
        self._with_code = True
        if not shown and self.view is PaymentViewKind.ENTRY and not self.form.receipt_id and not self.waits:
            self.ask(self.swap)
        if not claimed:
            self.say(Note(words=tr(UNCLAIMED), tone="attention"))

    def _handle_refused_claim(self, error: Exception) -> None:
        """No money is taken for what another counter began, nor by one that is not accepted."""
        if isinstance(error, TransactionOwned | StationRefused):
            self.form.clear()
        self.refuse(error)

    def end(self) -> None:
        """The page is left."""
        self._goes_on.stop()
        if self._noted_foreign:
            self.context.sounds.quiet()
        self.stop_waiting()

    def stop_waiting(self) -> None:
        """Show the seconds of a wait no longer."""
        self._timer.stop()

    def say(self, note: Note) -> None:
        """A sentence about what has happened, where the title stands."""
        self._page.noted.emit(note.tone, note.words)

    def ask(self, swap: Swap) -> bool:
        """Ask for what is still due; False where it is not known, and why is shown instead."""
        try:
            self.form.begin(swap, with_code=self._with_code)
        except KioskError as error:
            self.form.clear()
            self.refuse(error)
            return False
        self.show_view(PaymentViewKind.ENTRY)
        return True

    def explain(self) -> None:
        """Show how the amount comes about."""
        if self.form.due is not None:
            self.why.show_why(self.swap, self.form.due, self.context.zone)
            self.show_view(PaymentViewKind.WHY)

    # -- recording and confirming

    def record(self, *, sure: bool = False) -> None:
        """Record what is typed; an amount of more than twice what is due is asked about first, unless the attendant is `sure`."""
        form, amount = self.form, self.form.amount.value
        if not amount or not (form.receipt_id or form.cash):
            return
        if form.asks_first and not sure:
            self.context.sounds.attention()
            self.refused.panel.show_error(twice_view(amount, form.rest, form.amount.currency))
            self.refused.approve.setVisible(False)
            self.show_view(PaymentViewKind.TWICE)
        else:
            self.context.memory.last_method = form.method
            swaps = self.context.kiosk.swaps
            work = (
                swaps.take_cash(self.swap, amount, part=True)
                if form.cash
                else swaps.take_payment(self.swap, amount, form.receipt_id, form.method, part=True)
            )
            self._page.act(work, self._after_recording, self.refuse)

    def _after_recording(self, swap: Swap) -> None:
        self._page.swap = swap
        if swap.paid:
            self.take_confirmation(swap)
        else:
            self.wait()

    def wait(self) -> None:
        """Ask the platform, from the beginning."""
        swap = self.swap
        if swap.payment is None:
            return
        limit = self.context.kiosk.swaps.confirm_seconds
        usual = max(1, min(USUAL_SECONDS, int(limit) - 1))
        wait = Wait(
            phases=tuple(tr(each) for each in WAIT_PHASES),
            usual_seconds=usual,
            limit_seconds=max(usual + 1, round(limit)),
            late_words=tr("The platform is slow to confirm. Ask the customer whether the payment went through."),
        )
        self.waiting.busy.start(wait)
        self.waiting.show_recorded(swap.payment)
        self.show_view(PaymentViewKind.WAITING)
        self._since.start()
        self._timer.start()
        self._tick()
        self._page.run(self.context.kiosk.swaps.confirm_payment(swap), self.take_confirmation, self._handle_no_confirmation)

    def _tick(self) -> None:
        self.waiting.busy.tick(min(self._since.elapsed() / 1000, self.context.kiosk.swaps.confirm_seconds), 1)

    def take_confirmation(self, swap: Swap) -> None:
        """The payment is confirmed or approved: the swap goes on, or the rest is asked for."""
        self._timer.stop()
        self.context.sounds.accepted()
        self._page.swap = swap
        if swap.paid:
            self._page.advanced.emit(swap)
        else:
            self.form.receipt_id = ""
            self._look_again = True
            if self.ask(swap):
                self.say(part_note(swap.parts[-1:]))

    def _handle_no_confirmation(self, error: Exception) -> None:
        self._timer.stop()
        if isinstance(error, PaymentRefused | PaymentUsed):
            work = self.context.kiosk.swaps.drop_payment(self.swap, error)
            self._page.act(work, lambda swap: self._after_drop(swap, error), self.refuse)
        else:
            self.refuse(error)

    def _after_drop(self, swap: Swap, error: Exception) -> None:
        """The swap has no receipt any more; another one may be typed."""
        dropped = self.swap.payment
        self._page.swap = swap
        self.form.receipt_id = ""
        if not self.ask(swap):
            return
        if dropped is not None:
            self.form.set_amount(dropped.amount)
        self._look_again = True  # the platform may have announced the right amount before
        self.refuse(error)

    # -- what arrives by itself

    def look(self) -> None:
        """Look whether the platform has announced payments of this swap; nobody waits for it."""
        self._look_again = False
        if self.swap.payment is None:
            self._page.run(self.context.kiosk.swaps.arrived(self.swap), self._take_news)

    def _take_news(self, news: Sequence[PaymentReceived]) -> None:
        """A receipt that waits to be confirmed by now ends with another look."""
        self._look_again = bool(news) and self._page.acting
        if news and self.swap.payment is None and not self._page.acting:
            self._page.act(self.context.kiosk.swaps.take_arrived(self.swap), self._show_arrival, self.refuse)

    def _show_arrival(self, arrival: Arrival) -> None:
        self._page.swap = arrival.swap
        foreign = tuple(each for each in arrival.foreign if each.receipt_id not in self._noted_foreign)
        self._noted_foreign |= {each.receipt_id for each in foreign}
        if arrival.counted:
            self._show_counted(arrival.swap, arrival.counted)
        if foreign:
            self.context.sounds.attention()
            self.say(foreign_note(foreign[-1], arrival.swap.plan.billing_currency))

    def _show_counted(self, swap: Swap, counted: Sequence[Payment]) -> None:
        self.context.sounds.accepted()
        if any(each.receipt_id.startswith(self.form.receipt_id) for each in counted):
            self.form.receipt_id = ""
        if not swap.paid:
            if self.ask(swap):
                self.say(part_note(counted))
            return
        over = swap.amount_paid - self.form.due.cost if self.form.due is not None else ZERO
        self.say(Note(tone="ok"))  # what the note says of a part is in the sum by now
        self.arrived.show_arrived(arrived_facts(counted, over, self.form.beyond(swap, ZERO)))
        self.show_view(PaymentViewKind.ARRIVED)
        self._goes_on.start()

    def go_on(self) -> None:
        """The payment that arrived was shown long enough: go on with the swap."""
        self._goes_on.stop()
        if self.swap.paid:
            self._page.advanced.emit(self.swap)

    def handle_event(self, event: Event) -> None:
        """The platform's event, or the link that comes back, goes on with a wait that was given up; an event may bring a payment."""
        if self.view is PaymentViewKind.WAITING:
            return
        if self._unclaimed and self._with_code and isinstance(event, LinkChanged) and event.connected:
            self._claim()
        if self.waits:
            link_back = isinstance(event, LinkChanged) and event.connected and isinstance(self.error, LinkDown)
            if self.view is PaymentViewKind.REFUSED and not self._page.acting and (link_back or self._is_about_payment(event)):
                self.wait()
        elif isinstance(event, PaymentReceived) and event.plan_id == self.swap.plan.id:
            self.look()

    def _is_about_payment(self, event: Event) -> bool:
        payment = self.swap.payment
        if not isinstance(event, PaymentReceived) or payment is None:
            return False
        return (event.plan_id, event.receipt_id.upper()) == (self.swap.plan.id, payment.receipt_id.upper())

    # -- refusals

    def refuse(self, error: Exception) -> None:
        """Show why a step did not happen; anything but a KioskError is a fault of the program."""
        self._timer.stop()
        if not isinstance(error, KioskError):
            self.context.bridge.unhandled.emit(error)
            return
        self.error = error
        self.context.sounds.refused()
        self.refused.panel.show_error(error_view(error, recorded=RECORDED_ONLY if self.recorded else NOTHING_RECORDED))
        self.refused.approve.setVisible(self.waits and self._may_approve())
        self.show_view(PaymentViewKind.REFUSED)

    def _may_approve(self) -> bool:
        """A supervisor approves a whole payment only: the platform adds the parts up."""
        try:
            return bool(self.context.kiosk.swaps.supervisors) and not self.context.kiosk.swaps.in_parts(self.swap)
        except KioskError:
            return False
