"""The busy panel: a wait with a clock, a usual time, a limit and its phases.

`start` sets it up, `tick` moves it: the caller owns the clock and calls it at least once a second. The panel notes how long
each phase took. Past the usual time it says in amber what to try. At the limit nothing happens here: whoever waits stops
and shows an error panel.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from kiosk.domain.language import tr
from ui.widgets.surfaces import Surface
from ui.widgets.widgets import Widgets

DONE, NOW, AHEAD = ("check-circle-fill", "ok"), ("spinner-gap-bold", "accent"), ("circle-bold", "muted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A wait: its phases in order, its usual time and its limit in seconds, what to try when it takes longer."""

    phases: tuple[str, ...]
    usual_seconds: int
    limit_seconds: int
    late_words: str = ""
    usual_phase_seconds: tuple[int, ...] = ()


class Phase(QWidget):
    """One phase: done with its time, now, or to come."""

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        self._icon = kit.icon(AHEAD[0], AHEAD[1])
        self._words, self._time = kit.text("", "lead", "muted"), kit.text("", "lead", "muted", wrap=False)
        layout = kit.row(self._icon, self._words, self._time, gap="m")
        layout.setStretch(1, 1)
        self.setLayout(layout)

    def show_phase(self, words: str, time: str, look: tuple[str, str]) -> None:
        icon, tone = look
        self._icon.set_icon(icon, tone)
        self._words.set_words(words)
        self._words.set_tone("text" if look == DONE else tone)
        self._time.set_words(time)
        self._time.set_tone(tone)


class BusyPanel(Surface):
    """Seconds large, a bar to the limit with a mark at the usual time, the phases, "Step 2 of 3"."""

    def __init__(self, kit: Widgets) -> None:
        super().__init__(kit)
        self._kit = kit
        self._wait = Wait(phases=(), usual_seconds=1, limit_seconds=1)
        self._took: list[float] = []
        self._seconds = kit.figure("0", "s", "hero")
        self._step = kit.text("", "lead", "muted", wrap=False)
        self._bar = kit.bar()
        self._scale = Scale(kit)
        self._late = kit.say("", "attention")
        self._phases = [Phase(kit) for _ in range(3)]
        stack = kit.stack(*self._phases, gap="m")
        head = kit.row(self._seconds, ..., self._step)
        layout = kit.stack(head, self._bar, self._scale, self._late, ..., stack, ..., gap="s")
        pad = kit.t.space("pad")
        layout.setContentsMargins(pad, pad, pad, pad)
        self.setLayout(layout)

    def start(self, wait: Wait) -> None:
        """Begin a wait at 0 s in its first phase. Raises ValueError for more than three phases."""
        self._wait, self._took = wait, []
        if len(wait.phases) > len(self._phases):
            raise ValueError(f"A wait has at most {len(self._phases)} phases, not {len(wait.phases)}")
        self._scale.show_scale(wait.usual_seconds, wait.limit_seconds)
        for phase, row in zip(range(3), self._phases, strict=True):
            row.setVisible(phase < len(wait.phases))
        self.tick(0.0, 0)

    def tick(self, elapsed_seconds: float, phase: int) -> None:
        """`elapsed_seconds` since the start; `phase` counts from 0 (all done: the number of phases)."""
        wait = self._wait
        while len(self._took) < phase:
            self._took.append(elapsed_seconds)
        self._seconds.set_figure(str(int(elapsed_seconds)), "s")
        self._bar.set_level(elapsed_seconds / wait.limit_seconds, mark=wait.usual_seconds / wait.limit_seconds)
        self._step.set_words(tr("Step {step} of {count}", step=min(phase + 1, len(wait.phases)), count=len(wait.phases)))
        late = wait.late_words if elapsed_seconds > wait.usual_seconds else ""
        self._late.say(late, "attention")
        for index, words in enumerate(wait.phases):
            self._phases[index].show_phase(words, *self._phase_look(index, phase))

    def _phase_look(self, index: int, phase: int) -> tuple[str, tuple[str, str]]:
        if index < phase:
            began = self._took[index - 1] if index else 0.0
            return f"{max(1, round(self._took[index] - began))} s", DONE
        if index == phase:
            return tr("now"), NOW
        usual: Sequence[int] = self._wait.usual_phase_seconds
        return (tr("about {seconds} s", seconds=usual[index]) if index < len(usual) else ""), AHEAD


class Scale(QWidget):
    """The captions under the bar: 0 s, the usual time under its mark, the limit. The 0 gives way when room is short."""

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        self._kit = kit
        self._usual, self._limit = 1, 1
        self.setFixedHeight(kit.metrics("small").height)

    def show_scale(self, usual_seconds: int, limit_seconds: int) -> None:
        self._usual, self._limit = usual_seconds, limit_seconds
        self.setAccessibleName(tr("Usually {usual} s, stops at {limit} s", usual=usual_seconds, limit=limit_seconds))
        self.update()

    def _captions(self) -> list[tuple[str, str, str, float]]:
        """(words, role, tone, left edge in px)."""
        usual, limit = tr("usually {seconds} s", seconds=self._usual), tr("stops at {seconds} s", seconds=self._limit)
        metrics, label = self._kit.metrics("small"), self._kit.metrics("label")
        right = self.width() - metrics.width(limit)
        gap = self._kit.t.space("s")
        middle = self.width() * self._usual / self._limit - label.width(usual) / 2
        middle = max(0.0, min(middle, right - gap - label.width(usual)))
        shown = [(usual, "label", "text", middle), (limit, "small", "muted", float(right))]
        if middle > metrics.width("0 s") + gap:
            shown.insert(0, ("0 s", "small", "muted", 0.0))
        return shown

    def overflowing(self) -> list[str]:
        captions = self._captions()
        needed = sum(self._kit.metrics(role).width(words) for words, role, _, _ in captions[-2:])
        return [words for words, *_ in captions] if needed > self.width() else []

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        for words, role, tone, left in self._captions():
            painter.setFont(self._kit.font(role))
            painter.setPen(self._kit.colour(tone))
            painter.drawText(round(left), self._kit.metrics(role).ascent, words)
