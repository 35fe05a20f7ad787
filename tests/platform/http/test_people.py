"""The platform's list of people over HTTP, on both databases: a station is told of its own people, and PINs go over TLS alone."""

import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from kiosk.domain.errors import BadInput, NotFound
from kiosk.domain.people import Person, Role
from kiosk.platform.store.people_register import MAX_PEOPLE, PeopleRegister
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.tables import record_rows
from kiosk.shared.pins import Cost, Seal, StretchedPin, stretched
from tests.builders import NOON
from tests.platform.http.site import calling, context_on

CHEAP = Cost(memory=8, passes=1, lanes=1)
SEAL = Seal(b"s" * 32)
PIN = stretched("4071", cost=CHEAP)
BADGE = "ab" * 32


@pytest.fixture
def register(store: PlatformStore) -> PeopleRegister:
    return PeopleRegister(store)


@pytest.fixture
async def client(store: PlatformStore) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(context_on(store, seal=SEAL)) as client:
        yield client


def put(register: PeopleRegister, person_id: str, stations: Sequence[str], role: Role = Role.ATTENDANT) -> None:
    register.put(Person(id=person_id, name=f"Person {person_id}", role=role), stations, NOON, "desk:jane")


async def told(client: httpx.AsyncClient, station: str, after: str = "", **query: Any) -> Any:
    answer = await client.get(f"/api/v1/stations/{station}/people", params={"after": after, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(document: Any) -> list[str]:
    return [each["id"] for each in document["people"]]


async def test_a_station_is_told_of_its_own_people_and_of_nobody_else(client: httpx.AsyncClient, register: PeopleRegister) -> None:
    put(register, "ATT-1", ["ST-1"])
    put(register, "ATT-2", ["ST-2"])
    put(register, "SUP-1", ["ST-1", "ST-2"], Role.SUPERVISOR)
    put(register, "DESK-1", ["ST-1"], Role.DESK)
    first, second = await told(client, "ST-1"), await told(client, "ST-2")
    assert (ids(first), ids(second)) == (["ATT-1", "SUP-1"], ["ATT-2", "SUP-1"])
    assert "ATT-2" not in str(first)
    assert (await told(client, "ST-9"))["people"] == []


async def test_what_is_told_of_a_person(client: httpx.AsyncClient, register: PeopleRegister) -> None:
    put(register, "ATT-1", ["ST-1"])
    register.set_pin("att-1", SEAL.sealed(PIN, "ATT-1"), NOON, "desk:jane")
    register.set_badge("ATT-1", BADGE, NOON, "desk:jane")
    (person,) = (await told(client, "ST-1"))["people"]
    number = person.pop("pin_number")
    assert StretchedPin.read(person.pop("pin")) == PIN
    assert number == person.pop("pin_mark")
    assert person == {"id": "ATT-1", "name": "Person ATT-1", "role": "attendant", "must_change_pin": True, "badge": BADGE}


async def test_by_cursor_only_what_changed_is_told_and_who_is_gone(client: httpx.AsyncClient, register: PeopleRegister) -> None:
    for each in ("ATT-1", "ATT-2", "ATT-3"):
        put(register, each, ["ST-1"])
    cursor = (await told(client, "ST-1"))["cursor"]
    assert ids(await told(client, "ST-1", cursor)) == []
    put(register, "ATT-1", ["ST-2"])
    register.remove("ATT-2", NOON, "desk:jane")
    put(register, "ATT-3", ["ST-1"], Role.SUPERVISOR)
    page = await told(client, "ST-1", cursor)
    assert (ids(page), page["gone"]) == (["ATT-3"], ["ATT-1", "ATT-2"])
    assert page["people"][0]["role"] == "supervisor"
    assert (await told(client, "ST-1"))["people"][0]["pin"] == ""


async def test_page_by_page_nothing_is_missed(client: httpx.AsyncClient, register: PeopleRegister) -> None:
    for number in range(7):
        put(register, f"ATT-{number}", ["ST-1"])
    found: list[str] = []
    cursor, more = "", True
    while more:
        page = await told(client, "ST-1", cursor, limit=3)
        found, cursor, more = [*found, *ids(page)], page["cursor"], page["more"]
    assert found == [f"ATT-{number}" for number in range(7)]


@pytest.mark.parametrize("cursor", ["0", "x-1", "-1", "ffffffff-1", "💥-1"])
async def test_another_databases_cursor_is_refused(client: httpx.AsyncClient, register: PeopleRegister, cursor: str) -> None:
    put(register, "ATT-1", ["ST-1"])
    answer = await client.get("/api/v1/stations/ST-1/people", params={"after": cursor})
    assert answer.status_code == 400
    own = (await told(client, "ST-1"))["cursor"]
    later = f"{own.rpartition('-')[0]}-999"
    assert (await client.get("/api/v1/stations/ST-1/people", params={"after": later})).status_code == 400


async def test_pins_go_where_nobody_can_read_them_and_in_no_log(
    client: httpx.AsyncClient, register: PeopleRegister, caplog: pytest.LogCaptureFixture
) -> None:
    put(register, "ATT-1", ["ST-1"])
    register.set_pin("ATT-1", SEAL.sealed(PIN, "ATT-1"), NOON, "desk:jane")
    with caplog.at_level(logging.DEBUG):
        answer = await client.get("/api/v1/stations/ST-1/people", headers={"X-Forwarded-Proto": "http"})
        assert answer.status_code == 403
        assert PIN.text not in answer.text
        safe = await client.get("/api/v1/stations/ST-1/people", headers={"X-Forwarded-Proto": "https"})
    assert safe.status_code == 200
    assert safe.headers["cache-control"] == "no-store"
    assert PIN.text not in caplog.text


async def test_without_a_token_nobody_is_told(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/stations/ST-1/people", headers={"Authorization": ""})
    assert answer.status_code == 401


async def test_a_platform_without_its_pepper_tells_nobody_and_with_another_no_pin(store: PlatformStore, register: PeopleRegister) -> None:
    put(register, "ATT-1", ["ST-1"])
    register.set_pin("ATT-1", SEAL.sealed(PIN, "ATT-1"), NOON, "desk:jane")
    async with calling(context_on(store)) as without:
        assert (await without.get("/api/v1/stations/ST-1/people")).status_code == 404
    async with calling(context_on(store, seal=Seal(b"t" * 32))) as other:
        assert (await told(other, "ST-1"))["people"][0]["pin"] == ""


@pytest.mark.parametrize("limit", ["0", str(MAX_PEOPLE + 1), "x", "-1", "9" * 30])
async def test_a_limit_is_a_number_within_bounds(client: httpx.AsyncClient, limit: str) -> None:
    assert (await client.get("/api/v1/stations/ST-1/people", params={"limit": limit})).status_code == 400


def test_a_revoked_station_has_the_pins_of_its_people_changed_everywhere(register: PeopleRegister) -> None:
    for person_id, stations in (("ATT-1", ["ST-1"]), ("SUP-1", ["ST-1", "ST-2"]), ("ATT-2", ["ST-2"])):
        put(register, person_id, stations)
        register.set_pin(person_id, SEAL.sealed(PIN, person_id), NOON, "desk:jane")
    cursor, before = register.page("ST-2", "", 10).cursor, register.find("SUP-1")
    assert register.mark_pins("ST-1", NOON, "desk:jane") == 2
    page = register.page("ST-2", cursor, 10)
    assert [each.person.id for each in page.people] == ["SUP-1"]
    assert page.people[0].pin_mark > before.pin_mark
    assert page.people[0].pin_number == before.pin_number
    assert [each.act for each in register.history("SUP-1")] == ["pin to be changed", "pin made", "person made"]
    assert register.history("SUP-1")[0].detail == "ST-1"


def test_another_length_of_pin_takes_the_pin_away_and_the_same_keeps_it(register: PeopleRegister) -> None:
    put(register, "ATT-1", ["ST-1"])
    register.set_pin("ATT-1", SEAL.sealed(PIN, "ATT-1"), NOON, "desk:jane")
    put(register, "att-1", ["ST-1", "ST-2"])
    assert register.find("ATT-1").sealed_pin
    put(register, "ATT-1", ["ST-1"], Role.SUPERVISOR)
    assert register.find("ATT-1").sealed_pin == ""


def test_who_was_removed_is_nobody_until_added_again_without_the_former_pin(register: PeopleRegister) -> None:
    put(register, "ATT-1", ["ST-1"])
    register.set_pin("ATT-1", SEAL.sealed(PIN, "ATT-1"), NOON, "desk:jane")
    register.remove("ATT-1", NOON, "desk:jane")
    for attempt in (
        lambda: register.find("ATT-1"),
        lambda: register.remove("ATT-1", NOON, "x"),
        lambda: register.set_badge("ATT-1", "", NOON, "x"),
    ):
        with pytest.raises(NotFound):
            attempt()
    put(register, "ATT-1", ["ST-1"])
    assert (register.find("ATT-1").sealed_pin, register.find("ATT-1").badge) == ("", "")


@pytest.mark.parametrize(
    ("person_id", "stations", "role"),
    [("", ["ST-1"], Role.ATTENDANT), ("A B", ["ST-1"], Role.ATTENDANT), ("ATT-1", [], Role.ATTENDANT), ("ATT-1", [""], Role.SUPERVISOR)],
)
def test_what_can_be_no_person(register: PeopleRegister, person_id: str, stations: list[str], role: Role) -> None:
    with pytest.raises(BadInput):
        put(register, person_id, stations, role)
    assert register.all() == ()


def test_every_act_on_people_is_in_the_record_without_their_names(store: PlatformStore, register: PeopleRegister) -> None:
    put(register, "ATT-1", ["ST-1"])
    register.set_pin("ATT-1", SEAL.sealed(PIN, "ATT-1"), NOON, "desk:jane")
    register.set_badge("ATT-1", BADGE, NOON, "desk:jane")
    register.mark_pins("ST-1", NOON, "desk:jane")
    register.remove("ATT-1", NOON, "desk:jane")
    with store.reading() as connection:
        written = connection.execute(select(record_rows).order_by(record_rows.c.number)).all()
    assert [row.what for row in written] == ["person made", "pin made", "badge made", "pin to be changed", "person removed"]
    assert {row.who for row in written} == {"desk:jane"}
    assert not any(secret in f"{row}" for row in written for secret in ("Person ATT-1", PIN.text, BADGE))
