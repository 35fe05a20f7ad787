"""A payment as the platform reports it, the swap that a reference names, and which texts can be receipt ids.

No code of another kind is one, and where a pattern is set for the method, only what matches it.

Checked where a person shows a receipt, by the kiosk, and by the agent for a receipt that is not recorded yet: a payment that the platform
reports by itself is counted whatever its id. Patterns come from the template (`agent_params.payment.receipt_patterns`, decision 32); a
kiosk's own may only be stricter, so that both are asked.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kiosk.domain.battery.battery import normalise_id
from kiosk.domain.errors import PaymentInvalid
from kiosk.domain.language import mark, tr
from kiosk.domain.people import is_badge
from kiosk.domain.plan.service_plan import ServicePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReceived:
    """The platform says that this receipt was paid (specification, PAYMENT_RECEIVED). `transaction_id` is what the event names as
    paid, "" for nothing; `paid_at` when it was paid, by the platform's clock, None where it is unknown."""

    plan_id: str
    receipt_id: str
    method: str
    amount: Decimal
    currency: str
    transaction_id: str = ""
    paid_at: datetime | None = None

    @property
    def swap(self) -> str:
        """The swap that it pays, "" where it names none: other ids are the payer's own."""
        return swap_named(self.transaction_id)

    def for_another(self, correlation_id: str) -> bool:
        """Whether it pays another swap than this one."""
        return self.swap not in ("", correlation_id)


_OURS = re.compile(r"TXN-[0-9A-HJKMNP-TV-Z]{26}")  # a ULID has no I, L, O and U
_SPECIFIED = re.compile(r"TXN-[0-9A-Za-z]{1,124}")  # the specification's own example is TXN-12345


def swap_named(reference: str) -> str:
    """The correlation id that `reference` is, "" where it is none: an order, an account, words around an id.

    Such a payment belongs to no swap yet, whatever else the payer's own reference says. Blanks around an id are dropped; a kiosk's id is
    known in small letters too, because a ULID has no case.
    """
    text = reference.strip()
    if _OURS.fullmatch(text.upper()):
        return text.upper()
    return text if _SPECIFIED.fullmatch(text) else ""


def normalise_receipt_id(text: str) -> str:
    """A receipt id, or a method of payment, as it is stored and compared: in capitals, without blanks around it."""
    return text.strip().upper()


MAX_PATTERN_LENGTH = 64
MAX_OPEN_COUNTS = 2  # each multiplies the time that a look takes
Patterns = Mapping[str, str]  # method of payment, e.g. MOBILE_MONEY, to pattern

_ATOM = r"(?:[A-Za-z0-9_/:#=~ -]|\\[dw.+/-]|\.|\[[A-Za-z0-9_./-]+\])"
_COUNT = r"(?:\{\d{1,2}(?:,\d{0,2})?\}|[?*+])?"
_PATTERN = re.compile(rf"\^?(?:{_ATOM}{_COUNT})+\$?")
_OPEN = re.compile(r"(?<!\\)[*+?]|,\d{0,2}\}")
_STICKER = re.compile(r"(BAT|BATT|OVES)[-_ ]?[A-Z0-9 _-]*\d{3,}")
_KIOSKS_OWN = re.compile(r"(CASH|BACK)-.+-\d{6,12}")  # numbers of acts with money (`kiosk.domain.money.cash`)
_OTHERS = (  # what a code of another kind looks like, normalised to capitals
    (re.compile(r"[{\[].*", re.DOTALL), mark("it is a customer's code, not a receipt")),
    (re.compile(r"QR_CUSTOMER_.*"), mark("it is a customer's code, not a receipt")),
    (re.compile(r"BEGIN:V.*|MECARD:.*", re.DOTALL), mark("it is an address card, not a receipt")),
    (re.compile(r"[A-Z][A-Z0-9+.-]*://.*|WWW\..*|(MAILTO|TEL|SMSTO|WIFI|GEO):.*"), mark("it is an address of the web, not a receipt")),
    (re.compile(r"TXN-[0-9A-HJKMNP-TV-Z]{26}"), mark("it is the number of a swap, not a receipt")),
    (_STICKER, mark("it is a battery's id, not a receipt")),
    (re.compile(r".*\s.*", re.DOTALL), mark("a receipt id has no space in it")),
)


def is_battery_sticker(text: str) -> bool:
    """Whether a code has the form that stations print on packs."""
    return _STICKER.fullmatch(normalise_id(text)) is not None


def pattern_fault(pattern: str) -> str:
    """Why a pattern cannot be used, "" where it can. Characters, classes such as `[A-Z0-9]` and counts such as `{10}` are all there is, so
    that no pattern takes long, whatever is looked at."""
    if len(pattern) > MAX_PATTERN_LENGTH or not _PATTERN.fullmatch(pattern):
        return tr("a pattern is made of characters, classes and counts, e.g. ^[A-Z0-9]{10}$")
    if len(_OPEN.findall(pattern)) > MAX_OPEN_COUNTS:
        return tr("a pattern has at most {limit} counts that are open, such as + or {{4,8}}", limit=MAX_OPEN_COUNTS)
    try:
        re.compile(pattern)
    except re.error as error:
        return tr("the pattern cannot be read: {error}", error=error)
    return ""


def check_form(receipt_id: str) -> None:
    """Raises PaymentInvalid for a code of another kind."""
    if is_badge(receipt_id):
        raise PaymentInvalid(tr("it is a badge, not a receipt"))
    code = normalise_receipt_id(receipt_id)
    for form, why in _OTHERS:
        if form.fullmatch(code):
            raise PaymentInvalid(tr(why))


def check_shown(receipt_id: str, method: str, plan: ServicePlan, patterns: Iterable[Patterns], others: Iterable[str | None] = ()) -> None:
    """A receipt that a person shows for this plan; `others` are further codes that are known to be none, e.g. of the batteries at hand.

    Raises PaymentInvalid.
    """
    check_form(receipt_id)
    code = normalise_receipt_id(receipt_id)
    if _KIOSKS_OWN.fullmatch(code) and normalise_receipt_id(method) != "CASH":
        raise PaymentInvalid(tr("it is the number of a cash receipt", method=method))
    known = (
        (plan.id, mark("it is the customer's code, not a receipt")),
        (plan.customer_id, mark("it is the customer's id, not a receipt")),
        (plan.current_asset, mark("it is a battery's id, not a receipt")),
        *((each, mark("it is a code of this swap, not a receipt")) for each in others),
    )
    for other, why in known:
        if other and normalise_receipt_id(other) == code:
            raise PaymentInvalid(tr(why))
    for each in patterns:
        pattern = next((pattern for name, pattern in each.items() if normalise_receipt_id(name) == normalise_receipt_id(method)), "")
        if pattern and not re.fullmatch(pattern, code):
            raise PaymentInvalid(tr("a receipt of {method} does not look like {code}", method=method, code=code[:40]))
