"""What is due, how it was paid, and the wait for the platform's word on it.

A recorded payment is a fact: from then on Back is off, and the swap can only be confirmed, vouched for, or kept for later. A receipt that
the platform refuses is dropped from the swap, journalled, and another one can be typed. A wait that ends without a word loses nothing: it
can be tried again, and the platform's event ends it by itself. A swap without a price, or without swaps left, says so and goes no further.
"""

from decimal import Decimal
from enum import StrEnum

from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtWidgets import QStackedLayout, QWidget

from kiosk.domain.errors import (
    KioskError,
    LinkDown,
    PaymentRefused,
    PaymentUsed,
    PriceMissing,
    RenewalNeeded,
    StoreFailed,
)  # fmt: skip
from kiosk.domain.messages import Way, message_for
from kiosk.domain.money import MOST_RECEIPT_ID_LENGTH, TopUp
from kiosk.domain.swap import Step, Swap
from kiosk.events import Event, LinkChanged, PaymentReceived
from ui.frame import BACKSPACE, Action, FrameState
from ui.kit import Wait
from ui.pages.base import Desk, Page
from ui.pages.codes import is_battery_code, is_customer_code
from ui.pages.customer_views import TypingView
from ui.pages.payment_views import EntryView, RefusedView, WaitingView
from ui.pages.payment_words import Amount, due_facts, places_of, recorded_facts
from ui.pages.refusals import action, error_view, ways_of
from ui.pages.words import RAIL

TICK_MILLISECONDS = 200
USUAL_SECONDS = 3
RECORDED = "The payment is recorded"
NOTHING_BOOKED = "Nothing is booked, and no receipt is used up."
KEEP = action(Way.KEEP)
SMALLER = "Choose a smaller charge"
RECEIPT_HERE = {True: "That is a battery code. Scan the receipt now.", False: "That is a customer's code. Scan the receipt now."}
WAITING_HERE = "The payment is recorded. Wait for the platform, or keep the swap for later."
TYPE_HERE = "Type the id of the supervisor now."
TOO_LONG = "That is too long for a receipt id. Scan the receipt now."
WAIT_PHASES = ("Payment recorded on this kiosk", "Asking the platform", "Confirmed")
LATE_WORDS = "The platform is slow to confirm. Ask the customer whether the payment went through."


class View(StrEnum):
    """What the page shows."""

    ENTRY = "entry"
    LETTERS = "letters"
    WAITING = "waiting"
    REFUSED = "refused"
    SUPERVISOR = "supervisor"


KEYBOARDS = {View.LETTERS: "Receipt id", View.SUPERVISOR: "Supervisor's id"}


