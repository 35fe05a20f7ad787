"""The messages where who is at the counter may not do what was asked, or is not known (decision 29)."""

from kiosk.domain import errors as e
from kiosk.domain.language import mark, tr, tr_count
from kiosk.domain.messages.message import Message, Messages
from kiosk.domain.times import clock_time

_ROLE_MISSING = {  # by `RoleMissing.role`
    "supervisor": mark("A supervisor must do this"),
    "technician": mark("A technician must do this"),
}
_OTHER_ROLE = mark("This person may not do this")


def _pin_wrong(error: e.PinWrong) -> Message:
    if error.tries_left == 0:
        return Message(what=tr("The PIN is wrong"), why=tr("No try is left for now."), steps=(tr("Wait, or let someone else sign in."),))
    why = tr_count("{count} try is left.", "{count} tries are left.", error.tries_left)
    return Message(what=tr("The PIN is wrong"), why=why, steps=(tr("Type it again."),))


def _locked(error: e.PersonLocked) -> Message:
    return Message(
        what=tr("Too many wrong PINs"),
        why=tr("The next try is at {time}.", time=clock_time(error.until, None, seconds=True)),
        steps=(tr("Wait, or let someone else sign in."),),
    )


PEOPLE_MESSAGES: Messages = {
    e.PeopleError: Message(what=mark("This person may not do this"), why="", steps=(mark("Call the supervisor."),)),
    e.PinWrong: _pin_wrong,
    e.PersonLocked: _locked,
    e.BadgeUnknown: Message(
        what=mark("This badge is not known here"),
        why=mark("It may be an old one, or of another station."),
        steps=(mark("Sign in with your name and PIN."), mark("Ask for a new badge.")),
    ),
    e.PinNeeded: Message(
        what=mark("This badge needs its PIN"),
        why=mark("A badge alone signs attendants in."),
        steps=(mark("Choose the name, then type the PIN."),),
    ),
    e.PinUnset: Message(
        what=mark("The PIN of {person_id} cannot be checked here"),
        why=mark("It was not made yet, or must be made anew."),
        steps=(mark("Ask the technician for a new PIN."),),
    ),
    e.NotSignedIn: Message(
        what=mark("Nobody is signed in"), why=mark("Who works here signs in first."), steps=(mark("Sign in, then go on."),)
    ),
    e.RoleMissing: lambda error: Message(what=tr(_ROLE_MISSING.get(error.role, _OTHER_ROLE)), why="", steps=(tr("Ask a person who may."),)),
    e.PeopleTooOld: Message(
        what=mark("The list of people is too old"),
        why=mark("The platform was not reached for too long."),
        steps=(mark("Wait for the link."), mark("Is it urgent? Call the technician.")),
    ),
}
