"""The record in the kiosk's store: each act writes its row, and what somebody changed beside the program is found."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.domain.errors import StoreFailed
from kiosk.domain.swap.pending_swaps import Settled
from kiosk.domain.swap.swap import Swap
from kiosk.shared.record_chain import BEGINNING, Head, RecordFault, RecordKey, RecordRow, holds, message_digest, seal
from kiosk.shared.signing_keys import SigningKey
from kiosk.station.adapters.record_files import STATION_KEY
from kiosk.station.adapters.station_store import open_station_store
from kiosk.station.adapters.store.sql_store import SqlStore
from kiosk.station.ports import OutboxState, OutgoingMessage
from tests.builders import NOON
from tests.former import restore
from tests.station.adapters.store.tables import beside, column
from tests.station.adapters.store.values import begun_swap, ended_swap, message_of

KEY = SigningKey.from_seed(bytes(range(32)))
HAND = "UPDATE outbox_steps SET payload = CAST(replace(CAST(payload AS TEXT), '3.2', '0.8') AS BLOB)"


@pytest.fixture
def data(database: Path) -> Path:
    database.parent.mkdir()
    return database.parent


@pytest.fixture
def record(database: Path, data: Path) -> Iterator[SqlStore]:
    with closing(open_station_store(f"sqlite:///{database}", data)) as store:
        yield store


@pytest.fixture
def sealed(data: Path, record: SqlStore) -> SqlStore:
    """Of a station that is enrolled while it runs."""
    KEY.keep(data / STATION_KEY)
    return record


def digest_of(message: OutgoingMessage) -> str:
    return message_digest(message.correlation_id, message.plan_id, message.action, message.topic, message.payload)


def resealed(row: RecordRow, last: Head) -> RecordRow:
    return seal(replace(row, before=last.hash), None)


def completed(store: SqlStore) -> str:
    swap = ended_swap()
    store.complete(swap, message_of(swap, b'{"net_kwh": 3.2}'))
    return swap.correlation_id


def faults(store: SqlStore, told: Head | None = None) -> list[tuple[RecordFault, int, int]]:
    return [(each.fault, each.first, each.last) for each in store.check_record(told, whole=True).findings]


def change(database: Path, sql: str, *values: object) -> None:
    with beside(database) as connection:
        assert connection.execute(sql, values).rowcount > 0


def test_each_act_is_a_row_that_names_the_one_before(record: SqlStore) -> None:
    swap = begun_swap()
    record.save_swap(swap, NOON, "identified")
    record.leave_swap(swap.correlation_id, NOON, "the customer went away")
    record.audit(NOON, "signed in", who="ATT-1", ids={"badge": "B-1"})
    first, second, third = record.record_rows()
    assert (first.before, second.before, third.before) == (BEGINNING.hash, first.hash, second.hash)
    assert (first.act, first.who, first.ids) == ("identified", swap.attendant_id, {"transaction": swap.correlation_id})
    assert (third.act, third.who, third.ids) == ("signed in", "ATT-1", {"badge": "B-1"})
    assert record.record_head() == third.head
    assert faults(record) == []


def test_no_words_of_a_person_stand_in_a_row(record: SqlStore) -> None:
    swap = begun_swap()
    record.save_swap(swap, NOON, "kept for later", detail="Amina, +254 700 000000, comes back")
    (row,) = record.record_rows()
    assert "Amina" not in repr(row)
    assert set(row.digests) == {"text"}


def test_what_was_said_may_be_erased_and_the_chain_holds(record: SqlStore, database: Path) -> None:
    record.audit(NOON, "kept", detail="Amina comes back")
    change(database, "UPDATE audit SET detail = '', salt = ''")
    checked = record.check_record(None, whole=True)
    assert (checked.findings, checked.erased) == ((), 1)


def test_a_station_with_a_key_seals_from_then_on(data: Path, record: SqlStore) -> None:
    record.audit(NOON, "before")
    KEY.keep(data / STATION_KEY)
    assert (record.check_record(None, whole=True).anchored, record.check_record(None, whole=True).has_key) == (False, True)
    record.audit(NOON, "enrolled")
    before, after = record.record_rows()
    assert (before.key, after.key) == ("", KEY.public.id)
    assert holds(after, RecordKey.of(KEY))
    assert record.check_record(None, whole=True).anchored
    assert faults(record) == []


# ---------------------------------------------------------------- what somebody changed beside the program (D11)


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE audit SET what = 'left' WHERE number = 2", (RecordFault.CHANGED, 2, 2)),
        ("UPDATE audit SET who = 'ATT-9' WHERE number = 2", (RecordFault.CHANGED, 2, 2)),
        ("UPDATE audit SET detail = 'other words' WHERE number = 2", (RecordFault.CHANGED, 2, 2)),
        ("UPDATE audit SET correlation_id = 'TXN-9' WHERE number = 2", (RecordFault.CHANGED, 2, 2)),
        ("UPDATE audit SET ids = 'no JSON' WHERE number = 2", (RecordFault.CHANGED, 2, 2)),
        ("UPDATE audit SET digests = '[1]' WHERE number = 2", (RecordFault.CHANGED, 2, 2)),
        ("UPDATE audit SET at = datetime(at, '-1 day') || '.000000' WHERE number = 2", (RecordFault.CHANGED, 2, 2)),
        ("DELETE FROM audit WHERE number = 2", (RecordFault.MISSING, 2, 2)),
        ("DELETE FROM audit WHERE number IN (1, 2)", (RecordFault.MISSING, 1, 2)),
        ("DELETE FROM audit WHERE number >= 3", (RecordFault.CUT, 3, 4)),
        ("DELETE FROM audit", (RecordFault.CUT, 1, 4)),
        ("DELETE FROM record_head", (RecordFault.END, 4, 4)),
        ("UPDATE record_head SET number = 3", (RecordFault.CHANGED, 4, 4)),
        ("UPDATE record_head SET hash = 'x'", (RecordFault.CHANGED, 4, 4)),
    ],
)
def test_what_was_changed_is_found_and_named(record: SqlStore, database: Path, sql: str, found: tuple[RecordFault, int, int]) -> None:
    for number in range(4):
        record.audit(NOON + timedelta(seconds=number), f"act {number}", who="ATT-1", detail="words")
    change(database, sql)
    assert found in faults(record)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM record_head",
        "UPDATE record_head SET hash = 'x'",
        "UPDATE record_head SET number = 1",
        "UPDATE record_head SET number = 900",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE number > 1",
    ],
)
def test_no_change_of_the_record_stops_the_counter(record: SqlStore, database: Path, sql: str) -> None:
    """Nobody is locked out: the next acts are recorded. Where a row was changed or is gone that stays found."""
    for _ in range(3):
        record.audit(NOON, "something")
    change(database, sql)
    assert faults(record)
    correlation_id = completed(record)
    assert not record.outbox_entry(correlation_id).altered
    assert bool(faults(record)) is ("SET number" not in sql)


def test_an_emptied_audit_with_its_note_set_back_is_found_by_the_messages(record: SqlStore, database: Path) -> None:
    correlation_id = completed(record)
    change(database, "DELETE FROM audit")
    change(database, "UPDATE record_head SET number = 0, hash = ''")
    assert (RecordFault.MESSAGE, correlation_id) in [(each.fault, each.about) for each in record.check_record(None, whole=True).findings]


@pytest.mark.parametrize(
    "sql",
    [
        HAND,
        "UPDATE outbox_steps SET topic = replace(topic, 'plan', 'other')",
        "UPDATE outbox_steps SET action = 'EQUIPMENT_CHECKOUT'",
        "UPDATE outbox SET plan_id = 'somebody-elses'",
        "UPDATE outbox_steps SET recorded_in = NULL",
        "UPDATE outbox_steps SET recorded_in = 1",
        "UPDATE outbox_steps SET position = 1",
        "UPDATE audit SET digests = '' WHERE what = 'completed'",
        "DELETE FROM audit WHERE what = 'completed'",
    ],
)
def test_a_message_that_is_not_the_recorded_one_is_seen_before_it_is_sent(record: SqlStore, database: Path, sql: str) -> None:
    record.audit(NOON, "the first row")
    correlation_id = completed(record)
    (before,) = record.to_send(9)
    assert not before.altered
    change(database, sql)
    (after,) = record.to_send(9)
    assert (after.altered, record.outbox_entry(correlation_id).altered) == (True, True)
    assert (RecordFault.MESSAGE, correlation_id) in [(each.fault, each.about) for each in record.check_record(None, whole=True).findings]


@pytest.mark.parametrize(
    "sql", ["UPDATE outbox SET state = 'settled'", "UPDATE outbox SET state = 'resolved', note = 'all is well'", "DELETE FROM outbox_steps"]
)
def test_a_completion_that_was_made_to_disappear_is_found(record: SqlStore, database: Path, sql: str) -> None:
    correlation_id = completed(record)
    change(database, sql)
    assert (RecordFault.COMPLETION, correlation_id) in [(each.fault, each.about) for each in record.check_record(None, whole=True).findings]


def test_one_of_several_steps_that_is_gone_is_found(record: SqlStore, database: Path) -> None:
    swap = ended_swap()
    record.complete(swap, message_of(swap, b"1"), message_of(swap, b"2"))
    assert faults(record) == []
    change(database, "DELETE FROM outbox_steps WHERE position = 1")
    assert [each.about for each in record.check_record(None, whole=True).findings] == [swap.correlation_id]


def test_a_gap_elsewhere_holds_no_message_back(record: SqlStore, database: Path) -> None:
    record.audit(NOON, "something")
    record.audit(NOON, "something else")
    completed(record)
    change(database, "DELETE FROM audit WHERE number = 1")
    change(database, "UPDATE audit SET what = 'nothing' WHERE number = 2")
    (entry,) = record.to_send(9)
    assert not entry.altered


def test_a_forger_without_the_key_sends_nothing(sealed: SqlStore, database: Path) -> None:
    """Message, digest, hash and every link are made to fit from there on; the seals are taken off."""
    sealed.audit(NOON, "enrolled")
    completed(sealed)
    change(database, HAND)
    forge(database)
    (entry,) = sealed.to_send(9)
    assert entry.altered
    assert faults(sealed) != []


def forge(database: Path) -> None:
    """Whoever can write the file makes the message, its row and the note of the end fit each other, without a key."""
    with closing(open_station_store(f"sqlite:///{database}", database.parent / "nowhere")) as theirs:
        (entry,) = theirs.unsettled()
        digests = json.dumps({"message-0": digest_of(entry.message)})
    change(database, "UPDATE audit SET digests = ?, sealed_by = '', mac = '' WHERE what = 'completed'", digests)
    with closing(open_station_store(f"sqlite:///{database}", database.parent / "nowhere")) as theirs:
        rows = list(theirs.record_rows())
    first = next(place for place, row in enumerate(rows) if row.act == "completed")
    last = rows[first - 1].head if first else BEGINNING
    for row in rows[first:]:
        made = resealed(row, last)
        change(database, "UPDATE audit SET previous = ?, hash = ? WHERE number = ?", made.before, made.hash, row.number)
        last = made.head
    change(database, "UPDATE record_head SET hash = ?", last.hash)


def test_without_a_key_a_careful_forger_is_told_by_the_platform_alone(record: SqlStore, database: Path) -> None:
    """Said so by `not anchored`: what the platform has is what proves."""
    completed(record)
    told = record.record_head()
    change(database, HAND)
    forge(database)
    assert faults(record) == []
    assert not record.check_record(None, whole=True).anchored
    assert faults(record, told) == [(RecordFault.REPLACED, told.number, told.number)]


def test_messages_of_before_enrolment_are_sent_after_it(data: Path, record: SqlStore) -> None:
    completed(record)
    KEY.keep(data / STATION_KEY)
    assert [each.altered for each in record.to_send(9)] == [False]
    record.audit(NOON, "enrolled")
    assert [each.altered for each in record.to_send(9)] == [False]


def test_after_the_seal_no_row_without_one_vouches_for_a_message(sealed: SqlStore, database: Path) -> None:
    sealed.audit(NOON, "enrolled")
    with closing(open_station_store(f"sqlite:///{database}", database.parent / "nowhere")) as theirs:
        completed(theirs)
    assert [each.altered for each in sealed.to_send(9)] == [True]


# ---------------------------------------------------------------- an older copy


def test_a_database_of_yesterday_is_cut_off_where_the_platform_has_more(record: SqlStore, database: Path) -> None:
    record.audit(NOON, "yesterday")
    copy = database.read_bytes(), database.with_name("kiosk.db-wal").read_bytes()
    record.audit(NOON, "today")
    told = record.record_head()
    record.close()
    for suffix, content in zip(("", "-wal"), copy, strict=True):
        database.with_name(f"kiosk.db{suffix}").write_bytes(content)
    assert faults(record, told) == [(RecordFault.CUT, 2, 2)]
    record.audit(NOON, "today, anew")
    assert faults(record, told) == [(RecordFault.REPLACED, 2, 2)]


def test_only_what_came_after_the_known_head_is_looked_at(record: SqlStore, database: Path) -> None:
    for _ in range(5):
        record.audit(NOON, "something")
    told = record.record_row(3)
    assert told is not None
    checked = record.check_record(told.head, whole=False)
    assert (checked.rows, checked.findings) == (2, ())
    change(database, "UPDATE audit SET what = 'else' WHERE number = 5")
    assert [each.first for each in record.check_record(told.head, whole=False).findings] == [5]


# ---------------------------------------------------------------- migration, several programs, a full disk


def test_a_former_database_becomes_a_chain_and_its_messages_are_recorded(database: Path) -> None:
    restore("513e648", "kiosk", database)
    with closing(open_station_store(f"sqlite:///{database}", database.parent)) as store:
        checked = store.check_record(None, whole=True)
        assert (checked.findings, checked.rows, checked.head.number) == ((), 83, 83)
        assert not any(each.altered for each in (*store.unsettled(), *store.refused()))
        store.audit(NOON, "afterwards")
        assert faults(store) == []
        (entry,) = store.to_send(1)
        answer = Settled(correlation_id=entry.message.correlation_id, plan_id=entry.message.plan_id, raw=b"{}", action="COMPLETE_SERVICE")
        assert store.record_answer(answer, NOON) is OutboxState.SETTLED
        assert faults(store) == []


def test_two_programs_at_once_write_one_chain(record: SqlStore, database: Path, data: Path) -> None:
    with closing(open_station_store(f"sqlite:///{database}", data)) as beside_it:
        for number in range(20):
            (record if number % 2 else beside_it).audit(NOON, f"act {number}")
    assert [each.number for each in record.record_rows()] == [*range(1, 21)]
    assert faults(record) == []


def test_what_cannot_be_recorded_is_not_done(record: SqlStore, database: Path) -> None:
    swap = begun_swap()
    record.save_swap(swap, NOON, "identified")
    with record.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    def fill_the_disk(swap: Swap) -> None:
        for _ in range(200):
            record.leave_swap(swap.correlation_id, NOON, "x" * 3000)
            record.save_swap(swap := begun_swap(), NOON, "identified", detail="x" * 3000)

    with pytest.raises(StoreFailed, match="disk is full"):
        fill_the_disk(swap)
    assert column(database, "SELECT count(*) FROM audit") == column(database, "SELECT number FROM record_head")
    assert column(database, "SELECT count(*) FROM audit WHERE what = 'left'") == column(
        database, "SELECT count(*) FROM swaps WHERE status = 'left'"
    )
    assert faults(record) == []