class PaymentPage(Page):
    """Step 4. Emits `advanced` with the paid swap; None when it was kept for later or stopped."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        kit = desk.kit
        self.view = View.ENTRY
        self.due: TopUp | None = None
        self.error: KioskError | None = None
        self.title, self.method, self.receipt_id, self.active = "", "", "", "receipt"
        self.amount = Amount(text="", places=2)
        self._unknown = ""
        self.entry, self.waiting = EntryView(kit, desk.payment_methods), WaitingView(kit)
        self.refused = RefusedView(kit)
        self._widgets: dict[View, QWidget] = {View.ENTRY: self.entry, View.WAITING: self.waiting, View.REFUSED: self.refused}
        self._keyboards: dict[View, TypingView] = {}
        self._layers = QStackedLayout(self)
        for widget in self._widgets.values():
            self._layers.addWidget(widget)
        self._connect()
        self._since, self._timer = QElapsedTimer(), QTimer(self)
        self._timer.setInterval(TICK_MILLISECONDS)
        self._timer.timeout.connect(self._tick)

    def keyboard(self, view: View) -> TypingView:
        """The keyboard for a receipt's letters or for a supervisor's id; built when it is first needed, which it seldom is."""
        if view not in self._keyboards:
            made = TypingView(self.desk.kit, KEYBOARDS[view])
            made.changed.connect(self.redrawn)
            self._layers.addWidget(made)
            self._keyboards[view] = made
        return self._keyboards[view]

    def _connect(self) -> None:
        self.entry.method_chosen.connect(self._choose_method)
        self.entry.field_chosen.connect(self._choose_field)
        self.entry.typed.connect(self.typed)
        self.entry.erased.connect(lambda: self.typed(BACKSPACE))
        self.entry.letters.connect(self._type_letters)
        self.refused.supervisor.connect(self._ask_supervisor)

    # -- coming and going

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self.error, self.due = None, None
        if swap is None:
            return
        if swap.payment is not None:
            self._wait()
            return
        try:
            self.due = self.desk.kiosk.swaps.due(swap)
        except KioskError as error:
            self._refuse(error)
        else:
            self._begin_entry(swap, self.due)

    def leave(self) -> None:
        self._timer.stop()
        super().leave()

    def _show(self, view: View) -> None:
        self.view, self._unknown = view, ""
        self._layers.setCurrentWidget(self.keyboard(view) if view in KEYBOARDS else self._widgets[view])
        self.redrawn.emit()

    # -- the entry

    def _begin_entry(self, swap: Swap, due: TopUp) -> None:
        quota, unit = swap.quota, self.desk.kiosk.swaps.rules.collectable.unit(due.currency)
        if quota is None:
            return
        facts = due_facts(quota, due)
        self.title, self.receipt_id, self.active = facts.title, "", "receipt"
        self.amount = Amount.of(due.cost, places_of(unit))
        self.entry.due.show_due(facts)
        needed = swap.plan.template.agent_config.service_completion.require_payment_confirmation
        self.entry.show_terms(due.currency, confirmed=needed)
        last, methods = self.desk.memory.last_method, self.desk.payment_methods
        self.method = last if last in methods else methods[0]
        self.entry.methods.choose(self.method)
        self._show_entry()

    def _show_entry(self) -> None:
        self.entry.show_entry(self.amount.text, self.receipt_id, self.active, places=self.amount.places)
        self._show(View.ENTRY)

    def _choose_method(self, key: str) -> None:
        self.method = key

    def _choose_field(self, key: str) -> None:
        self.active = key
        self._show_entry()

    def _type_letters(self) -> None:
        self.keyboard(View.LETTERS).set_value(self.receipt_id)
        self._show(View.LETTERS)

    def _set_receipt(self, receipt_id: str) -> None:
        self.receipt_id, self.active = receipt_id[:MOST_RECEIPT_ID_LENGTH], "receipt"
        self._show_entry()

    def typed(self, character: str) -> None:
        if self.view in KEYBOARDS:
            typing, self._unknown = self.keyboard(self.view), ""
            typing.erase() if character == BACKSPACE else typing.add(character.upper())
        elif self.view is View.ENTRY and self.active == "amount":
            self.amount = self.amount.after(character)
            self._show_entry()
        elif self.view is View.ENTRY:
            self._set_receipt(self.receipt_id[:-1] if character == BACKSPACE else self.receipt_id + character.upper())

    def scanned(self, text: str) -> str:
        if self.view is View.SUPERVISOR:
            return TYPE_HERE
        if self.swap is None or self.swap.payment is not None or self.due is None:
            return WAITING_HERE
        if is_battery_code(text) or is_customer_code(text):
            return RECEIPT_HERE[is_battery_code(text)]
        if len(text) > MOST_RECEIPT_ID_LENGTH:
            return TOO_LONG
        self._set_receipt(text.strip().upper())
        return ""

    # -- the frame

    def frame_state(self) -> FrameState:
        step, recorded = RAIL[Step.PAYMENT], self.swap is not None and self.swap.payment is not None
        back = Action(words="Back", icon="arrow-left-bold", enabled=not recorded or self.view is View.SUPERVISOR)
        if self.view is View.ENTRY:
            return FrameState(title=self.title, step=step, primary=self._record_action(), other=KEEP)
        if self.view is View.LETTERS:
            ready = bool(self.keyboard(View.LETTERS).value)
            primary = Action(words="Use this id" if ready else "Type the receipt id first", icon="check-bold", enabled=ready)
            return FrameState(title="Type the receipt id", step=step, primary=primary)
        if self.view is View.SUPERVISOR:
            ready = bool(self.keyboard(View.SUPERVISOR).value)
            words = "Vouch for the payment" if ready else "Type the id first"
            primary = Action(words=words, icon="check-bold", enabled=ready)
            return FrameState(title=self._unknown or "Type the supervisor's id", step=step, primary=primary, back=back)
        if self.view is View.WAITING:
            wait = Action(words="Waiting for the platform", icon="hourglass-medium-bold", enabled=False)
            return FrameState(title=RECORDED, step=step, primary=wait, back=back, other=KEEP)
        first, second = (self._action(way) for way in self._ways())
        return FrameState(title=self._refused_title(), step=step, primary=first, back=back, other=second)

    def _record_action(self) -> Action:
        if not self.amount.value:
            return Action(words="Type the amount first", enabled=False)
        return Action(words="Record payment") if self.receipt_id else Action(words="Type the receipt id first", enabled=False)

    def _refused_title(self) -> str:
        if self.swap is not None and self.swap.payment is not None:
            return RECORDED  # why Back is off
        return "Payment" if self.due is not None else "Not possible now"

    def _action(self, way: Way) -> Action:
        return action(way, SMALLER if way is Way.CHOOSE_ANOTHER else "")

    # -- presses

    def primary(self) -> None:
        if self.view is View.ENTRY:
            self._record()
        elif self.view is View.LETTERS and self.keyboard(View.LETTERS).value:
            self._set_receipt(self.keyboard(View.LETTERS).value.upper())
        elif self.view is View.SUPERVISOR and self.keyboard(View.SUPERVISOR).value:
            self._vouch(self.keyboard(View.SUPERVISOR).value)
        elif self.view is View.REFUSED:
            self._take(self._ways()[0])

    def other(self) -> None:
        if self.view is View.REFUSED:
            self._take(self._ways()[1])
        elif self.view in {View.ENTRY, View.WAITING}:
            self._take(Way.KEEP)

    def back(self) -> None:
        if self.view is View.SUPERVISOR:
            self._show(View.REFUSED)
        elif self.view is View.LETTERS or (self.view is View.REFUSED and self.due is not None):
            self._show_entry()
        else:
            super().back()

    # -- recording and confirming

    def _record(self) -> None:
        amount: Decimal | None = self.amount.value
        if self.swap is None or not amount or not self.receipt_id:
            return
        self.desk.memory.last_method = self.method
        self.act(self.desk.kiosk.swaps.take_payment(self.swap, amount, self.receipt_id, self.method), self._recorded, self._refuse)

    def _recorded(self, swap: Swap) -> None:
        self.swap = swap
        if swap.paid:
            self._confirmed(swap)
        else:
            self._wait()

    def _wait(self) -> None:
        """Ask the platform, from the beginning."""
        swap = self.swap
        if swap is None or swap.payment is None:
            return
        limit = self.desk.kiosk.swaps.confirm_seconds
        usual = max(1, min(USUAL_SECONDS, int(limit) - 1))
        wait = Wait(phases=WAIT_PHASES, usual_seconds=usual, limit_seconds=max(usual + 1, round(limit)), late_words=LATE_WORDS)
        self.waiting.busy.start(wait)
        self.waiting.show_recorded(recorded_facts(swap.payment))
        self._show(View.WAITING)
        self._since.start()
        self._timer.start()
        self._tick()
        self.run(self.desk.kiosk.swaps.confirm_payment(swap), self._confirmed, self._not_confirmed)

    def _tick(self) -> None:
        self.waiting.busy.tick(min(self._since.elapsed() / 1000, self.desk.kiosk.swaps.confirm_seconds), 1)

    def _confirmed(self, swap: Swap) -> None:
        self._timer.stop()
        self.desk.sounds.accepted()
        self.advanced.emit(swap)

    def _not_confirmed(self, error: Exception) -> None:
        self._timer.stop()
        if self.swap is not None and isinstance(error, PaymentRefused | PaymentUsed):
            refusal: KioskError = error
            self.act(self.desk.kiosk.swaps.drop_payment(self.swap, error), lambda swap: self._dropped(swap, refusal), self._refuse)
        else:
            self._refuse(error)

    def _dropped(self, swap: Swap, error: KioskError) -> None:
        """The receipt is gone from the swap; another one may be typed."""
        amount = self.swap.payment.amount if self.swap is not None and self.swap.payment is not None else None
        self.swap = swap
        try:
            self.due = self.desk.kiosk.swaps.due(swap)
        except KioskError as other:
            self._refuse(other)
            return
        self._begin_entry(swap, self.due)
        if amount is not None:
            self.amount = Amount.of(amount, self.amount.places)
        self._refuse(error)

    def heard(self, event: Event) -> None:
        """The platform's event, or the link that comes back, goes on with a wait that was given up."""
        if self.view is not View.REFUSED or self.acting:
            return
        if self._tells_of_this(event) or (isinstance(event, LinkChanged) and event.connected and isinstance(self.error, LinkDown)):
            self._wait()

    def _tells_of_this(self, event: Event) -> bool:
        payment = self.swap.payment if self.swap is not None else None
        if not isinstance(event, PaymentReceived) or self.swap is None or payment is None:
            return False
        return (event.plan_id, event.receipt_id.upper()) == (self.swap.plan.id, payment.receipt_id.upper())

    # -- a supervisor

    def _ask_supervisor(self) -> None:
        self.keyboard(View.SUPERVISOR).set_value("")
        self._show(View.SUPERVISOR)

    def _vouch(self, typed: str) -> None:
        known = next((each for each in self.desk.supervisors if each.upper() == typed.upper()), None)
        if known is None or self.swap is None:
            self._unknown = f"{typed} is no supervisor of this station"
            self.desk.sounds.refused()
            self.redrawn.emit()
            return
        self.act(self.desk.kiosk.swaps.override_payment(self.swap, known), self._confirmed, self._refuse)

    # -- refusals

    def _refuse(self, error: Exception) -> None:
        self._timer.stop()
        if not isinstance(error, KioskError):
            self.desk.bridge.unhandled.emit(error)
            return
        self.error = error
        recorded = self.swap is not None and self.swap.payment is not None
        booked = f"{RECORDED} with this swap. Nothing else is booked." if recorded else NOTHING_BOOKED
        self.desk.sounds.refused()
        self.refused.panel.show_error(error_view(error, booked=booked))
        self.refused.show_vouch(shown=recorded and bool(self.desk.supervisors))
        self._show(View.REFUSED)

    def _ways(self) -> tuple[Way, Way]:
        recorded = self.swap is not None and self.swap.payment is not None
        if isinstance(self.error, PriceMissing) or self.error is None:
            return Way.CHOOSE_ANOTHER, Way.KEEP
        if isinstance(self.error, RenewalNeeded) or (self.due is None and not recorded):
            return ways_of(self.error, (Way.KEEP, Way.STOP_SWAP))
        retry = recorded or isinstance(self.error, StoreFailed)
        return ways_of(self.error, (Way.TRY_AGAIN if retry else Way.ANOTHER_RECEIPT, Way.KEEP))

    def _take(self, way: Way) -> None:
        swap, swaps = self.swap, self.desk.kiosk.swaps
        if swap is None:
            return
        if way is Way.KEEP:
            self._stop_work()
            self.act(swaps.keep(swap), lambda _none: self.advanced.emit(None), self._refuse)
        elif way is Way.STOP_SWAP:
            reason = f"stopped: {message_for(self.error).what}" if self.error is not None else "stopped by the attendant"
            self.act(swaps.leave(swap, reason), lambda _none: self.advanced.emit(None), self._refuse)
        elif way is Way.CHOOSE_ANOTHER:
            self.act(swaps.back(swap), self.advanced.emit, self._refuse)
        elif way is Way.ANOTHER_RECEIPT:
            self._set_receipt("")
        elif swap.payment is not None:
            self._wait()
        else:
            self._record()

    def _stop_work(self) -> None:
        self._timer.stop()
        super().leave()
