"""Where a supervisor approves what the rules stop: the reason, and the id."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kiosk.domain.language import tr
from ui.pages.page_context import TypingView
from ui.widgets import Segments, Widgets


class ApproveView(QWidget):
    """`reasons` to choose from, by key, the likeliest first and chosen; and the id of the supervisor who says so."""

    changed = Signal()

    def __init__(self, widgets: Widgets, reasons: Mapping[str, str]) -> None:
        super().__init__()
        self._words = reasons
        self._reasons = Segments(widgets, tuple((key, tr(words), "") for key, words in reasons.items()))
        self.typing = TypingView(widgets, tr("Supervisor's id"))
        self.typing.changed.connect(self.changed)
        self.setLayout(widgets.stack(self._reasons, self.typing, gap="m", grow=(1,)))

    def begin(self, *, asks_id: bool = True) -> None:
        """Nothing typed yet. Without `asks_id` the reason alone is chosen."""
        self.typing.setVisible(asks_id)
        self._reasons.choose(next(iter(self._words)))
        self.typing.set_value("")

    @property
    def reason(self) -> str:
        """As the record keeps it, in English."""
        return self._words[self._reasons.current]
