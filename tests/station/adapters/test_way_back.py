"""The technician's way back is a plain file that only the machine's administrator can make, for an hour and once."""

import os
import time
from pathlib import Path

import pytest

from kiosk.station.adapters import way_back
from kiosk.station.adapters.way_back import NAME, take_way_back


@pytest.fixture(autouse=True)
def administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests."""
    monkeypatch.setattr(way_back, "_ADMINISTRATOR", os.getuid())


def test_it_counts_once(tmp_path: Path) -> None:
    (tmp_path / NAME).touch()
    assert take_way_back(tmp_path)
    assert not take_way_back(tmp_path)


def test_without_it_the_way_is_closed(tmp_path: Path) -> None:
    assert not take_way_back(tmp_path)
    assert not take_way_back(tmp_path / "no folder")


@pytest.mark.parametrize("age", [3601, -60], ids=["an hour old", "of the future"])
def test_an_old_one_and_one_of_the_future_do_not_count_and_go(tmp_path: Path, age: float) -> None:
    (tmp_path / NAME).touch()
    at = time.time() - age
    os.utime(tmp_path / NAME, (at, at))
    assert not take_way_back(tmp_path)
    assert not (tmp_path / NAME).exists()


def test_one_that_another_user_made_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(way_back, "_ADMINISTRATOR", os.getuid() + 1)
    (tmp_path / NAME).touch()
    assert not take_way_back(tmp_path)


def test_a_link_to_a_file_of_the_administrator_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "theirs").touch()
    (tmp_path / NAME).symlink_to(tmp_path / "theirs")
    assert not take_way_back(tmp_path)
    (tmp_path / NAME).hardlink_to(tmp_path / "theirs")
    assert not take_way_back(tmp_path)
    assert (tmp_path / "theirs").exists()
