"""How the pages show an error: the view for the error panel, and the two ways on that a page offers as buttons."""

from collections.abc import Sequence
from dataclasses import replace

from kiosk.domain.errors import KioskError, WrongBattery
from kiosk.domain.language import ENGLISH, in_language, mark, tr
from kiosk.domain.messages import Way, message_for
from ui.widgets import Compared, ErrorView
from ui.widgets.frame import Action

NOTHING_RECORDED = mark("Nothing is recorded. The customer owes nothing.")
ICONS = {
    Way.SCAN_AGAIN: "qr-code-bold",
    Way.TYPE_CODE: "keyboard-bold",
    Way.NEXT_CUSTOMER: "arrow-right-bold",
    Way.CALL_SUPERVISOR: "phone-call-bold",
    Way.TRY_AGAIN: "arrow-clockwise-bold",
    Way.READ_AGAIN: "arrow-clockwise-bold",
    Way.CHOOSE_ANOTHER: "list-bold",
    Way.STOP_SWAP: "prohibit-bold",
    Way.RECORD_INSPECTION: "wrench-bold",
    Way.ANOTHER_RECEIPT: "keyboard-bold",
    Way.KEEP: "pause-bold",
}


def error_view(error: KioskError, *, booked: str = NOTHING_RECORDED) -> ErrorView:
    """The panel of an error; `booked` is a marked sentence about what this page has recorded."""
    message = message_for(error)
    return ErrorView(sentence=message.what, why=message.why, booked=tr(booked), steps=message.steps)


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


def ways_of(error: KioskError, offered: Sequence[Way]) -> tuple[Way, Way]:
    """The two ways that a page offers for an error: those of the message first, then the page's own, in the order of `offered`."""
    likely = [way for way in message_for(error).ways if way in offered]
    first, second, *_ = (*likely, *(way for way in offered if way not in likely))
    return first, second


def action(way: Way, words: str = "", *, enabled: bool = True) -> Action:
    """A way as a button; `words`, a marked sentence, replace its usual ones."""
    return Action(words=tr(words or way.value), icon=ICONS[way], enabled=enabled)
