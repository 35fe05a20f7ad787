"""`doctor`: each part ok, or what is wrong and how to mend it; exit 1 when a required one fails."""

from typing import Any

import pytest

from tests.brokers import Mosquitto
from tests.cli.terminal import Terminal

NAMES = ["configuration", "disk", "clock", "database", "broker", "bluetooth", "printer"]
QUICK = {"SWAP_KIOSK_MQTT__CONNECT_SECONDS": "0.3"}


def bad(findings: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in findings if not each["ok"]}


def test_a_kiosk_that_works_is_told_so(terminal: Terminal, mosquitto: Mosquitto) -> None:
    terminal.configure(mosquitto)
    ran = terminal.run("doctor", "--json")
    assert ran.code == 0
    assert [each["name"] for each in ran.json] == NAMES
    assert set(bad(ran.json)) == {"printer"}
    assert not bad(ran.json)["printer"]["required"]
    assert "MQTT 5" in next(each["what"] for each in ran.json if each["name"] == "broker")


def test_for_people_each_is_one_line(terminal: Terminal, mosquitto: Mosquitto) -> None:
    terminal.configure(mosquitto)
    lines = terminal.here("doctor").out.splitlines()
    assert [line.split()[:2] for line in lines] == [["no" if name == "printer" else "ok", name] for name in NAMES]


def test_a_missing_broker_is_named_with_a_way_to_mend_it(terminal: Terminal) -> None:
    ran = terminal.here("doctor", "--json", **QUICK)
    assert ran.code == 1
    broker = bad(ran.json)["broker"]
    assert "127.0.0.1:1" in broker["what"]
    assert broker["mend"]


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("[ui]\nfulscreen = true", "ui.fulscreen"),
        ('[topics]\ncomplete_service = "call/complete"', "topics.complete_service"),
        ('[topics]\nfinish = "call/{plan_id}"', "topics.finish"),
    ],
)
def test_a_wrong_configuration_is_one_finding(terminal: Terminal, more: str, key: str) -> None:
    terminal.configure(more=more)
    ran = terminal.here("doctor", "--json", **QUICK)
    assert ran.code == 1
    (finding,) = ran.json
    assert (finding["name"], finding["ok"]) == ("configuration", False)
    assert key in finding["what"]


def test_a_data_folder_that_cannot_be_used_is_told(terminal: Terminal) -> None:
    terminal.data.write_text("a file where the folder should be")
    ran = terminal.here("doctor", "--json", **QUICK)
    assert ran.code == 1
    assert {"disk", "database"} <= set(bad(ran.json))
    assert str(terminal.data) in bad(ran.json)["disk"]["what"]
    assert all(each["mend"] for each in bad(ran.json).values())


def test_a_damaged_database_is_told(terminal: Terminal) -> None:
    terminal.data.mkdir()
    (terminal.data / "kiosk.sqlite").write_bytes(b"this is no database, and longer than a page header " * 40)
    ran = terminal.here("doctor", "--json", **QUICK)
    assert ran.code == 1
    assert "database" in bad(ran.json)
