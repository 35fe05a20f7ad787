"""How a station becomes known (decision 26): the enrolment file, what the station sends at its first contact, and the answer.

The file is JSON: `{"station", "platform_key": {"id", "key"}, "secret", "expires", "broker_user"}`. The station sends
`{"station", "public_key", "proof", "timestamp"}` signed by its new key; `proof` is HMAC-SHA256 with the secret, in hex, over the lines

    swap-kiosk-enrol-1
    the station's id
    its public key
    the timestamp

each ended by a line feed. The answer is `{"enrolled": true, "station"}` or `{"enrolled": false, "reason"}`.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from pydantic import Field

from kiosk.domain.display import cleaned
from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.shared.signing_keys import PublicKey
from kiosk.wire.checked import Model, Moment, Text, checked
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.signed_messages import wire_time

FIRST_LINE = "swap-kiosk-enrol-1"
VERB = "enrol"
_MAX_REASON = 200
_STATION = re.compile(r"[A-Za-z0-9_.-]{1,40}")  # decision 26


def is_station_id(text: str) -> bool:
    """Whether a station of this name can have topics and keys of its own."""
    return _STATION.fullmatch(text) is not None


class _KeyDocument(Model):
    id: Text
    key: Text


class _FileDocument(Model):
    station: Text
    platform_key: _KeyDocument
    secret: Annotated[str, Field(min_length=16, max_length=200)]
    expires: Moment
    broker_user: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentFile:
    """What `platform station add` gave to a station. The secret is used once, before `expires`."""

    station: str
    platform_key: PublicKey
    secret: str = field(repr=False)
    expires: datetime
    broker_user: str = ""

    @property
    def digest(self) -> str:
        """Which enrolment it is; the secret cannot be found from it."""
        return hashlib.sha256(f"{FIRST_LINE}\n{self.station}\n{self.secret}\n".encode()).hexdigest()


def read_enrolment(data: bytes) -> EnrolmentFile:
    """The file's content. Raises BadInput."""
    read = checked(_FileDocument, loads(data), BadInput)
    key = PublicKey.read(read.platform_key.key)
    if key.id != read.platform_key.id:
        raise BadInput("platform_key", tr("is not the key that its id names"))
    return EnrolmentFile(station=read.station, platform_key=key, secret=read.secret, expires=read.expires, broker_user=read.broker_user)


def enrol_topic(station: str) -> str:
    """Where a station registers its key."""
    return f"call/uxi/attendant/station/{station}/{VERB}"


def enrolment_proof(secret: str, station: str, public_key: str, timestamp: str) -> str:
    """What shows that whoever sends this key has the secret."""
    lines = f"{FIRST_LINE}\n{station}\n{public_key}\n{timestamp}\n"
    return hmac.new(secret.encode(), lines.encode(), hashlib.sha256).hexdigest()


def enrolment_request(secret: str, station: str, key: PublicKey, now: datetime) -> bytes:
    """What a station sends."""
    timestamp = wire_time(now)
    proof = enrolment_proof(secret, station, key.text, timestamp)
    return dumps({"station": station, "public_key": key.text, "proof": proof, "timestamp": timestamp})


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
    return EnrolmentAnswer(enrolled=False, reason=cleaned(reason, _MAX_REASON) if isinstance(reason, str) else "")
