"""The error panel: the refusal as a sentence on a red band, the facts compared, why, what was not recorded, what to do.

It stays until it is dealt with; the two ways on stand in the action bar. `show_error` fills it anew.
"""

from dataclasses import dataclass

from PySide6.QtWidgets import QLayout, QWidget

from kiosk.domain.language import tr
from ui.widgets.notice import Band
from ui.widgets.surfaces import Surface
from ui.widgets.widgets import Item, Widgets

SENTENCE_SHARE = 0.4  # of the screen is the width of the sentence; one that needs more than two lines there is set smaller


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A fact beside another: "Expected" BAT-12345, "Read" BAT-12346. `wrong` marks the one that does not fit."""

    name: str
    value: str
    icon: str = "info-bold"
    wrong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorView:
    """What happened, why, what next. At most two facts and four steps. `tone` is "attention" for a question, which refuses nothing."""

    sentence: str
    compared: tuple[Compared, ...] = ()
    why: str = ""
    recorded: str
    steps: tuple[str, ...] = ()
    tone: str = "stop"


class ErrorPanel(QWidget):
    """The body of a page: what at the left, what to do at the right."""

    def __init__(self, kit: Widgets, view: ErrorView | None = None) -> None:
        super().__init__()
        self._kit = kit
        self._inside = QWidget()
        self._layout = kit.stack(self._inside)
        self.setLayout(self._layout)
        if view is not None:
            self.show_error(view)

    def show_error(self, view: ErrorView) -> None:
        """Built anew: an error comes seldom and its parts differ in number."""
        self._inside = self._kit.replace(self._layout, self._inside, self._build(view))
        self.setAccessibleName(view.sentence)

    def _build(self, view: ErrorView) -> QLayout:
        kit = self._kit
        long = kit.metrics("title").width(view.sentence) > 2 * SENTENCE_SHARE * kit.t.screen.width
        what: list[Item] = [Band(kit, view.tone, view.sentence, role="lead" if long else "title")]
        if view.compared:
            what.append(kit.columns(*((self._fact(fact), 1) for fact in view.compared), gap="m"))
        if view.why:
            what.append(kit.stack(kit.text(tr("Why"), "lead"), kit.text(view.why)))
        what += [..., kit.say(view.recorded, "text", "shield-check-bold")]
        ways = kit.panel(kit.text(tr("What to do"), "title"), kit.rule(), kit.numbered(*view.steps), ...)
        return kit.columns((kit.panel(*what), 7), (ways, 5))

    def _fact(self, fact: Compared) -> Surface:
        kit, box = self._kit, Surface(self._kit, "signal")
        tone, ground, border = ("stop", "stop_soft", "stop") if fact.wrong else ("text", "sunken", "edge")
        box.set_colours(ground, border, "hairline")
        layout = kit.stack(kit.say(fact.name, tone, fact.icon), kit.figure(fact.value, "", "number", tone), gap="xs")
        layout.setContentsMargins(kit.t.space("m"), kit.t.space("s"), kit.t.space("m"), kit.t.space("s"))
        box.setLayout(layout)
        return box
