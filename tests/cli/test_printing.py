"""Receipts and `doctor` at the terminal, on a real print system: what comes on paper is said, and what does not."""

import socket
from pathlib import Path
from typing import Any

import pytest

from kiosk.station.adapters.store.sql_store import open_store
from tests.cli.terminal import Terminal
from tests.private_cups import PrivateCups
from tests.station.adapters.store.values import ended_swap, message_of


@pytest.fixture
def correlation_id(terminal: Terminal) -> str:
    store = open_store(terminal.data / "kiosk.sqlite")
    done = ended_swap()
    store.complete(done, message_of(done))
    store.close()
    return done.correlation_id


def on(terminal: Terminal, queue: str) -> Terminal:
    terminal.configure(more=f'[printing]\nprinter = "{queue}"')
    return terminal


def printer_of(terminal: Terminal) -> dict[str, Any]:
    found = terminal.here("doctor", "--json", SWAP_KIOSK_MQTT__CONNECT_SECONDS="0.2").json
    (printer,) = (each for each in found if each["name"] == "printer")
    return dict(printer)


def papers(folder: Path) -> int:
    return len(list(folder.glob("*.paper")))


def test_a_receipt_that_came_out_ends_well(cups: PrivateCups, terminal: Terminal, correlation_id: str) -> None:
    folder = cups.add_till("terminal")
    ran = on(terminal, "terminal").here("receipt", correlation_id, "--print")
    assert (ran.code, papers(folder)) == (0, 1)
    assert printer_of(terminal)["what"] == "terminal is ready."


def test_an_unplugged_usb_printer_is_said_each_time_and_prints_nothing_later(
    cups: PrivateCups, terminal: Terminal, correlation_id: str
) -> None:
    cups.add("terminal-usb", "usb://EPSON/TM-T20III?serial=0000")
    for _ in range(3):
        ran = on(terminal, "terminal-usb").here("receipt", correlation_id, "--print")
        assert ran.code != 0
        assert "switched off or not connected" in ran.err
        assert cups.open_jobs("terminal-usb") == 0


def test_doctor_says_that_a_printer_in_the_network_is_off(cups: PrivateCups, terminal: Terminal) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        cups.add("terminal-lan", f"socket://127.0.0.1:{closed.getsockname()[1]}")
        found = printer_of(on(terminal, "terminal-lan"))
    assert (found["ok"], found["what"]) == (False, "terminal-lan does not print: it is switched off or not connected.")
    assert found["mend"] == "Switch the printer on and check its cable or network."


def test_doctor_says_why_a_printer_is_paused(cups: PrivateCups, terminal: Terminal) -> None:
    cups.add_till("terminal-paused")
    cups.run("cupsdisable", "-r", "the belt is worn", "terminal-paused")
    found = printer_of(on(terminal, "terminal-paused"))
    assert found["what"] == "terminal-paused does not print: it is paused: the belt is worn."
    assert not found["ok"]
