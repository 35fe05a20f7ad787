"""What a message is: headline, reason, steps and the buttons that help."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from kiosk.domain.language import mark, tr


class Remedy(Enum):
    """What the attendant can do about a refusal; each is a button."""

    SCAN_AGAIN = mark("Scan again")
    TYPE_CODE = mark("Type the code")
    TRY_AGAIN = mark("Try again")
    NEXT_CUSTOMER = mark("Next customer")
    READ_AGAIN = mark("Read again")
    CHOOSE_ANOTHER = mark("Choose another")
    STOP_SWAP = mark("Stop this swap")
    RECORD_INSPECTION = mark("Record for inspection")
    ANOTHER_RECEIPT = mark("Type another id")
    KEEP = mark("Keep for later")
    PRINT_AGAIN = mark("Print again")
    BIND_STICKER = mark("Bind this sticker")

    @property
    def words(self) -> str:
        """The words on the button, in the language of now."""
        return tr(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`what` is the headline, `why` one or two sentences, `steps` what to do in order, `remedies` the buttons, the likeliest first.
    `why_on_pages` stands on pages in the place of a `why` that is for technicians."""

    what: str
    why: str
    why_on_pages: str = ""
    steps: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()

    @property
    def sentence(self) -> str:
        """What and why in one line, for the terminal and the wire."""
        return f"{self.what}. {self.why}" if self.why else f"{self.what}."

    @property
    def page_sentence(self) -> str:
        """What and why in one line, for a page."""
        return replace(self, why=self.why_on_pages or self.why).sentence


# by type of error: a message of marked sentences, which the error's own facts fill, or what makes one of the error
Messages = Mapping[type, Message | Callable[..., Message]]


def said(message: Message, /, **facts: object) -> Message:
    """A message of marked sentences in the language of now, with its facts."""
    return replace(
        message,
        what=tr(message.what, **facts),
        why=tr(message.why, **facts),
        why_on_pages=tr(message.why_on_pages, **facts),
        steps=tuple(tr(each, **facts) for each in message.steps),
    )
