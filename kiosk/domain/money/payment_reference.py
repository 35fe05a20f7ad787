"""The swap that a payment's reference names: one rule for the kiosk and the platform (decisions 10, 16)."""

import re

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
