"""Nobody but its own user looks into the data of a kiosk: what is made is private, what was open is closed at the start."""

import logging
import os
import stat
from pathlib import Path

import pytest

from kiosk.bootstrap import TERMINAL, build_kiosk
from kiosk.platform.store.repository import open_store as open_platform
from kiosk.settings import Settings
from kiosk.shared.private_folder import close_umask, make_private
from kiosk.station.adapters.store.sql_store import open_store
from tests.brokers import run


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """As an earlier release left it under the usual umask."""
    folder = tmp_path / "data"
    for name in ("kiosk.sqlite", "kiosk.sqlite-wal", "kiosk.lock", "logs/kiosk.log", "receipts/TXN-1.pdf", "platform/http-tokens"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    (folder / "somebody's").mkdir()
    (folder / "somebody's" / "own").write_text("")
    return folder


def test_what_an_earlier_release_left_open_is_closed_and_what_is_not_ours_is_left_alone(data: Path) -> None:
    make_private(data)
    for path in (data, *data.rglob("*")):
        if "somebody's" not in path.parts:
            assert mode_of(path) == (0o700 if path.is_dir() else 0o600), path
    assert (mode_of(data / "somebody's"), mode_of(data / "somebody's" / "own")) == (0o755, 0o644)


def test_a_single_file_that_was_copied_there_is_closed_too(data: Path, caplog: pytest.LogCaptureFixture) -> None:
    make_private(data)
    caplog.clear()
    (data / "kiosk.sqlite").chmod(0o644)
    with caplog.at_level(logging.INFO):
        make_private(data)
        make_private(data)
    assert mode_of(data / "kiosk.sqlite") == 0o600
    assert caplog.messages == [f"{data / 'kiosk.sqlite'} was open to other users, and is closed now"]


def test_a_link_to_what_lies_elsewhere_is_not_followed(data: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").write_text("")
    (data / "kiosk.old").symlink_to(elsewhere / "file")
    (data / "battery-secrets").symlink_to(elsewhere)
    make_private(data)
    assert (mode_of(elsewhere), mode_of(elsewhere / "file")) == (0o755, 0o644)


def test_a_folder_of_all_users_stays_theirs(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    make_private(shared)
    assert mode_of(shared) == 0o1777


def test_a_kiosk_makes_its_data_private(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"

    async def built() -> None:
        await build_kiosk(Settings(data=data), lambda _: None, instance=TERMINAL).stop()

    former = os.umask(0o022)
    try:
        close_umask()
        run(built())
    finally:
        os.umask(former)
    assert mode_of(data) == 0o700
    assert {mode_of(each) for each in data.rglob("*") if each.is_file()} == {0o600}


def test_a_database_that_lies_elsewhere_is_closed(tmp_path: Path) -> None:
    for open_it in (open_store, open_platform):
        file = tmp_path / open_it.__module__ / "books.sqlite"
        open_it(file).close()
        file.chmod(0o664)
        open_it(f"sqlite:///{file}").close()
        assert mode_of(file) == 0o600
