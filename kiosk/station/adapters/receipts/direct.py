"""`PdfReceiptMaker`: receipts made in this process. Fails as `pdf` does: not for anything that a receipt says."""

import asyncio
from datetime import tzinfo

from kiosk.domain.swap.receipt import Receipt
from kiosk.station.adapters.receipts.paper import Paper
from kiosk.station.adapters.receipts.pdf import receipt_pdf


class PdfReceiptMaker:
    """`ReceiptMaker` in this process; the drawing is made in a thread, so that the loop goes on. `zone` None is the machine's own."""

    def __init__(self, paper: Paper = Paper.ROLL_80, zone: tzinfo | None = None) -> None:
        self._paper = paper
        self._zone = zone

    async def make(self, receipt: Receipt) -> bytes:
        """The PDF of a receipt."""
        return await asyncio.to_thread(receipt_pdf, receipt, self._paper, self._zone)
