"""What has to be paid and why, what has arrived, and an amount as it is typed: pure, from domain values to words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal

from kiosk.domain.decimals import ZERO, plain
from kiosk.domain.errors import PaymentInvalid
from kiosk.domain.money.amounts import MOST_LENGTH, SIGNS, SPACES, is_amount, parse_amount
from kiosk.domain.money.money import TopUp
from kiosk.domain.money.payment_received import PaymentReceived
from kiosk.domain.plan.quota import Credit, QuotaCheck
from kiosk.domain.swap.swap import Payment
from kiosk.shared.formatting import NO_BREAK_SPACE, format_method
from ui.pages.formatting import MINUS, TIMES, amount_words, kwh_words, money_words
from ui.widgets import ErrorView
from ui.widgets.frame import BACKSPACE

POINT = "."
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
    caption: str = "To pay"
    received: str = ""


def due_facts(quota: QuotaCheck, due: TopUp, paid: Decimal = ZERO) -> DueFacts:
    """What a swap with an exhausted quota has to pay, where `paid` is recorded already."""
    energy, swaps = due.amount_kwh > 0, due.amount_swaps > 0
    rest = max(ZERO, due.cost - paid)
    still = f"{money_words(rest, due.currency)} still due"
    title = f"The plan is {_short_of(due)} short" if energy else "No swap is left in the plan"
    return DueFacts(
        title=still[0].upper() + still[1:] if paid else title,
        caption="Still to pay" if paid else "To pay",
        received=f"{money_words(paid, due.currency)} of {money_words(due.cost, due.currency)} received, {still}" if paid else "",
        number=amount_words(rest, due.currency),
        currency=due.currency,
        covered=_covered(quota) if energy else ("0 swaps in the plan", 0.0),
        missing=(f"{_short_of(due)} to pay", float(due.amount_kwh / _net(quota)) if energy else 1.0),
        lines=(*(_energy_lines(quota, due) if energy else ()), *(_swap_lines(due) if swaps else ())),
        products=_products(due),
    )


def _net(quota: QuotaCheck) -> Decimal:
    return max(quota.net_kwh or ZERO, quota.deficit_kwh)


def _covered(quota: QuotaCheck) -> tuple[str, float]:
    left = max(ZERO, quota.remaining_kwh or ZERO)
    return f"{kwh_words(left)} kWh in the plan", float(left / _net(quota))


def _short_of(due: TopUp) -> str:
    kwh = f"{kwh_words(due.amount_kwh)} kWh" if due.amount_kwh > 0 else ""
    return " and ".join(part for part in (_swaps(due.amount_swaps) if due.amount_swaps > 0 else "", kwh) if part)


def _swaps(count: Decimal) -> str:
    return f"{plain(count)} swap" + ("" if count == 1 else "s")


def _energy_lines(quota: QuotaCheck, due: TopUp) -> Pairs:
    left = quota.remaining_kwh or ZERO
    before = ("Left in the plan", f"{MINUS} {kwh_words(left)} kWh") if left >= 0 else ("Used beyond the plan", f"+ {kwh_words(-left)} kWh")
    return ("This swap delivers", f"{kwh_words(quota.net_kwh)} kWh"), before, ("Missing", f"{kwh_words(due.amount_kwh)} kWh")


def _swap_lines(due: TopUp) -> Pairs:
    return (("Missing" if due.amount_kwh == 0 else "And missing", _swaps(due.amount_swaps)),)


def _products(due: TopUp) -> Pairs:
    parts = (
        (_swaps(due.amount_swaps), due.amount_swaps, due.price_swap),
        (f"{kwh_words(due.amount_kwh)} kWh", due.amount_kwh, due.price_kwh),
    )
    found = [(words, amount * price, price) for words, amount, price in parts if price is not None]
    lines = tuple((f"{words} {TIMES} {money_words(price, due.currency)}", money_words(cost, due.currency)) for words, cost, price in found)
    if sum((cost for _, cost, _ in found), ZERO) == due.cost and len(found) == 1:
        return lines
    rounded = "To pay" if sum((cost for _, cost, _ in found), ZERO) == due.cost else "Rounded up"
    return (*lines, (rounded, money_words(due.cost, due.currency)))


def recorded_facts(payment: Payment) -> Pairs:
    """What is recorded while the platform's word is awaited."""
    return (("Amount", money_words(payment.amount, payment.currency)), ("Receipt id", payment.receipt_id))


