"""What is due, how it was paid, and the wait until the platform confirms it.

The page shows what to pay with a code to pay by, takes a receipt by scan or typing, and goes on by itself when the platform announces the
payment first. A recorded payment is a fact, be it a part of what is due: from then on Back is off, and the swap can only be paid,
confirmed, approved, or kept for later. A swap without a price, or without swaps left, says so and goes no further.
"""

from decimal import Decimal

from kiosk.domain.decimals import ZERO
from kiosk.domain.errors import PaymentInvalid, PaymentUsed, PriceMissing, RenewalNeeded, StoreFailed
from kiosk.domain.language import mark, tr
from kiosk.domain.messages import Remedy, message_for
from kiosk.domain.money.money import MAX_RECEIPT_ID_LENGTH
from kiosk.domain.money.payments import is_battery_sticker, normalise_receipt_id
from kiosk.domain.swap.swap import Step, Swap
from kiosk.shared.formatting import format_money
from kiosk.station.events import Event
from ui.pages.formatting import RAIL
from ui.pages.page_context import Page, PageContext, action, in_english, is_customer_code, remedies_of, why_stopped
from ui.pages.payment.flow import KEYBOARDS, RECORDED, PaymentFlow, PaymentViewKind
from ui.pages.payment.text import Note, reason_words
from ui.pages.payment.views import AMOUNT
from ui.pages.refusal_titles import title_of
from ui.widgets.frame import BACKSPACE, Action, FrameState, back_action

RECEIPT_HERE = {
    True: mark("That is a battery code. Scan the receipt now."),
    False: mark("That is a customer's code. Scan the receipt now."),
}  # by whether it is a battery's
PAY_CODE_HERE = mark("That is the code to pay by. Scan the receipt now.")
NO_RECEIPTS = mark("Only cash is taken here. It has no receipt to scan.")
WAITING_HERE = mark("The payment is recorded. Wait for the platform, or keep the swap for later.")
PAID_HERE = mark("The payment is recorded. Nothing has to be scanned now.")
TOO_LONG = mark("That is too long for a receipt id. Scan the receipt now.")


def not_here(error: PaymentInvalid | PaymentUsed) -> str:
    """Why a scanned code cannot be the receipt, and what to do."""
    if isinstance(error, PaymentUsed):
        return tr("{refusal}. Ask for the receipt of this payment.", refusal=message_for(error).what)
    return tr("{reason} Scan the receipt now.", reason=reason_words(error.reason))


