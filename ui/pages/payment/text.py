"""What has to be paid and why, what has arrived, and an amount as it is typed: pure, from domain values to words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal

from kiosk.domain.decimals import ZERO
from kiosk.domain.errors import PaymentInvalid
from kiosk.domain.language import tr
from kiosk.domain.money.amounts import MAX_LENGTH, SIGNS, SPACES, is_amount, parse_amount
from kiosk.domain.money.money import TopUp
from kiosk.domain.money.payments import PaymentReceived
from kiosk.domain.plan.quota import Credit, QuotaCheck
from kiosk.domain.swap.swap import Payment
from kiosk.domain.written import MINUS
from kiosk.shared.formatting import NO_BREAK_SPACE, format_method, format_money
from ui.pages.formatting import TIMES, amount_words, kwh_words, sentence_case, swaps_words
from ui.widgets import ErrorView
from ui.widgets.frame import BACKSPACE

POINT, ZEROS = ".", "00"
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DueFacts:
    """The left column of the payment page. `number` is what is due now; `received`, where something was paid, how much of all.

    `covered` and `missing` are the captions and lengths (0 to 1) of the bar's two parts; `lines` the subtraction, `products` the
    multiplication and, where it was rounded, the amount to collect.
    """

    title: str
    number: str
    currency: str
    covered: tuple[str, float]
    missing: tuple[str, float]
    lines: Pairs
    products: Pairs
    caption: str
    received: str = ""


def due_facts(quota: QuotaCheck, due: TopUp, paid: Decimal = ZERO) -> DueFacts:
    """What a swap with an exhausted quota has to pay, where `paid` is recorded already."""
    energy, missing = due.amount_kwh > 0, both_quotas(due.amount_swaps, due.amount_kwh)
    rest = max(ZERO, due.cost - paid)
    owed, received, cost = (format_money(each, due.currency) for each in (rest, paid, due.cost))
    title = tr("The plan is {missing} short", missing=missing) if energy else tr("No swap is left in the plan")
    return DueFacts(
        title=tr("{amount} still due", amount=owed) if paid else title,
        caption=tr("Still to pay") if paid else tr("To pay"),
        received=tr("{received} of {cost} received, {amount} still due", received=received, cost=cost, amount=owed) if paid else "",
        number=amount_words(rest, due.currency),
        currency=due.currency,
        covered=_covered(quota) if energy else (tr("0 swaps in the plan"), 0.0),
        missing=(tr("{missing} to pay", missing=missing), float(due.amount_kwh / _net(quota)) if energy else 1.0),
        lines=_lines(quota, due),
        products=_products(due),
    )


def _net(quota: QuotaCheck) -> Decimal:
    return max(quota.net_kwh or ZERO, quota.deficit_kwh)


def _covered(quota: QuotaCheck) -> tuple[str, float]:
    left = max(ZERO, quota.remaining_kwh or ZERO)
    return tr("{kwh} kWh in the plan", kwh=kwh_words(left)), float(left / _net(quota))


def both_quotas(swaps: Decimal, kwh: Decimal, space: str = " ") -> str:
    """ "1 swap", "15.6 kWh", "1 swap and 15.6 kWh"; "" where both are nothing. `space` stands before "kWh"."""
    swaps_part, kwh_part = swaps_words(swaps) if swaps > 0 else "", f"{kwh_words(kwh)}{space}kWh" if kwh > 0 else ""
    return tr("{swaps} and {kwh}", swaps=swaps_part, kwh=kwh_part) if swaps_part and kwh_part else swaps_part or kwh_part


def _lines(quota: QuotaCheck, due: TopUp) -> Pairs:
    left = quota.remaining_kwh or ZERO
    missing = tr("Missing")
    energy = (
        (tr("This swap delivers"), f"{kwh_words(quota.net_kwh)} kWh"),
        (tr("Left in the plan"), f"{MINUS} {kwh_words(left)} kWh" if left else f"{kwh_words(left)} kWh")
        if left >= 0
        else (tr("Used beyond the plan"), f"+ {kwh_words(-left)} kWh"),
        (missing, f"{kwh_words(due.amount_kwh)} kWh"),
    )
    swaps = ((missing if due.amount_kwh == 0 else tr("And missing"), swaps_words(due.amount_swaps)),)
    return (*(energy if due.amount_kwh > 0 else ()), *(swaps if due.amount_swaps > 0 else ()))


def _products(due: TopUp) -> Pairs:
    parts = (
        (swaps_words(due.amount_swaps), due.amount_swaps, due.price_swap),
        (f"{kwh_words(due.amount_kwh)} kWh", due.amount_kwh, due.price_kwh),
    )
    found = [(words, amount * price, price) for words, amount, price in parts if price is not None]
    lines = tuple(
        (f"{words} {TIMES} {format_money(price, due.currency)}", format_money(cost, due.currency)) for words, cost, price in found
    )
    exact = sum((cost for _, cost, _ in found), ZERO) == due.cost
    if exact and len(found) == 1:
        return lines
    return (*lines, (tr("To pay") if exact else tr("Rounded up"), format_money(due.cost, due.currency)))


# -- what there is to say about it


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A sentence or two, and the tone: muted is a hint."""

    words: str = ""
    tone: str = "muted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedFacts:
    """A payment that arrived by itself and settles the swap; `more` says what it buys beyond what was missing, "" for nothing."""

    number: str
    currency: str
    lines: Pairs
    more: str


