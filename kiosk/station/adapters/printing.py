"""PDF to a folder for training and tests, no printer at all, and the folder that receipts are kept in. Paper is made in `cups`.

Every failure is PrinterUnavailable with a phrase for the attendant.
"""

import asyncio
import re
from pathlib import Path

from kiosk.domain.errors import PrinterMissing, PrinterUnavailable, StoreFailed
from kiosk.domain.file_faults import fault_phrase, fault_repair
from kiosk.domain.language import mark, tr

_NONE = mark("no printer is set up")


class FilePrinter:
    """`Printer` into a folder, for training and tests: a file for each job, numbered, named by its title."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def print_pdf(self, pdf: bytes, title: str) -> None:
        try:
            await asyncio.to_thread(self._write, pdf, title)
        except OSError as error:
            raise _unwritten(error) from error

    async def check(self) -> bool:
        try:
            await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritten(error) from error
        return True

    def _write(self, pdf: bytes, title: str) -> None:
        number = sum(1 for _ in self._folder.glob("*.pdf")) + 1
        name = re.sub(r"[^A-Za-z0-9_-]+", "-", title).strip("-")[:80]
        _write_whole(self._folder / f"{number:04d}-{name}.pdf", pdf)


class FolderArchive:
    """Implements the ports `ReceiptArchive` and `KeptReceipts`. The names are transaction ids made here, never text from outside."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, name: str, pdf: bytes) -> Path:
        """Write `NAME.pdf`. Raises StoreFailed."""
        file = self._folder / f"{name}.pdf"
        try:
            _write_whole(file, pdf)
        except OSError as error:
            raise StoreFailed(tr("the receipt cannot be written: {why}", why=fault_phrase(error)), fault_repair(error)) from error
        return file

    def forget(self, transaction_id: str) -> int:
        """Remove `NAME.pdf` and `NAME-copy-N.pdf`. Raises StoreFailed."""
        names = re.compile(rf"{re.escape(transaction_id)}(-copy-[0-9]+)?\.(pdf|part)")
        try:
            found = [each for each in self._folder.iterdir() if names.fullmatch(each.name)] if self._folder.is_dir() else []
            for each in found:
                each.unlink(missing_ok=True)
        except OSError as error:
            raise StoreFailed(tr("a receipt cannot be removed: {why}", why=fault_phrase(error)), fault_repair(error)) from error
        return len(found)


def _unwritten(error: OSError) -> PrinterUnavailable:
    return PrinterUnavailable(tr("the folder cannot be written: {why}", why=fault_phrase(error)), fault_repair(error))


def _write_whole(file: Path, pdf: bytes) -> None:
    """Whole or not at all; the folder is made. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".part")
    unfinished.write_bytes(pdf)
    unfinished.replace(file)


class NoPrinter:
    """`Printer` where none is set up: always raises PrinterMissing."""

    async def print_pdf(self, pdf: bytes, title: str) -> None:  # noqa: ARG002  the port's names
        raise PrinterMissing(tr(_NONE))

    async def check(self) -> bool:
        raise PrinterMissing(tr(_NONE))
