"""`platform people`: the list for whoever runs the platform; a PIN and a badge are printed once."""

import json
from pathlib import Path
from typing import Any

import pytest

from kiosk.cli import main
from kiosk.domain.people import badge_digest
from kiosk.platform.store.people_register import PeopleRegister
from kiosk.platform.store.repository import PlatformStore


class Desk:
    """The command on one database."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.database, self.pepper, self._capsys = f"sqlite:///{folder / 'platform.sqlite'}", folder / "pepper", capsys
        PlatformStore(self.database).close()

    def run(self, *arguments: str, pepper: bool = False) -> tuple[int, str, str]:
        more = ("--pepper-file", str(self.pepper)) if pepper else ()
        try:
            code = main(["platform", "people", *arguments, "--database", self.database, *more])
        except SystemExit as wrong_usage:
            code = int(wrong_usage.code or 0)
        out, err = self._capsys.readouterr()
        return code, out, err

    def listed(self) -> Any:
        return json.loads(self.run("list", "--json")[1])


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def test_a_person_is_added_listed_and_removed(desk: Desk) -> None:
    assert desk.listed() == []
    code, _, said = desk.run("add", "ATT-1", "--name", "Amina", "--role", "attendant", "--station", "ST-1", "ST-2")
    assert code == 0
    assert "platform people pin ATT-1" in said
    assert desk.listed() == [
        {
            "id": "ATT-1",
            "name": "Amina",
            "role": "attendant",
            "stations": ["ST-1", "ST-2"],
            "has_pin": False,
            "has_badge": False,
            "must_change_pin": False,
        }
    ]
    assert desk.run("add", "att-1", "--name", "Amina", "--role", "attendant", "--station", "ST-2", "--station", "ST-3")[0] == 0
    assert desk.listed()[0]["stations"] == ["ST-2", "ST-3"]
    assert desk.run("remove", "ATT-1")[0] == 0
    assert desk.listed() == []
    assert desk.run("remove", "ATT-1")[0] == 1


def test_a_pin_is_printed_once_and_lies_nowhere_as_it_is(desk: Desk, tmp_path: Path) -> None:
    desk.run("add", "SUP-1", "--name", "Sam", "--role", "supervisor", "--station", "ST-1")
    code, out, _ = desk.run("pin", "SUP-1", pepper=True)
    pin = out.strip()
    assert (code, len(pin), pin.isdecimal()) == (0, 6, True)
    assert pin not in desk.run("list")[1]
    assert all(pin.encode() not in each.read_bytes() for each in tmp_path.iterdir())
    assert desk.listed()[0]["must_change_pin"]
    assert desk.run("pin", "SUP-1", pepper=True)[1] != out


def test_a_pin_that_is_given_is_checked_and_not_printed(desk: Desk, tmp_path: Path) -> None:
    desk.run("add", "ATT-1", "--name", "Amina", "--role", "attendant", "--station", "ST-1")
    file = tmp_path / "pin"
    file.write_text("1234\n")
    assert desk.run("pin", "ATT-1", "--pin-file", str(file), pepper=True)[0] == 2
    assert not desk.listed()[0]["has_pin"]
    file.write_text("4071\n")
    code, out, said = desk.run("pin", "ATT-1", "--pin-file", str(file), pepper=True)
    assert (code, out) == (0, "")
    assert "4071" not in said
    assert desk.listed()[0]["has_pin"]


def test_a_badge_is_printed_once_and_kept_as_its_digest(desk: Desk, tmp_path: Path) -> None:
    desk.run("add", "ATT-1", "--name", "Amina", "--role", "attendant", "--station", "ST-1")
    code, out, _ = desk.run("badge", "ATT-1")
    assert code == 0
    store = PlatformStore(desk.database)
    assert PeopleRegister(store).find("ATT-1").badge == badge_digest(out.strip())
    store.close()
    assert all(out.strip().encode() not in each.read_bytes() for each in tmp_path.iterdir())


@pytest.mark.parametrize(
    "wrong",
    [
        ("add", "A B", "--name", "N", "--role", "attendant", "--station", "ST-1"),
        ("add", "ATT-1", "--name", " ", "--role", "attendant", "--station", "ST-1"),
        ("add", "ATT-1", "--name", "N", "--role", "attendant"),
        ("add", "ATT-1", "--name", "N", "--role", "king", "--station", "ST-1"),
    ],
)
def test_what_can_be_no_person_is_exit_2(desk: Desk, wrong: tuple[str, ...]) -> None:
    assert desk.run(*wrong)[0] == 2
    assert desk.listed() == []


def test_nobody_is_found_who_is_not_there(desk: Desk) -> None:
    assert desk.run("pin", "ATT-1", pepper=True)[0] == 1
    assert desk.run("badge", "ATT-1")[0] == 1


def test_every_act_stands_in_the_history_with_who_did_it(desk: Desk) -> None:
    desk.run("add", "ATT-1", "--name", "Amina", "--role", "attendant", "--station", "ST-1")
    desk.run("pin", "ATT-1", pepper=True)
    desk.run("badge", "ATT-1")
    desk.run("remove", "ATT-1")
    store = PlatformStore(desk.database)
    history = PeopleRegister(store).history("ATT-1")
    store.close()
    assert [each.act for each in reversed(history)] == ["person made", "pin made", "badge made", "person removed"]
    assert all(each.by.startswith("terminal:") for each in history)
