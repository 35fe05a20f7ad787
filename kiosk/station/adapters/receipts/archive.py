"""Receipts on disk: one file a print, replaced whole or not at all. Raises StoreFailed when the disk does not take it."""

from pathlib import Path

from kiosk.domain.errors import StoreFailed
from kiosk.domain.language import tr


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
