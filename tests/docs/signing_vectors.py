"""What docs/integrator/signing.md shows: bytes and signatures made from fixed seeds, the same whenever and wherever they are made."""

from datetime import UTC, datetime
from typing import Any

from kiosk.shared.signing_keys import SigningKey
from kiosk.wire.enrolment import enrolment_question, secret_hash
from kiosk.wire.published_keys import succession_bytes
from kiosk.wire.signed_messages import MessageRole, SignedParts, sign, signed_bytes
from kiosk.wire.station_topics import enrol_topic, own_answer_topic, own_payment_topic

SEEDS = {"station": bytes([1]) * 32, "platform": bytes([2]) * 32, "platform_next": bytes([3]) * 32}
STATION, SECRET = "STATION-14", "the-secret-of-this-page-is-longer-than-a-block-of-the-hash-so-its-hash-stands-for-it"
NOW = datetime(2026, 1, 31, 8, 15, 0, 123000, tzinfo=UTC)
PLAN = "bss-plan-weekly-freedom-nairobi-v2-plan1"
SWAP = "TXN-01JHMN5Z000000000000000001"


def vectors() -> dict[str, Any]:
    """The document of the page."""
    keys = {name: SigningKey.from_seed(seed) for name, seed in SEEDS.items()}
    station, platform, following = keys["station"], keys["platform"], keys["platform_next"]
    return {
        "keys": {name: {"seed": SEEDS[name].hex(), "public": key.public.text, "id": key.public.id} for name, key in keys.items()},
        "messages": [
            _message(parts, station, STATION, audit)
            if parts.role is MessageRole.REQUEST
            else _message(parts, platform, platform.public.id, audit)
            for parts, audit in _messages()
        ],
        "enrolment": _enrolment(station),
        "new_key_of_the_platform": {
            "signed": succession_bytes(following.public, NOW).decode(),
            "signature": platform.sign(succession_bytes(following.public, NOW)),
        },
    }


def _messages() -> list[tuple[SignedParts, str]]:
    asked = f"call/uxi/attendant/plan/{PLAN}/complete_service"
    answered, payload = own_answer_topic(STATION, "complete_service"), f'{{"correlation_id":"{SWAP}"}}'.encode()
    question = SignedParts(role=MessageRole.REQUEST, topic=asked, payload=payload, correlation=SWAP, response_topic=answered)
    bare = SignedParts(role=MessageRole.REQUEST, topic=asked, payload=payload)
    answer = SignedParts(role=MessageRole.ANSWER, topic=answered, payload=payload, correlation=SWAP)
    event = SignedParts(role=MessageRole.EVENT, topic=own_payment_topic(STATION), payload=payload)
    head = "1042 5f0a" + "0" * 60
    return [(question, head), (bare, ""), (answer, ""), (event, "")]


def _message(parts: SignedParts, key: SigningKey, name: str, audit: str) -> dict[str, Any]:
    signature = sign(parts, key, name, NOW, audit)
    return {
        "role": parts.role.value,
        "topic": parts.topic,
        "correlation_data": parts.correlation,
        "response_topic": parts.response_topic,
        "payload": parts.payload.decode(),
        "signed": signed_bytes(parts, signature.station, signature.time, signature.audit).decode(),
        "user_properties": dict(signature.properties),
    }


def _enrolment(key: SigningKey) -> dict[str, Any]:
    question = enrolment_question(SECRET, STATION, key.public, NOW)
    return {
        "topic": enrol_topic(STATION),
        "response_topic": own_answer_topic(STATION, "enrol"),
        "secret": SECRET,
        "kept_by_the_platform": secret_hash(SECRET),
        "proved": f"swap-kiosk-enrol-1\n{STATION}\n{key.public.text}\n{question.timestamp}\n",
        "payload": question.write().decode(),
    }
