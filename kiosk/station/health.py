"""How a part of the counter is, in one form for all: the window's lights, the page of them, and `doctor` say the same.

Never as if it were well where nobody knows it, or where there is nothing to be well.
"""

from dataclasses import dataclass
from enum import StrEnum


class HealthPart(StrEnum):
    """What is looked after."""

    READER = "reader"  # the Bluetooth adapter, or simulated batteries
    PRINTER = "printer"
    LINK = "link"  # to the broker
    PLATFORM = "platform"  # its HTTP side
    DISK = "disk"
    CLOCK = "clock"
    CERTIFICATES = "certificates"
    RECORD = "record"  # of the acts of this counter


class HealthState(StrEnum):
    """WARNING: swaps go on, and somebody should see to it. WRONG: something does not work. NOT_SET_UP: there is none here, by choice."""

    NOT_KNOWN = "not_known"
    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    NOT_SET_UP = "not_set_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """`what` is a phrase that says how it is or why ("the paper is out"), `repair` a sentence that says what to do, `short` at most 18
    letters for the status line ("No paper"). Each may be empty."""

    state: HealthState
    what: str = ""
    repair: str = ""
    short: str = ""

    @property
    def needs_somebody(self) -> bool:
        """Whether it is not as it should be."""
        return self.state in {HealthState.WARNING, HealthState.WRONG}


NOT_KNOWN = Health(state=HealthState.NOT_KNOWN)
OK = Health(state=HealthState.OK)