# -- what there is to say about it


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A sentence or two, and the tone: muted is a hint."""

    words: str = ""
    tone: str = "muted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedFacts:
    """A payment that arrived by itself and settles the swap; `more` says what it buys beyond what was missing, "" for nothing."""

    head: str
    number: str
    currency: str
    lines: Pairs
    more: str


def typed_note(amount: Decimal, rest: Decimal, more: Credit, currency: str, *, confirmed: bool) -> Note:
    """What the typed amount means where `rest` is due: `more` is what it buys beyond; `confirmed` says that the platform is asked."""
    if amount > rest:
        return Note(words=over_words(amount - rest, more, currency), tone="accent")
    if 0 < amount < rest:
        words = f"A part payment: {money_words(rest - amount, currency)} will still be due. The platform has to confirm it."
        return Note(words=words, tone="accent")
    return Note(words="The swap goes on when the platform confirms it." if confirmed else "")


def too_small_note(missing: Decimal, currency: str) -> Note:
    """An amount that is less than is due, where the platform takes no parts."""
    return Note(words=f"{money_words(missing, currency)} are missing: one receipt must cover all that is due here.", tone="attention")


def twice_view(amount: Decimal, rest: Decimal, currency: str) -> ErrorView:
    """The question about an amount of more than twice what is due."""
    typed, due = money_words(amount, currency), money_words(rest, currency)
    return ErrorView(
        sentence=f"Is {typed} right?",
        why=f"It is more than twice the {due} that are due.",
        booked="Nothing is recorded yet.",
        steps=("Look at the customer's receipt.", f"If it says {typed}, record it. If not, change the amount."),
        tone="attention",
    )


def over_words(over: Decimal, more: Credit, currency: str) -> str:
    """What is paid beyond what is due, and what it buys."""
    energy = f"{kwh_words(more.kwh)}{NO_BREAK_SPACE}kWh" if more.kwh > 0 else ""
    bought = " and ".join(part for part in (_swaps(more.swaps) if more.swaps > 0 else "", energy) if part)
    gain = f"{bought} more on the plan." if bought else "it buys nothing more, give it back."
    return f"{money_words(over, currency)} more than due: {gain}"


def part_note(payments: Sequence[Payment]) -> Note:
    """Parts that were counted just now."""
    words = ", ".join(f"{money_words(each.amount, each.currency)} with receipt {each.receipt_id}" for each in payments)
    return Note(words=f"Received: {words}.", tone="ok")


def foreign_note(received: PaymentReceived, currency: str) -> Note:
    """Money in another currency than the plan's."""
    arrived = f"{money_words(received.amount, received.currency)} arrived, receipt {received.receipt_id}."
    why = f"This plan is paid in {currency}, so it is not counted: ask the supervisor."
    return Note(words=f"{arrived} {why}", tone="attention")


def arrived_facts(payments: Sequence[Payment], over: Decimal, more: Credit) -> ArrivedFacts:
    """Payments that settle the swap; `over` is what they are beyond what was due. There is one at least."""
    last = payments[-1]
    lines = tuple((f"{format_method(each.method)} {each.receipt_id}", money_words(each.amount, each.currency)) for each in payments)
    return ArrivedFacts(
        head="Payment received",
        number=amount_words(sum((each.amount for each in payments), ZERO), last.currency),
        currency=last.currency,
        lines=lines,
        more=over_words(over, more, last.currency) if over > 0 else "",
    )


# -- an amount as it is typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """An amount as it is typed, in a currency that is paid with `places` decimals. The first digit replaces a `fresh` one, which was put
    there beforehand. What it means is `kiosk.domain.money.amounts`' to say; no key that could change that is dropped."""

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
            return f"{error.reason[0].upper()}{error.reason[1:]}." if is_amount(self.text) else ""
        return ""

    def after(self, character: str) -> "Amount":
        """The amount after one more key; a key that cannot be part of it changes nothing."""
        if character == BACKSPACE:
            return self._with(self.text[:-1])
        text = "" if self.fresh else self.text
        if character in SIGNS:
            return self._with(f"{text or '0'}{character}")
        if character in SPACES:
            return self if self.fresh else self._with(f"{text}{character}")
        if not (character.isascii() and character.isdigit()):
            return self
        return self._with(character if text == "0" else f"{text}{character}")

    def _with(self, text: str) -> "Amount":
        return self if len(text) > MOST_LENGTH else replace(self, text=text, fresh=False)
