"""Blocks that show one thing of a swap: a battery, a quota of the plan, the receipt as paper, the code to pay by, a wait with its clock.

Each takes a frozen view that is ready to read and changes in place.
"""

from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLayout, QSizePolicy, QSpacerItem, QWidget

from kiosk.domain.language import tr
from ui.widgets.labels import Facts, set_shown
from ui.widgets.surfaces import Surface, fill
from ui.widgets.widgets import Widgets

MIN_TARGETS = 2.5  # times the least target, 30 mm: a phone reads a code of that size from arm's length
DONE, NOW, AHEAD = ("check-circle-fill", "ok"), ("spinner-gap-bold", "accent"), ("circle-bold", "muted")
NEARLY, USED_UP = 0.9, 1.0
_MAX_MEASURED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryView:
    """What is known of a battery, ready to read. An empty field is not shown; `percent` None leaves the gauge out."""

    name: str
    battery_id: str
    kwh: str  # "4.8"
    percent: int | None = None
    estimated: bool = False  # kWh comes from the state of charge (decision 11)
    measured: tuple[tuple[str, str], ...] = ()  # ("Voltage", "51.2 V"), at most four; large card only
    fit: bool = True
    fitness: str = ""  # "Fit for use", or the reason


class BatteryCard(Surface):
    """One battery: name and id, kWh large, percent, the battery drawn to scale, what was measured, fit or unfit.

    `large` for the page of one reading, small for the review. `show_battery` changes it in place.
    """

    def __init__(self, widgets: Widgets, view: BatteryView, *, large: bool = False) -> None:
        super().__init__(widgets)
        self._name, self._id = widgets.text("", "body", "muted"), widgets.id("")
        self._id.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._kwh = widgets.figure("", "kWh", "hero" if large else "number")
        self._estimate = widgets.say(tr("Estimate"), "attention")
        self._percent = widgets.text("", "number" if large else "lead", wrap=False)
        self._gauge = widgets.gauge(small=not large)
        self._cells = [Cell(widgets) for _ in range(_MAX_MEASURED)] if large else []
        self._rule, self._fitness = widgets.rule(), widgets.say("", "ok")
        head = widgets.row(self._name, ..., self._id, gap="m")
        charge = widgets.row(self._kwh, self._estimate, ..., self._percent, gap="m")
        if large:
            cells = widgets.columns(*((cell, 1) for cell in self._cells), gap="m")
            layout = widgets.stack(head, charge, self._gauge, self._fitness, ..., self._rule, cells)
        else:
            layout = widgets.stack(head, charge, ..., self._gauge, self._fitness, gap="xs")
        widgets.lay_out(self, layout, "pad")
        self.show_battery(view)

    def show_battery(self, view: BatteryView) -> None:
        """Show another reading in place."""
        self._name.set_words(view.name)
        self._id.set_words(view.battery_id)
        self._kwh.set_figure(view.kwh, "kWh")
        self._estimate.setVisible(view.estimated)
        self._percent.set_words("" if view.percent is None else f"{view.percent} %")
        self._gauge.set_level((view.percent or 0) / 100)
        self._gauge.describe(tr("Charge"), f"{view.percent} %")
        self._gauge.setVisible(view.percent is not None)
        self._fitness.say(view.fitness, "ok" if view.fit else "stop")
        self._fitness.setVisible(bool(view.fitness))
        self._rule.setVisible(bool(self._cells and view.measured))
        for index, cell in enumerate(self._cells):
            shown = index < len(view.measured)
            cell.setVisible(shown)
            cell.show_cell(*(view.measured[index] if shown else ("", "")))


