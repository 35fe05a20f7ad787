"""The first page: painted before the kiosk is there. Says that it is getting ready, or why it cannot start, with two ways on.

Knows no service, so that nothing heavy is imported for the first picture.
"""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedLayout, QWidget

from kiosk.domain.language import tr
from ui.widgets import StatusHero, Widgets
from ui.widgets.frame import Action, FrameState

if TYPE_CHECKING:
    from ui.widgets import ErrorPanel


class StartPage(QWidget):
    """`show_waiting`, then perhaps `show_refusal`; `state` is what the frame shows around it."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self._widgets, self._hero = widgets, StatusHero(widgets)
        self._error: ErrorPanel | None = None  # not before it is needed: the first picture is waited for
        self._layers = QStackedLayout(self)
        self._layers.addWidget(self._hero)
        self.refused = False
        self.show_waiting()

    @property
    def state(self) -> FrameState:
        if self.refused:
            again, close = Action(words=tr("Try again"), icon="arrow-clockwise-bold"), Action(words=tr("Close"), icon="power-bold")
            return FrameState(title=tr("The kiosk cannot start"), step=0, primary=again, back=None, other=close)
        primary = Action(words=tr("Getting ready"), icon="hourglass-medium-bold", enabled=False)
        return FrameState(title=tr("Next customer"), step=0, primary=primary, back=None)

    def show_waiting(self) -> None:
        """The kiosk is being built."""
        self.refused = False
        self._hero.show_hero("muted", "hourglass-medium-bold", tr("Getting ready"), tr("The counter opens in a moment."))
        self._layers.setCurrentWidget(self._hero)

    def show_refusal(self, sentence: str, why: str, steps: tuple[str, ...]) -> None:
        """It cannot start; stays until a person chooses a way."""
        self.refused = True
        recorded = tr("Swaps that were completed before are safe on the disk.")
        from ui.widgets import ErrorPanel, ErrorView

        if self._error is None:
            self._error = ErrorPanel(self._widgets)
            self._layers.addWidget(self._error)
        self._error.show_error(ErrorView(sentence=sentence, why=why, recorded=recorded, steps=steps))
        self._layers.setCurrentWidget(self._error)