class PaymentPage(Page):
    """Step 4. Emits `advanced` with the paid swap; None when it was kept for later or stopped."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.flow = PaymentFlow(self)
        self.form = self.flow.form
        entry = self.form.view
        entry.methods.chosen.connect(self._choose_method)
        entry.field_chosen.connect(self._choose_field)
        entry.pad.typed.connect(self.type_character)
        entry.pad.erased.connect(lambda: self.type_character(BACKSPACE))
        entry.pad.letters.connect(self.type_letters)
        entry.cash.pad.typed.connect(self.type_character)
        entry.cash.pad.erased.connect(lambda: self.type_character(BACKSPACE))
        entry.why.connect(self.flow.explain)
        entry.cash.chosen.connect(self._choose_given)
        self.flow.refused.approve.clicked.connect(self.ask_supervisor)

    # -- coming and going

    def enter(self, swap: Swap | None) -> None:
        super().enter(swap)
        self.flow.begin()

    def resume(self, before: Page, swap: Swap | None) -> None:
        """What was typed stays typed."""
        self.enter(swap)
        if isinstance(before, PaymentPage) and self.flow.view is PaymentViewKind.ENTRY and before.form.due is not None:
            self.form.take_over(before.form)
            self.redrawn.emit()

    def leave(self) -> None:
        self.flow.end()
        self.flow.approval.end()
        super().leave()

    def handle_event(self, event: Event) -> None:
        self.flow.handle_event(event)

    @property
    def works(self) -> bool:
        """A customer pays by phone without a touch here, and money may be on its way."""
        return True

    # -- what is typed and scanned

    def _choose_method(self, key: str) -> None:
        self.form.choose_method(key)
        self.redrawn.emit()

    def _choose_field(self, key: str) -> None:
        self.form.choose_field(key)
        self.redrawn.emit()

    def _choose_given(self, given: Decimal) -> None:
        self.form.set_amount(given)
        self.redrawn.emit()

    def type_letters(self) -> None:
        """The keyboard for a receipt id with letters."""
        self.flow.keyboards[PaymentViewKind.LETTERS].set_value(self.form.receipt_id)
        self.flow.show_view(PaymentViewKind.LETTERS)

    def set_receipt(self, receipt_id: str) -> None:
        """A receipt id as a whole."""
        self.form.set_receipt(receipt_id)
        self.flow.show_view(PaymentViewKind.ENTRY)

    def type_character(self, character: str) -> None:
        if self.flow.view is PaymentViewKind.SUPERVISOR:
            self.flow.approval.type_character(character)
        elif self.flow.view in KEYBOARDS:
            self.flow.keyboards[self.flow.view].type_character(character.upper())
        elif self.flow.view is PaymentViewKind.ENTRY:
            self.form.typed(character)
            self.redrawn.emit()

    @property
    def is_typing(self) -> bool:
        return self.flow.view in KEYBOARDS or (self.flow.view is PaymentViewKind.SUPERVISOR and self.flow.approval.is_typing)

    def take_badge(self, code: str) -> bool:
        return self.flow.view is PaymentViewKind.SUPERVISOR and self.flow.approval.take_badge(code)

    def handle_scan(self, text: str) -> str:
        if self.flow.view is PaymentViewKind.SUPERVISOR:
            return self.flow.approval.scan_here
        if self.flow.view is PaymentViewKind.ARRIVED:
            return tr(PAID_HERE)
        if self.flow.waits or self.form.due is None:
            return tr(WAITING_HERE)
        refusal = self._no_receipt(text)
        if not refusal and not self.form.leave_cash():
            return tr(NO_RECEIPTS)
        if not refusal:
            self.set_receipt(normalise_receipt_id(text))
            self._look_up_receipt()
        return refusal

    def _no_receipt(self, text: str) -> str:
        """Why a code is no receipt, by its form and by this swap; "" where it may be one."""
        battery, plan = is_battery_sticker(text), text.strip().upper() == self.running.plan.id.upper()
        if text.strip() == self.form.view.code.text != "":
            return tr(PAY_CODE_HERE)
        if battery or plan or is_customer_code(text):
            return tr(RECEIPT_HERE[battery])
        if len(text) > MAX_RECEIPT_ID_LENGTH:
            return tr(TOO_LONG)
        try:
            self.context.kiosk.swaps.check_shown(self.running, text, self.form.method)
        except PaymentInvalid as error:
            return not_here(error)
        return ""

    def _look_up_receipt(self) -> None:
        """Whether what was scanned is a code that this kiosk knows; it is taken out again then."""
        receipt_id = self.form.receipt_id

        def known(error: Exception) -> None:
            if self.form.receipt_id == receipt_id and isinstance(error, PaymentInvalid | PaymentUsed):
                self.form.set_receipt("")
                self.context.sounds.refused()
                self.flow.say(Note(words=not_here(error), tone="stop"))

        self.run(self.context.kiosk.swaps.check_unused(self.running, receipt_id, self.form.method), lambda _none: None, known)

    # -- the frame

    def frame_state(self) -> FrameState:
        step = RAIL[Step.PAYMENT]
        back = self.way_back() if self._gives_back() else back_action(enabled=self._may_go_back())
        match self.flow.view:
            case PaymentViewKind.ENTRY:
                hint = tr(RECORDED) if self.flow.recorded and not back.enabled else ""  # why Back is off
                return FrameState(
                    title=self.form.title, step=step, primary=self.form.action(), back=back, other=action(Remedy.KEEP), hint=hint
                )
            case PaymentViewKind.LETTERS:
                primary = self._typing_action(PaymentViewKind.LETTERS, tr("Use this id"), tr("Type the receipt id first"))
                return FrameState(title=tr("Type the receipt id"), step=step, primary=primary, back=back)
            case PaymentViewKind.SUPERVISOR:
                primary = self.flow.approval.action(tr("Approve the payment"))
                return FrameState(title=self.flow.approval.title, step=step, primary=primary, back=back)
            case PaymentViewKind.WAITING:
                wait = Action(words=tr("Waiting for the platform"), icon="hourglass-medium-bold", enabled=False)
                return FrameState(title=tr(RECORDED), step=step, primary=wait, back=back, other=action(Remedy.KEEP))
            case PaymentViewKind.TWICE:
                typed = format_money(self.form.amount.value or ZERO, self.form.amount.currency)
                change = Action(words=tr("Change the amount"), icon="keyboard-bold")
                sure = Action(words=tr("Record {amount}", amount=typed), icon="check-bold")
                return FrameState(title=self.form.title, step=step, primary=change, back=back, other=sure)
            case PaymentViewKind.WHY:
                amount = format_money(self.form.rest, self.form.amount.currency)
                title, primary = tr("Why {amount}?", amount=amount), Action(words=tr("Back to payment"))
                return FrameState(title=title, step=step, primary=primary, back=None)
            case PaymentViewKind.ARRIVED:
                return FrameState(title=tr(RECORDED), step=step, primary=Action(words=tr("Check and complete")), back=back)
        smaller = mark("Choose a smaller charge")
        first, second = (action(way, smaller if way is Remedy.CHOOSE_ANOTHER else "") for way in self._ways())
        title = tr(RECORDED) if self.flow.waits else title_of(self.flow.error)
        return FrameState(title=title, step=step, primary=first, back=back, other=second)

    def _gives_back(self) -> bool:
        """Whether Back leads to the money that is recorded; not while the platform's word is awaited."""
        awaited = self.flow.view in {PaymentViewKind.WAITING, PaymentViewKind.ARRIVED}
        return self.flow.recorded and not awaited and not self._may_go_back()

    def _may_go_back(self) -> bool:
        """To the entry, or, before any money is recorded, to the new battery."""
        if self.flow.view is PaymentViewKind.REFUSED and not self.flow.waits:
            return self.form.due is not None or not self.flow.recorded
        return (
            self.flow.view in {*KEYBOARDS, PaymentViewKind.SUPERVISOR, PaymentViewKind.TWICE, PaymentViewKind.WHY} or not self.flow.recorded
        )

    def _typing_action(self, view: PaymentViewKind, ready: str, first: str) -> Action:
        typed = bool(self.flow.keyboards[view].value)
        return Action(words=ready if typed else first, icon="check-bold", enabled=typed)

    # -- presses

    def primary(self) -> None:
        match self.flow.view:
            case PaymentViewKind.ENTRY:
                self.flow.record()
            case PaymentViewKind.LETTERS if self.flow.keyboards[PaymentViewKind.LETTERS].value:
                self.set_receipt(self.flow.keyboards[PaymentViewKind.LETTERS].value.upper())
            case PaymentViewKind.SUPERVISOR if self.flow.approval.is_ready:
                self._approve()
            case PaymentViewKind.TWICE:
                self.form.choose_field(AMOUNT)
                self.flow.show_view(PaymentViewKind.ENTRY)
            case PaymentViewKind.WHY:
                self.flow.show_view(PaymentViewKind.ENTRY)
            case PaymentViewKind.ARRIVED:
                self.flow.go_on()
            case PaymentViewKind.REFUSED:
                self._take(self._ways()[0])

    def other(self) -> None:
        if self.flow.view is PaymentViewKind.REFUSED:
            self._take(self._ways()[1])
        elif self.flow.view is PaymentViewKind.TWICE:
            self.flow.record(sure=True)
        elif self.flow.view in {PaymentViewKind.ENTRY, PaymentViewKind.WAITING}:
            self._take(Remedy.KEEP)

    def back(self) -> None:
        if self._gives_back():
            super().back()
        elif self.flow.view is PaymentViewKind.SUPERVISOR:
            if not self.flow.approval.back():
                self.flow.show_view(PaymentViewKind.REFUSED)
        elif self.flow.view in {PaymentViewKind.LETTERS, PaymentViewKind.TWICE, PaymentViewKind.WHY} or (
            self.flow.view is PaymentViewKind.REFUSED and self.form.due is not None
        ):
            self.flow.show_view(PaymentViewKind.ENTRY)
        else:
            super().back()

    def stop_work(self) -> None:
        """The wait ends; what it waits for stays."""
        self.flow.stop_waiting()
        super().leave()

    # -- a supervisor

    def ask_supervisor(self) -> None:
        """Who approves is asked for."""
        self.flow.approval.begin()
        self.flow.show_view(PaymentViewKind.SUPERVISOR)

    def _approve(self) -> None:
        reason = in_english(self.flow.error) if self.flow.error is not None else "shown at the counter"
        who = self.flow.approval.take()
        work = self.context.kiosk.swaps.override_payment(self.running, who.id, reason, who.pin)
        self.act(work, self.flow.take_confirmation, lambda error: None if self.flow.approval.refuse(error) else self.flow.refuse(error))

    # -- ways on from a refusal

    def _ways(self) -> tuple[Remedy, Remedy]:
        if self.flow.recorded and self.form.due is None and not self.flow.waits:
            return Remedy.TRY_AGAIN, Remedy.KEEP  # the rest of what is due is not known
        if isinstance(self.flow.error, PriceMissing) or self.flow.error is None:
            return Remedy.CHOOSE_ANOTHER, Remedy.KEEP
        if isinstance(self.flow.error, RenewalNeeded) or (self.form.due is None and not self.flow.recorded):
            return remedies_of(self.flow.error, (Remedy.KEEP, Remedy.STOP_SWAP))
        retry = self.flow.waits or isinstance(self.flow.error, StoreFailed)
        return remedies_of(self.flow.error, (Remedy.TRY_AGAIN if retry else Remedy.ANOTHER_RECEIPT, Remedy.KEEP))

    def _take(self, way: Remedy) -> None:
        swap, swaps = self.running, self.context.kiosk.swaps
        if way is Remedy.KEEP:
            self.stop_work()
            self.act(swaps.keep(swap), lambda _none: self.advanced.emit(None), self.flow.refuse)
        elif way is Remedy.STOP_SWAP:
            self.act(swaps.leave(swap, why_stopped(self.flow.error)), lambda _none: self.advanced.emit(None), self.flow.refuse)
        elif way is Remedy.CHOOSE_ANOTHER:
            self.act(swaps.back(swap), self.advanced.emit, self.flow.refuse)
        elif way is Remedy.ANOTHER_RECEIPT:
            self.set_receipt("")
        elif self.flow.waits:
            self.flow.wait()
        elif self.form.due is None:
            self.flow.ask(swap)
        else:
            self.flow.record()
