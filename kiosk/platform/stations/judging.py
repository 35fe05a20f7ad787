"""Who sent a request, and whether it is taken: the one place that judges a signature (decision 26). Pure rules.

- Without a signature: refused in mode `enrolled`, and under a name that is enrolled; else taken, and nothing is known of who sent it.
- With one: the signer is in the register, one of its keys made the signature over this very message, and the time is within ten minutes of
  ours. A station that is named in the body is the signer.
- A property that is there twice, malformed or missing is no signature.

`asker` is whose own topic may be answered: who is proven, or who nobody else can be. Somebody who only says a name is answered on the
contract's topic, which an enrolled station does not read: nobody brings a refusal into another's swap.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.domain.errors import BadInput
from kiosk.domain.language import tr
from kiosk.platform.store.station_values import RegisteredStation, StationBook, StationKey, StationMode
from kiosk.wire.actions import StationRefusal
from kiosk.wire.signed_messages import STATION, MessageRole, Properties, Signature, SignedParts, is_far, is_signed, read_signature
from kiosk.wire.station_topics import is_station_id


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMessage:
    """A request as it came; `station` is the one that its body names, "" for none."""

    topic: str
    payload: bytes
    response_topic: str | None = None
    correlation_data: bytes | None = None
    properties: Properties = ()
    station: str = ""

    @property
    def named(self) -> tuple[str, ...]:
        """The stations that it names, whether or not it has a signature that can be read."""
        return (self.station, *(value for name, value in self.properties if name == STATION))

    @property
    def parts(self) -> SignedParts:
        """What its signature is over. Raises BadInput for correlation data that is no text."""
        try:
            correlation = (self.correlation_data or b"").decode()
        except UnicodeDecodeError as error:
            raise BadInput(tr("the correlation data"), tr("is no text")) from error
        topics = {"topic": self.topic, "response_topic": self.response_topic or ""}
        return SignedParts(role=MessageRole.REQUEST, payload=self.payload, correlation=correlation, **topics)


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderVerdict:
    """`signer` is the proven station of a request that is taken, "" where it is not signed. Where it is not taken there is a `refusal` with
    its `reason`, a phrase, or the clocks differ and it is to be signed again."""

    signer: str = ""
    asker: str = ""
    refusal: StationRefusal | None = None
    reason: str = ""
    clock_differs: bool = False

    @property
    def is_taken(self) -> bool:
        """Whether the request may be decided."""
        return self.refusal is None and not self.clock_differs


def judge(message: RequestMessage, book: StationBook, now: datetime) -> SenderVerdict:
    """Who sent it, and whether it is taken."""
    try:
        signature = read_signature(message.properties)
    except BadInput as error:
        return SenderVerdict(refusal=StationRefusal.INVALID, reason=f"{error.where} {error.reason}")
    return _judge_unsigned(message.station, book) if signature is None else _judge_signed(message, signature, book, now)


def _judge_unsigned(name: str, book: StationBook) -> SenderVerdict:
    station = book.stations.get(name)
    if station is not None and station.is_enrolled:
        return SenderVerdict(
            refusal=StationRefusal.UNSIGNED,
            reason=tr("the station {station} signs what it sends, and this has no signature; enrol this counter again", station=name),
        )
    if book.mode is StationMode.ENROLLED:
        return SenderVerdict(
            refusal=StationRefusal.UNSIGNED,
            reason=tr("this has no signature, and here only enrolled stations are answered; enrol this counter: platform station add"),
        )
    return SenderVerdict(asker=name if is_station_id(name) else "")


def _judge_signed(message: RequestMessage, signature: Signature, book: StationBook, now: datetime) -> SenderVerdict:
    station = book.stations.get(signature.station)
    if station is None or not station.is_enrolled:
        asker = signature.station if is_station_id(signature.station) else ""  # nobody else has this name
        reason = tr("no station {station} is enrolled here; enrol this counter: platform station add", station=repr(signature.station))
        return SenderVerdict(refusal=StationRefusal.UNKNOWN, reason=reason, asker=asker)
    key = find_signer(message, signature, station.keys)
    if key is None:
        reason = tr("no key of {station} made this signature over this message; enrol this counter again", station=station.id)
        return SenderVerdict(refusal=StationRefusal.INVALID, reason=reason)
    return _judge_key(message, signature, key, station, now)


def _judge_key(message: RequestMessage, signature: Signature, key: StationKey, station: RegisteredStation, now: datetime) -> SenderVerdict:
    """The message is by the owner of this key."""
    proven = SenderVerdict(asker=station.id)
    if key.revoked_since is not None:
        reason = tr("the station {station} is revoked; a person at the platform decides what becomes of this", station=station.id)
        return replace(proven, refusal=StationRefusal.REVOKED, reason=reason)
    if not key.counts(now):
        reason = tr("this key of {station} has ended; enrol this counter again: platform station rotate", station=station.id)
        return SenderVerdict(refusal=StationRefusal.INVALID, reason=reason)
    if is_far(signature, now):
        return replace(proven, clock_differs=True)
    if message.station not in ("", station.id):
        reason = tr("it is signed by {station} and names {other} as its station", station=station.id, other=repr(message.station))
        return replace(proven, refusal=StationRefusal.MISMATCH, reason=reason)
    return replace(proven, signer=station.id)


def find_signer(message: RequestMessage, signature: Signature, keys: Iterable[StationKey]) -> StationKey | None:
    """The key that made the signature, whether it counts or not."""
    try:
        parts = message.parts
    except BadInput:
        return None
    return next((each for each in keys if is_signed(parts, signature, each.key)), None)
