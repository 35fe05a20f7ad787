"""The frame around every page: status line, step rail, title, the page, Back and one next step, always in the same places.

`Frame.show_state` redraws it all from one frozen value and changes only what differs. The frame decides nothing: it says
which button was pressed (`back`, `other`, `primary`), which status item (`status`), and what was typed on a keyboard
(`typed`); that a next step which goes on by itself has done so (`went_on`), or was stopped by a touch or a key (`held`). Enter is the next
step, Escape is Back. A button that is off or not armed yet, a touch that began before the page turned, or a second touch while the first
is being worked on, emits nothing. Training changes colours, stripes the status line and frames the window:
no place and no size.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, override

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLayout, QSizePolicy, QStackedWidget, QWidget

from kiosk.domain.language import tr
from ui.widgets.button import Button, NextStep
from ui.widgets.going_on import GoingOn
from ui.widgets.head import Heading, StepRail, Strip
from ui.widgets.notice import Notice
from ui.widgets.spoken import announce, everything_in_order, make_accessible
from ui.widgets.status_line import StatusItem, StatusLine
from ui.widgets.surfaces import TrainingTag, filled, paint_strip
from ui.widgets.widgets import Widgets

if TYPE_CHECKING:  # what the rules of a swap need would hold up the first picture
    from kiosk.domain.swap.swap import Step

BACKSPACE = "\b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A button of the action bar: a verb with its object. For the next step only: `quiet` is outlined, no touch is needed; `armed_after` is
    how many seconds it has to be seen before a press counts; `goes_on_after` after how many it goes on by itself, 0 for never."""

    words: str
    icon: str = "arrow-right-bold"
    enabled: bool = True
    quiet: bool = False
    armed_after: float = 0.0
    goes_on_after: float = 0.0


def back_action(*, enabled: bool = True) -> Action:
    """One step earlier."""
    return Action(words=tr("Back"), icon="arrow-left-bold", enabled=enabled)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameState:
    """All that the frame shows around a page. `step` counts from 0 in the rail; `skipped` are steps that this swap does not need."""

    title: str
    step: int
    primary: Action
    back: Action | None = field(default_factory=back_action)
    other: Action | None = None
    hint: str = ""  # beside the next step; says why Back is off when it is
    customer: str = ""  # masked name, from step 2 on
    skipped: "frozenset[Step]" = frozenset()


