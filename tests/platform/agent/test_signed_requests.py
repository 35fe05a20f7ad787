"""Who signed a request: taken, or refused with the reason, and never booked for somebody else (decision 26)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kiosk.domain.requests import CustomerCode
from kiosk.platform.agent.wire_messages import Incoming
from kiosk.platform.store.held_requests import HeldRequests
from kiosk.platform.store.station_register import MAX_UNSIGNED, StationRegister
from kiosk.platform.store.station_values import StationMode
from kiosk.shared.signing_keys import SigningKey
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.identification import question_to_payload
from kiosk.wire.signed_messages import AUDIT, SIGNATURE, STATION, TIME
from tests.builders import ELECTRICITY, NOON
from tests.platform.agent_counter import OTHER_SWAP, PLAN, SWAP, Counter, Where, answer_in, completion, count, rows, used_kwh
from tests.platform.signing import SigningStation, enrol, enrolled, passed, rotated

COMPLETE = "complete_service"
BOOKED = ["SERVICE_COMPLETED_SUCCESS"]
REFUSED = "SERVICE_COMPLETION_FAILED"
CONTRACT_TOPIC = f"rtrn/abs/attendant/plan/{PLAN}/complete_service_response"


@pytest.fixture
def station(counter: Counter) -> SigningStation:
    return enrolled(counter)


def with_properties(message: Incoming, change: Callable[[dict[str, str]], dict[str, str]]) -> Incoming:
    return replace(message, user_properties=tuple(change(dict(message.user_properties)).items()))


def test_a_signed_completion_is_booked_and_answered_on_its_own_topic(counter: Counter, station: SigningStation) -> None:
    response = station.send(counter, COMPLETE, completion())
    assert response.answer is not None
    assert response.answer.topic == station.topic_of(COMPLETE)
    assert response.answer.correlation_data == b"swap-1"
    assert answer_in(response)["signals"] == BOOKED


@pytest.mark.parametrize("mode", StationMode)
def test_an_enrolled_name_without_its_signature_is_refused_in_both_modes(
    counter: Counter, station: SigningStation, books: Where, mode: StationMode
) -> None:
    StationRegister(counter.store).set_mode(mode, NOON, "the desk")
    message = replace(station.message(COMPLETE, completion()), user_properties=())
    response = counter.handle(message)
    assert answer_in(response)["signals"] == [REFUSED, "STATION_UNSIGNED"]
    assert response.answer is not None
    assert response.answer.topic == CONTRACT_TOPIC, "nobody brings a refusal to where the station listens"
    assert count(books, "transactions") == 0


def test_in_mode_open_a_station_that_nobody_enrolled_is_served_and_listed(counter: Counter, station: SigningStation) -> None:
    assert station.id != "STATION-OLD"
    assert counter.ask(COMPLETE, completion(attendant_station="STATION-OLD"))["signals"] == BOOKED
    (seen,) = StationRegister(counter.store).unsigned()
    assert (seen.id, seen.last_at) == ("STATION-OLD", NOON)


def test_in_mode_enrolled_only_signed_requests_are_taken(counter: Counter, station: SigningStation) -> None:
    StationRegister(counter.store).set_mode(StationMode.ENROLLED, NOON, "the desk")
    for name in ("STATION-OLD", ""):
        answer = counter.ask(COMPLETE, completion(attendant_station=name))
        assert answer["signals"] == [REFUSED, "STATION_UNSIGNED"]
    assert counter.ask("equipment_checkin", {"equipment_id": "BAT-12345", "incoming_kwh": 1, "correlation_id": SWAP})["signals"] == [
        "EQUIPMENT_CHECKIN_FAILED",
        "STATION_UNSIGNED",
    ]
    assert counter.identify(PLAN)["data"]["signals"] == ["STATION_UNSIGNED"]
    assert station.ask(counter, COMPLETE, completion())["signals"] == BOOKED
    assert StationRegister(counter.store).unsigned() == ()


def test_the_station_of_the_body_must_be_the_signer(counter: Counter, station: SigningStation, books: Where) -> None:
    thief = enrolled(counter, "STATION-2")
    response = thief.send(counter, COMPLETE, completion())
    assert answer_in(response)["signals"] == [REFUSED, "STATION_MISMATCH"]
    assert response.answer is not None
    assert response.answer.topic == thief.topic_of(COMPLETE)
    assert count(books, "transactions") == 0
    assert station.ask(counter, COMPLETE, completion())["signals"] == BOOKED


def test_a_signer_may_not_speak_for_another_when_it_identifies_a_customer(counter: Counter, station: SigningStation) -> None:
    question = question_to_payload(CustomerCode(text=PLAN, plan_id=PLAN), SWAP, NOON, "ATT-001", "STATION-2")
    topic = f"emit/uxi/attendant/plan/{PLAN}/identify_customer"
    message = station.message("identify_customer", question, topic=topic)
    assert answer_in(counter.handle(message))["data"]["signals"] == ["STATION_MISMATCH"]


def test_a_response_topic_is_used_under_the_signers_own_prefix_alone(counter: Counter, station: SigningStation) -> None:
    for number, wanted in enumerate(
        ("rtrn/abs/station/STATION-2/complete_service", station.topic_of("identify_customer"), "event/x", None)
    ):
        response = station.send(counter, COMPLETE, completion(correlation_id=f"TXN-{number}"), response_topic=wanted)
        assert response.answer is not None
        assert response.answer.topic == CONTRACT_TOPIC


def test_a_station_without_a_signature_is_answered_under_the_name_that_it_gives(counter: Counter) -> None:
    for wanted, topic in (("STATION_XYZ", "rtrn/abs/station/STATION_XYZ/complete_service"), ("STATION-2", CONTRACT_TOPIC)):
        asked = Incoming(
            topic=f"call/uxi/attendant/plan/{PLAN}/complete_service",
            payload=dumps(completion()),
            response_topic=f"rtrn/abs/station/{wanted}/complete_service",
        )
        response = counter.handle(asked)
        assert response.answer is not None
        assert response.answer.topic == topic


# ------------------------------------------------------------ what is no signature


def _cut(properties: dict[str, str]) -> dict[str, str]:
    return {**properties, SIGNATURE: properties[SIGNATURE][:-4]}


def _other_time(properties: dict[str, str]) -> dict[str, str]:
    return {**properties, TIME: "2025-01-15T10:30:01.000Z"}


BENT: dict[str, Callable[[dict[str, str]], dict[str, str]]] = {
    "cut": _cut,
    "empty": lambda properties: {**properties, SIGNATURE: ""},
    "another time": _other_time,
    "a head that was not signed": lambda properties: {**properties, AUDIT: "1 aa"},
    "no time": lambda properties: {name: each for name, each in properties.items() if name != TIME},
    "no station": lambda properties: {name: each for name, each in properties.items() if name != STATION},
    "no signature": lambda properties: {name: each for name, each in properties.items() if name != SIGNATURE},
    "other letters": lambda properties: {**properties, SIGNATURE: properties[SIGNATURE].swapcase()},
    "a line break": lambda properties: {**properties, SIGNATURE: properties[SIGNATURE] + "\n"},
    "a time that is none": lambda properties: {**properties, TIME: "2025-13-15T10:30:00.000Z"},
    "long": lambda properties: {**properties, SIGNATURE: "A" * 5000},
}


@pytest.mark.parametrize("bend", BENT.values(), ids=BENT)
def test_a_bent_signature_is_refused_and_books_nothing(
    counter: Counter, station: SigningStation, books: Where, bend: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    response = counter.handle(with_properties(station.message(COMPLETE, completion()), bend))
    assert answer_in(response)["signals"] == [REFUSED, "SIGNATURE_INVALID"]
    assert response.answer is not None
    assert response.answer.topic == CONTRACT_TOPIC
    assert count(books, "transactions") == count(books, "claims") == 0


@pytest.mark.parametrize("name", [STATION, TIME, SIGNATURE])
def test_a_property_that_is_there_twice_is_no_signature(counter: Counter, station: SigningStation, name: str) -> None:
    message = station.message(COMPLETE, completion())
    twice = replace(message, user_properties=(*message.user_properties, (name, dict(message.user_properties)[name])))
    assert answer_in(counter.handle(twice))["signals"] == [REFUSED, "SIGNATURE_INVALID"]


CHANGED: dict[str, dict[str, Any]] = {
    "payload": {"payload": dumps(completion(outgoing_kwh=30))},
    "topic": {"topic": "call/uxi/attendant/plan/another/complete_service"},
    "response topic": {"response_topic": None},
    "correlation data": {"correlation_data": b"swap-2"},
    "correlation data that is no text": {"correlation_data": b"\xff"},
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_a_message_that_is_not_the_one_that_was_signed_is_refused(
    counter: Counter, station: SigningStation, change: dict[str, Any]
) -> None:
    response = counter.handle(replace(station.message(COMPLETE, completion()), **change))
    assert answer_in(response)["signals"] == [REFUSED, "SIGNATURE_INVALID"]


def test_a_station_that_is_not_in_the_register_is_told_so_where_it_listens(counter: Counter) -> None:
    stranger = SigningStation("STATION-9")
    response = stranger.send(counter, COMPLETE, completion(attendant_station="STATION-9"))
    assert answer_in(response)["signals"] == [REFUSED, "STATION_UNKNOWN"]
    assert response.answer is not None
    assert response.answer.topic == stranger.topic_of(COMPLETE)


def test_the_key_of_one_station_is_not_that_of_another(counter: Counter, station: SigningStation) -> None:
    thief = enrolled(counter, "STATION-2")
    message = thief.message(COMPLETE, completion(), signer=station.id, response_topic=station.topic_of(COMPLETE))
    response = counter.handle(message)
    assert answer_in(response)["signals"] == [REFUSED, "SIGNATURE_INVALID"]
    assert response.answer is not None
    assert response.answer.topic == CONTRACT_TOPIC


def test_whose_name_was_used_wrongly_is_noted(counter: Counter, station: SigningStation) -> None:
    counter.handle(SigningStation("x", SigningKey.make()).message(COMPLETE, completion(), signer=station.id))
    (listed,) = StationRegister(counter.store).all()
    assert (listed.refused_why, listed.refused_at) == ("SIGNATURE_INVALID", NOON)


# ------------------------------------------------------------ times


@pytest.mark.parametrize("apart", [timedelta(minutes=-10, milliseconds=-1), timedelta(minutes=10, milliseconds=1), timedelta(days=-400)])
def test_a_clock_that_is_wrong_is_told_the_time_and_nothing_is_refused(
    counter: Counter, station: SigningStation, books: Where, apart: timedelta
) -> None:
    response = station.send(counter, COMPLETE, completion(), at=NOON + apart)
    answer = answer_in(response)
    assert answer["signals"] == ["CLOCK_DIFFERS"]
    assert answer["metadata"]["platform_time"] == "2025-01-15T10:30:00Z"
    assert "passed" not in answer["metadata"]
    assert response.answer is not None
    assert response.answer.topic == station.topic_of(COMPLETE)
    assert (count(books, "transactions"), count(books, "refusals")) == (0, 0)
    assert station.ask(counter, COMPLETE, completion())["signals"] == BOOKED


@pytest.mark.parametrize("apart", [timedelta(minutes=-10), timedelta(minutes=10)])
def test_a_clock_within_ten_minutes_is_right_enough(counter: Counter, station: SigningStation, apart: timedelta) -> None:
    assert station.ask(counter, COMPLETE, completion(), at=NOON + apart)["signals"] == BOOKED


def test_where_only_the_clocks_differ_an_identification_says_neither_yes_nor_no(counter: Counter, station: SigningStation) -> None:
    question = question_to_payload(CustomerCode(text=PLAN, plan_id=PLAN), SWAP, NOON, "ATT-001", station.id)
    topic = f"emit/uxi/attendant/plan/{PLAN}/identify_customer"
    answer = answer_in(counter.handle(station.message("identify_customer", question, topic=topic, at=NOON - timedelta(hours=1))))
    assert answer["data"]["signals"] == ["CLOCK_DIFFERS"]
    assert "success" not in answer["data"]
    assert answer["data"]["metadata"]["platform_time"] == "2025-01-15T10:30:00Z"


def test_a_replayed_message_books_nothing_twice_and_ends_after_ten_minutes(counter: Counter, station: SigningStation, books: Where) -> None:
    message = station.message(COMPLETE, completion())
    assert answer_in(counter.handle(message))["signals"] == BOOKED
    assert answer_in(counter.handle(message))["signals"] == [*BOOKED, "IDEMPOTENT_OPERATION_DETECTED"]
    passed(counter, minutes=11)
    assert answer_in(counter.handle(message))["signals"] == ["CLOCK_DIFFERS"]
    assert count(books, "transactions") == 1


# ------------------------------------------------------------ rotated and revoked


def test_both_keys_of_a_rotated_station_count_for_a_day(counter: Counter, station: SigningStation) -> None:
    new = rotated(counter, station)
    passed(counter, hours=23)
    assert station.ask(counter, COMPLETE, completion(), at=counter.clock.at)["signals"] == BOOKED
    passed(counter, hours=2)
    answer = station.ask(counter, COMPLETE, completion(correlation_id=OTHER_SWAP), at=counter.clock.at)
    assert answer["signals"] == [REFUSED, "SIGNATURE_INVALID"]
    assert new.ask(counter, COMPLETE, completion(), at=counter.clock.at)["signals"] == [*BOOKED, "IDEMPOTENT_OPERATION_DETECTED"]


def test_what_a_revoked_station_completes_is_held_with_its_bytes_for_a_person(
    counter: Counter, station: SigningStation, books: Where
) -> None:
    register, waiting = StationRegister(counter.store), HeldRequests(counter.store)
    register.revoke(station.id, NOON, NOON, "the desk")
    message = station.message(COMPLETE, completion())
    for _each in range(2):
        response = counter.handle(message)
        assert answer_in(response)["signals"] == [REFUSED, "STATION_REVOKED"]
        assert response.answer is not None
        assert response.answer.topic == station.topic_of(COMPLETE)
    assert count(books, "transactions") == 0
    (held,) = waiting.waiting()
    assert (held.payload, held.topic, held.station_id) == (message.payload, message.topic, station.id)
    booked = counter.handler.book_held(held)
    assert answer_in(booked)["signals"] == BOOKED
    waiting.settle(SWAP, "held_booked", "", NOON, "the desk")
    assert waiting.waiting() == ()
    assert rows(books, "SELECT who, what FROM platform_record ORDER BY number")[-1] == ("the desk", "held_booked")


def test_nothing_is_held_of_what_a_revoked_station_only_asks_or_says_in_anothers_name(counter: Counter, station: SigningStation) -> None:
    StationRegister(counter.store).revoke(station.id, NOON, NOON, "the desk")
    quota = {"correlation_id": SWAP, "service_id": ELECTRICITY, "quantity": 1}
    for step, body in ((COMPLETE, completion(attendant_station="STATION-2")), ("verify_service_quota", quota)):
        assert station.ask(counter, step, body)["signals"][-1] == "STATION_REVOKED"
    assert HeldRequests(counter.store).waiting() == ()


def test_of_a_revoked_station_only_so_many_completions_wait(
    counter: Counter, station: SigningStation, books: Where, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.platform.store.held_requests.MAX_HELD", 3)
    StationRegister(counter.store).revoke(station.id, NOON, NOON, "the desk")
    for number in range(5):
        answer = station.ask(counter, COMPLETE, completion(correlation_id=f"TXN-{number}"))
        assert answer["signals"] == [REFUSED, "STATION_REVOKED"]
    assert count(books, "held_requests") == 3


def test_nobody_is_told_that_a_station_is_revoked_in_its_name_without_its_key(counter: Counter, station: SigningStation) -> None:
    StationRegister(counter.store).revoke(station.id, NOON, NOON, "the desk")
    assert counter.ask(COMPLETE, completion())["signals"] == [REFUSED, "STATION_UNSIGNED"]
    other = SigningStation(station.id)
    assert other.ask(counter, COMPLETE, completion())["signals"] == [REFUSED, "SIGNATURE_INVALID"]
    assert HeldRequests(counter.store).waiting() == ()


def test_a_revoked_station_is_enrolled_again_with_another_key_and_the_stolen_one_stays_revoked(
    counter: Counter, station: SigningStation
) -> None:
    StationRegister(counter.store).revoke(station.id, NOON, NOON, "the desk")
    again = enrol(counter, SigningStation(station.id))
    assert again.ask(counter, COMPLETE, completion())["signals"] == BOOKED
    stolen = station.ask(counter, COMPLETE, completion(correlation_id=OTHER_SWAP))
    assert stolen["signals"] == [REFUSED, "STATION_REVOKED"]


# ------------------------------------------------------------ what stays as it was


def test_names_without_end_do_not_fill_the_list(counter: Counter, books: Where) -> None:
    register = StationRegister(counter.store)
    for number in range(MAX_UNSIGNED + 3):
        register.note_unsigned(f"S-{number}", NOON + timedelta(seconds=number))
    assert count(books, "unsigned_stations") == MAX_UNSIGNED
    assert register.unsigned()[0].id == f"S-{MAX_UNSIGNED + 2}"


def test_a_request_that_cannot_be_understood_is_answered_where_its_signer_listens(counter: Counter, station: SigningStation) -> None:
    response = station.send(counter, COMPLETE, {"correlation_id": SWAP})
    assert REFUSED in answer_in(response)["signals"]
    assert response.answer is not None
    assert response.answer.topic == station.topic_of(COMPLETE)


def test_signed_and_unsigned_requests_of_one_batch_are_each_judged_by_themselves(counter: Counter, station: SigningStation) -> None:
    unsigned = Incoming(topic=f"call/uxi/attendant/plan/{PLAN}/complete_service", payload=dumps(completion(correlation_id=OTHER_SWAP)))
    batch = (station.message(COMPLETE, completion()), unsigned, with_properties(station.message(COMPLETE, completion()), _cut))
    answers = [loads(each.answer.payload)["signals"] for each in counter.handler.handle_all(batch).responses if each.answer]
    assert answers == [BOOKED, [REFUSED, "STATION_UNSIGNED"], [REFUSED, "SIGNATURE_INVALID"]]
    assert used_kwh(counter.store) > 0
