"""How a station comes to believe a new key of the platform (decision 26): the one before it signed it (`published_keys`).

Whoever knows one key finds all that follow from it; nothing else in the document is signed, so nothing else of it is used.
"""

from collections.abc import Collection

from kiosk.domain.errors import BadInput
from kiosk.shared.signing_keys import PublicKey
from kiosk.wire.completion_answers import mapping
from kiosk.wire.published_keys import read_published_key, succession_bytes

PATH = "/api/v1/keys"


def keys_that_follow(document: object, known: Collection[PublicKey]) -> tuple[tuple[PublicKey, PublicKey], ...]:
    """The new keys that follow from known ones, each with the key that signed it, in their order. Never raises."""
    listed = mapping(document).get("keys")
    candidates = listed if isinstance(listed, list) else []
    believed = {each.id: each for each in known}
    found: list[tuple[PublicKey, PublicKey]] = []
    for _ in candidates:  # one may follow from another, in whatever order they stand
        step = next((each for each in (_new_key(each, believed) for each in candidates) if each is not None), None)
        if step is None:
            break
        found.append(step)
        believed[step[0].id] = step[0]
    return tuple(found)


def _new_key(entry: object, believed: dict[str, PublicKey]) -> tuple[PublicKey, PublicKey] | None:
    try:
        new = read_published_key(entry)
    except BadInput:
        return None
    by = believed.get(new.signed_by)
    if by is None or new.station or new.key.id in believed or not by.signed(succession_bytes(new.key, new.valid_from), new.signature):
        return None
    return new.key, by
