"""Every command reads the configuration first: what is wrong with it is exit 2, with file, key and reason."""

from pathlib import Path

import pytest

from tests.builders import SPECIFICATION
from tests.cli.terminal import Terminal

COMMANDS = [
    ("history", "--json"),
    ("outbox", "list"),
    ("plans", "list"),
    ("battery", "scan"),
    ("receipt", "TXN-1"),
    ("swap", "--customer", "C", "--outgoing", "B"),
    ("calculate", "--plan", str(SPECIFICATION / "plan.json")),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_an_unknown_key_is_named_with_its_file(terminal: Terminal, command: tuple[str, ...]) -> None:
    terminal.config.write_text('[mqtt]\nhots = "broker"\n')
    ran = terminal.here(*command)
    assert (ran.code, ran.out) == (2, "")
    assert f"{terminal.config}, key mqtt.hots cannot be used. Reason: is not a setting." in ran.err


def test_a_configuration_file_that_is_named_must_be_there(terminal: Terminal) -> None:
    terminal.config.unlink()
    ran = terminal.here("history")
    assert (ran.code, ran.out) == (2, "")
    assert str(terminal.config) in ran.err


def test_a_variable_wins_over_the_file(terminal: Terminal) -> None:
    ran = terminal.here("doctor", "--json", SWAP_KIOSK_STATION__ID="STATION-FROM-OUTSIDE", SWAP_KIOSK_MQTT__CONNECT_SECONDS="0.2")
    assert "STATION-FROM-OUTSIDE" in ran.json[0]["what"]


def test_a_wrong_variable_is_named(terminal: Terminal) -> None:
    ran = terminal.run("history", SWAP_KIOSK_MQTT__PORT="many")
    assert (ran.code, ran.out) == (2, "")
    assert "SWAP_KIOSK_MQTT__PORT" in ran.err


@pytest.mark.parametrize("url", ["nonsense://x", "sqlite:///{folder}/plan.json"])
def test_a_database_that_cannot_be_used_is_a_sentence(terminal: Terminal, url: str) -> None:
    (terminal.folder / "plan.json").write_bytes((SPECIFICATION / "plan.json").read_bytes())
    ran = terminal.here("history", "--json", SWAP_KIOSK_DATABASE__URL=url.format(folder=terminal.folder))
    assert ran.code in {1, 2}
    assert ran.out == ""
    assert ran.err


def test_the_database_url_is_used(terminal: Terminal, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "kiosk.db"
    assert terminal.here("history", "--json", SWAP_KIOSK_DATABASE__URL=f"sqlite:///{elsewhere}").json == []
    assert elsewhere.exists()
    assert not (terminal.data / "kiosk.sqlite").exists()


def test_data_lies_in_the_folder_that_the_environment_names(terminal: Terminal) -> None:
    assert terminal.here("history", "--json").json == []
    assert (terminal.data / "kiosk.sqlite").exists()
