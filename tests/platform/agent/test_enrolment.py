"""How a station is enrolled over MQTT: once, within a day, by who knows the secret (decision 26)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kiosk.domain.errors import BadInput, NotFound, StationRefused
from kiosk.platform.agent.wire_messages import Incoming
from kiosk.platform.store.station_register import ENROLMENT_TIME, StationRegister
from kiosk.shared.signing_keys import SigningKey
from kiosk.wire.enrolment import (
    EnrolmentFile,
    EnrolmentQuestion,
    enrolment_question,
    make_secret,
    read_enrolment_file,
    read_enrolment_question,
    secret_hash,
)
from kiosk.wire.exact_json import dumps, loads
from kiosk.wire.station_topics import enrol_topic, is_station_id, own_answer_topic, station_in_enrol_topic
from tests.builders import NOON
from tests.platform.agent_counter import Counter, Where, completion, count, rows
from tests.platform.signing import SigningStation, enrolled, passed

ID = "STATION_XYZ"


@pytest.fixture
def secret(counter: Counter) -> str:
    """That of the enrolment file of a station that was just added."""
    made = make_secret()
    StationRegister(counter.store).add(ID, secret_hash(made), NOON, "the desk")
    return made


def question(secret: str, station: SigningStation, counter: Counter, **facts: Any) -> Incoming:
    """What a counter asks, signed by its new key; `facts` are the message's own."""
    now = counter.clock.now()
    body = enrolment_question(secret, station.id, station.key.public, now).write()
    about = {"topic": enrol_topic(station.id), "response_topic": own_answer_topic(station.id, "enrol"), "at": now, **facts}
    return station.message("enrol", about.pop("body", body), **about)


def answer(counter: Counter, asked: Incoming) -> dict[str, Any]:
    response = counter.handle(asked)
    assert response.answer is not None
    assert response.answer.topic == "rtrn/abs/station/STATION_XYZ/enrol"
    found: dict[str, Any] = loads(response.answer.payload)
    return found


def test_who_knows_the_secret_is_enrolled_and_then_signs(counter: Counter, secret: str, books: Where) -> None:
    station = SigningStation(ID)
    response = counter.handle(question(secret, station, counter))
    assert response.answer is not None
    assert loads(response.answer.payload) == {"enrolled": True, "station": ID, "key": station.key.public.id}
    assert response.answer.correlation_data == b"swap-1"
    assert station.ask(counter, "complete_service", completion())["signals"] == ["SERVICE_COMPLETED_SUCCESS"]
    assert [act for (act,) in rows(books, "SELECT what FROM platform_record ORDER BY number")] == ["station_added", "station_enrolled"]


def test_before_its_enrolment_a_station_is_served_unsigned(counter: Counter, secret: str) -> None:
    assert counter.ask("complete_service", completion())["signals"] == ["SERVICE_COMPLETED_SUCCESS"]


def test_the_same_key_again_is_a_lost_answer(counter: Counter, secret: str) -> None:
    station = SigningStation(ID)
    for _each in range(3):
        assert answer(counter, question(secret, station, counter))["enrolled"] is True
        passed(counter, hours=20)


def test_another_key_with_a_used_secret_is_refused_told_and_recorded(counter: Counter, secret: str, books: Where) -> None:
    first, thief = SigningStation(ID), SigningStation(ID)
    assert answer(counter, question(secret, first, counter))["enrolled"] is True
    refused = answer(counter, question(secret, thief, counter))
    assert (refused["enrolled"], refused["key"]) == (False, thief.key.public.id)
    assert "used already" in refused["reason"]
    assert rows(books, "SELECT what FROM platform_record ORDER BY number")[-1] == ("enrolment_refused",)
    assert thief.ask(counter, "complete_service", completion())["signals"][-1] == "SIGNATURE_INVALID"
    assert first.ask(counter, "complete_service", completion())["signals"] == ["SERVICE_COMPLETED_SUCCESS"]


