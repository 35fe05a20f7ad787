"""How a station comes to be known to the platform (decision 26): the file that the platform writes, and the question that it answers once.

The file is JSON of mode 0600: `{"station", "platform_key": {"id", "key"}, "secret", "expires", "broker_user"}`. The question is
`{"station", "public_key", "proof", "timestamp"}`, signed by the new key as any request; `proof` is the hex HMAC-SHA256, with the secret, of

    swap-kiosk-enrol-1
    the station's id
    the public key, base64
    the timestamp as it stands in the question

each line ended by a line feed. The secret is longer than a block of SHA-256 (64 bytes), so HMAC itself works with its SHA-256: the platform
keeps that hash alone. The answer is `{"enrolled": true, "station", "key"}` or `{"enrolled": false, "station", "key", "reason", "signals",
"metadata"}`; `key` is the id of the key that was asked about.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any

from kiosk.domain.agent.specification_json import Json
from kiosk.domain.display import cleaned
from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.domain.times import iso_utc
from kiosk.shared.signing_keys import PublicKey
from kiosk.wire.checked import Id, Model, Moment, Text, checked
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.station_topics import is_station_id

FIRST_LINE = "swap-kiosk-enrol-1"
_SECRET_BYTES = 48  # 96 hexadecimal digits, more than a block of SHA-256
_BLOCK = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentFile:
    """What a counter is given. `secret` works once, until `expires`."""

    station: str
    platform_key: PublicKey
    secret: str
    expires: datetime
    broker_user: str

    @property
    def digest(self) -> str:
        """Which enrolment it is; the secret cannot be found from it."""
        return hashlib.sha256(f"{FIRST_LINE}\n{self.station}\n{self.secret}\n".encode()).hexdigest()

    def write(self) -> bytes:
        """As it stands in the file."""
        key = {"id": self.platform_key.id, "key": self.platform_key.text}
        facts = {"secret": self.secret, "expires": iso_utc(self.expires), "broker_user": self.broker_user}
        return dumps({"station": self.station, "platform_key": key, **facts}) + b"\n"

    def __repr__(self) -> str:
        return f"EnrolmentFile({self.station}, until {iso_utc(self.expires)})"


class _PlatformKeyDocument(Model):
    id: Id
    key: Text


class _FileDocument(Model):
    station: Id
    platform_key: _PlatformKeyDocument
    secret: Id
    expires: Moment
    broker_user: Text = ""


def read_enrolment_file(content: bytes) -> EnrolmentFile:
    """From the bytes of the file. Raises BadInput with the place."""
    read = checked(_FileDocument, loads(content), BadInput)
    key = PublicKey.read(read.platform_key.key)
    if key.id != read.platform_key.id:
        raise BadInput("platform_key.id", tr("is not that of the key beside it"))
    if not is_station_id(read.station):
        raise BadInput("station", tr("is not a station's id"))
    facts: dict[str, Any] = {"secret": read.secret, "expires": read.expires, "broker_user": read.broker_user}
    return EnrolmentFile(station=read.station, platform_key=key, **facts)


def make_secret() -> str:
    """A one-time secret."""
    return token_hex(_SECRET_BYTES)


def secret_hash(secret: str) -> str:
    """What the platform keeps of a secret, in hex. Raises BadInput for one that is too short to be kept so."""
    if len(secret.encode()) <= _BLOCK:
        raise BadInput(tr("the secret"), tr("is too short"))
    return hashlib.sha256(secret.encode()).hexdigest()


def proof_of(secret: str, station: str, public_key: str, timestamp: str) -> str:
    """What shows that the station knows the secret."""
    return hmac.new(secret.encode(), _proved(station, public_key, timestamp), hashlib.sha256).hexdigest()


def _proved(station: str, public_key: str, timestamp: str) -> bytes:
    return f"{FIRST_LINE}\n{station}\n{public_key}\n{timestamp}\n".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentQuestion:
    """What a station asks; `proof` shows that it knows the secret."""

    station: str
    public_key: PublicKey
    timestamp: str
    proof: str

    def write(self) -> bytes:
        """As it is sent."""
        facts = {"public_key": self.public_key.text, "proof": self.proof, "timestamp": self.timestamp}
        return dumps({"station": self.station, **facts})

    def is_proved(self, hash_of_secret: str) -> bool:
        """Whether who asks knows the secret of this hash. Takes the same time for every wrong proof."""
        message = _proved(self.station, self.public_key.text, self.timestamp)
        made = hmac.new(bytes.fromhex(hash_of_secret), message, hashlib.sha256).hexdigest()
        return hmac.compare_digest(made.encode(), self.proof.encode())


class _QuestionDocument(Model):
    station: Id
    public_key: Text
    proof: Text
    timestamp: Id


def enrolment_question(secret: str, station: str, public_key: PublicKey, now: datetime) -> EnrolmentQuestion:
    """The question of a station for its new key."""
    timestamp = iso_utc(now)
    proof = proof_of(secret, station, public_key.text, timestamp)
    return EnrolmentQuestion(station=station, public_key=public_key, timestamp=timestamp, proof=proof)


def read_enrolment_question(payload: bytes) -> EnrolmentQuestion:
    """From the wire. Raises BadInput."""
    read = checked(_QuestionDocument, loads(payload), BadInput)
    return EnrolmentQuestion(station=read.station, public_key=PublicKey.read(read.public_key), timestamp=read.timestamp, proof=read.proof)


def enrolled_answer(station: str, key_id: str) -> bytes:
    """The station is known by this key from now on."""
    return dumps({"enrolled": True, "station": station, "key": key_id})


def not_enrolled_answer(station: str, key_id: str, reason: str, signal: str, metadata: Json | None = None) -> bytes:
    """Why not, as a phrase."""
    document: Json = {"enrolled": False, "station": station, "key": key_id, "reason": reason}
    return dumps({**document, "signals": [signal], "metadata": metadata or {}})


@dataclass(frozen=True, slots=True)
class EnrolmentAnswer:
    """Whether the key is registered; else the platform's reason."""

    enrolled: bool
    reason: str = ""


def read_enrolment_answer(payload: bytes, station: str) -> EnrolmentAnswer | None:
    """None for what is no answer to this station. Never raises."""
    try:
        document = loads(payload)
    except BadInput:
        return None
    if not isinstance(document, dict) or not isinstance(document.get("enrolled"), bool):
        return None
    if document["enrolled"]:
        return EnrolmentAnswer(enrolled=True) if document.get("station") == station else None
    reason = document.get("reason")
    return EnrolmentAnswer(enrolled=False, reason=cleaned(reason) if isinstance(reason, str) else "")
