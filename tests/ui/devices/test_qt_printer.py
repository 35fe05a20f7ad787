"""Printing by Qt, where there is no CUPS: a real QPrinter that writes a file."""

import asyncio
import threading
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtPrintSupport import QPrinter
from pytestqt.qtbot import QtBot

from kiosk.domain.errors import PrinterUnavailable
from tests.station.adapters.receipts.samples import SETTLED, pdf_of
from ui.devices.qt_printer import QtPrinter


def _to_file(path: Path) -> QPrinter:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(path))
    return printer


async def test_a_receipt_is_printed_at_its_own_size(qtbot: QtBot, tmp_path: Path) -> None:
    pdf = pdf_of(SETTLED)
    await QtPrinter("counter", lambda _name: _to_file(tmp_path / "out.pdf")).print_pdf(pdf, "Receipt")
    printed, meant = pypdfium2.PdfDocument(tmp_path / "out.pdf"), pypdfium2.PdfDocument(pdf)
    try:
        assert len(printed) == 1
        assert printed[0].get_size() == pytest.approx(meant[0].get_size(), abs=1.0)
        shades = printed[0].render(scale=1).to_pil().convert("L").getcolors()
        assert shades is not None
        assert len(shades) > 2
    finally:
        printed.close()
        meant.close()


async def test_an_unknown_printer_is_said_so(qtbot: QtBot) -> None:
    with pytest.raises(PrinterUnavailable):
        await QtPrinter("no such printer").print_pdf(pdf_of(SETTLED), "Receipt")


async def test_what_is_no_page_is_not_printed(qtbot: QtBot, tmp_path: Path) -> None:
    with pytest.raises(PrinterUnavailable):
        await QtPrinter("counter", lambda _name: _to_file(tmp_path / "out.pdf")).print_pdf(b"nothing", "Receipt")


async def test_a_printer_is_looked_at_without_a_job(qtbot: QtBot, tmp_path: Path) -> None:
    assert await QtPrinter("counter", lambda _name: _to_file(tmp_path / "out.pdf")).check() is True
    with pytest.raises(PrinterUnavailable, match="knows no printer"):
        await QtPrinter("no such printer").check()


async def test_a_print_system_that_hangs_is_asked_once(qtbot: QtBot, tmp_path: Path) -> None:
    asked, go_on = [], threading.Event()

    def hanging(name: str) -> QPrinter:
        asked.append(name)
        go_on.wait(10)
        return _to_file(tmp_path / "out.pdf")

    printer = QtPrinter("counter", hanging)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(printer.check(), 0.05)
    go_on.set()
    assert await printer.check() is True
    assert asked == ["counter"]
