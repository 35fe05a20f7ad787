"""The views of the payment page: what is due with the entry of a receipt, the wait until it is confirmed, a payment that arrived."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLayout, QStackedLayout, QWidget

from kiosk.domain.language import tr
from ui.pages.formatting import method_choice
from ui.pages.payment.text import POINT, ArrivedFacts, DueFacts, Note, Pairs
from ui.widgets import LETTERS, NONE, Band, BusyPanel, ErrorPanel, Field, Notice, NumericPad, QrCodeView, Segments, Widgets
from ui.widgets.surfaces import Surface

LEFT, RIGHT = 5, 7
FIELDS, PAD = 9, 8


class DuePanel(Surface):
    """How much, and why: built anew for each swap, since its lines differ in number."""

    def __init__(self, kit: Widgets) -> None:
        super().__init__(kit)
        self._kit = kit
        self._inside = QWidget()
        self._layout = kit.stack(self._inside)
        pad = kit.t.space("pad")
        self._layout.setContentsMargins(pad, pad, pad, pad)
        self.setLayout(self._layout)

    def show_due(self, facts: DueFacts) -> None:
        self._inside = self._kit.replace(self._layout, self._inside, self._build(facts))

    def _build(self, facts: DueFacts) -> QLayout:
        kit = self._kit
        covered, missing = kit.text(facts.covered[0], "small", "muted"), kit.text(facts.missing[0], "label")
        captions = kit.row(covered, ..., missing, gap="m")
        received = (kit.say(facts.received, "ok"),) if facts.received else ()
        return kit.stack(
            kit.text(facts.caption, "body", "muted"),
            kit.figure(facts.number, facts.currency, "hero"),
            *received,
            kit.bar(facts.covered[1], facts.missing[1]),
            captions,
            ...,
            kit.rule(),
            kit.facts(*facts.lines),
            kit.rule(),
            *(kit.row(kit.text(name, "strong"), ..., kit.text(value, "strong", wrap=False), gap="m") for name, value in facts.products),
            gap="xs" if facts.received else "s",
        )


class EntryView(QWidget):
    """How it was paid: method, amount, receipt id; beside them the code to pay by, or, once a field is touched, its keys."""

    method_chosen = Signal(str)
    field_chosen = Signal(str)  # "amount", "receipt", or "" for the code
    typed = Signal(str)
    erased = Signal()
    letters = Signal()

    def __init__(self, kit: Widgets, methods: Sequence[str]) -> None:
        super().__init__()
        self.due = DuePanel(kit)
        self.methods = Segments(kit, tuple(method_choice(name) for name in methods))
        self.methods.chosen.connect(self.method_chosen)
        self.pad = NumericPad(kit, LETTERS)
        self.pad.typed.connect(self.typed)
        self.pad.erased.connect(self.erased)
        self.pad.letters.connect(self.letters)
        self.fields = {"amount": Field(kit, tr("Amount received")), "receipt": Field(kit, tr("Receipt id"), hint=tr("Touch to type"))}
        for key, field in self.fields.items():
            field.clicked.connect(lambda _checked=False, key=key: self.field_chosen.emit(key))
        self._captions = {key: kit.text(field.name, "label", "muted") for key, field in self.fields.items()}
        self.code, self.to_code = QrCodeView(kit), kit.button("", "qr-code-bold", name=tr("Show the code to pay by"))
        self.to_code.setFixedHeight(self.fields["amount"].height())
        self.to_code.clicked.connect(lambda: self.field_chosen.emit(""))
        self._note = kit.say("", "muted")
        below = kit.columns((kit.body(self._fields(kit)), FIELDS), (self._faces(kit), PAD), gap="m")
        self.setLayout(kit.columns((self.due, LEFT), (kit.panel(self.methods, below), RIGHT)))

    def _fields(self, kit: Widgets) -> QLayout:
        amount = kit.row(self.fields["amount"], self.to_code, gap="s")
        amount.setStretch(0, 1)
        entries = (
            kit.stack(self._captions["amount"], amount, gap="xs"),
            kit.stack(self._captions["receipt"], self.fields["receipt"], gap="xs"),
        )
        return kit.stack(*entries, ..., self._note, gap="m")

    def _faces(self, kit: Widgets) -> QWidget:
        by_code = kit.stack(kit.centred(tr("Pay by this code"), "label", "muted"), self.code)
        by_code.setStretch(1, 1)
        self._by_code = kit.body(by_code)
        faces = QWidget()
        self._face = QStackedLayout(faces)  # with its widget from the beginning: it shows what it is given
        self._face.addWidget(self.pad)
        self._face.addWidget(self._by_code)
        return faces

    def show_entry(self, amount: str, receipt_id: str, active: str, *, places: int) -> None:
        """The two fields; the pad's corner goes with the active one: the decimal sign where there are decimals, or the letters.

        Where none is active the code to pay by is shown, if there is one.
        """
        for key, value in (("amount", amount), ("receipt", receipt_id)):
            self.fields[key].set_value(value)
            self.fields[key].set_active(active=key == active)
        self.pad.set_corner(LETTERS if active == "receipt" else POINT if places else NONE)
        code = bool(self.code.text) and not active
        self._face.setCurrentWidget(self._by_code if code else self.pad)
        self.to_code.setVisible(bool(self.code.text) and not code)

    def show_terms(self, currency: str, code: str, name: str) -> None:
        """The currency; the text of the code to pay by, "" for none, and what it is called."""
        self._captions["amount"].set_words(tr("Amount received, {currency}", currency=currency))
        self.code.show_code(code, name)
        policy = self.to_code.sizePolicy()
        policy.setRetainSizeWhenHidden(bool(code))  # so that the field beside it never moves
        self.to_code.setSizePolicy(policy)

    def show_note(self, note: Note) -> None:
        """What there is to say about what is typed."""
        self._note.say(note.words, note.tone)
        self._note.setVisible(bool(note.words))


class WaitingView(QWidget):
    """The wait until the platform confirms a recorded receipt."""

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        self.busy = BusyPanel(kit)
        self._facts = kit.facts()
        side = kit.panel(
            kit.text(tr("Waiting for the platform to confirm"), "lead"),
            kit.rule(),
            self._facts,
            kit.rule(),
            kit.say(tr("The swap goes on by itself when the platform confirms it."), "text", "cloud-check-bold"),
            kit.say(tr("Kept for later, it waits on this kiosk. Nothing is lost."), "text", "pause-bold"),
            ...,
        )
        self.setLayout(kit.columns((self.busy, RIGHT), (side, LEFT)))

    def show_recorded(self, facts: Pairs) -> None:
        self._facts.show_facts(facts, ids=frozenset({facts[-1][0]}))


class ArrivedView(QWidget):
    """What has arrived by itself and settles the swap, before the swap goes on."""

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        self._kit = kit
        self._band = Band(kit, "ok", role="number")
        self._amount, self._facts = kit.figure("", "", "hero"), kit.facts()
        self._more = Notice(kit)
        panel = kit.panel(
            self._band, ..., self._amount, self._facts, ..., self._more, kit.say(tr("The swap goes on by itself."), "muted", "info-bold")
        )
        self.setLayout(kit.stack(panel))

    def show_arrived(self, facts: ArrivedFacts) -> None:
        self._band.show_band("ok", facts.head)
        self._amount.set_figure(facts.number, facts.currency)
        self._facts.show_facts(facts.lines)
        self._more.show_notice("ok", facts.more)


class RefusedView(QWidget):
    """A refusal; under it, where a supervisor may approve the payment, the button for that."""

    supervisor = Signal()

    def __init__(self, kit: Widgets) -> None:
        super().__init__()
        self.panel = ErrorPanel(kit)
        self._approve = kit.button(tr("A supervisor approves it"), "identification-badge-bold")
        self._approve.clicked.connect(self.supervisor)
        layout = kit.stack(self.panel, kit.row(..., self._approve), gap="m")
        layout.setStretch(0, 1)
        self.setLayout(layout)
        self.show_approve(shown=False)

    def show_approve(self, *, shown: bool) -> None:
        self._approve.setVisible(shown and self._approve.parentWidget() is not None)
