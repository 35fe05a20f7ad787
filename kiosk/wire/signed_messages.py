"""What of a message is signed, and where the signature travels (decision 26).

The signed bytes are UTF-8 lines, each ended by a line feed:

    swap-kiosk-message-1
    request, answer or event
    sk-station: the station's id; for the platform the id of its key
    the topic
    MQTT's Correlation Data as text, empty where there is none
    MQTT's Response Topic, empty where there is none
    sk-time: 2026-01-31T08:15:00.123Z
    sk-audit: the head of the signer's record, empty where there is none
    SHA-256 of the payload, in lower-case hex

`sk-station`, `sk-time`, `sk-audit` and `sk-signature` travel as user properties of MQTT 5, each exactly once (`sk-audit` may be left out
where it is empty). Topics and payloads stay as they are, so who does not check signatures reads the same messages as before.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.shared.signing_keys import PublicKey, SigningKey

FIRST_LINE = "swap-kiosk-message-1"
STATION, TIME, AUDIT, SIGNATURE = "sk-station", "sk-time", "sk-audit", "sk-signature"
MAX_APART = timedelta(minutes=10)
MAX_CHARACTERS = 200  # of each property; the record's head is the longest
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
Properties = Sequence[tuple[str, str]]


class MessageRole(StrEnum):
    """What a message is; a signature of one is none of another."""

    REQUEST = "request"
    ANSWER = "answer"
    EVENT = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedParts:
    """All of a message that is signed. `correlation` and `response_topic` are "" where there are none."""

    role: MessageRole
    topic: str
    payload: bytes
    correlation: str = ""
    response_topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who signed and when, as it stands in the user properties. `station` is the signer: a station's id or the id of the platform's key."""

    station: str
    time: str
    audit: str
    signature: str

    @property
    def at(self) -> datetime:
        """`time`, aware."""
        return datetime.fromisoformat(self.time)

    @property
    def properties(self) -> tuple[tuple[str, str], ...]:
        """As they are sent."""
        audit = ((AUDIT, self.audit),) if self.audit else ()
        return ((STATION, self.station), (TIME, self.time), *audit, (SIGNATURE, self.signature))


def signed_bytes(parts: SignedParts, station: str, time: str, audit: str = "") -> bytes:
    """What is signed, for signing and for checking. Raises BadInput for a value with a control character."""
    digest = hashlib.sha256(parts.payload).hexdigest()
    lines = (FIRST_LINE, parts.role, station, parts.topic, parts.correlation, parts.response_topic, time, audit, digest)
    if _CONTROL.search("".join(lines)):
        raise BadInput(tr("the message"), tr("holds a control character in what is signed"))
    return "\n".join((*lines, "")).encode()


def sign(parts: SignedParts, key: SigningKey, station: str, now: datetime, audit: str = "") -> Signature:
    """Signed now. Raises BadInput for a value with a control character."""
    time = wire_time(now)
    return Signature(station=station, time=time, audit=audit, signature=key.sign(signed_bytes(parts, station, time, audit)))


def is_signed(parts: SignedParts, signature: Signature, key: PublicKey) -> bool:
    """Whether the owner of `key` signed these parts; the time is not looked at. False where a value holds a control character."""
    try:
        message = signed_bytes(parts, signature.station, signature.time, signature.audit)
    except BadInput:
        return False
    return key.signed(message, signature.signature)


def read_signature(properties: Properties) -> Signature | None:
    """From user properties; None where no `sk-` property is there. Raises BadInput where one is missing, twice there, or malformed."""
    ours = [(name, value) for name, value in properties if name in (STATION, TIME, AUDIT, SIGNATURE)]
    if not ours:
        return None
    values = dict(ours)
    if len(values) != len(ours):
        raise BadInput(tr("the signature"), tr("has a property twice"))
    if missing := [each for each in (STATION, TIME, SIGNATURE) if not values.get(each)]:
        raise BadInput(tr("the signature"), tr("has no {name}", name=missing[0]))
    if any(len(each) > MAX_CHARACTERS or _CONTROL.search(each) for each in values.values()):
        raise BadInput(tr("the signature"), tr("has a property that is too long, or holds a control character"))
    made = Signature(station=values[STATION], time=values[TIME], audit=values.get(AUDIT, ""), signature=values[SIGNATURE])
    if not _is_time(made):
        raise BadInput(tr("the signature"), tr("has a time that is none"))
    return made


def _is_time(signature: Signature) -> bool:
    try:
        return bool(_TIME.fullmatch(signature.time) and signature.at)
    except ValueError:
        return False


def wire_time(moment: datetime) -> str:
    """`2026-01-31T08:15:00.123Z`, cut to milliseconds."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def is_far(signature: Signature, now: datetime) -> bool:
    """Whether it was signed more than ten minutes before or after `now`."""
    return abs(signature.at - now) > MAX_APART
