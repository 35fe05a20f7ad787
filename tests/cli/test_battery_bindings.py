"""`battery bind`, `bindings`, `unbind`, `import`: which pack wears which sticker, from the terminal."""

import json
from pathlib import Path
from typing import Any

import pytest

from kiosk.station.adapters.bluetooth.simulated.environment import SimulatedEnvironment, load_batteries
from tests.cli.terminal import BATTERIES, Ran, Terminal

PACK: dict[str, Any] = {"asset_id": "JK-B2A24S", "protocol": "jk", "kwh_remaining": 1.485, "soc_percent": 50, "voltage": 52.0}
SUPERVISED = '[station]\nid = "STATION_XYZ"\nname = "Station 14"\nsupervisors = ["SUP-007"]'
SECRET = "s3cret-of-a-pack"  # noqa: S105  no secret


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    found = Terminal(tmp_path)
    found.configure()
    found.config.write_text(found.config.read_text().replace('[station]\nid = "STATION_XYZ"\nname = "Station 14"', SUPERVISED))
    in_range(found, {**PACK, "rssi": -50})
    return found


def in_range(terminal: Terminal, *packs: dict[str, Any]) -> None:
    (terminal.folder / "batteries.json").write_text(json.dumps(packs))


def bind(terminal: Terminal, battery_id: str = "BAT-1", *more: str) -> Ran:
    return terminal.here("battery", "bind", battery_id, "--seconds", "2", *more)


def bind_unread(terminal: Terminal, battery_id: str, address: str, *more: str) -> Ran:
    """A pack that is not in range."""
    return bind(terminal, battery_id, "--address", address, "--yes", "--seconds", "0.1", *more)


def listed(terminal: Terminal) -> Any:
    return terminal.here("battery", "bindings", "--json").json


def address_in_range(terminal: Terminal) -> str:
    return SimulatedEnvironment(load_batteries(terminal.folder / "batteries.json")).peripherals[0].address


def test_the_only_pack_is_read_shown_and_bound_when_a_person_agrees(terminal: Terminal) -> None:
    ran = terminal.run("battery", "bind", "bat-1", "--seconds", "2", given=b"y\n")
    address = address_in_range(terminal)
    assert ran.code == 0, ran.err
    assert all(each in ran.err for each in (address, "JK-B2A24S", " V", " kWh", "Bind BAT-1 to it? [y/N]"))
    assert ran.out.split()[:3] == ["BAT-1", address, "jk"]
    (row,) = listed(terminal)
    assert (row["asset_id"], row["address"], row["family"], row["bound_by"], row["station_id"], row["state"]) == (
        "BAT-1",
        address,
        "jk",
        "ATT-001",
        "STATION_XYZ",
        "waiting",
    )


@pytest.mark.parametrize("answer", [b"", b"n\n", b"\n"])
def test_whoever_does_not_agree_binds_nothing(terminal: Terminal, answer: bytes) -> None:
    ran = terminal.run("battery", "bind", "BAT-1", "--seconds", "2", given=answer)
    assert (ran.code, ran.out) == (1, "")
    assert "Nothing is bound." in ran.err
    assert listed(terminal) == []


def test_of_two_packs_the_one_that_is_nearer_by_8_db_is_bound(terminal: Terminal) -> None:
    in_range(terminal, {**PACK, "rssi": -50}, {**PACK, "asset_id": "JK-OTHER", "rssi": -58})
    assert bind(terminal, "BAT-1", "--yes").code == 0
    in_range(terminal, {**PACK, "rssi": -50})
    assert listed(terminal)[0]["address"] == address_in_range(terminal)


def test_of_two_packs_about_as_near_none_is_guessed(terminal: Terminal) -> None:
    in_range(terminal, {**PACK, "rssi": -50}, {**PACK, "asset_id": "JK-OTHER", "rssi": -57})
    ran = bind(terminal, "BAT-1", "--yes")
    assert (ran.code, ran.out) == (1, "")
    assert all(each in ran.err for each in ("JK-B2A24S", "JK-OTHER", "8 dB", "name one by its address"))
    assert listed(terminal) == []


def test_where_no_pack_is_in_range_that_is_said(terminal: Terminal) -> None:
    in_range(terminal)
    ran = bind(terminal, "BAT-1", "--yes")
    assert (ran.code, "no battery is in range" in ran.err) == (1, True)