def typed_note(amount: Decimal, rest: Decimal, more: Credit, currency: str, *, confirmed: bool) -> Note:
    """What the typed amount means where `rest` is due: `more` is what it buys beyond; `confirmed` says that the platform is asked."""
    if amount > rest:
        return Note(words=over_words(amount - rest, more, currency), tone="accent")
    if 0 < amount < rest:
        due = format_money(rest - amount, currency)
        return Note(words=tr("A part payment: {amount} will still be due. The platform has to confirm it.", amount=due), tone="accent")
    return Note(words=tr("The swap goes on when the platform confirms it.") if confirmed else "")


def too_small_note(missing: Decimal, currency: str) -> Note:
    """An amount that is less than is due, where the platform takes no parts."""
    amount = format_money(missing, currency)
    return Note(words=tr("{amount} are missing: one receipt must cover all that is due here.", amount=amount), tone="attention")


def twice_view(amount: Decimal, rest: Decimal, currency: str) -> ErrorView:
    """The question about an amount of more than twice what is due."""
    typed, due = format_money(amount, currency), format_money(rest, currency)
    return ErrorView(
        sentence=tr("Is {amount} right?", amount=typed),
        why=tr("It is more than twice the {due} that are due.", due=due),
        recorded=tr("Nothing is recorded yet."),
        steps=(tr("Look at the customer's receipt."), tr("If it says {amount}, record it. If not, change the amount.", amount=typed)),
        tone="attention",
    )


def over_words(over: Decimal, more: Credit, currency: str) -> str:
    """What is paid beyond what is due, and what it buys."""
    bought, amount = both_quotas(more.swaps, more.kwh, NO_BREAK_SPACE), format_money(over, currency)
    if bought:
        return tr("{amount} more than due: {bought} more on the plan.", amount=amount, bought=bought)
    return tr("{amount} more than due: it buys nothing more, give it back.", amount=amount)


def part_note(payments: Sequence[Payment]) -> Note:
    """Parts that were counted just now."""
    parts = (
        tr("{amount} with receipt {receipt}", amount=format_money(each.amount, each.currency), receipt=each.receipt_id) for each in payments
    )
    return Note(words=tr("Received: {payments}.", payments=", ".join(parts)), tone="ok")


def foreign_note(received: PaymentReceived, currency: str) -> Note:
    """Money in another currency than the plan's."""
    words = tr(
        "{amount} arrived, receipt {receipt}. It is not counted: this plan is paid in {currency}. Ask the supervisor.",
        amount=format_money(received.amount, received.currency),
        receipt=received.receipt_id,
        currency=currency,
    )
    return Note(words=words, tone="attention")


def arrived_facts(payments: Sequence[Payment], over: Decimal, more: Credit) -> ArrivedFacts:
    """Payments that settle the swap; `over` is what they are beyond what was due. There is one at least."""
    currency = payments[-1].currency
    return ArrivedFacts(
        number=amount_words(sum((each.amount for each in payments), ZERO), currency),
        currency=currency,
        lines=tuple((f"{format_method(each.method)} {each.receipt_id}", format_money(each.amount, each.currency)) for each in payments),
        more=over_words(over, more, currency) if over > 0 else "",
    )


def reason_words(reason: str) -> str:
    """A reason of a refusal as a sentence."""
    return f"{sentence_case(reason)}."


# -- an amount as it is typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """An amount as it is typed, in a currency that is paid with `places` decimals. The first digit replaces a `fresh` one, which was put
    there beforehand. `kiosk.domain.money.amounts` reads it; no key that could change its meaning is dropped."""

    text: str
    places: int
    currency: str = ""
    fresh: bool = True

    @classmethod
    def of(cls, amount: Decimal, places: int, currency: str = "") -> "Amount":
        """An amount put there beforehand; never less than it is."""
        exact = amount.quantize(Decimal(1).scaleb(-places), ROUND_CEILING)
        return cls(text=format(exact, "f"), places=places, currency=currency)

    @property
    def value(self) -> Decimal | None:
        """None while it is no amount."""
        try:
            return parse_amount(self.text, places=self.places, currency=self.currency)
        except PaymentInvalid:
            return None

    @property
    def problem(self) -> str:
        """Why what is typed cannot be taken, as a sentence; "" where it can, or where nothing is typed yet."""
        try:
            parse_amount(self.text, places=self.places, currency=self.currency)
        except PaymentInvalid as error:
            return reason_words(error.reason) if is_amount(self.text) else ""
        return ""

    def after(self, character: str) -> "Amount":
        """The amount after one more key; a key that cannot be part of it changes nothing."""
        if character == BACKSPACE:
            return self._with(self.text[:-1])
        text = "" if self.fresh else self.text
        if character == ZEROS and text in {"", "0"}:
            return self._with("0")
        if character in SIGNS:
            return self._with(f"{text or '0'}{character}")
        if character in SPACES:
            return self if self.fresh else self._with(f"{text}{character}")
        if not (character.isascii() and character.isdigit()):
            return self
        return self._with(character if text == "0" else f"{text}{character}")

    def _with(self, text: str) -> "Amount":
        return self if len(text) > MAX_LENGTH else replace(self, text=text, fresh=False)