def test_a_secret_ends_after_24_hours(counter: Counter, secret: str) -> None:
    counter.clock.at = NOON + ENROLMENT_TIME
    refused = answer(counter, question(secret, SigningStation(ID), counter))
    assert (refused["enrolled"], "24 hours" in refused["reason"]) == (False, True)


@pytest.mark.parametrize("wrong", ["", "0" * 96, "the secret of another"])
def test_who_does_not_know_the_secret_is_refused_and_the_secret_stays_good(counter: Counter, secret: str, books: Where, wrong: str) -> None:
    refused = answer(counter, question(wrong, SigningStation(ID), counter))
    assert refused["enrolled"] is False
    assert count(books, "station_keys") == 0
    assert count(books, "record") == 1, "guesses are not recorded one by one"
    assert answer(counter, question(secret, SigningStation(ID), counter))["enrolled"] is True


def test_a_guess_locks_nothing_and_writes_nothing(counter: Counter, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def written(*_arguments: object) -> None:
        raise AssertionError("a guess was written")

    monkeypatch.setattr(StationRegister, "enrol", written)
    assert answer(counter, question("0" * 96, SigningStation(ID), counter))["enrolled"] is False
    assert answer(counter, question("0" * 96, SigningStation("STATION-9"), counter, topic=enrol_topic(ID)))["enrolled"] is False


def test_a_new_file_ends_the_secret_of_the_former_one(counter: Counter, secret: str) -> None:
    newer = make_secret()
    StationRegister(counter.store).add(ID, secret_hash(newer), NOON, "the desk")
    assert answer(counter, question(secret, SigningStation(ID), counter))["enrolled"] is False
    assert answer(counter, question(newer, SigningStation(ID), counter))["enrolled"] is True


def test_a_question_that_the_new_key_did_not_sign_is_refused(counter: Counter, secret: str, books: Where) -> None:
    station, other = SigningStation(ID), SigningStation(ID)
    body = enrolment_question(secret, ID, station.key.public, NOON).write()
    asked = question(secret, station, counter)
    wrong = [
        replace(asked, user_properties=()),
        replace(asked, user_properties=(*asked.user_properties, asked.user_properties[0])),
        replace(asked, correlation_data=b"another"),
        replace(asked, correlation_data=b"\xff"),
        question(secret, other, counter, body=body),
        question(secret, station, counter, signer="STATION-2"),
    ]
    for each in wrong:
        assert answer(counter, each)["enrolled"] is False
    assert count(books, "station_keys") == 0


def test_a_question_about_another_station_than_the_topics_is_refused(counter: Counter, secret: str) -> None:
    body = enrolment_question(secret, "STATION-2", SigningKey.from_seed(bytes(32)).public, NOON).write()
    assert answer(counter, question(secret, SigningStation(ID), counter, body=body))["enrolled"] is False


def test_a_clock_that_is_wrong_is_told_the_time(counter: Counter, secret: str) -> None:
    station = SigningStation(ID)
    told = answer(counter, question(secret, station, counter, at=NOON - timedelta(hours=3)))
    assert (told["enrolled"], told["signals"], told["metadata"]) == (False, ["CLOCK_DIFFERS"], {"platform_time": "2025-01-15T10:30:00Z"})
    assert answer(counter, question(secret, station, counter))["enrolled"] is True


def test_a_key_of_another_station_is_not_taken(counter: Counter, secret: str) -> None:
    other = enrolled(counter, "STATION-2")
    refused = answer(counter, question(secret, SigningStation(ID, other.key), counter))
    assert "registered before" in refused["reason"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"station": "STATION_XYZ"}', b"x" * 70_000, dumps({"station": 7})])
def test_what_is_no_question_is_not_answered(counter: Counter, secret: str, body: bytes) -> None:
    assert counter.handle(question(secret, SigningStation(ID), counter, body=body)).answer is None


def test_an_enrolled_station_is_not_added_again_and_a_revoked_one_may_be(counter: Counter) -> None:
    register, station = StationRegister(counter.store), enrolled(counter)
    with pytest.raises(StationRefused, match="station rotate"):
        register.add(station.id, secret_hash(make_secret()), NOON, "the desk")
    register.revoke(station.id, NOON, NOON, "the desk")
    with pytest.raises(StationRefused, match="station add"):
        register.rotate(station.id, secret_hash(make_secret()), NOON, "the desk")
    register.add(station.id, secret_hash(make_secret()), NOON, "the desk")


def test_a_revoked_stations_file_enrols_nobody(counter: Counter, secret: str) -> None:
    StationRegister(counter.store).revoke(ID, NOON, NOON, "the desk")
    assert answer(counter, question(secret, SigningStation(ID), counter))["enrolled"] is False


def test_two_stations_do_not_differ_by_capital_letters_alone(counter: Counter, secret: str) -> None:
    with pytest.raises(StationRefused, match="STATION_XYZ"):
        StationRegister(counter.store).add("station_xyz", secret_hash(make_secret()), NOON, "the desk")


def test_a_station_that_there_is_not_is_neither_rotated_nor_revoked(counter: Counter) -> None:
    register = StationRegister(counter.store)
    with pytest.raises(NotFound):
        register.rotate("STATION-9", secret_hash(make_secret()), NOON, "the desk")
    with pytest.raises(NotFound):
        register.revoke("STATION-9", NOON, NOON, "the desk")


def test_the_database_does_not_hold_the_secret(counter: Counter, secret: str, books: Where) -> None:
    kept = str(rows(books, "SELECT * FROM platform_stations"))
    assert secret not in kept
    assert secret_hash(secret) in kept


# ------------------------------------------------------------ the file and the topics


def test_the_file_is_read_as_it_was_written() -> None:
    key = SigningKey.from_seed(bytes(32)).public
    file = EnrolmentFile(station=ID, platform_key=key, secret=make_secret(), expires=NOON, broker_user=ID)
    assert read_enrolment_file(file.write()) == file
    assert file.secret not in repr(file)


def test_a_file_that_is_none_is_refused_with_its_place() -> None:
    key = SigningKey.from_seed(bytes(32)).public
    file = EnrolmentFile(station=ID, platform_key=key, secret=make_secret(), expires=NOON, broker_user=ID)
    document = loads(file.write())
    with pytest.raises(BadInput, match="is not that of the key beside it"):
        read_enrolment_file(dumps({**document, "platform_key": {"id": "0" * 16, "key": key.text}}))
    with pytest.raises(BadInput, match="is not a station's id"):
        read_enrolment_file(dumps({**document, "station": "a/b"}))
    for missing in document.keys() - {"broker_user"}:
        with pytest.raises(BadInput):
            read_enrolment_file(dumps({name: each for name, each in document.items() if name != missing}))


def test_a_short_secret_is_none() -> None:
    with pytest.raises(BadInput):
        secret_hash("x" * 64)


def test_a_question_is_read_as_it_was_written() -> None:
    asked = enrolment_question(make_secret(), ID, SigningKey.from_seed(bytes(32)).public, NOON)
    assert read_enrolment_question(asked.write()) == asked
    assert isinstance(asked, EnrolmentQuestion)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "a+b", "#", "ü", "a\n", "x" * 41])
def test_a_name_that_cannot_be_a_station(name: str) -> None:
    assert not is_station_id(name)
    assert station_in_enrol_topic(f"call/uxi/attendant/station/{name}/enrol") == ""


def test_the_topic_names_the_station() -> None:
    assert station_in_enrol_topic(enrol_topic("st.1_A-2")) == "st.1_A-2"
    for other in (
        f"{enrol_topic(ID)}/x",
        f"x{enrol_topic(ID)}",
        f"call/uxi/attendant/station/{ID}/call_supervisor",
        f"{enrol_topic(ID)}\n",
    ):
        assert station_in_enrol_topic(other) == ""
