"""Where a badge is scanned, and the people beside it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.widgets import ChoiceList, RowView, StatusHero, Widgets


class WhoView(QWidget):
    """`chosen` says whose name was touched."""

    chosen = Signal(str)

    def __init__(self, widgets: Widgets, head: str, *lines: str) -> None:
        super().__init__()
        hero, self.list = StatusHero(widgets), ChoiceList(widgets)
        hero.show_hero("accent", "identification-badge-bold", head, *lines)
        self.list.chosen.connect(self.chosen)
        self.setLayout(widgets.columns((hero, 7), (self.list, 5)))

    def show_rows(self, rows: tuple[RowView, ...]) -> None:
        """These people; none is chosen."""
        self.list.show_rows(rows)
