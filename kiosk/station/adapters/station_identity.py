"""What a station signs with, and whom it believes (decision 26): its key, the platform's keys, and how far the platform's clock is away.

| file in the data folder | what is in it |
|---|---|
| `station-key.pem` | the key in use, mode 0600 |
| `station-key.new.pem` | a key that is being registered while another one is in use |
| `station-identity.json` | for which station, which key, which enrolment; the platform's keys; the platform's clock |

A key is on the disk before it is sent anywhere, and the record of its registration before it takes its place: a cut at any moment goes on
where it was, with the same key. A station that has a key, or is to have one, never speaks without it: where something is missing or
damaged `trouble` says what, and nothing is sent.
"""

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.domain.times import iso_utc, spell_day
from kiosk.shared.durable_files import replace_whole, sync_folder
from kiosk.shared.secret_files import check_secret
from kiosk.shared.signing_keys import PublicKey, SigningKey, read_signing_key
from kiosk.wire.checked import Model, Moment, Text, Whole, checked
from kiosk.wire.enrolment import EnrolmentFile, read_enrolment_file
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.station_topics import is_station_id

log = logging.getLogger(__name__)
KEY, NEW_KEY, STATE = "station-key.pem", "station-key.new.pem", "station-identity.json"
FORMER_KEY_HOLDS = timedelta(days=30)  # decision 26


class _BelievedKeyDocument(Model):
    key: Text
    until: Moment | None = None


class _StateDocument(Model):
    station: Text
    key_id: Text
    enrolment: Text
    platform_keys: list[_BelievedKeyDocument]
    clock_offset_seconds: Whole = 0


@dataclass(frozen=True, slots=True)
class PlatformKey:
    """A key that the platform signs with; `until` once another one has followed it."""

    key: PublicKey
    until: datetime | None = None


@dataclass
class StationIdentity:
    """Of one station, in one data folder; `open_identity` makes it.

    `key` signs; None until it is registered. `pending` is to be registered by `enrolment`. `fault` is a phrase: why something cannot be
    used. `offset` is what the platform's clock is ahead of this one's, as was last found.
    """

    folder: Path
    station_id: str
    key: SigningKey | None = None
    pending: SigningKey | None = None
    enrolment: EnrolmentFile | None = field(default=None, repr=False)
    platform_keys: dict[str, PlatformKey] = field(default_factory=dict)
    offset: timedelta = timedelta(0)
    fault: str = ""
    refused: str = ""  # the platform's reason against the enrolment
    signs: bool = False
    registered: str = ""  # digest of the enrolment that the key was registered by

    @property
    def trouble(self) -> str:
        """Why nothing can be signed, or the key not be registered; a phrase, "" where all is well."""
        if self.refused:
            return tr("the platform refuses the enrolment: {reason}", reason=self.refused)
        return self.fault

    def expired(self, now: datetime) -> str:
        """That the enrolment can no longer be used, by this clock; "" while it can."""
        if self.pending is None or self.enrolment is None or now <= self.enrolment.expires:
            return ""
        return tr("the enrolment file expired on {day}; ask for a new one", day=spell_day(self.enrolment.expires))

    def believed(self, key_id: str, now: datetime) -> PublicKey | None:
        """The platform's key of this id, while it holds."""
        found = self.platform_keys.get(key_id)
        return None if found is None or (found.until is not None and now > found.until) else found.key

    def finish_enrolment(self) -> None:
        """The platform has registered the pending key: it is the one in use from now on. Raises OSError; then it is still pending."""
        pending, enrolment = self.pending, self.enrolment
        if pending is None or enrolment is None:
            return
        self._write(pending, enrolment.digest)
        new = self.folder / NEW_KEY
        if new.exists():
            _take_place(new)
        self.key, self.pending, self.registered, self.refused, self.fault = pending, None, enrolment.digest, "", ""

    def follow_key(self, new: PublicKey, by: PublicKey, now: datetime) -> None:
        """A new key of the platform, signed by one that is believed, which holds for another 30 days. Raises OSError."""
        former = self.platform_keys.get(by.id)
        if former is not None and former.until is None:
            self.platform_keys[by.id] = PlatformKey(by, now + FORMER_KEY_HOLDS)
        self.platform_keys[new.id] = PlatformKey(new)
        self._write_again()

    def keep_offset(self, offset: timedelta) -> None:
        """How far the platform's clock is ahead, for the next start too. Raises OSError."""
        self.offset = offset
        self._write_again()

    def _write_again(self) -> None:
        """Unless another program on this folder has registered another key meanwhile: that one's record stands."""
        if self.key is not None and _registered_key_id(self.folder) == self.key.public.id:
            self._write(self.key, self.registered)

    def _write(self, key: SigningKey, enrolment: str) -> None:
        document: dict[str, Any] = {
            "station": self.station_id,
            "key_id": key.public.id,
            "enrolment": enrolment,
            "platform_keys": [
                {"key": each.key.text, "until": iso_utc(each.until) if each.until else None} for each in self.platform_keys.values()
            ],
            "clock_offset_seconds": round(self.offset.total_seconds()),
        }
        replace_whole(self.folder / STATE, dumps(document))


