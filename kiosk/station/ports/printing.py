"""Receipts: made, kept, printed."""

from pathlib import Path
from typing import Protocol

from kiosk.domain.swap.receipt import ReceiptText


class ReceiptMaker(Protocol):
    """The text of a receipt to PDF."""

    async def make(self, text: ReceiptText) -> bytes:
        """The PDF, one page exactly as long as its content."""


class ReceiptArchive(Protocol):
    """Receipts on disk."""

    def keep(self, name: str, pdf: bytes) -> Path:
        """Write a receipt under this name, whole or not at all. Raises StoreFailed."""


class KeptReceipts(Protocol):
    """Receipts on disk, for whoever takes them away."""

    def forget(self, transaction_id: str) -> int:
        """Remove a receipt and all its copies; how many there were. Raises StoreFailed."""


class Printer(Protocol):
    """PDF to paper."""

    async def print_pdf(self, pdf: bytes, title: str) -> None:
        """Returns when the job is accepted. Raises PrinterUnavailable within its own deadline."""

    async def check(self) -> bool:
        """True when it could print now, False when that is not known. Raises PrinterUnavailable, PrinterMissing where none is set up."""
