"""How the pages show an error: the view for the error panel, and the two remedies that a page offers as buttons."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kiosk.domain.errors import KioskError, WrongBattery
from kiosk.domain.language import ENGLISH, in_language, mark, tr
from kiosk.domain.messages import Remedy, message_for
from ui.widgets import Compared, ErrorView, Field, Keyboard, Widgets
from ui.widgets.frame import Action

MAX_CHARACTERS = 512  # the longest code there is (contract, customer codes)


class TypingView(QWidget):
    """`name` is the field's caption. The keys are built when they are first needed, or ahead by `build`: they take long."""

    changed = Signal()

    def __init__(self, kit: Widgets, name: str) -> None:
        super().__init__()
        self._field = Field(kit, name, "number")
        self._field.set_active(active=True)
        self._kit = kit
        self._keyboard: Keyboard | None = None
        self._layout = kit.stack(self._field, gap="m")
        self.setLayout(self._layout)

    def build(self) -> bool:
        """Build the keys; False when they are there already."""
        if self._keyboard is not None:
            return False
        self._keyboard = Keyboard(self._kit)
        self._keyboard.typed.connect(self.add)
        self._keyboard.erased.connect(self.erase)
        self._layout.addWidget(self._keyboard, 1)
        return True

    @property
    def value(self) -> str:
        return self._field.value.strip()

    def set_value(self, value: str) -> None:
        self.build()
        self._field.set_value(value[:MAX_CHARACTERS])
        self.changed.emit()

    def add(self, character: str) -> None:
        self.set_value(self._field.value + character)

    def erase(self) -> None:
        self.set_value(self._field.value[:-1])


NOTHING_RECORDED = mark("Nothing is recorded. The customer owes nothing.")
ICONS = {
    Remedy.SCAN_AGAIN: "qr-code-bold",
    Remedy.TYPE_CODE: "keyboard-bold",
    Remedy.NEXT_CUSTOMER: "arrow-right-bold",
    Remedy.CALL_SUPERVISOR: "phone-call-bold",
    Remedy.TRY_AGAIN: "arrow-clockwise-bold",
    Remedy.READ_AGAIN: "arrow-clockwise-bold",
    Remedy.CHOOSE_ANOTHER: "list-bold",
    Remedy.STOP_SWAP: "prohibit-bold",
    Remedy.RECORD_INSPECTION: "wrench-bold",
    Remedy.ANOTHER_RECEIPT: "keyboard-bold",
    Remedy.KEEP: "pause-bold",
}


def error_view(error: KioskError, *, recorded: str = NOTHING_RECORDED) -> ErrorView:
    """The panel of an error; `recorded` is a marked sentence about what this page has recorded."""
    message = message_for(error)
    return ErrorView(sentence=message.what, why=message.why, recorded=tr(recorded), steps=message.steps)


def english_message(error: KioskError) -> str:
    """What happened, for the journal: it is kept in English, whatever the window speaks."""
    with in_language(ENGLISH):
        return message_for(error).what


def wrong_battery_view(error: WrongBattery, customer: str) -> ErrorView:
    """The panel of a battery that is not the customer's: both ids are seen side by side, so the words need not name them."""
    compared = (
        Compared(name=tr("Expected"), value=error.expected_id, icon="identification-card-bold"),
        Compared(name=tr("Read"), value=error.read_id, icon="x-circle-fill", wrong=True),
    )
    return replace(
        error_view(error),
        sentence=tr("This is not {customer}'s battery", customer=customer),
        compared=compared,
        why=tr("Batteries were mixed up, or another one nearby answered first."),
    )


def remedies_of(error: KioskError, offered: Sequence[Remedy]) -> tuple[Remedy, Remedy]:
    """The two remedies that a page offers for an error: those of the message first, then the page's own, in the order of `offered`."""
    likely = [each for each in message_for(error).remedies if each in offered]
    first, second, *_ = (*likely, *(each for each in offered if each not in likely))
    return first, second


def action(remedy: Remedy, words: str = "", *, enabled: bool = True) -> Action:
    """A remedy as a button; `words`, a marked sentence, replace its usual ones."""
    return Action(words=tr(words) if words else remedy.words, icon=ICONS[remedy], enabled=enabled)
