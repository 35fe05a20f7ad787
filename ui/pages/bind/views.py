"""The views of the page of a binding. Each draws what it is given."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from kiosk.domain.language import tr
from ui.pages.bind.text import StepView
from ui.pages.page_context import RebuiltPanel
from ui.widgets import Notice, Widgets
from ui.widgets.labels import set_shown
from ui.widgets.surfaces import Surface
from ui.widgets.widgets import Item

LEFT, RIGHT = 7, 5  # shares of the two columns
LOOKS = {  # ground, border, stroke, tone of the number
    "now": ("accent_soft", "accent", "ring", "accent"),
    "ahead": ("surface", "edge", "hairline", "muted"),
    "done": ("surface", "edge", "hairline", "muted"),
}


class StepCard(Surface):
    """One step: its number, or that it is done; what it asks for; what it has brought."""

    def __init__(self, widgets: Widgets, number: int, *, is_id: bool) -> None:
        super().__init__(widgets)
        self._number, self._done = widgets.text(str(number), "title", "muted", wrap=False), widgets.icon("check-circle-fill", "ok", "title")
        self._number.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._number.setFixedWidth(widgets.t.icon_px("title"))
        self._title, self._note = widgets.text("", "lead"), widgets.text("", "body", "muted")
        self._value = widgets.id("", "title") if is_id else widgets.text("", "title", wrap=False)
        self._note.setMinimumWidth(widgets.t.width("aside"))  # beside a long id too
        words = widgets.stack(self._title, self._note, gap="none")
        layout = widgets.row(self._number, self._done, words, self._value, gap="m", grow=(2,))
        widgets.lay_out(self, layout, "pad", "m")

    def show_step(self, view: StepView) -> None:
        *ground, tone = LOOKS[view.state]
        self.set_colours(*ground)
        self._number.set_tone(tone)
        set_shown(self._number, shown=view.state != "done")
        set_shown(self._done, shown=view.state == "done")
        self._title.set_words(view.title)
        self._note.set_words(view.note)
        self._value.set_words(view.value)
        set_shown(self._value, shown=bool(view.value))


class WorkView(QWidget):
    """The three steps, what is near, and at the right what to do or what belongs together."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self._widgets = widgets
        self._steps = [StepCard(widgets, number, is_id=number < 3) for number in (1, 2, 3)]
        self._notice, self._side = Notice(widgets, behind="ground"), RebuiltPanel(widgets)
        left = widgets.stack(*self._steps, ..., self._notice, gap="m")
        self.setLayout(widgets.columns((widgets.body(left), LEFT), (self._side, RIGHT)))

    def show_steps(self, steps: Sequence[StepView], tone: str, sentence: str) -> None:
        for card, view in zip(self._steps, steps, strict=True):
            card.show_step(view)
        self._notice.show_notice(tone, sentence, "bluetooth-bold")

    def _show(self, *parts: Item) -> None:
        self._side.rebuild(self._widgets.stack(*parts, ..., gap="s"))

    def show_ways(self, heading: str, ways: Sequence[str], lines: Sequence[tuple[str, str]] = ()) -> None:
        """What to do, below `lines` where there are any."""
        widgets = self._widgets
        facts = (widgets.facts(*lines, ids=frozenset(name for name, _ in lines)), widgets.rule()) if lines else ()
        self._show(widgets.text(heading, "title"), widgets.rule(), *facts, widgets.numbered(*ways))

    def show_pair(self, heading: str, sticker: str, number: str, lines: Sequence[tuple[str, str]]) -> None:
        """The sticker and the pack that it is on."""
        widgets = self._widgets
        self._show(
            widgets.text(heading, "lead"),
            widgets.rule(),
            widgets.text(tr("Sticker on the case"), "body", "muted"),
            widgets.id(sticker, "number"),
            widgets.text(tr("Number inside the pack"), "body", "muted"),
            widgets.id(number, "number"),
            widgets.rule(),
            widgets.facts(*lines),
        )
