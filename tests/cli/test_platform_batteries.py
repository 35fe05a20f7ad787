"""`platform batteries`: the table and its conflicts, for whoever runs the platform."""

import json
from pathlib import Path
from typing import Any

import pytest

from kiosk.cli import main
from kiosk.domain.battery.binding import Binding, BindingChange
from kiosk.platform.store.battery_register import BatteryRegister
from kiosk.platform.store.repository import PlatformStore
from tests.builders import NOON

SECRET = "s3cret-of-a-pack"  # noqa: S105  no secret


@pytest.fixture
def database(tmp_path: Path) -> str:
    """BAT-1 and BAT-2 are bound, BAT-3 was, and BAT-1 could not be bound to another pack."""
    url = f"sqlite:///{tmp_path / 'platform.sqlite'}"
    store = PlatformStore(url)
    register = BatteryRegister(store)
    done = [("BAT-2", "2"), ("BAT-1", "1"), ("BAT-3", "3"), ("BAT-3", ""), ("BAT-1", "9")]
    for number, (battery_id, end) in enumerate(done):
        address = f"C8:47:8C:00:10:0{end}"
        bound = Binding(battery_id=battery_id, address=address, family="jk", bound_at=NOON, bound_by="SUP-007", station_id="STATION-2")
        change = BindingChange(change_id=f"C-{number}", battery_id=battery_id, binding=bound if end else None, at=NOON, by="SUP-007")
        register.change(change, SECRET if end == "1" else "", NOON)
    store.close()
    return url


def run(database: str, capsys: pytest.CaptureFixture[str], *more: str) -> Any:
    assert main(["platform", "batteries", "--database", database, "--json", *more]) == 0
    out = capsys.readouterr().out
    assert SECRET not in out
    return json.loads(out) if out else None


def test_what_is_bound_is_listed_by_id_without_its_secret(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert [(each["asset_id"], each["address"], each["has_secret"]) for each in run(database, capsys)] == [
        ("BAT-1", "C8:47:8C:00:10:01", True),
        ("BAT-2", "C8:47:8C:00:10:02", False),
    ]


def test_a_conflict_is_listed_with_what_stands_until_a_person_settles_it(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    (conflict,) = run(database, capsys, "--conflicts")
    assert (conflict["asset_id"], conflict["address"], conflict["station_id"], conflict["bound_by"]) == (
        "BAT-1",
        "C8:47:8C:00:10:09",
        "STATION-2",
        "SUP-007",
    )
    assert [each["address"] for each in conflict["standing"]] == ["C8:47:8C:00:10:01"]
    run(database, capsys, "--settle", str(conflict["number"]), "--note", "the sticker was misread")
    assert run(database, capsys, "--conflicts") == []


def test_what_is_not_there_cannot_be_settled(database: str) -> None:
    assert main(["platform", "batteries", "--database", database, "--settle", "99", "--note", "x"]) == 1
    assert main(["platform", "batteries", "--database", database, "--settle", "1"]) == 2
    assert main(["platform", "batteries", "--database", database, "--note", "x"]) == 2


def test_a_large_table_is_listed_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.platform.store.battery_register.MAX_BATTERIES", 3)
    url = f"sqlite:///{tmp_path / 'platform.sqlite'}"
    store = PlatformStore(url)
    for number in range(8):
        bound = Binding(battery_id=f"BAT-{number}", address=f"C8:47:8C:00:10:0{number}", family="jk", bound_at=NOON)
        change = BindingChange(change_id=f"C-{number}", battery_id=bound.battery_id, binding=bound, at=NOON, by="A")
        BatteryRegister(store).change(change, "", NOON)
    store.close()
    assert len(run(url, capsys)) == 8
