"""`receipt`: a receipt again, marked as a copy."""

from pathlib import Path

import pypdfium2
import pytest

from kiosk.station.adapters.store.sql_store import open_store
from tests.cli.terminal import Terminal
from tests.station.adapters.store.values import ended_swap, message_of


@pytest.fixture
def correlation_id(terminal: Terminal) -> str:
    store = open_store(terminal.data / "kiosk.sqlite")
    done = ended_swap()
    store.complete(done, message_of(done))
    store.close()
    return done.correlation_id


def words(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    text: str = document[0].get_textpage().get_text_range()
    document.close()
    return text


def test_each_print_is_the_next_copy(terminal: Terminal, correlation_id: str) -> None:
    for copy in (1, 2):
        path = terminal.folder / f"{copy}.pdf"
        ran = terminal.run("receipt", correlation_id, "--out", str(path))
        assert (ran.code, ran.out) == (0, f"{path}\n")
        assert f"copy {copy}" in words(path).lower()
        assert correlation_id[-5:] in words(path)


def test_a_copy_that_could_not_be_handed_out_is_not_counted(terminal: Terminal, correlation_id: str) -> None:
    path = terminal.folder / "copy.pdf"
    assert terminal.here("receipt", correlation_id, "--out", str(terminal.folder / "nowhere" / "copy.pdf")).code != 0
    assert terminal.here("receipt", correlation_id, "--print").code != 0  # no printer is set up
    assert terminal.here("receipt", correlation_id, "--out", str(path)).code == 0
    assert "copy 1" in words(path).lower()


def test_names_and_ids_of_the_stations_script_are_on_the_paper(terminal: Terminal, correlation_id: str) -> None:
    path = terminal.folder / "amharic.pdf"
    terminal.environment["SWAP_KIOSK_STATION__NAME"] = "ቦሌ ጣቢያ"
    assert terminal.run("receipt", correlation_id, "--out", str(path)).code == 0
    assert "ቦሌ ጣቢያ" in words(path)
    assert "?" not in words(path)


def test_without_a_name_it_is_written_here(terminal: Terminal, correlation_id: str) -> None:
    assert terminal.here("receipt", correlation_id).out == f"{correlation_id}.pdf\n"
    assert (terminal.folder / f"{correlation_id}.pdf").read_bytes().startswith(b"%PDF")


def test_a_place_that_cannot_be_written_is_named(terminal: Terminal, correlation_id: str) -> None:
    path = terminal.folder / "nowhere" / "receipt.pdf"
    ran = terminal.here("receipt", correlation_id, "--out", str(path))
    assert (ran.code, ran.out) == (2, "")
    assert str(path) in ran.err


def test_printing_without_a_printer_is_refused_in_a_sentence(terminal: Terminal, correlation_id: str) -> None:
    ran = terminal.here("receipt", correlation_id, "--print")
    assert (ran.code, ran.out) == (1, "")
    assert "printer" in ran.err


def test_an_unknown_swap_has_no_receipt(terminal: Terminal) -> None:
    ran = terminal.here("receipt", "TXN-9")
    assert (ran.code, ran.out) == (1, "")
    assert "TXN-9" in ran.err
    assert not (terminal.folder / "TXN-9.pdf").exists()
