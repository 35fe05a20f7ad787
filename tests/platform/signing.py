"""Stations that sign: what they send, byte for byte, and a platform that knows them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from kiosk.platform.agent.wire_messages import Incoming, Response
from kiosk.platform.stations.admission import StationAdmission
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.station_register import StationRegister
from kiosk.shared.signing_keys import SigningKey
from kiosk.shared.system import Clock
from kiosk.wire.enrolment import enrolment_question, make_secret, secret_hash
from kiosk.wire.exact_json import dumps
from kiosk.wire.signed_messages import MessageRole, SignedParts, sign
from tests.builders import NOON
from tests.platform.agent_counter import PLAN, Counter, answer_in

Properties = tuple[tuple[str, str], ...]


def seeded(number: int) -> SigningKey:
    """The same key for the same number."""
    return SigningKey.from_seed(bytes([number]) * 32)


@dataclass(frozen=True, slots=True)
class SigningStation:
    """Signs as a kiosk does."""

    id: str
    key: SigningKey = field(default_factory=SigningKey.make)

    def topic_of(self, step: str) -> str:
        """Its own topic for the answers to a step."""
        return f"rtrn/abs/station/{self.id}/{step}"

    def message(self, step: str, body: object, *, plan_id: str = PLAN, at: datetime = NOON, signer: str = "", **facts: Any) -> Incoming:
        """Signed at a time; `facts` are the message's own where they are not the usual ones."""
        usual = {"topic": f"call/uxi/attendant/plan/{plan_id}/{step}", "response_topic": self.topic_of(step), "correlation_data": b"swap-1"}
        about = {**usual, **facts}
        payload = body if isinstance(body, bytes) else dumps(body)
        parts = SignedParts(
            role=MessageRole.REQUEST,
            topic=about["topic"],
            payload=payload,
            correlation=(about["correlation_data"] or b"").decode(),
            response_topic=about["response_topic"] or "",
        )
        signature = sign(parts, self.key, signer or self.id, at)
        return Incoming(payload=payload, user_properties=signature.properties, **about)

    def send(self, counter: Counter, step: str, body: object, **facts: Any) -> Response:
        return counter.handle(self.message(step, body, **facts))

    def ask(self, counter: Counter, step: str, body: object, **facts: Any) -> dict[str, Any]:
        return answer_in(self.send(counter, step, body, **facts))


def enrol_on(store: PlatformStore, station: SigningStation, clock: Clock) -> None:
    """The platform on this database knows the station from now on by its key."""
    secret, now, register = make_secret(), clock.now(), StationRegister(store)
    register.add(station.id, secret_hash(secret), now, "the desk")
    StationAdmission(register, clock).enrol(enrolment_question(secret, station.id, station.key.public, now))


def enrol(counter: Counter, station: SigningStation) -> SigningStation:
    """The station, which the counter's platform knows from now on."""
    enrol_on(counter.store, station, counter.clock)
    return station


def rotated(counter: Counter, station: SigningStation) -> SigningStation:
    """The same station with a further key."""
    secret, now, new = make_secret(), counter.clock.now(), SigningStation(station.id)
    register = StationRegister(counter.store)
    register.rotate(station.id, secret_hash(secret), now, "the desk")
    StationAdmission(register, counter.clock).enrol(enrolment_question(secret, station.id, new.key.public, now))
    return new


def enrolled(counter: Counter, name: str = "STATION_XYZ") -> SigningStation:
    """A station with a key of its own, known to the platform."""
    return enrol(counter, SigningStation(name))


def passed(counter: Counter, **time: float) -> None:
    """So much time goes by at the platform."""
    counter.clock.at += timedelta(**time)
