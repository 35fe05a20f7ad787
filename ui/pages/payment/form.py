"""What is typed on the payment page: method, amount and receipt id, with what the view says beside them. It records nothing.

The amount is put there beforehand as what is still due. What was typed stays when a part arrives meanwhile, unless it is that receipt.
"""

from decimal import Decimal

from kiosk.domain.decimals import ZERO, places_of
from kiosk.domain.errors import KioskError
from kiosk.domain.language import tr
from kiosk.domain.money.amounts import asks_first
from kiosk.domain.money.money import MAX_RECEIPT_ID_LENGTH, TopUp
from kiosk.domain.money.pay_code import PayCodeFacts
from kiosk.domain.plan.quota import Credit
from kiosk.domain.swap.swap import Swap
from ui.pages.formatting import money_words
from ui.pages.page_context import PageContext
from ui.pages.payment.text import Amount, Note, due_facts, too_small_note, typed_note
from ui.pages.payment.views import EntryView
from ui.widgets.frame import BACKSPACE, Action

AMOUNT, RECEIPT = "amount", "receipt"  # the fields of the view


class PaymentForm:
    """`view` shows the fields. The page handles what the view emits, and redraws the frame."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._swap: Swap | None = None
        self.view = EntryView(context.kit, context.payment_methods)
        self.due: TopUp | None = None
        self.rest = ZERO
        self.title, self.method, self.receipt_id, self.active = "", "", "", RECEIPT
        self.amount = Amount(text="", places=2)

    def clear(self) -> None:
        """Nothing is due that is known."""
        self._swap, self.due, self.receipt_id = None, None, ""

    def begin(self, swap: Swap) -> None:
        """What is due for this swap now, with the code to pay it by. Raises StepImpossible, PriceMissing, RenewalNeeded."""
        swaps = self._context.kiosk.swaps
        self.due, self.rest = swaps.due(swap), swaps.still_due(swap)
        quota, currency = swap.quota, self.due.currency
        if quota is None:
            return
        facts = due_facts(quota, self.due, swap.amount_paid)
        self._swap, self.title = swap, facts.title
        self.amount = Amount.of(self.rest, places_of(swaps.rules.collectable.unit(currency)), currency)
        self.view.due.show_due(facts)
        code = self._code(swap, currency)
        self.active = "" if code else RECEIPT
        self.view.show_terms(currency, code, tr("Code to pay {amount}", amount=money_words(self.rest, currency)))
        last, methods = self._context.memory.last_method, self._context.payment_methods
        self.method = self.method or (last if last in methods else methods[0])
        self.view.methods.choose(self.method)
        self.show()

    def _code(self, swap: Swap, currency: str) -> str:
        facts = PayCodeFacts(amount=self.rest, currency=currency, plan=swap.plan.id, reference=swap.correlation_id, station=swap.station_id)
        return self._context.pay_code.filled(facts)

    # -- what people do

    def choose_method(self, key: str) -> None:
        """By a touch: a receipt is going to be typed."""
        self.method = key
        self.choose_field(self.active or RECEIPT)

    def choose_field(self, key: str) -> None:
        """A field to type in; "" for the code to pay by."""
        self.active = key
        self.show()

    def typed(self, character: str) -> None:
        if self.active == AMOUNT:
            self.amount = self.amount.after(character)
            self.show()
        else:
            self.set_receipt(self.receipt_id[:-1] if character == BACKSPACE else self.receipt_id + character.upper())

    def take_back_typed(self, text: str) -> None:
        """What was typed last came from a scanner. An amount that had such a code typed into it is again what is still due."""
        if self.active == AMOUNT:
            self.set_amount(self.rest)
        else:
            self.set_receipt(self.receipt_id.removesuffix(text.upper()))

    def set_receipt(self, receipt_id: str) -> None:
        self.receipt_id, self.active = receipt_id[:MAX_RECEIPT_ID_LENGTH], RECEIPT
        self.show()

    def set_amount(self, amount: Decimal) -> None:
        """An amount that was typed before."""
        self.amount = Amount.of(amount, self.amount.places, self.amount.currency)
        self.show()

    def take_over(self, other: "PaymentForm") -> None:
        """Go on with what was typed in another form, for the same swap."""
        self.method, self.receipt_id, self.amount = other.method, other.receipt_id, other.amount
        self.view.methods.choose(self.method)
        self.choose_field(other.active)

    # -- what is shown

    def show(self) -> None:
        """The two fields, and what there is to say about them."""
        self.view.show_entry(self.amount.text, self.receipt_id, self.active, places=self.amount.places)
        self.view.show_note(self._note())

    def _note(self) -> Note:
        swap, amount = self._swap, self.amount.value or ZERO
        if swap is None or self.due is None:
            return Note()
        if self.amount.problem:
            return Note(words=self.amount.problem, tone="attention")
        if self.is_part and amount and not self._context.kiosk.swaps.takes_parts:
            return too_small_note(self.rest - amount, self.due.currency)
        needed = swap.plan.needs_payment_confirmation
        return typed_note(amount, self.rest, self.beyond(swap, amount), self.due.currency, confirmed=needed or bool(swap.parts))

    def beyond(self, swap: Swap, amount: Decimal) -> Credit:
        """What an amount buys beyond what is missing; nothing where it is not known."""
        try:
            return self._context.kiosk.swaps.beyond(swap, amount)
        except KioskError:
            return Credit()

    @property
    def is_part(self) -> bool:
        """Whether the typed amount is less than is still due."""
        return (self.amount.value or ZERO) < self.rest

    @property
    def asks_first(self) -> bool:
        """Whether the typed amount is so large that the attendant is asked first."""
        return asks_first(self.amount.value or ZERO, self.rest)

    def action(self) -> Action:
        """The next step, or why there is none yet."""
        if not self.amount.value:
            return Action(words=tr("Type the amount first"), enabled=False)
        if not self.receipt_id:
            return Action(words=tr("Type the receipt id first"), enabled=False)
        if self.is_part and not self._context.kiosk.swaps.takes_parts:
            return Action(words=tr("Type all that is due"), enabled=False)
        return Action(words=tr("Record part payment") if self.is_part else tr("Record payment"))
