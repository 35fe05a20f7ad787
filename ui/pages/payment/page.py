"""What is due, how it was paid, and the wait for the platform's word on it.

The page shows what to pay with a code to pay by, takes a receipt by scan or typing, and goes on by itself when the platform tells of the
payment first. A recorded payment is a fact, be it a part of what is due: from then on Back is off, and the swap can only be paid,
confirmed, vouched for, or kept for later. A swap without a price, or without swaps left, says so and goes no further.
"""

from kiosk.domain.decimals import ZERO
from kiosk.domain.errors import PaymentInvalid, PaymentUsed, PriceMissing, RenewalNeeded, StoreFailed
from kiosk.domain.messages import Remedy, message_for
from kiosk.domain.money.money import MOST_RECEIPT_ID_LENGTH
from kiosk.domain.money.receipt_ids import is_battery_sticker
from kiosk.domain.swap.swap import Step
from ui.pages.code_kinds import is_customer_code
from ui.pages.error_views import action, ways_of
from ui.pages.formatting import money_words
from ui.pages.page_context import PageContext
from ui.pages.payment.flow import KEYBOARDS, RECORDED, PaymentViewKind, PaymentWork
from ui.pages.payment.form import AMOUNT
from ui.pages.payment.text import Note
from ui.pages.shared_text import RAIL
from ui.widgets.frame import BACKSPACE, Action, FrameState

__all__ = ["PaymentPage", "PaymentViewKind"]

KEEP = action(Remedy.KEEP)
CHANGE = "Change the amount"
SMALLER = "Choose a smaller charge"
RECEIPT_HERE = {True: "That is a battery code. Scan the receipt now.", False: "That is a customer's code. Scan the receipt now."}
WAITING_HERE = "The payment is recorded. Wait for the platform, or keep the swap for later."
PAID_HERE = "The payment is recorded. Nothing has to be scanned now."
TYPE_HERE = "Type the id of the supervisor now."
SCAN_THE_RECEIPT = "Scan the receipt now."
TOO_LONG = "That is too long for a receipt id. Scan the receipt now."


def not_here(error: PaymentInvalid | PaymentUsed) -> str:
    """Why a scanned code cannot be the receipt, and what to do."""
    if isinstance(error, PaymentUsed):
        return f"{message_for(error).what}. Ask for the receipt of this payment."
    return f"{error.reason[0].upper()}{error.reason[1:]}. {SCAN_THE_RECEIPT}"


