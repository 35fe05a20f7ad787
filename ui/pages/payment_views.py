"""The views of the payment page: what is due with the entry of a receipt, and the wait for the platform's word."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLayout, QWidget

from ui.kit import LETTERS, NONE, BusyPanel, ErrorPanel, Field, Kit, NumericPad, Segments
from ui.kit.ground import Ground
from ui.pages.payment_words import POINT, DueFacts, Pairs
from ui.pages.views import method_choice

LEFT, RIGHT = 5, 7
FIELDS, PAD = 9, 8
GOES_ON = "The swap goes on when the platform confirms it."


class DuePanel(Ground):
    """How much, and why: built anew for each swap, since its lines differ in number."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self._kit = kit
        self._inside = QWidget()
        self._layout = kit.stack(self._inside)
        pad = kit.t.space("pad")
        self._layout.setContentsMargins(pad, pad, pad, pad)
        self.setLayout(self._layout)

    def show_due(self, facts: DueFacts) -> None:
        fresh = self._kit.body(self._build(facts))
        self._layout.replaceWidget(self._inside, fresh)
        self._inside.hide()
        self._inside.deleteLater()
        self._inside = fresh

    def _build(self, facts: DueFacts) -> QLayout:
        kit = self._kit
        covered, missing = kit.text(facts.covered[0], "small", "muted"), kit.text(facts.missing[0], "label")
        captions = kit.row(covered, ..., missing, gap="m")
        return kit.stack(
            kit.text("To pay", "body", "muted"),
            kit.figure(facts.number, facts.currency, "hero"),
            kit.bar(facts.covered[1], facts.missing[1]),
            captions,
            ...,
            kit.rule(),
            kit.facts(*facts.lines),
            kit.rule(),
            *(kit.row(kit.text(name, "strong"), ..., kit.text(value, "strong", wrap=False), gap="m") for name, value in facts.products),
        )


class EntryView(QWidget):
    """How it was paid: method, amount, receipt id, and the keys for the active one of the two fields."""

    method_chosen = Signal(str)
    field_chosen = Signal(str)  # "amount" or "receipt"
    typed = Signal(str)
    erased = Signal()
    letters = Signal()

    def __init__(self, kit: Kit, methods: Sequence[str]) -> None:
        super().__init__()
        self.due = DuePanel(kit)
        self.methods = Segments(kit, tuple(method_choice(name) for name in methods))
        self.methods.chosen.connect(self.method_chosen)
        self.pad = NumericPad(kit, LETTERS)
        self.pad.typed.connect(self.typed)
        self.pad.erased.connect(self.erased)
        self.pad.letters.connect(self.letters)
        self.fields = {"amount": Field(kit, "Amount received"), "receipt": Field(kit, "Receipt id")}
        for key, field in self.fields.items():
            field.clicked.connect(lambda _checked=False, key=key: self.field_chosen.emit(key))
        self._captions = {key: kit.text(field.name, "label", "muted") for key, field in self.fields.items()}
        self._goes_on = kit.say(GOES_ON, "muted", "info-bold")
        entries = (kit.stack(self._captions[key], field, gap="xs") for key, field in self.fields.items())
        left = kit.stack(*entries, ..., self._goes_on, gap="m")
        keys = kit.columns((kit.body(left), FIELDS), (self.pad, PAD), gap="m")
        self.setLayout(kit.columns((self.due, LEFT), (kit.panel(self.methods, keys), RIGHT)))

    def show_entry(self, amount: str, receipt_id: str, active: str, *, places: int) -> None:
        """The two fields; the pad's corner goes with the active one: the decimal sign where there are decimals, or the letters."""
        for key, value in (("amount", amount), ("receipt", receipt_id)):
            self.fields[key].set_value(value)
            self.fields[key].set_active(active=key == active)
        self.pad.set_corner(LETTERS if active == "receipt" else POINT if places else NONE)

    def show_terms(self, currency: str, *, confirmed: bool) -> None:
        """The currency, and whether the platform has to confirm."""
        self._captions["amount"].set_words(f"Amount received, {currency}")
        self._goes_on.setVisible(confirmed)


class WaitingView(QWidget):
    """The wait for the platform's word on a recorded receipt."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.busy = BusyPanel(kit)
        self._facts = kit.facts(("Amount", ""), ("Receipt id", ""), ids=frozenset({"Receipt id"}))
        side = kit.panel(
            kit.text("Waiting for the platform to confirm", "lead"),
            kit.rule(),
            self._facts,
            kit.rule(),
            kit.say("The swap goes on by itself when the platform confirms it.", "text", "cloud-check-bold"),
            kit.say("Kept for later, it waits on this kiosk. Nothing is lost.", "text", "pause-bold"),
            ...,
        )
        self.setLayout(kit.columns((self.busy, RIGHT), (side, LEFT)))

    def show_recorded(self, facts: Pairs) -> None:
        for name, value in facts:
            self._facts.set_value(name, value)


class RefusedView(QWidget):
    """A refusal; under it, where a supervisor may vouch for the payment, the button for that."""

    supervisor = Signal()

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.panel = ErrorPanel(kit)
        self._vouch = kit.button("A supervisor vouches for it", "identification-badge-bold")
        self._vouch.clicked.connect(self.supervisor)
        layout = kit.stack(self.panel, kit.row(..., self._vouch), gap="m")
        layout.setStretch(0, 1)
        self.setLayout(layout)
        self.show_vouch(shown=False)

    def show_vouch(self, *, shown: bool) -> None:
        self._vouch.setVisible(shown and self._vouch.parentWidget() is not None)
