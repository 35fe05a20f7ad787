"""The views of the payment page: what is due with the entry of a receipt, the wait until it is confirmed, a payment that arrived."""

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLayout, QStackedLayout, QWidget

from kiosk.domain.decimals import ZERO, places_of
from kiosk.domain.errors import KioskError
from kiosk.domain.language import tr
from kiosk.domain.money.amounts import asks_first
from kiosk.domain.money.cash import asks_cash_first, change_for, is_cash
from kiosk.domain.money.money import MAX_RECEIPT_ID_LENGTH, TopUp
from kiosk.domain.money.pay_code import PayCodeFacts
from kiosk.domain.plan.quota import Credit
from kiosk.domain.swap.swap import Payment, Swap
from kiosk.domain.written import write_amount
from kiosk.shared.formatting import format_method, format_money
from ui.pages.formatting import METHOD_ICONS
from ui.pages.page_context import PageContext, RebuiltPanel
from ui.pages.payment.cash import CashView
from ui.pages.payment.text import POINT, Amount, ArrivedFacts, DueFacts, Note, due_facts, too_small_note, typed_note
from ui.widgets import LETTERS, NONE, Band, BusyPanel, ErrorPanel, Field, Notice, NumericPad, QrCodeView, Segments, Widgets
from ui.widgets.frame import BACKSPACE, Action

AMOUNT, RECEIPT = "amount", "receipt"  # the fields of the view


