"""Which new keys of the platform a station comes to believe (decision 26)."""

from datetime import UTC, datetime

import pytest

from kiosk.shared.signing_keys import PublicKey, SigningKey
from kiosk.wire.platform_keys import keys_that_follow
from kiosk.wire.published_keys import PublishedKey, succession_bytes

FIRST, SECOND, THIRD, ROGUE = (SigningKey.from_seed(bytes([number]) * 32) for number in range(1, 5))
AT = datetime(2026, 1, 31, 8, 15, tzinfo=UTC)


def published(new: PublicKey, by: SigningKey, **changes: object) -> dict[str, object]:
    signature = by.sign(succession_bytes(new, AT))
    return PublishedKey(key=new, valid_from=AT, signed_by=by.public.id, signature=signature).as_json() | changes


def test_each_key_that_a_known_one_signed_is_followed_in_whatever_order_they_stand() -> None:
    document = {"keys": [published(THIRD.public, SECOND), published(SECOND.public, FIRST)]}
    assert keys_that_follow(document, [FIRST.public]) == ((SECOND.public, FIRST.public), (THIRD.public, SECOND.public))


@pytest.mark.parametrize(
    "entry",
    [
        published(SECOND.public, ROGUE),
        published(SECOND.public, ROGUE, signed_by=FIRST.public.id),
        published(SECOND.public, FIRST, **{"from": "2026-02-01T08:15:00.000Z"}),
        published(SECOND.public, FIRST, key=ROGUE.public.text),
        published(SECOND.public, FIRST, station="st-1"),
        published(SECOND.public, FIRST, key="x"),
        published(FIRST.public, FIRST),
        {},
        None,
    ],
)
def test_what_no_known_key_signed_is_not(entry: object) -> None:
    assert keys_that_follow({"keys": [entry]}, [FIRST.public]) == ()


@pytest.mark.parametrize("document", [None, [], {}, {"keys": None}, {"keys": {}}])
def test_a_document_of_another_shape_tells_nothing(document: object) -> None:
    assert keys_that_follow(document, [FIRST.public]) == ()
