"""The first page of training: the situations that can be practised, each one choice, and what the trainee will meet.

Choosing one puts its world in place; then "Scan the card" does what the scanner would. A world that cannot be put in place goes to the
window like any failure, and nothing is chosen. A real scanner and typing work as at the counter.
"""

from PySide6.QtWidgets import QWidget

from kiosk.domain.language import mark, tr
from kiosk.domain.swap.swap import Swap
from kiosk.station.ports import Scenario
from ui.pages.customer.page import CustomerPage
from ui.pages.customer.views import CustomerViewKind
from ui.pages.page_context import Page, PageContext, RebuiltPanel
from ui.widgets import ChoiceList, RowView
from ui.widgets.frame import Action, FrameState

WELCOME = mark("Choose what to practise")
WELCOME_WORDS = mark("Each situation sets up a customer, batteries and what goes wrong. Nothing here is real: try everything.")


class TrainingPage(CustomerPage):
    """The customer page with situations in the place of the live area."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.chosen: Scenario | None = None

    def make_idle(self) -> QWidget:
        widgets = self.context.widgets
        self.scenarios, self._panel = ChoiceList(widgets), RebuiltPanel(widgets)
        self.scenarios.chosen.connect(self.choose)
        return widgets.body(widgets.columns((self.scenarios, 5), (self._panel, 7)))

    def enter(self, swap: Swap | None) -> None:
        self._show_chosen(None)
        super().enter(swap)

    def resume(self, before: Page, swap: Swap | None) -> None:
        """The situation that was chosen stays chosen."""
        self._show_chosen(before.chosen if isinstance(before, TrainingPage) else None)
        super().resume(before, swap)

    def _show_chosen(self, scenario: Scenario | None) -> None:
        """The situations, and beside them what the chosen one is about, in numbered steps."""
        self.chosen = scenario
        widgets = self.context.widgets
        title, about, steps = (scenario.title, scenario.about, scenario.steps) if scenario else (tr(WELCOME), tr(WELCOME_WORDS), ())
        numbered = widgets.numbered(*steps)
        numbered.setVerticalSpacing(widgets.t.space("xs"))
        battery = scenario.new_battery_id if scenario else ""
        hand = (
            [widgets.rule(), widgets.say(tr("New battery: {battery_id}", battery_id=battery), "text", "battery-full-bold")]
            if battery
            else []
        )
        self._panel.rebuild(
            widgets.stack(widgets.text(title, "title"), widgets.text(about, "body", "muted"), widgets.rule(), numbered, ..., *hand, gap="s")
        )
        training = self.context.kiosk.training
        offered = training.scenarios if training is not None else ()
        self.scenarios.show_rows(tuple(RowView(key=each.id, words=each.title) for each in offered), scenario.id if scenario else "")

    def choose(self, scenario_id: str) -> None:
        """Put one situation's world in place."""
        training = self.context.kiosk.training
        if training is None or self.acting:
            return
        self.chosen = None
        self.act(training.begin(scenario_id), self._show_begun, self._show_not_begun)
        self.redrawn.emit()

    def _show_begun(self, scenario: Scenario) -> None:
        self._show_chosen(scenario)
        self.redrawn.emit()

    def _show_not_begun(self, error: Exception) -> None:
        self._show_chosen(None)
        self.redrawn.emit()
        self.context.bridge.unhandled.emit(error)

    def idle_state(self) -> FrameState:
        kept = Action(words=tr("Kept swaps"), icon="play-bold") if self.overview.kept else None
        if self.acting:
            primary = Action(words=tr("Being set up"), icon="hourglass-medium-bold", enabled=False)
        elif self.chosen is None:
            primary = Action(words=tr("Choose a situation"), icon="hand-bold", enabled=False)
        else:
            primary = Action(words=tr("Scan the card"), icon="qr-code-bold")
        return FrameState(title=tr("Practise a swap"), step=0, primary=primary, back=None, other=kept)

    def show_overview(self) -> None:
        self.redrawn.emit()

    def primary(self) -> None:
        if self.view is not CustomerViewKind.IDLE:
            super().primary()
        elif self.chosen is not None:
            self.context.sounds.accepted()
            self.handle_scan(self.chosen.customer_code)

    def other(self) -> None:
        if self.view is CustomerViewKind.IDLE:
            self.go_on_with_kept()
        else:
            super().other()
