"""The guard of a station that signs (decision 26). What leaves is signed at each send, with the key and the platform's time of that moment;
of what comes only that is used which the platform signed as an answer or an event, on the topic where it came, within ten minutes.

A station whose key is not registered yet sends its enrolment alone. An answer that says that the clocks differ is this guard's: it keeps
the platform's time, and sends the same bytes once more, signed by it. It counts only for what was signed by another time, so that an old
one that is sent again does nothing.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.domain.errors import BadInput, LinkDown, StoreFailed
from kiosk.domain.language import tr
from kiosk.shared.mqtt.link import Delivery, MqttMessage
from kiosk.station.adapters.mqtt.platform_time import PlatformTime
from kiosk.station.adapters.mqtt.refused_messages import RefusedMessages
from kiosk.station.adapters.station_identity import StationIdentity
from kiosk.wire.actions import CLOCK_DIFFERS, STATION_REFUSED
from kiosk.wire.completion_answers import signals_in
from kiosk.wire.signed_messages import MAX_APART, MessageRole, Signature, SignedParts, is_far, is_signed, read_signature, sign
from kiosk.wire.station_topics import enrol_topic

log = logging.getLogger(__name__)
MAX_SENT = 128
_MARKERS = (b"CLOCK_DIFFERS", b"STATION_", b"SIGNATURE_INVALID")
Send = Callable[[str, bytes, Delivery | None], None]
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Sent:
    """What was signed, by which time, and the head of the record that it told."""

    topic: str
    payload: bytes
    delivery: Delivery
    at: datetime
    head: str


class StationGuard:
    """Implements MessageGuard. `own_events` is the topic of the station's events, `own_probe` one that it sends to itself. `head` gives the
    head of the station's record, "" where there is none; `acknowledge` is told each head that the platform has answered. `send_again` is
    the session's `publish`, once there is a session."""

    def __init__(self, identity: StationIdentity, time: PlatformTime, refused: RefusedMessages, *, own_events: str, own_probe: str) -> None:
        self.identity, self.time, self._refused = identity, time, refused
        self._own_events, self._own_probe = own_events, own_probe
        self.head: Callable[[], str] = lambda: ""
        self.acknowledge: Callable[[str], None] = lambda _head: None
        self._sent: OrderedDict[_Key, _Sent] = OrderedDict()
        self.send_again: Send | None = None
        self.unknown_key = ""  # the id of a key that signed what came, and that nobody vouches for
        self.standing = ""  # the signal by which the platform takes nothing of this station

    # ------------------------------------------------------------ what leaves

    def sign(self, topic: str, payload: bytes, delivery: Delivery | None) -> Delivery | None:
        """Raises LinkDown where the station cannot sign."""
        if topic == self._own_probe:
            return delivery  # to itself; nobody acts on it
        identity, given = self.identity, delivery or Delivery()
        key = identity.pending if topic == enrol_topic(identity.station_id) else identity.key
        if key is None:
            raise LinkDown(identity.trouble or identity.expired(self.time.now()) or tr("this counter is not enrolled yet"))
        correlation, now = (given.correlation_data or b"").decode(), self.time.now()
        parts = SignedParts(
            role=MessageRole.REQUEST, topic=topic, payload=payload, correlation=correlation, response_topic=given.response_topic or ""
        )
        try:
            signature = sign(parts, key, identity.station_id, now, self._head_now())
        except BadInput as error:
            raise LinkDown(f"{error.where} {error.reason}") from error
        self._remember((correlation, given.response_topic or ""), _Sent(topic, payload, given, signature.at, signature.audit))
        return Delivery(
            response_topic=given.response_topic,
            correlation_data=given.correlation_data,
            expiry_seconds=given.expiry_seconds,
            user_properties=(*given.user_properties, *signature.properties),
        )

    def _head_now(self) -> str:
        """A record that cannot be read holds no message up: it is looked at, and told, by itself."""
        try:
            return self.head()
        except StoreFailed as error:
            log.warning("the head of the record cannot be told: %s", error.reason)
            return ""

    def _remember(self, key: _Key, sent: _Sent) -> None:
        self._sent.pop(key, None)
        self._sent[key] = sent
        if len(self._sent) > MAX_SENT:
            self._sent.popitem(last=False)

    # ------------------------------------------------------------ what comes

    def admits(self, message: MqttMessage) -> bool:
        """Whether the platform says it, here and now."""
        if message.topic == self._own_probe:
            return True
        try:
            signature = self._signature(message)
        except BadInput as error:
            self._refused.note(message.topic, f"{error.where} {error.reason}")
            return False
        signals = signals_in(message.payload) if any(each in message.payload for each in _MARKERS) else frozenset()
        if CLOCK_DIFFERS in signals:
            self._set_clock(message, signature)
            return False
        if is_far(signature, self.time.now()):
            self._refused.note(message.topic, f"the signature is of another time, {signature.time}")
            return False
        self.standing = next((each for each in signals if each in STATION_REFUSED), "")
        answered = self._sent.get((_text(message.correlation_data), message.topic))
        if answered is not None and not self.standing:
            self.acknowledge(answered.head)
        return True

    def _signature(self, message: MqttMessage) -> Signature:
        """The platform's. Raises BadInput for any other and for none."""
        signature = read_signature(message.user_properties)
        if signature is None:
            raise BadInput(tr("the message"), tr("is not signed"))
        key = self.identity.believed(signature.station, self.time.now())
        if key is None:
            self.unknown_key = signature.station
            raise BadInput(tr("the signature"), tr("is by {key}, which is no key of the platform", key=repr(signature.station)))
        parts = SignedParts(
            role=MessageRole.EVENT if message.topic == self._own_events else MessageRole.ANSWER,
            topic=message.topic,
            payload=message.payload,
            correlation=_text(message.correlation_data),
            response_topic=message.response_topic or "",
        )
        if not is_signed(parts, signature, key):
            raise BadInput(tr("the signature"), tr("is not of this message"))
        return signature

    def _set_clock(self, message: MqttMessage, signature: Signature) -> None:
        """The platform's clock shows another time than the one by which a message was signed."""
        sent = self._sent.get((_text(message.correlation_data), message.topic))
        if sent is None or abs(signature.at - sent.at) <= MAX_APART:
            self._refused.note(message.topic, "it says that the clocks differ, to nothing that was signed so")
            return
        if is_far(signature, self.time.now()):
            self._learn(signature.at)
        if self.send_again is not None and sent.topic != enrol_topic(self.identity.station_id):  # which is made anew, with its proof
            try:
                self.send_again(sent.topic, sent.payload, sent.delivery)
            except LinkDown as error:
                log.info("what is to be signed again waits: %s", error.reason)

    def _learn(self, at: datetime) -> None:
        offset = self.time.learn(at)
        log.warning("the platform's clock is %+d s ahead: messages are signed by it", round(offset.total_seconds()))
        try:
            self.identity.keep_offset(timedelta(seconds=round(offset.total_seconds())))
        except OSError as error:
            log.warning("the platform's time could not be kept: %s", error)


def _text(data: bytes | None) -> str:
    """Correlation data; what is no text is never signed."""
    try:
        return (data or b"").decode()
    except UnicodeDecodeError as error:
        raise BadInput(tr("the message"), tr("holds correlation data that is no text")) from error
