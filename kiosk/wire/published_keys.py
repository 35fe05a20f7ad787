"""The public keys that the platform publishes (`GET /api/v1/keys`): which keys each station signed with, and until when each counts.

`{"stations": [{"station": "ST-1", "keys": [{"id", "key", "from", "until"}]}]}`; `until` is null while a key is in use. What else stands in
the document is not looked at here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.domain.times import iso_utc
from kiosk.shared.signing_keys import PublicKey
from kiosk.wire.checked import Model, Moment, Text, checked

MAX_STATIONS, MAX_KEYS = 100_000, 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedKey:
    """`until` is when it ended, or will end; None while no end is known."""

    key: PublicKey
    since: datetime
    until: datetime | None = None


class PublishedKeys:
    """The keys of stations, each station's by their ids."""

    def __init__(self, keys: Iterable[tuple[str, PublishedKey]] = ()) -> None:
        self._keys = {(station, each.key.id): each for station, each in keys}

    def find(self, station: str, key_id: str) -> PublishedKey | None:
        """The key of that id, if it is this station's."""
        return self._keys.get((station, key_id))

    @property
    def document(self) -> list[dict[str, object]]:
        """`stations`, as it is published."""
        stations: dict[str, list[dict[str, object]]] = {}
        for (station, key_id), each in self._keys.items():
            until = None if each.until is None else iso_utc(each.until)
            stations.setdefault(station, []).append({"id": key_id, "key": each.key.text, "from": iso_utc(each.since), "until": until})
        return [{"station": station, "keys": keys} for station, keys in stations.items()]


class _Key(Model):
    id: Text
    key: Text
    since: Annotated[Moment, Field(alias="from")]
    until: Moment | None = None


class _Station(Model):
    station: Text
    keys: Annotated[list[_Key], Field(max_length=MAX_KEYS)]


class _Document(Model):
    stations: Annotated[list[_Station], Field(max_length=MAX_STATIONS)]


def published_keys_of(document: object) -> PublishedKeys:
    """From the parsed document. Raises BadInput, for a key whose id is not its own too."""
    read = checked(_Document, document, BadInput)
    return PublishedKeys((each.station, _key(key)) for each in read.stations for key in each.keys)


def _key(read: _Key) -> PublishedKey:
    key = PublicKey.read(read.key)
    if key.id != read.id:
        raise BadInput("stations.keys.id", tr("is not the id of its key: {id}", id=read.id))
    return PublishedKey(key=key, since=read.since, until=read.until)
