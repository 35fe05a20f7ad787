"""A pseudonym in place of a customer: in documents, messages and free text, whatever key a value stands under.

The customer's id gives way to the pseudonym, also as a part of a longer id or text, where no letter or digit touches it; the name gives way
to nothing, in capitals or not. What holds neither stays byte for byte. An id shorter than MIN_ID characters means other things too: that
gives way only where it is the whole value of a key that speaks of a customer.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, overload

from kiosk.domain.errors import BadInput
from kiosk.wire.exact_json import loads
from kiosk.wire.exact_json import text as json_text

MIN_ID = 4
PREFIX = "erased-"
_CUSTOMER = "customer"
_MAX_BYTES = 16_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pseudonym:
    """`instead` of a customer. `names` are all that this customer was known by.
    `kept` are ids that stay though they hold the customer's.
    """

    customer_id: str
    names: frozenset[str]
    instead: str
    kept: frozenset[str] = frozenset()

    @overload
    def in_value(self, value: str) -> str: ...
    @overload
    def in_value(self, value: bytes) -> bytes: ...
    def in_value(self, value: str | bytes) -> str | bytes:
        """A cell of a database, a payload, a line of text: JSON is replaced value by value, anything else as text."""
        if isinstance(value, str):
            return self._in_text(value)
        before = value.decode("utf-8", "replace")
        after = self._in_text(before)
        return value if after == before else after.encode()

    def _in_text(self, text: str) -> str:
        if text.startswith(("{", "[")):
            try:
                document = loads(text, most_bytes=_MAX_BYTES)
            except BadInput:
                return self.in_words(text)
            replaced = self.in_document(document)
            return text if replaced == document else json_text(replaced)
        return self.in_words(text)

    def in_document(self, value: Any, key: str = "") -> Any:  # noqa: ANN401  any JSON value
        """A parsed document."""
        if isinstance(value, dict):
            return {name: self.in_document(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [self.in_document(each, key) for each in value]
        if not isinstance(value, str):
            return value
        return self.instead if value == self.customer_id and _CUSTOMER in key.lower() else self.in_words(value)

    def names_in(self, text: str) -> bool:
        """Whether a text holds the customer's id, kept or not."""
        return replace(self, kept=frozenset()).in_words(text) != text

    def in_words(self, text: str) -> str:
        """Free text."""
        for name in self.names:
            text = re.sub(_alone(name), "", text, flags=re.IGNORECASE)
        if len(self.customer_id) < MIN_ID:
            return text
        wanted = "|".join([*map(re.escape, sorted(self.kept, key=len, reverse=True)), _alone(self.customer_id)])
        return re.sub(wanted, lambda found: found[0] if found[0] in self.kept else self.instead, text)


def pseudonym_of(customer_id: str, names: Iterable[str | None], token: str) -> Pseudonym:
    """`token` makes it one that no other customer has, and tells nothing of the customer."""
    known = {each.strip() for each in names if each and each.strip()}
    return Pseudonym(customer_id=customer_id, names=frozenset(known - {customer_id}), instead=f"{PREFIX}{token}")


def as_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a database for whoever asks what is kept: documents and messages as what they hold, times as text."""
    return {name: _readable(each) for name, each in row.items()}


def _readable(value: Any) -> Any:  # noqa: ANN401  any column's
    if isinstance(value, datetime):
        return value.isoformat()
    words = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    if not isinstance(words, str) or not words.startswith(("{", "[")):
        return words
    try:
        return loads(words, most_bytes=_MAX_BYTES)
    except BadInput:
        return words


def is_pseudonym(customer_id: str) -> bool:
    """Whether a customer was replaced already."""
    return customer_id.startswith(PREFIX)


def _alone(text: str) -> str:
    return rf"(?<![^\W_]){re.escape(text)}(?![^\W_])"
