"""The one place that judges who sent a request, without a database: whatever is changed on the way is not taken."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kiosk.platform.stations.judging import RequestMessage, SenderVerdict, judge
from kiosk.platform.store.station_values import RegisteredStation, StationBook, StationKey, StationMode
from kiosk.wire.actions import StationRefusal
from kiosk.wire.signed_messages import AUDIT, MAX_APART, SIGNATURE, STATION, TIME, MessageRole, SignedParts, sign
from tests.builders import NOON
from tests.platform.signing import seeded

KEY, OTHER = seeded(1), seeded(2)
FACTS = st.fixed_dictionaries(
    {
        "topic": st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=40),
        "payload": st.binary(max_size=60),
        "response_topic": st.none() | st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=40),
        "correlation": st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=40),
    }
)
_MOST = int(MAX_APART.total_seconds() * 1000)
TIMES = st.integers(-_MOST, _MOST).map(lambda apart: NOON + timedelta(milliseconds=apart))


def book(mode: StationMode = StationMode.OPEN, **changes: Any) -> StationBook:
    """One enrolled station."""
    key = StationKey(key=KEY.public, valid_from=NOON)
    return StationBook(mode=mode, stations={"ST-1": replace(RegisteredStation(id="ST-1", added_at=NOON, keys=(key,)), **changes)})


def signed(
    facts: dict[str, Any], *, at: Any = NOON, station: str = "ST-1", role: MessageRole = MessageRole.REQUEST, key: Any = KEY
) -> RequestMessage:
    parts = SignedParts(
        role=role,
        topic=facts["topic"],
        payload=facts["payload"],
        correlation=facts["correlation"],
        response_topic=facts["response_topic"] or "",
    )
    return RequestMessage(
        topic=facts["topic"],
        payload=facts["payload"],
        response_topic=facts["response_topic"],
        correlation_data=facts["correlation"].encode() or None,
        properties=sign(parts, key, station, at, "1 aa").properties,
        station="ST-1",
    )


def is_refused(verdict: SenderVerdict) -> bool:
    return not verdict.is_taken and verdict.signer == ""


@given(FACTS, TIMES)
def test_what_the_station_signed_is_taken(facts: dict[str, Any], at: Any) -> None:
    verdict = judge(signed(facts, at=at), book(), NOON)
    assert verdict == SenderVerdict(signer="ST-1", asker="ST-1")


@given(FACTS, st.sampled_from(["topic", "payload", "response_topic", "correlation"]), st.data())
def test_a_message_with_any_part_changed_is_not_taken(facts: dict[str, Any], part: str, data: st.DataObject) -> None:
    changed = data.draw(FACTS.filter(lambda other: (other[part] or "") != (facts[part] or "")))
    message, other = signed(facts), signed({**facts, part: changed[part]})
    assert is_refused(judge(replace(other, properties=message.properties), book(), NOON))


@given(FACTS, st.sampled_from([STATION, TIME, AUDIT, SIGNATURE]), st.text(max_size=90))
def test_a_message_with_any_property_changed_is_not_taken(facts: dict[str, Any], name: str, value: str) -> None:
    message = signed(facts)
    properties = dict(message.properties)
    changed = tuple({**properties, name: value}.items())
    if value != properties[name]:
        assert is_refused(judge(replace(message, properties=changed), book(), NOON))


@given(FACTS, st.integers(0, 87), st.integers(1, 63))
def test_a_signature_with_one_letter_changed_is_not_taken(facts: dict[str, Any], place: int, step: int) -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    message = signed(facts)
    text = dict(message.properties)[SIGNATURE]
    letter = text[place] if text[place] in letters else "A"
    changed = text[:place] + letters[(letters.index(letter) + step) % 64] + text[place + 1 :]
    bent = tuple({**dict(message.properties), SIGNATURE: changed}.items())
    assert is_refused(judge(replace(message, properties=bent), book(), NOON))


@given(FACTS, st.lists(st.sampled_from([STATION, TIME, AUDIT, SIGNATURE]), min_size=1))
def test_a_property_that_stands_twice_is_never_a_signature(facts: dict[str, Any], names: list[str]) -> None:
    message = signed(facts)
    properties = dict(message.properties)
    doubled = (*message.properties, *((name, properties[name]) for name in names))
    assert judge(replace(message, properties=doubled), book(), NOON).refusal is StationRefusal.INVALID


@given(FACTS, st.lists(st.sampled_from([STATION, TIME, SIGNATURE]), min_size=1, unique=True))
def test_a_part_of_a_signature_is_none_and_not_the_same_as_nothing(facts: dict[str, Any], names: list[str]) -> None:
    message = signed(facts)
    left = tuple(each for each in message.properties if each[0] not in names)
    assert judge(replace(message, properties=left), book(), NOON).refusal is StationRefusal.INVALID


@given(FACTS, st.sampled_from([MessageRole.ANSWER, MessageRole.EVENT]))
def test_what_was_signed_as_something_else_is_no_request(facts: dict[str, Any], role: MessageRole) -> None:
    assert judge(signed(facts, role=role), book(), NOON).refusal is StationRefusal.INVALID


@given(FACTS)
def test_another_key_signs_for_nobody_but_its_station(facts: dict[str, Any]) -> None:
    assert judge(signed(facts, key=OTHER), book(), NOON) == SenderVerdict(
        refusal=StationRefusal.INVALID, reason=judge(signed(facts, key=OTHER), book(), NOON).reason
    )
    assert judge(signed(facts, key=OTHER, station="ST-2"), book(), NOON).refusal is StationRefusal.UNKNOWN


@given(FACTS, st.integers(601_000, 10**11), st.sampled_from([-1, 1]))
def test_a_signature_of_another_time_tells_the_clock_and_refuses_nothing(facts: dict[str, Any], milliseconds: int, sign_of: int) -> None:
    at = NOON + timedelta(milliseconds=sign_of * milliseconds)
    verdict = judge(signed(facts, at=at), book(), NOON)
    assert (verdict.clock_differs, verdict.refusal, verdict.asker) == (True, None, "ST-1")


@given(st.text(max_size=60), st.sampled_from(StationMode))
def test_without_a_signature_a_name_proves_nothing(name: str, mode: StationMode) -> None:
    message = RequestMessage(topic="t", payload=b"{}", station=name, properties=(("traceparent", "x"),))
    verdict = judge(message, book(mode), NOON)
    assert verdict.signer == ""
    assert verdict.is_taken is (mode is StationMode.OPEN and name != "ST-1")
    assert verdict.asker in ("", name)


def test_a_station_that_waits_for_its_enrolment_needs_no_signature_yet() -> None:
    message = RequestMessage(topic="t", payload=b"{}", station="ST-1")
    assert judge(message, book(keys=()), NOON).is_taken
