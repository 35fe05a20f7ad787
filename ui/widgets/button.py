"""Everything that is pressed: one button, drawn here in all its states, and the next step.

A press acts on release inside the target, and is answered by the pressed look at once. Whether it counts is decided by `ui.input_rules`.
The focus ring is seen after keyboard use only (`Theme.keyboard`). A button that is off shows its words in full contrast; the page says why.
"""

import re
from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from kiosk.domain.language import tr
from ui.input_rules import Arming, Touch
from ui.widgets.fitting import fitted, narrowest, widest
from ui.widgets.spoken import tell_value
from ui.widgets.surfaces import paint_box, smooth_painter
from ui.widgets.theme import CENTRE, LEFT, TextMetrics, Theme

ROLE = {"plain": "strong", "bar": "lead", "primary": "lead", "quiet": "lead", "key": "title"}
HEIGHT = {"plain": "touch", "bar": "primary", "primary": "primary", "quiet": "primary", "key": "least"}
MAX_LINES = 2
ARROWS = {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down}
ID = re.compile(r"[A-Z]-?\d")
ARMING_TICK_MILLISECONDS = 33


class Button(QPushButton):
    """Words with or without an icon. `kind`: plain (in a page), bar (in the action bar), key (in a pad).

    `name` is read out instead of the words and must be given for an icon alone; `width` is the least width, a name in
    `tokens.WIDTH_MM`; `across` says whether it grows in width.
    """

    def __init__(
        self,
        theme: Theme,
        words: str,
        icon: str = "",
        kind: str = "plain",
        *,
        name: str = "",
        width: str = "least",
        across: QSizePolicy.Policy = QSizePolicy.Policy.Preferred,
    ) -> None:
        super().__init__()
        self._least = theme.t.target("least") if width == "least" else theme.t.width(width)
        self.theme, self.kind, self.words, self.icon_name = theme, kind, words, icon
        self._touch = Touch()  # a press that does not count does nothing; it keeps its look
        self.setAccessibleName(name or words)
        self.setFixedHeight(self._height())
        self.setSizePolicy(across, QSizePolicy.Policy.Fixed)
        theme.keyboard.changed.connect(self._ring_changed)

    def set_face(self, words: str, icon: str = "", *, name: str = "") -> None:
        """Change words and icon in place."""
        if (words, icon) != (self.words, self.icon_name):
            self.words, self.icon_name = words, icon
            self.updateGeometry()
            self.update()
        self.setAccessibleName(name or words)

    # -- sizes

    def _height(self) -> int:
        return self.theme.t.row_height() if self.kind == "plain" else self.theme.t.target(HEIGHT[self.kind])

    def _padding(self) -> int:
        return self.theme.t.space("xs" if self.kind == "key" else "m")

    def _figures(self) -> str:
        return "key" if self.kind == "key" else "id" if ID.search(self.words) else "tabular"

    def _metrics(self) -> TextMetrics:
        return self.theme.metrics(ROLE[self.kind], self._figures())

    def _icon_side(self) -> int:
        return self.theme.t.icon_px(ROLE[self.kind]) if self.icon_name else 0

    def _beside_words(self) -> int:
        """What icon, gap and padding take of the width, px."""
        gap = self.theme.t.space("s") if self.icon_name and self.words else 0
        return self._icon_side() + gap + 2 * self._padding()

    def _lines(self) -> list[str]:
        return fitted(self._metrics(), self._said(), self.width() - self._beside_words(), MAX_LINES)

    def _said(self) -> str:
        """What stands on it."""
        return self.words

    def sizeHint(self) -> QSize:
        return QSize(max(self._least, self._metrics().width(self.words) + self._beside_words() + 2), self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(max(self._least, narrowest(self._metrics(), self.words, MAX_LINES) + self._beside_words() + 2), self._height())

    def overflowing(self) -> list[str]:
        metrics, shown = self._metrics(), self._lines()
        fits = widest(metrics, shown) <= self.width() - self._beside_words() and len(shown) * metrics.height <= self.height()
        return [] if fits else [self.words]

    # -- states

    def _ring_changed(self) -> None:
        if self.hasFocus():
            self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        self.theme.keyboard.heed(event)
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.theme.keyboard.show_ring(ring=False)
        self._touch.begin()
        super().mousePressEvent(event)
        self.repaint()  # the touch is answered before any work that it starts

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._touch.counts:
            self.setDown(False)  # a button that is not down clicks nothing
        super().mouseReleaseEvent(event)

    def turn(self) -> None:
        """The button means something else from now on: a press counts again when it begins after the next painting."""
        self._touch.turn()
        self.update()

    def hideEvent(self, event: QHideEvent) -> None:
        self._touch.spoil()
        super().hideEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows belong to the list or the pad that the button is in; a plain QPushButton would take them for Tab."""
        if event.key() in ARROWS:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def ringed(self) -> bool:
        return self.hasFocus() and self.theme.keyboard.ring

    def _colours(self) -> tuple[str, str, str, str]:
        """(ground, words, border, border's width) as names of tokens for the present state."""
        if not self.isEnabled():
            return "idle", "on_idle", "edge", "hairline"
        filled = self.kind == "primary"
        if self.isDown():
            return ("accent_pressed", "on_accent", "", "") if filled else ("accent_soft", "text", "accent", "ring")
        if filled:
            return "accent", "on_accent", "", ""
        return "surface", "text", *(("accent", "ring") if self.ringed() else ("edge", "hairline"))

    # -- drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        self._touch.paint()
        self._paint(smooth_painter(self))

    def _paint(self, painter: QPainter) -> None:
        ground, tone, border, stroke = self._colours()
        paint_box(painter, self.theme, QRectF(self.rect()), ground, border, stroke)
        if self.kind == "primary" and self.isEnabled() and self.ringed():  # inside, where it stands out from the filling
            gap = self.theme.t.stroke("ring")
            paint_box(painter, self.theme, QRectF(self.rect()).adjusted(gap, gap, -gap, -gap), ground, tone, "ring")
        self._paint_face(painter, tone)

    def _paint_face(self, painter: QPainter, tone: str) -> None:
        """Icon and words as one group in the middle."""
        shown, side = self._lines(), self._icon_side()
        wide = widest(self._metrics(), shown)
        gap = self.theme.t.space("s") if side and shown else 0
        left = (self.width() - side - gap - wide) / 2
        if side:
            self.theme.paint_icon(painter, self.icon_name, tone, QRectF(left, (self.height() - side) / 2, side, side))
        area = QRectF(left + side + gap, 0, wide + 1, self.height())
        self.theme.write(painter, area, "\n".join(shown), ROLE[self.kind], tone, self._figures(), LEFT if side else CENTRE)


class StepProgress(QWidget):
    """How far a next step has come that fills, or goes on by itself. The button draws it; this is for those who do not see that."""

    def __init__(self, step: "NextStep") -> None:
        super().__init__(step)
        self._step = step
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def tell(self, name: str) -> None:
        """`name` says what it waits for; "" hides it."""
        if name and self.isHidden():
            self.setAccessibleName(name)
            self.setGeometry(self._step.rect())
        self.setVisible(bool(name))

    def spoken_part(self) -> float:
        return self._step.gone_part if self._step.seconds_left else self._step.filled_part

    def spoken_value(self) -> str:
        left = self._step.seconds_left
        return tr("{seconds} s left", seconds=left) if left else f"{round(100 * self.spoken_part())} %"


class NextStep(Button):
    """Bottom right on every page: words left, sign right. Filled (`primary`), or outlined (`quiet`) when no touch is
    needed. The second touch of a double touch does nothing: it would act on the page that came in between.

    A step that cannot be taken back is armed only when it has been seen for some time: it fills until then. `clock` gives seconds.
    One that goes on by itself shows it by an edge that runs along its foot, and by the seconds left (`show_going_on`).
    """

    def __init__(self, theme: Theme, clock: Callable[[], float] = monotonic) -> None:
        super().__init__(theme, "", "arrow-right-bold", "primary")
        self.setFixedWidth(theme.t.width("next"))
        self._clock = clock
        self._arming = Arming()
        self.gone_part, self.seconds_left = 0.0, 0  # how much of the wait for going on is over, 0 to 1; whole seconds left
        self._progress = StepProgress(self)
        self._filling = QTimer(self, interval=ARMING_TICK_MILLISECONDS)
        self._filling.timeout.connect(self._fill)

    def show_action(self, words: str, icon: str, *, enabled: bool, quiet: bool) -> None:
        self.kind = "quiet" if quiet else "primary"
        self.set_face(words, icon)
        self.setEnabled(enabled)
        self.update()

    # -- arming

    def arm_after(self, seconds: float) -> None:
        """Count presses only when the button has been seen for so long, from its next painting on."""
        self._arming.begin(seconds)
        self._tell_progress()
        self.update()

    @property
    def filled_part(self) -> float:
        """From 0 to 1; 1 is armed."""
        return self._arming.part(self._clock())

    @property
    def armed(self) -> bool:
        return self.filled_part >= 1.0

    def _fill(self) -> None:
        self.update()
        if self.armed:
            self._filling.stop()
            self._tell_progress()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._arming.paint(self._clock()):
            self._filling.start()
        super().paintEvent(event)

    def show_going_on(self, gone: float, left: int) -> None:
        """`gone` is the part that is over, from 0 to 1; `left` are whole seconds, 0 where it does not go on by itself."""
        changed = left != self.seconds_left
        self.gone_part, self.seconds_left = gone, left
        if changed:
            self._tell_progress()
        self.update()

    def _tell_progress(self) -> None:
        if self.seconds_left:
            self._progress.tell(tr("Goes on by itself"))
            tell_value(self._progress, self._progress.spoken_value())
        else:
            self._progress.tell("" if self.armed else tr("Can be pressed soon"))

    def _said(self) -> str:
        return f"{self.words} ({self.seconds_left})" if self.seconds_left else self.words

    def _paint_edge(self, painter: QPainter) -> None:
        pad, high = self._padding(), 2 * self.theme.t.stroke("ring")
        edge = QRectF(pad, self.height() - 2 * high, self.gone_part * (self.width() - 2 * pad), high)
        painter.fillRect(edge, self.theme.colour("on_accent" if self.kind == "primary" else "accent"))

    def _paint(self, painter: QPainter) -> None:
        """While it fills the part that is still to come looks as if it were off."""
        part = self.filled_part
        if part >= 1.0 or self.isDown() or not self.isEnabled():
            super()._paint(painter)
            if self.seconds_left:
                self._paint_edge(painter)
            return
        edge = ("accent", "ring") if self.ringed() else ("edge", "hairline")
        paint_box(painter, self.theme, QRectF(self.rect()), "idle", *edge)
        self._paint_face(painter, "on_idle")
        painter.setClipRect(QRect(0, 0, round(part * self.width()), self.height()))
        super()._paint(painter)

    def _padding(self) -> int:
        return self.theme.t.space("l")

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The pressed look, and nothing else."""
        self.mousePressEvent(event)
        self._touch.spoil()

    def _paint_face(self, painter: QPainter, tone: str) -> None:
        pad, side = self._padding(), self._icon_side()
        area = QRectF(pad, 0, self.width() - self._beside_words(), self.height())
        self.theme.write(painter, area, "\n".join(self._lines()), ROLE[self.kind], tone, self._figures())
        self.theme.paint_icon(painter, self.icon_name, tone, QRectF(self.width() - pad - side, (self.height() - side) / 2, side, side))
