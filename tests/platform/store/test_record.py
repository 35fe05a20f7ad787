"""The record at the platform: people's acts as a chain, and forks and cuts of the stations' records."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kiosk.domain.errors import NotFound
from kiosk.platform.store.open_items import UnsettledRequests
from kiosk.platform.store.record_rows import record_act
from kiosk.platform.store.repository import PlatformStore
from kiosk.platform.store.retry import retry
from kiosk.platform.store.station_records import TOLERANCE, ForkKind, PlatformRecord, RecordForks, note_head
from kiosk.shared.record_chain import Head, RecordFault
from kiosk.shared.record_key import KeyFile
from kiosk.shared.signing_keys import SigningKey
from tests.builders import NOON, plan_with
from tests.postgres import Postgres
from tests.station.adapters.store.tables import beside

KEY = SigningKey.from_seed(bytes(range(32)))


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PlatformStore]:
    where: Path | str = tmp_path / "books.db"
    if request.param == "postgres":
        cluster: Postgres = request.getfixturevalue("postgres")
        where = cluster.database()
    with closing(PlatformStore(where)) as opened:
        yield opened


def head(number: int, branch: str = "a") -> Head:
    return Head(number, f"{branch}{number:x}".rjust(64, "0"))


def told(store: PlatformStore, number: int, seconds: float, branch: str = "a", station: str = "ST-1") -> ForkKind | None:
    at = NOON + timedelta(seconds=seconds)
    return retry(store, lambda connection: note_head(connection, station, head(number, branch), at, at))


def open_forks(store: PlatformStore) -> list[tuple[str, ForkKind, int, int]]:
    return [(each.station_id, each.kind, each.had_number, each.told_number) for each in RecordForks(store).all_open()]


def test_a_record_that_goes_on_is_no_fork(store: PlatformStore) -> None:
    assert [told(store, number, number * 10) for number in (3, 3, 9, 9, 40)] == [None] * 5
    assert open_forks(store) == []


def test_messages_that_overtake_each_other_are_no_fork(store: PlatformStore) -> None:
    assert [told(store, 12, 2), told(store, 10, 0), told(store, 11, 30), told(store, 12, 40), told(store, 10, 50)] == [None] * 5
    assert open_forks(store) == []


def test_another_row_of_a_number_is_a_fork(store: PlatformStore) -> None:
    told(store, 7, 0)
    told(store, 9, 10)
    assert told(store, 9, 20, "b") is ForkKind.FORK
    assert open_forks(store) == [("ST-1", ForkKind.FORK, 9, 9)]
    assert told(store, 12, 30, "b") is None  # it goes on from there


def test_a_record_that_ends_earlier_than_before_was_cut(store: PlatformStore) -> None:
    """As a database restored from yesterday."""
    told(store, 90, 0)
    assert told(store, 40, 3600, "b") is ForkKind.CUT
    assert told(store, 41, 3601, "b") is None
    assert told(store, 90, 7200, "b") is None
    assert open_forks(store) == [("ST-1", ForkKind.CUT, 90, 40)]


def test_what_was_told_within_a_minute_is_no_cut(store: PlatformStore) -> None:
    told(store, 90, 0)
    assert told(store, 88, TOLERANCE.total_seconds()) is None
    assert told(store, 87, TOLERANCE.total_seconds() + 1) is ForkKind.CUT


def test_each_station_has_a_record_of_its_own(store: PlatformStore) -> None:
    told(store, 9, 0)
    assert told(store, 9, 10, "b", station="ST-2") is None


def test_old_heads_are_forgotten_and_the_last_ones_are_not(store: PlatformStore) -> None:
    for number in (1, 64, 20_032, 20_480):
        told(store, number, number)
    assert told(store, 20_032, 20_481, "b") is ForkKind.FORK
    with store.reading() as connection:
        kept = connection.exec_driver_sql("SELECT number FROM platform_station_heads ORDER BY number").scalars().all()
    assert kept == [20_032]


def test_a_fork_is_acknowledged_by_a_person_who_is_recorded_with_the_reason(store: PlatformStore) -> None:
    told(store, 9, 0)
    told(store, 9, 10, "b")
    forks = RecordForks(store)
    (fork,) = forks.open()
    forks.settle(fork.number, "the backup of Monday was restored", NOON, "DESK-1")
    assert forks.open() == ()
    (row,) = PlatformRecord(store).rows()
    assert (row.act, row.who, row.ids) == ("settled: fork of a record", "DESK-1", {"number": str(fork.number)})
    assert "Monday" not in repr(row)
    assert fork.as_json()["had"] == head(9).text


def act(store: PlatformStore, what: str, at: datetime = NOON) -> int:
    with store.writing() as connection:
        return record_act(connection, at, what, "DESK-1", "words", plan="plan-1")


def test_acts_are_a_chain(store: PlatformStore) -> None:
    assert [act(store, "plan put"), act(store, "plan put")] == [1, 2]
    first, second = PlatformRecord(store).rows()
    assert (second.before, first.ids) == (first.hash, {"plan": "plan-1"})
    assert PlatformRecord(store).check().findings == []


def test_an_act_that_fails_leaves_no_row(store: PlatformStore) -> None:
    with pytest.raises(NotFound):
        UnsettledRequests(store).settle(99, "no such one", NOON)
    assert list(PlatformRecord(store).rows()) == []


def test_a_supervisors_change_of_a_plan_is_recorded(store: PlatformStore) -> None:
    store.put_plan(plan_with(), NOON, "DESK-1")
    (row,) = PlatformRecord(store).rows()
    assert (row.act, row.who, row.ids) == ("plan put", "DESK-1", {"plan": plan_with().id})


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE platform_record SET who = 'SOMEBODY' WHERE number = 2", (RecordFault.CHANGED, 2, 2)),
        ("DELETE FROM platform_record WHERE number = 2", (RecordFault.MISSING, 2, 2)),
        ("DELETE FROM platform_record WHERE number >= 2", (RecordFault.CUT, 2, 3)),
        ("DELETE FROM platform_record", (RecordFault.CUT, 1, 3)),
    ],
)
def test_what_was_changed_is_found(tmp_path: Path, sql: str, found: tuple[RecordFault, int, int]) -> None:
    KEY.keep(tmp_path / "key.pem")
    with closing(PlatformStore(tmp_path / "books.db", KeyFile(tmp_path / "key.pem"))) as store:
        for _ in range(3):
            act(store, "plan put")
        assert PlatformRecord(store).check().anchored
        with beside(tmp_path / "books.db") as connection:
            connection.execute(sql)
        assert found in [(each.fault, each.first, each.last) for each in PlatformRecord(store).check().findings]