def test_the_pack_that_is_named_is_read_however_far_it_is(terminal: Terminal) -> None:
    address = address_in_range(terminal)
    in_range(terminal, {**PACK, "rssi": -80}, {**BATTERIES[0], "rssi": -40})
    ran = bind(terminal, "BAT-1", "--address", address.lower().replace(":", "-"), "--yes")
    assert ran.code == 0, ran.err
    assert (listed(terminal)[0]["address"], listed(terminal)[0]["family"]) == (address, "jk")


def test_a_stickers_code_may_hold_the_address(terminal: Terminal) -> None:
    address = address_in_range(terminal)
    assert bind(terminal, f"BAT-1;{address.replace(':', '')}", "--yes").code == 0
    assert [(each["asset_id"], each["address"]) for each in listed(terminal)] == [("BAT-1", address)]


def test_an_address_alone_is_no_sticker(terminal: Terminal) -> None:
    ran = bind(terminal, "C8:47:8C:00:10:01", "--yes")
    assert (ran.code, "--address" in ran.err) == (2, True)


def test_a_pack_that_is_named_and_not_in_range_is_bound_unread_and_that_is_said(terminal: Terminal) -> None:
    ran = bind_unread(terminal, "BAT-1", "c8478c001001")
    assert (ran.code, "without having been read" in ran.err) == (0, True)
    assert [(each["address"], each["family"]) for each in listed(terminal)] == [("C8:47:8C:00:10:01", "")]


def test_what_cannot_be_an_address_is_said(terminal: Terminal) -> None:
    ran = bind_unread(terminal, "BAT-1", "C8:47")
    assert (ran.code, "twelve digits" in ran.err) == (2, True)


def test_a_pack_that_does_not_answer_is_not_bound(terminal: Terminal) -> None:
    in_range(terminal, {**PACK, "rssi": -50, "faults": ["silent"]})
    ran = bind(terminal, "BAT-1", "--yes", "--timeout", "1")
    assert ran.code == 1
    assert listed(terminal) == []


def test_another_pack_for_a_sticker_needs_a_supervisor_and_a_reason(terminal: Terminal) -> None:
    bind_unread(terminal, "BAT-1", "C8:47:8C:00:10:01")
    other = "C8:47:8C:00:10:02"
    refused = bind_unread(terminal, "BAT-1", other)
    assert (refused.code, refused.out) == (1, "")
    assert all(each in refused.err for each in ("BAT-1 (C8:47:8C:00:10:01)", "ATT-001", "STATION_XYZ", "supervisor"))
    for unfit in ((), ("--by", "ATT-001", "--note", "new board"), ("--note", "new board"), ("--by", "SUP-007")):
        assert bind_unread(terminal, "BAT-1", other, "--replace", *unfit).code == 2
    assert [each["address"] for each in listed(terminal)] == ["C8:47:8C:00:10:01"]
    done = bind_unread(terminal, "BAT-1", other, "--replace", "--by", "sup-007", "--note", "new board")
    assert done.code == 0, done.err
    assert [(each["address"], each["bound_by"]) for each in listed(terminal)] == [("C8:47:8C:00:10:02", "SUP-007")]


def unbind(terminal: Terminal, battery_id: str) -> Ran:
    return terminal.here("battery", "unbind", battery_id, "--by", "SUP-007", "--note", "scrapped")


def test_what_is_unbound_is_listed_no_more(terminal: Terminal) -> None:
    bind(terminal, "BAT-1", "--yes")
    assert unbind(terminal, "bat-1").out == "BAT-1\n"
    assert listed(terminal) == []
    again = unbind(terminal, "BAT-1")
    assert (again.code, "BAT-1" in again.err) == (1, True)


@pytest.mark.parametrize("unfit", [(), ("--by", "ATT-001", "--note", "scrapped"), ("--note", "scrapped"), ("--by", "SUP-007")])
def test_a_binding_is_ended_by_a_supervisor_with_a_reason_alone(terminal: Terminal, unfit: tuple[str, ...]) -> None:
    bind(terminal, "BAT-1", "--yes")
    refused = terminal.here("battery", "unbind", "BAT-1", *unfit)
    assert (refused.code, "supervisors" in refused.err) == (2, True)
    assert [each["asset_id"] for each in listed(terminal)] == ["BAT-1"]


def test_a_secret_is_kept_in_a_file_of_its_own_and_shown_nowhere(terminal: Terminal) -> None:
    file = terminal.folder / "secret"
    file.write_text(f"{SECRET}\n")
    ran = terminal.run("battery", "bind", "BAT-1", "--seconds", "2", "--yes", "--secret-file", str(file), "--log-level", "debug")
    shown = terminal.run("battery", "bindings", "--json", "--log-level", "debug")
    assert (ran.code, shown.json[0]["has_secret"]) == (0, True)
    assert SECRET not in ran.out + ran.err + shown.out + shown.err
    kept = [each for each in terminal.data.rglob("*") if each.is_file() and SECRET.encode() in each.read_bytes()]
    assert [(each.parent.name, each.stat().st_mode & 0o777) for each in kept] == [("battery-secrets", 0o600)]
    unbind(terminal, "BAT-1")
    assert not kept[0].exists()


