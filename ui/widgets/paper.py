"""The receipt as paper, in both themes: the same lines as the print."""

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from ui.widgets.facts import Facts
from ui.widgets.labels import set_shown
from ui.widgets.surfaces import Surface
from ui.widgets.widgets import Widgets


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
