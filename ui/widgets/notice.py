"""Blocks that say a state: a notice, the live area of the idle page, the band of a result."""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.domain.language import tr
from ui.widgets.button import Button
from ui.widgets.labels import SIGNAL_ICON, IconLabel, set_shown
from ui.widgets.spoken import announce
from ui.widgets.surfaces import Surface, fill, paint_box
from ui.widgets.widgets import Item, Widgets

SENTENCE_SHARE = 0.4  # of the screen is the width of the sentence; one that needs more than two lines there is set smaller


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A fact beside another: "Expected" BAT-12345, "Read" BAT-12346. `wrong` marks the one that does not fit; `note` says more of it."""

    name: str
    value: str
    icon: str = "info-bold"
    wrong: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A button below the steps."""

    key: str
    words: str
    icon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorView:
    """What happened, why, what next. At most two facts and four steps; `ways` are buttons beside those of the action bar. `below` is a
    second sentence under the first. `tone` is "attention" for a question, which refuses nothing; what is `wrong` has it too."""

    sentence: str
    below: str = ""
    compared: tuple[Compared, ...] = ()
    why: str = ""
    recorded: str
    steps: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()
    tone: str = "stop"


class ErrorPanel(QWidget):
    """The body of a page: what at the left, what to do at the right. `pressed` says the key of a way."""

    pressed = Signal(str)

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self._widgets, self._inside = widgets, QWidget()
        self._layout = widgets.stack(self._inside)
        self.setLayout(self._layout)

    def show_error(self, view: ErrorView) -> None:
        """Built anew: an error comes seldom and its parts differ in number."""
        widgets = self._widgets
        most_lines = 1 if view.below else 2
        long = widgets.metrics("title").width(view.sentence) > most_lines * SENTENCE_SHARE * widgets.t.screen.width
        band = Band(widgets, view.tone, role="lead" if long else "title")
        band.show_band(view.tone, view.sentence, view.below)
        what: list[Item] = [band]
        if view.compared:
            what.append(widgets.columns(*((self._fact(fact, view.tone), 1) for fact in view.compared), gap="m"))
        if view.why:
            what.append(widgets.stack(widgets.text(tr("Why"), "lead"), widgets.text(view.why)))
        what += [..., widgets.say(view.recorded, "text", "shield-check-bold")]
        buttons = (self._button(way) for way in view.ways)
        ways = widgets.panel(widgets.text(tr("What to do"), "title"), widgets.rule(), widgets.numbered(*view.steps), ..., *buttons)
        self._inside = widgets.replace(self._layout, self._inside, widgets.columns((widgets.panel(*what), 7), (ways, 5)))
        self.setAccessibleName(view.sentence)

    def _button(self, way: Way) -> Button:
        button = self._widgets.button(way.words, way.icon)
        button.clicked.connect(lambda: self.pressed.emit(way.key))
        return button

    def _fact(self, fact: Compared, wrong: str) -> Surface:
        widgets = self._widgets
        tone, ground, border = (wrong, f"{wrong}_soft", wrong) if fact.wrong else ("text", "sunken", "edge")
        note = (widgets.text(fact.note, "body", "muted"),) if fact.note else ()
        figures = "tabular" if " " in fact.value else "id"  # a number with its unit, or an id
        name, value = widgets.say(fact.name, tone, fact.icon), widgets.id(fact.value, "number", tone, figures=figures)
        layout = widgets.stack(name, value, *note, ..., gap="xs")
        box = widgets.frame(layout, "signal", "m", "s")
        box.set_colours(ground, border, "hairline")
        return box


class Notice(IconLabel):
    """Tinted block, icon, one or two sentences; `tone`: ok, attention, stop. Hidden while it has no words.

    One widget that covers all it stands on (`behind` names the colour role at its corners), so that `show_now` paints nothing else.
    It keeps the room of the `longest` words: other words move nothing.
    """

    def __init__(self, widgets: Widgets, *, behind: str = "surface", longest: str = "") -> None:
        super().__init__(widgets, "", "ok")
        self._behind, self._longest = behind, longest
        m, s = widgets.t.space("m"), widgets.t.space("s")
        self.setContentsMargins(m + self._side + s, s, m, s)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        set_shown(self, shown=False)

    def show_notice(self, tone: str, words: str, icon: str = "") -> None:
        """The same, read out where it is new."""
        if words != self.text():
            announce(self, words, urgent=tone == "stop")
        super().show_notice(tone, words, icon)

    def show_now(self, tone: str, words: str, icon: str = "") -> None:
        """The same, painted before this returns; words that need more room than there is get it right after."""
        self.show_notice(tone, words, icon)
        self.repaint()

    def heightForWidth(self, width: int) -> int:
        margins = self.contentsMargins()
        room = QRect(0, 0, width - margins.left() - margins.right(), 0)
        longest = self.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap.value, self._longest).height() if self._longest else 0
        return max(super().heightForWidth(width), longest + margins.top() + margins.bottom())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        fill(painter, theme, self._behind, self.rect())
        paint_box(painter, theme, QRectF(self.rect()), f"{self._icon_tone}_soft", self._icon_tone, "hairline")
        painter.end()
        super().paintEvent(event)


class StatusHero(Surface):
    """The large area of a page that waits for a scan, or says why none can come. `tone`: accent, attention, stop; muted where
    nothing is waited for."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__(widgets, "area")
        self._icon = widgets.icon("qr-code-bold", "accent", "hero", factor=1.4)
        self._head, self._lines = widgets.centred("", "number"), widgets.centred("")
        widgets.lay_out(self, widgets.stack(..., widgets.row(..., self._icon, ...), self._head, self._lines, ..., gap="m"), "pad")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.set_colours("accent_soft", "accent", "ring")

    def show_hero(self, tone: str, icon: str, head: str, *sentences: str) -> None:
        """Change it in place; each sentence is a line of its own."""
        if head != self._head.text():
            announce(self, head, urgent=tone == "stop")
        self._icon.set_icon(icon, tone)
        self._head.set_words(head)
        self._head.set_tone("text" if tone in {"accent", "muted"} else tone)
        self._lines.set_words("\n".join(sentences))
        self.set_colours(*(("surface", "edge", "hairline") if tone == "muted" else (f"{tone}_soft", tone, "ring")))


class Band(Surface):
    """A solid band with the result as a sentence: green for done and yes, red for a refusal, amber for what a person has to look at.
    `tone`: ok, attention, stop; `below` is the role of the second sentence."""

    def __init__(self, widgets: Widgets, tone: str, words: str = "", *, role: str = "title", below: str = "lead") -> None:
        super().__init__(widgets, "signal")
        self._icon = widgets.icon(SIGNAL_ICON[tone], "on_signal", role)
        self._words, self._below = widgets.text("", role, "on_signal"), widgets.text("", below, "on_signal")
        layout = widgets.row(self._icon, widgets.stack(self._words, self._below, gap="none"), gap="m")
        layout.setStretch(1, 1)
        layout.setAlignment(self._icon, Qt.AlignmentFlag.AlignVCenter)
        widgets.lay_out(self, layout, "pad", "s")
        self.show_band(tone, words)

    def show_band(self, tone: str, words: str, below: str = "") -> None:
        """Change it in place."""
        self._icon.set_icon(SIGNAL_ICON[tone], "on_signal")
        self._words.set_words(words)
        self._below.set_words(below)
        set_shown(self._below, shown=bool(below))
        self.set_colours(tone)
        said = f"{words}. {below}" if below else words
        if said != self.accessibleName():
            self.setAccessibleName(said)
            announce(self, said, urgent=tone == "stop")