class PaymentPage(PaymentWork):
    """Step 4. Emits `advanced` with the paid swap; None when it was kept for later or stopped."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        entry = self.form.view
        entry.method_chosen.connect(self.form.choose_method)
        entry.field_chosen.connect(self._choose_field)
        entry.typed.connect(self.type_character)
        entry.erased.connect(lambda: self.type_character(BACKSPACE))
        entry.letters.connect(self.type_letters)
        self.refused.supervisor.connect(self.ask_supervisor)

    # -- what is typed and scanned

    def _choose_field(self, key: str) -> None:
        self.form.choose_field(key)
        self.redrawn.emit()

    def type_letters(self) -> None:
        """The keyboard for a receipt id with letters."""
        self.keyboard(PaymentViewKind.LETTERS).set_value(self.form.receipt_id)
        self.show_view(PaymentViewKind.LETTERS)

    def set_receipt(self, receipt_id: str) -> None:
        """A receipt id as a whole."""
        self.form.set_receipt(receipt_id)
        self.show_view(PaymentViewKind.ENTRY)

    def type_character(self, character: str) -> None:
        if self.view in KEYBOARDS:
            typing, self.unknown = self.keyboard(self.view), ""
            typing.erase() if character == BACKSPACE else typing.add(character.upper())
        elif self.view is PaymentViewKind.ENTRY:
            self.form.typed(character)
            self.redrawn.emit()

    @property
    def is_typing(self) -> bool:
        return self.view is PaymentViewKind.LETTERS

    def take_back_typed(self, text: str) -> None:
        if self.view in KEYBOARDS:
            typing = self.keyboard(self.view)
            typing.set_value(typing.value.removesuffix(text.upper()))
        elif self.view is PaymentViewKind.ENTRY:
            self.form.untyped(text)

    def handle_scan(self, text: str) -> str:
        if self.view is PaymentViewKind.SUPERVISOR:
            return TYPE_HERE
        if self.view is PaymentViewKind.ARRIVED:
            return PAID_HERE
        if self.waits or self.form.due is None:
            return WAITING_HERE
        refusal = self._no_receipt(text)
        if not refusal:
            self.set_receipt(normalise_receipt_id(text))
            self._look_up_receipt()
        return refusal

    def _no_receipt(self, text: str) -> str:
        """Why a code is no receipt, as far as its looks and this swap tell."""
        if is_battery_sticker(text) or is_customer_code(text):
            return RECEIPT_HERE[is_battery_sticker(text)]
        if self.swap is not None and text.strip().upper() == self.swap.plan.id.upper():
            return RECEIPT_HERE[False]
        if len(text) > MOST_RECEIPT_ID_LENGTH:
            return TOO_LONG
        try:
            if self.swap is not None:
                self.context.kiosk.swaps.check_shown(self.swap, text, self.form.method)
        except PaymentInvalid as error:
            return not_here(error)
        return ""

    def _look_up_receipt(self) -> None:
        """Whether what was scanned is a code that this kiosk knows; it is taken out again then."""
        swap, receipt_id = self.swap, self.form.receipt_id
        if swap is None:
            return

        def known(error: Exception) -> None:
            if self.form.receipt_id == receipt_id and isinstance(error, PaymentInvalid | PaymentUsed):
                self.form.set_receipt("")
                self.context.sounds.refused()
                self.say(Note(words=not_here(error), tone="stop"))

        self.run(self.context.kiosk.swaps.check_unused(swap, receipt_id, self.form.method), lambda _none: None, known)

    # -- the frame

    def frame_state(self) -> FrameState:
        step = RAIL[Step.PAYMENT]
        back = Action(words="Back", icon="arrow-left-bold", enabled=self._may_go_back())
        match self.view:
            case PaymentViewKind.ENTRY:
                hint = RECORDED if self.recorded else ""  # why Back is off
                return FrameState(title=self.form.title, step=step, primary=self.form.action(), back=back, other=KEEP, hint=hint)
            case PaymentViewKind.LETTERS:
                primary = self._typing_action(PaymentViewKind.LETTERS, "Use this id", "Type the receipt id first")
                return FrameState(title="Type the receipt id", step=step, primary=primary, back=back)
            case PaymentViewKind.SUPERVISOR:
                primary = self._typing_action(PaymentViewKind.SUPERVISOR, "Vouch for the payment", "Type the id first")
                return FrameState(title=self.unknown or "Type the supervisor's id", step=step, primary=primary, back=back)
            case PaymentViewKind.WAITING:
                wait = Action(words="Waiting for the platform", icon="hourglass-medium-bold", enabled=False)
                return FrameState(title=RECORDED, step=step, primary=wait, back=back, other=KEEP)
            case PaymentViewKind.TWICE:
                typed = money_words(self.form.amount.value or ZERO, self.form.amount.currency)
                change, sure = Action(words=CHANGE, icon="keyboard-bold"), Action(words=f"Record {typed}", icon="check-bold")
                return FrameState(title=self.form.title, step=step, primary=change, back=back, other=sure)
            case PaymentViewKind.ARRIVED:
                return FrameState(title=RECORDED, step=step, primary=Action(words="Check and complete"), back=back)
        first, second = (self._action(way) for way in self._ways())
        return FrameState(title=self._refused_title(), step=step, primary=first, back=back, other=second)

    def _may_go_back(self) -> bool:
        """To the entry, or, before any money is recorded, to the new battery."""
        if self.view is PaymentViewKind.REFUSED and not self.waits:
            return self.form.due is not None or not self.recorded
        return self.view in KEYBOARDS or self.view is PaymentViewKind.TWICE or not self.recorded

    def _typing_action(self, view: PaymentViewKind, ready: str, first: str) -> Action:
        typed = bool(self.keyboard(view).value)
        return Action(words=ready if typed else first, icon="check-bold", enabled=typed)

    def _refused_title(self) -> str:
        if self.waits:
            return RECORDED  # why Back is off
        return "Payment" if self.form.due is not None else "Not possible now"

    def _action(self, way: Remedy) -> Action:
        return action(way, SMALLER if way is Remedy.CHOOSE_ANOTHER else "")

    # -- presses

    def primary(self) -> None:
        match self.view:
            case PaymentViewKind.ENTRY:
                self.record()
            case PaymentViewKind.LETTERS if self.keyboard(PaymentViewKind.LETTERS).value:
                self.set_receipt(self.keyboard(PaymentViewKind.LETTERS).value.upper())
            case PaymentViewKind.SUPERVISOR if self.keyboard(PaymentViewKind.SUPERVISOR).value:
                self._vouch(self.keyboard(PaymentViewKind.SUPERVISOR).value)
            case PaymentViewKind.TWICE:
                self.form.choose_field(AMOUNT)
                self.show_view(PaymentViewKind.ENTRY)
            case PaymentViewKind.ARRIVED:
                self.go_on()
            case PaymentViewKind.REFUSED:
                self._take(self._ways()[0])

    def other(self) -> None:
        if self.view is PaymentViewKind.REFUSED:
            self._take(self._ways()[1])
        elif self.view is PaymentViewKind.TWICE:
            self.record(sure=True)
        elif self.view in {PaymentViewKind.ENTRY, PaymentViewKind.WAITING}:
            self._take(Way.KEEP)

    def back(self) -> None:
        if self.view is PaymentViewKind.SUPERVISOR:
            self.show_view(PaymentViewKind.REFUSED)
        elif self.view in {PaymentViewKind.LETTERS, PaymentViewKind.TWICE} or (
            self.view is PaymentViewKind.REFUSED and self.form.due is not None
        ):
            self.show_view(PaymentViewKind.ENTRY)
        else:
            super().back()

    # -- a supervisor

    def ask_supervisor(self) -> None:
        """The keyboard for the id of who vouches."""
        self.keyboard(PaymentViewKind.SUPERVISOR).set_value("")
        self.show_view(PaymentViewKind.SUPERVISOR)

    def _vouch(self, typed: str) -> None:
        known = next((each for each in self.context.supervisors if each.upper() == typed.upper()), None)
        if known is None or self.swap is None:
            self.unknown = f"{typed} is no supervisor of this station"
            self.context.sounds.refused()
            self.redrawn.emit()
            return
        self.act(self.context.kiosk.swaps.override_payment(self.swap, known), self.confirmed, self.refuse)

    # -- ways on from a refusal

    def _ways(self) -> tuple[Remedy, Remedy]:
        if self.recorded and self.form.due is None and not self.waits:
            return Remedy.TRY_AGAIN, Remedy.KEEP  # the rest of what is due cannot be told
        if isinstance(self.error, PriceMissing) or self.error is None:
            return Remedy.CHOOSE_ANOTHER, Remedy.KEEP
        if isinstance(self.error, RenewalNeeded) or (self.form.due is None and not self.recorded):
            return ways_of(self.error, (Remedy.KEEP, Remedy.STOP_SWAP))
        retry = self.waits or isinstance(self.error, StoreFailed)
        return ways_of(self.error, (Remedy.TRY_AGAIN if retry else Remedy.ANOTHER_RECEIPT, Remedy.KEEP))

    def _take(self, way: Way) -> None:
        swap, swaps = self.swap, self.context.kiosk.swaps
        if swap is None:
            return
        if way is Remedy.KEEP:
            self.stop_work()
            self.act(swaps.keep(swap), lambda _none: self.advanced.emit(None), self.refuse)
        elif way is Remedy.STOP_SWAP:
            reason = f"stopped: {message_for(self.error).what}" if self.error is not None else "stopped by the attendant"
            self.act(swaps.leave(swap, reason), lambda _none: self.advanced.emit(None), self.refuse)
        elif way is Remedy.CHOOSE_ANOTHER:
            self.act(swaps.back(swap), self.advanced.emit, self.refuse)
        elif way is Remedy.ANOTHER_RECEIPT:
            self.set_receipt("")
        elif self.waits:
            self.wait()
        elif self.form.due is None:
            self.ask(swap)
        else:
            self.record()
