"""A window with a bare QStackedWidget: plain labels and buttons, no stylesheet, no frame around the pages."""

from PySide6.QtWidgets import QGridLayout, QLabel, QMainWindow, QPushButton, QStackedWidget, QWidget

_COLUMNS = 4


class BareStack(QMainWindow):
    """`pages` pages of `widgets` labels and two buttons each, 1280 x 800."""

    def __init__(self, pages: int, widgets: int) -> None:
        super().__init__()
        self.stack = QStackedWidget()
        for page in range(pages):
            self.stack.addWidget(_page(page, widgets))
        self.setCentralWidget(self.stack)
        self.resize(1280, 800)

    def show_next(self) -> None:
        """Bring the next page to the front."""
        self.stack.setCurrentIndex((self.stack.currentIndex() + 1) % self.stack.count())


def _page(number: int, widgets: int) -> QWidget:
    page = QWidget()
    grid = QGridLayout(page)
    for place in range(widgets):
        grid.addWidget(QLabel(f"Fact {place} of page {number}"), place // _COLUMNS, place % _COLUMNS)
    last = widgets // _COLUMNS + 1
    for column, words in enumerate(("Back", "Next")):
        grid.addWidget(QPushButton(words), last, column)
    return page
