"""The receipt as paper, in both themes: the same lines as the print."""

from dataclasses import dataclass

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.widgets.facts import Facts
from ui.widgets.labels import set_shown
from ui.widgets.surfaces import Surface, fill
from ui.widgets.widgets import Widgets

MIN_TARGETS = 2.5  # times the least target, 30 mm: a phone reads that from arm's length


class QrCodeView(QWidget):
    """`show_code` changes it in place; `name` says to whom cannot see it what it is."""

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        self._kit, self._rows, self.text = kit, list[bytes](), ""
        least = round(MIN_TARGETS * kit.t.target("least"))
        self.setMinimumSize(least, least)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        set_shown(self, shown=False)

    def show_code(self, text: str, name: str) -> None:
        """The library that makes codes is loaded with the first one: the window opens without it."""
        from kiosk.shared.qr_code import qr_rows

        self.setAccessibleName(name)
        if text != self.text:
            self.text, self._rows = text, qr_rows(text) if text else []
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
        fill(painter, self._kit, "paper", QRect(left, top, size * count, size * count))
        left, top = left + size * QUIET_ZONE, top + size * QUIET_ZONE
        runs = ((line, *run) for line, row in enumerate(self._rows) for run in dark_runs(row))
        fill(painter, self._kit, "ink", *(QRect(left + at * size, top + line * size, long * size, size) for line, at, long in runs))


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperView:
    """`groups` are blocks of (name, value), separated by a rule; names in `strong` stand out. `mark` stands at the top:
    "TRAINING - not a receipt", "copy 2", "not yet confirmed"."""

    heading: str
    below: str
    groups: tuple[tuple[tuple[str, str], ...], ...]
    footer: str = ""
    mark: str = ""
    strong: frozenset[str] = frozenset()


class PaperWidget(Surface):
    """A receipt on the screen. `show_paper` changes it in place."""

    def __init__(self, kit: Widgets, view: PaperView | None = None) -> None:
        super().__init__(kit, "paper")
        self._kit = kit
        self._mark, self._heading = kit.centred("", "label", "ink"), kit.centred("", "strong", "ink")
        self._below, self._footer = kit.centred("", "small", "ink"), kit.centred("", "small", "ink")
        self._last = kit.rule("ink")
        self._blocks: list[tuple[QWidget, Facts]] = []
        head = kit.stack(self._mark, self._heading, self._below, gap="none")
        self._groups = kit.stack()
        layout = kit.stack(head, self._groups, self._last, self._footer, ...)
        pad = kit.t.space("m")
        layout.setContentsMargins(pad, pad, pad, pad)
        self.setLayout(layout)
        self.show_paper(view or PaperView(heading="", below="", groups=()))

    def show_paper(self, view: PaperView) -> None:
        self._mark.set_words(view.mark)
        self._heading.set_words(view.heading)
        self._below.set_words(view.below)
        self._footer.set_words(view.footer)
        set_shown(self._mark, shown=bool(view.mark))
        for part in (self._last, self._footer):
            set_shown(part, shown=bool(view.footer))
        self._show_groups(view)
        self.setAccessibleName(f"{view.heading}, {view.below}")

    def _show_groups(self, view: PaperView) -> None:
        while len(self._blocks) < len(view.groups):
            self._blocks.append((self._kit.rule("ink"), Facts(self._kit, (), role="small", tone="ink")))
            for part in self._blocks[-1]:
                self._groups.addWidget(part)
        for index, (rule, facts) in enumerate(self._blocks):
            there = index < len(view.groups)
            facts.show_facts(view.groups[index] if there else (), strong=view.strong)
            for part in (rule, facts):
                set_shown(part, shown=there)
