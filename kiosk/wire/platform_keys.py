"""The platform's public keys as it publishes them (`GET /api/v1/keys`), and how a new one is believed (decision 26).

`{"keys": [{"id", "key", "from", "until", "signed_by", "signature"}]}`. A new key is signed by the one before it, over the lines
`swap-kiosk-key-1` and the new key in base64, each ended by a line feed. Whoever knows one key finds all that follow from it; nothing else
in the document is signed, so nothing else of it is used.
"""

from collections.abc import Collection
from typing import Any

from kiosk.domain.errors import BadInput
from kiosk.shared.signing_keys import PublicKey
from kiosk.wire.completion_answers import mapping

FIRST_LINE = "swap-kiosk-key-1"
PATH = "/api/v1/keys"


def key_statement(key: PublicKey) -> bytes:
    """What the key before it signs."""
    return f"{FIRST_LINE}\n{key.text}\n".encode()


def keys_that_follow(document: object, known: Collection[PublicKey]) -> tuple[tuple[PublicKey, PublicKey], ...]:
    """The new keys that follow from known ones, each with the key that signed it, in their order. Never raises."""
    listed = mapping(document).get("keys")
    candidates = [mapping(each) for each in listed] if isinstance(listed, list) else []
    believed = {each.id: each for each in known}
    found: list[tuple[PublicKey, PublicKey]] = []
    for _ in candidates:  # one may follow from another, in whatever order they stand
        step = next((each for each in (_new_key(each, believed) for each in candidates) if each is not None), None)
        if step is None:
            break
        found.append(step)
        believed[step[0].id] = step[0]
    return tuple(found)


def _new_key(entry: dict[str, Any], believed: dict[str, PublicKey]) -> tuple[PublicKey, PublicKey] | None:
    by = believed.get(str(entry.get("signed_by")))
    try:
        key = PublicKey.read(str(entry.get("key")))
    except BadInput:
        return None
    if by is None or key.id in believed or not by.signed(key_statement(key), str(entry.get("signature"))):
        return None
    return key, by
