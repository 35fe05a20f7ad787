"""A printer by Qt, for systems without CUPS: the receipt's page drawn at the printer's resolution, at its own size.

Qt says that the print system has taken a page, not that it came out: there "printed" means taken.

Raises PrinterUnavailable within its deadline, whatever the print system does; the drawing happens in a thread of its own, as Qt allows for
printers.
"""

import asyncio
from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QSizeF
from PySide6.QtGui import QPageSize, QPainter
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

from kiosk.domain.errors import PrinterUnavailable
from kiosk.domain.language import tr

DEADLINE_SECONDS = 15.0
_MM_PER_POINT = 25.4 / 72


def find_printer(name: str) -> QPrinter:
    """The system's printer of this name. Raises PrinterUnavailable."""
    info = QPrinterInfo.printerInfo(name)
    if info.isNull():
        raise PrinterUnavailable(tr("the system knows no printer {name}", name=name))
    return QPrinter(info, QPrinter.PrinterMode.HighResolution)


class QtPrinter:
    """Implements the port `Printer`. `make` gives the printer for a name."""

    def __init__(self, name: str, make: Callable[[str], QPrinter] = find_printer) -> None:
        self._name, self._make = name, make
        self._checking: asyncio.Task[bool] | None = None

    async def print_pdf(self, pdf: bytes, title: str) -> None:
        """Returns when the print system has taken the page. Raises PrinterUnavailable."""
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await asyncio.to_thread(self._print, pdf, title)
        except TimeoutError as error:
            raise PrinterUnavailable(
                tr("{name} did not answer in {seconds} s", name=self._name, seconds=round(DEADLINE_SECONDS))
            ) from error

    async def check(self) -> bool:
        """Whether the system knows the printer and it has not stopped. Raises PrinterUnavailable.

        A print system that hangs is asked once, not again and again, each time in another thread.
        """
        if self._checking is None or self._checking.done():
            self._checking = asyncio.create_task(asyncio.to_thread(self._is_ready))
        return await asyncio.shield(self._checking)

    def _is_ready(self) -> bool:
        if self._make(self._name).printerState() in {QPrinter.PrinterState.Error, QPrinter.PrinterState.Aborted}:
            raise PrinterUnavailable(tr("{name} has stopped", name=self._name))
        return True

    def _print(self, pdf: bytes, title: str) -> None:
        document = _document(pdf)
        points = document.pagePointSize(0)
        printer = self._make(self._name)
        printer.setDocName(title)
        printer.setFullPage(True)
        size = QSizeF(points.width() * _MM_PER_POINT, points.height() * _MM_PER_POINT)
        printer.setPageSize(QPageSize(size, QPageSize.Unit.Millimeter, "Receipt", QPageSize.SizeMatchPolicy.ExactMatch))
        printer.setPageMargins(QMarginsF())
        painter = QPainter()
        if not painter.begin(printer):
            raise PrinterUnavailable(tr("{name} did not take the receipt", name=self._name))
        try:
            page = printer.pageLayout().fullRectPixels(printer.resolution())
            painter.drawImage(page, document.render(0, page.size()))
        finally:
            painter.end()


def _document(pdf: bytes) -> QPdfDocument:
    buffer = QBuffer()
    buffer.setData(QByteArray(pdf))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document = QPdfDocument()
    buffer.setParent(document)
    document.load(buffer)
    if document.pageCount() < 1:
        raise PrinterUnavailable(tr("the receipt has no page"))
    return document