@pytest.mark.parametrize("content", [b"", b"  \n", b"x" * 200, b"\xff\xfe"])
def test_a_file_that_holds_no_secret_is_said_without_showing_it(terminal: Terminal, content: bytes) -> None:
    file = terminal.folder / "secret"
    file.write_bytes(content)
    ran = bind(terminal, "BAT-1", "--yes", "--secret-file", str(file))
    assert (ran.code, str(file) in ran.err, "xxxx" in ran.err) == (2, True, False)


def test_a_secret_that_others_can_change_is_not_taken(terminal: Terminal) -> None:
    file = terminal.folder / "secret"
    file.write_text(SECRET)
    file.chmod(0o666)
    ran = bind(terminal, "BAT-1", "--yes", "--secret-file", str(file))
    assert (ran.code, f"chmod 600 {file}" in ran.err, SECRET in ran.err) == (2, True, False)


def test_a_secret_is_not_taken_where_the_platform_is_reached_in_the_open(terminal: Terminal) -> None:
    (terminal.folder / "secret").write_text(SECRET)
    more = ("--yes", "--secret-file", str(terminal.folder / "secret"))
    ran = terminal.here("battery", "bind", "BAT-1", "--seconds", "2", *more, SWAP_KIOSK_PLATFORM__URL="http://platform.example.org")
    assert (ran.code, "https" in ran.err) == (2, True)
    assert listed(terminal) == []


def test_where_nothing_is_bound_the_list_is_a_document_too(terminal: Terminal) -> None:
    assert listed(terminal) == []


# ---------------------------------------------------------------- import


def imported(terminal: Terminal, text: str) -> Ran:
    (terminal.folder / "packs.csv").write_text(text)
    return terminal.here("battery", "import", "packs.csv")


def test_a_file_binds_all_of_its_lines(terminal: Terminal) -> None:
    text = "id,address,family,serial\nBAT-1,c8478c001001,jk,S1\nBAT-2,C8-47-8C-00-10-02,jbd,\n"
    assert imported(terminal, text).err == "2 batteries bound, 0 bound so already\n"
    assert imported(terminal, text).err == "0 batteries bound, 2 bound so already\n"
    assert [(each["asset_id"], each["address"], each["family"], each["serial"]) for each in listed(terminal)] == [
        ("BAT-1", "C8:47:8C:00:10:01", "jk", "S1"),
        ("BAT-2", "C8:47:8C:00:10:02", "jbd", ""),
    ]


def test_a_file_with_a_fault_binds_nothing_and_every_fault_is_said(terminal: Terminal) -> None:
    ran = imported(terminal, "id,address,family,serial\nBAT-1,C8478C001001,jk,\nBAT-1,C8478C001002,jk,\nBAT-3,C8,jk,\n")
    assert (ran.code, ran.out) == (2, "")
    assert [each.split(":")[0] for each in ran.err.splitlines()] == ["Line 3", "Line 4", "Nothing is bound."]
    assert listed(terminal) == []


def test_a_file_that_another_binding_is_in_the_way_of_binds_nothing(terminal: Terminal) -> None:
    bind_unread(terminal, "BAT-9", "C8:47:8C:00:10:02")
    ran = imported(terminal, "id,address,family,serial\nBAT-1,C8478C001001,jk,\nBAT-2,C8478C001002,jk,\n")
    assert ran.code == 1
    assert "Line 3: BAT-2 cannot be bound to C8:47:8C:00:10:02" in ran.err
    assert [each["asset_id"] for each in listed(terminal)] == ["BAT-9"]


def test_a_file_that_is_not_there_is_said(terminal: Terminal) -> None:
    ran = terminal.here("battery", "import", "none.csv")
    assert (ran.code, "none.csv" in ran.err) == (2, True)


# ---------------------------------------------------------------- doctor


def test_the_doctor_tells_how_many_are_bound(terminal: Terminal) -> None:
    bind_unread(terminal, "BAT-1", "C8:47:8C:00:10:01")
    (found,) = [each for each in terminal.here("doctor", "--json").json if each["name"] == "batteries"]
    assert (found["ok"], found["required"], found["what"]) == (True, False, "1 battery is bound.")
