"""What signing adds to a question and its answer, both ends together: the station signs and the platform judges, the platform signs and the
station checks. Beside two signatures and two checks of the same bytes with the library alone.
"""

from collections.abc import Callable, Iterator

from kiosk.platform.stations.answer_guard import AnswerGuard
from kiosk.platform.stations.judging import RequestMessage, judge
from kiosk.platform.store.station_values import RegisteredStation, StationBook, StationKey
from kiosk.shared.mqtt.link import Delivery
from kiosk.shared.signing_keys import SigningKey
from kiosk.wire.signed_messages import MessageRole, SignedParts, is_far, is_signed, read_signature, sign, signed_bytes, wire_time
from tests.bench import samples
from tests.bench.figures import Figure, compared
from tests.bench.floors import signatures
from tests.bench.timing import interleaved, per_call
from tests.platform.agent_counter import FixedClock

_CALLS, _ROUNDS = 20, 150
_STATION, _STATION_SEED, _PLATFORM_SEED = "STATION-14", bytes([1]) * 32, bytes([2]) * 32
_QUESTION = "call/uxi/attendant/plan/bss-plan-weekly-freedom-nairobi-v2-plan1/complete_service"
_ANSWER = f"rtrn/abs/station/{_STATION}/complete_service"
_CORRELATION = b"TXN-01JHMN5Z000000000000000001"


def signing() -> Iterator[Figure]:
    """One figure."""
    payload = samples.payload()
    ours = round_trip(payload, payload)
    time = wire_time(samples.NOON)
    asked = signed_bytes(_question(payload), _STATION, time)
    answered = signed_bytes(_answer(payload), SigningKey.from_seed(_PLATFORM_SEED).public.id, time)
    floor = signatures.twice(_STATION_SEED, _PLATFORM_SEED, asked, answered)
    timed = interleaved(per_call(ours, _CALLS), per_call(floor, _CALLS), rounds=_ROUNDS)
    note = "a question signed and judged, its answer signed and checked; floor: two signatures and two checks with cryptography alone"
    yield compared("signatures of a question and its answer, both ends", timed, "us", 1.3, note)


def _question(payload: bytes) -> SignedParts:
    return SignedParts(
        role=MessageRole.REQUEST, topic=_QUESTION, payload=payload, correlation=_CORRELATION.decode(), response_topic=_ANSWER
    )


def _answer(payload: bytes) -> SignedParts:
    return SignedParts(role=MessageRole.ANSWER, topic=_ANSWER, payload=payload, correlation=_CORRELATION.decode())


def round_trip(question: bytes, answer: bytes) -> Callable[[], None]:
    """One question and its answer, from the bytes to the bytes. Raises ValueError where one is not taken."""
    key, platform, now = SigningKey.from_seed(_STATION_SEED), SigningKey.from_seed(_PLATFORM_SEED), samples.NOON
    guard, known = AnswerGuard(platform, FixedClock(now)), platform.public
    station = RegisteredStation(id=_STATION, added_at=now, keys=(StationKey(key=key.public, valid_from=now),))
    book = StationBook(stations={_STATION: station})

    def work() -> None:
        sent = sign(_question(question), key, _STATION, now).properties
        message = RequestMessage(
            topic=_QUESTION, payload=question, response_topic=_ANSWER, correlation_data=_CORRELATION, properties=sent, station=_STATION
        )
        taken = judge(message, book, now).signer == _STATION
        delivery = guard.sign(_ANSWER, answer, Delivery(correlation_data=_CORRELATION))
        signature = None if delivery is None else read_signature(delivery.user_properties)
        if not taken or signature is None or is_far(signature, now) or not is_signed(_answer(answer), signature, known):
            raise ValueError("a signature was not taken")

    return work
