"""What a station is answered that is not taken for who it says it is, and one that asks to be enrolled (decision 26)."""

import logging
from datetime import datetime

from kiosk.domain.errors import BadInput, StationRefused
from kiosk.domain.language import tr
from kiosk.domain.requests import IdentifyCustomer
from kiosk.domain.times import iso_utc
from kiosk.platform.agent.wire_messages import (
    ACTOR,
    MAX_BYTES,
    Incoming,
    InvalidRequest,
    Outgoing,
    ParsedRequest,
    Response,
    identification_refusal,
    refusal,
)
from kiosk.platform.stations.admission import StationAdmission
from kiosk.platform.stations.judging import RequestMessage, SenderVerdict
from kiosk.shared.system import Clock
from kiosk.wire.actions import CLOCK_DIFFERS, FIELD_COMPLETION, StationRefusal
from kiosk.wire.enrolment import EnrolmentQuestion, enrolled_answer, not_enrolled_answer, read_enrolment_question
from kiosk.wire.exact_json import dumps
from kiosk.wire.identification import envelope
from kiosk.wire.signed_messages import is_far, is_signed, read_signature
from kiosk.wire.station_topics import ENROL, own_answer_topic

log = logging.getLogger(__name__)
_IN_AN_ENVELOPE = frozenset({IdentifyCustomer.action, FIELD_COMPLETION})


def message_of(incoming: Incoming, station: str) -> RequestMessage:
    """As it is judged."""
    return RequestMessage(
        topic=incoming.topic,
        payload=incoming.payload,
        response_topic=incoming.response_topic,
        correlation_data=incoming.correlation_data,
        properties=incoming.user_properties,
        station=station,
    )


def not_taken(request: ParsedRequest | InvalidRequest, verdict: SenderVerdict, now: datetime) -> bytes:
    """The answer to a request that is not taken. Where only the clocks differ nothing is refused: it says neither yes nor no."""
    route, plan_id, correlation_id = request.route, request.plan_id, request.correlation_id
    if verdict.refusal is None:
        return _clock_differs(request, now)
    error = StationRefused(verdict.reason)
    if route.action.name == IdentifyCustomer.action:
        return identification_refusal(plan_id, correlation_id, now, verdict.refusal, error)
    return refusal(route, correlation_id, error, signals=(verdict.refusal,))


def _clock_differs(request: ParsedRequest | InvalidRequest, now: datetime) -> bytes:
    metadata = {"transaction_id": request.correlation_id, "platform_time": iso_utc(now)}
    facts = {"signals": [CLOCK_DIFFERS], "metadata": metadata}
    if request.route.action.name in _IN_AN_ENVELOPE:
        return envelope(request.plan_id, request.correlation_id, now, ACTOR, {"action": request.route.action.name, **facts})
    return dumps({**facts, "fsmInputs": [], "correlation_id": request.correlation_id})


class EnrolmentDesk:
    """Answers stations that ask to be enrolled, on their own prefix. What it answers names the key, so that nobody else's try is taken for
    one's own."""

    def __init__(self, admission: StationAdmission, clock: Clock) -> None:
        self._admission, self._clock = admission, clock

    def answer(self, station: str, incoming: Incoming) -> Response:
        """Raises BadInput for what is no question, StoreFailed."""
        if len(incoming.payload) > MAX_BYTES:
            raise BadInput(tr("the question"), tr("is too long"))
        payload = self._decide(station, read_enrolment_question(incoming.payload), incoming)
        topic = own_answer_topic(station, ENROL)
        return Response(answer=Outgoing(topic=topic, payload=payload, correlation_data=incoming.correlation_data), action=ENROL)

    def _decide(self, station: str, question: EnrolmentQuestion, incoming: Incoming) -> bytes:
        key = question.public_key.id
        try:
            if self._is_late(station, question, incoming):
                reason, metadata = (
                    tr("the clocks differ; sign again with the platform's time"),
                    {"platform_time": iso_utc(self._clock.now())},
                )
                return not_enrolled_answer(station, key, reason, CLOCK_DIFFERS, metadata)
            self._admission.enrol(question)
        except StationRefused as error:
            log.warning("the station %r is not enrolled: %s", station, error.reason)
            return not_enrolled_answer(station, key, error.reason, StationRefusal.INVALID)
        log.info("the station %r is enrolled by the key %s", station, key)
        return enrolled_answer(station, key)

    def _is_late(self, station: str, question: EnrolmentQuestion, incoming: Incoming) -> bool:
        """Whether it was signed at another time. Raises StationRefused where it is not by the new key of this station."""
        if question.station != station:
            raise StationRefused(tr("the question is not about the station in its topic"))
        try:
            signature = read_signature(incoming.user_properties)
            parts = message_of(incoming, station).parts
        except BadInput as error:
            raise StationRefused(f"{error.where} {error.reason}") from error
        if signature is None or signature.station != station or not is_signed(parts, signature, question.public_key):
            raise StationRefused(tr("the question is not signed by the key that it brings; it needs MQTT 5"))
        return is_far(signature, self._clock.now())
