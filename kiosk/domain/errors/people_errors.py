"""Stops by who is at the counter (decision 29). None of them carries a PIN or a badge."""

from dataclasses import dataclass
from datetime import datetime

from kiosk.domain.errors.kiosk_error import KioskError


class PeopleError(KioskError):
    """Who is there may not do this, or is not known."""


@dataclass(eq=False)
class PinWrong(PeopleError):
    """It is another PIN; `tries_left` more wrong ones lock the person."""

    tries_left: int


@dataclass(eq=False)
class PersonLocked(PeopleError):
    """No PIN of this person is looked at before `until`, by the wall clock as it is now."""

    until: datetime


@dataclass(eq=False)
class BadgeUnknown(PeopleError):
    """Nobody who may sign in here has this badge."""


@dataclass(eq=False)
class PinNeeded(PeopleError):
    """The badge is known, and this person signs in with the PIN: a badge alone signs attendants in."""

    person_id: str


@dataclass(eq=False)
class PinUnset(PeopleError):
    """No PIN of this person can be checked here: none was made yet, or the file that it needs is another one."""

    person_id: str


@dataclass(eq=False)
class NotSignedIn(PeopleError):
    """People are known here, and nobody is signed in, or the counter is locked."""


@dataclass(eq=False)
class RoleMissing(PeopleError):
    """It needs a person of this `role`, or of more."""

    role: str


@dataclass(eq=False)
class PeopleTooOld(PeopleError):
    """The platform's list of people was brought here so long ago that nobody of it may sign in any more."""
