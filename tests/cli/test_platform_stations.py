"""`platform station` and `platform key`: what an operator does about stations, and what it prints."""

import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.platform.stations.admission import StationAdmission
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.station_register import StationRegister
from kiosk.shared.system import SystemClock
from kiosk.wire.enrolment import enrolment_question, read_enrolment_file
from tests.cli.terminal import Ran, Terminal
from tests.platform.agent_counter import SWAP, completion, open_counter, rows, used_kwh
from tests.platform.signing import SigningStation

ID = "STATION_XYZ"


class Desk:
    """The commands on one database, as an operator gives them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.books = folder, folder / "platform.sqlite"
        self._terminal = Terminal(folder)
        self._terminal.configure()

    def station(self, action: str, *arguments: str) -> Ran:
        return self._terminal.here("platform", "station", action, "--database", f"sqlite:///{self.books}", *arguments)

    def key(self, *arguments: str) -> Ran:
        return self._terminal.here("platform", "key", "rotate", "--database", f"sqlite:///{self.books}", *arguments)

    def listed(self) -> dict[str, Any]:
        found: dict[str, Any] = self.station("list", "--json").json
        return found

    def enrol(self, file: Path) -> SigningStation:
        """As the counter does that is given this file."""
        read = read_enrolment_file(file.read_bytes())
        station, clock = SigningStation(read.station), SystemClock()
        store = PlatformStore(self.books)
        try:
            StationAdmission(StationRegister(store), clock).enrol(
                enrolment_question(read.secret, read.station, station.key.public, clock.now())
            )
        finally:
            store.close()
        return station

    def acts(self) -> list[str]:
        return [act for (act,) in rows(self.books, "SELECT what FROM platform_record ORDER BY number")]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """On a database with the contract's plan."""
    with open_counter(tmp_path / "platform.sqlite"):
        return Desk(tmp_path)


@pytest.fixture
def station(desk: Desk) -> SigningStation:
    assert desk.station("add", ID).code == 0
    return desk.enrol(desk.folder / f"{ID}.enrolment.json")


def now_counter(desk: Desk) -> Any:
    """A platform on the desk's database, whose time is the real one."""
    return open_counter(desk.books, clock=SystemClock())


def ask(desk: Desk, station: SigningStation, **changes: Any) -> list[str]:
    with now_counter(desk) as counter:
        answer = station.ask(counter, "complete_service", completion(**changes), at=SystemClock().now())
    return list(answer["signals"])


def test_a_station_is_added_by_one_command_and_its_file_is_for_its_counter_alone(desk: Desk) -> None:
    ran = desk.station("add", ID, "--out", "given.json")
    file = desk.folder / "given.json"
    assert (ran.code, ran.out) == (0, "")
    assert "It enrols STATION_XYZ once, until" in ran.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    document = json.loads(file.read_bytes())
    assert set(document) == {"station", "platform_key", "secret", "expires", "broker_user"}
    assert (document["station"], document["broker_user"]) == (ID, ID)
    assert document["secret"] not in ran.err
    remaining = read_enrolment_file(file.read_bytes()).expires - SystemClock().now()
    assert timedelta(hours=23, minutes=58) < remaining <= timedelta(hours=24)
    (listed,) = desk.listed()["stations"]
    assert (listed["state"], listed["keys"]) == ("waiting", [])


def test_the_file_names_the_key_that_the_platform_signs_with(desk: Desk) -> None:
    desk.station("add", ID)
    key_file = desk.folder / "data" / "platform" / "signing-key.pem"
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    known = rows(desk.books, "SELECT key_id FROM platform_keys")
    file = read_enrolment_file((desk.folder / f"{ID}.enrolment.json").read_bytes())
    assert known == [(file.platform_key.id,)]


def test_a_file_that_is_there_is_not_written_over_and_changes_nothing(desk: Desk) -> None:
    (desk.folder / "given.json").write_text("kept")
    ran = desk.station("add", ID, "--out", "given.json")
    assert ran.code == 2
    assert (desk.folder / "given.json").read_text() == "kept"
    assert desk.listed()["stations"] == []


@pytest.mark.parametrize("name", ["a b", "a/b", "ü", "x" * 41, "#"])
def test_a_name_that_no_broker_user_can_have_is_refused(desk: Desk, name: str) -> None:
    assert desk.station("add", name).code == 2


def test_an_enrolled_station_signs_and_is_listed_with_its_key(desk: Desk, station: SigningStation) -> None:
    assert ask(desk, station) == ["SERVICE_COMPLETED_SUCCESS"]
    (listed,) = desk.listed()["stations"]
    assert (listed["station"], listed["state"], listed["enrols_until"]) == (ID, "enrolled", None)
    assert [(each["id"], each["counts"]) for each in listed["keys"]] == [(station.key.public.id, True)]
    assert station.key.public.id in desk.station("list").out
    assert desk.station("add", ID, "--out", "again.json").code == 1


def test_a_station_changes_its_key_and_both_count_for_now(desk: Desk, station: SigningStation) -> None:
    assert desk.station("rotate", ID, "--out", "new.json").code == 0
    new = desk.enrol(desk.folder / "new.json")
    for number, each in enumerate((station, new)):
        assert ask(desk, each, correlation_id=f"TXN-{number}", outgoing_battery_id="BAT-67890") != []
    assert [each["counts"] for each in desk.listed()["stations"][0]["keys"]] == [True, True]
    assert desk.station("rotate", "STATION-9", "--out", "x.json").code == 1


