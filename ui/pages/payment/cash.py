"""Cash in one touch: the exact sum or the notes that were handed over, and what is given back in the largest type (decision 31)."""

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kiosk.domain.decimals import ZERO
from kiosk.domain.language import tr
from kiosk.domain.money.cash import MAX_QUICK_NOTES, change_for, quick_sums
from kiosk.domain.written import format_money, write_amount
from ui.pages.payment.text import POINT, ZEROS
from ui.widgets import Field, NumericPad, Widgets
from ui.widgets.choices import Segment
from ui.widgets.surfaces import Surface

FIELDS, PAD = 9, 8


class CashView(QWidget):
    """`chosen` gives a sum that was touched, `typed` and `erased` the keys of the pad."""

    chosen = Signal(object)  # Decimal

    def __init__(self, widgets: Widgets) -> None:
        super().__init__()
        self.sums: tuple[Decimal, ...] = ()
        self.buttons = [Segment(widgets, "", "") for _ in range(1 + MAX_QUICK_NOTES)]
        for place, button in enumerate(self.buttons):
            button.setAutoExclusive(False)
            button.setFixedHeight(widgets.t.target("least"))
            button.clicked.connect(lambda _checked=False, place=place: self.chosen.emit(self.sums[place]))
        self.pad = NumericPad(widgets)
        self.received = Field(widgets, tr("Received"))
        self.received.set_active(active=True)
        self._caption = widgets.text(tr("Received"), "body", "muted")
        self._change_name = widgets.text("", "lead", "accent")
        self.change, self._note = widgets.figure("", "", "hero", "accent"), widgets.text("", "body", "muted")
        self._box = Surface(widgets, "signal")
        self._box.set_colours("accent_soft", "accent", "hairline")
        widgets.lay_out(self._box, widgets.stack(self._change_name, self.change, self._note, ..., gap="none"), "m", "s")
        quick = widgets.row(*self.buttons)
        quick.setSpacing(widgets.t.between())
        given = widgets.columns((self._caption, 2), (self.received, 3), gap="s")
        left = widgets.stack(given, self._box, gap="s", grow=(1,))
        below = widgets.columns((widgets.body(left), FIELDS), (self.pad, PAD), gap="m")
        self.setLayout(widgets.stack(quick, below, gap="between", grow=(1,)))

    def show_due(self, due: Decimal, notes: Sequence[Decimal], *, places: int) -> None:
        """The sums that are offered for what is due."""
        self.sums = (due, *quick_sums(due, notes))
        for place, button in enumerate(self.buttons):
            button.setVisible(place < len(self.sums))
        self.pad.set_corner(POINT if places else ZEROS)

    def show_given(self, text: str, given: Decimal | None, due: Decimal, currency: str, problem: str = "") -> None:
        """What was handed over, as it is typed, and what is given back; `problem` says why it is no amount."""
        self.received.set_value(text)
        for place, (button, amount) in enumerate(zip(self.buttons, self.sums, strict=False)):
            words = write_amount(amount, currency)
            button.set_face(tr("Exact {amount}", amount=words) if place == 0 else words, "")
            button.set_chosen(chosen=amount == given)
        short = given is not None and given < due
        number = (due - given if short else change_for(given, due)) if given is not None else ZERO
        self._change_name.set_words(tr("Still to pay") if short else tr("Give back"))
        self.change.set_figure(write_amount(number, currency), currency)
        self._note.set_words(problem or _note(given, due, currency))


def _note(given: Decimal | None, due: Decimal, currency: str) -> str:
    if given is None:
        return tr("Touch what was handed over.")
    if given < due:
        return tr("A part: the platform has to confirm it.")
    if given == due:
        return tr("Exact, nothing to give back.")
    return tr("{amount} are recorded.", amount=format_money(due, currency))
