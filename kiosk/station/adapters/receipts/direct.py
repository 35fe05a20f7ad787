"""`PdfReceiptMaker`: receipts made in this process. Fails as `pdf` does: not for anything that a receipt says."""

import asyncio
from pathlib import Path

from kiosk.domain.errors import StoreFailed
from kiosk.domain.language import tr
from kiosk.domain.swap.receipt import ReceiptText
from kiosk.station.adapters.receipts.page import PaperFormat
from kiosk.station.adapters.receipts.pdf import receipt_pdf


class FolderArchive:
    """Implements the port `ReceiptArchive`. The names are transaction ids made here, never text from outside."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, name: str, pdf: bytes) -> Path:
        """Write `NAME.pdf`. Raises StoreFailed."""
        file = self._folder / f"{name}.pdf"
        unfinished = file.with_suffix(".part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(pdf)
            unfinished.replace(file)
        except OSError as error:
            raise StoreFailed(tr("the receipt cannot be written ({why})", why=error.strerror)) from error
        return file


class PdfReceiptMaker:
    """`ReceiptMaker` in this process; the drawing is made in a thread, so that the loop goes on."""

    def __init__(self, paper: PaperFormat = PaperFormat.ROLL_80) -> None:
        self._paper = paper

    async def make(self, text: ReceiptText) -> bytes:
        """The PDF of a receipt."""
        return await asyncio.to_thread(receipt_pdf, text, self._paper)
