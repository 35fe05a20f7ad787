"""The record's service: the head that goes out, the head that comes back, what is found, and who acknowledges it."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput, StepImpossible, StoreFailed
from kiosk.shared.record_chain import Head, RecordFault
from kiosk.shared.signing_keys import SigningKey
from kiosk.station.adapters.record_files import RECORD_HEAD, STATION_KEY, AcknowledgedHead
from kiosk.station.adapters.station_store import open_station_store
from kiosk.station.adapters.store.sql_store import SqlStore
from kiosk.station.health import HealthState
from kiosk.station.ports import OutboxState
from kiosk.station.services.record import KEEP_SECONDS, Record, record_health
from tests.builders import NOON
from tests.fakes import FakeClock
from tests.station.adapters.store.tables import beside
from tests.station.services.conftest import Counter
from tests.station.services.test_outbox import running, until


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with closing(open_station_store(f"sqlite:///{tmp_path / 'kiosk.sqlite'}", tmp_path)) as opened:
        yield opened


def record_on(store: SqlStore, folder: Path, clock: FakeClock | None = None) -> Record:
    return Record(store, AcknowledgedHead(folder / RECORD_HEAD), clock or FakeClock())


def change(folder: Path, sql: str) -> None:
    with beside(folder / "kiosk.sqlite") as connection:
        assert connection.execute(sql).rowcount > 0


def test_the_head_is_that_of_the_last_act(store: SqlStore, tmp_path: Path) -> None:
    record = record_on(store, tmp_path)
    assert record.head() == ""
    record.record("signed in", "ATT-1", badge="B-1")
    (row,) = record.rows()
    assert record.head() == f"1 {row.hash}"
    assert (row.act, row.who, row.ids) == ("signed in", "ATT-1", {"badge": "B-1"})


def test_an_act_of_a_swap_names_it(store: SqlStore, tmp_path: Path) -> None:
    record = record_on(store, tmp_path)
    record.record("called a supervisor", "ATT-1", transaction="TXN-1", text="Amina waits")
    (row,) = record.rows()
    assert row.ids == {"transaction": "TXN-1"}
    assert "Amina" not in repr(row)


def test_what_the_platform_answered_is_kept_at_most_once_a_minute(store: SqlStore, tmp_path: Path) -> None:
    clock, file = FakeClock(), tmp_path / RECORD_HEAD
    record = record_on(store, tmp_path, clock)
    heads = []
    for _ in range(3):
        record.record("something")
        heads.append(record.head())
        record.acknowledge(record.head())
    assert file.read_text() == f"{heads[0]}\n"
    clock.pass_time(KEEP_SECONDS)
    record.acknowledge(heads[2])
    assert file.read_text() == f"{heads[2]}\n"
    clock.pass_time(KEEP_SECONDS)
    record.acknowledge(heads[1])  # an answer that was late
    assert file.read_text() == f"{heads[2]}\n"


@pytest.mark.parametrize("head", ["", "no head", f"1 {'0' * 64}", f"99 {'a' * 64}"])
def test_a_head_that_is_not_of_this_record_is_not_kept(store: SqlStore, tmp_path: Path, head: str) -> None:
    record = record_on(store, tmp_path)
    record.record("something")
    record.acknowledge(head)
    assert not (tmp_path / RECORD_HEAD).exists()


async def test_a_whole_record_is_well(store: SqlStore, tmp_path: Path) -> None:
    record = record_on(store, tmp_path)
    record.record("something")
    verdict = await record.verify()
    assert (verdict.whole, record_health(verdict).state) == (True, HealthState.OK)
    assert "Not anchored" in verdict.words
    SigningKey.from_seed(bytes(32)).keep(tmp_path / STATION_KEY)
    assert "not sealed" in (await record.verify()).words
    record.record("enrolled")
    assert "Sealed" in (await record.verify()).words


async def test_a_changed_record_is_wrong_and_says_which_row(store: SqlStore, tmp_path: Path) -> None:
    record = record_on(store, tmp_path)
    for _ in range(3):
        record.record("something")
    change(tmp_path, "UPDATE audit SET who = 'SOMEBODY' WHERE number = 2")
    health = record_health(await record.verify())
    assert (health.state, health.what) == (HealthState.WRONG, "Row 2: changed after it was written.")
    assert health.repair


async def test_the_record_is_looked_at_in_the_background(store: SqlStore, tmp_path: Path) -> None:
    record = record_on(store, tmp_path)
    record.record("something")
    change(tmp_path, "DELETE FROM audit")
    task = asyncio.get_running_loop().create_task(record.run())
    async with asyncio.timeout(5):
        assert (await record.health()).state is HealthState.WRONG
    task.cancel()


# ---------------------------------------------------------------- an older copy, and the way back


async def restored(store: SqlStore, folder: Path) -> Record:
    """A record of which the platform has two rows more than there are now."""
    record = record_on(store, folder)
    record.record("yesterday")
    for _ in range(2):
        record.record("today")
    record.acknowledge(record.head())
    change(folder, "DELETE FROM audit WHERE number > 1")
    with beside(folder / "kiosk.sqlite") as connection:
        connection.execute("UPDATE record_head SET number = 1, hash = (SELECT hash FROM audit WHERE number = 1)")
    return record_on(store, folder)


async def test_a_database_of_yesterday_is_noticed_and_nobody_is_locked_out(store: SqlStore, tmp_path: Path) -> None:
    record = await restored(store, tmp_path)
    assert [(each.fault, each.first, each.last) for each in (await record.verify()).findings] == [(RecordFault.CUT, 2, 3)]
    record.record("afterwards")
    assert not (await record.verify(whole=False)).whole


async def test_answers_do_not_hide_that_a_copy_was_restored(store: SqlStore, tmp_path: Path) -> None:
    record = await restored(store, tmp_path)
    for _ in range(5):
        record.record("afterwards")
        record.acknowledge(record.head())
    assert [each.fault for each in (await record.verify()).findings] == [RecordFault.REPLACED]


async def test_a_person_acknowledges_a_restore_and_is_recorded_with_the_reason(store: SqlStore, tmp_path: Path) -> None:
    record = await restored(store, tmp_path)
    had = (await record.verify()).told
    assert had is not None
    verdict = await record.accept("TEC-1", "the backup of Monday")
    assert verdict.whole
    acts = [(row.act, row.who, row.ids) for row in record.rows()]
    assert acts[1:] == [("findings looked at", "TEC-1", {"platform_had": had.text}), ("findings acknowledged", "TEC-1", {})]
    assert "Monday" not in repr(acts)
    record.record("afterwards")
    assert (await record.verify()).whole


async def test_what_was_changed_stays_listed_and_the_light_is_well_once_it_is_acknowledged(store: SqlStore, tmp_path: Path) -> None:
    record = record_on(store, tmp_path)
    for _ in range(3):
        record.record("something")
    change(tmp_path, "UPDATE audit SET who = 'SOMEBODY' WHERE number = 2")
    verdict = await record.accept("TEC-1", "the disk was repaired")
    assert (verdict.whole, record_health(verdict).state) == (False, HealthState.OK)
    assert "TEC-1" in record_health(verdict).what
    change(tmp_path, "UPDATE audit SET who = 'SOMEBODY' WHERE number = 1")
    assert record_health(await record.verify()).state is HealthState.WRONG  # that was not acknowledged


async def test_nobody_acknowledges_nothing(store: SqlStore, tmp_path: Path) -> None:
    record = record_on(store, tmp_path)
    record.record("something")
    with pytest.raises(StepImpossible):
        await record.accept("TEC-1", "to be sure")
    for who, why in (("", "because"), ("TEC-1", " ")):
        with pytest.raises(BadInput):
            await record.accept(who, why)


async def test_a_full_disk_is_told_before_an_act_is_done(store: SqlStore, tmp_path: Path) -> None:
    record = record_on(store, tmp_path)
    record.record("something")
    with store.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreFailed, match="disk is full"):
        record.record("settings saved", text="x" * 9000)
    assert (await record.verify()).checked.rows == 1


def test_a_file_of_the_head_that_cannot_be_read_counts_as_none(tmp_path: Path) -> None:
    kept = AcknowledgedHead(tmp_path / RECORD_HEAD)
    assert kept.read() is None
    for content in (b"", b"\xff\xfe", b"7 nothing"):
        (tmp_path / RECORD_HEAD).write_bytes(content)
        assert kept.read() is None
    kept.keep(Head(7, "a" * 64))
    assert kept.read() == Head(7, "a" * 64)


# ---------------------------------------------------------------- the outbox


async def test_a_message_edited_by_hand_is_held_back_for_a_person_and_never_sent(counter: Counter, tmp_path: Path) -> None:
    """D11: 3.2 kWh made 0.8. The next swap of another customer leaves meanwhile."""
    swap = await counter.swaps.complete(await counter.to_review())
    change(tmp_path, "UPDATE outbox_steps SET payload = CAST(replace(CAST(payload AS TEXT), '30.4', '0.8') AS BLOB)")
    async with running(counter):
        await until(lambda: counter.store.outbox_counts().refused == 1)
    assert counter.channel.sent == []
    entry = counter.store.outbox_entry(swap.correlation_id)
    assert (entry.state, entry.altered) == (OutboxState.REFUSED, True)
    assert "changed since it was recorded" in entry.reason
    assert [row.act for row in counter.store.record_rows()][-1] == "message held back"


async def test_sent_again_on_request_it_is_held_back_again_and_a_person_settles_it(counter: Counter, tmp_path: Path) -> None:
    swap = await counter.swaps.complete(await counter.to_review())
    change(tmp_path, "UPDATE outbox_steps SET topic = 'call/uxi/attendant/plan/other/complete_service'")
    async with running(counter):
        for _ in range(2):
            await until(lambda: counter.store.outbox_counts().refused == 1)
            await counter.outbox.send_again(swap.correlation_id, "SUP-1")
        await until(lambda: counter.store.outbox_counts().refused == 1)
        await counter.outbox.resolve(swap.correlation_id, "booked by the desk", "SUP-1")
    assert counter.channel.sent == []
    assert [(row.act, row.who) for row in counter.store.record_rows()][-1] == ("resolved", "SUP-1")


async def test_a_step_of_a_swap_is_recorded_with_who_and_without_what_was_said(counter: Counter) -> None:
    swap = await counter.to_review()
    await counter.swaps.keep(swap, "Amina fetches money")
    rows = list(counter.store.record_rows())
    assert {row.who for row in rows} == {swap.attendant_id}
    assert "Amina" not in repr(rows)
    assert NOON - timedelta(days=1) < rows[-1].at


async def test_settings_are_recorded_before_they_are_stored_and_a_clock_that_jumps_too(store: SqlStore, tmp_path: Path) -> None:
    record = record_on(store, tmp_path)
    await record.record_settings("barcode", {"prefix": "secret-prefix", "gap_ms": 30}, "TEC-1")
    record.note_clock(timedelta(hours=-2))
    settings, clock = record.rows()
    assert (settings.act, settings.who, settings.ids) == ("settings changed", "TEC-1", {"section": "barcode", "keys": "gap_ms, prefix"})
    assert "secret-prefix" not in repr(settings)
    assert (clock.act, clock.ids) == ("clock moved", {"seconds": "-7200"})


async def test_a_swap_writes_one_row_a_step(counter: Counter) -> None:
    swap = await counter.swaps.complete(await counter.to_review())
    async with running(counter):
        await until(lambda: len(counter.channel.sent) == 1)
        counter.channel.settle(counter.channel.sent[0])
        counter.outbox.catch_up()
    assert [row.act for row in counter.store.record_rows()] == ["identified", "returned", "new battery", "completed", "settled"]
    assert {row.ids["transaction"] for row in counter.store.record_rows()} == {swap.correlation_id}
    assert counter.store.check_record(None, whole=True).findings == ()
