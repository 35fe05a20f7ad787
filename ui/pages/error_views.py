"""Refusals as every page of a swap shows them: the error panel's facts, and which two ways on the page can go."""

from collections.abc import Sequence
from dataclasses import replace

from kiosk.domain.errors import KioskError, WrongBattery
from kiosk.domain.messages import Remedy, message_for
from ui.widgets import Compared, ErrorView
from ui.widgets.frame import Action

NOTHING_BOOKED = "Nothing is booked. The customer owes nothing."
MIXED_UP = "Batteries were mixed up, or another one nearby answered first."
ICONS = {
    Remedy.TRY_AGAIN: "arrow-clockwise-bold",
    Remedy.READ_AGAIN: "arrow-clockwise-bold",
    Remedy.CHOOSE_ANOTHER: "list-bold",
    Remedy.STOP_SWAP: "prohibit-bold",
    Remedy.RECORD_INSPECTION: "wrench-bold",
    Remedy.ANOTHER_RECEIPT: "keyboard-bold",
    Remedy.KEEP: "pause-bold",
}


def error_view(error: KioskError, *, booked: str = NOTHING_BOOKED) -> ErrorView:
    """The panel of a refusal."""
    message = message_for(error)
    return ErrorView(sentence=message.what, why=message.why, booked=booked, steps=message.steps)


def wrong_battery_view(error: WrongBattery, whose: str) -> ErrorView:
    """The panel of a battery that is not the customer's: both ids are seen side by side, so the words need not name them."""
    compared = (
        Compared(name="Expected", value=error.expected_id, icon="identification-card-bold"),
        Compared(name="Read", value=error.read_id, icon="x-circle-fill", wrong=True),
    )
    return replace(error_view(error), sentence=f"This is not {whose}'s battery", compared=compared, why=MIXED_UP)


def ways_of(error: KioskError, offered: Sequence[Remedy]) -> tuple[Remedy, Remedy]:
    """The two ways that a page offers for a refusal: those that the message names, then the page's own, in the order of `offered`."""
    named = [way for way in message_for(error).remedies if way in offered]
    first, second, *_ = (*named, *(way for way in offered if way not in named))
    return first, second


def action(way: Remedy, words: str = "") -> Action:
    """A way as a button; `words` replaces its usual ones."""
    return Action(words=words or way.words, icon=ICONS[way])