class PaymentForm:
    """`view` shows the fields. The page handles what the view emits, and redraws the frame."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._swap: Swap | None = None
        self.view = EntryView(context.widgets, context.payment_methods)
        self.due: TopUp | None = None
        self.rest, self._notes = ZERO, tuple[Decimal, ...]()
        self.title, self.method, self.receipt_id, self.active = "", "", "", RECEIPT
        self.amount = Amount(text="", places=2)

    def clear(self) -> None:
        """Nothing is due that is known."""
        self._swap, self.due, self.receipt_id = None, None, ""

    def begin(self, swap: Swap, *, with_code: bool = True) -> None:
        """What is due for this swap now, with the code to pay it by where it may be shown. Raises StepImpossible, PriceMissing,
        RenewalNeeded."""
        swaps = self._context.kiosk.swaps
        self.due, self.rest = swaps.due(swap), swaps.still_due(swap)
        quota, currency = swap.quota, self.due.currency
        if quota is None:
            return
        facts = due_facts(quota, self.due, swap.amount_paid)
        self._swap, self.title = swap, facts.title
        self.amount = Amount.of(self.rest, places_of(swaps.rules.collectable.unit(currency)), currency)
        self.view.show_due(facts)
        code = self._context.pay_code.filled(
            PayCodeFacts(amount=self.rest, currency=currency, plan=swap.plan.id, reference=swap.correlation_id, station=swap.station_id)
        )
        code = code if with_code else ""
        self._has_code, self._notes = bool(code), self._context.quick_notes.get(currency, ())
        self.view.cash.show_due(self.rest, self._notes, places=self.amount.places)
        self.view.show_terms(currency, code, tr("Code to pay {amount}", amount=format_money(self.rest, currency)))
        last, methods = self._context.memory.last_method, self._context.payment_methods
        self.method = self.method or (last if last in methods else methods[0])
        self.view.methods.choose(self.method)
        self.active = AMOUNT if self.cash else "" if code else RECEIPT
        self.show()

    # -- what people do

    @property
    def cash(self) -> bool:
        """Whether it is paid in cash: the amount is what was handed over, and the kiosk makes the receipt."""
        return is_cash(self.method)

    def choose_method(self, key: str) -> None:
        """By a touch. Between cash and another method nothing that was typed means the same."""
        before, self.method = self.cash, key
        if before != self.cash:
            self.set_amount(self.rest)
        self.choose_field(AMOUNT if self.cash else self.active if self.active and not before else RECEIPT)

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

    def set_receipt(self, receipt_id: str) -> None:
        self.receipt_id, self.active = receipt_id[:MAX_RECEIPT_ID_LENGTH], RECEIPT
        self.show()

    def leave_cash(self) -> bool:
        """Another method, for a receipt that is shown; False where there is none."""
        other = next((each for each in self._context.payment_methods if not is_cash(each)), "")
        if other and self.cash:
            self.choose_method(other)
            self.view.methods.choose(other)
        return bool(other)

    @property
    def asks_first(self) -> bool:
        """Whether so much more is typed than is due that it is asked whether it is meant."""
        amount = self.amount.value or ZERO
        return asks_cash_first(amount, self.rest, self._notes) if self.cash else asks_first(amount, self.rest)

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
        """The two fields, and what there is to say about them; in cash what is given back."""
        self.view.show_cash(cash=self.cash)
        self.view.cash.show_given(self.amount.text, self.amount.value, self.rest, self.amount.currency, self.amount.problem)
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
        confirmed = swap.plan.needs_payment_confirmation or bool(swap.parts)
        return typed_note(amount, self.rest, self.beyond(swap, amount), self.due.currency, confirmed=confirmed)

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

    def action(self) -> Action:
        """The next step, or why there is none yet."""
        if not self.amount.value:
            return Action(words=tr("Type the amount first"), enabled=False)
        if not self.receipt_id and not self.cash:
            return Action(words=tr("Type the receipt id first"), enabled=False)
        if self.is_part and not self._context.kiosk.swaps.takes_parts:
            return Action(words=tr("Type all that is due"), enabled=False)
        if self.cash:
            return self._cash_action(self.amount.value)
        return Action(words=tr("Record part payment") if self.is_part else tr("Record payment"))

    def _cash_action(self, given: Decimal) -> Action:
        """The exact sum in one touch; what is given back stands on the button."""
        back, currency = change_for(given, self.rest), self.amount.currency
        if back:
            return Action(words=tr("Received, {change} back", change=write_amount(back, currency)), icon="check-bold")
        return Action(words=tr("Received {amount}", amount=format_money(given, currency)), icon="check-bold")


LEFT, RIGHT = 5, 7
FIELDS, PAD = 9, 8


def due_layout(widgets: Widgets, facts: DueFacts, why: QWidget) -> QLayout:
    """How much, and why: all steps where there is room for them, and `why` opens the page that has them in any case."""
    steps = (widgets.rule(), widgets.facts(*facts.lines)) if len(facts.products) == 1 and not facts.received else ()
    bar = widgets.bar(facts.covered[1], facts.missing[1])
    bar.describe(tr("Plan and missing"), f"{facts.covered[0]}, {facts.missing[0]}")
    captions = widgets.row(widgets.text(facts.covered[0], "small", "muted"), ..., widgets.text(facts.missing[0], "label"), gap="m")
    return widgets.stack(
        widgets.text(facts.caption, "body", "muted"),
        widgets.figure(facts.number, facts.currency, "hero"),
        *([widgets.say(facts.received, "ok")] if facts.received else []),
        bar,
        captions,
        ...,
        *steps,
        widgets.rule(),
        *(
            widgets.row(widgets.text(name, "strong"), ..., widgets.text(value, "strong", wrap=False), gap="m")
            for name, value in facts.products
        ),
        why,
        gap="xs",
    )


class EntryView(QWidget):
    """How it was paid: method, amount, receipt id; beside them the code to pay by, or, once a field is touched, its keys."""

    field_chosen = Signal(str)  # "amount", "receipt", or "" for the code
    why = Signal()

    def __init__(self, widgets: Widgets, methods: Sequence[str]) -> None:
        super().__init__()
        self._widgets, self.due = widgets, RebuiltPanel(widgets)
        self.methods = Segments(widgets, tuple((name, format_method(name), METHOD_ICONS.get(name, "wallet-bold")) for name in methods))
        for segment in self.methods.segments.values():
            segment.setFixedHeight(widgets.t.target("least"))
        self.pad = NumericPad(widgets, LETTERS)
        self.fields = {
            "amount": Field(widgets, tr("Amount received")),
            "receipt": Field(widgets, tr("Receipt id"), hint=tr("Touch to type")),
        }
        for key, field in self.fields.items():
            field.clicked.connect(lambda _checked=False, key=key: self.field_chosen.emit(key))
        self._captions = {key: widgets.text(field.name, "label", "muted") for key, field in self.fields.items()}
        self.code, self.to_code = QrCodeView(widgets), widgets.button("", "qr-code-bold", name=tr("Show the code to pay by"))
        self.to_code.setFixedHeight(self.fields["amount"].height())
        self.to_code.clicked.connect(lambda: self.field_chosen.emit(""))
        self._note = widgets.say("", "muted")
        self.cash = CashView(widgets)
        self._shown = widgets.body(widgets.columns((widgets.body(self._fields(widgets)), FIELDS), (self._faces(widgets), PAD), gap="m"))
        ways = QWidget()
        self._ways = QStackedLayout(ways)
        self._ways.addWidget(self._shown)
        self._ways.addWidget(self.cash)
        self.setLayout(widgets.columns((self.due, LEFT), (widgets.panel(self.methods, ways, gap="between"), RIGHT)))

    def show_due(self, facts: DueFacts) -> None:
        """What has to be paid."""
        why = self._widgets.button(tr("Why this amount?"), "question-bold")
        why.setFixedHeight(self._widgets.t.target("least"))
        why.clicked.connect(self.why)
        self.due.rebuild(due_layout(self._widgets, facts, why))

    def show_cash(self, *, cash: bool) -> None:
        """Cash, or a receipt that is shown."""
        self._ways.setCurrentWidget(self.cash if cash else self._shown)

    def _fields(self, widgets: Widgets) -> QLayout:
        return widgets.stack(
            widgets.stack(self._captions["amount"], widgets.row(self.fields["amount"], self.to_code, gap="between", grow=(0,)), gap="xs"),
            widgets.stack(self._captions["receipt"], self.fields["receipt"], gap="xs"),
            ...,
            self._note,
            gap="m",
        )

    def _faces(self, widgets: Widgets) -> QWidget:
        self._by_code = widgets.body(widgets.stack(widgets.centred(tr("Pay by this code"), "label", "muted"), self.code, grow=(1,)))
        faces = QWidget()
        self._face = QStackedLayout(faces)  # with its widget from the beginning: it shows what it is given
        self._face.addWidget(self.pad)
        self._face.addWidget(self._by_code)
        return faces

    def show_entry(self, amount: str, receipt_id: str, active: str, *, places: int) -> None:
        """The two fields; the pad's corner goes with the active one: the decimal sign where there are decimals, or the letters.

        Where none is active the code to pay by is shown, if there is one.
        """
        for key, value in (("amount", amount), ("receipt", receipt_id)):
            self.fields[key].set_value(value)
            self.fields[key].set_active(active=key == active)
        self.pad.set_corner(LETTERS if active == "receipt" else POINT if places else NONE)
        code = bool(self.code.text) and not active
        self._face.setCurrentWidget(self._by_code if code else self.pad)
        self.to_code.setVisible(bool(self.code.text) and not code)

    def show_terms(self, currency: str, code: str, name: str) -> None:
        """The currency; the text of the code to pay by, "" for none, and what it is called."""
        self._captions["amount"].set_words(tr("Amount received, {currency}", currency=currency))
        self.code.show_code(code, name)
        policy = self.to_code.sizePolicy()
        policy.setRetainSizeWhenHidden(bool(code))  # so that the field beside it never moves
        self.to_code.setSizePolicy(policy)

    def show_note(self, note: Note) -> None:
        """What there is to say about what is typed."""
        self._note.show_notice(note.tone, note.words)


class WaitingView(QWidget):
    """The wait until the platform confirms a recorded receipt."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self.busy = BusyPanel(widgets)
        self._facts = widgets.facts()
        side = widgets.panel(
            widgets.text(tr("Waiting for the platform to confirm"), "lead"),
            widgets.rule(),
            self._facts,
            widgets.rule(),
            widgets.say(tr("The swap goes on by itself when the platform confirms it."), "text", "cloud-check-bold"),
            widgets.say(tr("Kept for later, it waits on this kiosk. Nothing is lost."), "text", "pause-bold"),
            ...,
        )
        self.setLayout(widgets.columns((self.busy, RIGHT), (side, LEFT)))

    def show_recorded(self, payment: Payment) -> None:
        receipt_id = tr("Receipt id")
        facts = ((tr("Amount"), format_money(payment.amount, payment.currency)), (receipt_id, payment.receipt_id))
        self._facts.show_facts(facts, ids=frozenset({receipt_id}))


class ArrivedView(QWidget):
    """What has arrived by itself and settles the swap, before the swap goes on."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self._amount, self._facts, self._more = widgets.figure("", "", "hero"), widgets.facts(), Notice(widgets)
        panel = widgets.panel(
            Band(widgets, "ok", tr("Payment received"), role="number"),
            ...,
            self._amount,
            self._facts,
            ...,
            self._more,
            widgets.say(tr("The swap goes on by itself."), "muted", "info-bold"),
        )
        self.setLayout(widgets.stack(panel))

    def show_arrived(self, facts: ArrivedFacts) -> None:
        self._amount.set_figure(facts.number, facts.currency)
        self._facts.show_facts(facts.lines)
        self._more.show_notice("ok", facts.more)


class RefusedView(QWidget):
    """A refusal; under it, where a supervisor may approve the payment, the button for that."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self.panel = ErrorPanel(widgets)
        self.approve = widgets.button(tr("A supervisor approves it"), "identification-badge-bold")
        self.approve.hide()
        self.setLayout(widgets.stack(self.panel, widgets.row(..., self.approve), gap="m", grow=(0,)))
