"""Typing a customer's code, and finding a customer without a card: by name, customer number or battery, among the plans kept on this kiosk.

Who is found is shown with a masked name, number and battery, for a person to choose; the plan is looked up then as for any code. A phone
number finds nobody: the plans do not hold one. What cannot be read shows nobody, and the code can be typed.
"""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy

from kiosk.domain.language import tr
from kiosk.domain.plan.service_plan import ServicePlan
from ui.pages.formatting import masked_name, shortened
from ui.pages.page_context import PageContext, TypingView

MIN_TYPED, MAX_ROWS = 3, 2  # characters before anybody is looked for; rows
Run = Callable[[Coroutine[Any, Any, Any], Callable[[Any], None], Callable[[Exception], None]], None]


class FindView(TypingView):
    """The keyboard with the customers that the text may mean. `chosen` gives a plan's id; `run` works on the I/O thread."""

    chosen = Signal(str)

    def __init__(self, context: PageContext, run: Run) -> None:
        widgets = context.widgets
        super().__init__(widgets, tr("Code on the card, or name, number, battery"))
        self._context, self._run, self.plans = context, run, tuple[ServicePlan, ...]()
        self.rows = [widgets.button("", "user-bold", name=tr("Customer")) for _ in range(MAX_ROWS)]
        for place, row in enumerate(self.rows):
            policy = row.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
            row.setSizePolicy(policy)
            row.clicked.connect(lambda _checked=False, place=place: self._choose(place))
        self._layout.addLayout(widgets.columns(*((row, 1) for row in self.rows), gap="m"))
        self.changed.connect(self._search)
        self.show_plans(())

    def _search(self) -> None:
        wanted = self.value
        if len(wanted) < MIN_TYPED:
            self.show_plans(())
            return

        def show(found: Sequence[ServicePlan]) -> None:
            if self.value == wanted:
                self.show_plans(found)

        self._run(self._context.kiosk.plans.kept_like(wanted, MAX_ROWS), show, lambda _error: self.show_plans(()))

    def show_plans(self, plans: Sequence[ServicePlan]) -> None:
        """Those to choose from; the rows keep their room."""
        self.plans = tuple(plans[:MAX_ROWS])
        for place, row in enumerate(self.rows):
            row.setVisible(place < len(self.plans))
            if place < len(self.plans):
                row.set_face(words_for(self.plans[place]), "user-bold")

    def _choose(self, place: int) -> None:
        if place < len(self.plans):
            self.chosen.emit(self.plans[place].id)


def words_for(plan: ServicePlan) -> str:
    """ "Amina W., CUST-001, BAT-12345"."""
    return ", ".join(filter(None, (masked_name(plan), shortened(plan.customer_id), plan.current_asset or "")))
