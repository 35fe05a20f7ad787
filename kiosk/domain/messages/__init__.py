"""Every sentence shown for an error: what happened, why, and what to do next. For the window, the terminal and the wire.

To the attendant, in the present, polite, no codes (interface, "Words"). `message_for` knows every KioskError; a test by reflection
says so. The sentences are in this package by what stops the step: customers, batteries, payments, the platform, the station.
"""

from collections.abc import Callable

from kiosk.domain.errors import KioskError
from kiosk.domain.messages.batteries import BATTERY_MESSAGES, DoubtMessage, doubt_message
from kiosk.domain.messages.customers import CUSTOMER_MESSAGES, PLATFORM_MESSAGES, step_refused
from kiosk.domain.messages.message import Message, Remedy
from kiosk.domain.messages.payments import PAYMENT_MESSAGES
from kiosk.domain.messages.station import STATION_MESSAGES
from kiosk.domain.times import spell_age

__all__ = ["DoubtMessage", "Message", "Remedy", "doubt_message", "message_for", "spell_age", "step_refused"]

_MESSAGES: dict[type, Callable[..., Message]] = {
    **CUSTOMER_MESSAGES,
    **BATTERY_MESSAGES,
    **PAYMENT_MESSAGES,
    **PLATFORM_MESSAGES,
    **STATION_MESSAGES,
}


def message_for(error: KioskError) -> Message:
    """The message for an error of the tree; the nearest ancestor's where a new child has none of its own yet."""
    for kind in type(error).__mro__:
        if kind in _MESSAGES:
            return _MESSAGES[kind](error)
    raise TypeError(f"{type(error).__name__} is no KioskError")