def open_identity(folder: Path, station_id: str, enrolment_file: Path | None) -> StationIdentity:
    """What there is. Makes a key where an enrolment file says so and there is none. Raises nothing: what cannot be used is its `fault`."""
    identity = StationIdentity(folder, station_id)
    identity.signs = enrolment_file is not None or any((folder / each).exists() for each in (KEY, STATE))
    if not identity.signs:
        return identity
    for read in (_read_state, partial(_read_enrolment, file=enrolment_file)):  # a new enrolment repairs what is damaged
        with _noting(identity):
            read(identity)
    return identity


@contextlib.contextmanager
def _noting(identity: StationIdentity) -> Iterator[None]:
    try:
        yield
    except BadInput as error:
        identity.fault = f"{error.where} {error.reason}"
    except OSError as error:
        identity.fault = tr("the key cannot be kept: {reason}", reason=error.strerror or str(error))


def _registered_key_id(folder: Path) -> str:
    try:
        return checked(_StateDocument, loads((folder / STATE).read_bytes()), BadInput).key_id
    except (OSError, BadInput):
        return ""


def _read_state(identity: StationIdentity) -> None:
    """The key in use, as it was registered. Raises BadInput, OSError."""
    file = identity.folder / STATE
    if not file.exists():
        return
    check_secret(file, may_be_read=False)
    try:
        state = checked(_StateDocument, loads(file.read_bytes()), BadInput)
        keys = [PlatformKey(PublicKey.read(each.key), each.until) for each in state.platform_keys]
    except BadInput as error:
        raise BadInput(str(file), tr("is damaged ({reason})", reason=f"{error.where} {error.reason}")) from error
    if state.station != identity.station_id:
        raise BadInput("[station] id", tr("is {station}, and the key here is of {other}", station=identity.station_id, other=state.station))
    identity.platform_keys = {each.key.id: each for each in keys}
    identity.offset, identity.registered = timedelta(seconds=state.clock_offset_seconds), state.enrolment
    _finish_rotation(identity.folder, state.key_id)
    try:
        key = read_signing_key(identity.folder / KEY)
    except FileNotFoundError as error:
        raise BadInput(str(identity.folder / KEY), tr("is missing; ask for a new enrolment file")) from error
    if key.public.id != state.key_id:
        raise BadInput(str(identity.folder / KEY), tr("is not the key that was registered"))
    identity.key = key


def _finish_rotation(folder: Path, key_id: str) -> None:
    """A new key was registered, and a cut came before it was in its place."""
    new = folder / NEW_KEY
    if new.exists() and read_signing_key(new).public.id == key_id:
        _take_place(new)


def _take_place(new: Path) -> None:
    new.replace(new.with_name(KEY))
    sync_folder(new.parent)


def _read_enrolment(identity: StationIdentity, file: Path | None) -> None:
    """What is to be registered, unless it is. Raises BadInput, OSError."""
    if file is None or not file.exists():
        if identity.key is None and not identity.fault:
            missing = tr("is missing") if file is not None else tr("is needed: this counter has a key that is not registered")
            raise BadInput(str(file) if file is not None else "[station] enrolment_file", missing)
        return
    try:
        enrolment = read_enrolment_file(file.read_bytes())
    except BadInput as error:
        raise BadInput(str(file), tr("is no enrolment file ({reason})", reason=f"{error.where} {error.reason}")) from error
    if enrolment.digest == identity.registered:
        return  # used; it may lie about
    check_secret(file, may_be_read=False)
    if enrolment.station != identity.station_id:
        raise BadInput(str(file), tr("is for {other}, and this counter is {station}", other=enrolment.station, station=identity.station_id))
    if not is_station_id(identity.station_id):
        raise BadInput("[station] id", tr("must be 1 to 40 letters, digits, _, . and -"))
    identity.platform_keys.setdefault(enrolment.platform_key.id, PlatformKey(enrolment.platform_key))
    identity.enrolment = enrolment
    identity.pending = _key_to_register(identity)


def _key_to_register(identity: StationIdentity) -> SigningKey:
    """The one that was made before, perhaps sent already, or a new one. Two programs on one folder take the same."""
    file = identity.folder / (KEY if identity.key is None and _is_usable(identity.folder / KEY) else NEW_KEY)
    with contextlib.suppress(FileNotFoundError):
        return read_signing_key(file)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        SigningKey.make().keep(file)
    return read_signing_key(file)


def _is_usable(file: Path) -> bool:
    """Whether a key is, or can be, in this file."""
    try:
        read_signing_key(file)
    except FileNotFoundError:
        return True
    except BadInput:
        return False
    return True
