"""Every sentence shown for an error: what happened, why, and what to do next. For the window, the terminal and the wire.

To the attendant, in the present, polite, no codes (interface, "Words"). `message_for` knows every KioskError; a test by reflection
says so. `batteries` has what stops a swap at a battery, `who_may` who may not, `refusals` all else.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from kiosk.domain.decimals import plain
from kiosk.domain.errors import KioskError
from kiosk.domain.messages.batteries import BATTERY_MESSAGES, DoubtMessage, doubt_message
from kiosk.domain.messages.message import Message, Messages, Remedy, said
from kiosk.domain.messages.refusals import REFUSALS, step_refused
from kiosk.domain.messages.who_may import PEOPLE_MESSAGES
from kiosk.domain.times import spell_age

__all__ = ["DoubtMessage", "Message", "Remedy", "doubt_message", "message_for", "spell_age", "step_refused"]

_MESSAGES: Messages = {**BATTERY_MESSAGES, **PEOPLE_MESSAGES, **REFUSALS}
_SPELLED: dict[type, Callable[..., str]] = {Decimal: plain, float: "{:.0f}".format, timedelta: spell_age, tuple: "; ".join}


def message_for(error: KioskError) -> Message:
    """The message for an error of the tree; the nearest ancestor's where a new child has none of its own yet."""
    for kind in type(error).__mro__:
        message = _MESSAGES.get(kind)
        if isinstance(message, Message):
            facts = {name: _SPELLED.get(type(fact), str)(fact) for name, fact in vars(error).items()}
            return said(message, **{"reason": error, **facts})
        if message is not None:
            return message(error)
    raise TypeError(f"{type(error).__name__} is no KioskError")
