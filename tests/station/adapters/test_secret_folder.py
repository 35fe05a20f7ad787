"""Secrets of batteries on disk: of one binding, readable by the kiosk alone, gone with it."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.domain.battery.binding import Binding
from kiosk.domain.errors import StoreFailed
from kiosk.station.adapters.secret_folder import SecretFolder
from tests.builders import NOON

SECRET = "s3cret-of-a-pack"  # noqa: S105  no secret
BOUND = Binding(battery_id="BAT/1", address="C8:47:8C:00:10:01", family="jk", bound_at=NOON, has_secret=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "battery-secrets"


def test_a_secret_is_found_again_by_its_binding_alone(folder: Path) -> None:
    SecretFolder(folder).keep(BOUND, SECRET)
    again = SecretFolder(folder)
    assert again.secret(BOUND) == SECRET
    assert again.secret(replace(BOUND, address="C8:47:8C:00:10:02")) == ""
    assert again.secret(replace(BOUND, bound_at=NOON + timedelta(seconds=1))) == ""
    assert again.secret(replace(BOUND, battery_id="BAT-2")) == ""


def test_only_the_kiosk_can_read_it_and_no_name_tells_whose_it_is(folder: Path) -> None:
    SecretFolder(folder).keep(BOUND, SECRET)
    (file,) = folder.iterdir()
    assert (file.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert "BAT" not in file.name


def test_one_that_others_can_change_counts_as_none(folder: Path) -> None:
    SecretFolder(folder).keep(BOUND, SECRET)
    (file,) = folder.iterdir()
    file.chmod(0o666)
    assert SecretFolder(folder).secret(BOUND) == ""


def test_a_new_secret_takes_the_place_of_the_former(folder: Path) -> None:
    secrets, anew = SecretFolder(folder), replace(BOUND, bound_at=NOON + timedelta(days=1))
    secrets.keep(BOUND, SECRET)
    secrets.keep(anew, "another-secret")
    assert (secrets.secret(BOUND), secrets.secret(anew)) == ("", "another-secret")
    assert len(list(folder.iterdir())) == 1


def test_a_forgotten_secret_is_gone_and_forgetting_again_is_no_fault(folder: Path) -> None:
    secrets = SecretFolder(folder)
    secrets.forget("BAT/1")
    secrets.keep(BOUND, SECRET)
    secrets.forget("BAT/1")
    secrets.forget("BAT/1")
    assert list(folder.iterdir()) == []


def test_what_was_left_behind_is_removed_but_not_what_was_written_just_now(folder: Path) -> None:
    secrets = SecretFolder(folder)
    secrets.keep_only(())
    for number in range(3):
        secrets.keep(replace(BOUND, battery_id=f"BAT-{number}"), SECRET)
    draft = folder / ".half.0123"
    draft.write_bytes(b"half")
    long_ago = NOON.timestamp()
    young = secrets._file("BAT-2")
    for file in folder.iterdir():
        if file != young:
            os.utime(file, (long_ago, long_ago))
    secrets.keep_only(("BAT-0",))
    assert {file.name for file in folder.iterdir()} == {secrets._file("BAT-0").name, young.name}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"of": 3, "secret": "x"}', b"\xff\xfe", b'{"secret": "x"}'])
def test_a_damaged_file_is_no_secret(folder: Path, content: bytes) -> None:
    secrets = SecretFolder(folder)
    secrets.keep(BOUND, SECRET)
    next(folder.iterdir()).write_bytes(content)
    assert secrets.secret(BOUND) == ""


def test_a_folder_that_cannot_be_used_is_said_without_the_secret(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    secrets = SecretFolder(tmp_path / "file" / "secrets")
    with pytest.raises(StoreFailed) as failed:
        secrets.keep(BOUND, SECRET)
    assert SECRET not in str(failed.value)
