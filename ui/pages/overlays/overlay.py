"""A page behind the status line: lies over the page of the swap and gives it back when it is closed."""

from collections.abc import Callable

from PySide6.QtCore import Signal

from ui.pages.page_context import Page, PageContext
from ui.pages.station_status import Status


class Overlay(Page):
    """`status` gives the last announcements. Back closes; scans go to the page of the swap."""

    closed = Signal()

    def __init__(self, context: PageContext, status: Callable[[], Status]) -> None:
        super().__init__(context)
        self.status = status

    def back(self) -> None:
        self.closed.emit()

    def primary(self) -> None:
        self.closed.emit()
