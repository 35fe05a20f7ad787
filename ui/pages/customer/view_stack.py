"""The views of the customer page over each other, each built when it is first needed, or ahead of that while nobody waits."""

from enum import StrEnum
from functools import cached_property

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from ui.pages.customer.views import FoundView, KeptView, LookingView, TypingView
from ui.widgets import ErrorPanel, Widgets


class CustomerViewKind(StrEnum):
    """What the page shows; the value names the attribute of `CustomerViews`."""

    IDLE = "idle"
    TYPING = "typing"
    LOOKING = "looking"
    FOUND = "found"
    REFUSED = "refused"
    KEPT = "kept"


class CustomerViews(QObject):
    """Fills `page` with one view at a time. `typed`: the field has changed; `chosen`: a kept swap, by its id."""

    typed = Signal()
    chosen = Signal(str)

    def __init__(self, page: QWidget, kit: Widgets, idle: QWidget) -> None:
        super().__init__(page)
        self._kit, self.idle = kit, idle
        self._layers = QStackedLayout(page)
        self._layers.addWidget(idle)

    def show(self, view: CustomerViewKind) -> None:
        """Bring a view to the front."""
        self._layers.setCurrentWidget(self.widget(view))

    def widget(self, view: CustomerViewKind) -> QWidget:
        """The widget of a view."""
        widget: QWidget = getattr(self, view.value)
        return widget

    def build_next(self) -> bool:
        """Build one more view; False when all are there."""
        missing = next((view for view in CustomerViewKind if view.value not in self.__dict__), None)
        if missing is None:
            return self.typing.build()
        self.widget(missing)
        return True

    def _added[W: QWidget](self, widget: W) -> W:
        self._layers.addWidget(widget)
        return widget

    @cached_property
    def typing(self) -> TypingView:
        """The keyboard with its field."""
        view = self._added(TypingView(self._kit, "Code on the card"))
        view.changed.connect(self.typed)
        return view

    @cached_property
    def looking(self) -> LookingView:
        """The wait for the platform."""
        return self._added(LookingView(self._kit))

    @cached_property
    def found(self) -> FoundView:
        """The customer."""
        return self._added(FoundView(self._kit))

    @cached_property
    def refused(self) -> ErrorPanel:
        """The refusal."""
        return self._added(ErrorPanel(self._kit))

    @cached_property
    def kept(self) -> KeptView:
        """Kept swaps to choose from."""
        view = self._added(KeptView(self._kit))
        view.chosen.connect(self.chosen)
        return view
