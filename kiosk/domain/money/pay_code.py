"""The text of the QR code to pay by, made from a configured text with placeholders for this payment's facts.

`{amount}` is a plain number, `{currency}` its ISO code, `{plan}` the plan's id, `{reference}` the swap's correlation id, by which the
platform knows what the payment is for, `{station}` the station's id. In a text that begins like an address (`https://...`, `upi://...`)
every value is quoted for it; elsewhere `{plan:url}` quotes one. `{{` and `}}` are braces. What cannot be a template is BadInput.
"""

import re
import string
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from urllib.parse import quote

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr

DEFAULT = "Pay {amount} {currency} for plan {plan}, reference {reference}"
MAX_BYTES = 300  # a code of more could not be read from arm's length in the room that the page has
QUOTED = "url"
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayCodeFacts:
    """The facts of one payment; `amount` is what is due now, in `currency`."""

    amount: Decimal
    currency: str
    plan: str
    reference: str
    station: str


_LONG = PayCodeFacts(
    amount=Decimal("1234567.89"), currency="KES", plan="bss-plan-" + "x" * 40, reference="TXN-" + "0" * 26, station="STATION-" + "0" * 8
)
PLACEHOLDERS = tuple(each.name for each in fields(PayCodeFacts))
_Piece = tuple[str, str | None, str]  # words, the placeholder after them, "url" where it is quoted


@dataclass(frozen=True, slots=True)
class PayTemplate:
    """A template that was checked; an empty one makes no code."""

    text: str

    def filled(self, facts: PayCodeFacts) -> str:
        """What the code says for this payment; "" for no code."""
        values = {"": "", **asdict(facts), "amount": format(facts.amount, "f")}
        everywhere = _ADDRESS.match(self.text) is not None
        return "".join(
            words + (quote(values[name or ""], safe="") if everywhere or form == QUOTED else values[name or ""])
            for words, name, form in _pieces(self.text)
        )


NO_CODE = PayTemplate("")


def pay_template(text: str) -> PayTemplate:
    """The template in a text. Raises BadInput with the reason: an unknown placeholder, a brace alone, too long."""
    try:
        pieces = _pieces(text)
    except ValueError as error:
        raise BadInput("qr", tr("it cannot be a template: {error}", error=error)) from error
    for _words, name, form in pieces:
        if name is not None and (name not in PLACEHOLDERS or form not in {"", QUOTED}):
            placeholder = f"{{{name}:{form}}}" if form else f"{{{name}}}"
            known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
            raise BadInput("qr", tr("{placeholder} is no placeholder: {known}, or one with :url", placeholder=placeholder, known=known))
    template = PayTemplate(text)
    long = len(template.filled(_LONG).encode())
    if long > MAX_BYTES:
        raise BadInput("qr", tr("it is too long: {length} bytes with usual values, and {limit} is the most", length=long, limit=MAX_BYTES))
    return template


def _pieces(text: str) -> list[_Piece]:
    """Raises ValueError."""
    found: list[_Piece] = []
    for words, name, form, conversion in string.Formatter().parse(text):
        if conversion:
            raise ValueError(f"{{{name}!{conversion}}} is no placeholder")
        found.append((words, name, form or ""))
    return found
