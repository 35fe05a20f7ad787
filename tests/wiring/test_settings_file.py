"""Settings that the program stores: into the configuration file, durably, and nothing else in it changes."""

import os
import stat
from pathlib import Path

import pytest

from kiosk.domain.errors import BadInput
from kiosk.settings import load_settings
from kiosk.settings_file import store_settings

MEASURED: dict[str, str | int] = {"gap_ms": 126, "prefix": "\x02", "suffix": "enter"}
WRITTEN = """# set up by the technician
[station]
id = "STATION_XYZ"  # do not change

[barcode]  # the old scanner
gap_ms = 20
url_pattern = "https://swap.example.org/c/{code}"

[ui]
theme = "dark"
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith("SWAP_KIOSK_"):
            monkeypatch.delenv(name)
    path = tmp_path / "etc" / "kiosk.toml"
    path.parent.mkdir()
    monkeypatch.setenv("SWAP_KIOSK_CONFIG", str(path))
    return path


def test_settings_are_stored_and_all_else_stays(file: Path) -> None:
    file.write_text(WRITTEN, encoding="utf-8")
    file.chmod(0o640)
    assert store_settings("barcode", MEASURED) == file
    barcode = load_settings().barcode
    assert (barcode.gap_ms, barcode.prefix, barcode.suffix) == (126, "\x02", "enter")
    assert barcode.url_pattern == "https://swap.example.org/c/{code}"
    text = file.read_text(encoding="utf-8")
    assert [line for line in WRITTEN.splitlines() if line not in text.splitlines()] == ["gap_ms = 20"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [path.name for path in file.parent.iterdir()] == ["kiosk.toml"]


def test_stored_twice_the_last_holds(file: Path) -> None:
    store_settings("barcode", MEASURED)
    store_settings("barcode", {**MEASURED, "gap_ms": 35})
    assert load_settings().barcode.gap_ms == 35
    assert file.read_text(encoding="utf-8").count("[barcode]") == 1


def test_where_there_is_no_file_one_is_made(file: Path) -> None:
    file.parent.rmdir()
    store_settings("barcode", MEASURED)
    assert load_settings().barcode.gap_ms == 126


def test_a_folder_that_cannot_be_written_is_said_with_its_reason(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file.parent / "file").write_text("")
    monkeypatch.setenv("SWAP_KIOSK_CONFIG", str(file.parent / "file" / "kiosk.toml"))
    with pytest.raises(BadInput) as refused:
        store_settings("barcode", MEASURED)
    assert (refused.value.where, refused.value.reason) == (str(file.parent / "file" / "kiosk.toml"), "File exists")


def test_what_the_environment_sets_is_not_stored(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWAP_KIOSK_BARCODE__GAP_MS", "20")
    with pytest.raises(BadInput) as refused:
        store_settings("barcode", MEASURED)
    assert refused.value.where == "environment, SWAP_KIOSK_BARCODE__GAP_MS"
    assert not file.exists()


@pytest.mark.parametrize("text", ["barcode = {gap_ms = 20}\n", "barcode.gap_ms = 20\n", '[ui]\ntheme = "blue"\n'])
def test_a_file_that_cannot_be_changed_so_stays_as_it_is(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        store_settings("barcode", MEASURED)
    assert str(file) in refused.value.where
    assert file.read_text(encoding="utf-8") == text
