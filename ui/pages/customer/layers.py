"""The views of the customer page, one shown at a time, each built when it is first needed or ahead, while nobody waits."""

from abc import abstractmethod
from functools import cached_property

from PySide6.QtWidgets import QStackedLayout, QWidget

from kiosk.station.services.customer_lookup import EnteredCode
from ui.pages.customer.find import FindView
from ui.pages.customer.found import FoundView
from ui.pages.customer.views import CustomerViewKind, IdleView, KeptView, LookingView
from ui.pages.page_context import Page, PageContext
from ui.widgets import ErrorPanel


class CustomerLayers(Page):
    """The page below its work: its views, and what their own buttons ask for."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._layers = QStackedLayout(self)
        self.idle_view = self._added(self.make_idle())

    @abstractmethod
    def look_up(self, code: EnteredCode) -> None:
        """Find the customer of a code."""

    @abstractmethod
    def go_on_with_kept(self) -> None:
        """Kept swaps were asked for."""

    @abstractmethod
    def choose_kept(self, key: str) -> None:
        """A row of the kept swaps was touched."""

    @abstractmethod
    def print_again(self) -> None:
        """The last receipt was asked for."""

    def show_layer(self, view: CustomerViewKind) -> None:
        """Bring a view to the front."""
        self._layers.setCurrentWidget(self.widget(view))

    def make_idle(self) -> QWidget:
        """The view that waits for a customer."""
        return IdleView(self.context.widgets, self.go_on_with_kept, self.print_again)

    def _added[W: QWidget](self, widget: W) -> W:
        self._layers.addWidget(widget)
        return widget

    @cached_property
    def typing_view(self) -> FindView:
        view = self._added(FindView(self.context, self.run))
        view.changed.connect(self.redrawn)
        view.chosen.connect(lambda plan_id: self.look_up(EnteredCode(text=plan_id)))
        return view

    @cached_property
    def looking_view(self) -> LookingView:
        return self._added(LookingView(self.context.widgets))

    @cached_property
    def found_view(self) -> FoundView:
        return self._added(FoundView(self.context.widgets))

    @cached_property
    def refused_view(self) -> ErrorPanel:
        return self._added(ErrorPanel(self.context.widgets))

    @cached_property
    def kept_view(self) -> KeptView:
        view = self._added(KeptView(self.context.widgets))
        view.chosen.connect(self.choose_kept)
        return view

    def widget(self, view: CustomerViewKind) -> QWidget:
        """The widget of a view."""
        widget: QWidget = getattr(self, f"{view.value}_view")
        return widget

    def build_next(self) -> bool:
        missing = next((view for view in CustomerViewKind if f"{view.value}_view" not in self.__dict__), None)
        if missing is None:
            return self.typing_view.build()
        self.widget(missing)
        return True