class Cell(QWidget):
    """A value under its name."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self._name, self._value = widgets.text("", "small", "muted"), widgets.text("", "title", wrap=False)
        self.setLayout(widgets.stack(self._name, self._value, gap="xs"))

    def show_cell(self, name: str, value: str) -> None:
        self._name.set_words(name)
        self._value.set_words(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaView:
    """A quota, ready to read. `left` and `used` are words ("55.5", "344.5 of 400 kWh used"); `level` is used / quota, 0 to 1.

    For what a swap does to it: `before` is what was left before it, `extra` what it adds / quota, and `left` and `used` are those after it.
    """

    name: str
    left: str = ""
    unit: str = ""
    used: str = ""
    level: float = 0.0
    unlimited: bool = False
    before: str = ""
    extra: float = 0.0


class QuotaParts:
    """What is left, large; a bar of what is used, to scale, with what a swap takes hatched.

    Unlimited shows the word and its sign, never a bar or a number (decision 7).
    """

    def __init__(self, widgets: Widgets, name_role: str, used_role: str, align: str) -> None:
        self.name, self.figure = widgets.text("", name_role), widgets.figure(align=align)
        self.unlimited = widgets.say(tr("Unlimited"), "text", "infinity-bold", "lead")
        self.bar, self.used = widgets.bar(), widgets.text("", used_role, "muted")

    def show(self, view: QuotaView) -> None:
        self.name.set_words(view.name)
        self.figure.set_figure(view.left, view.unit, before=f"{view.before} →" if view.before else "")
        self.bar.set_level(view.level, view.extra)
        self.bar.describe(view.name, view.used)
        self.used.set_words(view.used)
        for widget in (self.figure, self.bar, self.used):
            widget.setVisible(not view.unlimited)
        self.unlimited.setVisible(view.unlimited)


class QuotaBar(QWidget):
    """One quota of a plan. Nearly used up (90 %) and used up are written beside the number, not shown by colour alone."""

    def __init__(self, widgets: Widgets, view: QuotaView) -> None:
        super().__init__()
        self._parts, self._warning = QuotaParts(widgets, "lead", "body", "right"), widgets.say("", "attention")
        parts = self._parts
        head = widgets.row(parts.name, ..., parts.unlimited, parts.figure, gap="m")
        self.setLayout(widgets.stack(head, parts.bar, widgets.row(parts.used, ..., self._warning, gap="m")))
        self.show_quota(view)

    def show_quota(self, view: QuotaView) -> None:
        """Change it in place."""
        self._parts.show(view)
        used_up = view.level >= USED_UP
        self._warning.say(tr("Used up") if used_up else tr("Nearly used up"), "stop" if used_up else "attention")
        self._warning.setVisible(view.level >= NEARLY and not view.unlimited)


class QuotaChange(Surface):
    """What this swap does to a quota: "55.5 → 29.9 kWh" and the bar with this swap hatched."""

    def __init__(self, widgets: Widgets, view: QuotaView) -> None:
        super().__init__(widgets)
        self._parts = parts = QuotaParts(widgets, "strong", "small", "left")
        widgets.lay_out(self, widgets.stack(parts.name, parts.figure, parts.unlimited, ..., parts.bar, parts.used), "pad")
        self.show_change(view)

    def show_change(self, view: QuotaView) -> None:
        """Change it in place."""
        self._parts.show(view)


class QrCodeView(QWidget):
    """`show_code` changes it in place; `name` says to whom cannot see it what it is."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__(sizePolicy=QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding))
        self._widgets, self._rows, self.text = widgets, tuple[bytes, ...](), ""
        least = round(MIN_TARGETS * widgets.t.target("least"))
        self.setMinimumSize(least, least)
        set_shown(self, shown=False)

    def show_code(self, text: str, name: str) -> None:
        """The library that makes codes is loaded with the first one: the window opens without it."""
        from kiosk.shared.qr_code import qr_rows

        self.setAccessibleName(name)
        if text != self.text:
            self.text, self._rows = text, qr_rows(text) if text else ()
            self.update()
        set_shown(self, shown=bool(self._rows))

    def paintEvent(self, _event: QPaintEvent) -> None:
        from kiosk.shared.qr_code import QUIET_ZONE, dark_runs

        if not self._rows:
            return
        painter, sharp = QPainter(self), self.devicePixelRatioF()
        painter.scale(1 / sharp, 1 / sharp)  # from here on in pixels of the glass
        wide, high, count = int(self.width() * sharp), int(self.height() * sharp), len(self._rows) + 2 * QUIET_ZONE
        size = min(wide, high) // count
        left, top = (wide - size * count) // 2, (high - size * count) // 2
        fill(painter, self._widgets, "paper", QRect(left, top, size * count, size * count))
        left, top = left + size * QUIET_ZONE, top + size * QUIET_ZONE
        runs = ((line, *run) for line, row in enumerate(self._rows) for run in dark_runs(row))
        fill(painter, self._widgets, "ink", *(QRect(left + at * size, top + line * size, long * size, size) for line, at, long in runs))


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperView:
    """`groups` are blocks of (name, value), separated by a rule; names in `strong` stand out. `mark` stands at the top:
    "TRAINING - not a receipt", "copy 2", "not yet confirmed". `dense` is for many lines: close together, and none larger."""

    heading: str
    below: str
    groups: tuple[tuple[tuple[str, str], ...], ...]
    footer: str = ""
    mark: str = ""
    strong: frozenset[str] = frozenset()
    dense: bool = False


