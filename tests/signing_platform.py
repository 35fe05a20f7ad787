"""A platform that signs, as it is told: it keeps the keys of stations, checks what they send, and answers on the topic that they ask for.

Made of the wire's own modules, so that a station and this platform agree on bytes and nothing else.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kiosk.shared.mqtt.link import Delivery, MqttMessage
from kiosk.shared.mqtt.session import MqttSession
from kiosk.shared.signing_keys import PublicKey, SigningKey
from kiosk.wire.enrolment import proof_of
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.signed_messages import MessageRole, SignedParts, is_far, is_signed, read_signature, sign
from tests.station.adapters.mqtt.parties import Ears

STATION, SECRET = "station-1", "a-secret-of-one-station-only"
Body = dict[str, Any]


def enrolment_document(key: PublicKey, station: str = STATION, **changes: Any) -> Body:
    """An enrolment file's content."""
    expires = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    known = {"id": key.id, "key": key.text}
    return {"station": station, "platform_key": known, "secret": SECRET, "expires": expires, "broker_user": station} | changes


def enrolment_file(folder: Path, key: PublicKey, station: str = STATION, *, mode: int = 0o600, **changes: Any) -> Path:
    """The same as a file."""
    file = folder / f"{station}.enrolment.json"
    file.write_bytes(dumps(enrolment_document(key, station, **changes)))
    file.chmod(mode)
    return file


def signed(
    key: SigningKey,
    topic: str,
    payload: bytes,
    *,
    correlation: bytes | None = None,
    role: MessageRole = MessageRole.ANSWER,
    now: datetime | None = None,
) -> Delivery:
    """What goes beside a message that this key signs."""
    parts = SignedParts(role=role, topic=topic, payload=payload, correlation=(correlation or b"").decode())
    made = sign(parts, key, key.public.id, now or datetime.now(UTC))
    return Delivery(correlation_data=correlation, user_properties=made.properties)


@dataclass
class SigningPlatform:
    """`reply` gives the body for each request that is signed rightly, None for silence; `at` is the platform's own time."""

    session: MqttSession
    reply: Callable[[MqttMessage, Body], Body | None] = lambda _message, _body: None
    key: SigningKey = field(default_factory=SigningKey.make)
    secrets: dict[str, str] = field(default_factory=lambda: {STATION: SECRET})
    stations: dict[str, PublicKey] = field(default_factory=dict)
    at: Callable[[], datetime] = lambda: datetime.now(UTC)
    enrols: bool = True
    asked: Ears[MqttMessage] = field(default_factory=Ears)
    refused: list[str] = field(default_factory=list)

    async def open(self) -> None:
        """From now on it hears and answers."""
        for each in ("call/uxi/attendant/#", "emit/uxi/attendant/#"):
            await self.session.ready(self.session.listen(each, self._hear))

    def say(self, topic: str, payload: bytes, correlation: bytes | None = None, *, role: MessageRole = MessageRole.ANSWER) -> None:
        """Something, signed."""
        self.session.publish(topic, payload, signed(self.key, topic, payload, correlation=correlation, role=role, now=self.at()))

    def answer(self, message: MqttMessage, body: Body) -> None:
        """Where it was asked for, under the same id."""
        assert message.response_topic is not None
        self.say(message.response_topic, dumps(body), message.correlation_data)

    def _hear(self, message: MqttMessage) -> None:
        body = loads(message.payload) if message.payload else {}
        if message.topic.endswith("/enrol"):
            self._enrol(message, body)
        else:
            self._judge(message, body)
        self.asked(message)

    def _judge(self, message: MqttMessage, body: Body) -> None:
        fault = self._fault(message)
        if fault == "CLOCK_DIFFERS":
            id_ = body["correlation_id"]
            self.refused.append(fault)
            self.answer(message, {"signals": [fault], "correlation_id": id_, "metadata": {"platform_time": self.at().isoformat()}})
        elif fault:
            self.refused.append(fault)
        else:
            said = self.reply(message, body)
            if said is not None:
                self.answer(message, said)

    def _fault(self, message: MqttMessage, key: PublicKey | None = None) -> str:
        signature = read_signature(message.user_properties)
        if signature is None:
            return "STATION_UNSIGNED"
        key = key or self.stations.get(signature.station)
        parts = SignedParts(
            role=MessageRole.REQUEST,
            topic=message.topic,
            payload=message.payload,
            correlation=(message.correlation_data or b"").decode(),
            response_topic=message.response_topic or "",
        )
        if key is None:
            return "STATION_UNKNOWN"
        if not is_signed(parts, signature, key):
            return "SIGNATURE_INVALID"
        return "CLOCK_DIFFERS" if is_far(signature, self.at()) else ""

    def _enrol(self, message: MqttMessage, body: Body) -> None:
        station, key = body["station"], PublicKey.read(body["public_key"])
        fault = self._fault(message, key)
        if fault == "CLOCK_DIFFERS":
            self.refused.append(fault)
            self.answer(message, {"signals": [fault], "metadata": {"platform_time": self.at().isoformat()}})
            return
        known = self.stations.get(station)
        proof = proof_of(self.secrets.get(station, ""), station, key.text, body["timestamp"])
        if fault or not hmac.compare_digest(proof, body["proof"]):
            said: Body = {"enrolled": False, "reason": fault or "the proof is wrong"}
        elif known is not None and known != key:
            said = {"enrolled": False, "reason": "the secret was used"}
        else:
            self.stations[station] = key
            said = {"enrolled": True, "station": station}
        if self.enrols:
            self.answer(message, said)
