"""The receipt as paper, in both themes: the same lines as the print."""

from dataclasses import dataclass

from PySide6.QtWidgets import QLayout, QWidget

from ui.kit.base import Kit
from ui.kit.facts import Facts
from ui.kit.ground import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperView:
    """`groups` are blocks of (name, value), separated by a rule; names in `strong` stand out. `mark` is said at the top:
    "TRAINING - not a receipt", "copy 2", "not yet confirmed"."""

    heading: str
    below: str
    groups: tuple[tuple[tuple[str, str], ...], ...]
    footer: str = ""
    mark: str = ""
    strong: frozenset[str] = frozenset()


class Paper(Ground):
    """A receipt on the screen. `show_paper` fills it anew."""

    def __init__(self, kit: Kit, view: PaperView | None = None) -> None:
        super().__init__(kit, "paper")
        self._kit = kit
        self._inside = QWidget()
        self._layout = kit.stack(self._inside)
        pad = kit.t.space("m")
        self._layout.setContentsMargins(pad, pad, pad, pad)
        self.setLayout(self._layout)
        if view is not None:
            self.show_paper(view)

    def show_paper(self, view: PaperView) -> None:
        fresh = self._kit.body(self._build(view))
        self._layout.replaceWidget(self._inside, fresh)
        self._inside.hide()
        self._inside.deleteLater()
        self._inside = fresh
        self.setAccessibleName(f"{view.heading}, {view.below}")

    def _build(self, view: PaperView) -> QLayout:
        kit = self._kit
        head = [kit.centred(view.heading, "strong", "ink"), kit.centred(view.below, "small", "ink")]
        if view.mark:
            head.insert(0, kit.centred(view.mark, "label", "ink"))
        layout = kit.stack(kit.stack(*head, gap="none"))
        for group in view.groups:
            layout.addWidget(kit.rule("ink"))
            layout.addWidget(Facts(kit, group, role="small", tone="ink", strong=view.strong))
        if view.footer:
            layout.addWidget(kit.rule("ink"))
            layout.addWidget(kit.centred(view.footer, "small", "ink"))
        layout.addStretch(1)
        return layout