def test_a_revoked_station_is_refused_its_transactions_are_listed_and_its_swaps_wait(desk: Desk, station: SigningStation) -> None:
    ask(desk, station)
    ran = desk.station("revoke", ID, "--since", "2025-01-01T00:00:00Z", "--json")
    assert ran.code == 0
    assert [each["transaction"] for each in ran.json] == [SWAP]
    assert ask(desk, station, correlation_id="TXN-2")[-1] == "STATION_REVOKED"
    (listed,) = desk.listed()["stations"]
    assert (listed["state"], listed["revoked_since"]) == ("revoked", "2025-01-01T00:00:00Z")
    (held,) = desk.station("held", "--json").json
    assert (held["transaction"], held["station"], held["request"]["outgoing_battery_id"]) == ("TXN-2", ID, "BAT-67890")


def test_only_a_person_books_what_a_revoked_station_completed(desk: Desk, station: SigningStation) -> None:
    desk.station("revoke", ID)
    ask(desk, station)
    ran = desk.station("book", SWAP)
    assert (ran.code, ran.json[0]["signals"]) == (0, ["SERVICE_COMPLETED_SUCCESS"])
    assert desk.station("held", "--json").json == []
    with now_counter(desk) as counter:
        assert str(used_kwh(counter.store)) == "370.1"
    assert desk.acts()[-1] == "held_booked"


def test_what_cannot_be_booked_waits_on_until_it_is_dismissed(desk: Desk, station: SigningStation) -> None:
    desk.station("revoke", ID)
    ask(desk, station, incoming_battery_id="BAT-9")
    assert desk.station("book", SWAP).code == 1
    assert len(desk.station("held", "--json").json) == 1
    assert desk.station("dismiss", "--note", " ", SWAP).code == 2
    assert desk.station("dismiss", "--note", "the battery was stolen", SWAP).code == 0
    assert desk.station("held", "--json").json == []
    assert desk.station("dismiss", "--note", "again", SWAP).code == 1


@pytest.mark.parametrize(("since", "code"), [("yesterday", 2), ("2999-01-01T00:00:00Z", 2)])
def test_a_time_that_cannot_be_revokes_nothing(desk: Desk, station: SigningStation, since: str, code: int) -> None:
    assert desk.station("revoke", ID, "--since", since).code == code
    assert desk.listed()["stations"][0]["state"] == "enrolled"


def test_a_station_that_there_is_not_is_said(desk: Desk) -> None:
    ran = desk.station("revoke", "STATION-9")
    assert (ran.code, "No station has the id STATION-9" in ran.err) == (1, True)


def test_mode_enrolled_names_who_would_be_shut_out_and_wants_yes(desk: Desk, station: SigningStation) -> None:
    with now_counter(desk) as counter:
        counter.ask("complete_service", completion(attendant_station="STATION-OLD"))
    assert desk.station("mode").out == "open\n"
    ran = desk.station("mode", "enrolled")
    assert (ran.code, "STATION-OLD" in ran.err) == (1, True)
    assert desk.station("mode", "--json").json == {"mode": "open"}
    assert desk.station("mode", "enrolled", "--yes").code == 0
    assert desk.station("mode", "--json").json == {"mode": "enrolled"}
    with now_counter(desk) as counter:
        answer = counter.ask("complete_service", completion(attendant_station="STATION-OLD", correlation_id="TXN-2"))
    assert answer["signals"][-1] == "STATION_UNSIGNED"
    assert desk.station("mode", "open").code == 0
    assert desk.acts()[-2:] == ["station_mode", "station_mode"]


def test_where_nobody_is_shut_out_mode_enrolled_needs_no_yes(desk: Desk, station: SigningStation) -> None:
    assert desk.station("mode", "enrolled").code == 0
    assert desk.listed()["mode"] == "enrolled"


def test_an_unsigned_station_is_listed_with_when_it_was_seen(desk: Desk) -> None:
    with now_counter(desk) as counter:
        counter.ask("complete_service", completion(attendant_station="STATION-OLD"))
    (listed,) = desk.listed()["stations"]
    assert (listed["station"], listed["state"]) == ("STATION-OLD", "unsigned")
    assert listed["unsigned_at"] is not None
    assert "seen unsigned" in desk.station("list").out


def test_the_list_is_one_document_where_it_is_empty(desk: Desk) -> None:
    assert desk.listed() == {"mode": "open", "stations": []}
    assert desk.station("held", "--json").json == []


def test_the_desk_frees_a_transaction(desk: Desk, station: SigningStation) -> None:
    ask(desk, station)
    ran = desk.station("free", SWAP)
    assert (ran.code, "STATION_XYZ" in ran.err) == (0, True)
    assert desk.station("free", SWAP).code == 1
    assert desk.acts()[-1] == "transaction_freed"


def test_the_platforms_key_is_replaced_by_one_command(desk: Desk, station: SigningStation) -> None:
    before = rows(desk.books, "SELECT key_id FROM platform_keys")
    ran = desk.key()
    assert ran.code == 0
    after = rows(desk.books, "SELECT key_id, signed_by, valid_until IS NULL FROM platform_keys ORDER BY valid_from")
    assert after[0][0] == before[0][0]
    assert after[1][1:] == (before[0][0], 1)
    assert after[1][0] in ran.err
    assert desk.station("add", "STATION-2").code == 0
    file = read_enrolment_file((desk.folder / "STATION-2.enrolment.json").read_bytes())
    assert file.platform_key.id == after[1][0]


def test_a_key_that_is_not_there_is_said_with_the_way_on(desk: Desk) -> None:
    ran = desk.key()
    assert (ran.code, "--lost" in ran.err) == (2, True)
    assert desk.key("--lost").code == 0


def test_a_database_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    desk = Desk(tmp_path / "empty")
    assert desk.station("list").code == 2
    assert not desk.books.exists()