class Frame(QWidget):
    """The window's content. Add pages with `add_page`, show one with `show_page`, the rest with `show_state`."""

    back = Signal()
    other = Signal()
    primary = Signal()
    status = Signal(str)  # key of the pressed StatusItem
    typed = Signal(str)  # one printable character, or BACKSPACE, from a keyboard
    went_on = Signal()
    held = Signal()

    def __init__(self, widgets: Widgets, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        make_accessible()
        self.widgets = widgets
        self.setWindowTitle("Swap Kiosk")
        self.state: FrameState | None = None
        self._working, self._turned = False, True
        self.status_line, self.rail, self.heading = StatusLine(widgets), StepRail(widgets), Heading(widgets)
        self.pages, self.bar = PageStack(), ActionBar(widgets, clock)
        self._notice, self.notice = Notice(widgets, behind="ground"), ""
        content, (x, y) = widgets.stack(self.heading, self.pages, gap="m"), (widgets.t.space("xl"), widgets.t.space("m"))
        content.setStretch(1, 1)
        content.setContentsMargins(x, y, x, y)
        layout = widgets.stack(self.status_line, self.rail, content, self.bar, gap="none")
        layout.setStretch(2, 1)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.setLayout(layout)
        self._notice.setParent(self)  # in the title's place, so that nothing moves for it
        self._edges = [self._edge() for _ in range(3)] if widgets.t.training else []
        self.status_line.pressed.connect(self.status)
        self.bar.back.clicked.connect(lambda: self._press("back"))
        self.bar.other.clicked.connect(lambda: self._press("other"))
        self.bar.primary.clicked.connect(lambda: self._press("primary"))
        self.going_on = GoingOn(self.bar.primary, clock)
        self.going_on.ended.connect(self.went_on)
        self.going_on.stopped.connect(self.held)

    def _edge(self) -> QWidget:
        edge = filled(QWidget(self), self.widgets, "accent")
        edge.setObjectName("training_edge")
        edge.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        return edge

    # -- what pages and the wizard call

    def add_page(self, page: QWidget) -> None:
        self.pages.addWidget(page)

    def show_page(self, page: QWidget) -> None:
        """Bring a page that was added to the front."""
        self.pages.setCurrentWidget(page)
        self.turn()

    def remove_page(self, page: QWidget) -> None:
        """Take a page out of the frame for good."""
        self.pages.removeWidget(page)
        page.hide()
        page.deleteLater()

    def show_language(self) -> None:
        """Show the frame's own words in the language of now; the page's come with its next state."""
        self.rail.show_language()
        self.status_line.show_language()
        for tag in self.bar.tags:
            tag.show_language()

    def turn(self) -> None:
        """What is shown next is another page, even where it looks the same: what was pressed before is not meant for it."""
        self._turned = True

    def show_state(self, state: FrameState) -> None:
        """Redraw the frame; what did not change is not touched."""
        before = self.state
        if state == before and not self._turned:
            return
        self._let_go(before, state)
        self.state, self._turned = state, False
        if self.heading.show_heading(state.title, state.customer):
            announce(self, self.heading.accessibleName())
        self.rail.show_step(state.step, state.skipped)
        self.bar.show_state(state)
        self.going_on.show(state.primary.goes_on_after)

    def _let_go(self, before: FrameState | None, state: FrameState) -> None:
        """Presses that are under way end with what they were meant for."""
        same_page = not self._turned and before is not None and before.title == state.title
        if not same_page:
            self.going_on.show(0.0)
        for which in ("back", "other", "primary"):
            if not same_page or _words(before, which) != _words(state, which):
                self.bar.button(which).turn()
        if not same_page or before is None or before.primary != state.primary:
            self.bar.primary.arm_after(state.primary.armed_after)

    def show_notice(self, tone: str, words: str) -> None:
        """A sentence about what was just done, where the title stands, until the next call; no words give the title back."""
        self.notice = words
        self._notice.show_notice(tone, words)
        self.heading.setVisible(not words)  # it keeps its room
        self._place_notice()

    def _place_notice(self) -> None:
        side, gap = self.widgets.t.space("xl"), self.widgets.t.space("xs")
        top, wide = self.rail.geometry().bottom() + 1 + gap, self.width() - 2 * side
        self._notice.setGeometry(side, top, wide, max(self.pages.y() - gap - top, self._notice.heightForWidth(wide)))
        self._notice.raise_()

    def show_status(self, items: tuple[StatusItem, ...]) -> None:
        self.status_line.show_items(items)

    def show_who(self, station: str, attendant: str) -> None:
        self.status_line.show_who(station, attendant)

    def show_person(self, item: StatusItem | None) -> None:
        self.status_line.show_person(item)

    def show_clock(self, words: str, tone: str = "muted", name: str = "") -> None:
        self.status_line.show_clock(words, tone, name)

    # -- what people do

    def _press(self, which: str) -> None:
        if self._working or not self.bar.allows(which):
            return
        self._working = True
        try:
            {"back": self.back, "other": self.other, "primary": self.primary}[which].emit()
        finally:
            self._working = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if event.isAutoRepeat() and key != Qt.Key.Key_Backspace:
            return  # a key that is held down would run through the pages
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._press("primary")
        elif key == Qt.Key.Key_Escape:
            self._press("back")
        elif key == Qt.Key.Key_Backspace:
            self.typed.emit(BACKSPACE)
        elif event.text().isprintable() and event.text():
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    @override
    def focusNextPrevChild(self, forwards: bool) -> bool:
        """Tab goes as people read. Qt asks the same when what has the focus is switched off: then no button gets it, as nobody chose one;
        Enter is still the next step and Escape is Back."""
        stops = [each for each in everything_in_order(self) if each.isEnabled() and each.focusPolicy() & Qt.FocusPolicy.TabFocus]
        before = self.focusWidget()
        if before in stops:
            place = stops.index(before) + (1 if forwards else -1)
        elif before is self:
            place = 0 if forwards else -1
        else:
            self.setFocus()
            return True
        if stops:
            stops[place % len(stops)].setFocus(Qt.FocusReason.TabFocusReason if forwards else Qt.FocusReason.BacktabFocusReason)
        return bool(stops)

    def event(self, event: QEvent) -> bool:
        self.widgets.keyboard.heed(event)
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.widgets.keyboard.show_ring(ring=False)
        super().mousePressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_notice()
        side, wide, high = self.widgets.t.space("s"), self.width(), self.height()
        places = ((0, 0, side, high), (wide - side, 0, side, high), (0, high - side, wide, side))
        for edge, place in zip(self._edges, places, strict=False):
            edge.setGeometry(*place)
            edge.raise_()


def _words(state: FrameState | None, which: str) -> str:
    action: Action | None = getattr(state, which, None)
    return action.words if action is not None else ""


class PageStack(QStackedWidget):
    """The stack of pages. It takes the room it is given and asks no page what it needs: a QStackedWidget asks them all,
    each time one changes, and that is most of what a page switch costs."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        layout = self.layout()
        if layout is not None:
            layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)

    def sizeHint(self) -> QSize:
        return QSize(0, 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def hasHeightForWidth(self) -> bool:
        return False


class ActionBar(Strip):
    """Back left, one other way, a hint, the next step right. Back and the next step never move."""

    def __init__(self, widgets: Widgets, clock: Callable[[], float] = monotonic) -> None:
        t = widgets.t
        above, below = t.space("m"), max(t.space("m"), t.from_glass())
        super().__init__(widgets, above + t.target("primary") + below)
        self.back, self.other, self.primary = Button(widgets, "", kind="bar"), Button(widgets, "", kind="bar"), NextStep(widgets, clock)
        self.back.setFixedWidth(t.width("back"))
        policy = self.back.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.back.setSizePolicy(policy)
        self.hint = widgets.text("", "body", "muted")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.hint.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.tags = (TrainingTag(widgets),) if t.training else ()
        layout = widgets.row(self.back, *self.tags, self.hint, self.other, self.primary, gap="m")
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        widgets.lay_out(self, layout, "xl")
        layout.setSpacing(max(t.space("m"), t.between()))
        layout.setContentsMargins(t.space("xl"), above, t.space("xl"), below)

    def show_state(self, state: FrameState) -> None:
        for button, action in ((self.back, state.back), (self.other, state.other)):
            button.setVisible(action is not None)
            if action is not None:
                button.set_face(action.words, action.icon)
                button.setEnabled(action.enabled)
        self.hint.set_words(state.hint)
        for tag in self.tags:
            tag.stand(alone=state.other is None and not state.hint)
        self.primary.show_action(state.primary.words, state.primary.icon, enabled=state.primary.enabled, quiet=state.primary.quiet)

    def paintEvent(self, _event: QPaintEvent) -> None:
        paint_strip(QPainter(self), self._theme, self.rect(), edge_above=True)

    def button(self, which: str) -> Button:
        """The button "back", "other" or "primary"."""
        return {"back": self.back, "other": self.other, "primary": self.primary}[which]

    def allows(self, which: str) -> bool:
        """Whether "back", "other" or "primary" is there and on, and armed."""
        button = self.button(which)
        return button.isVisibleTo(self) and button.isEnabled() and (button is not self.primary or self.primary.armed)
