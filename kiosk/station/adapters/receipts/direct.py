"""`PdfReceiptMaker`: receipts made in this process. Fails as `pdf` does: not for anything that a receipt says."""

import asyncio

from kiosk.domain.swap.receipt_text import ReceiptText
from kiosk.station.adapters.receipts.paper import PaperFormat
from kiosk.station.adapters.receipts.pdf import receipt_pdf


class PdfReceiptMaker:
    """`ReceiptMaker` in this process; the drawing is made in a thread, so that the loop goes on."""

    def __init__(self, paper: PaperFormat = PaperFormat.ROLL_80) -> None:
        self._paper = paper

    async def make(self, text: ReceiptText) -> bytes:
        """The PDF of a receipt."""
        return await asyncio.to_thread(receipt_pdf, text, self._paper)
