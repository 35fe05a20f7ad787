"""Opening: the settings that keep a swap safe, and files that are none of ours."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput, StoreFailed
from kiosk.station.adapters.store.sql_store import SqlStore, open_store
from tests.builders import NOON
from tests.station.adapters.store.tables import beside
from tests.station.adapters.store.values import ended_swap, message_of


def test_a_new_store_makes_its_folder(tmp_path: Path) -> None:
    open_store(tmp_path / "a" / "b" / "kiosk.db").close()
    assert (tmp_path / "a" / "b" / "kiosk.db").is_file()


def test_a_url_opens_the_same_file_as_its_path(tmp_path: Path) -> None:
    swap = ended_swap()
    by_path = open_store(tmp_path / "kiosk.db")
    by_path.complete(swap, message_of(swap))
    by_path.close()
    by_url = open_store(f"sqlite:///{tmp_path}/kiosk.db")
    assert [done.swap for done in by_url.history()] == [swap]
    by_url.close()


def test_every_connection_flushes_each_commit_and_checks_foreign_keys(sql_store: SqlStore) -> None:
    for _ in range(2):
        with sql_store.reading() as connection:
            found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("journal_mode", "synchronous", "foreign_keys")]
        assert found == ["wal", 2, 1]
        sql_store._engine.dispose()


def test_no_transaction_stays_open_between_calls(sql_store: SqlStore, database: Path) -> None:
    swap = ended_swap()
    sql_store.complete(swap, message_of(swap))
    sql_store.history()
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        other.execute("ROLLBACK")
    assert sql_store._engine.pool.status().endswith("Current Checked out connections: 0")


def test_a_database_that_cannot_keep_a_write_ahead_log_is_refused() -> None:
    with pytest.raises(StoreFailed, match="journal_mode = WAL"):
        open_store("sqlite:///:memory:")


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.db"
    file.write_bytes(b"holiday pictures" * 500)
    with pytest.raises(StoreFailed, match="not a database"):
        open_store(file)
    assert file.read_bytes() == b"holiday pictures" * 500


def test_a_damaged_database_is_refused_with_a_phrase(database: Path) -> None:
    store = open_store(database)
    store.audit(NOON, "something")
    store.close()
    whole = database.read_bytes()
    database.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    with pytest.raises(StoreFailed, match="damaged"):
        open_store(database)


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed, match="cannot be opened"):
        open_store(tmp_path)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreFailed, match="folder cannot be made"):
        open_store(tmp_path / "data" / "kiosk.db")


def test_a_database_of_a_newer_version_is_refused(database: Path) -> None:
    open_store(database).close()
    with beside(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreFailed, match="newer version"):
        open_store(database)


def test_a_database_of_another_program_is_refused_and_left_alone(database: Path) -> None:
    database.parent.mkdir()
    with beside(database) as connection:
        connection.execute("CREATE TABLE plans (holiday TEXT)")
    with pytest.raises(StoreFailed, match="another program"):
        open_store(database)
    with beside(database) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("plans",)]


@pytest.mark.parametrize(
    "url",
    ["sqlite://host/file.db", "postgresql+nodriver://localhost/kiosk", "mssql+pymssql://localhost/kiosk", "mongodb://localhost", "://"],
)
def test_a_url_that_cannot_be_used_is_bad_input_and_shows_no_password(url: str) -> None:
    with pytest.raises(BadInput) as refused:
        open_store(url.replace("localhost", "kiosk:secret@localhost"))
    assert refused.value.where == "database.url"
    assert "secret" not in str(refused.value)


def test_two_programs_work_on_the_same_file(sql_store: SqlStore, database: Path) -> None:
    """The commands for support beside a running kiosk."""
    beside_it = open_store(database)
    for store in (sql_store, beside_it, sql_store, beside_it):
        swap = ended_swap()
        store.complete(swap, message_of(swap))
    assert sql_store.unsettled() == beside_it.unsettled()
    assert len(sql_store.history()) == 4
    beside_it.close()


def test_opening_a_store_up_to_date_does_not_import_alembic(database: Path) -> None:
    open_store(database).close()
    script = (
        "import sys; from kiosk.station.adapters.store.sql_store import open_store; "
        "open_store(sys.argv[1]); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(database)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
