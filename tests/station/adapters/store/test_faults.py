"""The environment's faults at the worst moment: the swap is refused, nothing is booked, and the store works again when the disk does."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from kiosk.domain.errors import StoreFailed
from kiosk.shared.sql import engine
from kiosk.station.adapters.store.outbox_queue import queue
from kiosk.station.adapters.store.sql_store import SqlStore, open_store
from tests.builders import NOON
from tests.station.adapters.store.tables import beside, counts
from tests.station.adapters.store.values import begun_swap, ended_swap, make_plan, message_of


@contextmanager
def every_connection(store: SqlStore, pragma: str) -> Iterator[None]:
    """As long as this lasts, the store's connections, old and new, have this setting."""

    def set_up(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(pragma).close()

    event.listen(store._engine, "connect", set_up)
    store._engine.dispose()
    yield
    event.remove(store._engine, "connect", set_up)
    store._engine.dispose()


FAULTS = [
    pytest.param("PRAGMA max_page_count = 1", "disk is full", id="full"),
    pytest.param("PRAGMA query_only = ON", "read-only", id="read-only"),
]


@pytest.mark.parametrize(("pragma", "reason"), FAULTS)
def test_a_completion_that_the_disk_does_not_take_is_refused_whole(sql_store: SqlStore, database: Path, pragma: str, reason: str) -> None:
    swap = ended_swap()
    sql_store.save_swap(replace(swap, completed_at=None), NOON, "review")
    big = message_of(swap, b"x" * 100_000)
    with every_connection(sql_store, pragma):
        for _ in range(2):
            with pytest.raises(StoreFailed, match=reason):
                sql_store.complete(swap, big)
        assert [kept.swap.correlation_id for kept in sql_store.kept_swaps()] == [swap.correlation_id]
        assert sql_store.history() == ()
    assert counts(database) == (0, 0, 0)
    sql_store.complete(swap, big)
    assert counts(database) == (1, 1, 1)


@pytest.mark.parametrize(
    "write",
    [
        lambda store: store.save_swap(begun_swap(), NOON, "identified"),
        lambda store: store.put_plan(make_plan(), NOON),
        lambda store: store.audit(NOON, "something"),
    ],
)
def test_every_other_write_says_so_too(sql_store: SqlStore, write: Callable[[SqlStore], None]) -> None:
    with every_connection(sql_store, "PRAGMA query_only = ON"), pytest.raises(StoreFailed, match="read-only"):
        write(sql_store)
    write(sql_store)


def test_a_database_opened_read_only_can_be_read_but_not_written(database: Path) -> None:
    done = ended_swap()
    writer = open_store(database)
    writer.complete(done, message_of(done))
    reader = open_store(f"sqlite:///file:{database}?mode=ro&uri=true")
    assert [each.swap for each in reader.history()] == [done]
    with pytest.raises(StoreFailed, match="read-only"):
        reader.audit(NOON, "something")
    reader.close()
    writer.close()


def test_a_database_held_by_another_program_is_told_after_a_bounded_wait(
    database: Path, sql_store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with every_connection(sql_store, "PRAGMA busy_timeout = 50"), closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreFailed, match="another program holds"):
            sql_store.audit(NOON, "something")
        assert sql_store.history() == ()
        other.execute("ROLLBACK")
        sql_store.audit(NOON, "something")
    assert engine.BUSY_TIMEOUT_SECONDS <= 5


def test_a_damaged_page_is_told_when_it_is_met(database: Path) -> None:
    store = open_store(database)
    for _ in range(50):
        swap = ended_swap()
        store.complete(swap, message_of(swap))
    store.close()
    with beside(database) as connection:
        page_size = connection.execute("PRAGMA page_size").fetchone()[0]
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'outbox'").fetchone()
    with database.open("r+b") as file:
        file.seek((root - 1) * page_size)
        file.write(b"\xff" * page_size)
    store = open_store(database)
    with pytest.raises(StoreFailed, match="damaged"):
        store.history()
    store.close()


def test_our_own_bugs_are_not_taken_for_the_disks_faults(sql_store: SqlStore) -> None:
    with pytest.raises(OperationalError, match="no such table"), sql_store.writing() as connection:
        connection.execute(text("SELECT * FROM holidays"))
    with pytest.raises(IntegrityError), sql_store.writing() as connection:
        connection.execute(text("INSERT INTO swaps (number) VALUES (1)"))
    with pytest.raises(StatementError, match="without its zone"):
        sql_store.audit(NOON.replace(tzinfo=None), "something")
    sql_store.audit(NOON, "something")


def test_a_completion_needs_its_swap_in_the_journal(sql_store: SqlStore) -> None:
    """The database itself holds to it, whatever a later change of ours forgets."""
    swap = ended_swap()
    with pytest.raises(IntegrityError, match="FOREIGN KEY"), sql_store.writing() as connection:
        queue(connection, swap, [message_of(swap)], 1)


def test_another_databases_silence_is_the_environments_fault() -> None:
    silence = OperationalError("SELECT 1", {}, ConnectionError("connection refused\nIs the server running?"))
    fault = engine.environment_fault(silence)
    assert fault is not None
    assert fault.reason == "the database does not answer (connection refused)"
    assert engine.environment_fault(IntegrityError("INSERT", {}, ConnectionError("duplicate key"))) is None


def test_a_real_limit_of_the_operating_system_refuses_and_recovers(database: Path) -> None:
    """In a process of its own: files may not grow any more, then they may again."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.station.adapters.store.limited", str(database)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert "disk" in report["refused"]
    assert report["kept"] == report["completed"] == [report["id"]]
    assert counts(database) == (1, 1, 1)
