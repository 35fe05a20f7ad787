"""The public keys that `GET /api/v1/keys` lists: the platform's, each new one signed with the one before, and the stations'.

`{"keys": [{"id", "key", "owner": "platform" | "station", "station", "from", "until", "revoked_since", "signed_by", "signature"}], "after":
where the next page begins or null}`. `until` is null while no end is known. A new key of the platform is signed over the lines

    swap-kiosk-key-1
    the new public key, base64
    from: 2026-01-31T08:15:00.123Z

each ended by a line feed, so that who knows one key of the platform comes to know its later ones without asking anybody else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from kiosk.domain.agent.specification_json import Json
from kiosk.domain.errors import BadInput
from kiosk.domain.times import iso_utc
from kiosk.shared.signing_keys import PublicKey
from kiosk.wire.checked import Model, Moment, Text, checked
from kiosk.wire.exact_json import loads
from kiosk.wire.signed_messages import wire_time

FIRST_LINE = "swap-kiosk-key-1"
PLATFORM, STATION = "platform", "station"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedKey:
    """A public key and when it counts; `station` is empty for the platform's own, `signed_by` for one that none before it signed."""

    key: PublicKey
    valid_from: datetime
    valid_until: datetime | None = None
    station: str = ""
    revoked_since: datetime | None = None
    signed_by: str = ""
    signature: str = ""

    @property
    def ended_at(self) -> datetime | None:
        """When it ended, or will end; None while no end is known."""
        return min(filter(None, (self.valid_until, self.revoked_since)), default=None)

    def counts(self, now: datetime) -> bool:
        """Whether what it signs now is believed. A clock that is a little behind is no reason: only the end is looked at."""
        return self.revoked_since is None and (self.valid_until is None or now < self.valid_until)

    def as_json(self) -> Json:
        """As it is published."""
        return {
            "id": self.key.id,
            "key": self.key.text,
            "owner": STATION if self.station else PLATFORM,
            "station": self.station or None,
            "from": wire_time(self.valid_from),
            "until": _time_or_none(self.valid_until),
            "revoked_since": _time_or_none(self.revoked_since),
            "signed_by": self.signed_by or None,
            "signature": self.signature or None,
        }


def _time_or_none(moment: datetime | None) -> str | None:
    return iso_utc(moment) if moment else None


class _KeyDocument(Model):
    key: Text
    station: Text | None = None
    valid_from: Moment
    until: Moment | None = None
    revoked_since: Moment | None = None
    signed_by: Text | None = None
    signature: Text | None = None


def read_published_key(value: object) -> PublishedKey:
    """One of the list, as parsed JSON. Raises BadInput."""
    if isinstance(value, dict) and "from" in value:
        value = {**value, "valid_from": value["from"]}
    read = checked(_KeyDocument, value, BadInput)
    return PublishedKey(
        key=PublicKey.read(read.key),
        valid_from=read.valid_from,
        valid_until=read.until,
        station=read.station or "",
        revoked_since=read.revoked_since,
        signed_by=read.signed_by or "",
        signature=read.signature or "",
    )


def read_published_keys(payload: bytes) -> tuple[PublishedKey, ...]:
    """All of a page. Raises BadInput."""
    document = loads(payload)
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise BadInput("keys", "is no list")
    return tuple(map(read_published_key, listed))


def succession_bytes(new: PublicKey, valid_from: datetime) -> bytes:
    """What the key before signs of a new one."""
    return f"{FIRST_LINE}\n{new.text}\n{wire_time(valid_from)}\n".encode()


def believed_keys(published: Iterable[PublishedKey], known: PublicKey) -> tuple[PublishedKey, ...]:
    """The platform's keys that follow from the one that is known: itself where it is published, and each that a believed one signed."""
    waiting = [each for each in published if not each.station]
    believed = {each.key.id: each for each in waiting if each.key == known}
    while found := [each for each in waiting if each.key.id not in believed and _follows(each, believed)]:
        believed.update((each.key.id, each) for each in found)
    return tuple(believed.values())


def _follows(key: PublishedKey, believed: dict[str, PublishedKey]) -> bool:
    before = believed.get(key.signed_by)
    return before is not None and before.key.signed(succession_bytes(key.key, key.valid_from), key.signature)