class PaperWidget(Surface):
    """A receipt on the screen, as paper in both themes: the same lines as the print. `show_paper` changes it in place."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__(widgets, "paper")
        self._widgets = widgets
        self._mark, self._heading = widgets.centred("", "label", "ink"), widgets.centred("", "strong", "ink")
        self._below, self._footer = widgets.centred("", "small", "ink"), widgets.centred("", "small", "ink")
        self._groups, self._last = widgets.stack(gap="none"), widgets.rule("ink")
        self._blocks: list[tuple[QWidget, Facts]] = []
        head = widgets.stack(self._mark, self._heading, self._below, gap="none")
        parts = widgets.stack(gap="none")
        parts.addLayout(head)
        for part in (self._groups, self._last, self._footer):
            parts.addSpacerItem(self._gap())
            parts.addLayout(part) if isinstance(part, QLayout) else parts.addWidget(part)
        parts.addStretch()
        widgets.lay_out(self, parts, "m", "s")
        self.show_paper(PaperView(heading="", below="", groups=()))

    def show_paper(self, view: PaperView) -> None:
        self._mark.set_words(view.mark)
        self._heading.set_words(view.heading)
        self._below.set_words(view.below)
        self._footer.set_words(view.footer)
        for part, shown in ((self._mark, view.mark), (self._last, view.footer), (self._footer, view.footer)):
            set_shown(part, shown=bool(shown))
        self._show_groups(view)
        self.setAccessibleName(f"{view.heading}, {view.below}")

    def _gap(self) -> QSpacerItem:
        """Room between two parts, which gives way before a line is cut."""
        return QSpacerItem(0, self._widgets.t.space("s"), QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Maximum)

    def _show_groups(self, view: PaperView) -> None:
        while len(self._blocks) < len(view.groups):
            self._blocks.append((self._widgets.rule("ink"), Facts(self._widgets, (), role="small", tone="ink", short=True)))
            for part in self._blocks[-1]:
                if self._groups.count():
                    self._groups.addSpacerItem(self._gap())
                self._groups.addWidget(part)
        for index, (rule, facts) in enumerate(self._blocks):
            there = index < len(view.groups)
            facts.set_dense(dense=view.dense)
            facts.show_facts(view.groups[index] if there else (), strong=view.strong)
            set_shown(rule, shown=there)
            set_shown(facts, shown=there)


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

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self._icon = widgets.icon(*AHEAD)
        self._words, self._time = widgets.text("", "lead", "muted"), widgets.text("", "lead", "muted", wrap=False)
        layout = widgets.row(self._icon, self._words, self._time, gap="m")
        layout.setStretch(1, 1)
        self.setLayout(layout)

    def show_phase(self, words: str, time: str, look: tuple[str, str]) -> None:
        self._icon.set_icon(*look)
        for label, shown, tone in ((self._words, words, "text" if look == DONE else look[1]), (self._time, time, look[1])):
            label.set_words(shown)
            label.set_tone(tone)


class BusyPanel(Surface):
    """A wait: seconds large, a bar to the limit with a mark at the usual time, the phases and how long each took, "Step 2 of 3".

    `start` sets it up, `tick` moves it: the caller owns the clock and calls it at least once a second. Past the usual time it says in amber
    what to try. At the limit nothing happens here: whoever waits stops and shows an error panel.
    """

    def __init__(self, widgets: Widgets) -> None:
        super().__init__(widgets)
        self._wait = Wait(phases=(), usual_seconds=1, limit_seconds=1)
        self._took: list[float] = []
        self._seconds, self._step = widgets.figure("0", "s", "hero"), widgets.text("", "lead", "muted", wrap=False)
        self._bar, self._scale, self._late = widgets.bar(), Scale(widgets), widgets.say("", "attention")
        self._phases = [Phase(widgets) for _ in range(3)]
        head, phases = widgets.row(self._seconds, ..., self._step), widgets.stack(*self._phases, gap="m")
        widgets.lay_out(self, widgets.stack(head, self._bar, self._scale, self._late, ..., phases, ...), "pad")

    def start(self, wait: Wait) -> None:
        """Begin a wait at 0 s in its first phase. Raises ValueError for more than three phases."""
        self._wait, self._took = wait, []
        if len(wait.phases) > len(self._phases):
            raise ValueError(f"A wait has at most {len(self._phases)} phases, not {len(wait.phases)}")
        self._scale.show_scale(wait.usual_seconds, wait.limit_seconds)
        for index, phase in enumerate(self._phases):
            phase.setVisible(index < len(wait.phases))
        self.tick(0.0, 0)

    def tick(self, elapsed_seconds: float, phase: int) -> None:
        """`elapsed_seconds` since the start; `phase` counts from 0 (all done: the number of phases)."""
        wait = self._wait
        while len(self._took) < phase:
            self._took.append(elapsed_seconds)
        self._seconds.set_figure(str(int(elapsed_seconds)), "s")
        self._bar.set_level(elapsed_seconds / wait.limit_seconds, mark=wait.usual_seconds / wait.limit_seconds)
        self._bar.describe(tr("Wait"), tr("{seconds} of {limit} s", seconds=int(elapsed_seconds), limit=wait.limit_seconds))
        self._step.set_words(tr("Step {step} of {count}", step=min(phase + 1, len(wait.phases)), count=len(wait.phases)))
        self._late.say(wait.late_words if elapsed_seconds > wait.usual_seconds else "", "attention")
        for index, words in enumerate(wait.phases):
            self._phases[index].show_phase(words, *self._phase_look(index, phase))

    def _phase_look(self, index: int, phase: int) -> tuple[str, tuple[str, str]]:
        if index < phase:
            return f"{max(1, round(self._took[index] - (self._took[index - 1] if index else 0.0)))} s", DONE
        if index == phase:
            return tr("now"), NOW
        usual = self._wait.usual_phase_seconds
        return (tr("about {seconds} s", seconds=usual[index]) if index < len(usual) else ""), AHEAD


class Scale(QWidget):
    """The captions under the bar: 0 s, the usual time under its mark, the limit. The 0 gives way when room is short."""

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self._widgets = widgets
        self._usual, self._limit = 1, 1
        self.setFixedHeight(widgets.metrics("small").height)

    def show_scale(self, usual_seconds: int, limit_seconds: int) -> None:
        self._usual, self._limit = usual_seconds, limit_seconds
        self.setAccessibleName(tr("Usually {usual} s, stops at {limit} s", usual=usual_seconds, limit=limit_seconds))
        self.update()

    def _captions(self) -> list[tuple[str, str, str, float]]:
        """(words, role, tone, left edge in px)."""
        usual, limit = tr("usually {seconds} s", seconds=self._usual), tr("stops at {seconds} s", seconds=self._limit)
        metrics, label, gap = self._widgets.metrics("small"), self._widgets.metrics("label"), self._widgets.t.space("s")
        right = self.width() - metrics.width(limit)
        middle = self.width() * self._usual / self._limit - label.width(usual) / 2
        middle = max(0.0, min(middle, right - gap - label.width(usual)))
        shown = [(usual, "label", "text", middle), (limit, "small", "muted", float(right))]
        if middle > metrics.width("0 s") + gap:
            shown.insert(0, ("0 s", "small", "muted", 0.0))
        return shown

    def overflowing(self) -> list[str]:
        needed = sum(self._widgets.metrics(role).width(words) for words, role, _, _ in self._captions()[-2:])
        return [words for words, *_ in self._captions()] if needed > self.width() else []

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        for words, role, tone, left in self._captions():
            painter.setFont(self._widgets.font(role))
            painter.setPen(self._widgets.colour(tone))
            painter.drawText(round(left), self._widgets.metrics(role).ascent, words)
