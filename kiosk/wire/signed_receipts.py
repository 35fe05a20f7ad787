"""A receipt that proves itself: the text of its QR code, which anybody checks with the published keys (contract, second round).

    SKR1|transaction|station|time|net kWh|amount|currency|key id|signature

It names no customer and no plan. The station's key signs these UTF-8 lines, each ended by a line feed:

    swap-kiosk-receipt-1
    the transaction
    the station
    the time of the swap in UTC, cut to seconds: 2026-01-31T08:15:00Z
    net kWh: no exponent, no zeros at the end; empty where energy is not tracked
    the amount paid, written in the same way; 0 where nothing was paid
    its currency

The digest that the platform is asked by is the SHA-256 of these bytes, in lower-case hex. A bar or a control character in a value is
refused before signing and before checking: it could move a value to another place.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Self

from kiosk.domain.decimals import plain
from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.shared.signing_keys import SigningKey
from kiosk.wire.published_keys import PublishedKey

FIRST_LINE, PREFIX, BAR = "swap-kiosk-receipt-1", "SKR1", "|"
MAX_CHARACTERS = 400
_NAMES = ("transaction", "station", "time", "net_kwh", "amount", "currency")
_PARTS = 1 + len(_NAMES) + 2
_MOVES = re.compile(r"[|\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFacts:
    """What is signed of a swap, each as it is written. Two are equal when their signed bytes are."""

    transaction: str
    station: str
    time: str
    net_kwh: str
    amount: str
    currency: str

    @classmethod
    def of_swap(cls, *, transaction: str, station: str, at: datetime, net_kwh: Decimal | None, amount: Decimal, currency: str) -> Self:
        """Values of a swap, written in the one way that both ends write them; `at` is aware."""
        return cls(
            transaction=transaction,
            station=station,
            time=f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z",
            net_kwh="" if net_kwh is None else plain(net_kwh),
            amount=plain(amount),
            currency=currency,
        )

    @property
    def values(self) -> tuple[str, ...]:
        """In the order of the code."""
        return tuple(getattr(self, each) for each in _NAMES)

    @property
    def signed_bytes(self) -> bytes:
        """Raises BadInput for a bar or a control character in a value, and where transaction or station are missing."""
        for name, value in zip(_NAMES, self.values, strict=True):
            if _MOVES.search(value):
                raise BadInput(name, tr("holds a bar or a control character, which no signed receipt may"))
        if not (self.transaction and self.station):
            raise BadInput(tr("the receipt"), tr("names no transaction or no station"))
        return "".join(f"{each}\n" for each in (FIRST_LINE, *self.values)).encode()

    @property
    def digest(self) -> str:
        """The SHA-256 of the signed bytes. Raises BadInput as they do."""
        return hashlib.sha256(self.signed_bytes).hexdigest()


class ReceiptOutcome(StrEnum):
    """What a check found. ENDED: signed by a key that is no longer in use, which a thief may have. Whether it is booked the
    platform knows."""

    VALID = "valid"
    ALTERED = "altered"
    UNKNOWN_KEY = "unknown key"
    ENDED = "key ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptVerdict:
    """`ended_at` is there for ENDED alone."""

    outcome: ReceiptOutcome
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedReceipt:
    """A receipt's code as it was read. Nothing in it is true before it was checked."""

    facts: ReceiptFacts
    key_id: str
    signature: str

    @property
    def code(self) -> str:
        """The text of the QR code."""
        return BAR.join((PREFIX, *self.facts.values, self.key_id, self.signature))

    def checked(self, keys: Iterable[PublishedKey], now: datetime) -> ReceiptVerdict:
        """By the published keys of the station that it names: another station's key is unknown there."""
        published = next((each for each in keys if (each.station, each.key.id) == (self.facts.station, self.key_id)), None)
        if published is None:
            return ReceiptVerdict(outcome=ReceiptOutcome.UNKNOWN_KEY)
        if not published.key.signed(self.facts.signed_bytes, self.signature):
            return ReceiptVerdict(outcome=ReceiptOutcome.ALTERED)
        if published.ended_at is not None and published.ended_at <= now:
            return ReceiptVerdict(outcome=ReceiptOutcome.ENDED, ended_at=published.ended_at)
        return ReceiptVerdict(outcome=ReceiptOutcome.VALID)


def sign_receipt(facts: ReceiptFacts, key: SigningKey) -> SignedReceipt:
    """Raises BadInput for a value that cannot be signed."""
    return SignedReceipt(facts=facts, key_id=key.public.id, signature=key.sign(facts.signed_bytes))


def read_receipt(text: str) -> SignedReceipt:
    """From the text of a code, with white space around it or none. Raises BadInput for what is none, or was cut."""
    where, parts = tr("the receipt's code"), text.strip().split(BAR)
    if parts[0] != PREFIX:
        raise BadInput(where, tr("does not begin with {prefix}", prefix=PREFIX + BAR))
    if len(text) > MAX_CHARACTERS:
        raise BadInput(where, tr("is longer than {limit} characters", limit=MAX_CHARACTERS))
    if len(parts) != _PARTS:
        raise BadInput(where, tr("has {count} parts and not {parts}: it was cut or changed", count=len(parts), parts=_PARTS))
    _, *values, key_id, signature = parts
    receipt = SignedReceipt(facts=ReceiptFacts(**dict(zip(_NAMES, values, strict=True))), key_id=key_id, signature=signature)
    _ = receipt.facts.signed_bytes  # what cannot have been signed is refused here
    return receipt
