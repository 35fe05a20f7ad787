"""What a message is: headline, reason, steps and the buttons that help."""

from dataclasses import dataclass
from enum import Enum, auto

from kiosk.domain.language import mark, tr


class Remedy(Enum):
    """What the attendant can do about a refusal; each is a button."""

    SCAN_AGAIN = auto()
    TYPE_CODE = auto()
    TRY_AGAIN = auto()
    NEXT_CUSTOMER = auto()
    CALL_SUPERVISOR = auto()
    READ_AGAIN = auto()
    CHOOSE_ANOTHER = auto()
    STOP_SWAP = auto()
    RECORD_INSPECTION = auto()
    ANOTHER_RECEIPT = auto()
    KEEP = auto()
    PRINT_AGAIN = auto()

    @property
    def words(self) -> str:
        """The words on the button, in the language of now."""
        return tr(_BUTTONS[self])


_BUTTONS = {
    Remedy.SCAN_AGAIN: mark("Scan again"),
    Remedy.TYPE_CODE: mark("Type the code"),
    Remedy.TRY_AGAIN: mark("Try again"),
    Remedy.NEXT_CUSTOMER: mark("Next customer"),
    Remedy.CALL_SUPERVISOR: mark("Call supervisor"),
    Remedy.READ_AGAIN: mark("Read again"),
    Remedy.CHOOSE_ANOTHER: mark("Choose another"),
    Remedy.STOP_SWAP: mark("Stop this swap"),
    Remedy.RECORD_INSPECTION: mark("Record for inspection"),
    Remedy.ANOTHER_RECEIPT: mark("Type another id"),
    Remedy.KEEP: mark("Keep for later"),
    Remedy.PRINT_AGAIN: mark("Print again"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`what` is the headline, `why` one or two sentences, `steps` what to do in order, `remedies` the buttons, the likeliest first."""

    what: str
    why: str
    steps: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()

    @property
    def sentence(self) -> str:
        """What and why in one line, for the terminal and the wire."""
        return f"{self.what}. {self.why}" if self.why else f"{self.what}."
