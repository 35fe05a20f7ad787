"""The view of the last page: the result, the battery to hand over, the platform's answer; the receipt and how its print stands."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kiosk.domain.language import tr
from ui.pages.done.text import PlatformAnswer, StateText, answer_text
from ui.widgets import Band, Notice, PaperView, PaperWidget, Widgets

LEFT, RIGHT = 7, 5


class DoneView(QWidget):
    """Hand over the battery, and go on."""

    again = Signal()

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        longest = answer_text(PlatformAnswer(), None).words
        self._band, self.notice = Band(kit, "ok", tr("Swap complete"), role="number"), Notice(kit, longest=longest)
        self._to, self._id = kit.text("", "lead", "muted"), kit.id("", "hero")
        result = kit.panel(self._band, ..., self._to, self._id, ..., self.notice, gap="s")
        self._paper = PaperWidget(kit)
        self._print = kit.say("", "muted", role="strong")
        self._again = kit.button(tr("Print again"), "printer-bold")
        self._again.clicked.connect(self.again)
        printed = kit.row(self._print, self._again, gap="m")
        printed.setStretch(0, 1)
        right = kit.stack(self._paper, printed, gap="m")
        right.setStretch(0, 1)
        self.setLayout(kit.columns((result, LEFT), (kit.body(right), RIGHT)))

    def show_result(self, delivered: str, give_to: str, battery_id: str) -> None:
        self._band.show_band("ok", tr("Swap complete"), delivered)
        self._to.set_words(give_to)
        self._id.set_words(battery_id)

    def show_answer(self, text: StateText) -> None:
        """How the platform's answer stands, painted at once: it is what is waited for."""
        self.notice.show_now(text.tone, text.words, text.icon)

    def show_paper(self, view: PaperView) -> None:
        self._paper.show_paper(view)

    def show_print(self, text: StateText, *, again: bool) -> None:
        """How the print stands; `again` offers one more."""
        self._print.say(text.words, text.tone, text.icon)
        self._again.setVisible(again)
