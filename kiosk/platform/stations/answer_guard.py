"""Signs what the platform says: answers and events, at each send anew (decision 26)."""

import logging

from kiosk.domain.errors import BadInput
from kiosk.shared.mqtt.link import Delivery, MqttMessage
from kiosk.shared.signing_keys import SigningKey
from kiosk.shared.system import Clock
from kiosk.wire.signed_messages import MessageRole, SignedParts, sign

log = logging.getLogger(__name__)
_EVENTS = "event/"


class AnswerGuard:
    """The platform's `MessageGuard`. What comes is judged by the request handler, not here."""

    def __init__(self, key: SigningKey, clock: Clock) -> None:
        self._key, self._clock = key, clock

    def sign(self, topic: str, payload: bytes, delivery: Delivery | None) -> Delivery | None:
        """With the signature. Correlation data that is no readable text came from a station that signs nothing: its answer is unsigned."""
        given = delivery or Delivery()
        role = MessageRole.EVENT if topic.startswith(_EVENTS) else MessageRole.ANSWER
        try:
            correlation = (given.correlation_data or b"").decode()
            parts = SignedParts(role=role, topic=topic, payload=payload, correlation=correlation, response_topic=given.response_topic or "")
            signature = sign(parts, self._key, self._key.public.id, self._clock.now())
        except (BadInput, UnicodeDecodeError):
            log.info("a message on %r is sent unsigned: its correlation data is no readable text", topic[:200])
            return delivery
        return Delivery(
            response_topic=given.response_topic,
            correlation_data=given.correlation_data,
            expiry_seconds=given.expiry_seconds,
            user_properties=(*given.user_properties, *signature.properties),
        )

    def admits(self, message: MqttMessage) -> bool:
        """Every request: see `kiosk.platform.stations.judging`."""
        del message
        return True
