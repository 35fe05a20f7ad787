"""Printing into a folder, and no printer at all. Paper: `tests/station/adapters/cups`."""

import asyncio
from pathlib import Path

import pytest

from kiosk.domain.errors import PrinterMissing, PrinterUnavailable
from kiosk.station.adapters.printing import FilePrinter, NoPrinter

PDF = b"%PDF-1.3\n/MediaBox [ 0 0 226.7717 406.2 ]\n%%EOF\n"


def refusal(printer: FilePrinter | NoPrinter) -> str:
    """Why this printer does not print."""
    with pytest.raises(PrinterUnavailable) as caught:
        asyncio.run(printer.print_pdf(PDF, "Receipt TXN-1"))
    return caught.value.reason


def test_a_folder_takes_prints_one_after_the_other(tmp_path: Path) -> None:
    printer = FilePrinter(tmp_path / "paper")
    for _ in range(2):
        asyncio.run(printer.print_pdf(PDF, "Receipt TXN-1/../../x"))
    assert sorted(file.name for file in (tmp_path / "paper").iterdir()) == ["0001-Receipt-TXN-1-x.pdf", "0002-Receipt-TXN-1-x.pdf"]
    assert (tmp_path / "paper" / "0001-Receipt-TXN-1-x.pdf").read_bytes() == PDF


def test_a_folder_that_cannot_be_one_is_a_reason(tmp_path: Path) -> None:
    (tmp_path / "paper").write_text("a file stands in the way")
    assert refusal(FilePrinter(tmp_path / "paper")).startswith("the folder cannot be written")


def test_no_printer_says_so() -> None:
    assert refusal(NoPrinter()) == "no printer is set up"


def test_a_folder_is_ready_and_no_printer_is_missing(tmp_path: Path) -> None:
    assert asyncio.run(FilePrinter(tmp_path / "printed").check()) is True
    (tmp_path / "file").touch()
    with pytest.raises(PrinterUnavailable, match="cannot be written"):
        asyncio.run(FilePrinter(tmp_path / "file").check())
    with pytest.raises(PrinterMissing):
        asyncio.run(NoPrinter().check())
